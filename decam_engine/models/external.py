"""Weights outside the model file: only files in the model's own folder are ever read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from decam_engine.errors import ModelError


def check_external(model: Path, locations: Sequence[str]) -> list[Path]:
    """The files that a model names, each proven to lie in the model's folder or below.

    Raises:
        ModelError: one lies elsewhere (by its name or through a link), or is missing.
    """
    folder = model.parent.resolve()
    return [_inside(model, folder, location) for location in locations]


def _inside(model: Path, folder: Path, location: str) -> Path:
    parts = PurePosixPath(location.replace("\\", "/")).parts
    outside = (
        not location
        or "\0" in location
        or location.startswith(("/", "\\", "*/"))
        or PureWindowsPath(location).drive != ""
        or ".." in parts
    )
    path = folder / location if not outside else folder
    try:
        outside = outside or not path.resolve().is_relative_to(folder)
        missing = not outside and not path.is_file()
    except (OSError, ValueError, RuntimeError):
        outside, missing = True, False
    shown = "".join(c if c.isprintable() else "?" for c in location[:120])
    if outside:
        raise ModelError(
            f"{model.name} wants its weights from {shown!r}: expected a file in the model's own "
            "folder, found a place outside it. It was not opened; copy the file beside the model "
            "and export it with a plain file name."
        )
    if missing:
        raise ModelError(
            f"{model.name} is not complete: expected its weights in {shown!r} beside it, found no "
            "such file. Copy that file into the model's folder."
        )
    return path


def digest(file: Path) -> str:
    """SHA-256 of a file, read in pieces.

    Raises:
        ModelError: unreadable.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The model {file} could not be read ({error}).") from None


def identity_of(sha256: str, external: Mapping[str, str]) -> str:
    """Hash of a model with its external weights: what a remembered fact belongs to."""
    if not external:
        return sha256
    parts = [sha256, *(f"{k}={v}" for k, v in sorted(external.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
