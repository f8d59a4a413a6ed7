"""The user's edit of the photograph on show, and what model and map say of it.

As the session, it holds no widget and no thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import (
    FILLS,
    BlackBox,
    Explanation,
    Prediction,
    expected_score,
    run_fills,
)
from decam_gui.prober import Probe, Probed
from decam_gui.session import Session
from decam_gui.worker import OpenedPhoto

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

# Edits that can be taken back; a mask is kept as bits.
MOST_STEPS = 100
# Difference of two probabilities up to which the map is said to have predicted the answer.
CLOSE = 0.1


@dataclass(frozen=True)
class Outcome:
    """What the explained class has, and should have by the map.

    Attributes:
        share: of the model's input that is hidden, 0..1.
        before, after: the class's probabilities.
        expected: by the map; None where there is none.
    """

    target: Prediction
    share: float
    before: float
    after: float
    expected: float | None

    @property
    def predicted(self) -> bool:
        """Whether the map said so."""
        return self.expected is not None and abs(self.expected - self.after) <= CLOSE


class Edit(QObject):
    """A mask that is painted, its past, and the newest answer to it."""

    # The mask, or what is known of it, has changed.
    changed = Signal()
    trouble = Signal(str)
    # A request for the worker.
    ask = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._numbers = 0
        self.active = False
        self.fill = ""
        self.keep: F32 = np.ones((1, 1), dtype=np.float32)
        self._past: list[tuple[npt.NDArray[np.uint8], tuple[int, int]]] = []
        self._about: tuple[OpenedPhoto | None, BlackBox | None] = (None, None)
        self._waiting: Probe | None = None
        # Asked again as soon as the answer under way is there.
        self._stale = False
        self.answer: Probed | None = None
        self._blanks: dict[str, F32] = {}
        self.picture: U8 | None = None
        session.photo_changed.connect(self._look)
        session.model_changed.connect(self._look)

    # --- commands ----------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        """Take the brush out, or put it and what was painted away."""
        if active != self.active:
            self.active = active
            self._forget()
            self.changed.emit()

    def set_fill(self, fill: str) -> None:
        """What hidden pixels become; nothing: what the run used."""
        if fill != self.fill:
            self.fill = fill
            self.picture = None
            self._ask()
            self.changed.emit()

    def begin(self) -> None:
        """A stroke begins: the state before it can be had again."""
        self._past.append((np.packbits(self.keep > 0), self.keep.shape))
        del self._past[:-MOST_STEPS]

    def dab(self, u: float, v: float, radius: tuple[float, float], *, hide: bool) -> None:
        """Hide or show an ellipse around a point of the model's input, in its pixels."""
        self.dabs([(u, v)], radius, hide=hide)

    def dabs(
        self, points: Iterable[tuple[float, float]], radius: tuple[float, float], *, hide: bool
    ) -> None:
        """Several at once: the model is asked about all of them together, not about the first."""
        if any([self._dab(u, v, radius, hide=hide) for u, v in points]):
            self._ask()
            self.changed.emit()

    def _dab(self, u: float, v: float, radius: tuple[float, float], *, hide: bool) -> bool:
        """Whether it changed anything."""
        h, w = self.keep.shape
        top, bottom = max(0, int(v - radius[1])), min(h, int(v + radius[1]) + 2)
        left, right = max(0, int(u - radius[0])), min(w, int(u + radius[0]) + 2)
        if top >= bottom or left >= right:
            return False
        y = (np.arange(top, bottom) + 0.5 - v) / max(radius[1], 0.5)
        x = (np.arange(left, right) + 0.5 - u) / max(radius[0], 0.5)
        inside = y[:, None] ** 2 + x[None, :] ** 2 <= 1.0
        part = self.keep[top:bottom, left:right]
        value = 0.0 if hide else 1.0
        if (part[inside] == value).all():
            return False
        part[inside] = value
        return True

    def use(self, keep: npt.NDArray[np.bool_]) -> None:
        """Take over a whole mask, as one step."""
        self.begin()
        self.keep = keep.astype(np.float32)
        self._ask()
        self.changed.emit()

    def undo(self) -> None:
        """Back to before the last stroke."""
        if self._past:
            bits, shape = self._past.pop()
            flat = np.unpackbits(bits, count=shape[0] * shape[1])
            self.keep = flat.reshape(shape).astype(np.float32)
            self._ask()
            self.changed.emit()

    def reset(self) -> None:
        """Show everything again; can be undone."""
        if self.edited:
            self.use(np.ones(self.keep.shape, dtype=bool))

    # --- reading -----------------------------------------------------------------------

    @property
    def edited(self) -> bool:
        """Whether anything is hidden."""
        return bool((self.keep < 1).any())

    @property
    def can_undo(self) -> bool:
        """Whether there was a stroke."""
        return bool(self._past)

    @property
    def busy(self) -> bool:
        """Whether the newest mask was not answered yet."""
        return self._waiting is not None

    def fill_used(self) -> str:
        """What hidden pixels become."""
        result = self._session.result()
        if self.fill in FILLS:
            return self.fill
        return run_fills(result)[1] if result is not None else "blur"

    def outcome(self) -> Outcome | None:
        """What the explained class has after the edit, and should have by the map."""
        answer, target, result = self.answer, self._session.target(), self._session.result()
        if answer is None or target is None or not self.edited:
            return None
        hidden = 1.0 - float(answer.probe.keep.mean())
        blank = self._blanks.get(answer.probe.fill)
        expected = None
        if result is not None and blank is not None:
            expected = self._expected(result, answer, target, float(blank[target.index]))
        after = float(answer.scores[target.index])
        return Outcome(target, hidden, target.score, after, expected)

    def _expected(
        self, result: Explanation, answer: Probed, target: Prediction, blank: float
    ) -> float | None:
        keep = answer.probe.keep
        if result.input_saliency.shape != keep.shape:
            return None
        return expected_score(result.input_saliency, keep, target.score, blank)

    # --- asking ------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask about the mask as it is now; while an answer is under way, only the newest waits."""
        opened, box = self._session.photo(), self._session.box()
        if not self.active or opened is None or box is None:
            return
        if self._waiting is not None:
            self._stale = True
            return
        if not self.edited:
            self.answer = None
            return
        self._numbers += 1
        keep = self.keep.copy()
        keep.flags.writeable = False
        fill = self.fill_used()
        blank = fill not in self._blanks
        self._waiting = Probe(self._numbers, box, opened.photo, keep, fill, blank)
        self.ask.emit(self._waiting)

    @Slot(object)
    def on_probed(self, probed: Probed) -> None:
        """The model's answer; one about another photograph or model is dropped."""
        if self._end(probed.probe.number):
            if probed.blank is not None:
                self._blanks[probed.probe.fill] = probed.blank
            self.picture = probed.picture
            self.answer = probed
            self.trouble.emit("")
        self._go_on()

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The model failed on it."""
        if self._end(number):
            self.answer = None
            self.trouble.emit(text)
        self._go_on()

    def _end(self, number: int) -> bool:
        if self._waiting is None or self._waiting.number != number:
            return False
        self._waiting = None
        return True

    def _go_on(self) -> None:
        if self._waiting is None and self._stale:
            self._stale = False
            self._ask()
        self.changed.emit()

    def _look(self) -> None:
        """Another photograph or model is on show: nothing of it is hidden."""
        if self._about != (self._session.photo(), self._session.box()):
            self._forget()
            self.changed.emit()

    def _forget(self) -> None:
        opened, box = self._session.photo(), self._session.box()
        self._about = (opened, box)
        size = (1, 1) if box is None else box.input_size
        self.keep = np.ones(size, dtype=np.float32)
        self._past.clear()
        self._blanks.clear()
        self._waiting, self._stale, self.answer, self.picture = None, False, None, None
