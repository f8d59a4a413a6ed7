"""Insertion and deletion curves: a small figure, drawn as vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from decam_gui import theme

TICKS = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Curve:
    """Probabilities at equal steps from no pixel to all of them.

    Attributes:
        name: as the legend says it.
        area: under it, 0..1.
        style, width: of its line; the legend shows it.
        main: whether it is the one that the figure is about.
    """

    name: str
    values: tuple[float, ...]
    area: float
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    width: float = 1.5
    main: bool = False


class CurvePlot(QWidget):
    """Curves over the share of pixels, with axes, numbers and a legend of lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._across = "", ""
        self._curves: tuple[Curve, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is drawn."""
        return self._curves

    def show_curves(self, title: str, across: str, curves: Sequence[Curve]) -> None:
        """Draw these; ``across`` says what the horizontal axis counts."""
        self._title, self._across, self._curves = title, across, tuple(curves)
        said = "; ".join(f"{c.name}: {c.area:.2f}" for c in curves)
        self.setAccessibleName(title)
        self.setAccessibleDescription(said)
        self.setToolTip(f"{title}\n{said}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Title, figure, numbers, axis, one line of legend for each curve."""
        line = self.fontMetrics().height()
        return QSize(200, 92 + line * (3 + len(self._curves)) + 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """All of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        line = float(metrics.height())
        text, muted = theme.colour("text"), theme.colour("muted")
        painter.setPen(text)
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self._title)
        left = metrics.horizontalAdvance("0.5") + 8.0
        legend = line * len(self._curves)
        area = QRectF(
            left, line + 8, self.width() - left - 10, self.height() - legend - 3 * line - 20
        )
        self._paint_axes(painter, area, muted)
        for curve in sorted(self._curves, key=lambda c: c.main):
            painter.setPen(self._pen(curve))
            steps = max(1, len(curve.values) - 1)
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(
                            area.left() + area.width() * i / steps,
                            area.bottom() - area.height() * min(max(v, 0.0), 1.0),
                        )
                        for i, v in enumerate(curve.values)
                    ]
                )
            )
        top = area.bottom() + 2 * line + 8
        for curve in self._curves:
            middle = top + line / 2
            painter.setPen(self._pen(curve))
            painter.drawLine(QPointF(left, middle), QPointF(left + 28, middle))
            painter.setPen(text)
            room = QRectF(left + 36, top, self.width() - left - 36, line)
            number = f"{curve.area:.2f}"
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, number)
            width = room.width() - metrics.horizontalAdvance(number) - 8
            name = metrics.elidedText(curve.name, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, name)
            top += line
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF, muted: QColor) -> None:
        line = float(painter.fontMetrics().height())
        for tick in TICKS:
            y = area.bottom() - tick * area.height()
            x = area.left() + tick * area.width()
            painter.setPen(QPen(theme.colour("border"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QPen(muted, 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            painter.drawText(
                QRectF(0, y - line / 2, area.left() - 5, line),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{tick:g}",
            )
            painter.drawText(
                QRectF(x - 40, area.bottom() + 3, 80, line),
                Qt.AlignmentFlag.AlignHCenter,
                "" if tick == 1.0 else f"{tick * 100:.0f} %",
            )
        painter.setPen(muted)
        edge = QRectF(0, area.bottom() + 3, self.width(), line)
        painter.drawText(edge, Qt.AlignmentFlag.AlignRight, "100 %")
        painter.drawText(
            QRectF(area.left(), area.bottom() + 3 + line, area.width(), line),
            Qt.AlignmentFlag.AlignHCenter,
            self._across,
        )
        painter.drawText(
            QRectF(0, area.bottom() + 3 + line, self.width(), line),
            Qt.AlignmentFlag.AlignRight,
            self.tr("area"),
        )
        painter.setPen(QPen(muted, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())

    def _pen(self, curve: Curve) -> QPen:
        colour = theme.colour("accent" if curve.main else "text")
        pen = QPen(colour, curve.width, curve.style)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen
