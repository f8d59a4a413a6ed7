"""Says what the model makes of what the modes "only" and "without" leave of the photograph."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import run_fills
from decam_gui.prober import Probe, Probed
from decam_gui.session import Session
from decam_gui.views.map_layer import Mode
from decam_gui.views.predictions import percent
from decam_gui.views.share_slider import share_text
from decam_gui.views.viewer import Viewer

# Numbers of these questions, apart from those of the brush.
FIRST = 1_000_000_000


class Cutting(QObject):
    """Asks when the slider moves; while an answer is under way, only the newest waits."""

    ask = Signal(object)

    def __init__(self, session: Session, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._viewer = session, viewer
        self._numbers = FIRST
        self._waiting = 0
        self._stale = False
        self._answer: Probed | None = None
        # What was asked last: the result, the mode, the share.
        self._asked: tuple[object, Mode, float] | None = None
        viewer.cut_changed.connect(self._look)
        session.result_changed.connect(self._look)

    @Slot()
    def _look(self) -> None:
        result = None if self._session.shows_run() else self._session.result()
        opened, box = self._session.photo(), self._session.box()
        mode, share = self._viewer.canvas.mode, self._viewer.share.share
        if result is None or opened is None or box is None or not mode.cuts:
            self._asked = self._answer = None
            self._viewer.set_cut_score("")
            return
        wanted = (result.input_saliency.ctypes.data, mode, share)
        if wanted == self._asked:
            return
        if self._waiting:
            self._stale = True
            return
        top = self._viewer.top_share()
        if top is None or top.shape != box.input_size:
            return
        self._asked = wanted
        self._numbers += 1
        self._waiting = self._numbers
        keep = (top if mode is Mode.KEEP else ~top).astype("float32")
        keep.flags.writeable = False
        fill = run_fills(result)[0 if mode is Mode.KEEP else 1]
        self.ask.emit(Probe(self._numbers, box, opened.photo, keep, fill))

    @Slot(object)
    def on_probed(self, probed: Probed) -> None:
        """Say it, if it is still about what is on show."""
        if probed.probe.number != self._waiting:
            return
        self._waiting = 0
        self._answer = None if self._stale else probed
        self.say_again()
        self._again()

    def say_again(self) -> None:
        """What the newest answer means, if it is about what is on show."""
        probed, target, box = self._answer, self._session.target(), self._session.box()
        mode, share = self._viewer.canvas.mode, self._viewer.share.share
        if probed is None or target is None or box is not probed.probe.box or not mode.cuts:
            return
        answer = box.rank(probed.scores, 1)[0]
        text = (
            self.tr("With only the top {0}: {1} {2}.")
            if mode is Mode.KEEP
            else self.tr("Without the top {0}: {1} {2}.")
        ).format(share_text(share), target.label, percent(float(probed.scores[target.index])))
        if answer.index == target.index:
            text += " " + self.tr("The answer stays.")
        else:
            text += " " + self.tr("The answer becomes {0} ({1}).").format(
                answer.label, percent(answer.score)
            )
        self._viewer.set_cut_score(text)

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The model failed on it."""
        if number == self._waiting:
            self._waiting, self._answer = 0, None
            self._viewer.set_cut_score(text)
            self._again()

    def _again(self) -> None:
        if self._stale:
            self._stale = False
            self._look()
