"""``decam batch``: folders of any size."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from decam_engine.batch.cluster import SHARD, TRANSFERS, ClusterExecutor
from decam_engine.batch.estimate import room, sample
from decam_engine.batch.guards import RESERVE, Space, check_max_calls, size_words
from decam_engine.batch.local import Executor, ProcessExecutor, ThreadExecutor
from decam_engine.batch.opening import ModelSpec, keep
from decam_engine.batch.overview import GALLERY_PAGES, Overview, write_overview
from decam_engine.batch.runner import CANCELLED, Order, absolute, batch_steps
from decam_engine.batch.split import Split
from decam_engine.batch.targets import read_targets
from decam_engine.batch.task import most_calls
from decam_engine.batch_saying import dry_run, report_end, report_overview
from decam_engine.batch_watching import MOST_NAMED, Say, watched
from decam_engine.decoders import ReadOptions
from decam_engine.errors import ExportError, SettingsError
from decam_engine.explain import check_settings
from decam_engine.fills import FILLS
from decam_engine.folder import ResultFolder
from decam_engine.images import find_images
from decam_engine.models import BlackBox, ServerBackend, is_server_url, load_model
from decam_engine.reports import FORMATS, Template, check_formats, read_template
from decam_engine.reports.tables import TABLES, check_tables
from decam_engine.resources import demo_model
from decam_engine.search import METHODS


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``batch``, besides those of models, images and budgets."""
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="folders or image files")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
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
        "--overview",
        action="store_true",
        help="explain nothing: only write table, average maps and gallery of what the folder of "
        "results holds, which may be a session of the window",
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
    if options.overview:
        return _overview(options, out, template, tables)
    if not options.folders or not options.model:
        raise SettingsError(
            "Expected folders of photographs and --model, found "
            f"{'no --model' if options.folders else 'no folder'}. Give both, or --overview to "
            "sum up what the folder of --out holds. See: decam batch --help"
        )
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
        return dry_run(options, order, out, errors)
    with ResultFolder(out) as folder:
        if folder.adopted:
            say(f"decam: note: {folder.adopted} answers of a run that was killed were found")
        per_answer = room(order, sample(order)[0])
        _check_room(order, folder, per_answer)
        _announce(boxes, order, options, say)
        executor = _executor(options, order, folder)
        try:
            steps = batch_steps(
                order, folder, executor, max_calls=options.max_calls, per_answer=per_answer
            )
            standing = watched(steps, len(order), errors, say)
        finally:
            executor.close()
        try:
            overview = write_overview(
                folder,
                standing.repeated,
                gallery=options.gallery and standing.stop_reason != CANCELLED,
                pages=max(0, options.gallery_pages),
                template=template,
                tables=tables,
            )
        except ExportError as error:
            # The answers are there all the same, and how things stand is still to be said.
            overview = Overview(error=str(error))
        return report_end(options, folder, standing, overview, executor, say)


def _overview(
    options: argparse.Namespace, out: Path, template: Template | None, tables: tuple[str, ...]
) -> int:
    """``--overview``: what is there already, summed up."""
    if options.folders or options.model:
        raise SettingsError(
            "--overview explains nothing: give it no folders of photographs and no --model, only "
            "--out."
        )
    # Of a folder that is none, one is not made.
    ResultFolder(out, write=False).close()
    with ResultFolder(out) as folder:
        found = write_overview(
            folder,
            gallery=options.gallery,
            pages=max(0, options.gallery_pages),
            template=template,
            tables=tables,
        )
        return report_overview(options, folder, found)


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
        if not path.exists():
            # A name that was mistyped, rather than a photograph that failed.
            raise SettingsError(f"{name} does not exist. Check the name and the folder.")
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
            f"written ({size_words(RESERVE)} are left free for others), {size_words(missing)} are "
            "missing. Free some space, choose another --out, or fewer photographs or formats."
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
