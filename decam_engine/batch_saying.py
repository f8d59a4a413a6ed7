"""What ``decam batch`` says at its end, and of what is expected."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from decam_engine.batch.estimate import Estimate, estimate, free_below
from decam_engine.batch.guards import RESERVE, Space, duration_words, size_words
from decam_engine.batch.local import Executor, ThreadExecutor
from decam_engine.batch.overview import Overview
from decam_engine.batch.runner import CANCELLED, FINISHED, Order, Standing
from decam_engine.batch_watching import MOST_NAMED, Say
from decam_engine.entry import FAILED
from decam_engine.folder import HEAD, ResultFolder
from decam_engine.reports.plain import plain

DONE, NOT_ALL, INTERRUPTED = 0, 2, 130


def report_end(
    options: argparse.Namespace,
    folder: ResultFolder,
    s: Standing,
    overview: Overview,
    executor: Executor,
    say: Say,
) -> int:
    """Say what became of a batch; returns the exit code."""
    files = [str(f) for f in overview.files]
    split = executor.split if isinstance(executor, ThreadExecutor) else None
    if options.json:
        document = {
            "out": str(folder.path),
            "questions": s.total,
            "there": s.there,
            "answered": s.answered,
            "failed": s.failed,
            "calls": s.calls,
            "seconds": round(s.seconds, 3),
            "written": s.written,
            "split": None if split is None else dataclasses.asdict(split),
            "stop_reason": s.stop_reason,
            "message": s.message or overview.error,
            "look": overview.look,
            "files": files,
            "failures": _failures(folder),
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(
            f"{s.answered:,} answered, {s.there:,} answered before, {s.failed:,} failed, of "
            f"{s.total:,}; {s.calls:,} calls in {duration_words(s.seconds)}, "
            f"{size_words(s.written)} written"
        )
        if split is not None:
            print(
                f"  photographs at a time: {split.photos}, runs of the model for each: {split.runs}"
            )
        if not overview.error:
            _print_overview(overview)
    for message in (overview.error, s.message):
        if message:
            say(f"decam: error: {message}")
    if s.stop_reason == CANCELLED:
        return INTERRUPTED
    whole = s.stop_reason == FINISHED and not s.failed and not overview.error
    return DONE if whole else NOT_ALL


def report_overview(options: argparse.Namespace, folder: ResultFolder, overview: Overview) -> int:
    """Say what a folder holds; returns the exit code."""
    if options.json:
        document = {
            "out": str(folder.path),
            "rows": overview.rows,
            "look": overview.look,
            "files": [str(f) for f in overview.files],
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        _print_overview(overview)
    return DONE


def _print_overview(overview: Overview) -> None:
    print(f"  {overview.look:,} of {overview.rows:,} results deserve a look")
    for file in overview.files:
        print(f"  saved {plain(file, 500)}")


def _failures(folder: ResultFolder) -> list[dict[str, str]]:
    found = []
    for entry in folder.entries():
        if entry.state == FAILED:
            photo = entry.question.photo
            found.append({"photo": str(photo["path"] or photo["name"]), "error": entry.error})
            if len(found) == MOST_NAMED:
                break
    return found


def dry_run(options: argparse.Namespace, order: Order, out: Path, errors: Console) -> int:
    """Say what a batch would take."""
    found: Estimate
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("looking at the photographs", total=len(order))

        def tick(done: int) -> None:
            bar.update(task, completed=done)

        if (out / HEAD).is_file():
            with ResultFolder(out, write=False) as folder:
                found = estimate(order, folder, tick)
        else:
            found = estimate(order, None, tick)
    free = Space(free_below(out), found.per_answer).free()
    within = options.max_calls is None or found.calls <= options.max_calls
    if options.json:
        document = {
            **dataclasses.asdict(found),
            "free": free,
            "max_calls": options.max_calls,
            "within_max_calls": within,
        }
        print(json.dumps({"dry_run": document}))
        return DONE
    left = found.questions - found.there
    print(f"{found.questions:,} questions, {found.there:,} answered already, {left:,} to do")
    more = "" if within else f" (more than --max-calls {options.max_calls:,}: it will stop there)"
    print(f"  model calls: at most {found.calls:,}{more}")
    if found.seconds is None:
        print("  time: not known, because a model server is not called for an estimate")
    else:
        rate = "" if found.rate is None else f" at {found.rate:.0f} calls/s, measured here"
        print(f"  time: about {duration_words(found.seconds)}{rate}")
    print(
        f"  room: about {size_words(found.written)} ({size_words(found.per_answer)} each), "
        f"{size_words(free)} may be written and {size_words(RESERVE)} are left free"
    )
    if found.unreadable:
        print(f"  {found.unreadable} of {found.sample} photographs looked at cannot be read")
    return DONE
