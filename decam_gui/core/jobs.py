"""The queue: what is to be explained, in which order, and how far each is."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from decam_engine import BlackBox, Explanation, Photo, Progress


@dataclass(frozen=True)
class RunSettings:
    """How to search; ``calls`` None means the preset's."""

    method: str = "de"
    preset: str = "balanced"
    calls: int | None = None
    seed: int = 0
    fill: str | None = None

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RunSettings:
        """The inverse of :meth:`record`; what a damaged one lacks is the default."""
        default = cls()
        calls, fill = record.get("calls"), record.get("fill")
        return cls(
            method=str(record.get("method", default.method)),
            preset=str(record.get("preset", default.preset)),
            calls=None if calls is None else int(calls),
            seed=int(record.get("seed", default.seed)),
            fill=None if fill is None else str(fill),
        )


@dataclass(frozen=True)
class JobSpec:
    """What is asked for: a photograph, a model by its address, classes, settings.

    Attributes:
        targets: class numbers that share a run; none = the most probable class.
        labels: what they are called, to be shown before the model is asked.
    """

    path: Path
    address: str
    targets: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    settings: RunSettings = RunSettings()


@dataclass(frozen=True, eq=False)
class Job:
    """One search, as it is handed to the worker.

    Attributes:
        photo: decoded already, or None: the worker decodes ``path`` as ``reading`` says.
        target: the class that is explained, or comes first; None = the most probable one.
        targets: all of them where several share the run.
        resumed: the stopped explanation that this one goes on with, or its manifest.
    """

    number: int
    path: Path
    photo: Photo | None
    box: BlackBox
    target: int | None
    method: str
    preset: str
    calls: int | None
    seed: int
    fill: str | None
    targets: tuple[int, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    resumed: Explanation | Path | None = None
    # Set from the GUI thread: the worker's event loop is blocked while it runs.
    cancel: threading.Event = field(default_factory=threading.Event)


class JobState(StrEnum):
    """Where a job stands; a held one waits until it is let go on."""

    HELD = "held"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


ACTIVE = (JobState.RUNNING, JobState.STOPPING)
PENDING = (JobState.HELD, JobState.WAITING)
UNFINISHED = (*PENDING, *ACTIVE)
ENDED = (JobState.DONE, JobState.STOPPED, JobState.FAILED)


@dataclass(eq=False)
class Entry:
    """A job in the queue.

    Attributes:
        calls, budget: model calls answered and allowed, over all its classes; 0 before it began.
        rate: model calls per second.
        seconds_left: at that rate; None while it is not known.
        text: why it failed, in the engine's words.
        found: classes that have a result.
    """

    number: int
    spec: JobSpec
    state: JobState = JobState.WAITING
    calls: int = 0
    budget: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    text: str = ""
    labels: tuple[str, ...] = ()
    found: list[int] = field(default_factory=list)

    def move_on(self, progress: Progress) -> None:
        """Take over how far it is."""
        classes = max(1, len(self.spec.targets))
        done = len(self.found) * progress.budget
        self.budget = classes * progress.budget
        self.calls = min(self.budget, done + progress.calls)
        self.rate = progress.rate
        left = self.budget - self.calls
        self.seconds_left = left / progress.rate if progress.rate > 0 else None
        if not self.spec.targets:
            self.labels = (progress.target.label,)

    @property
    def fraction(self) -> float:
        """How much of it is done, 0..1."""
        if self.state is JobState.DONE:
            return 1.0
        return self.calls / self.budget if self.budget else 0.0


class Queue:
    """Jobs in the order in which they run; those that ended stay until they are cleared."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.paused = False
        self._by_number: dict[int, Entry] = {}
        self._numbers = 0

    def entry(self, number: int) -> Entry | None:
        """The one of this number."""
        return self._by_number.get(number)

    def place(self, number: int) -> int:
        """Its row; -1 for none."""
        return next((i for i, e in enumerate(self.entries) if e.number == number), -1)

    def add(self, specs: Iterable[JobSpec]) -> list[Entry]:
        """Append those that are not waiting or running already."""
        known = {e.spec for e in self.entries if e.state in UNFINISHED}
        made = []
        for spec in specs:
            if spec in known:
                continue
            known.add(spec)
            self._numbers += 1
            made.append(Entry(self._numbers, spec, labels=spec.labels))
        self.entries += made
        self._by_number |= {e.number: e for e in made}
        return made

    def put(self, entries: Iterable[tuple[int, Entry]]) -> None:
        """Put entries back in their places."""
        for place, entry in sorted(entries, key=lambda pair: pair[0]):
            self.entries.insert(min(place, len(self.entries)), entry)
            self._by_number[entry.number] = entry
            self._numbers = max(self._numbers, entry.number)

    def take(self, numbers: Iterable[int]) -> list[tuple[int, Entry]]:
        """Take entries out; returns them with their places."""
        chosen = set(numbers)
        taken = [(i, e) for i, e in enumerate(self.entries) if e.number in chosen]
        self.entries = [e for e in self.entries if e.number not in chosen]
        for _, entry in taken:
            del self._by_number[entry.number]
        return taken

    def running(self) -> Entry | None:
        """The one under way."""
        return next((e for e in self.entries if e.state in ACTIVE), None)

    def waiting(self) -> list[Entry]:
        """Those whose turn comes, in order."""
        return [e for e in self.entries if e.state is JobState.WAITING]

    def pending(self) -> list[Entry]:
        """Those that have not begun, held ones too."""
        return [e for e in self.entries if e.state in PENDING]

    def unfinished(self) -> list[Entry]:
        """Those under way or not begun."""
        return [e for e in self.entries if e.state in UNFINISHED]

    def move(self, number: int, by: int) -> bool:
        """Let a job that has not begun run earlier (-1) or later (1) among its like."""
        order = [i for i, e in enumerate(self.entries) if e.state in PENDING]
        place = self.place(number)
        if place not in order:
            return False
        there = order.index(place) + by
        if not 0 <= there < len(order):
            return False
        other = order[there]
        entry = self.entries.pop(place)
        self.entries.insert(other, entry)
        return True

    def totals(self) -> tuple[int, int]:
        """(jobs that ended, all jobs) of what was asked for since the queue was last empty."""
        ended = sum(e.state in ENDED for e in self.entries)
        return ended, len(self.entries)
