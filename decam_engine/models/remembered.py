"""Pre-processing that the user chose for a model, remembered by the model's hash."""

from __future__ import annotations

import contextlib
from pathlib import Path

from decam_engine.errors import ExportError, SettingsError
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.store import data_folder, read_json, write_json

SCHEMA = 1


def recall_choice(identity: str) -> Preprocessing | None:
    """The choice for a model, or None when there is none or it is damaged."""
    record = read_json(_path(identity))
    if record.get("schema") != SCHEMA:
        return None
    try:
        return Preprocessing.from_dict(record["preprocessing"])
    except (KeyError, SettingsError):
        return None


def remember_choice(identity: str, preprocessing: Preprocessing) -> Path:
    """Keep a choice for the next time the model is opened.

    Raises:
        ExportError: it could not be written.
    """
    path = _path(identity)
    if not write_json(path, {"schema": SCHEMA, "preprocessing": preprocessing.to_dict()}):
        raise ExportError(
            f"The choice could not be remembered: expected to write to {path.parent}, which the "
            "system refused. Free some space or save it as a sidecar file instead."
        )
    return path


def forget_choice(identity: str) -> bool:
    """Drop what was remembered; whether there was something."""
    path = _path(identity)
    with contextlib.suppress(OSError):
        path.unlink()
        return True
    return False


def _path(identity: str) -> Path:
    return data_folder() / "choices" / f"{identity}.json"
