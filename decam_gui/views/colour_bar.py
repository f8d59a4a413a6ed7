"""What the colours mean, in numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from decam_engine import diverging_table
from decam_gui import theme
from decam_gui.qt_image import colour_strip, strip_image
from decam_gui.views.map_layer import HALO, LIGHT

TICKS = (1.0, 0.75, 0.5, 0.25, 0.0)
DIFFERENCE_TICKS = (1.0, 0.5, 0.0, -0.5, -1.0)
BAR = 14


class ColourBar(QWidget):
    """A strip from 0 to 1 with its numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ticks, self._heading = TICKS, self.tr("saliency")
        self._strip: QImage | None = None
        self._marks: tuple[float, ...] = ()
        self._pointed: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Colour bar: saliency from 0 to 1"))
        self.setToolTip(self.tr("Saliency: 1 = most decisive for the explained class, 0 = not"))

    def set_colour_map(self, name: str) -> None:
        """Show this colour map."""
        self._strip = colour_strip(name)
        self.update()

    def show_difference(self, heading: str, explained: str) -> None:
        """The diverging colours instead, from -1 to 1."""
        self._strip = strip_image(diverging_table())
        self._ticks, self._heading = DIFFERENCE_TICKS, heading
        self.setAccessibleName(explained)
        self.setToolTip(explained)
        self.updateGeometry()
        self.update()

    def set_marks(self, marks: tuple[float, ...]) -> None:
        """Lines across the strip: the levels of contour lines, the higher the thicker."""
        self._marks = marks
        self.update()

    def set_pointed(self, value: float | None) -> None:
        """An arrow at the value under the cursor."""
        if value != self._pointed:
            self._pointed = value
            self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """The heading in another language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._ticks is TICKS:
            self._heading = self.tr("saliency")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the numbers."""
        width = self.fontMetrics().horizontalAdvance("+0.75") + BAR + 14
        return QSize(max(width, self.fontMetrics().horizontalAdvance(self._heading) + 4), 120)

    def _number(self, tick: float) -> str:
        return f"{tick:.2f}" if self._ticks is TICKS else f"{tick:+.1f}"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Heading, strip, numbers."""
        if self._strip is None:
            return
        painter = QPainter(self)
        # Faint while there is no map whose colours it could explain.
        painter.setOpacity(1.0 if self.isEnabled() else 0.35)
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self._heading
        )
        top = line * 1.8
        bar = QRectF(0.5, top, BAR, max(8.0, self.height() - top - line * 0.7))
        painter.drawImage(bar, self._strip)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawRect(bar)
        low = self._ticks[-1]
        for tick in self._ticks:
            y = bar.top() + (1 - tick) / (1 - low) * bar.height()
            painter.setPen(theme.colour("muted"))
            painter.drawLine(QPointF(bar.right() + 1, y), QPointF(bar.right() + 4, y))
            painter.drawText(
                QPointF(bar.right() + 8, y + metrics.ascent() * 0.38), self._number(tick)
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, mark in enumerate(self._marks):
            y = bar.top() + (1 - mark) * bar.height()
            for colour, width in ((HALO, number + 4.0), (LIGHT, number + 1.5)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y))
        if self._pointed is not None:
            y = bar.top() + (1 - min(max(self._pointed, 0.0), 1.0)) * bar.height()
            tip = QPointF(bar.right() - 3, y)
            arrow = QPolygonF([tip, tip + QPointF(9, -6), tip + QPointF(9, 6)])
            painter.setPen(QPen(theme.colour("card"), 1.5))
            painter.setBrush(theme.colour("text"))
            painter.drawPolygon(arrow)
        painter.end()
