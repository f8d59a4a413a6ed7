"""A small map as a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.colours import DEFAULT_COLOUR_MAP, colourise


def map_picture(cells: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.uint8]:
    """uint8 ``(side, side, 3)`` of a map ``(n, n)``, scaled to its own highest value."""
    top = float(cells.max())
    values = cells / np.float32(top) if top > 0 else cells
    large = cv2.resize(values, (side, side), interpolation=cv2.INTER_CUBIC)
    clipped = np.clip(np.asarray(large, dtype=np.float32), 0.0, 1.0)
    return colourise(clipped, DEFAULT_COLOUR_MAP)
