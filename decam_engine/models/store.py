"""Small JSON files that are remembered between starts: written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import platformdirs

CACHE_VARIABLE = "DECAM_CACHE_DIR"
DATA_VARIABLE = "DECAM_DATA_DIR"
APP = "decam-studio"
# What lies in the cache folder, as patterns.
CACHED = ("*.json", "probes/*.json")


def cache_folder() -> Path:
    """What can be measured anew at any time."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir(APP))


def data_folder() -> Path:
    """What the user decided."""
    return Path(os.environ.get(DATA_VARIABLE) or platformdirs.user_data_dir(APP))


def cache_size() -> int:
    """Bytes of the files that are remembered to save time."""
    return sum(_bytes(file) for file in _remembered())


def clear_cache() -> None:
    """Forget what can be measured anew; what the user decided stays."""
    for file in _remembered():
        with contextlib.suppress(OSError):
            file.unlink()


def _remembered() -> list[Path]:
    """Our own files alone: the folder may be anything that the user named."""
    folder = cache_folder()
    return [file for pattern in CACHED for file in folder.glob(pattern) if file.is_file()]


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; empty when there is none or it is damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def write_json(path: Path, record: dict[str, Any]) -> bool:
    """Write a JSON object atomically; False where that is not possible."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(record, indent=1), encoding="utf-8")
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        return False
    return True
