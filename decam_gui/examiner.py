"""The pre-processing doctor off the GUI thread: a worker beside those of ``worker.py``."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import DecamError, Diagnosis, Photo, doctor_steps
from decam_gui.worker import OpenedModel


@dataclass(frozen=True, eq=False)
class Examination:
    """What the doctor is to do: which model, on which photographs, in how many model calls.

    ``cancel`` is set from the GUI thread: the worker's event loop is blocked while it examines.
    """

    number: int
    model: OpenedModel
    photos: tuple[Photo, ...]
    calls: int
    cancel: threading.Event = field(default_factory=threading.Event)


class Examiner(QObject):
    """Examines one model at a time; every examination ends in one of the last three signals."""

    progress = Signal(int, int)
    found = Signal(int, object)
    stopped = Signal(int)
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        # Of all examinations, when the window closes.
        self.stop = threading.Event()

    @Slot(object)
    def examine(self, wanted: Examination) -> None:
        """Drive the engine's generator until it ends or is stopped between two batches."""
        try:
            diagnosis = self._drive(wanted)
        except DecamError as error:
            self.failed.emit(wanted.number, str(error))
        except Exception:
            self.failed.emit(
                wanted.number, self.tr("The check stopped because of an error in the program.")
            )
            raise
        else:
            if diagnosis is None:
                self.stopped.emit(wanted.number)
            else:
                self.found.emit(wanted.number, diagnosis)

    def _drive(self, wanted: Examination) -> Diagnosis | None:
        steps = doctor_steps(wanted.model.box, wanted.photos)
        while not (self.stop.is_set() or wanted.cancel.is_set()):
            try:
                self.progress.emit(wanted.number, next(steps))
            except StopIteration as end:
                found: Diagnosis = end.value
                return found
        return None
