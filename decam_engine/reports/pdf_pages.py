"""The pages of a PDF report."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from fpdf import FPDF
from fpdf.enums import Align, WrapMode, XPos, YPos
from PIL import Image

from decam_engine.reports.fonts import (
    BOLD,
    EAST,
    MISSING_NOTE,
    REGULAR,
    SIGNS,
    drawable,
    font_file,
    is_eastern,
    needs_shaping,
)
from decam_engine.reports.parts import Chart, Contents, Fact, Figure, Table
from decam_engine.reports.plain import without_isolates
from decam_engine.reports.template import Template
from decam_engine.reports.views import MAP, RAMP

U8 = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
INK: Colour = (29, 29, 33)
SOFT: Colour = (91, 91, 101)
RULE: Colour = (220, 220, 225)
PALE: Colour = (245, 245, 247)
# Of the curves: the map's own, the centred blob's, the random order's; dashes in mm.
CURVES: tuple[tuple[Colour, float, float, float], ...] = (
    ((31, 78, 121), 0.55, 0.0, 0.0),
    ((138, 109, 29), 0.35, 1.6, 0.8),
    ((119, 119, 127), 0.35, 0.4, 0.8),
)
MARGIN, FOOT = 20.0, 18.0
GAP = 6.0
TERM = 42.0
MOST_PICTURE = 88.0
LEAST_FACTOR = 0.6
# Height of the colour bar with its numbers.
SCALE = 7.0
_VERIFY = (
    "The record of the run is attached to this file. \u201cdecam verify\u201d followed by this "
    "file\u2019s name checks that nothing shown was changed, runs the explanation again and "
    "compares. Hashes alone cannot reveal whoever changes content and hashes together; running it "
    "again does."
)
# Sizes in points, and the height of a line in mm for each point.
BODY, SMALL, TINY, HEAD, TITLE = 9.5, 8.0, 7.0, 12.5, 20.0
LEADING = 0.50


class Pages(FPDF):
    """One report; :meth:`lay_out` fills the pages."""

    def __init__(self, c: Contents, template: Template, pictures: dict[str, U8]) -> None:
        super().__init__(unit="mm", format=template.paper)
        self.c, self.template, self.pictures = c, template, pictures
        text = "".join(_texts(dataclasses.asdict(c)))
        self.lacking = drawable(without_isolates(text)) != without_isolates(text)
        self._use_fonts(text)
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0.0  # text begins where rules and pictures do
        self.set_auto_page_break(True, FOOT + 6)
        self.set_image_filter("FlateDecode")
        self.set_lang("en")
        self.set_title(_bare(c.title))
        self.set_subject(_bare(c.footer))
        self.set_author(_bare(c.organisation))
        self.set_creator("decam-studio")

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
        self._rule()
        self.set_y(-FOOT + 2)
        self._pen(TINY, SOFT)
        room = self.epw * 0.85
        self.cell(room, 4, self._shortened(self._fit(self.c.footer), room - 4))
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align=Align.R)

    # --- the report ----------------------------------------------------------------------

    def lay_out(self) -> None:
        """All sections, in the order of the report."""
        c = self.c
        self.add_page()
        self._first_lines()
        for note in c.notes:
            self._paragraph(note)
        self._section("What was asked")
        self._facts(c.asked)
        self._section("The answer")
        for sentence in c.answer:
            self._paragraph(sentence, BODY + 0.5)
        self._figures(c.figures)
        if c.hatched:
            self._paragraph(c.hatched, SMALL, SOFT)
        self._section("How sure is it?")
        for table in c.tables:
            self._table(table)
        for sentence in c.sure:
            self._paragraph(sentence)
        if c.charts:
            self._charts(c.charts)
        self._section("What a reader must know")
        for warning in (*c.warnings, *((MISSING_NOTE,) if self.lacking else ())):
            self._bullet(warning)
        self._section("How it was made")
        if c.method:
            self._paragraph(" ".join(c.method))
        self._facts(c.made)
        self._section("How to get it again")
        self._paragraph(_VERIFY, SMALL, SOFT)
        self._facts(c.again)
        self._command()

    def _first_lines(self) -> None:
        top = self.get_y()
        room = self.epw
        if self.template.logo:
            logo = Image.open(io.BytesIO(self.template.logo))
            height = min(14.0, 40.0 * logo.height / logo.width)
            width = height * logo.width / logo.height
            alt = f"Logo of {self.c.organisation}" if self.c.organisation else "Logo"
            self.image(
                logo, self.w - self.r_margin - width, top, width, height, alt_text=_bare(alt)
            )
            room -= width + GAP
        if self.c.organisation:
            self._text(self.c.organisation, SMALL, SOFT, width=room)
        self._text(self.c.title, TITLE, INK, "B", width=room)
        self.ln(1)
        self._text(f"Report made {self.c.created}", SMALL, SOFT, width=room)
        self.set_y(max(self.get_y(), top + (16.0 if self.template.logo else 0.0)) + 2)

    def _section(self, title: str) -> None:
        self._keep(28)
        self.ln(5)
        self._rule()
        self.ln(2.5)
        self.start_section(title)
        self._text(title, HEAD, INK, "B")
        self.ln(1.5)

    def _paragraph(self, text: str, size: float = BODY, colour: Colour = INK) -> None:
        self._text(text, size, colour)
        self.ln(1.6)

    def _bullet(self, text: str) -> None:
        self._keep(self._height(text, BODY, self.epw - 4))
        self._pen(BODY, INK)
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

    def _command(self) -> None:
        self.ln(1)
        self._text("Command", BODY, INK, "B")
        self.ln(0.8)
        height = self._height(self.c.command, SMALL, self.epw - 6, True) + 4
        self._keep(min(height, 80.0))
        if height <= 80.0:
            self.set_fill_color(*PALE)
            self.rect(self.l_margin, self.get_y(), self.epw, height, style="F")
        self.set_y(self.get_y() + 2)
        self._text(
            self.c.command, SMALL, INK, left=self.l_margin + 3, width=self.epw - 6, anywhere=True
        )
        self.ln(3)
        for note in self.c.command_notes:
            self._paragraph(note)

    # --- pictures ------------------------------------------------------------------------

    def _figures(self, figures: Sequence[Figure]) -> None:
        columns = 2
        width = (self.epw - GAP * (columns - 1)) / columns
        rows = [figures[k : k + columns] for k in range(0, len(figures), columns)]
        self.ln(1)
        # Somewhat smaller pictures that stand together are better than two pages.
        tall = sum(max(self._size(f, width)[1] for f in row) for row in rows)
        words = sum(self._words(row, width) for row in rows)
        words += self._height(self.c.hatched, SMALL, self.epw) + 2 if self.c.hatched else 0.0
        factor = (self.page_break_trigger - self.get_y() - words - 1) / tall
        factor = factor if LEAST_FACTOR <= factor < 1 else 1.0
        for row in rows:
            self._figure_row(row, width, factor)

    def _words(self, row: Sequence[Figure], width: float) -> float:
        """Height in mm of what stands below the pictures of a row."""
        scale = SCALE if any(f.name == MAP for f in row) else 0.0
        captions = max(self._height(f.caption, SMALL, width) for f in row)
        return scale + captions + BODY * LEADING + 5.5

    def _figure_row(self, row: Sequence[Figure], width: float, factor: float) -> None:
        sizes = [self._size(f, width) for f in row]
        sizes = [(w * factor, h * factor) for w, h in sizes]
        scale = SCALE if any(f.name == MAP for f in row) else 0.0
        tallest = max(h for _, h in sizes)
        self._keep(tallest + self._words(row, width))
        top = self.get_y()
        bottom = top
        for k, (figure, (w, h)) in enumerate(zip(row, sizes, strict=True)):
            left = self.l_margin + k * (width + GAP)
            picture = Image.fromarray(self.pictures[figure.name])
            alt = _bare(f"{figure.title}. {figure.caption}")
            self.image(picture, left, top, w, h, alt_text=alt)
            self.set_draw_color(*RULE)
            self.set_line_width(0.2)
            self.rect(left, top, w, h)
            if figure.name == MAP:
                self._scale(left, top + tallest + 1.5, w)
            self.set_y(top + tallest + scale + 1.5)
            self._text(figure.title, BODY, INK, "B", left=left, width=width)
            self._text(figure.caption, SMALL, SOFT, left=left, width=width)
            bottom = max(bottom, self.get_y())
        self.set_y(bottom + 4)

    def _size(self, figure: Figure, width: float) -> tuple[float, float]:
        rows, columns = self.pictures[figure.name].shape[:2]
        height = width * rows / columns
        if height > MOST_PICTURE:
            return MOST_PICTURE * columns / rows, MOST_PICTURE
        return width, height

    def _scale(self, left: float, top: float, width: float) -> None:
        ramp = Image.fromarray(self.pictures[RAMP])
        self.image(ramp, left, top, width, 2.2, alt_text="Colour scale from 0, left, to 1, right")
        self._pen(TINY, SOFT)
        for value in (0.0, 0.25, 0.5, 0.75, 1.0):
            text = f"{value:g}"
            x = left + value * (width - self.get_string_width(text))
            self.text(x, top + 5.2, text)

    def _charts(self, charts: Sequence[Chart]) -> None:
        width = (self.epw - GAP) / 2
        self._keep(72)
        self.ln(1)
        top = self.get_y()
        bottom = top
        for k, chart in enumerate(charts):
            self.set_y(top)
            self._chart(chart, self.l_margin + k * (width + GAP), width)
            bottom = max(bottom, self.get_y())
        self.set_y(bottom + 2)

    def _chart(self, chart: Chart, left: float, width: float) -> None:
        self._text(chart.title, BODY, INK, "B", left=left, width=width)
        x0, y0, w, h = left + 8, self.get_y() + 1.5, width - 9, 40.0
        self._pen(TINY, SOFT)
        self.set_line_width(0.15)
        self.set_draw_color(*RULE)
        for value in (0.0, 0.25, 0.5, 0.75, 1.0):
            text = f"{value:g}"
            y = y0 + (1 - value) * h
            self.line(x0, y, x0 + w, y)
            size = self.get_string_width(text)
            self.text(x0 - 1.5 - size, y + 0.9, text)
            self.text(x0 + value * w - size / 2, y0 + h + 3.6, text)
        self.text(x0 + (w - self.get_string_width(chart.across)) / 2, y0 + h + 7.4, chart.across)
        for k in reversed(range(len(chart.curves))):
            self._style(k)
            values = chart.curves[k].values
            last = max(1, len(values) - 1)
            self.polyline([(x0 + w * i / last, y0 + h * (1 - v)) for i, v in enumerate(values)])
        y = y0 + h + 11.5
        for k, curve in enumerate(chart.curves):
            self._style(k)
            self.line(x0, y - 0.9, x0 + 8, y - 0.9)
            self.text(x0 + 10, y, f"{curve.name} ({curve.area})")
            y += 4
        self.set_dash_pattern()
        self.set_y(y - 2)
        self._text(chart.caption, TINY, SOFT, left=x0, width=w)

    def _style(self, k: int) -> None:
        colour, thick, dash, gap = CURVES[k % len(CURVES)]
        self.set_draw_color(*colour)
        self.set_line_width(thick)
        self.set_dash_pattern(dash=dash, gap=gap)

    def _table(self, table: Table) -> None:
        first = self.epw * (0.46 if len(table.heads) > 2 else 0.7)
        others = (self.epw - first) / max(1, len(table.heads) - 1)
        line = BODY * LEADING + 1.6
        self._keep(line * (len(table.rows) + 2) + 4)
        self._text(table.caption, SMALL, SOFT)
        self.ln(0.8)
        for k, row in enumerate((table.heads, *table.rows)):
            self._pen(BODY if k else SMALL, INK, "" if k else "B")
            name = self._shortened(self._fit(row[0]), first - 2)
            self.cell(first, line, name)
            for text in row[1:]:
                self.cell(others, line, text, align=Align.R)
            self.ln(line)
            self._rule(SOFT if k == 0 else RULE)
        self.ln(3)

    # --- their parts ---------------------------------------------------------------------

    def _shortened(self, text: str, room: float) -> str:
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(text + "\u2026") > room:
            text = text[:-1]
        return text + "\u2026"

    def _fit(self, text: str) -> str:
        # Isolates order text that runs both ways; where none does, they are only in the way.
        return drawable(text if self.shaped else without_isolates(text))

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
    ) -> None:
        self._pen(size, colour, style)
        self.set_x(self.l_margin if left is None else left)
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


def _bare(text: str) -> str:
    """For titles and alternative texts, which no font of ours draws."""
    return without_isolates(text)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for v in value.values() for t in _texts(v)]
    if isinstance(value, list | tuple):
        return [t for v in value for t in _texts(v)]
    return []
