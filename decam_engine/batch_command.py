"""``decam batch``: folders of any size."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from decam_engine.batch.cluster import SHARD, TRANSFERS, ClusterExecutor
from decam_engine.batch.estimate import Estimate, estimate, free_below, room, sample
from decam_engine.batch.guards import Space, check_max_calls, size_words
from decam_engine.batch.local import Executor, ProcessExecutor, ThreadExecutor
from decam_engine.batch.opening import ModelSpec, keep
from decam_engine.batch.overview import GALLERY_PAGES, Overview, write_overview
from decam_engine.batch.runner import CANCELLED, FINISHED, Order, Standing, absolute, batch_steps
from decam_engine.batch.split import Split
from decam_engine.batch.targets import read_targets
from decam_engine.batch.task import most_calls
from decam_engine.decoders import ReadOptions
from decam_engine.entry import FAILED
from decam_engine.errors import ExportError, SettingsError
from decam_engine.explain import check_settings
from decam_engine.fills import FILLS
from decam_engine.folder import HEAD, ResultFolder
from decam_engine.images import find_images
from decam_engine.models import BlackBox, ServerBackend, is_server_url, load_model
from decam_engine.reports import FORMATS, check_formats, read_template
from decam_engine.reports.plain import plain
from decam_engine.reports.tables import TABLES, check_tables
from decam_engine.resources import demo_model
from decam_engine.search import METHODS

DONE, NOT_ALL, INTERRUPTED = 0, 2, 130
# Failures that are named on the terminal and in the JSON document; the table has them all.
MOST_NAMED = 20
Say = Callable[[str], None]


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``batch``, besides those of models, images and budgets."""
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folders or image files")
    parser.add_argument(
        "--model",
        required=True,
        action="append",
        metavar="MODEL",
        help="ONNX file, demo for the bundled one, or http://HOST:PORT/v2/models/NAME; may be "
        "repeated",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder of results")
    parser.add_argument(
        "--targets",
        default="top1",
        metavar="top1|top3|FILE.csv",
        help="the most probable classes, or a table with the columns photo and target",
    )
    parser.add_argument("--method", default="de", help=f"{', '.join(METHODS)} (default: de)")
    parser.add_argument("--fill", help=f"what removed pixels become: {', '.join(FILLS)}")
    parser.add_argument(
        "--faithfulness", action="store_true", help="also measure insertion and deletion"
    )
    parser.add_argument(
        "--format",
        default="",
        metavar="LIST",
        help=f"besides input and json, which are always written: of {', '.join(FORMATS)}",
    )
    parser.add_argument("--report-template", metavar="FILE", help="as for explain")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say which calls, time and room are expected"
    )
    parser.add_argument(
        "--max-calls", type=int, metavar="N", help="model calls that this run may take at most"
    )
    parser.add_argument(
        "--at-a-time", type=int, metavar="N", help="photographs at a time (default: measured)"
    )
    parser.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="processes with a copy of the model each, instead of threads",
    )
    parser.add_argument(
        "--dask",
        metavar="tcp://HOST:8786",
        help="explain on the workers of a Dask scheduler, one run at a time each (one worker, "
        "--nthreads 1, for each core)",
    )
    parser.add_argument(
        "--transfer",
        choices=TRANSFERS,
        default="auto",
        help="whether the workers see photographs and results (shared) or both travel (returned)",
    )
    parser.add_argument(
        "--shard", type=int, default=SHARD, metavar="N", help=f"photographs in a task ({SHARD})"
    )
    parser.add_argument(
        "--table",
        default="csv",
        metavar="LIST",
        help=f"formats of the table: of {', '.join(TABLES)} (default: csv)",
    )
    parser.add_argument(
        "--no-gallery", dest="gallery", action="store_false", help="leave the gallery out"
    )
    parser.add_argument(
        "--gallery-pages",
        type=int,
        default=GALLERY_PAGES,
        metavar="N",
        help=f"results with a page in the gallery (default: {GALLERY_PAGES})",
    )


