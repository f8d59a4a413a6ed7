"""What was found: scores and results of each photograph under each model."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from decam_engine import Explanation, load_explanation

# Results kept in memory; older ones that are on disk are read again when they are looked at.
KEPT_RESULTS = 12

# A result on disk that is not there is looked for so often again, so much later each time.
LOOKS, SECONDS_BETWEEN = 5, 0.05

# Reasons for which a run ends before its budget is spent.
STOPPED = ("cancelled", "failed")

Key = tuple[Path, str]


@dataclass(frozen=True)
class KeptResult:
    """A result on disk, and what the lists say about it.

    Attributes:
        manifest: its ``.json`` file.
        stop_reason: as that of an explanation.
    """

    manifest: Path
    target: int
    label: str
    score: float
    stop_reason: str


@dataclass(frozen=True)
class SavedMap:
    """A result that is not in memory: its manifest, and where its photograph is now."""

    manifest: Path
    photo: Path

    def read(self) -> Explanation:
        """Raises DecamError: it cannot be shown."""
        # While more is written of a result, there is a moment without its files.
        for _ in range(LOOKS):
            # Nothing comes back to a folder that is gone.
            if self.manifest.exists() or not self.manifest.parent.parent.is_dir():
                break
            time.sleep(SECONDS_BETWEEN)
        return load_explanation(self.manifest, photo=self.photo)


@dataclass(eq=False)
class ModelState:
    """What is known of one photograph under one model.

    Attributes:
        results: by class number, those in memory.
        kept: by class number, those on disk.
        failure: why its last run gave nothing.
        top: the model's answer where ``scores`` are not known: (class number, label, score).
    """

    scores: npt.NDArray[np.float32] | None = None
    target: int | None = None
    problem: str = ""
    failure: str = ""
    results: dict[int, Explanation] = field(default_factory=dict)
    kept: dict[int, KeptResult] = field(default_factory=dict)
    top: tuple[int, str, float] | None = None

    def has_result(self) -> bool:
        """Whether anything was explained."""
        return bool(self.results or self.kept)

    def is_finished(self, target: int) -> bool:
        """Whether this class has a map whose run was not stopped."""
        result, kept = self.results.get(target), self.kept.get(target)
        if result is not None:
            return not result.stopped
        return kept is not None and kept.stop_reason not in STOPPED

    def stopped(self) -> bool:
        """Whether all that was explained was stopped on its way."""
        reasons = [r.stop_reason for r in self.results.values()]
        reasons += [k.stop_reason for t, k in self.kept.items() if t not in self.results]
        return bool(reasons) and all(r in STOPPED for r in reasons)


class Findings:
    """Keyed by (photograph, address of the model)."""

    def __init__(self) -> None:
        self.states: dict[Key, ModelState] = {}
        self._recent: OrderedDict[tuple[Path, str, int], None] = OrderedDict()

    def state(self, path: Path, address: str) -> ModelState:
        """What is known, made anew where nothing is."""
        return self.states.setdefault((path, address), ModelState())

    def known(self, path: Path, address: str) -> ModelState | None:
        """What is known, if anything."""
        return self.states.get((path, address))

    def forget(self, unwanted: Callable[[Key], bool]) -> dict[Key, ModelState]:
        """Drop what is known of some; returns it."""
        gone = {key: state for key, state in self.states.items() if unwanted(key)}
        for key in gone:
            del self.states[key]
        return gone

    def forget_photo(self, path: Path) -> dict[Key, ModelState]:
        """Drop what is known of one photograph; returns it."""
        return self.forget(lambda key: key[0] == path)

    def keep(self, path: Path, address: str, result: Explanation) -> None:
        """Remember a result; the oldest that are on disk leave the memory."""
        state = self.state(path, address)
        state.results[result.target.index] = result
        state.failure = ""
        if result.predictions:
            first = result.predictions[0]
            state.top = (first.index, first.label, first.score)
        self.touch(path, address, result.target.index)

    def touch(self, path: Path, address: str, target: int) -> None:
        """It is looked at: let it stay."""
        key = (path, address, target)
        self._recent[key] = None
        self._recent.move_to_end(key)
        self.tidy()

    def tidy(self, keep: tuple[Path, str, int] | None = None) -> None:
        """Let the oldest results that lie on disk leave the memory, but not the one on show."""
        for oldest in list(self._recent)[:-KEPT_RESULTS]:
            state = self.states.get(oldest[:2])
            if state is None or oldest[2] not in state.results:
                del self._recent[oldest]
            elif oldest[2] in state.kept and oldest != keep:
                del state.results[oldest[2]]
                del self._recent[oldest]

    def move(self, old: Path, new: Path) -> None:
        """The photograph is somewhere else now."""
        for path, address in [k for k in self.states if k[0] == old]:
            self.states[new, address] = self.states.pop((path, address))

    def readdress(self, old: str, new: str) -> None:
        """The model is somewhere else now."""
        for path, address in [k for k in self.states if k[1] == old]:
            self.states[path, new] = self.states.pop((path, address))

    def kept_moved(self, old: Path, new: Path) -> None:
        """The folder of the results on disk is another one now."""
        for state in self.states.values():
            for target, kept in state.kept.items():
                if kept.manifest.is_relative_to(old):
                    place = new / kept.manifest.relative_to(old)
                    state.kept[target] = replace(kept, manifest=place)
