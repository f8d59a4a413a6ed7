"""What every decoder shares: the limits, what may be chosen, and what comes out."""

from __future__ import annotations

import math
import operator
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from decam_engine.errors import ImageError, SettingsError

U8 = npt.NDArray[np.uint8]

MAX_PIXELS = 80_000_000
MAX_FILE_BYTES = 1_000_000_000
MAX_SIDE = 60_000
WINDOW_RULES = ("percentile", "full")
# What decoders raise for damaged files differs from format to format.
DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class ReadOptions:
    """What a user may choose about reading a file.

    Attributes:
        page: of a file that holds several pictures, from 1; None = its first (or main) one.
        window: which values of a picture of more than 8 bits become black and white:
            ``percentile``, ``full`` (the whole range), or ``(low, high)``; None = what the file
            itself says (DICOM), else ``percentile``.
        background: RGB, 0..255 each, that shows through transparent pixels.
    """

    page: int | None = None
    window: str | tuple[float, float] | None = None
    background: tuple[int, int, int] = (255, 255, 255)

    @classmethod
    def checked(
        cls, page: Any = None, window: Any = None, background: Any = "white"
    ) -> ReadOptions:
        """From what callers give.

        Raises:
            SettingsError: what is wrong, with what was expected.
        """
        return cls(_page(page), _window(window), _colour(background))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ``load_image(path, **options)`` reads the file in the same way again."""
        window = list(self.window) if isinstance(self.window, tuple) else self.window
        return {"page": self.page, "window": window, "background": list(self.background)}


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture: uint8 ``(H, W, 3)`` RGB, what was done in words, and the same for machines."""

    pixels: U8
    notes: tuple[str, ...]
    reading: dict[str, Any]


def check_size(width: int, height: int, name: str) -> None:
    """Refuse what would fill the memory.

    Raises:
        ImageError: too large, or no pixels at all.
    """
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageError(too_large(name, f"{width} x {height}"))
    if width < 1 or height < 1:
        raise ImageError(f"{name} has no pixels ({width} x {height}). Export it again.")


def too_large(name: str, found: str) -> str:
    """The sentence for pictures beyond the limit."""
    return (
        f"{name} is too large: at most {MAX_PIXELS // 1_000_000} megapixels are read, found "
        f"{found}. Scale it down; a model looks at far fewer pixels anyway."
    )


def damaged(name: str, reason: str) -> str:
    """The sentence for files that break off or hold nonsense."""
    return (
        f"{name} is damaged or cut off: expected a complete image, found that it could not "
        f"be decoded ({reason}). Copy or export the file again."
    )


def check_page(page: int, pages: int, name: str) -> None:
    """Refuse a page that is not there.

    Raises:
        ImageError: with the number of pages.
    """
    if page > pages:
        holds = "1 page" if pages == 1 else f"{pages} pages"
        raise ImageError(f"{name} holds {holds}: expected a page from 1 to {pages}, found {page}.")


def page_note(page: int, pages: int) -> str:
    """The notice that there is more to see."""
    return f"Page {page} of {pages} used."


def _page(value: Any) -> int | None:
    if value is None:
        return None
    try:
        page = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        page = 0
    if page < 1:
        raise SettingsError(f"The page must be a whole number from 1, found {value!r}.")
    return page


def _window(value: Any) -> str | tuple[float, float] | None:
    if value is None or (isinstance(value, str) and value in WINDOW_RULES):
        return value
    try:
        low, high = (float(v) for v in value)
    except (TypeError, ValueError):
        low = high = math.nan
    if isinstance(value, str) or not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise SettingsError(
            f"The window must be one of {', '.join(WINDOW_RULES)}, or two numbers of which the "
            f"first is the smaller, found {value!r}."
        )
    return low, high


def _colour(value: Any) -> tuple[int, int, int]:
    try:
        colour = ImageColor.getrgb(value) if isinstance(value, str) else tuple(value)
        red, green, blue = (operator.index(v) for v in colour[:3])
        if len(colour) == 3 and all(0 <= v <= 255 for v in (red, green, blue)):
            return red, green, blue
    except (TypeError, ValueError):
        pass
    raise SettingsError(
        "The background must be a colour, such as white, #808080 or three numbers from 0 to 255, "
        f"found {value!r}."
    )
