"""A report of many results as one HTML file, written piece by piece."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO, Any

from markupsafe import Markup

from decam_engine.reports.book import Block, Book, Listing, Pictures
from decam_engine.reports.book_record import Entry, record_pieces
from decam_engine.reports.html import SLOT, environment, policy_for, resource, unbreakable
from decam_engine.reports.spool import is_jpeg

OPENING = '<script type="application/json" id="decam-record">'
CLOSING = "</script>\n</body>\n</html>\n"
GetPicture = Callable[[str], bytes]


def write_book_html(
    stream: IO[bytes],
    book: Book,
    head: dict[str, Any],
    entry: Callable[[int], Entry],
    picture: GetPicture,
    logo: bytes,
) -> None:
    """Write a document and its record, sealed; no more than one block is in memory."""
    digest = hashlib.sha256()
    for piece in book_pieces(book, picture, logo):
        data = piece.encode("utf-8")
        digest.update(data)
        stream.write(data)
    digest.update((OPENING + SLOT + CLOSING).encode())
    stream.write(OPENING.encode())
    for piece in record_pieces(head, entry, digest.hexdigest()):
        stream.write(unbreakable(piece).encode())
    stream.write(CLOSING.encode())


def book_pieces(book: Book, picture: GetPicture, logo: bytes) -> Iterator[str]:
    """The document up to its record; the same for the same arguments."""
    macros = _macros()
    style = resource("report.css") + resource("booklet.css")
    policy = policy_for(style)
    yield str(macros.head(book, policy, Markup(style), picture_uri(logo) if logo else "")).lstrip()
    for section in book.sections:
        yield str(macros.opening(section))
        for block in section.blocks():
            images = {name: picture_uri(picture(name)) for name in pictures_of(block)}
            yield str(macros.block(type(block).__name__, block, images))
        yield str(macros.closing(section, book))
    yield str(macros.tail(book))


def pictures_of(block: Block) -> set[str]:
    """Names of the pictures that a block shows."""
    if isinstance(block, Pictures):
        return {n for s in block.items for n in (s.picture, s.scale) if n}
    if isinstance(block, Listing):
        return {r.picture for r in block.rows if r.picture}
    return set()


def picture_uri(data: bytes) -> str:
    """A picture inline."""
    kind = "jpeg" if is_jpeg(data) else "png"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


@lru_cache(maxsize=1)
def _macros() -> Any:
    template = environment().get_template("booklet.html")
    return template.module
