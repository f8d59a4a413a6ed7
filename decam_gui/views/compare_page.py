"""Maps side by side: a grid of photographs and models, classes or methods, and a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from decam_gui import theme
from decam_gui.views import words
from decam_gui.views.colour_bar import ColourBar
from decam_gui.views.compare_cell import CompareCell
from decam_gui.views.parts import Choice, label
from decam_gui.views.placement import Placement

F32 = npt.NDArray[np.float32]
CELL_HEIGHT = 190
SIDE_WIDTH = 330


@dataclass(frozen=True, eq=False)
class CellContent:
    """What a cell shows.

    Attributes:
        name: all of what it is of, for those who do not see it.
        caption: what its row and column do not say.
    """

    name: str
    caption: str
    preview: QImage
    saliency: F32
    placement: Placement


class ComparePage(QWidget):
    """Choices above, the grid, and the difference of the two picked cells beside it."""

    closed = Signal()
    filtered = Signal()
    fill_requested = Signal()
    # Row and column of a cell.
    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells: dict[tuple[int, int], CompareCell] = {}
        self._captions: dict[tuple[int, int], tuple[QLabel, str]] = {}
        self._look = ("", 0.7)
        self.columns = Choice(self.tr("Columns"))
        self.filters: dict[str, Choice] = {}
        bar = self._bar()
        self.empty = label("", "muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setSpacing(theme.GRID)
        self._grid.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setWidget(self._table)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar = ColourBar()
        grid = QHBoxLayout()
        grid.setSpacing(12)
        grid.addWidget(area, 1)
        grid.addWidget(self.bar)
        left = QFrame()
        left.setProperty("card", True)
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.empty)
        column.addLayout(grid, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(theme.GRID)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self._side())
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([1000, SIDE_WIDTH])
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        page.setSpacing(theme.GRID)
        page.addLayout(bar)
        page.addWidget(splitter, 1)

    def _bar(self) -> QHBoxLayout:
        self.back = QPushButton(self.tr("Back"))
        self.back.setToolTip(self.tr("Back to the photo (Ctrl+K)"))
        self.back.clicked.connect(self.closed)
        self.columns.setMinimumContentsLength(8)
        for key, (many, _) in self._texts().items():
            self.columns.addItem(many, key)
        self.columns.currentIndexChanged.connect(self.filtered)
        self.fill = QPushButton(self.tr("Explain what is missing"))
        self.fill.setToolTip(
            self.tr("Queue the runs that fill the empty cells, and those of other open models")
        )
        self.fill.clicked.connect(self.fill_requested)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.back)
        row.addWidget(label(self.tr("Columns"), "muted"))
        row.addWidget(self.columns)
        for key, (many, every) in self._texts().items():
            choice = Choice(many)
            choice.addItem(every, "")
            choice.setMinimumContentsLength(12)
            choice.currentIndexChanged.connect(self.filtered)
            self.filters[key] = choice
            row.addWidget(choice)
        row.addStretch()
        row.addWidget(self.fill)
        return row

    def _side(self) -> QWidget:
        """The difference of two cells."""
        self.difference = CompareCell(self.tr("Difference of the two picked maps"))
        self.difference.setMinimumHeight(200)
        self.difference_bar = ColourBar()
        self.difference_bar.show_difference("A − B", self.tr("Map A minus map B, from -1 to 1"))
        self.said = label("", wrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.under = label("", "muted", wrap=True)
        side = QFrame()
        side.setProperty("card", True)
        side.setMinimumWidth(SIDE_WIDTH - 60)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.GRID)
        column.addWidget(label(self.tr("DIFFERENCE"), "heading"))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.difference, 1)
        row.addWidget(self.difference_bar)
        column.addLayout(row, 1)
        column.addWidget(self.said)
        column.addWidget(self.under)
        self.difference.view_changed.connect(lambda z, c: self._zoomed(self.difference, z, c))
        self.difference.pointed.connect(self._point)
        return side

    # --- choices -----------------------------------------------------------------------

    @property
    def dimension(self) -> str:
        """What the columns are."""
        return str(self.columns.currentData())

    def chosen(self) -> dict[str, str]:
        """By dimension, the value that is looked at; of the columns' own, all are."""
        return {
            key: str(choice.currentData() or "")
            for key, choice in self.filters.items()
            if key != self.dimension
        }

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "model": (self.tr("Models"), self.tr("Every model")),
            "label": (self.tr("Classes"), self.tr("Every class")),
            "method": (self.tr("Methods"), self.tr("Every method")),
        }

    def offer(self, values: dict[str, Sequence[str]]) -> None:
        """What can be chosen; a choice that is still there stays."""
        for key, choice in self.filters.items():
            before = choice.currentData()
            choice.blockSignals(True)
            choice.clear()
            choice.addItem(self._texts()[key][1], "")
            for value in values[key]:
                choice.addItem(words.method(value) if key == "method" else value, value)
            choice.setCurrentIndex(max(0, choice.findData(before)))
            choice.blockSignals(False)
            choice.setVisible(key != self.dimension)

    # --- grid --------------------------------------------------------------------------

    def show_grid(
        self,
        rows: Sequence[str],
        heads: Sequence[str],
        contents: dict[tuple[int, int], CellContent],
        look: tuple[str, float],
    ) -> None:
        """A cell for each row and column; those without content say so."""
        view = next((c.view for c in self.cells.values()), None)
        focus = next((k for k, c in self.cells.items() if c.hasFocus()), None)
        self._clear()
        self._look = look
        self.bar.set_colour_map(look[0])
        self.bar.setVisible(bool(contents))
        self.empty.setVisible(not contents)
        self.empty.setText(
            self.tr(
                "Maps come here as they are found. Explain a photo, then the same with another "
                "model, class or method, and compare."
            )
        )
        self.fill.setEnabled(bool(contents))
        for number, head in enumerate(heads):
            self._grid.addWidget(_heading(head), 0, number + 1)
            self._grid.setColumnStretch(number + 1, 1)
        before: QWidget = self.fill
        for r, row in enumerate(rows):
            name = _heading(row)
            name.setFixedWidth(96)
            self._grid.addWidget(name, r + 1, 0, Qt.AlignmentFlag.AlignTop)
            for c in range(len(heads)):
                content = contents.get((r, c))
                if content is None:
                    missing = label(self.tr("not explained"), "muted")
                    missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
                    self._grid.addWidget(missing, r + 1, c + 1)
                    continue
                cell = self._make(r, c, content)
                QWidget.setTabOrder(before, cell)
                before = cell
                if view is not None:
                    cell.set_view(*view)
                if focus == (r, c):
                    cell.setFocus()
        self._grid.setRowStretch(len(rows) + 1, 1)

    def _make(self, r: int, c: int, content: CellContent) -> CompareCell:
        cell = CompareCell(content.name)
        cell.setToolTip(content.name)
        cell.setMinimumHeight(CELL_HEIGHT)
        cell.show_map(content.preview, content.saliency, content.placement, self._look)
        cell.set_mark("")
        cell.view_changed.connect(lambda z, centre, own=cell: self._zoomed(own, z, centre))
        cell.pointed.connect(self._point)
        cell.picked.connect(lambda: self.picked.emit(r, c))
        caption = label(content.caption, "muted")
        caption.setMinimumWidth(10)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(cell, 1)
        column.addWidget(caption)
        self._grid.addWidget(box, r + 1, c + 1)
        self.cells[r, c] = cell
        self._captions[r, c] = (caption, content.caption)
        return cell

    def _clear(self) -> None:
        self.cells.clear()
        self._captions.clear()
        for number in range(self._grid.columnCount()):
            self._grid.setColumnStretch(number, 0)
        for number in range(self._grid.rowCount()):
            self._grid.setRowStretch(number, 0)
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def set_marks(self, marks: dict[tuple[int, int], str]) -> None:
        """Which cells are A and B."""
        for key, cell in self.cells.items():
            cell.set_mark(marks.get(key, ""))

    def show_difference(
        self, preview: QImage | None, values: F32 | None, placement: Placement | None, text: str
    ) -> None:
        """The difference of A and B, or why there is none."""
        shown = preview is not None and values is not None and placement is not None
        self.difference.setVisible(shown)
        self.difference_bar.setVisible(shown)
        if preview is not None and values is not None and placement is not None:
            self.difference.show_difference(preview, values, placement)
            view = next((c.view for c in self.cells.values()), None)
            if view is not None:
                self.difference.set_view(*view)
        self.said.setText(text)
        self._point(None)

    # --- linked ------------------------------------------------------------------------

    def _zoomed(self, own: CompareCell, zoom: float, centre: QPointF) -> None:
        for cell in (*self.cells.values(), self.difference):
            if cell is not own:
                cell.set_view(zoom, centre)

    def _point(self, at: QPointF | None) -> None:
        """Show the place, and the value there, in every cell."""
        for key, cell in self.cells.items():
            cell.set_cross(at)
            caption, text = self._captions[key]
            value = None if at is None else cell.value_at(at)
            caption.setText(text if value is None else f"{text}   {value:.2f}")
        self.difference.set_cross(at)
        value = None if at is None or self.difference.isHidden() else self.difference.value_at(at)
        self.under.setText(
            "" if value is None else self.tr("A − B here: {0}").format(f"{value:+.2f}")
        )


def _heading(text: str) -> QLabel:
    made = label(text, "heading", wrap=True)
    made.setToolTip(text)
    return made
