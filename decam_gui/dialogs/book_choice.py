"""Which reports of all maps to write."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from decam_gui import theme
from decam_gui.books import BOOKS
from decam_gui.views.parts import label


class BookChoice(QWidget):
    """A row for each kind of report, a box for each ending."""

    # Which one, and whether it is wanted now.
    toggled = Signal(str, bool)

    def __init__(self, chosen: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.GRID)
        grid.addWidget(label(self.tr("ALL MAPS IN ONE REPORT"), "heading"), 0, 0, 1, -1)
        names = {
            "collection": self.tr("Photos, with what deserves a look first"),
            "comparison": self.tr("Comparison: maps side by side, differences"),
        }
        self.boxes: dict[str, QCheckBox] = {}
        for number, (kind, book) in enumerate(BOOKS.items()):
            grid.addWidget(label(names[kind], wrap=True), 2 * number + 1, 0, 1, -1)
            for place, ending in enumerate(book.endings):
                name = f"{kind}.{ending}"
                box = QCheckBox(ending.upper())
                box.setAccessibleName(f"{names[kind]}: {ending.upper()}")
                box.setChecked(name in chosen)
                box.toggled.connect(lambda on, n=name: self.toggled.emit(n, on))
                self.boxes[name] = box
                grid.addWidget(box, 2 * number + 2, place)
        grid.setColumnStretch(max(len(b.endings) for b in BOOKS.values()), 1)

    def chosen(self) -> list[str]:
        """Names of ``BOOK_FORMATS``, in their order."""
        return [name for name, box in self.boxes.items() if box.isChecked()]
