"""``decam explain``: which pixels drive a decision?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from decam_engine.check import CALLS as FAITHFULNESS_CALLS
from decam_engine.collection import check_collection, write_collection
from decam_engine.command_parts import (
    add_budget,
    add_model,
    add_reading,
    image_paths,
    open_model,
    reading_options,
    say,
)
from decam_engine.errors import DecamError, SettingsError
from decam_engine.explain import check_settings, resume_steps
from decam_engine.explaining import output_folder, run_with_bar, save_result, say_failure, steps_of
from decam_engine.fills import FILLS
from decam_engine.images import load_image
from decam_engine.models import (
    BlackBox,
    Preprocessing,
    ServerBackend,
    is_server_url,
)
from decam_engine.reports import DEFAULT_FORMATS, FORMATS, Template, check_formats, read_template
from decam_engine.reports.attention import ORDERS
from decam_engine.reports.entries import Failure
from decam_engine.reports.plain import plain
from decam_engine.saved import load_explanation
from decam_engine.search import METHODS

DONE, BAD_INPUT = 0, 2
# Options of a run, with their defaults: a resumed one has those of the stopped one.
_OF_A_RUN: dict[str, Any] = {
    "images": [],
    "target": None,
    "method": "de",
    "fill": None,
    "preset": "balanced",
    "calls": None,
    "seed": 0,
    "page": None,
    "window": None,
    "background": "white",
}


def add_explain_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``explain``."""
    parser.add_argument("images", nargs="*", metavar="IMAGE", help="image files or folders")
    add_reading(parser)
    add_model(parser, required=False)
    parser.add_argument(
        "--resume",
        metavar="MANIFEST",
        help="go on with a run that was stopped or failed, from the .json that was saved with it",
    )
    parser.add_argument("--target", help="class index or name (default: the most probable)")
    parser.add_argument("--method", default="de", help=f"{', '.join(METHODS)} (default: de)")
    parser.add_argument("--fill", help=f"what removed pixels become: {', '.join(FILLS)}")
    add_budget(parser)
    parser.add_argument("--out", default="results", metavar="DIR", help="default: results")
    parser.add_argument(
        "--format",
        default=",".join(DEFAULT_FORMATS),
        metavar="LIST",
        help=f"comma-separated, of {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--report-template",
        metavar="FILE",
        help="JSON or TOML with title, organisation, logo, notes and paper (A4, Letter) of reports",
    )
    parser.add_argument(
        "--faithfulness", action="store_true", help="also measure insertion and deletion"
    )
    parser.add_argument(
        "--together",
        action="append",
        default=[],
        metavar="FILE",
        help="also one report of all photographs: .html, .pdf, .csv or .parquet; may be repeated",
    )
    parser.add_argument(
        "--order",
        default="look",
        choices=ORDERS,
        help="of that report (default: look, what deserves a look first)",
    )
    parser.add_argument(
        "--stability", action="store_true", help="also run another seed, and say how alike it is"
    )


def run_explain(options: argparse.Namespace, errors: Console) -> int:
    """Explain photographs, or go on with a stopped run; the exit code.

    Raises:
        DecamError: bad input, or the only photograph failed.
    """
    formats = check_formats(tuple(options.format.split(",")))
    _check_together(options, formats)
    if options.report_template is not None:
        options.template = read_template(options.report_template)
    if options.resume is not None:
        return _resume(options, formats, errors)
    if not options.images or options.model is None:
        raise SettingsError("Expected IMAGE... and --model MODEL, or --resume MANIFEST.")
    check_settings(
        method=options.method,
        preset=options.preset,
        calls=options.calls,
        seed=options.seed,
        fill=options.fill,
    )
    reading = reading_options(options)
    with output_folder(Path(options.out)) as out:
        paths = image_paths(options.images)
        model = open_model(options, errors)
        _announce(model, len(paths) * _budget(options), errors)
        documents, failed = [], 0
        for path in paths:
            try:
                photo = load_image(path, **reading)
                result = run_with_bar(
                    steps_of(model, photo, options), model, photo, options, errors
                )
                documents.append(save_result(result, out, formats, options, errors))
                failed += say_failure(result, documents[-1], errors)
            except DecamError as error:
                # One bad photograph does not stop the others.
                if len(paths) == 1:
                    raise
                failed += 1
                say(errors, f"decam: error: {error}")
                documents.append({"photo": str(path), "error": str(error)})
        together = _write_together(options, documents)
        if options.json:
            print(json.dumps({"results": documents, **together}, ensure_ascii=False))
        return BAD_INPUT if failed else DONE


