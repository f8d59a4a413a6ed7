"""Reports of many results read back, and checked for changes without running anything."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from decam_engine.errors import ExportError
from decam_engine.reports.book import Book
from decam_engine.reports.book_html import CLOSING, OPENING, book_pieces
from decam_engine.reports.book_record import (
    KIND,
    PHOTOS,
    Entry,
    book_hash,
    entry_hash,
    parse_book,
)
from decam_engine.reports.comparison_book import comparison_book
from decam_engine.reports.entries import map_from
from decam_engine.reports.html import SLOT, page_hash
from decam_engine.reports.photos_book import photos_book
from decam_engine.reports.reading import (
    Difference,
    Opened,
    first_difference,
    maker_notes,
    page_changes,
    picture_changes,
    seen_changes,
    words_of,
    writer_notes,
)
from decam_engine.reports.record import PAGES_HASH, RECORD_HASH
from decam_engine.reports.spool import decoded, shown_hash
from decam_engine.reports.template import Template
from decam_engine.reports.views import PICTURES

_SOURCES = ("data:image/png;base64", "data:image/jpeg;base64")


@dataclass(frozen=True, eq=False)
class OpenedBook:
    """A report of many results as it was read.

    Attributes:
        path, kind: of the file; ``json``, ``html`` or ``pdf``.
        head, entries: of its record.
        pictures: encoded, by name, those that are as the record says.
        changes: what was changed since it was written.
        notes: what could not be checked, and why.
        resaved: what another program did to the file without changing what is seen of it.
    """

    path: Path
    kind: str
    head: dict[str, Any]
    entries: list[Entry]
    pictures: dict[str, bytes]
    changes: tuple[Difference, ...]
    notes: tuple[str, ...]
    resaved: tuple[Difference, ...] = ()

    def runs(self) -> list[list[tuple[str, Opened]]]:
        """For each photograph, what was run: its name in sentences, and its part of the report."""
        if self.head["book"] == PHOTOS:
            return [
                [(f"{k + 1}. {e['row']['photo']}", self._part(e, f"{e['number']}", PICTURES, ""))]
                for k, e in enumerate(self.entries)
                if "manifest" in e
            ]
        return [
            [
                (
                    f"{k + 1}. {e['photo']['name']}, {chr(65 + j)}",
                    self._part(cell, f"{e['number']}", ("photo", "map"), str(j)),
                )
                for j, cell in enumerate(e["cells"])
                if "manifest" in cell
            ]
            for k, e in enumerate(self.entries)
        ]

    def _part(self, cell: Entry, prefix: str, names: tuple[str, ...], column: str) -> Opened:
        found = {}
        for name in names:
            key = f"{prefix}.{name}{column if name == 'map' else ''}"
            if key in self.pictures:
                found[name] = decoded(self.pictures[key])
        return Opened(
            self.path,
            self.kind,
            cell["manifest"],
            input_saliency=map_from(cell["map"]),
            pictures=found,
            coarse=True,
            resampled=bool(cell["resampled"]),
        )


def open_book(path: str | Path) -> OpenedBook | None:
    """Read a report of many results; None when it is something else.

    Raises:
        ExportError: one of these, but damaged.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ExportError(
            f"The report {file} could not be read ({error.strerror or error})."
        ) from None
    if data.startswith(b"%PDF"):
        from decam_engine.reports.pdf_reading import pdf_record  # noqa: PLC0415 - large

        # Another program may have compressed what is attached.
        try:
            if KIND.encode() not in pdf_record(data):
                return None
        except ExportError:
            return None
    elif KIND.encode() not in data:
        return None
    try:
        if data.startswith(b"%PDF"):
            return _open_pdf(file, data)
        if data.lstrip()[:1] == b"{":
            return _open_json(file, data)
        return _open_html(file, data)
    except ExportError as error:
        raise ExportError(
            f"{file.name} could not be read as a report of many results: {error}."
        ) from None
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError) as error:
        raise _damaged(file, error) from None
    except (TypeError, ValueError) as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: Exception) -> ExportError:
    return ExportError(
        f"{file.name} is damaged: its record is not what a report of many results holds "
        f"({error!r:.200})."
    )


