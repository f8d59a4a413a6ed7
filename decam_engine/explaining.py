"""Running an explanation on the terminal, saving it and saying what came of it."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from decam_engine.check import check_faithfulness, check_stability
from decam_engine.command_parts import say
from decam_engine.errors import ExportError, ModelError
from decam_engine.explain import Progress as Step
from decam_engine.explain import Steps, explain_steps
from decam_engine.explanation import Explanation
from decam_engine.images import Photo
from decam_engine.models import (
    BlackBox,
)
from decam_engine.reports import Template
from decam_engine.reports.plain import plain


@contextlib.contextmanager
def output_folder(directory: Path) -> Iterator[Path]:
    """Make the folder now: nobody wants to wait for a result that has no place.

    Folders that were made and are still empty at the end are removed.
    """
    made = [p for p in (directory, *directory.parents) if not os.path.lexists(p)]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ExportError(
            f"The output folder {directory} cannot be written to: expected a folder with write "
            f"permission, found: {error.strerror or error}. Choose another with --out."
        ) from None
    try:
        yield directory
    finally:
        with contextlib.suppress(OSError):
            for folder in made:
                folder.rmdir()


def steps_of(model: BlackBox, photo: Photo, options: argparse.Namespace) -> Steps:
    """The steps of a run, by the options of a command."""
    return explain_steps(
        model,
        photo,
        target=options.target,
        method=options.method,
        preset=options.preset,
        calls=options.calls,
        seed=options.seed,
        fill=options.fill,
        live=False,
    )


def run_with_bar(
    steps: Steps, model: BlackBox, photo: Photo, options: argparse.Namespace, errors: Console
) -> Explanation:
    """Take all steps under a progress bar, then measure what was asked for besides the map.

    A check that the model fails becomes a warning: the map is there.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    step: Step = next(steps)  # finds what is wrong, before a bar is drawn
    for note in photo.notes:
        say(errors, f"{photo.name}: {note}")
    with Progress(*columns, console=errors, transient=False) as bar:
        task = bar.add_task(plain_text(photo.name), total=None, rate="")
        while True:
            bar.update(
                task,
                completed=step.calls,
                total=step.budget,
                rate=f"{step.rate:.0f} calls/s",
                description=f"{plain_text(photo.name)} \u00b7 {plain_text(step.target.label)}",
            )
            try:
                step = next(steps)
            except StopIteration as end:
                result: Explanation = end.value
                break
    if options.faithfulness and result.stop_reason != "failed":
        try:
            result = check_faithfulness(model, result)
        except ModelError as error:
            # The map is there; that its proof is not is said with it.
            warnings = (*result.warnings, str(error))
            result = dataclasses.replace(result, warnings=warnings)
    if getattr(options, "stability", False) and result.stop_reason != "failed":
        try:
            result = check_stability(model, result)
        except ModelError as error:
            result = dataclasses.replace(result, warnings=(*result.warnings, str(error)))
    return result


def save_result(
    result: Explanation,
    out: Path,
    formats: Sequence[str],
    options: argparse.Namespace,
    errors: Console,
) -> dict[str, Any]:
    """Save a result, print what came of it, and return that for ``--json``.

    Raises:
        ExportError: the folder refuses; says where the result was rescued to.
    """
    template: Template | None = getattr(options, "template", None)
    try:
        files = result.save(out, formats, template)
    except ExportError as error:
        # The work is done: rescue it before saying that its place would not take it.
        rescue: Path | None = None
        try:
            rescue = Path(tempfile.mkdtemp(prefix="decam-rescued-"))
            result.save(rescue, formats, template)
        except (ExportError, OSError):
            if rescue is not None:
                # What could be written of it stays.
                with contextlib.suppress(OSError):
                    rescue.rmdir()
            raise error from None
        raise ExportError(f"{error} For now it was saved to {rescue}") from None
    document = {
        "photo": result.photo.name,
        "target": {
            "index": result.target.index,
            "label": result.target.label,
            "score": result.target.score,
        },
        "calls": result.calls,
        "seconds": round(result.seconds, 3),
        "stop_reason": result.stop_reason,
        "warnings": list(result.warnings),
        "files": [str(f) for f in files],
    }
    if result.faithfulness is not None:
        document["insertion"] = result.faithfulness.insertion
        document["deletion"] = result.faithfulness.deletion
    if result.stability is not None:
        document["stability"] = dataclasses.asdict(result.stability)
    if not options.json:
        _print_result(result, files)
    return document


def say_failure(result: Explanation, document: dict[str, Any], errors: Console) -> bool:
    """Whether the model failed on the way; says how to go on then."""
    if result.stop_reason != "failed":
        return False
    text = f"decam: error: {result.photo.name} is not finished: {result.warnings[-1]}"
    manifest = next((f for f in document["files"] if f.endswith(".json")), None)
    if manifest is not None and result.journal is not None:
        text += f" Go on with: decam explain --resume {manifest}"
    say(errors, text)
    return True


def _print_result(result: Explanation, files: Sequence[Path]) -> None:
    target = result.target
    label = plain(target.label)
    print(
        f"{plain(result.photo.name)}: {label} ({target.index}) {target.score:.3f}, "
        f"{result.calls:,} calls in {result.seconds:.1f} s"
    )
    if result.faithfulness is not None:
        f = result.faithfulness
        print(
            f"  insertion {f.insertion:.3f}, deletion {f.deletion:.3f}, "
            f"difference {f.difference:.3f}"
        )
    if result.stability is not None and result.stability.value_correlation is not None:
        print(
            f"  with seed {result.stability.seed}, the map's correlation with this one is "
            f"{result.stability.value_correlation:.3f}"
        )
    if result.baselines is not None:
        print(
            f"  for comparison: centred blob {result.baselines.centre:.3f}, random order "
            f"{result.baselines.random:.3f}"
        )
    # The fills of kept and of removed parts; a method with one fill uses it for both.
    names = result.settings["search"]["fills"]
    fills = [f"hidden ({names[k]})" for k in (min(1, len(names) - 1), len(names) - 1)]
    if result.keep_region is not None:
        region = result.keep_region
        print(
            f"  with the top {region.fraction:.1%} of the input kept and the rest {fills[0]}, the "
            f"model still says {label} ({region.score:.3f})"
        )
    if result.flip_region is not None:
        region = result.flip_region
        print(
            f"  with the top {region.fraction:.1%} {fills[1]}, it no longer does "
            f"({label} {region.score:.3f})"
        )
    for warning in result.warnings:
        print(f"  note: {plain(warning, 700)}")
    for file in files:
        print(f"  saved {plain(file, 500)}")


def plain_text(text: str) -> str:
    """Without what a terminal or the progress bar's markup would act on."""
    return "".join(c if c.isprintable() else " " for c in text).replace("[", "(").replace("]", ")")
