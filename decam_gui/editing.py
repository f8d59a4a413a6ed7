"""Connects the brush with what it edits, and shows what the model and the map say of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QImage

from decam_engine import FILLS
from decam_gui import theme
from decam_gui.edit import Edit
from decam_gui.session import Session
from decam_gui.views.brush_bar import BrushBar
from decam_gui.views.contours import coarse_contours
from decam_gui.views.map_layer import line_path, veil_image
from decam_gui.views.parts import set_role, tool_button
from decam_gui.views.placement import Placement
from decam_gui.views.predictions import Predictions, percent
from decam_gui.views.share_slider import share_text
from decam_gui.views.viewer import Viewer

U8 = npt.NDArray[np.uint8]


class Editing(QObject):
    """Between the edit, the canvas, the brush's controls and the bars of the predictions."""

    toggled = Signal(bool)

    def __init__(
        self, session: Session, edit: Edit, viewer: Viewer, bars: Predictions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._edit, self._viewer, self._bars = session, edit, viewer, bars
        self._last: QPointF | None = None
        self.button = tool_button(
            "brush",
            self.tr("What if"),
            self.tr("Hide parts of the photo with a brush, and see what the model says (Ctrl+B)"),
        )
        self.button.setCheckable(True)
        self.button.setProperty("mode", True)
        self.button.toggled.connect(self._toggle)
        viewer.head.insertWidget(1, self.button)
        self.bar = BrushBar(list(FILLS))
        self.bar.hide()
        viewer.tools.addWidget(self.bar)
        canvas = viewer.canvas
        canvas.stroke_began.connect(self._began)
        canvas.stroke_moved.connect(self._moved)
        canvas.stroke_undone.connect(edit.undo)
        self.bar.undo_requested.connect(edit.undo)
        self.bar.reset_requested.connect(edit.reset)
        self.bar.fill_chosen.connect(edit.set_fill)
        self.bar.size_changed.connect(lambda _: self._set_brush())
        self.bar.hide_requested.connect(lambda: self._use_map(hide=True))
        self.bar.keep_requested.connect(lambda: self._use_map(hide=False))
        edit.changed.connect(self._show)
        edit.trouble.connect(self._told)
        for signal in (session.scores_changed, session.target_changed, session.result_changed):
            signal.connect(self._show)
        session.photo_changed.connect(self._photo_changed)
        self._trouble = ""
        self._look: tuple[bool, bytes, int, bool] | None = None
        self._show()

    # --- brush -------------------------------------------------------------------------

    def _toggle(self, on: bool) -> None:
        self._edit.set_active(on)
        self.bar.setVisible(on)
        self._set_brush()
        if on:
            self._viewer.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self.toggled.emit(on)

    def _set_brush(self) -> None:
        opened = self._session.photo()
        on = self._edit.active and opened is not None
        radius = self.bar.radius * max(opened.photo.size) if on and opened is not None else 0.0
        self._viewer.canvas.set_brush(radius)

    def _photo_changed(self) -> None:
        """The canvas was given another photograph, and shows no edit of it."""
        self._look = None
        self._set_brush()

    def _began(self, at: QPointF) -> None:
        self._edit.begin()
        self._last = None
        self._moved(at)

    def _moved(self, at: QPointF) -> None:
        """Dab from the last point to this one, so close that a quick stroke has no gaps."""
        opened, placement = self._session.photo(), self._placement()
        if opened is None or placement is None:
            return
        radius = self.bar.radius * max(opened.photo.size)
        last = self._last if self._last is not None else at
        way = at - last
        steps = max(1, round(way.manhattanLength() / max(1.0, radius / 2)))
        size = radius * placement.scale[1], radius * placement.scale[0]
        points = [last + way * (step / steps) for step in range(1, steps + 1)]
        dabs = [placement.to_input(point.x(), point.y()) for point in points]
        self._edit.dabs(dabs, size, hide=self.bar.hides)
        self._last = at

    def _use_map(self, *, hide: bool) -> None:
        """Hide what the map says matters most, or all but that."""
        top = self._viewer.top_share()
        if top is not None and top.shape == self._edit.keep.shape:
            self._edit.use(~top if hide else top)

    def _placement(self) -> Placement | None:
        return self._viewer.canvas.placement

    def say_again(self) -> None:
        """In another language."""
        self._show()

    # --- showing -----------------------------------------------------------------------

    def _told(self, text: str) -> None:
        self._trouble = text
        self._show_words()

    def _show(self) -> None:
        edit, canvas = self._edit, self._viewer.canvas
        self.button.setEnabled(self._session.box() is not None or edit.active)
        # The answer to a mask changes nothing about how it looks.
        look = (edit.active, edit.keep.tobytes(), id(edit.picture), theme.current().dark)
        if look == self._look:
            pass
        elif not edit.active or not edit.edited:
            canvas.set_edit(None)
        else:
            hidden = edit.keep < 1
            image = veil_image(hidden) if edit.picture is None else _cut_out(edit.picture, hidden)
            canvas.set_edit(image, line_path(coarse_contours(hidden.astype(np.float32), 0.5)))
        self._look = look
        box, answer = self._session.box(), edit.answer
        if edit.active and edit.edited and answer is not None and box is answer.probe.box:
            self._bars.show_edit(answer.scores.tolist(), box.rank(answer.scores, 1)[0])
        else:
            self._bars.show_edit(None)
        self.bar.set_state(
            can_undo=edit.can_undo, edited=edit.edited, has_map=self._viewer.canvas.has_map
        )
        self._show_words()

    def _show_words(self) -> None:
        edit = self._edit
        outcome = edit.outcome()
        if self._trouble:
            text = self._trouble
        elif not edit.edited:
            text = self.tr("Paint over the photo to hide parts of it; the model answers at once.")
        elif outcome is None:
            text = self.tr("Asking the model...")
        else:
            text = self.tr("{0} of the input hidden: {1} {2} → {3}.").format(
                share_text(outcome.share), outcome.target.label,
                percent(outcome.before), percent(outcome.after),
            )  # fmt: skip
            if outcome.expected is None:
                text += " " + self.tr("Run first to see what the map expects.")
            else:
                verdict = (
                    self.tr("the map predicts this")
                    if outcome.predicted
                    else self.tr("the map does not predict this")
                )
                text += "\n" + self.tr("By the map: expected {0}, actual {1}: {2}.").format(
                    percent(outcome.expected), percent(outcome.after), verdict
                )
        self.bar.say(text)
        set_role(self.bar.said, "error" if self._trouble else "")


def _cut_out(picture: U8, hidden: npt.NDArray[np.bool_]) -> QImage:
    """The fill ``(h, w, 3)`` where pixels are hidden, nothing elsewhere."""
    rgba = np.zeros((*hidden.shape, 4), dtype=np.uint8)
    rgba[hidden, :3] = picture[hidden]
    rgba[hidden, 3] = 255
    height, width = hidden.shape
    return QImage(
        rgba.data, width, height, rgba.strides[0], QImage.Format.Format_RGBA8888_Premultiplied
    ).copy()
