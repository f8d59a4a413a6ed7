"""Where a map lies on its photograph."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform

F32 = npt.NDArray[np.float32]


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

    def to_input(self, x: float, y: float) -> tuple[float, float]:
        """A point of the photograph on the input, ``(u, v)`` from its left and top edge."""
        return x * self.scale[1] + self.offset[1], y * self.scale[0] + self.offset[0]

    def transform(self, target: QRectF) -> QTransform:
        """From input pixels to the widget, on which the photograph lies at ``target``."""
        (height, width), rect = self.photo_size, self.input_rect()
        fx, fy = target.width() / width, target.height() / height
        h, w = self.input_size
        made = QTransform()
        made.translate(target.left() + rect.left() * fx, target.top() + rect.top() * fy)
        made.scale(rect.width() * fx / w, rect.height() * fy / h)
        return made

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
