"""Pictures and records of many results, kept in a file while a report grows, not in memory."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections import defaultdict
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.reports.record import picture_hash
from decam_engine.reports.views import png

U8 = npt.NDArray[np.uint8]
# Of photographs, without colour subsampling: no difference to the eye at twice the size.
QUALITY = 86
# Pictures of no more colours are often smaller without loss.
DRAWN_COLOURS = 2_048
_JPEG = b"\xff\xd8"


class Spool:
    """Named byte strings in a temporary file; a context manager that removes it.

    Attributes:
        hashes: of the pictures by name, see :func:`shown_hash`.
    """

    def __init__(self) -> None:
        # Beyond this many bytes it moves from memory to the disk.
        self._file = tempfile.SpooledTemporaryFile(max_size=1 << 24)  # noqa: SIM115
        self._places: dict[str, tuple[int, int]] = {}
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        self.hashes: dict[str, str] = {}

    def __enter__(self) -> Spool:
        """The spool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the file."""
        self._file.close()

    def put(self, name: str, data: bytes) -> None:
        """Keep some bytes under a new name."""
        start = self._file.seek(0, io.SEEK_END)
        self._file.write(data)
        self._places[name] = (start, len(data))
        self._names[name.partition(".")[0]].append(name)

    def picture(self, name: str, pixels: U8) -> None:
        """Keep a picture, uint8 ``(H, W, 3)``, as JPEG or, where that is smaller, as PNG."""
        data = encoded(pixels)
        self.put(name, data)
        self.hashes[name] = shown_hash(data)

    def __contains__(self, name: str) -> bool:
        """Whether something is kept under a name."""
        return name in self._places

    def forget(self, prefix: str) -> None:
        """Keep what is named ``prefix.something`` no longer; its room is not used again."""
        for name in self._names.pop(prefix, ()):
            del self._places[name]
            self.hashes.pop(name, None)

    def get(self, name: str) -> bytes:
        """What was kept."""
        start, length = self._places[name]
        self._file.seek(start)
        return self._file.read(length)

    def record(self, name: str, value: dict[str, Any]) -> None:
        """Keep something JSON-ready."""
        self.put(name, json.dumps(value, separators=(",", ":"), allow_nan=False).encode())

    def recorded(self, name: str) -> dict[str, Any]:
        """What :meth:`record` kept."""
        found: dict[str, Any] = json.loads(self.get(name))
        return found


def encoded(pixels: U8) -> bytes:
    """A picture as JPEG or, where that is not much larger, as PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="JPEG", quality=QUALITY, subsampling=0)
    lossy = stream.getvalue()
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    # Those of photographs are never smaller without loss, and slow to make.
    if np.unique(packed).size > DRAWN_COLOURS:
        return lossy
    lossless = png(pixels)
    return lossless if len(lossless) <= 1.2 * len(lossy) else lossy


def shown_hash(data: bytes) -> str:
    """Of a JPEG: SHA-256 of its bytes, which decoders turn into pixels that differ in their last
    bits. Of a PNG: of its pixels, see :func:`decam_engine.reports.record.picture_hash`.
    """
    if data.startswith(_JPEG):
        return hashlib.sha256(data).hexdigest()
    return picture_hash(decoded(data))


def decoded(data: bytes) -> U8:
    """The pixels of a picture, uint8 ``(H, W, 3)``."""
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
        return np.array(picture.convert("RGB"))


def is_jpeg(data: bytes) -> bool:
    """Whether it is one, rather than a PNG."""
    return data.startswith(_JPEG)
