"""``decam bench``: what maps are worth, and what they cost."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from decam_engine.bench.quality import run_quality
from decam_engine.bench.speed import run_growth, run_kernels, run_overhead, run_tiny
from decam_engine.errors import ExportError, SettingsError

__all__ = ["add_bench_arguments", "run_bench"]


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``decam bench``."""
    parser.add_argument("--model", default="demo", help="ONNX file (default: the bundled one)")
    parser.add_argument("--photos", metavar="DIR", help="folder (default: the bundled photos)")
    parser.add_argument(
        "--targets",
        metavar="FILE",
        help='JSON {"name.jpg": {"class": 3, "boxes_xyxy": [[xmin, ymin, xmax, ymax], ...]}}',
    )
    parser.add_argument(
        "--run",
        default="de@1000,rise@2000",
        metavar="LIST",
        help="METHOD@CALLS or METHOD@PRESET, comma-separated; a METHOD may be FILE.py:CLASS, "
        "a search of your own",
    )
    parser.add_argument("--seeds", default="0", metavar="LIST", help="default: 0")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N photographs")
    parser.add_argument("--plot", metavar="FILE", help="draw quality over calls as a PNG")
    parser.add_argument("--save", metavar="FILE", help="write all figures to a JSON file")
    parser.add_argument(
        "--add", metavar="FILE", help="put the rows of a file of --save before those measured now"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--overhead", action="store_true", help="wall time against the bare runtime's"
    )
    kinds.add_argument(
        "--tiny", action="store_true", help="the engine's own time per call, with a free model"
    )
    kinds.add_argument("--kernels", action="store_true", help="each kernel against its numpy twin")
    kinds.add_argument(
        "--growth", action="store_true", help="seconds and memory over calls, input and grid size"
    )
    parser.add_argument(
        "--twins", metavar="FILE", help="Python file with the kernels' numpy twins (tests/naive.py)"
    )
    parser.add_argument("--calls", type=int, default=1000, metavar="N", help="for --overhead")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="medians of so many")


def run_bench(options: argparse.Namespace, errors: Console) -> int:
    """Run ``decam bench``; returns the exit code."""
    kinds = {
        "overhead": run_overhead,
        "tiny": run_tiny,
        "kernels": run_kernels,
        "growth": run_growth,
    }
    chosen = next((run for name, run in kinds.items() if getattr(options, name)), run_quality)
    # A place that cannot be written shall be known before the work, not after it.
    for place in (options.save, options.plot):
        if place:
            _check_writable(Path(place))
    for name in ("calls", "repeats"):
        if getattr(options, name) < 1:
            raise SettingsError(f"--{name} takes 1 or more, found {getattr(options, name)}.")
    document = chosen(options, errors)
    text = json.dumps(document)
    if options.save:
        Path(options.save).write_text(text + "\n", encoding="utf-8")
    if options.json:
        print(text)
    return 0


def _check_writable(path: Path) -> None:
    new = not path.exists()
    try:
        with path.open("ab"):
            pass
        if new:
            path.unlink()
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: expected a file name in an existing folder, found: "
            f"{error.strerror}. Choose another."
        ) from None
