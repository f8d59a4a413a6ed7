"""What the commands of ``decam`` have in common: options, and what is made of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from decam_engine.decoders import ReadOptions
from decam_engine.images import find_images
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
from decam_engine.resources import demo_model
from decam_engine.search import PRESETS

MODEL_HELP = "ONNX file, demo for the bundled one, or http://HOST:PORT/v2/models/NAME"


def say(console: Console, text: str) -> None:
    """Print a line for the user; file names and labels may hold breaks and terminal codes."""
    console.print("".join(c if c.isprintable() else " " for c in text), markup=False)


def reading_options(options: argparse.Namespace) -> dict[str, Any]:
    """How photographs are read, checked before anything else is done.

    Raises:
        SettingsError: what is wrong, with what was expected.
    """
    given: str | None = options.window
    window = given.split(":") if given is not None and ":" in given else given
    return ReadOptions.checked(options.page, window, options.background).to_dict()


def image_paths(given: Sequence[str]) -> list[Path]:
    """Image files, and those in folders."""
    paths: list[Path] = []
    for name in given:
        path = Path(name)
        paths += find_images(path) if path.is_dir() else [path]
    return paths


def open_model(
    options: argparse.Namespace, errors: Console, preprocessing: Preprocessing | None = None
) -> BlackBox:
    """Open the model that is named, and say what was assumed.

    Args:
        options: of :func:`add_model`.
        errors: standard error.
        preprocessing: taken unless the options give another.

    Raises:
        ModelError: see ``load_model``.
    """
    source: str | Path = options.model
    if not is_server_url(source):
        source = demo_model() if source == "demo" else Path(source)
    given = opening(options)
    if options.preprocessing is None:
        given["preprocessing"] = preprocessing
    model = load_model(source, **given)
    for assumption in model.assumptions:
        say(errors, f"decam: note: {assumption.text}")
    if isinstance(model.backend, ServerBackend):
        say(errors, f"decam: note: {model.backend.opening()}")
    return model


def opening(options: argparse.Namespace) -> dict[str, Any]:
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


def add_common(parser: argparse.ArgumentParser) -> None:
    """How a model is opened, and ``--json``."""
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
    parser.add_argument("--threads", type=positive, metavar="N", help="of the runtime")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="inputs per run")
    parser.add_argument(
        "--no-tune",
        dest="tune",
        action="store_false",
        help="fixed batch size and threads instead of the fastest ones for this machine",
    )
    parser.add_argument(
        "--in-flight", type=positive, metavar="N", help="requests to a server at a time (2)"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="S", help="seconds that a server's answer may take (30)"
    )
    parser.add_argument(
        "--max-request", type=float, metavar="MB", help="what a request to a server stays under (8)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How photographs are read."""
    parser.add_argument(
        "--page", type=positive, metavar="N", help="of files with several (default: the first)"
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


def add_model(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """``--model``, and how it is opened."""
    parser.add_argument("--model", required=required, metavar="MODEL", help=MODEL_HELP)
    add_common(parser)


def add_budget(parser: argparse.ArgumentParser) -> None:
    """How many model calls a run may take, and its seed."""
    presets = ", ".join(f"{name} ({calls:,} calls)" for name, calls in PRESETS.items())
    parser.add_argument("--preset", default="balanced", help=presets)
    parser.add_argument("--calls", type=int, metavar="N", help="model calls instead of a preset")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")


def positive(text: str) -> int:
    """A whole number from 1, as an argument's type."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {value}")
    return value
