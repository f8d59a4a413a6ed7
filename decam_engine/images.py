"""Image files to 8-bit RGB photographs: the only way in.

Everything that had to be done to get there (rotation, alpha, windowing, ...) is recorded
in ``Photo.notes`` for people and in ``Photo.reading`` for machines, so that a report can say it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.decoders import FORMATS, ReadOptions, decode_file
from decam_engine.decoders.base import MAX_FILE_BYTES
from decam_engine.errors import ImageError

__all__ = ["FORMATS", "SUFFIXES", "Photo", "decode", "find_images", "load_image"]

# Those of the optional extras, too: without them each such file is answered by one sentence.
SUFFIXES = (
    ".bmp",
    ".dcm",
    ".dicom",
    ".gif",
    ".heic",
    ".heif",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph as the engine sees it.

    Attributes:
        pixels: uint8 ``(H, W, 3)``, RGB, upright, read-only.
        name: file name without folder (or what the caller chose).
        sha256: hex digest of the file's bytes (of the pixels, for arrays).
        path: where it was read from, or None.
        notes: one sentence for each thing that was done to get from the file to ``pixels``.
        reading: the same, JSON-ready; under ``options`` what :func:`load_image` was given. It
            holds facts about the picture only, never about a person in it.
    """

    pixels: npt.NDArray[np.uint8]
    name: str
    sha256: str
    path: Path | None = None
    notes: tuple[str, ...] = field(default=())
    reading: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """``(H, W)`` in pixels."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])

    @classmethod
    def from_array(cls, pixels: npt.ArrayLike, name: str = "array") -> Photo:
        """Wrap uint8 RGB ``(H, W, 3)`` or grey ``(H, W)`` pixels.

        Raises:
            ImageError: wrong shape or dtype.
        """
        array = np.asarray(pixels)
        if array.dtype == np.uint8 and array.ndim == 2:
            array = np.repeat(array[:, :, None], 3, axis=2)
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
            raise ImageError(
                "An image array must be uint8 of shape (H, W, 3) or (H, W); found "
                f"{array.dtype} of shape {array.shape}. Convert it to 8 bits per channel first."
            )
        owned = _frozen(np.array(array, order="C", copy=True))
        digest = hashlib.sha256(repr(owned.shape).encode())
        digest.update(owned.data)
        return cls(owned, name, digest.hexdigest())


def load_image(
    path: str | Path,
    *,
    page: int | None = None,
    window: str | tuple[float, float] | None = None,
    background: str | tuple[int, int, int] = "white",
) -> Photo:
    """Decode an image file.

    Applies the EXIF orientation and the embedded colour profile, composes transparency on a
    background, converts palette, grey and CMYK to RGB, and windows what has more than 8 bits;
    each is recorded in ``Photo.notes`` and ``Photo.reading``.

    Args:
        page: of a multi-page TIFF, an animation, a HEIC collection or a multi-frame DICOM, from
            1; None = the first (of HEIC: the main) one.
        window: for pictures of more than 8 bits: ``percentile`` (0.1 to 99.9), ``full`` (0 to
            65,535 for 16 bits, else from the smallest to the largest value), or ``(low, high)``
            in the file's own values (DICOM: after rescaling). None = the file's own window where
            it has one (DICOM), else ``percentile``.
        background: behind transparent pixels: a colour name, ``#rrggbb``, or RGB 0..255.

    Raises:
        ImageError: missing, empty, truncated, unsupported or too large a file, a page that it
            does not have, or a format whose extra is not installed.
        SettingsError: unusable ``page``, ``window`` or ``background``.
    """
    options = ReadOptions.checked(page, window, background)
    file = Path(path)
    return _photo(read_bytes(file), file.name, file, options)


def decode_photo(
    data: bytes,
    name: str,
    path: Path | None = None,
    *,
    page: int | None = None,
    window: str | tuple[float, float] | None = None,
    background: str | tuple[int, int, int] = "white",
) -> Photo:
    """As :func:`load_image`, of the bytes of a file that may lie on another machine.

    Raises:
        ImageError: as :func:`load_image`.
    """
    return _photo(data, name, path, ReadOptions.checked(page, window, background))


def _photo(data: bytes, name: str, path: Path | None, options: ReadOptions) -> Photo:
    decoded = decode_file(data, name, options)
    return Photo(
        _frozen(decoded.pixels),
        name,
        hashlib.sha256(data).hexdigest(),
        path,
        decoded.notes,
        {"options": options.to_dict(), **decoded.reading},
    )


def decode(data: bytes, name: str) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """The bytes of an image file -> read-only uint8 ``(H, W, 3)`` RGB and notes.

    Raises:
        ImageError: as :func:`load_image`.
    """
    decoded = decode_file(data, name, ReadOptions())
    return _frozen(decoded.pixels), decoded.notes


def find_images(folder: str | Path) -> list[Path]:
    """The image files of a folder and its sub-folders by their suffix, sorted by path.

    Raises:
        ImageError: not a folder, or no image in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ImageError(f"{root} is not a folder. Give the folder that holds the images.")
    found = sorted(
        p
        for p in root.rglob("*")
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
    )
    if not found:
        raise ImageError(
            f"The folder {root} holds no image: expected files ending in "
            f"{', '.join(SUFFIXES)}, found none. Choose another folder."
        )
    return found


def read_bytes(file: Path) -> bytes:
    """The bytes of an image file, of a size that is read.

    Raises:
        ImageError: missing, empty, too large or not readable.
    """
    try:
        if file.is_dir():
            raise ImageError(f"{file} is a folder; expected an image file. Name a file in it.")
        size = file.stat().st_size
        if size == 0:
            raise ImageError(
                f"{file.name} is empty (0 bytes); expected an image. Copy or export it again."
            )
        if size > MAX_FILE_BYTES:
            raise ImageError(
                f"{file.name} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read. "
                "Save it smaller or compressed."
            )
        return file.read_bytes()
    except FileNotFoundError:
        raise ImageError(f"{file} does not exist. Check the name and the folder.") from None
    except PermissionError:
        raise ImageError(f"{file} may not be read. Change its permissions or copy it.") from None
    except (OSError, ValueError) as error:
        raise ImageError(f"{file} could not be read ({error}). Check the disk and name.") from None


def _frozen(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Made read-only; the array must be nobody else's."""
    owned = np.ascontiguousarray(pixels)
    owned.flags.writeable = False
    return owned
