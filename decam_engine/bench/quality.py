"""Quality of maps: methods x budgets x photographs."""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from decam_engine.bench.ablations import ABLATIONS
from decam_engine.bench.plot import save_plot
from decam_engine.bench.rows import Case, Row, names_of, read_rows
from decam_engine.errors import SettingsError
from decam_engine.explain import check_settings, explain
from decam_engine.images import find_images, load_image
from decam_engine.machine import machine
from decam_engine.metrics import (
    boxes_on_input,
    energy_in_box,
    insertion_deletion,
    pointing_game,
    rank_correlation,
)
from decam_engine.models import BlackBox, load_model
from decam_engine.reports.manifest import versions
from decam_engine.resources import demo_model, demo_photos
from decam_engine.search import METHODS, PRESETS, UNTIL_STABLE
from decam_engine.version import __version__

BOOTSTRAP_DRAWS = 2000


@dataclass(frozen=True)
class Run:
    """One method with one budget, the preset's or as many calls as stated."""

    method: str
    preset: str
    budget: int

    @property
    def name(self) -> str:
        """The method, with the preset that decides itself when to stop."""
        return self.method + (f" ({self.preset})" if self.preset == UNTIL_STABLE else "")


def run_quality(options: argparse.Namespace, errors: Console) -> dict[str, Any]:
    """Measure methods x budgets x photographs, print the table, and return all figures."""
    runs = _parse_runs(options.run)
    seeds = _parse_seeds(options.seeds)
    model = load_model(demo_model() if options.model == "demo" else options.model)
    cases = load_cases(options.photos, options.targets, options.limit)
    rows = [] if options.add is None else read_rows(options.add, model, cases, seeds)
    added = len(rows)
    for run in runs:
        rows.append(_measure(model, cases, run, seeds, errors))
        document = _document(model, cases, rows, seeds)
        if options.save:
            # What is measured stays, should the rest be interrupted.
            Path(options.save).write_text(json.dumps(document) + "\n", encoding="utf-8")
    if not options.json:
        _print_table(rows, cases, seeds, model)
        if added:
            names = ", ".join(f"{r.method}@{r.budget}" for r in rows[:added])
            Console(highlight=False, soft_wrap=True).print(
                f"As measured before, from {options.add}: {names}.", markup=False
            )
    if options.plot:
        save_plot(Path(options.plot), document["summary"])
    return document


def _measure(
    model: BlackBox,
    cases: Sequence[Case],
    run: Run,
    seeds: Sequence[int],
    errors: Console,
) -> Row:
    row = Row(run.name, run.budget)
    maps: dict[int, list[npt.NDArray[np.float32]]] = {s: [] for s in seeds}
    for table in (row.insertion, row.deletion, row.energy_in_box, row.pointing):
        for seed in seeds:
            table[seed] = []
    for number, case in enumerate(cases):
        inside = boxes_on_input(case.boxes, model.preprocessing.fit(case.photo.size))
        for seed in seeds:
            result = explain(
                model,
                case.photo,
                target=case.target,
                method=run.method,
                preset=run.preset,
                calls=run.budget,
                seed=seed,
            )
            saliency = result.input_saliency
            measured = insertion_deletion(model, case.photo, saliency, result.target.index)
            row.insertion[seed].append(measured.insertion)
            row.deletion[seed].append(measured.deletion)
            row.calls.append(result.calls)
            row.stop_reasons.append(result.stop_reason)
            row.seconds.append(result.seconds)
            maps[seed].append(saliency)
            if case.boxes:
                row.energy_in_box[seed].append(energy_in_box(saliency, inside))
                row.pointing[seed].append(pointing_game(saliency, inside))
        errors.print(
            f"{run.name}@{run.budget} {number + 1}/{len(cases)} {case.photo.name}: "
            f"difference {row.differences().mean():.3f} so far",
            markup=False,
        )
    pairs = [(a, b) for i, a in enumerate(seeds) for b in seeds[i + 1 :]]
    if pairs:
        same_photo = [(x, y) for a, b in pairs for x, y in zip(maps[a], maps[b], strict=True)]
        row.stability = float(np.nanmean([rank_correlation(x, y) for x, y in same_photo]))
    return row


