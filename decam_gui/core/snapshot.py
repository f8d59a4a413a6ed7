"""What is written of a session, taken in a moment and made into a record off the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decam_gui.core.files import FileEntry
from decam_gui.core.jobs import JobSpec, RunSettings


@dataclass(frozen=True)
class OpenModel:
    """A model of the session; ``path`` None for one on a server."""

    address: str
    path: Path | None
    facts: Mapping[str, Any]
    reading: Mapping[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """Copies of lists, and things that never change.

    Attributes:
        before: other places where a file was earlier.
        jobs: (what it is called in the folder, what was asked for), those not finished.
        missing: models that are not where they were.
    """

    photos: list[Path]
    hashes: dict[Path, str]
    readings: dict[Path, dict[str, Any]]
    before: dict[Path, list[str]]
    models: list[OpenModel]
    missing: list[FileEntry]
    jobs: list[tuple[str, JobSpec]]
    current: Path | None
    model: str
    settings: RunSettings

    def record(self, folder: Path) -> dict[str, Any]:
        """JSON-ready, with paths relative to the folder too."""
        photos = [
            FileEntry(
                path,
                sha256=self.hashes.get(path, ""),
                before=self.before.get(path, []),
                extra={"reading": self.readings[path]} if path in self.readings else {},
            )
            for path in self.photos
        ]
        models = [
            FileEntry(
                Path(m.address) if m.path is None else m.path,
                sha256=str(m.facts.get("sha256") or ""),
                before=[] if m.path is None else self.before.get(m.path, []),
                extra={
                    "address": m.address,
                    "reading": dict(m.reading),
                    "preprocessing": m.facts.get("preprocessing"),
                },
            )
            for m in self.models
        ]
        return {
            "photos": [p.record(folder) for p in photos],
            "models": [m.record(folder) for m in (*models, *self.missing)],
            "current": "" if self.current is None else str(self.current),
            "model": self.model,
            "settings": self.settings.record(),
            "jobs": [
                {
                    "id": name,
                    "photo": str(spec.path),
                    "model": spec.address,
                    "targets": list(spec.targets),
                    "labels": list(spec.labels),
                    "settings": spec.settings.record(),
                }
                for name, spec in self.jobs
            ],
        }