def _record(text: str | bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and record.get("kind") == KIND else None


def _open_json(file: Path, data: bytes) -> OpenedBook | None:
    record = _record(data)
    if record is None:
        return None
    head, entries = parse_book(record)
    changes = _record_changes(head, entries)
    return OpenedBook(file, "json", head, entries, {}, tuple(changes), ())


def _open_html(file: Path, data: bytes) -> OpenedBook | None:
    text = data.decode("utf-8")
    before, opening, rest = text.partition(OPENING)
    inside, closing, after = rest.partition("</script>")
    record = _record(inside)
    if record is None or not opening or not closing:
        return None
    head, entries = parse_book(record)
    changes = _record_changes(head, entries)
    page = before + opening + SLOT + closing + after
    if page_hash(page) != head[PAGES_HASH]:
        changes.append(Difference("document", "What is shown was changed: its hash differs."))
    parser = _Pictures()
    parser.feed(before)
    found, more = _matched(head, parser.found)
    changes += more
    notes = writer_notes(head)
    if not notes and len(found) == len(head["pictures"]):
        template = Template.from_record(head["template"])
        book = _book(head, entries)
        again = "".join(book_pieces(book, found.__getitem__, template.logo))
        again += OPENING + SLOT + CLOSING
        if again != page:
            words = first_difference(words_of(again), words_of(page))
            changes.append(Difference("text", words))
    return OpenedBook(file, "html", head, entries, found, tuple(changes), tuple(notes))


def _open_pdf(file: Path, data: bytes) -> OpenedBook | None:
    from decam_engine.reports.pdf_book import book_pdf  # noqa: PLC0415 - large
    from decam_engine.reports.pdf_reading import (  # noqa: PLC0415 - large
        pages_hash,
        pdf_images,
        pdf_record,
    )

    record = _record(pdf_record(data))
    if record is None:
        return None
    head, entries = parse_book(record)
    recorded, changes = _record_changes(head, entries), []
    if pages_hash(data) != head[PAGES_HASH]:
        changes.append(Difference("document", "What is shown was changed: its hash differs."))
    found, more = _matched(head, pdf_images(data))
    made_anew = maker_notes(data)
    changes += _summed_up(more, len(head["pictures"])) if made_anew else more
    notes = writer_notes(head)
    resaved: list[Difference] = []
    if not notes and len(found) == len(head["pictures"]):
        template = Template.from_record(head["template"])
        book = _book(head, entries)
        again = book_pdf(book, head, entries.__getitem__, found.__getitem__, template)
        changes += page_changes(again, data)
        changes, resaved = seen_changes(changes, again, data)
    notes = [*notes, *made_anew]
    changes = [*recorded, *changes]
    return OpenedBook(
        file, "pdf", head, entries, found, tuple(changes), tuple(notes), tuple(resaved)
    )


def _summed_up(changes: list[Difference], count: int) -> list[Difference]:
    """Another program stores all pictures otherwise: that need not be said of each."""
    if not changes:
        return []
    text = (
        f"{len(changes)} of {count} pictures are not stored as they were written. So it is when "
        "another program writes the file anew, and when they were changed."
    )
    return [Difference("pictures", text)]


def _book(head: dict[str, Any], entries: list[Entry]) -> Book:
    make = photos_book if head["book"] == PHOTOS else comparison_book
    return partial(make, head)(entries.__getitem__)


def _matched(head: dict[str, Any], shown: list[bytes]) -> tuple[dict[str, bytes], list[Difference]]:
    """The pictures by name, and those that were changed or do not belong."""
    by_hash = {shown_hash(data): data for data in shown}
    hashes = {str(k): str(v) for k, v in head["pictures"].items()}
    logo = Template.from_record(head["template"]).logo
    known = {*hashes.values(), *((shown_hash(logo),) if logo else ())}
    changes = picture_changes(hashes, set(by_hash), known)
    return {name: by_hash[h] for name, h in hashes.items() if h in by_hash}, changes


def _record_changes(head: dict[str, Any], entries: list[Entry]) -> list[Difference]:
    if book_hash(head, [entry_hash(e) for e in entries]) == head[RECORD_HASH]:
        return []
    return [Difference("record", "The record was changed: its hash is not that of its content.")]


class _Pictures(HTMLParser):
    """Collects inline pictures, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[bytes] = []
        self._seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each opening tag."""
        source = dict(attrs).get("src") or ""
        if tag != "img" or source in self._seen:
            return
        self._seen.add(source)
        head, _, data = source.partition(",")
        if head not in _SOURCES:
            raise ExportError("a picture in it is not inline")
        self.found.append(b64decode(data, validate=True))
