"""A pre-processing in a JSON file: for models that have no place of their own to state it."""

from __future__ import annotations

import json
from pathlib import Path

from decam_engine.errors import SettingsError
from decam_engine.models.preprocessing import Preprocessing

MAX_BYTES = 20_000_000


def read_preprocessing(path: str | Path) -> Preprocessing:
    """Read the record of a pre-processing: alone, or the ``preprocessing`` of a sidecar.

    Raises:
        SettingsError: missing, not JSON, or no such record.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise SettingsError(f"{file} is too large; expected a short JSON file.")
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SettingsError(
            f"The pre-processing {file} could not be read ({error}). Expected JSON with fields "
            "such as resize, scale, mean and std."
        ) from None
    if isinstance(record, dict) and "preprocessing" in record:
        record = record["preprocessing"]
    try:
        return Preprocessing.from_dict(record)
    except SettingsError as error:
        raise SettingsError(f"The pre-processing {file} cannot be used: {error}") from None
