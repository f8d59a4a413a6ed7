"""Checks of maps off the GUI thread: a worker beside those of ``worker.py``."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import (
    CHECK_CALLS,
    EVIDENCE_CALLS,
    Agreement,
    BlackBox,
    DecamError,
    Evidence,
    Explanation,
    check_steps,
    compare_maps,
    evidence_steps,
    second_search_steps,
)


@dataclass(frozen=True, eq=False)
class Assessment:
    """What is to be assessed: a map, by its model.

    ``cancel`` is set from the GUI thread: the worker's event loop is blocked while it works.

    Attributes:
        second: search a second time with another seed, instead of the check.
        calls: model calls that it takes.
    """

    number: int
    box: BlackBox
    result: Explanation
    second: bool = False
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def calls(self) -> int:
        """Model calls that it takes at most."""
        return self.result.budget if self.second else CHECK_CALLS + EVIDENCE_CALLS


@dataclass(frozen=True, eq=False)
class Checked:
    """A map with its faithfulness, and the scores with and without what it points at."""

    result: Explanation
    evidence: Evidence


@dataclass(frozen=True, eq=False)
class Second:
    """How far a second search agrees with the first."""

    seed: int
    agreement: Agreement


class Assessor(QObject):
    """Assesses one map at a time; every assessment ends in one of the last three signals."""

    progress = Signal(int, int)
    found = Signal(int, object)
    stopped = Signal(int)
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        # Of all assessments, when the window closes.
        self.stop = threading.Event()

    @Slot(object)
    def assess(self, wanted: Assessment) -> None:
        """Drive the engine's generators until they end or are stopped between two batches."""
        try:
            answer = self._search(wanted) if wanted.second else self._check(wanted)
        except DecamError as error:
            self.failed.emit(wanted.number, str(error))
        except Exception:
            self.failed.emit(
                wanted.number, self.tr("The check stopped because of an error in the program.")
            )
            raise
        else:
            if answer is None:
                self.stopped.emit(wanted.number)
            else:
                self.found.emit(wanted.number, answer)

    def _check(self, wanted: Assessment) -> Checked | None:
        evidence: Evidence | None = self._drive(
            wanted, evidence_steps(wanted.box, wanted.result), 0
        )
        if evidence is None:
            return None
        checked: Explanation | None = self._drive(
            wanted, check_steps(wanted.box, wanted.result), EVIDENCE_CALLS
        )
        return None if checked is None else Checked(checked, evidence)

    def _drive(self, wanted: Assessment, steps: Generator[int, None, Any], before: int) -> Any:
        """What the generator returns; None when it was left."""
        while not self._over(wanted):
            try:
                self.progress.emit(wanted.number, before + next(steps))
            except StopIteration as end:
                return end.value
        steps.close()
        return None

    def _search(self, wanted: Assessment) -> Second | None:
        steps = second_search_steps(wanted.box, wanted.result)
        answer: bool | None = None
        while True:
            try:
                progress = steps.send(answer)
            except StopIteration as end:
                second: Explanation = end.value
                break
            self.progress.emit(wanted.number, progress.calls)
            answer = self._over(wanted)
        if second.stopped:
            return None
        maps = wanted.result.input_saliency, second.input_saliency
        return Second(second.seed, compare_maps(*maps))

    def _over(self, wanted: Assessment) -> bool:
        return self.stop.is_set() or wanted.cancel.is_set()
