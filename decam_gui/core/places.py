"""Where sessions are kept, and which there are."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from decam_gui.core.names import INDEX, LOCK

SESSIONS_VARIABLE = "DECAM_SESSIONS_DIR"
DATA_VARIABLE = "DECAM_DATA_DIR"
MOST_RECENT = 8


@dataclass(frozen=True)
class Recent:
    """A session that can be opened again.

    Attributes:
        changed: seconds since the epoch.
        photos, unfinished: how many it names.
        locked: a process has it open, or had when it ended without closing it.
    """

    folder: Path
    changed: float
    photos: int
    unfinished: int
    locked: bool

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.name


def sessions_folder(chosen: str, default: str) -> Path:
    """The variable, else what the user chose, else the system's place for data of programs."""
    variable = os.environ.get(SESSIONS_VARIABLE)
    if variable:
        return Path(variable)
    if chosen:
        return Path(chosen)
    data = os.environ.get(DATA_VARIABLE)
    return (Path(data) if data else Path(default)) / "sessions"


def recent_sessions(root: Path, others: list[str]) -> list[Recent]:
    """Sessions below the usual place and in the other ones that were used, newest first."""
    folders = {Path(p) for p in others}
    if root.is_dir():
        folders |= {p for p in root.iterdir() if p.is_dir()}
    dated = []
    for folder in folders:
        try:
            dated.append(((folder / INDEX).stat().st_mtime, folder))
        except OSError:
            continue
    dated.sort(reverse=True)
    found = []
    for changed, folder in dated[:MOST_RECENT]:
        try:
            record = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            photos, jobs = len(record["photos"]), len(record.get("jobs", ()))
        except (OSError, ValueError, LookupError, TypeError):
            continue
        found.append(Recent(folder, changed, photos, jobs, (folder / LOCK).exists()))
    return found
