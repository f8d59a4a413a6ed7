"""Which jobs of a session were finished before its list could say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from decam_engine import DecamError, Entry, __version__, check_settings
from decam_gui.core.folder import SessionRecord
from decam_gui.core.jobs import JobSpec
from decam_gui.core.library import Library

UNFINISHED_REASONS = ("cancelled", "failed")
Key = tuple[Any, ...]


class Finished:
    """What the answers of a folder answer, to be compared with its jobs."""

    def __init__(
        self,
        record: SessionRecord,
        names: Mapping[str, Path],
        addresses: Mapping[str, str],
        library: Library,
    ) -> None:
        """``names`` and ``addresses``: where photographs and models are that were elsewhere."""
        # Answered classes of each kind of run; None among them: the most probable one.
        self._answered: dict[Key, set[int | None]] = {}
        for entry in record.entries:
            q, place = entry.question, str(entry.question.photo["path"])
            path, address = names.get(place), str(q.model.get("address"))
            # Another version searches otherwise, and another reading is another picture.
            if entry.state != "done" or q.version != __version__ or path is None:
                continue
            if dict(q.photo["reading"]) != library.reading(path):
                continue
            run = (q.method, q.preset, q.budget, q.seed, q.fill)
            key = (path, addresses.get(address, address), *run)
            self._answered.setdefault(key, set()).update(_classes(entry))
        # Of sessions of older versions, by what the job was called.
        self._named: dict[str, set[int]] = {}
        for line in record.results:
            if line.job and line.kept.stop_reason not in UNFINISHED_REASONS:
                self._named.setdefault(line.job, set()).add(line.kept.target)

    def has(self, spec: JobSpec, name: str) -> bool:
        """Whether a job, called so, was finished."""
        named = self._named.get(name, set())
        if named and named >= set(spec.targets):
            return True
        s = spec.settings
        try:
            budget = check_settings(**s.record())
        except DecamError:
            return False
        key = (spec.path, spec.address, s.method, s.preset, budget, s.seed, s.fill)
        return self._answered.get(key, set()) >= (set(spec.targets) or {None})


def _classes(entry: Entry) -> set[int | None]:
    found: set[int | None] = {int(r["row"]["target_index"]) for r in entry.results if "row" in r}
    if not entry.question.targets:
        found.add(None)
    return found
