"""The photograph with its map, in one of several modes; drawn, zoomed, panned, pointed at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from decam_gui import theme
from decam_gui.views.map_layer import HALO, LIGHT, MapLayer, Mode, seen_on, stroke
from decam_gui.views.photo_layer import PhotoLayer, paint_hatching
from decam_gui.views.placement import Placement
from decam_gui.views.zoom_area import ZoomArea

__all__ = ["Canvas", "Mode", "Placement"]

F32 = npt.NDArray[np.float32]
GAP = 8
# Around the curtain's divider, where it can be taken hold of.
REACH = 8.0
CURTAIN_STEP = 0.02
CROSS = 9.0


class Canvas(ZoomArea):
    """Draws; knows nothing of sessions or searches."""

    # x, y of the photo pixel under the cursor and its saliency (None: no map, or unseen),
    # or None when the cursor is elsewhere.
    pointed = Signal(object)
    # While the brush is out: a stroke began, went on to a point of the photograph, ended.
    stroke_began = Signal(QPointF)
    stroke_moved = Signal(QPointF)
    stroke_ended = Signal()
    stroke_undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setAccessibleName(self.tr("Photo and heat map"))
        self._message = ""
        self._photo = PhotoLayer()
        self._placement: Placement | None = None
        self._map: MapLayer | None = None
        self._colour_map, self._opacity = "", 1.0
        self._mode, self._share = Mode.OVERLAY, 0.1
        # Outlines of shares of the map, with the style of their lines.
        self._outlines: tuple[tuple[float, Qt.PenStyle], ...] = ()
        # Over everything else, on the model's input.
        self._edit: QImage | None = None
        self._around: QPainterPath | None = None
        # Radius of the brush in pixels of the photograph; 0 = it is put away.
        self._brush = 0.0
        self._stroking = False
        self._curtain, self._pulling = 0.5, False
        # The photo pixel that is pointed at.
        self._cross: tuple[int, int] | None = None

    # --- what is shown -----------------------------------------------------------------

    def set_message(self, text: str) -> None:
        """Words in the middle while there is no photograph."""
        self._message = text
        self.update()

    def set_photo(self, preview: QImage | None, pixels: npt.NDArray[np.uint8] | None) -> None:
        """Show another photograph (None: none), fitted, without a map."""
        self._photo = PhotoLayer(preview, pixels)
        if pixels is not None:
            self._size = self._photo.size
        self._cross = None
        self._edit = self._around = None
        self._outlines = ()
        self.set_map(None, None)
        self.fit()

    def set_map(self, saliency: F32 | None, placement: Placement | None) -> None:
        """Show a map on the model's input, and what the model sees of the photograph."""
        self._placement = placement
        self._map = None
        if saliency is not None and placement is not None:
            self._map = MapLayer(saliency, placement, self._colour_map)
        self.update()

    def set_look(self, colour_map: str, opacity: float) -> None:
        """Colours and strength (0..1) of the map."""
        self._opacity = opacity
        if colour_map != self._colour_map:
            self._colour_map = colour_map
            if self._map is not None:
                self.set_map(self._map.saliency, self._map.placement)
        self.update()

    def set_mode(self, mode: Mode) -> None:
        """How the map is shown."""
        self._mode = mode
        self.unsetCursor()
        self.update()

    def set_share(self, share: float) -> None:
        """Which share of the pixels (0..1) matters, for the modes that cut."""
        self._share = share
        self.update()

    def set_outlines(self, outlines: Sequence[tuple[float, Qt.PenStyle]]) -> None:
        """Draw lines around these shares of the map."""
        self._outlines = tuple(outlines)
        self.update()

    def set_edit(self, edit: QImage | None, around: QPainterPath | None = None) -> None:
        """A picture on the model's input, over everything else, and a line around it."""
        self._edit, self._around = edit, around
        self.update()

    def set_brush(self, radius: float) -> None:
        """Paint with a brush of so many photo pixels instead of panning; 0 puts it away."""
        self._brush = radius
        self.update()

    @property
    def mode(self) -> Mode:
        """How the map is shown."""
        return self._mode

    @property
    def curtain(self) -> float:
        """Where the curtain's divider is, as a share of the width."""
        return self._curtain

    @property
    def placement(self) -> Placement | None:
        """What the model sees of the photograph."""
        return self._placement

    def top(self, share: float) -> npt.NDArray[np.bool_] | None:
        """bool ``(h, w)`` on the model's input: the most salient share; None without a map."""
        return None if self._map is None else self._map.top(share)

    @property
    def partly_seen(self) -> bool:
        """Whether part of the photograph is hatched."""
        return self._placement is not None and not self._placement.whole

    @property
    def has_map(self) -> bool:
        """Whether a map is shown."""
        return self._map is not None

    def has_picture(self) -> bool:
        """Whether there is anything to zoom."""
        return self._photo.preview is not None

    def panes(self) -> list[QRectF]:
        """Two halves in the mode that shows both."""
        whole = QRectF(self.rect())
        if self._mode is not Mode.SIDE:
            return [whole]
        half = (whole.width() - GAP) / 2
        left = QRectF(whole.left(), whole.top(), half, whole.height())
        return [left, left.translated(half + GAP, 0)]

    # --- painting ----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Photograph, map, what the model does not see, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if not self.has_picture():
            painter.setPen(theme.colour("muted"))
            room = self.rect().adjusted(48, 16, -48, -16)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._message)
        else:
            panes = self.panes()
            for number, pane in enumerate(panes):
                painter.save()
                painter.setClipRect(pane)
                self._paint_pane(painter, pane, plain=len(panes) > 1 and number == 0)
                painter.restore()
            if len(panes) > 1:
                middle = self.rect().center().x()
                painter.fillRect(
                    QRectF(middle - GAP / 2, 0, GAP, self.height()), theme.colour("card")
                )
            self._paint_curtain(painter)
            self._paint_brush(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_pane(self, painter: QPainter, pane: QRectF, *, plain: bool) -> None:
        target = self.target(pane)
        self._photo.paint(painter, target, pane, self.devicePixelRatioF())
        if self._placement is None:
            return
        if self._map is not None:
            if not plain:
                self._paint_map(painter, target, self._map)
            for share, style in self._outlines:
                self._map.paint_outline(painter, target, share, style)
        if self._edit is not None:
            painter.save()
            painter.setClipRect(seen_on(target, self._placement), Qt.ClipOperation.IntersectClip)
            painter.setTransform(self._placement.transform(target), combine=True)
            h, w = self._placement.input_size
            painter.drawImage(QRectF(0, 0, w, h), self._edit)
            painter.restore()
        if self._around is not None:
            for colour, width, style in (
                (HALO, 3.0, Qt.PenStyle.SolidLine), (LIGHT, 1.5, Qt.PenStyle.DashLine)
            ):  # fmt: skip
                stroke(painter, target, self._placement, self._around, colour, width, style)
        if not self._placement.whole:
            paint_hatching(painter, target, seen_on(target, self._placement), pane)
        self._paint_cross(painter, target, always=len(self.panes()) > 1)

    def _paint_map(self, painter: QPainter, target: QRectF, shown: MapLayer) -> None:
        if self._mode.cuts:
            shown.paint_cut(painter, target, self._share, keep=self._mode is Mode.KEEP)
        elif self._mode is Mode.CONTOURS:
            shown.paint_contours(painter, target)
        else:
            painter.save()
            if self._mode is Mode.CURTAIN:
                behind = QRectF(self.rect())
                behind.setLeft(self._curtain_at())
                painter.setClipRect(behind, Qt.ClipOperation.IntersectClip)
            shown.paint_colours(painter, target, self._opacity)
            painter.restore()

    def _paint_curtain(self, painter: QPainter) -> None:
        if self._mode is not Mode.CURTAIN or self._map is None:
            return
        x, middle = self._curtain_at(), self.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4))
        painter.drawLine(QLineF(x, 0, x, self.height()))
        painter.setPen(QPen(Qt.GlobalColor.white, 2))
        painter.drawLine(QLineF(x, 0, x, self.height()))
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRoundedRect(QRectF(x - 9, middle - 14, 18, 28), 6, 6)
        painter.setPen(QPen(QColor(40, 40, 40), 2))
        for side in (-1, 1):
            tip = x + side * 6
            painter.drawLine(QLineF(tip, middle, tip - side * 3, middle - 4))
            painter.drawLine(QLineF(tip, middle, tip - side * 3, middle + 4))

    def _paint_cross(self, painter: QPainter, target: QRectF, *, always: bool) -> None:
        """Where one points, if the cursor of the mouse does not show it."""
        if self._cross is None or not (always or (self.hasFocus() and not self.underMouse())):
            return
        width, height = self._size
        x = target.left() + (self._cross[0] + 0.5) / width * target.width()
        y = target.top() + (self._cross[1] + 0.5) / height * target.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, thick in ((QColor(0, 0, 0, 200), 3.5), (QColor(255, 255, 255), 1.5)):
            painter.setPen(QPen(colour, thick))
            for by in (QPointF(CROSS, 0), QPointF(0, CROSS)):
                centre = QPointF(x, y)
                painter.drawLine(centre + by, centre + by / 3)
                painter.drawLine(centre - by, centre - by / 3)

    def _paint_brush(self, painter: QPainter) -> None:
        if not self._brush or self._cross is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width, height = self._size
        for pane in self.panes():
            target = self.target(pane)
            x = target.left() + (self._cross[0] + 0.5) / width * target.width()
            y = target.top() + (self._cross[1] + 0.5) / height * target.height()
            radius = self._brush * target.width() / width
            for colour, thick in ((QColor(0, 0, 0, 200), 3.0), (QColor(255, 255, 255), 1.5)):
                painter.setPen(QPen(colour, thick))
                painter.drawEllipse(QPointF(x, y), radius, radius)

    def _curtain_at(self) -> float:
        return self._curtain * self.width()

    # --- mouse and keyboard ------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """While the brush is out, undoing is its matter, not the window's."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and self._brush
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
        ):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Paint, pull the curtain, or take hold of the photograph."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._brush and self.has_picture():
            self._stroking = True
            self.stroke_began.emit(self.to_picture(event.position()))
        elif left and self._on_curtain(event.position()):
            self._pulling = True
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go on with it, and tell what lies under the cursor."""
        if self._stroking:
            self.stroke_moved.emit(self.to_picture(event.position()))
        elif self._pulling:
            self.set_curtain(event.position().x() / max(1, self.width()))
        else:
            super().mouseMoveEvent(event)
            if self._grip is None and self._on_curtain(event.position()):
                self.setCursor(Qt.CursorShape.SplitHCursor)
            elif self._grip is None:
                self.unsetCursor()
        self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        if self._stroking:
            self._stroking = False
            self.stroke_ended.emit()
        self._pulling = False
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Back to the whole photograph; two dabs of the brush are no double click."""
        if self._brush or self._on_curtain(event.position()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """The cursor is elsewhere."""
        self.set_cross(None)
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As the base; with Shift, arrows move the pointer; , and . pull the curtain.

        While the brush is out, Space dabs at the pointer.
        """
        by = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in by and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._step(*by[key])
        elif key in (Qt.Key.Key_Comma, Qt.Key.Key_Period) and self._mode is Mode.CURTAIN:
            step = CURTAIN_STEP if key == Qt.Key.Key_Period else -CURTAIN_STEP
            self.set_curtain(self._curtain + step)
        elif self._brush and event.matches(QKeySequence.StandardKey.Undo):
            self.stroke_undone.emit()
        elif key == Qt.Key.Key_Space and self._brush and self._cross is not None:
            self.stroke_began.emit(QPointF(self._cross[0] + 0.5, self._cross[1] + 0.5))
            self.stroke_ended.emit()
        else:
            super().keyPressEvent(event)

    def set_curtain(self, share: float) -> None:
        """Put the divider there, as a share of the width."""
        self._curtain = min(max(share, 0.0), 1.0)
        self.update()

    def set_cross(self, place: tuple[int, int] | None) -> None:
        """Mark this pixel of the photograph as pointed at."""
        if place != self._cross:
            self._cross = place
            if self._brush or self._mode is Mode.SIDE or self.hasFocus():
                self.update()

    def _step(self, x: int, y: int) -> None:
        """Move the pointer by a hundredth of the photograph."""
        if not self.has_picture():
            return
        width, height = self._size
        old = self._cross if self._cross is not None else (width // 2, height // 2)
        step = max(1, round(max(width, height) / 100))
        new = (
            min(max(old[0] + x * step, 0), width - 1),
            min(max(old[1] + y * step, 0), height - 1),
        )
        self.set_cross(new)
        self.pointed.emit((*new, self.value_at(*new)))

    def _point(self, at: QPointF) -> None:
        under = self._under(at)
        self.setToolTip(self.tr("Not seen by the model") if self._is_unseen(under) else "")
        self.set_cross(None if under is None else under[:2])
        self.pointed.emit(under)

    def _on_curtain(self, at: QPointF) -> bool:
        shown = self._mode is Mode.CURTAIN and self._map is not None and not self._brush
        return shown and abs(at.x() - self._curtain_at()) <= REACH

    def _is_unseen(self, under: tuple[int, int, float | None] | None) -> bool:
        if under is None or not self.partly_seen or self._placement is None:
            return False
        return not self._placement.seen.contains(QPointF(under[0] + 0.5, under[1] + 0.5))

    def _under(self, point: QPointF) -> tuple[int, int, float | None] | None:
        if not self.has_picture():
            return None
        at = self.to_picture(point)
        x, y = int(at.x() // 1), int(at.y() // 1)
        if not (0 <= x < self._size[0] and 0 <= y < self._size[1]):
            return None
        return x, y, self.value_at(x, y)

    def value_at(self, x: int, y: int) -> float | None:
        """The map at a photo pixel; None without a map, or where the model does not look."""
        if self._map is None:
            return None
        return self._map.placement.sample(self._map.saliency, x, y)
