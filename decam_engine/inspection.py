"""``decam inspect``: how a model is read, and the pre-processing doctor on the terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from decam_engine.errors import SettingsError
from decam_engine.images import Photo, find_images, load_image
from decam_engine.models import (
    BlackBox,
    Candidate,
    Diagnosis,
    available_providers,
    choose,
    doctor,
    forget_choice,
    save_sidecar,
    sidecar_of,
)
from decam_engine.reports.plain import plain

DONE = 0
# Rows of the table unless --all; the likely candidates are shown in any case.
ROWS = 12
TOP_SHOWN = 2


def add_inspect_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inspect`` besides those of every command that opens a model."""
    parser.add_argument(
        "images", nargs="*", metavar="PHOTO", help="photographs to compare pre-processings on"
    )
    parser.add_argument(
        "--choose", type=int, metavar="N", help="use candidate N from now on, by the model's hash"
    )
    parser.add_argument(
        "--save-sidecar", action="store_true", help="write MODEL.decam.json beside the model"
    )
    parser.add_argument("--force", action="store_true", help="replace a sidecar that is there")
    parser.add_argument("--forget", action="store_true", help="drop what was chosen before")
    parser.add_argument("--all", action="store_true", help="list all candidates")


def run_inspect(options: argparse.Namespace, model: BlackBox, say: Callable[[str], None]) -> int:
    """Print the model's facts and, with photographs, the candidates; act on the choice.

    Args:
        options: of :func:`add_inspect_arguments` and the common ones.
        model: open.
        say: prints a note.

    Raises:
        DecamError: bad input; a sidecar that cannot be written.
    """
    if options.choose is not None and not options.images:
        raise SettingsError("--choose needs the photographs that the list was made with.")
    if options.forget and (options.choose is not None or options.save_sidecar):
        raise SettingsError("--forget cannot be combined with --choose or --save-sidecar.")
    if options.forget:
        return _forget(options, model)
    photos = [load_image(path) for path in _paths(options.images)]
    found = doctor(model, photos) if photos else None
    chosen: Candidate | None = None
    if found is not None and options.choose is not None:
        chosen = found.candidate(options.choose)
        model = choose(model, chosen)
    document = _facts(model)
    if found is not None:
        document["doctor"] = found.to_dict()
    if options.save_sidecar:
        document["saved"] = str(_save(options, model))
    if options.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        _print_facts(document)
        if found is not None:
            _print_candidates(found, photos, options.all)
        if "saved" in document:
            print(f"saved {plain(document['saved'], 500)}")
    if chosen is not None:
        say(f"decam: candidate {chosen.number} is used for this model from now on: {chosen.name}")
        path = sidecar_of(model)
        if path is not None and path.exists() and not options.save_sidecar:
            say(
                f"decam: note: {path.name} beside the model comes before it; replace "
                "it with --save-sidecar --force, or move it away."
            )
    return DONE


def _forget(options: argparse.Namespace, model: BlackBox) -> int:
    there = model.identity is not None and forget_choice(model.identity)
    if options.json:
        print(json.dumps({"name": model.name, "forgotten": there}, ensure_ascii=False))
    else:
        print(
            f"{plain(model.name)}: "
            + ("the choice is forgotten" if there else "nothing was chosen")
        )
    return DONE


def _paths(given: Sequence[str]) -> list[Path]:
    paths: list[Path] = []
    for name in given:
        path = Path(name)
        paths += find_images(path) if path.is_dir() else [path]
    return paths


def _facts(model: BlackBox) -> dict[str, Any]:
    facts = model.describe()
    facts["classes"] = None if model.labels is None else len(model.labels)
    facts["providers_available"] = available_providers()
    return facts


def _save(options: argparse.Namespace, model: BlackBox) -> Path:
    if sidecar_of(model) is not None and model.preprocessing_source == "assumed":
        raise SettingsError(
            f"The pre-processing of {model.name} is a guess, and a guess is not saved: look at the "
            "list with a photograph and choose one with --choose N --save-sidecar."
        )
    return save_sidecar(model, replace=options.force)


# --- on the terminal ---------------------------------------------------------------------


def _print_facts(document: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in document.items():
        if key not in ("doctor", "saved"):
            listed = isinstance(value, dict | list)
            table.add_row(key, json.dumps(value, ensure_ascii=False) if listed else str(value))
    Console(highlight=False, markup=False).print(table)


def _print_candidates(found: Diagnosis, photos: Sequence[Photo], everything: bool) -> None:
    console = Console(highlight=False, markup=False)
    likely = sum(c.likely for c in found.candidates)
    shown = len(found.candidates) if everything else max(ROWS, likely)
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("N", justify="right")
    table.add_column("pre-processing")
    table.add_column("sure", justify="right")
    for photo in photos:
        table.add_column(_plain(photo.name), overflow="fold")
    for c in found.candidates[:shown]:
        marks = (" *" if c.likely else "") + (" (in use)" if c.in_use else "")
        more = f"\n= {len(c.same_as)} more with the same answers" if c.same_as else ""
        answers = [
            "\n".join(f"{p.score:.0%} {_plain(p.label)}" for p in top[:TOP_SHOWN]) or "not a number"
            for top in c.predictions
        ]
        table.add_row(
            str(c.number), f"{c.name}{marks}\n{c.reason}{more}", f"{c.confidence:.0%}", *answers
        )
    console.print()
    console.print(table)
    hidden = len(found.candidates) - shown
    console.print()
    if hidden > 0:
        console.print(f"{hidden} more with --all.")
    console.print(f"* likely. {found.rule}")
    console.print(f"{found.calls:,} model calls. Choose one with --choose N.")


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
