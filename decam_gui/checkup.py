"""The pre-processing doctor as the window knows it: what it would cost, how far it is, its answer.

As the session, it holds no widget and no thread. What is chosen goes through the session, whose
model it changes.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import Candidate, Diagnosis, doctor_calls
from decam_gui.examiner import Examination
from decam_gui.session import Session
from decam_gui.worker import OpenedModel

# More photographs hardly tell more, and cost about 70 calls each.
MOST_PHOTOS = 4
USE, FORGET = "use", "forget"


class Stage(Enum):
    """How far a check is."""

    PLANNED = "planned"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


class Checkup(QObject):
    """One check at a time, of the model in use on the photographs at hand."""

    # The stage changed; more calls were made.
    changed = Signal()
    progressed = Signal(int, int)
    # What became of choosing, forgetting and saving; the sidecar that is in the way.
    used = Signal()
    forgotten = Signal()
    saved = Signal(object)
    replace_asked = Signal(object)
    trouble = Signal(str)

    # Requests for the workers.
    start_check = Signal(object)
    save_way = Signal(object, bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._numbers = 0
        self.stage = Stage.PLANNED
        self.plan: Examination | None = None
        self.diagnosis: Diagnosis | None = None
        self.problem = ""
        # What was asked for and has not come true yet.
        self._wished = ""
        session.model_changed.connect(self._look)

    def prepare(self) -> Examination | None:
        """What a check of the model in use would be; None without model or photograph."""
        self.stop()
        model = self._session.model
        photos = tuple(o.photo for o in self._session.photos_at_hand(MOST_PHOTOS))
        if model is None or not photos or not self._session.model_changeable():
            self.plan = None
            return None
        self._numbers += 1
        calls = doctor_calls(model.box, len(photos))
        self.plan = Examination(self._numbers, model, photos, calls)
        self.diagnosis, self.problem = None, ""
        self._enter(Stage.PLANNED)
        return self.plan

    def start(self) -> None:
        """Make the model calls."""
        if self.plan is not None and self.stage in (Stage.PLANNED, Stage.STOPPED, Stage.FAILED):
            self._numbers += 1
            plan = self.plan
            self.plan = Examination(self._numbers, plan.model, plan.photos, plan.calls)
            self._enter(Stage.RUNNING)
            self.start_check.emit(self.plan)

    def stop(self) -> None:
        """Stop after the batch under way; nothing is changed."""
        if self.stage is Stage.RUNNING and self.plan is not None:
            self.plan.cancel.set()
            self._enter(Stage.STOPPING)

    def use(self, candidate: Candidate) -> None:
        """Feed the model so from now on."""
        if self._session.model is not None:
            self._wished = USE
            self._session.use_way(self._session.model, candidate)

    def forget(self) -> None:
        """Feed the model as without a choice."""
        if self._session.model is not None:
            self._wished = FORGET
            self._session.forget_choice(self._session.model)

    def save(self, replace: bool) -> None:
        """Write how the model is fed into a sidecar file beside it."""
        if self._session.model is not None:
            self.save_way.emit(self._session.model, replace)

    def in_use(self) -> int:
        """Row of the candidate by which the model is fed now; -1 for none."""
        model: OpenedModel | None = self._session.model
        if model is None or self.plan is None or self.diagnosis is None:
            return -1
        now, then = model.box.preprocessing, self.plan.model.box.preprocessing
        for row, candidate in enumerate(self.diagnosis.candidates):
            if candidate.preprocessing == now or (now == then and candidate.in_use):
                return row
        return -1

    # --- answers -----------------------------------------------------------------------

    @Slot(int, int)
    def on_progress(self, number: int, calls: int) -> None:
        """More calls were made."""
        if self._is_current(number) and self.plan is not None:
            self.progressed.emit(calls, self.plan.calls)

    @Slot(int, object)
    def on_found(self, number: int, diagnosis: Diagnosis) -> None:
        """All candidates, ranked."""
        if self._is_current(number):
            self.diagnosis = diagnosis
            self._enter(Stage.DONE)

    @Slot(int)
    def on_stopped(self, number: int) -> None:
        """It was stopped before it knew anything."""
        if self._is_current(number):
            self._enter(Stage.STOPPED)

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The model cannot be examined."""
        if self._is_current(number):
            self.problem = text
            self._enter(Stage.FAILED)

    @Slot(object)
    def on_sidecar_saved(self, path: Path) -> None:
        """The sidecar is there."""
        self.saved.emit(path)

    @Slot(object)
    def on_sidecar_there(self, path: Path) -> None:
        """There is one already: whether it may be replaced is the user's to say."""
        self.replace_asked.emit(path)

    @Slot(str)
    def on_trouble(self, text: str) -> None:
        """A choice or a sidecar could not be written."""
        self._wished = ""
        self.trouble.emit(text)

    def _look(self) -> None:
        """Say so when what was wished has come true."""
        model = self._session.model
        if model is None or not self._wished:
            return
        chosen = model.box.preprocessing_source == "chosen"
        wished, self._wished = self._wished, ""
        if wished == USE and chosen:
            self.used.emit()
        elif wished == FORGET and not chosen:
            self.forgotten.emit()

    def _is_current(self, number: int) -> bool:
        busy = self.stage in (Stage.RUNNING, Stage.STOPPING)
        return busy and self.plan is not None and self.plan.number == number

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
