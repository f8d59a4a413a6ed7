"""16-bit colour, which Pillow can only read as 8-bit; OpenCV reads it in full.

Pillow stays the judge: it has decoded the file before, and OpenCV's reading is taken only when
its upper 8 bits are exactly what Pillow found, pixel by pixel.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

U16 = npt.NDArray[np.uint16]

# Reading orders of the stored picture that make it upright, by EXIF orientation.
_TURNS = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether an opened, not yet loaded image has 16-bit colour that loading would cut to 8."""
    return any(";16" in str(tile) for tile in image.tile) and image.mode in ("RGB", "RGBA", "LA")


def read_deep(data: bytes, page: int, upright: Image.Image, orientation: int | None) -> U16 | None:
    """The same picture in 16 bits: uint16 ``(H, W, 3)`` or ``(H, W, 4)`` RGB(A), upright.

    Args:
        page: from 0.
        upright: what Pillow made of it, ``RGB``, ``RGBA`` or ``LA``, turned upright.
        orientation: EXIF orientation of the stored picture, 1 = upright.

    Returns:
        None when OpenCV cannot read it, or reads something else.
    """
    stored = _decode(data, page)
    if stored is None:
        return None
    judge = np.asarray(upright.convert("RGB" if stored.shape[2] == 3 else "RGBA"))
    turn = _TURNS.get(orientation or 1)
    for candidate in (stored,) if turn is None else (turn(stored), stored):
        if candidate.shape == judge.shape and np.array_equal(candidate >> 8, judge):
            return np.ascontiguousarray(candidate)
    return None


def _decode(data: bytes, page: int) -> U16 | None:
    """uint16 ``(h, w, 3 | 4)`` as stored, or None; never raises for bad files."""
    log = cv2.utils.logging
    level = log.getLogLevel()
    # Else OpenCV writes about damaged files to standard error.
    log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        buffer = np.frombuffer(data, np.uint8)
        if page == 0:
            found = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED)
        else:
            _, pages = cv2.imdecodemulti(buffer, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
            found = pages[0] if pages else None
    except cv2.error:
        return None
    finally:
        log.setLogLevel(level)
    if found is None or found.dtype != np.uint16 or found.ndim != 3:
        return None
    order = [2, 1, 0, 3][: found.shape[2]]
    return found[:, :, order] if len(order) >= 3 else None
