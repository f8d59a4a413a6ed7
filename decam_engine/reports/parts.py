"""The parts that a report is made of, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field

# What stands upright beside every chart, from 0 to 1.
UPRIGHT = "probability"


@dataclass(frozen=True)
class Fact:
    """A term and what it is; ``code`` is set in a fixed width and may break anywhere."""

    term: str
    text: str
    code: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture by its name, its title and its caption."""

    name: str
    title: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Column heads and rows of text; the first column is text, the others are numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Curve:
    """Probabilities at equal steps from no pixel to all, and the area below them."""

    name: str
    values: tuple[float, ...]
    area: str


@dataclass(frozen=True)
class Chart:
    """Curves with a common axis of 0..1 each way; the first is the map's own."""

    title: str
    across: str
    caption: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Contents:
    """Everything that a report shows besides its pictures' pixels and its logo."""

    title: str
    organisation: str
    created: str
    notes: tuple[str, ...]
    asked: tuple[Fact, ...]
    answer: tuple[str, ...]
    figures: tuple[Figure, ...]
    wide: bool
    hatched: str
    sure: tuple[str, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    warnings: tuple[str, ...]
    method: tuple[str, ...]
    made: tuple[Fact, ...]
    again: tuple[Fact, ...]
    command: str
    command_notes: tuple[str, ...]
    footer: str = field(default="")
