"""Fills the page of comparisons, and subtracts the two maps that are picked on it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from decam_engine import DecamError, Explanation, difference
from decam_gui.comparison import DIMENSIONS, Compared, Comparison
from decam_gui.core.findings import SavedMap
from decam_gui.session import Session
from decam_gui.views import words
from decam_gui.views.compare_page import CellContent, ComparePage
from decam_gui.views.placement import Placement
from decam_gui.views.predictions import percent
from decam_gui.views.viewer import Viewer


class Comparing(QObject):
    """Between the comparison, its page, and the look that the viewer has."""

    def __init__(
        self,
        session: Session,
        comparison: Comparison,
        page: ComparePage,
        viewer: Viewer,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._comparison, self._page = session, comparison, page
        self._viewer = viewer
        self._cells: dict[tuple[int, int], Compared] = {}
        # The two that are subtracted, by what they are of.
        self._picked: list[tuple[Path, str, int, str]] = []
        page.filtered.connect(self.refresh)
        page.fill_requested.connect(self._fill)
        page.picked.connect(self._pick)
        comparison.changed.connect(self._changed)
        viewer.look_changed.connect(self._changed)

    @Slot()
    def refresh(self) -> None:
        """Show what there is."""
        page, comparison = self._page, self._comparison
        page.offer({d: comparison.values(d) for d in DIMENSIONS})
        rows, heads, cells = comparison.grid(page.dimension, page.chosen())
        self._cells = {
            (rows.index(path), heads.index(head)): found
            for (path, head), found in cells.items()
            if path in rows and head in heads
        }
        contents = {place: self._content(found) for place, found in self._cells.items()}
        named = page.dimension == "method"
        titles = [words.method(h) for h in heads] if named else heads
        page.show_grid([p.name for p in rows], titles, contents, self._viewer.look)
        self._show_picked()

    def say_again(self) -> None:
        """In another language; a page that is not on show does so when it is."""
        self._changed()

    def results(self) -> list[Explanation | SavedMap]:
        """Those of the cells on show, row by row.

        Of several methods with one class the session keeps the last: cells of others are left out.
        """
        found = []
        for place in sorted(self._cells):
            cell = self._cells[place]
            result = self._session.result_of(cell.path, cell.address, cell.target)
            if result is not None and _method(result) == cell.method:
                found.append(result)
        return found

    def _content(self, found: Compared) -> CellContent:
        parts = {
            "model": found.model,
            "label": f"{found.label} {percent(found.score)}",
            "method": words.method(found.method),
        }
        rest = [text for d, text in parts.items() if d != self._page.dimension]
        if self._page.dimension == "label":
            rest.append(percent(found.score))
        name = ", ".join((found.path.name, *parts.values()))
        return CellContent(name, " · ".join(rest), found.preview, found.saliency, found.placement)

    @Slot()
    def _changed(self) -> None:
        if self._page.isVisible():
            self.refresh()

    @Slot()
    def _fill(self) -> None:
        wanted = self._comparison.missing(self._page.dimension, self._page.chosen())
        if not wanted:
            self._page.said.setText(self.tr("Every cell has its map."))
        self._session.queue.add(wanted)

    @Slot(int, int)
    def _pick(self, row: int, column: int) -> None:
        """A first click picks A, one elsewhere B; a third begins anew, one on A or B lets go."""
        key = self._cells[row, column].key
        if key in self._picked:
            self._picked.remove(key)
        elif len(self._picked) == 2:
            self._picked = [key]
        else:
            self._picked.append(key)
        self._show_picked()

    def _show_picked(self) -> None:
        places = {found.key: place for place, found in self._cells.items()}
        self._picked = [key for key in self._picked if key in places]
        self._page.set_marks(
            {places[key]: mark for key, mark in zip(self._picked, "AB", strict=False)}
        )
        if len(self._picked) < 2:
            text = (
                self.tr("Pick two maps of one photo, A and B, to see where they differ.")
                if not self._picked
                else self.tr("Pick the map to subtract from A.")
            )
            self._page.show_difference(None, None, None, text)
            return
        first, second = (self._cells[places[key]] for key in self._picked)
        self._subtract(first, second)

    def _subtract(self, first: Compared, second: Compared) -> None:
        if first.path != second.path:
            text = self.tr(
                "A and B are of different photos: their maps cannot be subtracted. Pick two maps "
                "of one photo."
            )
            self._page.show_difference(None, None, None, text)
            return
        try:
            found = difference(first.saliency, first.fit, second.saliency, second.fit)
        except DecamError as error:
            self._page.show_difference(None, None, None, str(error))
            return
        rank = found.rank_correlation
        number = self.tr("none, one map is flat") if math.isnan(rank) else f"{rank:.2f}"
        text = self.tr(
            "A: {0}\nB: {1}\nRank correlation: {2}\nOf the top 12 %, {3:.0f} % are the same.\n"
            "Red: A is higher (+). Blue: B is higher (−). Largest difference: {4:.2f}."
        ).format(
            self._name(first), self._name(second), number, found.overlap * 100,
            float(np.abs(found.values).max()),
        )  # fmt: skip
        self._page.show_difference(first.preview, found.values, _common(first, second), text)

    def _name(self, found: Compared) -> str:
        method = words.method(found.method)
        return f"{found.model}, {found.label} ({percent(found.score)}), {method}"


def _common(first: Compared, second: Compared) -> Placement:
    """Of the first map, but seen is only what both models see."""
    fit, seen = first.fit, first.placement.seen.intersected(second.placement.seen)
    edges = seen.top(), seen.left(), seen.bottom(), seen.right()
    return Placement(fit.photo_size, fit.input_size, fit.scale, fit.offset, edges)


def _method(result: Explanation | SavedMap) -> str:
    if isinstance(result, Explanation):
        return str(result.settings["method"])
    try:
        record = json.loads(result.manifest.read_text(encoding="utf-8"))
        return str(record["settings"]["method"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
