"""Asks a model about photographs with parts hidden by hand, off the GUI thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import BlackBox, DecamError, Photo, WhatIf

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Probe:
    """A photograph with parts hidden.

    Attributes:
        keep: float32 ``(h, w)`` on the model's input, read-only; 0 = hidden.
        blank: whether the photograph all hidden is wanted too, which is one more call.
    """

    number: int
    box: BlackBox
    photo: Photo
    keep: F32
    fill: str
    blank: bool = False


@dataclass(frozen=True, eq=False)
class Probed:
    """The probabilities ``(K,)`` of all classes; ``picture`` is what the hidden pixels became."""

    probe: Probe
    scores: F32
    blank: F32 | None
    picture: npt.NDArray[np.uint8]


class Prober(QObject):
    """Answers one probe at a time; who asks waits for the answer before the next."""

    probed = Signal(object)
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()
        self._view: WhatIf | None = None

    @Slot(object)
    def probe(self, wanted: Probe) -> None:
        """One model call, after the first for a photograph, which also prepares it."""
        if self.stop.is_set():
            return
        try:
            view = self._view
            if view is None or view.model is not wanted.box or view.photo is not wanted.photo:
                view = self._view = WhatIf(wanted.box, wanted.photo)
            scores = view.scores(wanted.keep, wanted.fill)
            wanted.box.rank(scores, 1)
            blank = None
            if wanted.blank:
                blank = view.scores(np.zeros_like(wanted.keep), wanted.fill)
            picture = view.fill_picture(wanted.fill)
        except DecamError as error:
            self.failed.emit(wanted.number, str(error))
        except Exception:
            self.failed.emit(
                wanted.number, self.tr("The question failed because of an error in the program.")
            )
            raise
        else:
            self.probed.emit(Probed(wanted, scores, blank, picture))
