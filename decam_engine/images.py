"""Image files to 8-bit RGB photographs: the only decoder of the project.

Everything that had to be done to get there (rotation, alpha, windowing, ...) is recorded
in ``Photo.notes``, so that a report can say it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from decam_engine.errors import ImageError

# Pillow opens many more formats; the others are rarely photographs and widen the attack surface.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUFFIXES = (
    ".bmp",
    ".gif",
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
MAX_PIXELS = 80_000_000
MAX_FILE_BYTES = 1_000_000_000
MAX_SIDE = 60_000
# The darkest and brightest 0.1 % of a 16-bit image are clipped: dead and hot sensor pixels.
WINDOW_PERCENTILES = (0.1, 99.9)
# Rows that are copied at a time.
STRIP = 256
BACKGROUND = (255, 255, 255)
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
# What Pillow's decoders raise for damaged files differs from format to format.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
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
    """

    pixels: npt.NDArray[np.uint8]
    name: str
    sha256: str
    path: Path | None = None
    notes: tuple[str, ...] = field(default=())

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


def load_image(path: str | Path) -> Photo:
    """Decode an image file.

    Applies the EXIF orientation, composes transparency on white, converts palette, grey
    and CMYK to RGB, windows 16-bit and floating-point greys, and takes the first frame of
    an animation; each is recorded in ``Photo.notes``.

    Raises:
        ImageError: missing, empty, truncated, unsupported or too large a file.
    """
    file = Path(path)
    data = _read(file)
    pixels, notes = decode(data, file.name)
    return Photo(pixels, file.name, hashlib.sha256(data).hexdigest(), file, notes)


def decode(data: bytes, name: str) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """The bytes of an image file -> read-only uint8 ``(H, W, 3)`` RGB and notes.

    Raises:
        ImageError: as :func:`load_image`.
    """
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image, name)
                if getattr(image, "n_frames", 1) > 1:
                    notes.append(f"First of {getattr(image, 'n_frames', 1)} frames used.")
                stored = _orientation(image)
                # Pillow reads 16-bit colour as 8-bit; what it reads is known before it loads.
                deep = ";16" in str(getattr(image, "tile", ""))
                image.load()
                upright = _upright(image, stored, notes)
                pixels = _to_rgb(upright, name, deep, notes)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(
            f"{name} is not an image that can be read: expected one of "
            f"{', '.join(FORMATS)}, found something else. Convert it to PNG or JPEG."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(_too_large(name, "more")) from None
    except (*_DAMAGED, MemoryError) as error:
        raise ImageError(
            f"{name} is damaged or cut off: expected a complete image, found that it could not "
            f"be decoded ({str(error) or type(error).__name__}). Copy or export the file again."
        ) from None
    return _frozen(pixels), tuple(notes)


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


def _read(file: Path) -> bytes:
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


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageError(_too_large(name, f"{width} x {height}"))
    if width < 1 or height < 1:
        raise ImageError(f"{name} has no pixels ({width} x {height}). Export it again.")


def _too_large(name: str, found: str) -> str:
    return (
        f"{name} is too large: at most {MAX_PIXELS // 1_000_000} megapixels are read, found "
        f"{found}. Scale it down; a model looks at far fewer pixels anyway."
    )


def _orientation(image: Image.Image) -> int | None:
    """EXIF orientation, 1 = upright; None when the EXIF data cannot be read."""
    try:
        value = image.getexif().get(0x0112, 1)
    except _DAMAGED:
        return None
    return value if value in range(2, 9) else 1


def _upright(image: Image.Image, stored: int | None, notes: list[str]) -> Image.Image:
    """The loaded image turned upright; ``stored`` is its orientation before it was loaded.

    Pillow turns TIFF files while it loads them, and reads PNG's EXIF data only then.
    """
    now = _orientation(image)
    if stored is None and now is None:
        notes.append("The EXIF data is damaged; the orientation was left as stored.")
        return image
    turned = now if now not in (None, 1) else stored
    try:
        upright = ImageOps.exif_transpose(image) if now not in (None, 1) else image
    except _DAMAGED:
        notes.append("The EXIF data is damaged; the orientation was left as stored.")
        return image
    if turned not in (None, 1):
        notes.append(f"Turned upright (EXIF orientation {turned}).")
    return upright


def _to_rgb(image: Image.Image, name: str, deep: bool, notes: list[str]) -> npt.NDArray[np.uint8]:
    if image.mode in _WIDE_MODES:
        return _window(np.asarray(image), name, notes)
    if deep:
        notes.append("16 bits per colour channel: only the upper 8 were used.")
    if image.mode == "P":
        notes.append("Palette converted to RGB.")
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif "transparency" in image.info and image.mode in ("RGB", "L", "1"):
        image = image.convert("RGBA")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        image = image.convert("RGBA")
        low, _ = image.getchannel("A").getextrema()
        if isinstance(low, int | float) and low < 255:
            notes.append("Transparency composed on white.")
        backdrop = Image.new("RGBA", image.size, (*BACKGROUND, 255))
        image = Image.alpha_composite(backdrop, image)
    elif image.mode == "CMYK":
        notes.append("CMYK converted to RGB without a colour profile.")
    elif image.mode in ("L", "1"):
        notes.append("Grey repeated in three channels.")
    elif image.mode != "RGB":
        notes.append(f"Converted from {image.mode} to RGB.")
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return _pixels(rgb)


def _pixels(image: Image.Image) -> npt.NDArray[np.uint8]:
    """The pixels of an RGB image, strip by strip: in one go Pillow makes three copies of them."""
    out = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        out[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return out


def _window(values: npt.NDArray[np.generic], name: str, notes: list[str]) -> npt.NDArray[np.uint8]:
    """Stretch 16-bit, 32-bit or floating-point greys to 8 bits and say how."""
    wide = values.astype(np.float64)
    if not np.all(np.isfinite(wide)):
        raise ImageError(
            f"{name} holds pixels that are not numbers (NaN or infinite); expected finite greys. "
            "Replace them and export it again."
        )
    low, high = (float(v) for v in np.percentile(wide, WINDOW_PERCENTILES))
    if high <= low:
        low, high = float(wide.min()), max(float(wide.max()), float(wide.min()) + 1.0)
    notes.append(
        f"Grey values {wide.min():g} to {wide.max():g} windowed: {low:g} to {high:g} became 0 "
        f"to 255 (percentiles {WINDOW_PERCENTILES[0]:g} and {WINDOW_PERCENTILES[1]:g})."
    )
    grey = np.rint(np.clip((wide - low) / (high - low), 0.0, 1.0) * 255.0).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _frozen(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Made read-only; the array must be nobody else's."""
    owned = np.ascontiguousarray(pixels)
    owned.flags.writeable = False
    return owned
