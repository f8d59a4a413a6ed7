"""The photographs of a session: their order, how each is read, and what is decoded just now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decam_gui.worker import OpenedPhoto

# What load_image does when it is not told anything, as a manifest records it.
DEFAULT_READING = {"page": None, "window": None, "background": [255, 255, 255]}
# Decoded photographs kept in memory; the others are decoded again when they are chosen.
KEPT_DECODED = 8


class Library:
    """Thousands of paths, a few of them decoded.

    Attributes:
        paths: in the order in which they came.
        problems: why a file cannot be used, in the engine's words.
        missing: files that a session names and that are not where they were.
        readings: photographs that are read in a chosen way.
        rereading: those of them whose last way is still being carried out: what was learnt of
            them before is of another picture.
        hashes: SHA-256 of the files that were read.
    """

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.problems: dict[Path, str] = {}
        self.missing: set[Path] = set()
        self.readings: dict[Path, dict[str, Any]] = {}
        self.rereading: set[Path] = set()
        self.hashes: dict[Path, str] = {}
        self._known: set[Path] = set()
        self._decoded: OrderedDict[Path, OpenedPhoto] = OrderedDict()

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def add(self, paths: Iterable[Path]) -> list[Path]:
        """Append those that are not there yet, and return them."""
        new = [p for p in dict.fromkeys(paths) if p not in self._known]
        self.paths += new
        self._known.update(new)
        return new

    def insert(self, place: int, path: Path) -> None:
        """Put one back where it was."""
        if path not in self._known:
            self.paths.insert(min(place, len(self.paths)), path)
            self._known.add(path)

    def remove(self, path: Path) -> int:
        """Take one off the list; returns its place."""
        place = self.paths.index(path)
        del self.paths[place]
        self._known.discard(path)
        self._decoded.pop(path, None)
        self.rereading.discard(path)
        return place

    def take(self, paths: Iterable[Path]) -> list[tuple[int, Path]]:
        """Take several off the list; returns them with the places they had, in order."""
        gone = set(paths)
        taken = [(i, p) for i, p in enumerate(self.paths) if p in gone]
        self.paths = [p for p in self.paths if p not in gone]
        self._known -= gone
        self.rereading -= gone
        for path in gone:
            self._decoded.pop(path, None)
        return taken

    def replace(self, old: Path, new: Path) -> None:
        """The same photograph is somewhere else now."""
        self.paths[self.paths.index(old)] = new
        self._known.discard(old)
        self._known.add(new)
        self.missing.discard(old)
        self.problems.pop(old, None)
        for record in (self.readings, self.hashes):
            if old in record:
                record[new] = record.pop(old)  # type: ignore[index]

    def reading(self, path: Path) -> dict[str, Any]:
        """How a photograph is read, as its result records it."""
        return {**DEFAULT_READING, **self.readings.get(path, {})}

    def keep(self, opened: OpenedPhoto, current: Path | None) -> None:
        """Remember a decoded photograph, and put the oldest away."""
        self._decoded[opened.path] = opened
        self._decoded.move_to_end(opened.path)
        self.hashes[opened.path] = opened.photo.sha256
        while len(self._decoded) > KEPT_DECODED:
            oldest = next(p for p in self._decoded if p != current)
            del self._decoded[oldest]

    def decoded(self, path: Path | None) -> OpenedPhoto | None:
        """The photograph, if it is decoded just now."""
        return None if path is None else self._decoded.get(path)

    def put_away(self, path: Path) -> None:
        """Forget the decoded picture."""
        self._decoded.pop(path, None)

    def at_hand(self, current: Path | None, most: int) -> list[OpenedPhoto]:
        """Decoded photographs, the current one first, then in the order of the list."""
        found = [o for p, o in self._decoded.items() if p in self._known]
        places = {p: i for i, p in enumerate(self.paths)} if len(found) > 1 else {}
        found.sort(key=lambda o: (o.path != current, places.get(o.path, 0)))
        return found[:most]


@dataclass(eq=False)
class Removed:
    """A photograph that was taken off the list, with all that is needed to put it back.

    Attributes:
        findings: what was found of it, by the address of the model.
        entries: its jobs that had not begun, with their places in the queue.
    """

    path: Path
    place: int
    problem: str
    reading: dict[str, Any] | None
    sha256: str
    missing: bool
    findings: dict[tuple[Path, str], Any]
    entries: list[tuple[int, Any]]
