"""A map among others: its photograph small, zoomed and pointed at together with the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from decam_engine import diverging_table
from decam_gui import theme
from decam_gui.views.map_layer import MapLayer, seen_on
from decam_gui.views.photo_layer import paint_hatching
from decam_gui.views.placement import Placement
from decam_gui.views.zoom_area import ZoomArea

F32 = npt.NDArray[np.float32]
CROSS = 7.0
# Below this difference nothing is drawn: the photograph stays readable.
FULL_FROM = 0.4


class CompareCell(ZoomArea):
    """Draws one map, or the difference of two."""

    # A share of width and height that is pointed at, or None.
    pointed = Signal(object)
    picked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 110)
        self.setAccessibleName(name)
        self._preview: QImage | None = None
        self._map: MapLayer | None = None
        self._difference: QImage | None = None
        self._values: F32 | None = None
        self._placement: Placement | None = None
        self._opacity = 0.7
        self._cross: QPointF | None = None
        self._press: QPointF | None = None
        # What the cell is marked with: "A", "B" or nothing.
        self.mark = ""

    def show_map(
        self, preview: QImage, saliency: F32, placement: Placement, look: tuple[str, float]
    ) -> None:
        """A map over its photograph, in the colours that all have."""
        self._take(preview, placement)
        self._map = MapLayer(saliency, placement, look[0])
        self._opacity = look[1]

    def show_difference(self, preview: QImage, values: F32, placement: Placement) -> None:
        """A difference ``(h, w)`` in [-1, 1] over the photograph, which it covers."""
        self._take(preview.convertToFormat(QImage.Format.Format_Grayscale8), placement)
        self._values = values
        self._difference = difference_image(values)

    def _take(self, preview: QImage, placement: Placement) -> None:
        self._preview, self._placement = preview, placement
        height, width = placement.photo_size
        self._size = (width, height)
        self._map = self._difference = self._values = None
        self.update()

    def has_picture(self) -> bool:
        """Whether there is anything to zoom."""
        return self._preview is not None

    def set_mark(self, mark: str) -> None:
        """Mark it as one of the two that are subtracted."""
        self.mark = mark
        self.setAccessibleDescription(
            self.tr("Picked as {0}").format(mark) if mark else self.tr("Press Space to pick it")
        )
        self.update()

    def set_cross(self, at: QPointF | None) -> None:
        """Point at this share of width and height."""
        self._cross = at
        self.update()

    def value_at(self, at: QPointF) -> float | None:
        """The map, or the difference, there; None where a model does not look."""
        if self._placement is None:
            return None
        height, width = self._placement.photo_size
        x, y = min(int(at.x() * width), width - 1), min(int(at.y() * height), height - 1)
        if self._map is not None:
            return self._placement.sample(self._map.saliency, x, y)
        if self._values is not None:
            rows, columns = self._values.shape
            row = min(int(at.y() * rows), rows - 1)
            return float(self._values[row, min(int(at.x() * columns), columns - 1)])
        return None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Photograph, colours, cross, mark, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self._preview is not None and self._placement is not None:
            target, room = self.target(), QRectF(self.rect())
            painter.drawImage(target, self._preview)
            if self._map is not None:
                self._map.paint_colours(painter, target, self._opacity)
            if self._difference is not None:
                painter.drawImage(target, self._difference)
            if not self._placement.whole:
                paint_hatching(painter, target, seen_on(target, self._placement), room)
            self._paint_cross(painter, target)
        if self.mark:
            badge = QRectF(6, 6, 22, 22)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("on_accent"), 1.5))
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(badge)
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self.mark)
        if self.hasFocus() or self.mark:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 3 if self.hasFocus() else 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_cross(self, painter: QPainter, target: QRectF) -> None:
        if self._cross is None:
            return
        centre = QPointF(
            target.left() + self._cross.x() * target.width(),
            target.top() + self._cross.y() * target.height(),
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, thick in ((QColor(0, 0, 0, 200), 3.5), (QColor(255, 255, 255), 1.5)):
            painter.setPen(QPen(colour, thick))
            for by in (QPointF(CROSS, 0), QPointF(0, CROSS)):
                painter.drawLine(centre + by, centre + by / 3)
                painter.drawLine(centre - by, centre - by / 3)

    # --- mouse and keys ----------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The beginning of a click, or of a drag."""
        self._press = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click picks the cell."""
        super().mouseReleaseEvent(event)
        still = self._press is not None and ((event.position() - self._press).manhattanLength() < 4)
        if still and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Point at the same place in all cells."""
        super().mouseMoveEvent(event)
        at = self.to_picture(event.position())
        share = QPointF(at.x() / self._size[0], at.y() / self._size[1])
        inside = 0 <= share.x() < 1 and 0 <= share.y() < 1 and self.has_picture()
        self.pointed.emit(share if inside else None)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """The cursor is elsewhere."""
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space or Enter picks; with Shift, arrows point; else as the base."""
        by = {
            Qt.Key.Key_Left: QPointF(-0.01, 0), Qt.Key.Key_Right: QPointF(0.01, 0),
            Qt.Key.Key_Up: QPointF(0, -0.01), Qt.Key.Key_Down: QPointF(0, 0.01),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit()
        elif key in by and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            at = (self._cross or QPointF(0.5, 0.5)) + by[key]
            self.pointed.emit(QPointF(min(max(at.x(), 0), 0.999), min(max(at.y(), 0), 0.999)))
        else:
            super().keyPressEvent(event)


def difference_image(values: F32) -> QImage:
    """The diverging colours, transparent where there is no difference."""
    index = np.rint((np.clip(values, -1.0, 1.0) + 1.0) * 127.5).astype(np.uint8)
    alpha = np.clip(np.abs(values) / FULL_FROM, 0.0, 1.0)[:, :, None]
    rgba = np.empty((*values.shape, 4), dtype=np.uint8)
    rgba[:, :, :3] = np.rint(diverging_table()[index] * alpha)
    rgba[:, :, 3:] = np.rint(alpha * 255)
    height, width = values.shape
    return QImage(
        rgba.data, width, height, rgba.strides[0], QImage.Format.Format_RGBA8888_Premultiplied
    ).copy()
