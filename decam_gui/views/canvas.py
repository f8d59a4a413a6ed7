"""The photograph with its map: drawn at the screen's own resolution, zoomed and panned."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from decam_gui import theme
from decam_gui.qt_image import map_image, to_qimage

F32 = npt.NDArray[np.float32]
MARGIN = 16
MOST_ZOOM = 40.0
ZOOM_STEP = 1.25
# Over what the model does not see: share of the veil, device-independent pixels from one pair
# of lines to the next, and the greys of the two, which show on dark and on light photographs.
VEIL = 130
HATCH_STEP = 10.0
HATCH_DARK, HATCH_LIGHT = QColor(0, 0, 0, 170), QColor(255, 255, 255, 170)


class Placement:
    """Where a map ``(h, w)`` on the model's input lies on the photograph.

    Input coordinates are ``scale * photo coordinates + offset``, as the engine defines them.
    """

    def __init__(
        self,
        photo_size: tuple[int, int],
        input_size: tuple[int, int],
        scale: tuple[float, float],
        offset: tuple[float, float],
        seen: tuple[float, float, float, float],
    ) -> None:
        self.photo_size, self.input_size = photo_size, input_size
        self.scale, self.offset = scale, offset
        top, left, bottom, right = seen
        self.seen = QRectF(left, top, right - left, bottom - top)

    @property
    def whole(self) -> bool:
        """Whether the model sees the whole photograph, give or take a pixel."""
        height, width = self.photo_size
        return self.seen.width() > width - 1 and self.seen.height() > height - 1

    def input_rect(self) -> QRectF:
        """The whole input in photo pixels."""
        (h, w), (sy, sx), (dy, dx) = self.input_size, self.scale, self.offset
        return QRectF(-dx / sx, -dy / sy, w / sx, h / sy)

    def sample(self, saliency: F32, x: int, y: int) -> float | None:
        """The map at a photo pixel, linear between the input's pixels; None where unseen."""
        if not self.seen.contains(QPointF(x + 0.5, y + 0.5)):
            return None
        h, w = saliency.shape
        v = min(max((y + 0.5) * self.scale[0] + self.offset[0] - 0.5, 0.0), h - 1.0)
        u = min(max((x + 0.5) * self.scale[1] + self.offset[1] - 0.5, 0.0), w - 1.0)
        top, left = int(v), int(u)
        bottom, right = min(top + 1, h - 1), min(left + 1, w - 1)
        fy, fx = v - top, u - left
        upper = saliency[top, left] * (1 - fx) + saliency[top, right] * fx
        lower = saliency[bottom, left] * (1 - fx) + saliency[bottom, right] * fx
        return float(upper * (1 - fy) + lower * fy)


