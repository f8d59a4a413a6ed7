"""The photograph itself, drawn sharp at every zoom and at the screen's own resolution."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion

from decam_gui import theme
from decam_gui.qt_image import to_qimage

# Over what the model does not see: share of the veil, device-independent pixels from one pair
# of lines to the next, and the greys of the two, which show on dark and on light photographs.
VEIL = 130
HATCH_STEP = 10.0
HATCH_DARK, HATCH_LIGHT = QColor(0, 0, 0, 170), QColor(255, 255, 255, 170)


class PhotoLayer:
    """A photograph and the scaled copy of it that was drawn last.

    Attributes:
        preview: as large as a screen, or None while there is no photograph.
        pixels: uint8 ``(H, W, 3)``, for when one zooms in further than the preview goes.
    """

    def __init__(
        self, preview: QImage | None = None, pixels: npt.NDArray[np.uint8] | None = None
    ) -> None:
        self.preview, self.pixels = preview, pixels
        self._scaled: tuple[tuple[int, int], QImage] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the photograph's own pixels."""
        return (1, 1) if self.pixels is None else (self.pixels.shape[1], self.pixels.shape[0])

    def paint(self, painter: QPainter, target: QRectF, room: QRectF, ratio: float) -> None:
        """Draw it at ``target``, of which only what lies in ``room`` shows.

        Args:
            ratio: device pixels per pixel of the widget.
        """
        preview, pixels = self.preview, self.pixels
        if preview is None:
            return
        wanted = round(target.width() * ratio), round(target.height() * ratio)
        if wanted[0] <= preview.width():
            # Smaller than the preview: scaled once, well, and kept.
            if self._scaled is None or self._scaled[0] != wanted:
                small = preview.scaled(
                    QSize(*wanted),
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
                self._scaled = (wanted, small)
            painter.drawImage(target, self._scaled[1])
            return
        if pixels is None or preview.width() >= pixels.shape[1]:
            painter.drawImage(target, preview)
            return
        # Zoomed in beyond the preview: only the part on show, from the photograph itself.
        height, width = pixels.shape[:2]
        shown = target.intersected(room)
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


def paint_hatching(painter: QPainter, target: QRectF, seen: QRectF, room: QRectF) -> None:
    """Diagonal lines in two tones over the part of ``target`` that is outside of ``seen``."""
    # On whole device pixels, or the border would be blurred.
    unseen = QRegion(target.toAlignedRect()) - QRegion(seen.toRect())
    veil = QColor(theme.colour("canvas"))
    veil.setAlpha(VEIL)
    painter.save()
    painter.setClipRegion(unseen, Qt.ClipOperation.IntersectClip)
    painter.fillRect(target, veil)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shown = target.intersected(room)
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
