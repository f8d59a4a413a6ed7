"""How far the map on show can be trusted, as the window knows it.

As the session, it holds no widget and no thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import Explanation
from decam_gui.assessor import Assessment
from decam_gui.core.findings import KeptResult, ModelState
from decam_gui.session import Session


class Standing(Enum):
    """What is known of the map on show."""

    NONE = "none"
    UNCHECKED = "unchecked"
    RUNNING = "running"
    FAILED = "failed"
    BETTER = "better"
    NOTHING = "nothing"


@dataclass
class Record:
    """What happened to the checks of one map; what they found is with the result itself."""

    problem: str = ""
    # Somebody stopped the check: it does not begin again by itself.
    left: bool = False


class Trust(QObject):
    """Checks one map at a time, those that are asked for and, if so chosen, each new one."""

    changed = Signal()
    progressed = Signal(int, int)
    # A request for the worker.
    start_assessment = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._numbers = 0
        self._records: WeakKeyDictionary[Explanation, Record] = WeakKeyDictionary()
        # What is assessed, and where its result is kept.
        self.running: Assessment | None = None
        self._home: ModelState | None = None
        self._kept: KeptResult | None = None
        self._place: tuple[Path | None, str] = (None, "")
        self.auto = True
        session.result_changed.connect(self._look)
        session.run_changed.connect(self._look)

    # --- reading -----------------------------------------------------------------------

    @property
    def result(self) -> Explanation | None:
        """The map on show; none while one is forming."""
        return None if self._session.shows_run() else self._session.result()

    def record(self) -> Record:
        """What happened to the checks of the map on show."""
        result = self.result
        return Record() if result is None else self._records.setdefault(result, Record())

    def is_running(self, *, second: bool = False) -> bool:
        """Whether just this map is being assessed in this way."""
        running = self.running
        return running is not None and running.result is self.result and running.second == second

    def standing(self) -> Standing:
        """Whether the map on show beats maps that know nothing."""
        result = self.result
        if result is None:
            return Standing.NONE
        if self.is_running():
            return Standing.RUNNING
        if result.faithfulness is not None and result.baselines is not None:
            known = max(result.baselines.centre, result.baselines.random)
            flat = not result.input_saliency.any()
            better = result.faithfulness.difference > known and not flat
            return Standing.BETTER if better else Standing.NOTHING
        return Standing.FAILED if self.record().problem else Standing.UNCHECKED

    def can_assess(self) -> bool:
        """Whether there is a map, and nobody at work on it."""
        return self.result is not None and self._session.box() is not None and not self.running

    # --- commands ----------------------------------------------------------------------

    def set_auto(self, auto: bool) -> None:
        """Whether each new map is checked by itself."""
        self.auto = auto
        self._look()

    def check(self) -> None:
        """Measure the map on show against those that know nothing."""
        self._start(second=False)

    def search_again(self) -> None:
        """Explain the same with another seed, and compare."""
        self._start(second=True)

    def stop(self) -> None:
        """Stop after the batch under way; what was known stays."""
        if self.running is not None:
            self._records.setdefault(self.running.result, Record()).left = True
            self.running.cancel.set()

    def _start(self, *, second: bool) -> None:
        result, box, state = self.result, self._session.box(), self._session.state()
        if result is None or box is None or state is None or self.running is not None:
            return
        self._numbers += 1
        self.record().problem = ""
        self._home, self._kept = state, state.kept.get(result.target.index)
        model = self._session.model
        self._place = (self._session.current, "" if model is None else model.address)
        self.running = Assessment(self._numbers, box, result, second)
        self.start_assessment.emit(self.running)
        self.changed.emit()

    @Slot()
    def _look(self) -> None:
        """Another map is on show: check it if that is wished and nothing else is under way."""
        running = self.running
        if running is not None and running.result is not self.result and not running.second:
            # What is not looked at can wait; it is checked when it is.
            running.cancel.set()
        # The model is left to the searches while there are any.
        free = self._session.job is None and self.running is None
        # A server is only asked when somebody says so.
        model = self._session.model
        served = model is not None and bool(model.host)
        wished = self.auto and not self.record().left and not served
        if free and wished and self.standing() is Standing.UNCHECKED:
            self._start(second=False)
        else:
            self.changed.emit()

    # --- answers -----------------------------------------------------------------------

    @Slot(int, int)
    def on_progress(self, number: int, calls: int) -> None:
        """More calls were made."""
        if self.running is not None and number == self.running.number:
            self.progressed.emit(calls, self.running.calls)

    @Slot(int, object)
    def on_found(self, number: int, known: Explanation) -> None:
        """The map of which more is known takes the place of the one that was assessed."""
        ended = self._end(number)
        if ended is None:
            return
        old, home, target = ended.result, self._home, ended.result.target.index
        if home is None or not self._is_still_there(old, home):
            self._look()
            return
        home.results[target] = known
        path, address = self._place
        if path is not None:
            self._session.findings.touch(path, address, target)
        # Kept with what is known of it now.
        self._session.found.emit(path, address, known, 0)
        self._session.result_changed.emit()

    def _is_still_there(self, old: Explanation, home: ModelState) -> bool:
        """Whether the map is the one that was found last: as it was, or read again from disk."""
        target = old.target.index
        if home.results.get(target) is old:
            return True
        # What is kept on disk is one object for as long as it is of one run.
        return self._kept is not None and home.kept.get(target) is self._kept

    @Slot(int)
    def on_stopped(self, number: int) -> None:
        """It was left."""
        if self._end(number) is not None:
            self._look()

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The model failed on the way."""
        ended = self._end(number)
        if ended is not None:
            self._records.setdefault(ended.result, Record()).problem = text
            self.changed.emit()

    def _end(self, number: int) -> Assessment | None:
        running = self.running
        if running is None or running.number != number:
            return None
        self.running = None
        return running
