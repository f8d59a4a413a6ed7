"""HEIC and HEIF, the format of phones: an optional extra, opened by libheif through Pillow."""

from __future__ import annotations

import importlib
import io
from typing import Any

from PIL import ImageFile

from decam_engine.errors import ImageError

# Brands in a file's first box; AVIF's are not among them.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def is_heic(data: bytes) -> bool:
    """Whether the file says that it is HEIC or HEIF."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def open_heic(data: bytes, name: str) -> ImageFile.ImageFile:
    """An opened, not yet decoded image; turned upright by libheif when it is loaded.

    Raises:
        ImageError: the extra is not installed.
        ValueError, RuntimeError, SyntaxError: a damaged file.
    """
    try:
        # Not registered with Pillow, whose table of formats belongs to the whole process.
        plugin: Any = importlib.import_module("pillow_heif")
    except ImportError:
        raise ImageError(
            f"{name} is a HEIC photograph, which needs the extra 'heic': install it with "
            "pip install 'decam-studio[heic]', or convert the photograph to JPEG or PNG."
        ) from None
    image: ImageFile.ImageFile = plugin.HeifImageFile(io.BytesIO(data))
    return image
