"""A report of many results as pages of a PDF."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Sequence
from typing import IO, Any

from fpdf.enums import Align
from PIL import Image

from decam_engine.reports.book import (
    Block,
    Book,
    Bullets,
    Code,
    Facts,
    Listed,
    Listing,
    Pictures,
    Section,
    Shown,
    Words,
)
from decam_engine.reports.book_record import Entry, record_pieces
from decam_engine.reports.fonts import MISSING_NOTE
from decam_engine.reports.pdf_seal import sealed_pdf
from decam_engine.reports.pdf_sheet import (
    BODY,
    FOOT,
    GAP,
    INK,
    LEADING,
    MARGIN,
    RULE,
    SMALL,
    SOFT,
    TERM,
    TICKS,
    Sheet,
    bare,
    texts,
)
from decam_engine.reports.template import Template
from decam_engine.reports.views import RAMP

GetPicture = Callable[[str], bytes]
DIFFERENCE_TICKS = ("-1", "-0.5", "0", "0.5", "1")  # the text font has no true minus
# Of pictures: most and least of their natural height; of thumbnails: sides in mm.
MOST_PICTURE, LEAST_FACTOR = 78.0, 0.2
TIGHT_PICTURE = 48.0
THUMB_WIDTH, THUMB_HEIGHT, NUMBER = 18.0, 14.0, 10.0
SCALE = 7.0
TIGHT_GAP = 4.0


def write_book_pdf(
    stream: IO[bytes],
    book: Book,
    head: dict[str, Any],
    entry: Callable[[int], Entry],
    picture: GetPicture,
    template: Template,
) -> None:
    """Write a document with its record attached, sealed. It is in memory as a whole."""
    stream.write(book_pdf(book, head, entry, picture, template))


def book_pdf(
    book: Book,
    head: dict[str, Any],
    entry: Callable[[int], Entry],
    picture: GetPicture,
    template: Template,
) -> bytes:
    """The document; its pages are the same for the same arguments."""
    text = "".join(record_pieces(head, entry, None)).encode()
    pages = BookPages(book, template, picture)
    pages.lay_out()
    return sealed_pdf(
        pages,
        head["created"],
        text,
        "Manifests, maps and hashes, to verify this report",
        lambda digest: "".join(record_pieces(head, entry, digest)).encode(),
    )


class BookPages(Sheet):
    """A book; :meth:`lay_out` fills the pages."""

    def __init__(self, book: Book, template: Template, picture: GetPicture) -> None:
        super().__init__(_all_text(book), template, book.title, book.subject, book.footer)
        # JPEG as it is, everything else without loss.
        self.set_image_filter("AUTO")
        self.book, self.picture = book, picture
        self.places: dict[str, int] = {}

    def lay_out(self) -> None:
        """All sections, in the order of the book."""
        b = self.book
        self.add_page()
        self._first_lines(b.title, b.organisation, f"{b.subject}. Report made {b.created}")
        for note in b.notes:
            self._paragraph(note)
        if self.lacking:
            self._paragraph(MISSING_NOTE, SMALL, SOFT)
        for section in b.sections:
            if section.page:
                self._page(section)
            else:
                self._part(section)

    # --- sections --------------------------------------------------------------------------

    def _part(self, section: Section) -> None:
        if self.places and self.page in self.places.values():
            self.add_page()  # pages of one photograph hold nothing else
        blocks = list(section.blocks())
        self._keep(self._opening_height(blocks))
        self._section(section.title)
        if any(isinstance(b, Listing) for b in blocks):
            self._foresee(blocks)
        for block in blocks:
            self._block(block)

    def _opening_height(self, blocks: Sequence[Block]) -> float:
        """In mm, of a title and what must not stand on another page than it."""
        found = 16.0
        for block in blocks[:2]:
            if isinstance(block, Pictures):
                row = _rows(block)[0]
                width = self._column(block)
                tallest = max(self._size(s, width, block)[1] for s in row)
                return found + self._words(row, width, block) + tallest
            if not isinstance(block, Listing):
                found += self._tall(block)
        return min(found, 60.0)

    def _page(self, section: Section) -> None:
        """A section on a page of its own: its pictures take what room the words leave."""
        self.add_page()
        expected = self.places.setdefault(section.anchor, self.page)
        if expected != self.page:
            raise RuntimeError(f"{section.anchor} is on page {self.page}, not on {expected}")
        self.set_auto_page_break(False)
        self.start_section(bare(section.title), level=1)
        self._text(section.title, 14.0, INK, "B", tag="/H2")
        self.ln(2)
        blocks = list(section.blocks())
        words = sum(self._tall(b) for b in blocks)
        tall = sum(self._picture_rows(b)[1] for b in blocks if isinstance(b, Pictures))
        room = self.h - FOOT - 4 - self.get_y()
        factor = max(LEAST_FACTOR, min(1.0, (room - words) / tall)) if tall else 1.0
        for block in blocks:
            self._block(block, factor)
        self.set_auto_page_break(True, FOOT + 6)

    def _foresee(self, blocks: Sequence[Block]) -> None:
        """Which page each of the pages to come will be: the contents name it."""
        y, page = self.get_y(), self.page
        for block in blocks:
            if isinstance(block, Listing):
                heights = [self._line_height(row) for row in block.rows]
            else:
                heights = [self._tall(block)]
            for height in heights:
                if y + height > self.page_break_trigger:
                    page, y = page + 1, MARGIN
                y += height
        for section in self.book.sections:
            if section.page:
                page += 1
                self.places[section.anchor] = page

    # --- blocks ----------------------------------------------------------------------------

    def _block(self, block: Block, factor: float = 1.0) -> None:
        match block:
            case Words():
                for sentence in block.sentences:
                    self._keep_paragraph(sentence, block.style)
            case Facts():
                self._facts(block.items)
                self.ln(1.5)
            case Bullets():
                for item in block.items:
                    self._bullet(item)
                self.ln(1)
            case Code():
                self._command(block.text, title=block.title)
            case Pictures():
                self._pictures(block, factor)
            case Listing():
                for row in block.rows:
                    self._listed(row)
            case _:
                self._table(block)

    def _tall(self, block: Block) -> float:
        """Height in mm of a block; of pictures, that of their words alone."""
        match block:
            case Words():
                size, _ = _style(block.style)
                found = sum(self._height(s, size, self.epw) + 1.6 for s in block.sentences)
            case Facts():
                found = 1.5 + sum(self._fact_height(f.text, f.code) for f in block.items)
            case Bullets():
                found = 1 + sum(self._height(i, BODY, self.epw - 4) + 1.2 for i in block.items)
            case Code():
                found = self._height(block.text, SMALL, self.epw - 6, True) + BODY * LEADING + 9
            case Pictures():
                found = self._picture_rows(block)[0]
            case Listing():
                found = sum(self._line_height(row) for row in block.rows)
            case _:
                line = BODY * LEADING + 1.6
                found = self._height(block.caption, SMALL, self.epw) + 4
                found += line * (len(block.rows) + 1)
        return found

    def _fact_height(self, text: str, code: bool) -> float:
        size = SMALL if code else BODY
        least = BODY * LEADING
        return max(least, self._height(text, size, self.epw - TERM, code)) + 0.8

    def _keep_paragraph(self, text: str, style: str) -> None:
        size, colour = _style(style)
        self._keep(self._height(text, size, self.epw) + 1.6)
        self._paragraph(text, size, colour)

    # --- contents --------------------------------------------------------------------------

    def _line_height(self, row: Listed) -> float:
        words = self._height(f"{row.title} {row.detail}", BODY, self._line_width())
        words += sum(self._height(r, SMALL, self._line_width()) for r in row.remarks)
        return max(words, THUMB_HEIGHT if row.picture else 0.0) + 3.0

    def _line_width(self) -> float:
        return self.epw - NUMBER - THUMB_WIDTH - 3.0 - 12.0

    def _listed(self, row: Listed) -> None:
        height = self._line_height(row)
        self._keep(height)
        top, left = self.get_y(), self.l_margin
        self._rule()
        self.set_y(top + 1.5)
        self._pen(SMALL, SOFT)
        with self._artifact():
            self.cell(NUMBER - 3, BODY * LEADING, row.number, align=Align.R)
        if row.picture:
            self._placed(row.picture, "", left + NUMBER, top + 1.5, THUMB_WIDTH, THUMB_HEIGHT)
        column = left + NUMBER + THUMB_WIDTH + 3.0
        self.set_y(top + 1.5)
        self._text(f"{row.title} {row.detail}", BODY, INK, left=column, width=self._line_width())
        for remark in row.remarks:
            self._text(remark, SMALL, SOFT, left=column, width=self._line_width())
        page = self.places.get(row.anchor)
        if page is not None:
            self.set_xy(left, top + 1.5)
            self._pen(SMALL, SOFT)
            with self._marked_sequence(struct_type="/P"):
                self.cell(self.epw, BODY * LEADING, str(page), align=Align.R)
            self.link(left, top, self.epw, height, self.add_link(page=page))
        self.set_xy(left, top + height)

    # --- pictures --------------------------------------------------------------------------

    def _picture_rows(self, block: Pictures) -> tuple[float, float]:
        """Height in mm of the words below the rows of pictures, and of the pictures."""
        width = self._column(block)
        words = tall = 0.0
        for row in _rows(block):
            words += self._words(row, width, block)
            tall += max(self._size(s, width, block)[1] for s in row)
        return words, tall

    def _column(self, block: Pictures) -> float:
        gap = TIGHT_GAP if block.tight else GAP
        return (self.epw - gap * (block.columns - 1)) / block.columns

    def _words(self, row: Sequence[Shown], width: float, block: Pictures) -> float:
        scale = SCALE if any(s.scale for s in row) else 0.0
        size = SMALL if block.tight else BODY
        titles = max(self._height(s.title, size, width) for s in row)
        captions = (
            max(self._height(s.caption, SMALL, width) for s in row if s.caption)
            if any(s.caption for s in row)
            else 0.0
        )
        return scale + titles + captions + 5.5

    def _size(self, shown: Shown, width: float, block: Pictures) -> tuple[float, float]:
        with Image.open(io.BytesIO(self.picture(shown.picture))) as picture:
            columns, rows = picture.size
        most = TIGHT_PICTURE if block.tight else MOST_PICTURE
        height = width * rows / columns
        return (most * columns / rows, most) if height > most else (width, height)

    def _pictures(self, block: Pictures, factor: float) -> None:
        width = self._column(block)
        gap = TIGHT_GAP if block.tight else GAP
        for row in _rows(block):
            sizes = [self._size(s, width, block) for s in row]
            sizes = [(w * factor, h * factor) for w, h in sizes]
            tallest = max(h for _, h in sizes)
            if self.auto_page_break:
                self._keep(tallest + self._words(row, width, block))
            scale = SCALE if any(s.scale for s in row) else 0.0
            top = bottom = self.get_y()
            for k, (shown, (w, h)) in enumerate(zip(row, sizes, strict=True)):
                left = self.l_margin + k * (width + gap)
                self._placed(
                    shown.picture, bare(f"{shown.title}. {shown.caption}"), left, top, w, h
                )
                self.set_draw_color(*RULE)
                self.set_line_width(0.2)
                self.rect(left, top, w, h)
                if shown.scale:
                    ticks = TICKS if shown.scale == RAMP else DIFFERENCE_TICKS
                    ramp = io.BytesIO(self.picture(shown.scale))
                    self._scale(ramp, left, top + tallest + 1.5, w, ticks)
                self.set_y(top + tallest + scale + 1.5)
                size = SMALL if block.tight else BODY
                self._text(shown.title, size, INK, "B", left=left, width=width)
                if shown.caption:
                    self._text(shown.caption, SMALL, SOFT, left=left, width=width)
                bottom = max(bottom, self.get_y())
            self.set_y(bottom + 4)

    def _placed(self, name: str, alt: str, left: float, top: float, w: float, h: float) -> None:
        """A picture as large as fits into a box, at its left top."""
        data = self.picture(name)
        with Image.open(io.BytesIO(data)) as picture:
            columns, rows = picture.size
        factor = min(w / columns, h / rows)
        self.image(
            io.BytesIO(data), left, top, columns * factor, rows * factor, alt_text=alt or None
        )


def _style(style: str) -> tuple[float, tuple[int, int, int]]:
    return {"lead": (BODY + 0.5, INK), "aside": (SMALL, SOFT)}.get(style, (BODY, INK))


def _rows(block: Pictures) -> list[tuple[Shown, ...]]:
    items, columns = block.items, block.columns
    return [items[k : k + columns] for k in range(0, len(items), columns)]


def _all_text(book: Book) -> str:
    """Each letter of a book, once."""
    found: set[str] = set("".join((book.title, book.organisation, book.footer, *book.notes)))
    for section in book.sections:
        found.update(section.title)
        for block in section.blocks():
            for text in texts(dataclasses.asdict(block)):
                found.update(text)
    return "".join(sorted(found))
