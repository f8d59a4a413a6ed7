"""Reports of several maps in one file: of many photographs, and of maps that are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from decam_engine import Explanation, Template, write_collection, write_comparison

MOST_NUMBERED = 10_000


@dataclass(frozen=True)
class Book:
    """A kind of report.

    Attributes:
        stem: what its files are called.
        endings: that it can be written with.
        write: (results, files, template) -> the files.
    """

    stem: str
    endings: tuple[str, ...]
    write: Callable[[Iterable[Explanation], Sequence[Path], Template], list[Path]]


def _collection(
    results: Iterable[Explanation], files: Sequence[Path], template: Template
) -> list[Path]:
    return write_collection(results, files, template=template)


def _comparison(
    results: Iterable[Explanation], files: Sequence[Path], template: Template
) -> list[Path]:
    return write_comparison(results, files, template=template)


BOOKS = {
    "collection": Book("report", ("html", "pdf", "csv"), _collection),
    "comparison": Book("comparison", ("html", "pdf", "png", "csv"), _comparison),
}
# Each with each of its endings, as they are chosen: "collection.html", ...
BOOK_FORMATS = tuple(f"{kind}.{end}" for kind, book in BOOKS.items() for end in book.endings)


def write_books(
    chosen: Sequence[str],
    results: Callable[[], Iterable[Explanation]],
    folder: Path,
    template: Template,
) -> list[Path]:
    """Write these of ``BOOK_FORMATS`` under names that are free.

    Args:
        results: called once for each kind, and taken one at a time.

    Raises:
        DecamError: a report cannot be made of these, or not be written there.
    """
    written: list[Path] = []
    for kind, book in BOOKS.items():
        endings = [e for e in book.endings if f"{kind}.{e}" in chosen]
        if endings:
            written += book.write(results(), _free(folder, book.stem, endings), template)
    return written


def _free(folder: Path, stem: str, endings: Sequence[str]) -> list[Path]:
    """Files of one name, none of which is there already."""
    for number in range(1, MOST_NUMBERED):
        name = stem if number == 1 else f"{stem}-{number}"
        files = [folder / f"{name}.{e}" for e in endings]
        if not any(f.exists() for f in files):
            break
    return files
