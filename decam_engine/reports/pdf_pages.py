"""The pages of a PDF report."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.reports.fonts import MISSING_NOTE
from decam_engine.reports.parts import UPRIGHT, Chart, Contents, Figure
from decam_engine.reports.pdf_sheet import (
    BODY,
    GAP,
    INK,
    LEADING,
    RULE,
    SMALL,
    SOFT,
    TINY,
    Colour,
    Sheet,
    bare,
    texts,
)
from decam_engine.reports.template import Template
from decam_engine.reports.views import MAP, RAMP

U8 = npt.NDArray[np.uint8]
# Of the curves: the map's own, the centred blob's, the random order's; dashes in mm.
CURVES: tuple[tuple[Colour, float, float, float], ...] = (
    ((31, 78, 121), 0.55, 0.0, 0.0),
    ((138, 109, 29), 0.35, 1.6, 0.8),
    ((119, 119, 127), 0.35, 0.4, 0.8),
)
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


class Pages(Sheet):
    """One report; :meth:`lay_out` fills the pages."""

    def __init__(self, c: Contents, template: Template, pictures: dict[str, U8]) -> None:
        text = "".join(texts(dataclasses.asdict(c)))
        super().__init__(text, template, c.title, c.footer, c.footer)
        self.c, self.pictures = c, pictures

    # --- the report ----------------------------------------------------------------------

    def lay_out(self) -> None:
        """All sections, in the order of the report."""
        c = self.c
        self.add_page()
        self._first_lines(c.title, c.organisation, f"Report made {c.created}")
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
        self._section("How sure is it?", self._table_height(c.tables[0]) if c.tables else 14.0)
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
        self._command(c.command, c.command_notes)

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
        ramp = Image.fromarray(self.pictures[RAMP])
        tallest = max(h for _, h in sizes)
        self._keep(tallest + self._words(row, width))
        top = self.get_y()
        bottom = top
        for k, (figure, (w, h)) in enumerate(zip(row, sizes, strict=True)):
            left = self.l_margin + k * (width + GAP)
            picture = Image.fromarray(self.pictures[figure.name])
            alt = bare(f"{figure.title}. {figure.caption}")
            self.image(picture, left, top, w, h, alt_text=alt)
            self.set_draw_color(*RULE)
            self.set_line_width(0.2)
            self.rect(left, top, w, h)
            if figure.name == MAP:
                self._scale(ramp, left, top + tallest + 1.5, w)
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

    def _charts(self, charts: Sequence[Chart]) -> None:
        width = (self.epw - GAP) / 2
        self._keep(76)
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
        x0, y0, w, h = left + 8, self.get_y() + 5.0, width - 9, 40.0
        areas = " ".join(f"{curve.name}: area {curve.area}." for curve in chart.curves)
        alt = f"{chart.title}: probability against {chart.across}. {areas}"
        with self._marked_sequence(alt_text=alt):
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
            self.text(left, y0 - 2.5, UPRIGHT)
            self.text(
                x0 + (w - self.get_string_width(chart.across)) / 2, y0 + h + 7.4, chart.across
            )
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
