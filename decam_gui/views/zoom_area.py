"""A widget whose picture is zoomed and panned by mouse, trackpad, touch and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

MARGIN = 16
MOST_ZOOM = 40.0
ZOOM_STEP = 1.25
KEY_STEP = 40.0


class ZoomArea(QWidget):
    """Knows where the picture lies; what is painted there is its subclasses' matter.

    The picture may be shown several times side by side, in panes that move together.
    """

    # Somebody zoomed or panned: the zoom (1 = fitted), and the point of the picture in the
    # middle of a pane, in shares of its width and height.
    view_changed = Signal(float, QPointF)

    def __init__(self, parent: QWidget | None = None, *, margin: int = MARGIN) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self._margin = margin
        # Width and height of the picture in its own pixels.
        self._size = (1, 1)
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)
        self._grip: QPointF | None = None

    # --- geometry ----------------------------------------------------------------------

    def panes(self) -> list[QRectF]:
        """The parts of the widget that each show the picture."""
        return [QRectF(self.rect())]

    def has_picture(self) -> bool:
        """Whether there is anything to zoom."""
        return True

    def pane_at(self, point: QPointF) -> QRectF:
        """The pane under a point, or the nearest to it."""
        return min(self.panes(), key=lambda pane: abs(pane.center().x() - point.x()))

    def target(self, pane: QRectF | None = None) -> QRectF:
        """Where the picture lies on the widget in a pane, the first by default."""
        pane = pane if pane is not None else self.panes()[0]
        width, height = self._size
        room_w = max(1.0, pane.width() - 2 * self._margin)
        room_h = max(1.0, pane.height() - 2 * self._margin)
        scale = min(room_w / width, room_h / height) * self._zoom
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        left = pane.center().x() - self._centre.x() * size.width()
        top = pane.center().y() - self._centre.y() * size.height()
        return QRectF(round(left), round(top), size.width(), size.height())

    def to_picture(self, point: QPointF) -> QPointF:
        """A point of the widget in the picture's own pixels; it may lie outside of it."""
        target = self.target(self.pane_at(point))
        return QPointF(
            (point.x() - target.left()) / target.width() * self._size[0],
            (point.y() - target.top()) / target.height() * self._size[1],
        )

    # --- view --------------------------------------------------------------------------

    @property
    def view(self) -> tuple[float, QPointF]:
        """Zoom and centre, as ``view_changed`` carries them."""
        return self._zoom, QPointF(self._centre)

    def set_view(self, zoom: float, centre: QPointF) -> None:
        """Take over a view; nobody is told."""
        self._zoom, self._centre = min(max(zoom, 1.0), MOST_ZOOM), QPointF(centre)
        self.update()

    def fit(self) -> None:
        """Show the whole picture."""
        self.set_view(1.0, QPointF(0.5, 0.5))
        self.view_changed.emit(*self.view)

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom about a point of the widget, the middle of the first pane by default."""
        if not self.has_picture():
            return
        point = anchor if anchor is not None else self.panes()[0].center()
        pane = self.pane_at(point)
        before = self.target(pane)
        u = (point.x() - before.left()) / before.width()
        v = (point.y() - before.top()) / before.height()
        self._zoom = min(max(self._zoom * factor, 1.0), MOST_ZOOM)
        after = self.target(pane)
        self.pan_by(
            QPointF(
                point.x() - (after.left() + u * after.width()),
                point.y() - (after.top() + v * after.height()),
            )
        )

    def pan_by(self, by: QPointF) -> None:
        """Move the picture by so many pixels of the widget."""
        target = self.target()
        x = self._centre.x() - by.x() / target.width()
        y = self._centre.y() - by.y() / target.height()
        if self._zoom <= 1.0:
            x = y = 0.5
        self._centre = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        self.update()
        self.view_changed.emit(*self.view)

    # --- mouse, trackpad, touch, keys --------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The fit follows the size by itself."""
        super().resizeEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Pinching: natively on a trackpad, or with two fingers on a screen."""
        if isinstance(event, QNativeGestureEvent):
            return self._native(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom_by(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.hotSpot())))
                return True
        return super().event(event)

    def _native(self, event: QNativeGestureEvent) -> bool:
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            if self._zoom > 1.0:
                self.fit()
            else:
                self.zoom_by(ZOOM_STEP**4, event.position())
        elif kind == Qt.NativeGestureType.PanNativeGesture:
            self.pan_by(event.delta())
        else:
            return False
        event.accept()
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """A wheel zooms about the cursor; two fingers on a trackpad pan, with Ctrl they zoom."""
        fingers = event.device().type() == QInputDevice.DeviceType.TouchPad
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if fingers and not control:
            by = event.pixelDelta() if event.hasPixelDelta() else event.angleDelta() / 2
            self.pan_by(QPointF(by))
        else:
            self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the picture."""
        buttons = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
        if event.button() in buttons and self._zoom > 1.0:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan."""
        if self._grip is not None:
            self.pan_by(event.position() - self._grip)
            self._grip = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Back to the whole picture."""
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows pan, + and - zoom, 0 fits."""
        moves = {
            Qt.Key.Key_Left: QPointF(KEY_STEP, 0),
            Qt.Key.Key_Right: QPointF(-KEY_STEP, 0),
            Qt.Key.Key_Up: QPointF(0, KEY_STEP),
            Qt.Key.Key_Down: QPointF(0, -KEY_STEP),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.pan_by(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)