def bootstrap_interval(values: npt.NDArray[np.float64]) -> float:
    """Half the width of the bootstrap 95 % interval of the mean."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(values), (BOOTSTRAP_DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(high - low) / 2


def _summary(row: Row, reference: Row | None) -> dict[str, Any]:
    differences = row.differences()
    energies = [np.nanmean(v) for v in row.energy_in_box.values() if v]
    pointings = [sum(v) for v in row.pointing.values() if v]
    record: dict[str, Any] = {
        "method": row.method,
        "budget": row.budget,
        "calls": statistics.fmean(row.calls),
        "insertion": float(np.mean(list(row.insertion.values()))),
        "deletion": float(np.mean(list(row.deletion.values()))),
        "difference": float(differences.mean()),
        "difference_interval": bootstrap_interval(differences),
        "energy_in_box": float(np.mean(energies)) if energies else None,
        "pointing": float(np.mean(pointings)) if pointings else None,
        "stability": row.stability,
        "seconds": statistics.median(row.seconds),
        "milliseconds_per_call": 1000 * sum(row.seconds) / sum(row.calls),
    }
    if reference is not None and reference is not row:
        paired = differences - reference.differences()
        record["paired_to"] = f"{reference.method}@{reference.budget}"
        record["paired"] = float(paired.mean())
        record["paired_interval"] = bootstrap_interval(paired)
        record["ratio"] = float(differences.mean() / reference.differences().mean())
    return record


def _document(
    model: BlackBox, cases: Sequence[Case], rows: Sequence[Row], seeds: Sequence[int]
) -> dict[str, Any]:
    reference = _reference(rows)
    return {
        "product": f"decam-studio {__version__}",
        "command": ["decam", *sys.argv[1:]],
        "model": model.describe(),
        "machine": machine(),
        "versions": versions(),
        "photos": names_of(cases),
        "seeds": list(seeds),
        "summary": [_summary(r, reference) for r in rows],
        "rows": [r.record() for r in rows],
    }


def _reference(rows: Sequence[Row]) -> Row | None:
    """RISE is what others are compared with."""
    return next((r for r in rows if r.method == "rise"), None)


def _print_table(
    rows: Sequence[Row], cases: Sequence[Case], seeds: Sequence[int], model: BlackBox
) -> None:
    console = Console(highlight=False, width=max(132, Console().width))
    table = Table(title=f"{len(cases)} photographs, {model.name}, seeds {list(seeds)}")
    for name in (
        "method",
        "calls",
        "insertion",
        "deletion",
        "difference",
        "paired to RISE",
        "ratio",
        "pointing",
        "energy",
        "stability",
        "seconds",
    ):
        table.add_column(name, justify="left" if name == "method" else "right", no_wrap=True)
    for row in rows:
        s = _summary(row, _reference(rows))
        table.add_row(
            s["method"],
            f"{s['calls']:.0f}",
            f"{s['insertion']:.3f}",
            f"{s['deletion']:.3f}",
            f"{s['difference']:.3f} \u00b1 {s['difference_interval']:.3f}",
            f"{s['paired']:+.3f} \u00b1 {s['paired_interval']:.3f}" if "paired" in s else "",
            f"{s['ratio']:.2f}" if "ratio" in s else "",
            "" if s["pointing"] is None else f"{s['pointing']:.1f}/{len(cases)}",
            "" if s["energy_in_box"] is None else f"{s['energy_in_box']:.3f}",
            "" if s["stability"] is None else f"{s['stability']:.3f}",
            f"{s['seconds']:.1f}",
        )
    console.print(table)
    facts = machine()
    console.print(
        f"{facts['processor']}, {facts['system']}; "
        + ", ".join(f"{k} {v}" for k, v in versions().items())
        + f"; batch {model.batch_size}; intervals: bootstrap 95 %; seconds: median.",
        markup=False,
    )


def _parse_runs(text: str) -> list[Run]:
    """``de@1000,de@until-stable,rise@2000,my_method.py:Search@1000`` -> methods and budgets."""
    runs = []
    for item in text.split(","):
        method, _, calls = item.strip().rpartition("@")
        if ".py:" in method:
            method = _register(method)
        elif method in ABLATIONS:
            METHODS[method] = ABLATIONS[method]
        if not calls.isdecimal() and calls not in PRESETS:
            raise SettingsError(
                "--run takes method@calls or method@preset, comma-separated, for example de@1000 "
                f"or de@quick; found {item!r}."
            )
        if calls in PRESETS:
            preset, budget = calls, check_settings(method=method, preset=calls)
        else:
            preset, budget = "balanced", check_settings(method=method, calls=int(calls))
        runs.append(Run(method, preset, budget))
    return runs


def _register(place: str) -> str:
    """Make ``path.py:Class``, a search of one's own, a method; returns the name it got."""
    path, _, name = place.rpartition(":")
    spec = importlib.util.spec_from_file_location("decam_method_under_test", path)
    try:
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is no Python file")
        module = importlib.util.module_from_spec(spec)
        # Dataclasses look their module up by name.
        sys.modules[f"{spec.name}_{Path(path).stem}"] = sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        METHODS[name] = getattr(module, name)
    except (OSError, ImportError, SyntaxError, AttributeError) as error:
        raise SettingsError(
            f"The method under test {place} could not be loaded: expected FILE.py:CLASS with a "
            f"search class, found: {error}."
        ) from None
    return name


def _parse_seeds(text: str) -> list[int]:
    seeds = [s.strip() for s in text.split(",")]
    if not seeds or not all(s.isdecimal() for s in seeds):
        raise SettingsError(f"--seeds takes integers, comma-separated, found {text!r}.")
    return list(dict.fromkeys(int(s) for s in seeds))


def load_cases(folder: str | None, targets: str | None, limit: int | None) -> list[Case]:
    paths = find_images(folder) if folder is not None else demo_photos()
    known: dict[str, Any] = {}
    if targets is not None:
        try:
            known = json.loads(Path(targets).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise SettingsError(f"The targets file {targets} could not be read: {error}.") from None
        if not isinstance(known, dict):
            raise SettingsError(f"The targets file {targets} must hold one JSON object.")
        paths = [p for p in paths if p.name in known]
        if not paths:
            raise SettingsError(f"The targets file {targets} names no photograph of the folder.")
    if limit is not None and limit < 1:
        raise SettingsError(f"--limit takes 1 or more, found {limit}.")
    return [_case(path, known.get(path.name, {}), targets) for path in paths[:limit]]


def _case(path: Path, facts: Any, targets: str | None) -> Case:
    try:
        boxes = tuple(tuple(float(v) for v in box) for box in facts.get("boxes_xyxy", ()))
        if any(len(box) != 4 for box in boxes):
            raise ValueError("a box is four numbers")
        return Case(load_image(path), facts.get("class"), boxes)
    except (AttributeError, TypeError, ValueError) as error:
        raise SettingsError(
            f"The targets file {targets} has an unusable entry for {path.name}: expected "
            f'{{"class": 3, "boxes_xyxy": [[xmin, ymin, xmax, ymax]]}}, found {facts!r} ({error}).'
        ) from None
