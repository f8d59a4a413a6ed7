"""The bundled fonts: which of them has a letter, and what is left without one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from decam_engine.reports.plain import CLOSE, OPEN
from decam_engine.resources import resources_directory

REGULAR, BOLD = "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"
# In the order in which they are asked for a letter that the first lacks.
SIGNS, EAST = "DejaVuSans.ttf", "DroidSansFallbackFull.ttf"
# In place of a letter that no font has.
MISSING = "\u25af"
ISOLATES = (OPEN, CLOSE)
MISSING_NOTE = (
    f"Letters that the fonts of this document lack are shown as {MISSING}; the attached record "
    "holds them."
)


def font_file(name: str) -> Path:
    """Where a bundled font lies."""
    return resources_directory() / "fonts" / name


@lru_cache(maxsize=4)
def letters(name: str) -> frozenset[int]:
    """Code points that a font has a glyph for."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a large library

    with TTFont(font_file(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


def drawable(text: str) -> str:
    """The text with :data:`MISSING` for each letter that no bundled font has."""
    return "".join(c if c in ISOLATES or _known(c) else MISSING for c in text)


def is_eastern(text: str) -> bool:
    """Whether it needs the large font of Chinese and Japanese."""
    return any(not _common(c) and ord(c) in letters(EAST) for c in text)


def needs_shaping(text: str) -> bool:
    """Whether letters join, combine or run from right to left."""
    return any(
        unicodedata.bidirectional(c) in ("R", "AL", "AN") or unicodedata.combining(c) for c in text
    )


def best_font(text: str) -> str:
    """The file that has most letters of a text, for writers that use one font for a line."""
    return max((REGULAR, SIGNS, EAST), key=lambda name: sum(ord(c) in letters(name) for c in text))


def _common(c: str) -> bool:
    return c.isascii() or ord(c) in letters(REGULAR) or ord(c) in letters(SIGNS)


def _known(c: str) -> bool:
    return _common(c) or ord(c) in letters(EAST)
