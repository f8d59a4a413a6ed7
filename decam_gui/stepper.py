"""What the workers that check things share: one request at a time, stopped between two batches."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from decam_engine import DecamError


@dataclass(frozen=True, eq=False)
class Wanted:
    """A request; ``cancel`` is set from the GUI thread: the worker's event loop is blocked."""

    number: int
    cancel: threading.Event = field(default_factory=threading.Event, kw_only=True)


class Stepper(QObject):
    """Answers one request at a time; each ends in one of the last three signals."""

    # Number of the request, model calls so far.
    progress = Signal(int, int)
    # Number, what was found.
    found = Signal(int, object)
    stopped = Signal(int)
    # Number, the engine's sentence.
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        # Of all requests, when the window closes.
        self.stop = threading.Event()

    def work(self, wanted: Any) -> Any:
        """What was found; None when it was left."""
        raise NotImplementedError

    def answer(self, wanted: Wanted) -> None:
        """Do the work, and say how it ended."""
        try:
            found = self.work(wanted)
        except DecamError as error:
            self.failed.emit(wanted.number, str(error))
        except Exception:
            self.failed.emit(
                wanted.number, self.tr("The check stopped because of an error in the program.")
            )
            raise
        else:
            if found is None:
                self.stopped.emit(wanted.number)
            else:
                self.found.emit(wanted.number, found)

    def drive(self, wanted: Wanted, steps: Generator[int, None, Any], before: int = 0) -> Any:
        """What the generator, which yields its model calls, returns; None when it was left."""
        while not self.over(wanted):
            try:
                self.progress.emit(wanted.number, before + next(steps))
            except StopIteration as end:
                return end.value
        steps.close()
        return None

    def over(self, wanted: Wanted) -> bool:
        """Whether nobody waits for the answer any more."""
        return self.stop.is_set() or wanted.cancel.is_set()
