"""A map in the ways it is shown over its photograph: colours, lines, or what it hides."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from decam_engine import Region, colour_table
from decam_gui import theme
from decam_gui.qt_image import map_image
from decam_gui.views.contours import coarse_contours, level_of_share
from decam_gui.views.placement import Placement

F32 = npt.NDArray[np.float32]
BOOL = npt.NDArray[np.bool_]

# Where the contour lines run; the colour bar marks them.
LEVELS = (0.25, 0.5, 0.75)
# Of what is hidden: enough of the photograph is left to know where one is.
GHOST = 232
# Outlines kept for the next painting; a slider asks for many others.
KEPT_OUTLINES = 8
HALO = QColor(0, 0, 0, 190)
LIGHT = QColor(255, 255, 255, 235)


class Mode(Enum):
    """How a map is shown."""

    OVERLAY = "overlay"
    SIDE = "side"
    CURTAIN = "curtain"
    KEEP = "keep"
    REMOVE = "remove"
    CONTOURS = "contours"

    @property
    def cuts(self) -> bool:
        """Whether it hides the part above or below a share."""
        return self in (Mode.KEEP, Mode.REMOVE)


class MapLayer:
    """A map and what was made of it for drawing, each made once and when it is needed.

    Attributes:
        saliency: float32 ``(h, w)`` on the model's input.
        placement: where that lies on the photograph.
    """

    def __init__(self, saliency: F32, placement: Placement, colour_map: str) -> None:
        self.saliency, self.placement = saliency, placement
        self.colour_map = colour_map
        self._colours: tuple[float, QImage] | None = None
        self._cut: tuple[tuple[float, bool, str], QImage] | None = None
        self._outlines: dict[float, QPainterPath] = {}
        self._lines: list[tuple[float, QPainterPath]] | None = None

    def top(self, share: float) -> BOOL:
        """bool ``(h, w)``: the most salient share of the pixels, as the engine takes it."""
        return Region(share, 0.0, 0).mask(self.saliency)

    def paint_colours(self, painter: QPainter, target: QRectF, opacity: float) -> None:
        """The colours over the photograph, which lies at ``target``."""
        if self._colours is None or self._colours[0] != opacity:
            self._colours = (opacity, map_image(self.saliency, self.colour_map, opacity))
        self._paint_image(painter, target, self._colours[1])

    def paint_cut(self, painter: QPainter, target: QRectF, share: float, *, keep: bool) -> None:
        """Hide all but the most salient share of the pixels, or that share."""
        key = (share, keep, theme.colour("canvas").name())
        if self._cut is None or self._cut[0] != key:
            inside = self.saliency > level_of_share(self.saliency, share)
            self._cut = (key, veil_image(~inside if keep else inside))
        self._paint_image(painter, target, self._cut[1])
        self.paint_outline(painter, target, share, Qt.PenStyle.SolidLine)

    def paint_outline(
        self, painter: QPainter, target: QRectF, share: float, style: Qt.PenStyle
    ) -> None:
        """A line around the most salient share of the pixels, light on a dark ground."""
        if share not in self._outlines:
            if len(self._outlines) >= KEPT_OUTLINES:
                self._outlines.clear()
            level = level_of_share(self.saliency, share)
            self._outlines[share] = line_path(coarse_contours(self.saliency, level))
        path, solid = self._outlines[share], Qt.PenStyle.SolidLine
        stroke(painter, target, self.placement, path, HALO, 4.0, solid)
        stroke(painter, target, self.placement, path, LIGHT, 2.0, style)

    def paint_contours(self, painter: QPainter, target: QRectF) -> None:
        """Lines at ``LEVELS``, the higher the thicker, in the colours of the map."""
        if self._lines is None:
            self._lines = [
                (level, line_path(coarse_contours(self.saliency, level))) for level in LEVELS
            ]
        table = colour_table(self.colour_map)
        for number, (level, path) in enumerate(self._lines):
            colour = QColor(*(int(c) for c in table[round(level * 255)]))
            width = 1.5 + number
            stroke(painter, target, self.placement, path, LIGHT, width + 3.0, Qt.PenStyle.SolidLine)
            stroke(painter, target, self.placement, path, HALO, width + 1.5, Qt.PenStyle.SolidLine)
            stroke(painter, target, self.placement, path, colour, width, Qt.PenStyle.SolidLine)

    def _paint_image(self, painter: QPainter, target: QRectF, image: QImage) -> None:
        painter.save()
        # Not what lies outside of the photograph: the padding of a letterbox.
        painter.setClipRect(seen_on(target, self.placement), Qt.ClipOperation.IntersectClip)
        painter.setTransform(self.placement.transform(target), combine=True)
        height, width = self.saliency.shape
        painter.drawImage(QRectF(0, 0, width, height), image)
        painter.restore()


def stroke(
    painter: QPainter,
    target: QRectF,
    placement: Placement,
    path: QPainterPath,
    colour: QColor,
    width: float,
    style: Qt.PenStyle,
) -> None:
    """Draw a line that is given on the model's input, as thick at every zoom."""
    pen = QPen(colour, width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
    pen.setCosmetic(True)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(
        seen_on(target, placement).adjusted(-2, -2, 2, 2), Qt.ClipOperation.IntersectClip
    )
    painter.setTransform(placement.transform(target), combine=True)
    painter.strokePath(path, pen)
    painter.restore()


def seen_on(target: QRectF, placement: Placement) -> QRectF:
    """What the model sees of the photograph at ``target``, on the widget."""
    height, width = placement.photo_size
    fx, fy = target.width() / width, target.height() / height
    seen = placement.seen
    return QRectF(
        target.left() + seen.left() * fx,
        target.top() + seen.top() * fy,
        seen.width() * fx,
        seen.height() * fy,
    )


def veil_image(hidden: BOOL) -> QImage:
    """The ground's colour over the hidden pixels ``(h, w)``, with a ghost of what is below."""
    ground = theme.colour("canvas")
    rgba = np.zeros((*hidden.shape, 4), dtype=np.uint8)
    share = GHOST / 255
    rgba[hidden] = [round(c * share) for c in ground.getRgb()[:3]] + [GHOST]
    height, width = hidden.shape
    return QImage(
        rgba.data, width, height, rgba.strides[0], QImage.Format.Format_RGBA8888_Premultiplied
    ).copy()


def line_path(lines: list[npt.NDArray[np.float64]]) -> QPainterPath:
    """Closed lines ``(n, 2)`` as Qt draws them."""
    path = QPainterPath()
    for line in lines:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
    return path
