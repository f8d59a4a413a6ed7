"""Files that a session names, and how they are found again when they were moved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class FileEntry:
    """A file of a session, by all that helps to find it again.

    Attributes:
        path: where it was, absolute.
        relative: the same from the session's folder, for folders that move together.
        sha256: of its content; empty where it was never read.
        before: other places where it was earlier.
        extra: what belongs to it (how a photograph is read, how a model is fed).
    """

    path: Path
    relative: str = ""
    sha256: str = ""
    before: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def record(self, folder: Path) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "path": str(self.path),
            "relative": _relative(self.path, folder),
            "sha256": self.sha256,
            **({"before": self.before} if self.before else {}),
            **self.extra,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], folder: Path) -> FileEntry:
        """The inverse, with the place where the file is now, or was last."""
        rest = {
            k: v for k, v in record.items() if k not in ("path", "relative", "sha256", "before")
        }
        entry = cls(
            Path(str(record["path"])),
            str(record.get("relative") or ""),
            str(record.get("sha256") or ""),
            [str(b) for b in record.get("before", ())],
            rest,
        )
        near = Path(os.path.normpath(folder / entry.relative)) if entry.relative else None
        if not entry.path.exists() and near is not None and near.exists():
            entry.before.append(str(entry.path))
            entry.path = near
        return entry


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes; empty where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def find_moved(missing: Iterable[tuple[Path, str]], chosen: Path) -> dict[Path, Path]:
    """Where missing files are now, given the place of one: it, and its siblings by their content.

    Args:
        missing: (where it was, its SHA-256 or nothing).
        chosen: the file that one of them has become, or a folder that holds them.
    """
    wanted = list(missing)
    folder = chosen if chosen.is_dir() else chosen.parent
    by_hash = {sha: path for path, sha in wanted if sha}
    by_name = {path.name: path for path, sha in wanted if not sha}
    found: dict[Path, Path] = {}
    first = [chosen] if chosen.is_file() else []
    siblings = sorted(p for p in folder.iterdir() if p.is_file() and p not in first)
    names = {path.name for path, _ in wanted}
    # Those of the same name first: then the others need not be read when all are found.
    siblings.sort(key=lambda p: p.name not in names)
    suffixes = {path.suffix.lower() for path, _ in wanted}
    for place in (*first, *siblings):
        if not by_hash and not by_name:
            break
        if place not in first and place.suffix.lower() not in suffixes:
            continue
        old = by_hash.pop(file_hash(place), None) if by_hash else None
        if old is None:
            old = by_name.pop(place.name, None)
        if old is not None:
            found[old] = place
    return found


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return ""
