"""numpy arrays to pictures that Qt can draw, without borrowed memory."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtGui import QImage

from decam_engine import colour_table, overlay

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]


def to_qimage(pixels: U8) -> QImage:
    """uint8 ``(H, W, 3)`` RGB -> an image that owns its pixels."""
    owned = np.ascontiguousarray(pixels)
    height, width = owned.shape[:2]
    image = QImage(owned.data, width, height, owned.strides[0], QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def shrunk(pixels: U8, side: int) -> QImage:
    """The photograph with its longer side at most ``side``; Pillow works without the GIL."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return to_qimage(pixels)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return to_qimage(np.asarray(small))


def map_image(saliency: F32, colour_map: str, opacity: float) -> QImage:
    """A map ``(h, w)`` in [0, 1] -> its colours, transparent where the engine's are."""
    index = np.rint(np.clip(saliency, 0.0, 1.0) * 255.0).astype(np.uint8)
    rgba = np.ascontiguousarray(_premultiplied(colour_map, round(opacity, 3))[index])
    height, width = index.shape
    return QImage(
        rgba.data, width, height, rgba.strides[0], QImage.Format.Format_RGBA8888_Premultiplied
    ).copy()


def colour_strip(colour_map: str) -> QImage:
    """A colour map as a picture one pixel wide, 1 on top and 0 at the bottom."""
    return strip_image(colour_table(colour_map))


def strip_image(table: U8) -> QImage:
    """Colours ``(n, 3)`` as a picture one pixel wide, the last on top."""
    return to_qimage(np.ascontiguousarray(table[::-1, None, :]))


@lru_cache(maxsize=32)
def _premultiplied(colour_map: str, opacity: float) -> U8:
    """uint8 ``(256, 4)``: what the engine's overlay does to black and to white tells both
    the colour times its opacity and the opacity itself, so the window shows the same mix."""
    levels = np.linspace(0.0, 1.0, 256, dtype=np.float32)[None]
    black = overlay(np.zeros((1, 256, 3), np.uint8), levels, colour_map, opacity)[0]
    white = overlay(np.full((1, 256, 3), 255, np.uint8), levels, colour_map, opacity)[0]
    hidden = 255 - (white.astype(np.int16) - black).max(axis=1)
    alpha = np.maximum(hidden, black.max(axis=1)).astype(np.uint8)
    return np.concatenate([black, alpha[:, None]], axis=1)
