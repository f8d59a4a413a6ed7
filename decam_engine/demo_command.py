"""``decam demo``: the bundled photograph explained, and the window on it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from decam_engine.command_parts import add_budget
from decam_engine.explain import check_settings
from decam_engine.explaining import output_folder, run_with_bar, save_result, steps_of
from decam_engine.frozen import studio_command
from decam_engine.images import load_image
from decam_engine.models import (
    load_model,
)
from decam_engine.reports import DEFAULT_FORMATS
from decam_engine.resources import demo_model, demo_photos

DONE = 0


def add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``demo``."""
    add_budget(parser)
    parser.add_argument("--out", default="results", metavar="DIR", help="default: results")
    parser.add_argument("--no-window", dest="window", action="store_false", help="only save")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def run_demo(options: argparse.Namespace, errors: Console) -> int:
    """Explain the bundled photograph and open the window on it; the exit code."""
    check_settings(preset=options.preset, calls=options.calls, seed=options.seed)
    with output_folder(Path(options.out)) as out:
        model = load_model(demo_model())
        photo = load_image(demo_photos()[0])
        options.target, options.method, options.fill, options.faithfulness = None, "de", None, True
        result = run_with_bar(steps_of(model, photo, options), model, photo, options, errors)
        document = save_result(result, out, DEFAULT_FORMATS, options, errors)
        if options.json:
            print(json.dumps({"results": [document]}, ensure_ascii=False))
        if options.window and _has_display():
            manifest = next(f for f in document["files"] if f.endswith(".json"))
            if not options.json:
                print("Opening the window (close it to finish) ...", flush=True)
            return subprocess.call([*studio_command(), manifest])
        return DONE


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
