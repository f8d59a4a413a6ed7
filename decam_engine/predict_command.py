"""``decam predict``: what does the model say?"""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.console import Console

from decam_engine.command_parts import (
    add_model,
    add_reading,
    image_paths,
    open_model,
    positive,
    reading_options,
    say,
)
from decam_engine.errors import DecamError
from decam_engine.images import load_image
from decam_engine.reports.plain import plain

DONE, BAD_INPUT = 0, 2


def add_predict_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``predict``."""
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="image files or folders")
    add_reading(parser)
    add_model(parser)
    parser.add_argument("--top", type=positive, default=5, metavar="N", help="default: 5")


def run_predict(options: argparse.Namespace, errors: Console) -> int:
    """List the most probable classes of photographs; the exit code.

    Raises:
        DecamError: bad input, or the only photograph failed.
    """
    reading = reading_options(options)
    model = open_model(options, errors)
    paths = image_paths(options.images)
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
            say(errors, f"decam: error: {error}")
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
                say(errors, f"{photo.name}: {note}")
            print(plain(path, 500))
            for p in predictions:
                print(f"  {p.score:7.2%}  {plain(p.label)} ({p.index})")
    if options.json:
        print(json.dumps({"model": model.describe(), "results": documents}, ensure_ascii=False))
    return BAD_INPUT if failed else DONE