def _check_together(options: argparse.Namespace, formats: Sequence[str]) -> None:
    """One report of all photographs is made from what is saved of each."""
    if options.together:
        check_collection([Path(name) for name in options.together], options.order)
    if options.together and not {"json", "npy"} <= set(formats):
        raise SettingsError("--together is made from saved results; --format must name json,npy.")


def _write_together(
    options: argparse.Namespace, documents: Sequence[dict[str, Any]]
) -> dict[str, list[str]]:
    """One report of all photographs, where it was asked for."""
    if not options.together:
        return {}
    results = [
        next(Path(f) for f in d["files"] if f.endswith(".json"))
        if "files" in d
        else Failure(Path(d["photo"]).name, d["error"])
        for d in documents
    ]
    template: Template | None = getattr(options, "template", None)
    written = write_collection(results, options.together, template=template, order=options.order)
    if not options.json:
        for file in written:
            print(f"saved {plain(file, 500)}")
    return {"together": [str(f) for f in written]}


def _resume(options: argparse.Namespace, formats: Sequence[str], errors: Console) -> int:
    """Go on with a stopped run: its photograph, settings and batches, and its model."""
    changed = [name for name, value in _OF_A_RUN.items() if getattr(options, name) != value]
    if changed:
        raise SettingsError(
            f"--resume goes on with the settings of the stopped run; leave out "
            f"{', '.join('IMAGE' if n == 'images' else '--' + n for n in changed)}."
        )
    stopped = load_explanation(options.resume)
    before = stopped.model
    if options.model is None:
        options.model = before.get("url") or before.get("path")
        if not isinstance(options.model, str):
            raise SettingsError(
                f"{options.resume} names no model that can be opened. Give it with --model."
            )
    if options.batch_size is None and options.threads is None:
        # Scores differ in their last bits with batch and threads, and so would the map.
        options.batch_size = _whole(before, "batch_size")
        if not is_server_url(options.model):
            options.threads = _whole(before, "threads")
    options.activation = options.activation or before.get("activation")
    options.output = options.output or before.get("output")
    with output_folder(Path(options.out)) as out:
        given = before.get("preprocessing_source") == "given"
        model = open_model(
            options, errors, Preprocessing.from_dict(before["preprocessing"]) if given else None
        )
        steps = resume_steps(model, stopped, live=False)
        done = 0 if stopped.journal is None else len(stopped.journal.scores)
        checks = FAITHFULNESS_CALLS if options.faithfulness else 0
        checks += stopped.budget if options.stability else 0
        _announce(model, stopped.budget - done + checks, errors)
        result = run_with_bar(steps, model, stopped.photo, options, errors)
        document = save_result(result, out, formats, options, errors)
        failed = say_failure(result, document, errors)
        together = _write_together(options, [document])
        if options.json:
            print(json.dumps({"results": [document], **together}, ensure_ascii=False))
        return BAD_INPUT if failed else DONE


def _whole(model: dict[str, Any], name: str) -> int | None:
    """A number of the configuration that a manifest states."""
    configuration = model.get("configuration")
    value = configuration.get(name) if isinstance(configuration, dict) else None
    return value if isinstance(value, int) else None


def _budget(options: argparse.Namespace) -> int:
    """Inputs that explaining one photograph may take."""
    calls = check_settings(method=options.method, preset=options.preset, calls=options.calls)
    again = calls if getattr(options, "stability", False) else 0
    return calls + again + (FAITHFULNESS_CALLS if options.faithfulness else 0)


def _announce(model: BlackBox, inputs: int, errors: Console) -> None:
    """What a server will be sent, before it is: somebody may pay for it."""
    if isinstance(model.backend, ServerBackend):
        shape = (model.input_size, model.preprocessing.channel_count)
        say(errors, f"decam: {model.backend.announce(inputs, *shape)}")
