"""The parts of a report of many results, whatever its format: sections of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from decam_engine.reports.parts import Fact, Table


@dataclass(frozen=True)
class Words:
    """Paragraphs; ``style`` is empty, ``lead`` or ``aside``."""

    sentences: tuple[str, ...]
    style: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    items: tuple[Fact, ...]


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A command line."""

    title: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A picture by its name; ``scale`` names the picture of its colour bar, or is empty."""

    picture: str
    title: str
    caption: str
    scale: str = ""


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side, ``columns`` in a row; ``tight`` ones are small, in a grid."""

    items: tuple[Shown, ...]
    columns: int = 2
    tight: bool = False


@dataclass(frozen=True)
class Listed:
    """A line of the contents; ``anchor`` is where it leads, or empty; ``picture`` may be empty."""

    number: str
    picture: str
    title: str
    detail: str
    remarks: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Listing:
    """A part of the contents."""

    rows: tuple[Listed, ...]


Block = Words | Facts | Bullets | Code | Pictures | Listing | Table


@dataclass(frozen=True)
class Section:
    """Blocks under a title.

    Attributes:
        anchor: a name to lead to, unique in the book.
        page: whether it has a page of its own, and only one.
        blocks: made when they are asked for, so that a book of any length can be written.
    """

    title: str
    anchor: str
    blocks: Callable[[], Iterator[Block]]
    page: bool = False


@dataclass(frozen=True)
class Book:
    """A report of many results; ``home`` is the anchor that its pages lead back to."""

    title: str
    organisation: str
    created: str
    notes: tuple[str, ...]
    subject: str
    footer: str
    sections: tuple[Section, ...]
    home: str = "contents"
