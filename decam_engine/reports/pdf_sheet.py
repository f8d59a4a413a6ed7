"""A PDF document in the style of the reports: fonts, foot lines, and the parts of a page."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Generator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from fpdf import FPDF
from fpdf.enums import Align, WrapMode, XPos, YPos
from fpdf.structure_tree import StructElem
from PIL import Image

from decam_engine.reports.fonts import (
    BOLD,
    EAST,
    REGULAR,
    SIGNS,
    drawable,
    font_file,
    is_eastern,
    needs_shaping,
)
from decam_engine.reports.parts import Fact, Table
from decam_engine.reports.pdf_reading import MAKER
from decam_engine.reports.plain import plain, steadied, without_isolates
from decam_engine.reports.template import Template

U8 = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
INK: Colour = (29, 29, 33)
SOFT: Colour = (91, 91, 101)
RULE: Colour = (220, 220, 225)
PALE: Colour = (245, 245, 247)
MARGIN, FOOT = 20.0, 18.0
GAP = 6.0
TERM = 42.0
# Sizes in points, and the height of a line in mm for each point.
BODY, SMALL, TINY, HEAD, TITLE = 9.5, 8.0, 7.0, 12.5, 20.0
LEADING = 0.50


TICKS = ("0", "0.25", "0.5", "0.75", "1")


class Sheet(FPDF):
    """An empty document, of which all that is set is tagged: headings, paragraphs, pictures.

    The library tags pictures alone and marks the whole as tagged, by which readers for the blind
    would leave out the words; so they are tagged here.

    Args:
        text: everything that will be set in it, to choose fonts by.
        foot: of each page.
    """

    def __init__(self, text: str, template: Template, title: str, subject: str, foot: str) -> None:
        super().__init__(unit="mm", format=template.paper)
        # Elements on each page, and the kind of the one that is open.
        self._marks: dict[int, int] = {}
        self._open_tag = ""
        self.template, self.foot = template, foot
        self.lacking = drawable(without_isolates(text)) != without_isolates(text)
        self._use_fonts(text)
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0.0  # text begins where rules and pictures do
        self.set_auto_page_break(True, FOOT + 6)
        self.set_image_filter("FlateDecode")
        self.set_lang("en")
        self.set_title(bare(title))
        self.set_subject(bare(subject))
        self.set_author(plain(template.organisation))
        self.set_creator(MAKER)
        self.set_producer(MAKER)

    # --- tags --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _marked_sequence(self, **kwargs: Any) -> Generator[StructElem, None, None]:
        """Called by the library for pictures; everything set inside is one element."""
        kind = str(kwargs.pop("struct_type", "/Figure"))
        element = self._begin(kind, **kwargs)
        self._open_tag = kind
        try:
            yield element
        finally:
            self._open_tag = ""
            self._out("EMC")

    def _begin(self, kind: str, **facts: Any) -> StructElem:
        number = self._marks.get(self.page, 0)
        self._marks[self.page] = number + 1
        element = self._add_marked_content(struct_type=kind, mcid=number, **facts)
        self._out(f"{kind} <</MCID {number}>> BDC")
        return element

    def _perform_page_break(self) -> None:
        # Called by the library within a paragraph: an element does not reach over two pages.
        kind = self._open_tag
        if kind:
            self._out("EMC")
            self._open_tag = ""
        super()._perform_page_break()
        self._say_font()
        if kind:
            self._begin(kind)
            self._open_tag = kind

    # --- fonts -------------------------------------------------------------------------------

    def _render_styled_text_line(self, *given: Any, **more: Any) -> Any:
        """Called by the library for each line."""
        self._say_font()
        return super()._render_styled_text_line(*given, **more)

    def _say_font(self) -> None:
        """Write the chosen font onto the page.

        Left to the library, a line that begins with a letter of another font says it for itself
        alone, and what follows is drawn with the glyphs of whichever font came before.
        """
        if not self.current_font_is_set_on_page and self.current_font is not None:
            self._out(self._set_font_for_page(self.current_font, self.font_size_pt))

    @contextlib.contextmanager
    def _artifact(self) -> Generator[None, None, None]:
        """What is no part of the content: foot lines, ticks of a scale."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    # --- the page ----------------------------------------------------------------------------

    def _use_fonts(self, text: str) -> None:
        self.add_font("Text", "", font_file(REGULAR))
        self.add_font("Text", "B", font_file(BOLD))
        self.add_font("Signs", "", font_file(SIGNS))
        more = ["Signs"]
        if is_eastern(text):
            self.add_font("East", "", font_file(EAST))
            more.append("East")
        self.set_fallback_fonts(more, exact_match=False)
        self.set_font("Text", size=BODY)
        self.shaped = needs_shaping(text)
        if self.shaped:
            self.set_text_shaping(True)

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-FOOT)
        with self._artifact():
            self._rule()
            self.set_y(-FOOT + 2)
            self._pen(TINY, SOFT)
            room = self.epw * 0.85
            self.cell(room, 4, self._shortened(self._fit(self.foot), room - 4))
            self.cell(0, 4, f"{self.page_no()} / {{nb}}", align=Align.R)

    def _first_lines(self, title: str, organisation: str, line: str) -> None:
        top = self.get_y()
        room = self.epw
        if self.template.logo:
            logo = Image.open(io.BytesIO(self.template.logo))
            height = min(14.0, 40.0 * logo.height / logo.width)
            width = height * logo.width / logo.height
            alt = f"Logo of {organisation}" if organisation else "Logo"
            self.image(logo, self.w - self.r_margin - width, top, width, height, alt_text=bare(alt))
            room -= width + GAP
        if organisation:
            self._text(organisation, SMALL, SOFT, width=room)
        self._text(title, TITLE, INK, "B", width=room, tag="/H1")
        self.ln(1)
        self._text(line, SMALL, SOFT, width=room)
        self.set_y(max(self.get_y(), top + (16.0 if self.template.logo else 0.0)) + 2)

    def _section(self, title: str, with_it: float = 14.0) -> None:
        """A heading, on the same page as so many mm of what follows."""
        self._keep(14.0 + with_it)
        self.ln(5)
        self._rule()
        self.ln(2.5)
        self.start_section(title)
        self._text(title, HEAD, INK, "B", tag="/H2")
        self.ln(1.5)

    def _paragraph(self, text: str, size: float = BODY, colour: Colour = INK) -> None:
        self._text(text, size, colour)
        self.ln(1.6)

    def _bullet(self, text: str) -> None:
        self._keep(self._height(text, BODY, self.epw - 4))
        self._pen(BODY, INK)
        with self._artifact():
            self.cell(4, BODY * LEADING, "\u2022")
        self._text(text, BODY, INK, left=self.l_margin + 4)
        self.ln(1.2)

    def _facts(self, facts: Sequence[Fact]) -> None:
        for f in facts:
            size = SMALL if f.code else BODY
            height = self._height(f.text, size, self.epw - TERM, f.code)
            self._keep(min(height, 60.0))
            top = self.get_y()
            self._text(f.term, BODY, SOFT, width=TERM - 3)
            below, page = self.get_y(), self.page
            self.set_y(top)
            self._text(f.text, size, INK, left=self.l_margin + TERM, anywhere=f.code)
            if self.page == page:
                self.set_y(max(below, self.get_y()))
            self.ln(0.8)

    def _command(self, command: str, notes: Sequence[str] = (), title: str = "Command") -> None:
        self.ln(1)
        self._text(title, BODY, INK, "B")
        self.ln(0.8)
        height = self._height(command, SMALL, self.epw - 6) + 4
        self._keep(min(height, 80.0))
        if height <= 80.0:
            self.set_fill_color(*PALE)
            self.rect(self.l_margin, self.get_y(), self.epw, height, style="F")
        self.set_y(self.get_y() + 2)
        self._text(command, SMALL, INK, left=self.l_margin + 3, width=self.epw - 6)
        self.ln(3)
        for note in notes:
            self._paragraph(note)

    def _scale(
        self,
        ramp: Image.Image | io.BytesIO,
        left: float,
        top: float,
        width: float,
        ticks: Sequence[str] = TICKS,
    ) -> None:
        """A colour bar with numbers; ``ramp`` runs from left to right."""
        self.image(
            ramp, left, top, width, 2.2, alt_text=f"Colour scale from {ticks[0]} to {ticks[-1]}"
        )
        self._pen(TINY, SOFT)
        with self._artifact():
            for k, text in enumerate(ticks):
                x = left + k / (len(ticks) - 1) * (width - self.get_string_width(text))
                self.text(x, top + 5.2, text)

    def _table_height(self, table: Table) -> float:
        return (BODY * LEADING + 1.6) * (len(table.rows) + 2) + 4

    def _table(self, table: Table) -> None:
        widths = self._widths(table)
        line = BODY * LEADING + 1.6
        self._keep(self._table_height(table))
        self._text(table.caption, SMALL, SOFT)
        self.ln(0.8)
        for k, row in enumerate((table.heads, *table.rows)):
            self._pen(BODY if k else SMALL, INK, "" if k else "B")
            with self._marked_sequence(struct_type="/P"):
                for j, (text, width) in enumerate(zip(row, widths, strict=True)):
                    shown = self._shortened(self._fit(text), width - 2)
                    self.cell(width, line, shown, align=Align.R if j else Align.L)
            self.ln(line)
            self._rule(SOFT if k == 0 else RULE)
        self.ln(3)

    def _widths(self, table: Table) -> list[float]:
        """Of the columns in mm: numbers share alike what the first column can spare."""
        needs = []
        for j, head in enumerate(table.heads):
            self._pen(SMALL, INK, "B")
            need = self.get_string_width(self._fit(head))
            self._pen(BODY, INK)
            cells = [self.get_string_width(self._fit(row[j])) for row in table.rows]
            needs.append(max(need, *cells, 0.0) + 4)
        others = len(needs) - 1
        usual = self.epw * (0.54 if others > 1 else 0.3) / max(1, others)
        columns = [max(n, usual) for n in needs[1:]]
        first = self.epw - sum(columns)
        if first < needs[0]:
            # Where it is tight, each column has what it needs, and the first the rest.
            spare = self.epw - min(needs[0], 0.4 * self.epw) - sum(needs[1:])
            columns = [n + max(0.0, spare) / others for n in needs[1:]]
            most = 0.75 * self.epw / sum(columns)
            columns = [c * min(1.0, most) for c in columns]
            first = self.epw - sum(columns)
        return [first, *columns]

    # --- their parts ---------------------------------------------------------------------

    def _shortened(self, text: str, room: float) -> str:
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(text + "\u2026") > room:
            text = text[:-1]
        return text + "\u2026"

    def _fit(self, text: str) -> str:
        return drawable(steadied(text) if self.shaped else without_isolates(text))

    def _pen(self, size: float, colour: Colour, style: str = "") -> None:
        self.set_font("Text", style=style, size=size)
        self.set_text_color(*colour)

    def _text(
        self,
        text: str,
        size: float,
        colour: Colour,
        style: str = "",
        *,
        left: float | None = None,
        width: float = 0.0,
        anywhere: bool = False,
        tag: str = "/P",
    ) -> None:
        self._pen(size, colour, style)
        self.set_x(self.l_margin if left is None else left)
        with self._marked_sequence(struct_type=tag):
            self.multi_cell(
                width,
                size * LEADING,
                self._fit(text),
                align=Align.L,
                new_x=XPos.LMARGIN,
                new_y=YPos.NEXT,
                wrapmode=WrapMode.CHAR if anywhere else WrapMode.WORD,
            )

    def _height(self, text: str, size: float, width: float, anywhere: bool = False) -> float:
        """In mm, of a text set in a column."""
        self._pen(size, INK)
        lines = self.multi_cell(
            width,
            size * LEADING,
            self._fit(text),
            dry_run=True,
            output="LINES",
            wrapmode=WrapMode.CHAR if anywhere else WrapMode.WORD,
        )
        return len(cast("list[str]", lines)) * size * LEADING

    def _keep(self, height: float) -> None:
        """A new page when less than this is left, in mm."""
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()

    def _rule(self, colour: Colour = RULE) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())


def bare(text: str) -> str:
    """For titles and alternative texts, which no font of ours draws."""
    return without_isolates(text)


def texts(value: object) -> list[str]:
    """All strings in nested dictionaries, lists and tuples."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for v in value.values() for t in texts(v)]
    if isinstance(value, list | tuple):
        return [t for v in value for t in texts(v)]
    return []
