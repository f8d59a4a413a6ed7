"""The command ``decam``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from decam_engine.batch_command import add_batch_arguments, run_batch
from decam_engine.bench import add_bench_arguments, run_bench
from decam_engine.bundle import check_bundle
from decam_engine.check import CALLS as FAITHFULNESS_CALLS
from decam_engine.check import check_faithfulness, check_stability
from decam_engine.children import run_as_child
from decam_engine.collection import check_collection, write_collection
from decam_engine.compare_command import add_compare_arguments, run_compare
from decam_engine.decoders import ReadOptions
from decam_engine.errors import DecamError, ExportError, ModelError, SettingsError
from decam_engine.explain import Progress as Step
from decam_engine.explain import Steps, check_settings, explain_steps, resume_steps
from decam_engine.explanation import Explanation
from decam_engine.fills import FILLS
from decam_engine.frozen import studio_command
from decam_engine.images import Photo, find_images, load_image
from decam_engine.inspection import add_inspect_arguments, run_inspect
from decam_engine.models import (
    ACTIVATIONS,
    BlackBox,
    Preprocessing,
    ServerBackend,
    ServerOptions,
    is_server_url,
    load_model,
)
from decam_engine.models.preprocessing_file import read_preprocessing
from decam_engine.reports import DEFAULT_FORMATS, FORMATS, Template, check_formats, read_template
from decam_engine.reports.attention import ORDERS
from decam_engine.reports.entries import Failure
from decam_engine.reports.manifest import versions
from decam_engine.resources import demo_model, demo_photos
from decam_engine.saved import load_explanation
from decam_engine.search import METHODS, PRESETS
from decam_engine.verify_command import add_verify_arguments, run_verify
from decam_engine.version import __version__

DONE, BUG, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_MODEL_HELP = "ONNX file, demo for the bundled one, or http://HOST:PORT/v2/models/NAME"
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


class _Check(argparse.Action):
    """``--check``, which needs no command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(check_bundle())
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """Usage errors are one line that says what to do."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}. See: {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code: 0 done, 1 bug, 2 bad input, 130 interrupted."""
    code = run_as_child(sys.argv[1:] if arguments is None else arguments)
    if code is not None:
        return code
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # File names that are no text, or not in the terminal's code, are escaped.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace, Console], int] = options.command
        return command(options, errors)
    except DecamError as error:
        _say(errors, f"decam: error: {error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        _say(errors, "decam: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception:
        traceback.print_exc()
        facts = ", ".join(f"{k} {v}" for k, v in versions().items())
        _say(
            errors,
            f"decam: this is a bug in decam-studio {__version__}. Please report it with the lines "
            f"above ({platform.platform()}, {facts}).",
        )
        return BUG


def _say(console: Console, text: str) -> None:
    # File names and labels may hold line breaks and terminal codes.
    console.print("".join(c if c.isprintable() else " " for c in text), markup=False)


# --- the commands ------------------------------------------------------------------------


def _explain(options: argparse.Namespace, errors: Console) -> int:
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
    reading = _reading(options)
    with _output_folder(Path(options.out)) as out:
        paths = _image_paths(options.images)
        model = _open_model(options, errors)
        _announce(model, len(paths) * _budget(options), errors)
        documents, failed = [], 0
        for path in paths:
            try:
                photo = load_image(path, **reading)
                result = _run(_steps(model, photo, options), model, photo, options, errors)
                documents.append(_save(result, out, formats, options, errors))
                failed += _say_failure(result, documents[-1], errors)
            except DecamError as error:
                # One bad photograph does not stop the others.
                if len(paths) == 1:
                    raise
                failed += 1
                _say(errors, f"decam: error: {error}")
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
            print(f"saved {file}")
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
    with _output_folder(Path(options.out)) as out:
        given = before.get("preprocessing_source") == "given"
        model = _open_model(
            options, errors, Preprocessing.from_dict(before["preprocessing"]) if given else None
        )
        steps = resume_steps(model, stopped, live=False)
        done = 0 if stopped.journal is None else len(stopped.journal.scores)
        checks = FAITHFULNESS_CALLS if options.faithfulness else 0
        _announce(model, stopped.budget - done + checks, errors)
        result = _run(steps, model, stopped.photo, options, errors)
        document = _save(result, out, formats, options, errors)
        failed = _say_failure(result, document, errors)
        if options.json:
            print(json.dumps({"results": [document]}, ensure_ascii=False))
        return BAD_INPUT if failed else DONE


def _whole(model: dict[str, Any], name: str) -> int | None:
    """A number of the configuration that a manifest states."""
    configuration = model.get("configuration")
    value = configuration.get(name) if isinstance(configuration, dict) else None
    return value if isinstance(value, int) else None


def _predict(options: argparse.Namespace, errors: Console) -> int:
    reading = _reading(options)
    model = _open_model(options, errors)
    paths = _image_paths(options.images)
    documents: list[dict[str, Any]] = []
    failed = 0
    for path in paths:
        try:
            photo = load_image(path, **reading)
            predictions = model.predict(photo, options.top)
        except DecamError as error:
            # As in explaining: one bad photograph does not stop the others.
            if len(paths) == 1:
                raise
            failed += 1
            _say(errors, f"decam: error: {error}")
            documents.append({"photo": str(path), "error": str(error)})
            continue
        documents.append(
            {
                "photo": str(path),
                "notes": list(photo.notes),
                "predictions": [
                    {"index": p.index, "label": p.label, "score": p.score} for p in predictions
                ],
            }
        )
        if not options.json:
            for note in photo.notes:
                _say(errors, f"{photo.name}: {note}")
            print(f"{path}")
            for p in predictions:
                print(f"  {p.score:7.2%}  {p.label} ({p.index})")
    if options.json:
        print(json.dumps({"model": model.describe(), "results": documents}, ensure_ascii=False))
    return BAD_INPUT if failed else DONE


def _inspect(options: argparse.Namespace, errors: Console) -> int:
    return run_inspect(options, _open_model(options, errors), lambda text: _say(errors, text))


def _demo(options: argparse.Namespace, errors: Console) -> int:
    check_settings(preset=options.preset, calls=options.calls, seed=options.seed)
    with _output_folder(Path(options.out)) as out:
        model = load_model(demo_model())
        photo = load_image(demo_photos()[0])
        options.target, options.method, options.fill, options.faithfulness = None, "de", None, True
        result = _run(_steps(model, photo, options), model, photo, options, errors)
        document = _save(result, out, DEFAULT_FORMATS, options, errors)
        if options.json:
            print(json.dumps({"results": [document]}, ensure_ascii=False))
        if options.window and _has_display():
            manifest = next(f for f in document["files"] if f.endswith(".json"))
            if not options.json:
                print("Opening the window (close it to finish) ...", flush=True)
            return subprocess.call([*studio_command(), manifest])
        return DONE


def _verify(options: argparse.Namespace, errors: Console) -> int:
    return run_verify(options, errors, lambda text: _say(errors, text))


def _compare(options: argparse.Namespace, errors: Console) -> int:
    return run_compare(options, errors, lambda text: _say(errors, text))


def _batch(options: argparse.Namespace, errors: Console) -> int:
    return run_batch(options, errors, lambda text: _say(errors, text), _opening(options))


def _bench(options: argparse.Namespace, errors: Console) -> int:
    return run_bench(options, errors)


# --- their parts -------------------------------------------------------------------------


def _steps(model: BlackBox, photo: Photo, options: argparse.Namespace) -> Steps:
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


def _budget(options: argparse.Namespace) -> int:
    """Inputs that explaining one photograph may take."""
    calls = check_settings(method=options.method, preset=options.preset, calls=options.calls)
    again = calls if getattr(options, "stability", False) else 0
    return calls + again + (FAITHFULNESS_CALLS if options.faithfulness else 0)


def _announce(model: BlackBox, inputs: int, errors: Console) -> None:
    """What a server will be sent, before it is: somebody may pay for it."""
    if isinstance(model.backend, ServerBackend):
        shape = (model.input_size, model.preprocessing.channel_count)
        _say(errors, f"decam: {model.backend.announce(inputs, *shape)}")


def _say_failure(result: Explanation, document: dict[str, Any], errors: Console) -> bool:
    """Whether the model failed on the way; says how to go on then."""
    if result.stop_reason != "failed":
        return False
    text = f"decam: error: {result.photo.name} is not finished: {result.warnings[-1]}"
    manifest = next((f for f in document["files"] if f.endswith(".json")), None)
    if manifest is not None and result.journal is not None:
        text += f" Go on with: decam explain --resume {manifest}"
    _say(errors, text)
    return True


def _run(
    steps: Steps, model: BlackBox, photo: Photo, options: argparse.Namespace, errors: Console
) -> Explanation:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    step: Step = next(steps)  # finds what is wrong, before a bar is drawn
    for note in photo.notes:
        _say(errors, f"{photo.name}: {note}")
    with Progress(*columns, console=errors, transient=False) as bar:
        task = bar.add_task(_plain(photo.name), total=None, rate="")
        while True:
            bar.update(
                task,
                completed=step.calls,
                total=step.budget,
                rate=f"{step.rate:.0f} calls/s",
                description=f"{_plain(photo.name)} \u00b7 {_plain(step.target.label)}",
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


def _save(
    result: Explanation,
    out: Path,
    formats: Sequence[str],
    options: argparse.Namespace,
    errors: Console,
) -> dict[str, Any]:
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


def _print_result(result: Explanation, files: Sequence[Path]) -> None:
    target = result.target
    print(
        f"{result.photo.name}: {target.label} ({target.index}) {target.score:.3f}, "
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
            f"model still says {target.label} ({region.score:.3f})"
        )
    if result.flip_region is not None:
        region = result.flip_region
        print(
            f"  with the top {region.fraction:.1%} {fills[1]}, it no longer does "
            f"({target.label} {region.score:.3f})"
        )
    for warning in result.warnings:
        print(f"  note: {warning}")
    for file in files:
        print(f"  saved {file}")


def _plain(text: str) -> str:
    """Without what a terminal or the progress bar's markup would act on."""
    return "".join(c if c.isprintable() else " " for c in text).replace("[", "(").replace("]", ")")


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    """How photographs are read, checked before anything else is done.

    Raises:
        SettingsError: what is wrong, with what was expected.
    """
    given: str | None = options.window
    window = given.split(":") if given is not None and ":" in given else given
    return ReadOptions.checked(options.page, window, options.background).to_dict()


def _image_paths(given: Sequence[str]) -> list[Path]:
    paths: list[Path] = []
    for name in given:
        path = Path(name)
        paths += find_images(path) if path.is_dir() else [path]
    return paths


def _open_model(
    options: argparse.Namespace, errors: Console, preprocessing: Preprocessing | None = None
) -> BlackBox:
    source: str | Path = options.model
    if not is_server_url(source):
        source = demo_model() if source == "demo" else Path(source)
    given = _opening(options)
    if options.preprocessing is None:
        given["preprocessing"] = preprocessing
    model = load_model(source, **given)
    for assumption in model.assumptions:
        _say(errors, f"decam: note: {assumption.text}")
    if isinstance(model.backend, ServerBackend):
        _say(errors, f"decam: note: {model.backend.opening()}")
    return model


def _opening(options: argparse.Namespace) -> dict[str, Any]:
    """What ``load_model`` is given besides the model."""
    given = options.preprocessing
    return {
        "preprocessing": None if given is None else read_preprocessing(given),
        "labels": options.labels,
        "activation": options.activation,
        "output": options.output,
        "providers": options.provider,
        "threads": options.threads,
        "batch_size": options.batch_size,
        "tune": options.tune,
        "server": _server_options(options),
    }


def _server_options(options: argparse.Namespace) -> ServerOptions | None:
    """What was given of a server's options; None when that is nothing and no server is meant."""
    given = {
        "in_flight": options.in_flight,
        "timeout": options.timeout,
        "request_mb": options.max_request,
    }
    given = {name: value for name, value in given.items() if value is not None}
    models = [options.model] if isinstance(options.model, str) else options.model or []
    served = any(is_server_url(m) for m in models)
    return ServerOptions(**given) if given or served else None


@contextlib.contextmanager
def _output_folder(directory: Path) -> Iterator[Path]:
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


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- the parser --------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="decam",
        description="Explain an image classifier's decisions from its output alone.",
        epilog="Exit codes: 0 done, 1 bug, 2 bad usage or input, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"decam-studio {__version__}")
    parser.add_argument(
        "--check", action=_Check, help="check the files of the standalone application, and end"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    explain = commands.add_parser("explain", help="find the pixels that drive a decision")
    _add_explain(explain)

    batch = commands.add_parser("batch", help="explain folders of any size, to be gone on with")
    add_batch_arguments(batch)
    _add_reading(batch)
    _add_common(batch)
    _add_budget(batch)
    batch.set_defaults(command=_batch)

    predict = commands.add_parser("predict", help="list a model's most probable classes")
    predict.add_argument("images", nargs="+", metavar="IMAGE", help="image files or folders")
    _add_reading(predict)
    _add_model(predict)
    predict.add_argument("--top", type=_positive, default=5, metavar="N", help="default: 5")
    predict.set_defaults(command=_predict)

    inspect = commands.add_parser("inspect", help="say how a model is read and what was assumed")
    inspect.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    add_inspect_arguments(inspect)
    _add_common(inspect)
    inspect.set_defaults(command=_inspect)

    demo = commands.add_parser("demo", help="explain the bundled photograph, show the window")
    _add_budget(demo)
    demo.add_argument("--out", default="results", metavar="DIR", help="default: results")
    demo.add_argument("--no-window", dest="window", action="store_false", help="only save")
    demo.add_argument("--json", action="store_true", help="one JSON document on standard output")
    demo.set_defaults(command=_demo)

    verify = commands.add_parser("verify", help="check a saved report and run it again")
    add_verify_arguments(verify)
    verify.set_defaults(command=_verify)

    compare = commands.add_parser("compare", help="compare models, classes, methods or seeds")
    add_compare_arguments(compare)
    compare.set_defaults(command=_compare)

    bench = commands.add_parser("bench", help="measure maps: methods x budgets x photographs")
    add_bench_arguments(bench)
    bench.set_defaults(command=_bench)
    return parser


def _add_explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("images", nargs="*", metavar="IMAGE", help="image files or folders")
    _add_reading(explain)
    _add_model(explain, required=False)
    explain.add_argument(
        "--resume",
        metavar="MANIFEST",
        help="go on with a run that was stopped or failed, from the .json that was saved with it",
    )
    explain.add_argument("--target", help="class index or name (default: the most probable)")
    explain.add_argument("--method", default="de", help=f"{', '.join(METHODS)} (default: de)")
    explain.add_argument("--fill", help=f"what removed pixels become: {', '.join(FILLS)}")
    _add_budget(explain)
    explain.add_argument("--out", default="results", metavar="DIR", help="default: results")
    explain.add_argument(
        "--format",
        default=",".join(DEFAULT_FORMATS),
        metavar="LIST",
        help=f"comma-separated, of {', '.join(FORMATS)}",
    )
    explain.add_argument(
        "--report-template",
        metavar="FILE",
        help="JSON or TOML with title, organisation, logo, notes and paper (A4, Letter) of reports",
    )
    explain.add_argument(
        "--faithfulness", action="store_true", help="also measure insertion and deletion"
    )
    explain.add_argument(
        "--together",
        action="append",
        default=[],
        metavar="FILE",
        help="also one report of all photographs: .html, .pdf, .csv or .parquet; may be repeated",
    )
    explain.add_argument(
        "--order",
        default="look",
        choices=ORDERS,
        help="of that report (default: look, what deserves a look first)",
    )
    explain.add_argument(
        "--stability", action="store_true", help="also run another seed, and say how alike it is"
    )
    explain.set_defaults(command=_explain)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", metavar="FILE", help="class names, one a line")
    parser.add_argument(
        "--preprocessing",
        metavar="FILE",
        help="how photographs are fed: a sidecar file, or the JSON of its pre-processing",
    )
    parser.add_argument(
        "--activation",
        choices=ACTIVATIONS,
        help="what turns the output into probabilities (default: told from its values)",
    )
    parser.add_argument(
        "--output", metavar="NAME", help="output with the class scores (default: the likeliest)"
    )
    parser.add_argument(
        "--provider",
        action="append",
        metavar="NAME",
        help="execution provider of ONNX Runtime, such as cuda; may be repeated (default: cpu)",
    )
    parser.add_argument("--threads", type=_positive, metavar="N", help="of the runtime")
    parser.add_argument("--batch-size", type=_positive, metavar="N", help="inputs per run")
    parser.add_argument(
        "--no-tune",
        dest="tune",
        action="store_false",
        help="fixed batch size and threads instead of the fastest ones for this machine",
    )
    parser.add_argument(
        "--in-flight", type=_positive, metavar="N", help="requests to a server at a time (2)"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="S", help="seconds that a server's answer may take (30)"
    )
    parser.add_argument(
        "--max-request", type=float, metavar="MB", help="what a request to a server stays under (8)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--page", type=_positive, metavar="N", help="of files with several (default: the first)"
    )
    parser.add_argument(
        "--window",
        metavar="LOW:HIGH|full|percentile",
        help="values that become black and white, for images of more than 8 bits "
        "(default: the file's own, else percentile); below zero as --window=-160:240",
    )
    parser.add_argument(
        "--background",
        default="white",
        metavar="COLOUR",
        help="behind transparent pixels: a name or #rrggbb (default: white)",
    )


def _add_model(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--model", required=required, metavar="MODEL", help=_MODEL_HELP)
    _add_common(parser)


def _add_budget(parser: argparse.ArgumentParser) -> None:
    presets = ", ".join(f"{name} ({calls:,} calls)" for name, calls in PRESETS.items())
    parser.add_argument("--preset", default="balanced", help=presets)
    parser.add_argument("--calls", type=int, metavar="N", help="model calls instead of a preset")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {value}")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
