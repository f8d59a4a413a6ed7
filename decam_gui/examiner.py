"""The pre-processing doctor off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Slot

from decam_engine import Diagnosis, Photo, doctor_steps
from decam_gui.stepper import Stepper, Wanted
from decam_gui.worker import OpenedModel


@dataclass(frozen=True, eq=False)
class Examination(Wanted):
    """What the doctor is to do: which model, on which photographs, in how many model calls."""

    model: OpenedModel
    photos: tuple[Photo, ...]
    calls: int


class Examiner(Stepper):
    """Examines one model at a time."""

    @Slot(object)
    def examine(self, wanted: Examination) -> None:
        """Which way to feed the model its answers speak for."""
        self.answer(wanted)

    def work(self, wanted: Examination) -> Diagnosis | None:
        """Drive the engine's generator until it ends or is left between two batches."""
        return self.drive(wanted, doctor_steps(wanted.model.box, wanted.photos))
