"""The index of a folder of results: a line for each question that was answered, or failed.

Lines are only ever appended; of two about one question, the newer counts. Half a line at the end,
of a write that was cut short, does not count and is written over.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from decam_engine.entry import DONE, Entry, entry_bytes, parse_entry


class Index:
    """Where the newest line of each question begins: some 100 bytes of memory for each.

    Attributes:
        end: where the index ends, in bytes.
        places: file names of results that lie right in the place that was asked for, see
            :meth:`read`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        self.places: set[str] = set()
        self._lines: dict[bytes, int] = {}
        # Those of them whose newest line says that they were not answered in full.
        self._open: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._lines)

    def read(self, place: str) -> None:
        """Find where the lines begin.

        Args:
            place: a folder whose results are noted by name in ``places``.

        Raises:
            OSError: the file cannot be read.
        """
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as stream:
            at = 0
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
                    record = json.loads(line)
                    self._note(bytes.fromhex(record["id"]), record["state"], at)
                    if record["place"] == place:
                        self.places.update(str(r["manifest"]) for r in record["results"])
                at += len(line)
            self.end = at

    def entries(self, since: int) -> Iterator[Entry]:
        """The newest entry of each question whose line begins there or later, in order."""
        newest = set(self._lines.values())
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as stream:
            stream.seek(min(since, self.end))
            while stream.tell() < self.end:
                at = stream.tell()
                line = stream.readline()
                if at in newest:
                    yield parse_entry(line)

    def find(self, question: str) -> Entry | None:
        """The newest entry of a question, by its id, or None."""
        at = self._lines.get(bytes.fromhex(question))
        if at is None:
            return None
        with self.path.open("rb") as stream:
            stream.seek(at)
            return parse_entry(stream.readline())

    def is_done(self, question: str) -> bool:
        """Whether the newest entry of a question says that it was answered in full."""
        key = bytes.fromhex(question)
        return key in self._lines and key not in self._open

    def done(self) -> Iterator[str]:
        """Ids of the questions that were answered in full."""
        return (key.hex() for key in self._lines.keys() - self._open)

    def add(self, entry: Entry) -> None:
        """Append an entry, synced.

        Raises:
            OSError: the disk does not take it.
        """
        line = entry_bytes(entry)
        with self.path.open("ab") as stream:
            # Half a line of an append that failed (a full disk) is written over.
            if stream.seek(0, os.SEEK_END) != self.end:
                stream.truncate(self.end)
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        self._note(bytes.fromhex(entry.question.id), entry.state, self.end)
        self.end += len(line)

    def cut(self) -> None:
        """Take half a line off the end.

        Raises:
            OSError: the file cannot be written.
        """
        if self.path.exists() and self.path.stat().st_size != self.end:
            with self.path.open("r+b") as stream:
                stream.truncate(self.end)

    def _note(self, key: bytes, state: str, at: int) -> None:
        self._lines[key] = at
        if state == DONE:
            self._open.discard(key)
        else:
            self._open.add(key)
