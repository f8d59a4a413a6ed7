"""A line of a folder's index: what became of one question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decam_engine.errors import ExportError
from decam_engine.question import Question

SCHEMA = 1
DONE, STOPPED, FAILED = "done", "stopped", "failed"


@dataclass(frozen=True)
class Entry:
    """What became of one question.

    Attributes:
        question: what was asked.
        state: ``done``; ``stopped``, when it was cancelled or the model failed on the way (what
            was found is there, and can be gone on with); ``failed``, with nothing found.
        error: why it failed or stopped, one sentence; else empty.
        place: its folder, relative to the folder of results, with ``/``; empty if it failed.
        results: one for each explained class: ``manifest`` (file name in ``place``) and the
            facts of :func:`decam_engine.summary.summarise`.
    """

    question: Question
    state: str
    error: str = ""
    place: str = ""
    results: tuple[Mapping[str, Any], ...] = ()

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "schema": SCHEMA,
            "id": self.question.id,
            "state": self.state,
            "error": self.error,
            "place": self.place,
            "question": self.question.record(),
            "results": [dict(r) for r in self.results],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Entry:
        """The inverse of :meth:`record`.

        Raises:
            ExportError: damaged, or of another schema.
        """
        try:
            if record["schema"] != SCHEMA or record["state"] not in (DONE, STOPPED, FAILED):
                raise ValueError(record["schema"], record["state"])
            place = str(record["place"])
            if place.startswith("/") or ".." in place.split("/") or "\\" in place or ":" in place:
                raise ValueError(place)
            results = tuple(dict(r) for r in record["results"])
            for result in results:
                name = str(result["manifest"])
                if not name or Path(name).name != name or "\\" in name:
                    raise ValueError(name)
            return cls(
                Question.from_record(record["question"]),
                str(record["state"]),
                str(record["error"]),
                place,
                results,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ExportError(f"An entry of this folder is damaged ({error!r}).") from None


def entry_bytes(entry: Entry) -> bytes:
    """An entry as it is written: JSON on one line, UTF-8."""
    return record_bytes(entry.record())


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """JSON on one line, UTF-8."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def parse_entry(line: bytes) -> Entry:
    """The inverse of :func:`entry_bytes`.

    Raises:
        ExportError: damaged, or of another schema.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"An entry of this folder is damaged ({error}).") from None
    if not isinstance(record, dict):
        raise ExportError("An entry of this folder is damaged (not an object).")
    return Entry.from_record(record)
