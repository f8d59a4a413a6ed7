"""``decam verify``: is a report still true?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from decam_engine.explain import Progress as Step
from decam_engine.models import is_server_url
from decam_engine.reports.plain import plain
from decam_engine.verify import (
    CLOSE,
    PARTLY,
    SAME,
    TOLERANCE,
    UNCHANGED,
    Verdict,
    verdict_record,
    verify,
)

# Exit codes: nothing speaks against the report, or something does.
TRUE, FALSE = 0, 2
_WORDS = {
    SAME: "same: run again, the explanation is bit for bit the same, and nothing was changed",
    CLOSE: "same up to tolerance: nothing that is seen was changed, and run again all agrees",
    PARTLY: "true as far as it was run again; nothing was changed",
    UNCHANGED: "unchanged: the file is as it was written; the explanation was not run again",
}


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``verify``."""
    parser.add_argument(
        "report", metavar="REPORT", help="a saved .json, .html or .pdf, also of many results"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="if it is not where the report says; repeat it for a comparison of several",
    )
    parser.add_argument(
        "--image", metavar="IMAGE", help="if it is not where the report says; or its folder"
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="of a report of many photographs, run only N again, evenly spread",
    )
    parser.add_argument(
        "--no-run",
        dest="run",
        action="store_false",
        help="only check that nothing in the file was changed",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run_verify(options: argparse.Namespace, errors: Console, say: Callable[[str], None]) -> int:
    """Verify, print what was found, and return 0 (nothing speaks against it) or 2.

    Raises:
        DecamError: no report, or its model or photograph cannot be had.
    """
    for model in options.model:
        if is_server_url(model):
            say(f"decam: note: the explanation is run again on {plain(model)}")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("running again", total=None, visible=options.run)

        def show(step: Step) -> None:
            bar.update(task, completed=step.calls, total=step.budget)

        found = verify(
            options.report,
            model=options.model,
            image=options.image,
            run=options.run,
            sample=options.sample,
            on_progress=show,
        )
    if options.json:
        record = {"report": options.report, **verdict_record(found)}
        print(json.dumps(record, ensure_ascii=False))
    else:
        _print(options.report, found)
    return TRUE if found.ok else FALSE


def _print(report: str, found: Verdict) -> None:
    words = _WORDS.get(found.verdict, "different: do not rely on this report")
    if found.verdict == UNCHANGED and found.deviations:
        words = "unchanged in what is seen of it; the explanation was not run again"
    print(f"{plain(report, 500)}: {words}")
    for d in found.differences:
        print(f"  {plain(d.where)}: {plain(d.text, 700)}")
    if found.verdict == CLOSE:
        print(f"  tolerance: {TOLERANCE}")
    for d in found.deviations:
        print(f"  (within tolerance) {plain(d.where)}: {plain(d.text, 700)}")
    for note in found.notes:
        print(f"  note: {plain(note, 700)}")
