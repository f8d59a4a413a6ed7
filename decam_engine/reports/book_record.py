"""The record of a report of many results: its head, and one entry each.

It is written piece by piece: the hash of the whole covers the head and the hashes of the entries,
so that no more than one entry is in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from decam_engine.errors import ExportError
from decam_engine.reports.record import PAGES_HASH, RECORD_HASH, UNKNOWN, canonical, writers
from decam_engine.reports.template import Template

SCHEMA = 1
KIND = "decam-book"
PHOTOS, COMPARISON = "photos", "comparison"
KINDS = (PHOTOS, COMPARISON)
Entry = dict[str, Any]


def book_head(book: str, created: str, template: Template, **facts: Any) -> dict[str, Any]:
    """A record without entries, JSON-ready, with both hashes of the whole unknown still."""
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "book": book,
        "created": created,
        "writers": writers(),
        "template": template.record(),
        **facts,
        PAGES_HASH: UNKNOWN,
        RECORD_HASH: UNKNOWN,
    }


def entry_hash(entry: Entry) -> str:
    """SHA-256 of an entry, whatever the order of its keys."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def book_hash(head: dict[str, Any], hashes: list[str]) -> str:
    """SHA-256 of a record by its head, without this hash, and the hashes of its entries."""
    rest = {k: v for k, v in head.items() if k not in (RECORD_HASH, "entries")}
    return hashlib.sha256(canonical({**rest, "entries": hashes})).hexdigest()


def record_pieces(
    head: dict[str, Any], entry: Callable[[int], Entry], pages: str | None
) -> Iterator[str]:
    """The JSON of a record, sealed with the hash of its pages and its own.

    Args:
        pages: hash of the pages; None writes both hashes as unknown.
    """
    count = int(head["listed"])
    whole = {k: v for k, v in head.items() if k != "entries"}
    if pages is not None:
        whole[PAGES_HASH] = pages
        whole[RECORD_HASH] = book_hash(whole, [entry_hash(entry(k)) for k in range(count)])
    text = _json(whole)
    yield f'{text[:-1]},"entries":['
    for k in range(count):
        yield ("," if k else "") + _json(entry(k))
    yield "]}"


def parse_book(record: dict[str, Any]) -> tuple[dict[str, Any], list[Entry]]:
    """Head and entries of a record, checked for its kind only.

    Raises:
        ExportError: not one that this version reads.
    """
    if record.get("schema") != SCHEMA or record.get("book") not in KINDS:
        raise ExportError(
            f"its record has the schema {record.get('schema')!r} and the kind "
            f"{record.get('book')!r}, this version reads {SCHEMA} of {', '.join(KINDS)}"
        )
    entries = record.get("entries")
    if not isinstance(entries, list) or len(entries) != record.get("listed"):
        raise ExportError("its record does not hold the entries that it names")
    return {k: v for k, v in record.items() if k != "entries"}, entries


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
