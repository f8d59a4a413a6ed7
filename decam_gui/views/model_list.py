"""The opened models, and those of the session that are not where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QWidget

from decam_gui import theme
from decam_gui.views import words
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, removes

ROWS_SHOWN = 4


@dataclass(frozen=True)
class ModelRow:
    """What the list says about a model.

    Attributes:
        size: height and width of its input.
        channels: as ``Preprocessing.channels``.
        classes: how many it knows by name; None for no names.
        source: where its pre-processing comes from.
        assumed: nobody said how it is fed.
    """

    title: str
    size: tuple[int, int]
    channels: str
    classes: int | None
    source: str
    assumed: bool


class ModelList(Card):
    """There once there is a choice, or something missing: a single model has its card."""

    chosen = Signal(int)
    removed = Signal(int)
    locate_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.list = _List()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setIconSize(QSize(18, 18))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._choose)
        self.list.remove_pressed.connect(self._remove)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.missing = Banner(closable=False)
        self.missing.acted.connect(lambda _: self.locate_requested.emit())
        self.column.addWidget(self.list)
        self.column.addWidget(self.missing)
        self._count = 0
        self.show_models([], -1, [])

    def show_models(
        self, rows: Sequence[ModelRow], current: int, missing: Sequence[tuple[str, str]]
    ) -> None:
        """The models, which is in use, and (name, place) of those that are missing."""
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(_sign(row), f"{row.title}\n{self.describe(row)}")
            item.setToolTip(words.source(row.source))
            self.list.addItem(item)
        for name, place in missing:
            item = QListWidgetItem(theme.icon("triangle-alert", "muted"), "")
            item.setText(self.tr("{0}\nmissing").format(name))
            item.setToolTip(place)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self._count = len(rows)
        self.list.setCurrentRow(current)
        self.list.blockSignals(False)
        height = self.list.sizeHintForRow(0) if self.list.count() else 0
        self.list.setFixedHeight(min(ROWS_SHOWN, self.list.count()) * (height + 1) + 4)
        self.heading.setText(self.tr("MODELS ({0})").format(self.list.count()))
        if missing:
            self.missing.tell(
                "warning",
                self.tr("{0} is not where it was.").format(missing[0][0]),
                (self.tr("Locate..."),),
            )
        else:
            self.missing.clear()
        self.setVisible(len(rows) > 1 or bool(missing))

    def describe(self, row: ModelRow) -> str:
        """Input, classes, and how surely it is fed, in words."""
        parts = [f"{row.size[0]} × {row.size[1]}"]
        if row.channels != "RGB":
            parts.append(self.tr("grey") if row.channels == "L" else row.channels)
        if row.classes is not None:
            parts.append(self.tr("{0:,} classes").format(row.classes))
        if row.assumed:
            parts.insert(0, self.tr("⚠ assumed"))
        return " · ".join(parts)

    def _choose(self, row: int) -> None:
        if 0 <= row < self._count:
            self.chosen.emit(row)

    def _remove(self) -> None:
        if 0 <= self.list.currentRow() < self._count:
            self.removed.emit(self.list.currentRow())

    def _menu(self, place: QPoint) -> None:
        row = self.list.row(self.list.itemAt(place)) if self.list.itemAt(place) else -1
        if not 0 <= row < self._count:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(theme.icon("x"), self.tr("Remove from the list")).triggered.connect(
            lambda: self.removed.emit(row)
        )
        menu.popup(self.list.viewport().mapToGlobal(place))


class _List(QListWidget):
    """Delete or Backspace removes."""

    remove_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As in the list of photographs."""
        if removes(event):
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)


def _sign(row: ModelRow) -> QIcon:
    return theme.icon("triangle-alert") if row.assumed else theme.icon("box")