def run_batch(
    options: argparse.Namespace, errors: Console, say: Say, opening: dict[str, Any]
) -> int:
    """Run ``decam batch``; returns the exit code.

    Args:
        opening: what ``load_model`` is given besides the model.

    Raises:
        DecamError: nothing was begun: an unusable setting, model, folder, or too little room.
    """
    formats = check_formats(tuple(options.format.split(","))) if options.format else ()
    tables = check_tables(options.table.split(","))
    template = None if options.report_template is None else read_template(options.report_template)
    for name in ("max_calls", "at_a_time", "processes", "shard"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise SettingsError(
                f"--{name.replace('_', '-')} takes a number of 1 or more, found {value}."
            )
    out = Path(options.out)
    settings = _settings(options)
    photos = _photos(options.folders, out)
    targets = read_targets(options.targets, photos)
    for name in targets.missing[:MOST_NAMED]:
        say(f"decam: note: {name} is in {options.targets}, but not among the photographs")
    wanted = targets.wanted(photos)
    boxes, specs = _models(options.model, opening, say, one_thread=options.dask is not None)
    order = Order(tuple(wanted), tuple(specs), targets, settings, _reading(options), formats)
    least = most_calls(order.question(wanted[0], specs[0]))
    check_max_calls(options.max_calls, least)
    if options.dry_run:
        return _dry_run(options, order, out, errors)
    with ResultFolder(out) as folder:
        if folder.adopted:
            say(f"decam: note: {folder.adopted} answers of a run that was killed were found")
        per_answer = room(order, sample(order)[0])
        _check_room(order, folder, per_answer)
        _announce(boxes, order, options, say)
        executor = _executor(options, order, folder)
        try:
            standing = _watched(order, folder, executor, per_answer, options, errors, say)
        finally:
            executor.close()
        overview = write_overview(
            folder,
            standing.repeated,
            gallery=options.gallery and standing.stop_reason != CANCELLED,
            pages=max(0, options.gallery_pages),
            template=template,
            tables=tables,
        )
        return _report(options, folder, standing, overview, executor, say)


# --- what is asked -----------------------------------------------------------------------


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    budget = check_settings(
        method=options.method,
        preset=options.preset,
        calls=options.calls,
        seed=options.seed,
        fill=options.fill,
    )
    return {
        "method": options.method,
        "preset": options.preset,
        "budget": budget,
        "seed": options.seed,
        "fill": options.fill,
        "faithfulness": options.faithfulness,
    }


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    given: str | None = options.window
    window = given.split(":") if given is not None and ":" in given else given
    return ReadOptions.checked(options.page, window, options.background).to_dict()


def _photos(given: list[str], out: Path) -> tuple[Path, ...]:
    """Files and the images of folders; what lies in the folder of results is left out."""
    inside = out.resolve()
    found: list[Path] = []
    for name in given:
        path = Path(name)
        found += find_images(path) if path.is_dir() else [path]
    kept = [p for p in found if inside not in p.resolve().parents]
    if not kept:
        raise SettingsError(f"All images lie in {out}, the folder of results. Give other folders.")
    return absolute(kept)


def _models(
    given: list[str], opening: dict[str, Any], say: Say, *, one_thread: bool
) -> tuple[list[BlackBox], list[ModelSpec]]:
    boxes, specs = [], []
    for name in dict.fromkeys(given):
        source: str | Path = name
        if not is_server_url(name):
            source = demo_model() if name == "demo" else Path(name)
        served = is_server_url(source)
        options = dict(opening)
        if not served:
            options["server"] = None
        box = load_model(source, **options)
        if one_thread and not served:
            # A worker for each core; and the same batches everywhere, for the same maps.
            box.tune()
            size = options["batch_size"] or box.batch_size
            options |= {"threads": options["threads"] or 1, "batch_size": size}
            box = load_model(source, **options)
        for assumption in box.assumptions:
            say(f"decam: note: {box.name}: {assumption.text}")
        if isinstance(box.backend, ServerBackend):
            say(f"decam: note: {box.backend.opening()}")
        boxes.append(box)
        specs.append(ModelSpec.of(source, box, options))
    keep(specs[0], boxes[0])
    return boxes[:1] + [b for b in boxes[1:] if isinstance(b.backend, ServerBackend)], specs


def _announce(boxes: list[BlackBox], order: Order, options: argparse.Namespace, say: Say) -> None:
    """What a server will be sent at most, before it is: somebody may pay for it."""
    each = most_calls(order.question(order.photos[0], order.models[0]))
    for box in boxes:
        if isinstance(box.backend, ServerBackend):
            inputs = each * len(order.photos)
            inputs = inputs if options.max_calls is None else min(inputs, options.max_calls)
            shape = (box.input_size, box.preprocessing.channel_count)
            say(f"decam: {box.backend.announce(inputs, *shape)}")


def _check_room(order: Order, folder: ResultFolder, per_answer: int) -> None:
    left = max(0, len(order) - sum(1 for _ in folder.done()))
    space = Space(folder.path, per_answer)
    missing = space.lacks(left)
    if missing:
        raise ExportError(
            f"The disk of {folder.path} has too little room: {left:,} answers of about "
            f"{size_words(per_answer)} each are expected, {size_words(space.free())} may be "
            f"written, {size_words(missing)} are missing. Free some space, choose another --out, "
            "or fewer photographs or formats."
        )


def _executor(options: argparse.Namespace, order: Order, folder: ResultFolder) -> Executor:
    if options.dask is not None:
        return ClusterExecutor(
            options.dask,
            folder.path,
            order.models,
            order.photos[0],
            shard=options.shard,
            transfer=options.transfer,
        )
    if options.processes is not None:
        return ProcessExecutor(options.processes)
    if options.at_a_time is not None:
        return ThreadExecutor(Split(options.at_a_time, 1))
    return ThreadExecutor()


# --- while it runs -----------------------------------------------------------------------


def _watched(
    order: Order,
    folder: ResultFolder,
    executor: Executor,
    per_answer: int,
    options: argparse.Namespace,
    errors: Console,
    say: Say,
) -> Standing:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    steps = batch_steps(order, folder, executor, max_calls=options.max_calls, per_answer=per_answer)
    last = None
    with Progress(*columns, console=errors) as bar, _Interrupts(say) as interrupts:
        task = bar.add_task("batch", total=len(order), rate="", left="")
        while True:
            try:
                standing = steps.send(True if interrupts.stopping else None)
            except StopIteration as end:
                found: Standing = end.value
                _show(bar, task, found)
                return found
            _show(bar, task, standing)
            if standing.latest is not last and standing.latest is not None:
                last = standing.latest
                if last.state == FAILED and standing.failed <= MOST_NAMED:
                    name = plain(last.question.photo["name"])
                    text = last.error if name in last.error else f"{name}: {last.error}"
                    say(f"decam: error: {text}")
            interrupts.announce()


class _Interrupts:
    """The first Ctrl+C asks to stop, the second one stops at once."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.stopping = self._announced = False
        self._before: Any = None
        self._installed = False

    def __enter__(self) -> _Interrupts:
        # Signals are handled in the main thread alone; elsewhere nobody presses keys.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._pressed)
            self._installed = True
        return self

    def __exit__(self, *reason: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._before)

    def announce(self) -> None:
        """Say what the first one did."""
        if self.stopping and not self._announced:
            self._announced = True
            self._say("decam: stopping; what is under way is kept (Ctrl+C again: at once)")

    def _pressed(self, number: int, frame: object) -> None:
        if self.stopping:
            raise KeyboardInterrupt
        self.stopping = True


def _show(bar: Progress, task: Any, s: Standing) -> None:
    done = s.there + s.answered + s.failed
    rate = ""
    if s.seconds > 0 and s.calls:
        rate = f"{60 * s.rate:.1f} photos/min \u00b7 {s.calls / s.seconds:.0f} calls/s"
    bar.update(task, completed=done, rate=rate, left=_left(s))


def _left(s: Standing) -> str:
    if s.stop_reason == FINISHED or not math.isfinite(s.seconds_left):
        return ""
    return f"{duration_words(s.seconds_left)} left"


def duration_words(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:,.1f} days"


# --- what is said at the end -------------------------------------------------------------


def _report(
    options: argparse.Namespace,
    folder: ResultFolder,
    s: Standing,
    overview: Overview,
    executor: Executor,
    say: Say,
) -> int:
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
            "message": s.message,
            "look": overview.look,
            "files": files,
            "failures": _failures(folder),
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        print(
            f"{s.answered:,} answered, {s.there:,} were there, {s.failed:,} failed, of "
            f"{s.total:,}; {s.calls:,} calls in {duration_words(s.seconds)}, "
            f"{size_words(s.written)} written"
        )
        if split is not None:
            print(
                f"  photographs at a time: {split.photos}, runs of the model for each: {split.runs}"
            )
        print(f"  {overview.look:,} of {overview.rows:,} results deserve a look")
        for file in files:
            print(f"  saved {file}")
    if s.message:
        say(f"decam: error: {s.message}")
    if s.stop_reason == CANCELLED:
        return INTERRUPTED
    return DONE if s.stop_reason == FINISHED and not s.failed else NOT_ALL


def _failures(folder: ResultFolder) -> list[dict[str, str]]:
    found = []
    for entry in folder.entries():
        if entry.state == FAILED:
            photo = entry.question.photo
            found.append({"photo": str(photo["path"] or photo["name"]), "error": entry.error})
            if len(found) == MOST_NAMED:
                break
    return found


def _dry_run(options: argparse.Namespace, order: Order, out: Path, errors: Console) -> int:
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
        f"{size_words(free)} may be written"
    )
    if found.unreadable:
        print(f"  {found.unreadable} of {found.sample} photographs looked at cannot be read")
    return DONE
