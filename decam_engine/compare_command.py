"""``decam compare``: maps of the same photographs by several models, classes, methods or seeds."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from decam_engine.check import check_faithfulness
from decam_engine.comparison import FORMATS, Compared, write_comparison
from decam_engine.errors import DecamError, SettingsError
from decam_engine.explain import check_settings, explain_steps
from decam_engine.explanation import Explanation
from decam_engine.images import Photo, find_images, load_image
from decam_engine.models import BlackBox, is_server_url, load_model
from decam_engine.reports import Template, read_template
from decam_engine.reports.plain import plain
from decam_engine.resources import demo_model

DONE, BAD_INPUT = 0, 2
KINDS = tuple(suffix[1:] for suffix in FORMATS)
DEFAULT_KINDS = "html,json"


def add_compare_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``compare``."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="IMAGE|RESULT.json",
        help="image files or folders to explain, or saved results of the same photographs",
    )
    for option, metavar, what in (
        ("--model", "MODEL", "ONNX file, demo, or address of a server"),
        ("--target", "T", "class index or name (default: each model's most probable)"),
        ("--method", "M", "de, rise or occlusion (default: de)"),
        ("--seed", "N", "of the random numbers (default: 0)"),
        ("--fill", "F", "what removed pixels become"),
    ):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar=metavar,
            help=f"{what}; repeat it to compare several",
        )
    parser.add_argument("--preset", default="balanced", help="quick, balanced or thorough")
    parser.add_argument("--calls", type=int, metavar="N", help="model calls instead of a preset")
    parser.add_argument(
        "--faithfulness", action="store_true", help="also measure insertion and deletion"
    )
    parser.add_argument("--out", default="results", metavar="DIR", help="default: results")
    parser.add_argument("--name", default="comparison", help="of the files (default: comparison)")
    parser.add_argument(
        "--format",
        default=DEFAULT_KINDS,
        metavar="LIST",
        help=f"comma-separated, of {', '.join(KINDS)} (default: {DEFAULT_KINDS})",
    )
    parser.add_argument(
        "--report-template", metavar="FILE", help="JSON or TOML with title, organisation, ..."
    )
    parser.add_argument("--threads", type=int, metavar="N", help="of the runtime")
    parser.add_argument("--batch-size", type=int, metavar="N", help="inputs per run")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run_compare(options: argparse.Namespace, errors: Console, say: Callable[[str], None]) -> int:
    """Explain or read, compare, write, and return 0; 2 when some photographs failed.

    Raises:
        DecamError: nothing could be compared, or nothing written.
    """
    template = None if options.report_template is None else read_template(options.report_template)
    paths = _paths(options)
    saved = [Path(i) for i in options.inputs if Path(i).suffix.lower() == ".json"]
    failures: list[dict[str, str]] = []
    if saved:
        _only_saved(options, saved)
        results: Iterator[Compared] = iter(saved)
        written = write_comparison(results, paths, template=template)
    else:
        written = _explained(options, paths, template, failures, errors, say)
    files = [str(p) for p in written]
    if options.json:
        print(json.dumps({"files": files, "failures": failures}, ensure_ascii=False))
    else:
        for file in files:
            print(f"saved {plain(file, 500)}")
    return BAD_INPUT if failures else DONE


def _paths(options: argparse.Namespace) -> list[Path]:
    kinds = list(dict.fromkeys(options.format.split(",")))
    unknown = [k for k in kinds if k not in KINDS]
    if unknown:
        raise SettingsError(
            f"The format must be one of {', '.join(KINDS)}, found {', '.join(map(repr, unknown))}."
        )
    if not options.name or Path(options.name).name != options.name:
        raise SettingsError(f"--name must be a plain file name, found {options.name!r}.")
    return [Path(options.out) / f"{options.name}.{kind}" for kind in kinds]


def _only_saved(options: argparse.Namespace, saved: Sequence[Path]) -> None:
    """Raise where saved results are mixed with what only a run has."""
    given = [n for n in ("model", "target", "method", "seed", "fill") if getattr(options, n)]
    if len(saved) < len(options.inputs) or given:
        raise SettingsError(
            "Saved results (.json) are compared as they are: leave out "
            f"{', '.join('--' + n for n in given) or 'the photographs'}, or give photographs alone."
        )


def _explained(
    options: argparse.Namespace,
    paths: list[Path],
    template: Template | None,
    failures: list[dict[str, str]],
    errors: Console,
    say: Callable[[str], None],
) -> list[Path]:
    if not options.model:
        raise SettingsError("Expected --model MODEL (once or more), or saved results (.json).")
    seeds = [_whole("--seed", s) for s in options.seed] or [0]
    methods, fills = options.method or ["de"], options.fill or [None]
    for method, fill, seed in product(methods, fills, seeds):
        check_settings(
            method=method, preset=options.preset, calls=options.calls, seed=seed, fill=fill
        )
    columns = len(options.model) * len(options.target or [None]) * len(methods)
    columns *= len(seeds) * len(fills)
    if columns < 2:
        raise SettingsError(
            "Comparing takes two or more of --model, --target, --method, --seed or --fill, found "
            "one of each."
        )
    models = [_open(source, options, say) for source in options.model]
    images = _images(options.inputs)
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*bars, TimeRemainingColumn(), console=errors, transient=True) as bar:
        task = bar.add_task("comparing", total=len(images) * columns)

        def results() -> Iterator[Compared]:
            for path in images:
                try:
                    photo = load_image(path)
                    for model, target, method, fill, seed in product(
                        models, options.target or [None], methods, fills, seeds
                    ):
                        bar.update(task, description=_plain(photo.name))
                        yield _explain(model, photo, options, target, method, fill, seed), target
                        bar.advance(task)
                except DecamError as error:
                    # One bad photograph does not stop the others.
                    if len(images) == 1:
                        raise
                    say(f"decam: error: {error}")
                    failures.append({"photo": str(path), "error": str(error)})

        return write_comparison(results(), paths, template=template)


def _explain(
    model: BlackBox,
    photo: Photo,
    options: argparse.Namespace,
    target: str | None,
    method: str,
    fill: str | None,
    seed: int,
) -> Explanation:
    steps = explain_steps(
        model,
        photo,
        target=target,
        method=method,
        preset=options.preset,
        calls=options.calls,
        seed=seed,
        fill=fill,
        live=False,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Explanation = end.value
            break
    if options.faithfulness and found.stop_reason != "failed":
        found = check_faithfulness(model, found)
    return found


def _open(source: str, options: argparse.Namespace, say: Callable[[str], None]) -> BlackBox:
    served = is_server_url(source)
    place: str | Path = source if served else demo_model() if source == "demo" else Path(source)
    model = load_model(
        place,
        threads=None if served else options.threads,
        batch_size=options.batch_size,
        # All of them alike: scores differ in their last bits with batch and threads.
        tune=False,
    )
    for assumption in model.assumptions:
        say(f"decam: note: {model.describe()['name']}: {assumption.text}")
    return model


def _images(given: Sequence[str]) -> list[Path]:
    paths: list[Path] = []
    for name in given:
        path = Path(name)
        paths += find_images(path) if path.is_dir() else [path]
    return paths


def _whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{option} must be a whole number, found {text!r}.") from None


def _plain(text: str) -> str:
    """Without what a terminal or the progress bar's markup would act on."""
    return plain(text, 60).replace("[", "(").replace("]", ")")
