"""Files of more than 8 bits, written without the decoder that is tested."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.png_files import png_chunk

U16 = npt.NDArray[np.uint16]
_PNG_KINDS = {1: 0, 2: 4, 3: 2, 4: 6}
_TIFF_SHORT, _TIFF_LONG = 3, 4


def deep_ramp(height: int = 30, width: int = 41, low: int = 1000, high: int = 41_000) -> U16:
    """uint16 ``(H, W, 3)``: red grows to the right, green downwards, blue is the middle."""
    across = np.linspace(low, high, width)[None, :].repeat(height, axis=0)
    down = np.linspace(low, high, height)[:, None].repeat(width, axis=1)
    return np.stack([across, down, np.full((height, width), (low + high) / 2)], axis=2).astype(
        np.uint16
    )


def write_deep_png(path: Path, values: U16, orientation: int = 1) -> Path:
    """``(H, W)``, or ``(H, W, c)`` with 2 (grey, alpha), 3 or 4 channels."""
    height, width = values.shape[:2]
    channels = 1 if values.ndim == 2 else values.shape[2]
    header = struct.pack(">IIBBBBB", width, height, 16, _PNG_KINDS[channels], 0, 0, 0)
    rows = values.astype(">u2").reshape(height, -1).tobytes()
    stride = len(rows) // height
    body = b"".join(b"\0" + rows[i * stride : (i + 1) * stride] for i in range(height))
    exif = b"" if orientation == 1 else png_chunk(b"eXIf", _exif(orientation))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + exif
        + png_chunk(b"IDAT", zlib.compress(body))
        + png_chunk(b"IEND", b"")
    )
    return path


def write_deep_tiff(
    path: Path,
    *pages: U16,
    orientation: int = 1,
    deflate: bool = False,
    white_is_zero: bool = False,
) -> Path:
    """Pages of ``(H, W)`` or ``(H, W, 3)``, one strip each, the directory before its pixels."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number, values in enumerate(pages):
        height, width = values.shape[:2]
        channels = 1 if values.ndim == 2 else values.shape[2]
        strip = values.astype("<u2").tobytes()
        strip = zlib.compress(strip) if deflate else strip
        start = len(out)
        count = 11
        bits = start + 2 + count * 12 + 4
        place = bits + 6
        photometric = 2 if channels == 3 else 0 if white_is_zero else 1
        last = number == len(pages) - 1
        entries = [
            (256, _TIFF_LONG, 1, width),
            (257, _TIFF_LONG, 1, height),
            (258, _TIFF_SHORT, channels, 16 if channels == 1 else bits),
            (259, _TIFF_SHORT, 1, 8 if deflate else 1),
            (262, _TIFF_SHORT, 1, photometric),
            (273, _TIFF_LONG, 1, place),
            (274, _TIFF_SHORT, 1, orientation),
            (277, _TIFF_SHORT, 1, channels),
            (278, _TIFF_LONG, 1, height),
            (279, _TIFF_LONG, 1, len(strip)),
            (284, _TIFF_SHORT, 1, 1),
        ]
        out += struct.pack("<H", count)
        for tag, kind, length, value in entries:
            out += struct.pack("<HHII", tag, kind, length, value)
        out += struct.pack("<I", 0 if last else place + len(strip) + len(strip) % 2)
        out += struct.pack("<HHH", 16, 16, 16) + strip + b"\0" * (len(strip) % 2)
    path.write_bytes(bytes(out))
    return path


def stored_as(values: npt.NDArray[np.generic], orientation: int) -> npt.NDArray[np.generic]:
    """How a camera stores an upright picture under an EXIF orientation."""
    turned = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a.swapaxes(0, 1)[::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
        8: lambda a: a.swapaxes(0, 1)[:, ::-1],
    }[orientation](values)
    return np.ascontiguousarray(turned)


def _exif(orientation: int) -> bytes:
    return b"II*\0" + struct.pack("<IHHHIIi", 8, 1, 274, _TIFF_SHORT, 1, orientation, 0)
