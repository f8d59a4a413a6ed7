"""How this machine's cores are split: photographs at a time, and runs of the model for each.

What is best depends on the model: a large one keeps all cores busy by itself, a small one waits
for the search between its runs. Maps do not depend on it. So it is measured on the batch itself:
the first photographs are answered in one way, the next in another, and none is answered twice.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from decam_engine.batch.opening import ModelSpec, opened
from decam_engine.errors import ModelError
from decam_engine.machine import processor, usable_cores
from decam_engine.models.store import cache_folder, read_json, write_json

# Each way is tried for so many photographs per place, and seconds, at least.
ROUNDS = 2
LEAST_SECONDS = 4.0
# A way with more at a time must be this much faster: it needs more memory.
GAIN = 1.02


@dataclass(frozen=True)
class Split:
    """So many photographs at a time, each with so many runs of the model at a time."""

    photos: int
    runs: int


def candidates(cores: int, threads: int, runs: int) -> tuple[Split, ...]:
    """Ways worth trying, the plainest first.

    Args:
        threads, runs: of the model's fastest configuration, see
            :class:`decam_engine.models.tuning.Configuration`.
    """
    found = [Split(1, runs), Split(2, runs), Split(max(2, cores), 1), Split(cores + 1, 1)]
    return tuple(dict.fromkeys(found))


class Trial:
    """Chooses among ways while the work goes on."""

    def __init__(self, ways: Sequence[Split], key: str | None = None) -> None:
        """``key``: what the fastest way is remembered by; None = it is not."""
        self.ways = tuple(ways)
        self._key = key
        self.rates: dict[Split, float] = {}
        self._turn = 0
        self._started = time.perf_counter()
        self._calls = self._answers = 0
        # Answers begun under the way before do not count.
        self._stale = 0

    @property
    def way(self) -> Split:
        """What to do now."""
        return self.best if self.over else self.ways[self._turn]

    @property
    def over(self) -> bool:
        """Whether all were tried."""
        return self._turn >= len(self.ways)

    @property
    def best(self) -> Split:
        """The fastest so far; the plainest of those that are about as fast."""
        found = self.ways[0]
        for way, rate in self.rates.items():
            if rate > GAIN * self.rates.get(found, 0.0):
                found = way
        return found

    def answered(self, total_calls: int, under_way: int) -> None:
        """Note an answer.

        Args:
            total_calls: inputs scored so far in this run, by all.
            under_way: photographs still being explained.
        """
        if self.over:
            return
        if self._stale > 0:
            self._stale -= 1
            if self._stale == 0:
                self._start(total_calls)
            return
        self._answers += 1
        seconds = time.perf_counter() - self._started
        if self._answers >= ROUNDS * self.way.photos and seconds >= LEAST_SECONDS:
            self.rates[self.way] = (total_calls - self._calls) / seconds
            self._turn += 1
            self._stale = under_way
            self._start(total_calls)
            if self._turn == len(self.ways) and self._key is not None:
                remember(self._key, self.best)

    def _start(self, total_calls: int) -> None:
        self._started, self._calls, self._answers = time.perf_counter(), total_calls, 0


def started_trial(model: ModelSpec) -> Trial:
    """A trial for a model, or the way that an earlier one found."""
    try:
        box = opened(model)
        box.tune()
    except ModelError:
        # Its task will say so.
        return Trial([Split(1, 1)])
    if model.served:
        # A server does the work, and is sent no more requests at a time than it was given.
        return Trial([Split(box.configuration.concurrency, 1)])
    setting = box.configuration
    key = f"{model.key}|{setting.batch_size}|{setting.threads}|{processor()}|{usable_cores()}"
    known = recall(key)
    ways = candidates(usable_cores(), setting.threads, setting.concurrency)
    return Trial(ways, key) if known is None else Trial([known])


def recall(key: str) -> Split | None:
    """The way remembered under a key, if it is usable."""
    record = read_json(_path()).get(_hash(key))
    try:
        photos, runs = int(record["photos"]), int(record["runs"])  # type: ignore[index]
    except (LookupError, TypeError, ValueError):
        return None
    usable = range(1, 65)
    return Split(photos, runs) if photos in usable and runs in usable else None


def remember(key: str, split: Split) -> None:
    """Keep a way for the next batch; a cache that cannot be written is no error."""
    records = read_json(_path())
    records[_hash(key)] = asdict(split)
    write_json(_path(), records)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _path() -> Path:
    return cache_folder() / "splits.json"