class Canvas(QWidget):
    """Draws; knows nothing of sessions or searches."""

    # x, y of the photo pixel under the cursor and its saliency (None: no map, or unseen),
    # or None when the cursor is elsewhere.
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 200)
        self.setAccessibleName(self.tr("Photo and heat map"))
        self._message = ""
        self._preview: QImage | None = None
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._size = (1, 1)
        self._placement: Placement | None = None
        self._saliency: F32 | None = None
        self._colours: QImage | None = None
        self._colour_map, self._opacity = "", 1.0
        self._scaled: tuple[tuple[int, int, int], QImage] | None = None
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)
        self._grip: QPointF | None = None

    # --- what is shown -----------------------------------------------------------------

    def set_message(self, text: str) -> None:
        """Words in the middle while there is no photograph."""
        self._message = text
        self.update()

    def set_photo(self, preview: QImage | None, pixels: npt.NDArray[np.uint8] | None) -> None:
        """Show another photograph (None: none), fitted, without a map."""
        self._preview, self._pixels, self._scaled = preview, pixels, None
        if pixels is not None:
            self._size = (pixels.shape[1], pixels.shape[0])
        self.set_map(None, None)
        self.fit()

    def set_map(self, saliency: F32 | None, placement: Placement | None) -> None:
        """Show a map on the model's input, and what the model sees of the photograph."""
        self._saliency, self._placement = saliency, placement
        self._recolour()

    def set_look(self, colour_map: str, opacity: float) -> None:
        """Colours and strength (0..1) of the map."""
        self._colour_map, self._opacity = colour_map, opacity
        self._recolour()

    @property
    def partly_seen(self) -> bool:
        """Whether part of the photograph is hatched."""
        return self._placement is not None and not self._placement.whole

    @property
    def has_map(self) -> bool:
        """Whether a map is shown."""
        return self._saliency is not None

    def _recolour(self) -> None:
        self._colours = None
        if self._saliency is not None and self._colour_map:
            self._colours = map_image(self._saliency, self._colour_map, self._opacity)
        self.update()

    # --- zoom --------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole photograph."""
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self.update()

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom about a point of the widget, its middle by default."""
        if self._preview is None:
            return
        point = anchor if anchor is not None else QPointF(self.rect().center())
        before = self._target()
        u = (point.x() - before.left()) / before.width()
        v = (point.y() - before.top()) / before.height()
        self._zoom = min(max(self._zoom * factor, 1.0), MOST_ZOOM)
        after = self._target()
        self._move(
            QPointF(
                point.x() - (after.left() + u * after.width()),
                point.y() - (after.top() + v * after.height()),
            )
        )

    def _move(self, by: QPointF) -> None:
        target = self._target()
        x = self._centre.x() - by.x() / target.width()
        y = self._centre.y() - by.y() / target.height()
        if self._zoom <= 1.0:
            x = y = 0.5
        self._centre = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        self.update()

    def _target(self) -> QRectF:
        """Where the photograph lies on the widget."""
        width, height = self._size
        room_w = max(1, self.width() - 2 * MARGIN)
        room_h = max(1, self.height() - 2 * MARGIN)
        scale = min(room_w / width, room_h / height) * self._zoom
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        left = self.width() / 2 - self._centre.x() * size.width()
        top = self.height() / 2 - self._centre.y() * size.height()
        return QRectF(round(left), round(top), size.width(), size.height())

    # --- painting ----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Photograph, map, what the model does not see, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self._preview is None:
            painter.setPen(theme.colour("muted"))
            room = self.rect().adjusted(48, 16, -48, -16)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._message)
        else:
            self._paint_photo(painter, self._target())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_photo(self, painter: QPainter, target: QRectF) -> None:
        self._paint_pixels(painter, target)
        if self._placement is None:
            return
        factor = target.width() / self._size[0], target.height() / self._size[1]

        def on_widget(r: QRectF) -> QRectF:
            return QRectF(
                target.left() + r.left() * factor[0],
                target.top() + r.top() * factor[1],
                r.width() * factor[0],
                r.height() * factor[1],
            )

        seen = on_widget(self._placement.seen)
        if self._colours is not None:
            painter.save()
            painter.setClipRect(seen)
            painter.drawImage(on_widget(self._placement.input_rect()), self._colours)
            painter.restore()
        if not self._placement.whole:
            self._hatch(painter, target, seen)

    def _hatch(self, painter: QPainter, target: QRectF, seen: QRectF) -> None:
        """Diagonal lines in two tones over what the model does not see."""
        # On whole device pixels, or the border would be blurred.
        unseen = QRegion(target.toAlignedRect()) - QRegion(seen.toRect())
        veil = QColor(theme.colour("canvas"))
        veil.setAlpha(VEIL)
        painter.save()
        painter.setClipRegion(unseen, Qt.ClipOperation.IntersectClip)
        painter.fillRect(target, veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = target.intersected(QRectF(self.rect()))
        # Counted from the photograph's corner, so that the lines move with it.
        before = shown.top() - target.top()
        start = shown.left() - target.left() + before
        first = math.floor(start / HATCH_STEP)
        last = math.ceil((start + shown.width() + shown.height()) / HATCH_STEP)
        for colour, aside in ((HATCH_DARK, 0.0), (HATCH_LIGHT, 1.4)):
            painter.setPen(QPen(colour, 1.0))
            for number in range(first, last + 1):
                x = target.left() + number * HATCH_STEP + aside - before
                painter.drawLine(QLineF(x, shown.top(), x - shown.height(), shown.bottom()))
        painter.restore()

    def _paint_pixels(self, painter: QPainter, target: QRectF) -> None:
        preview = self._preview
        if preview is None:
            return
        ratio = self.devicePixelRatioF()
        wanted = round(target.width() * ratio), round(target.height() * ratio)
        if wanted[0] <= preview.width():
            # Smaller than the preview: scaled once, well, and kept.
            key = (*wanted, preview.cacheKey())
            if self._scaled is None or self._scaled[0] != key:
                small = preview.scaled(
                    QSize(*wanted),
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
                self._scaled = (key, small)
            painter.drawImage(target, self._scaled[1])
            return
        pixels = self._pixels
        if pixels is None or preview.width() >= pixels.shape[1]:
            painter.drawImage(target, preview)
            return
        # Zoomed in beyond the preview: only the part on show, from the photograph itself.
        height, width = pixels.shape[:2]
        shown = target.intersected(QRectF(self.rect()))
        fx, fy = width / target.width(), height / target.height()
        left = max(0, int((shown.left() - target.left()) * fx))
        top = max(0, int((shown.top() - target.top()) * fy))
        right = min(width, int((shown.right() - target.left()) * fx) + 2)
        bottom = min(height, int((shown.bottom() - target.top()) * fy) + 2)
        if right <= left or bottom <= top:
            return
        part = to_qimage(pixels[top:bottom, left:right])
        place = QRectF(
            target.left() + left / fx, target.top() + top / fy,
            (right - left) / fx, (bottom - top) / fy,
        )  # fmt: skip
        painter.drawImage(place, part)

    # --- mouse and keyboard ------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The fit follows the size by itself."""
        super().resizeEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the cursor."""
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the photograph."""
        if event.button() == Qt.MouseButton.LeftButton and self._zoom > 1.0:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Back to the whole photograph."""
        self.fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan, or tell what lies under the cursor."""
        if self._grip is not None:
            self._move(event.position() - self._grip)
            self._grip = event.position()
        under = self._under(event.position())
        self.setToolTip(self.tr("Not seen by the model") if self._is_unseen(under) else "")
        self.pointed.emit(under)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """The cursor is elsewhere."""
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows pan, + and - zoom, 0 fits."""
        step = 40.0
        moves = {
            Qt.Key.Key_Left: QPointF(step, 0),
            Qt.Key.Key_Right: QPointF(-step, 0),
            Qt.Key.Key_Up: QPointF(0, step),
            Qt.Key.Key_Down: QPointF(0, -step),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._move(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _is_unseen(self, under: tuple[int, int, float | None] | None) -> bool:
        if under is None or not self.partly_seen or self._placement is None:
            return False
        return not self._placement.seen.contains(QPointF(under[0] + 0.5, under[1] + 0.5))

    def _under(self, point: QPointF) -> tuple[int, int, float | None] | None:
        if self._preview is None:
            return None
        target = self._target()
        x = int((point.x() - target.left()) / target.width() * self._size[0] // 1)
        y = int((point.y() - target.top()) / target.height() * self._size[1] // 1)
        if not (0 <= x < self._size[0] and 0 <= y < self._size[1]):
            return None
        value = None
        if self._saliency is not None and self._placement is not None:
            value = self._placement.sample(self._saliency, x, y)
        return x, y, value
