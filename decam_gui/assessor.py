"""Checks of maps off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Slot

from decam_engine import (
    CHECK_CALLS,
    EVIDENCE_CALLS,
    BlackBox,
    Evidence,
    Explanation,
    check_steps,
    evidence_steps,
    stability_steps,
)
from decam_gui.stepper import Stepper, Wanted


@dataclass(frozen=True, eq=False)
class Assessment(Wanted):
    """What is to be assessed: a map, by its model.

    Attributes:
        second: search a second time with another seed, instead of the check.
    """

    box: BlackBox
    result: Explanation
    second: bool = False

    @property
    def calls(self) -> int:
        """Model calls that it takes at most."""
        return self.result.budget if self.second else CHECK_CALLS + EVIDENCE_CALLS


class Assessor(Stepper):
    """Assesses one map at a time; what it finds is the same result that says more of its map."""

    @Slot(object)
    def assess(self, wanted: Assessment) -> None:
        """Faithfulness and evidence, or stability."""
        self.answer(wanted)

    def work(self, wanted: Assessment) -> Explanation | None:
        """Drive the engine's generators until they end or are left between two batches."""
        return self._search(wanted) if wanted.second else self._check(wanted)

    def _check(self, wanted: Assessment) -> Explanation | None:
        box, result = wanted.box, wanted.result
        evidence: Evidence | None = self.drive(wanted, evidence_steps(box, result))
        if evidence is None:
            return None
        known = replace(result, evidence=evidence)
        checked: Explanation | None = self.drive(
            wanted, check_steps(box, known), before=EVIDENCE_CALLS
        )
        return checked

    def _search(self, wanted: Assessment) -> Explanation | None:
        steps = stability_steps(wanted.box, wanted.result)
        answer: bool | None = None
        while True:
            try:
                progress = steps.send(answer)
            except StopIteration as end:
                found: Explanation | None = end.value
                return found
            self.progress.emit(wanted.number, progress.calls)
            answer = self.over(wanted)
