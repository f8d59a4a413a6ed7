"""The photographs as thumbnails; files that could not be read stay, marked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from decam_gui import theme
from decam_gui.core.facts import PhotoState
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, label, removes
from decam_gui.views.photo_model import THUMBNAIL, PhotoModel

# From so many on, sorting and filtering is offered.
MANY = 6
# Rows that are in sight however low the window is.
ROWS = 4
TYPING_MS = 200


class _List(QListView):
    """A list whose Delete key takes rows away."""

    remove_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Delete or Backspace removes; the rest is the list's."""
        if removes(event):
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)


class PhotoList(Card):
    """The list with its heading, a button to add, and a place for messages."""

    chosen = Signal(object)
    # The path, where it is one (as ever), and the paths, where several are chosen.
    removed = Signal(object)
    several_removed = Signal(list)
    open_requested = Signal()
    classify_requested = Signal()
    run_requested = Signal(list)
    locate_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.rows = PhotoModel(self)
        self.list = _List()
        self.list.setModel(self.rows)
        self.list.setIconSize(THUMBNAIL)
        self.list.setUniformItemSizes(True)
        self.list.setMinimumHeight(ROWS * (THUMBNAIL.height() + 14))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setAccessibleName(self.tr("Photos"))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.remove_pressed.connect(self._remove_chosen)
        self.list.selectionModel().currentChanged.connect(self._changed)
        self.rows.modelReset.connect(lambda: self.show_current(self._current))
        self.banner = Banner()
        self.missing = Banner(closable=False)
        self.missing.acted.connect(lambda _: self.locate_requested.emit())
        self._hint: QLabel = label(
            self.tr("Drop photos anywhere in the window."), "muted", wrap=True
        )
        self._none: QLabel = label(self.tr("No photo passes the filter."), "muted", wrap=True)
        add = QToolButton()
        add.setIcon(theme.icon("image-plus"))
        add.setToolTip(self.tr("Add photos (Ctrl+O)"))
        add.setAccessibleName(self.tr("Add photos"))
        add.clicked.connect(self.open_requested)
        head = QHBoxLayout()
        self.column.removeWidget(self.heading)
        head.addWidget(self.heading, 1)
        head.addWidget(add)
        self.filters = self._build_filters()
        self.classify = QPushButton()
        self.classify.clicked.connect(self.classify_requested)
        self.column.addLayout(head)
        for widget in (self.filters, self._hint, self._none):
            self.column.addWidget(widget)
        self.column.addWidget(self.list, 1)
        for widget in (self.classify, self.missing, self.banner):
            self.column.addWidget(widget)
        self.rows.counted.connect(self._count)
        self._current: Path | None = None
        self._loading = False
        self._shown = self._all = 0
        self.show_unclassified(0, asking=False)
        self._count(0, 0)

    def set_loading(self, loading: bool) -> None:
        """Say that more files are coming."""
        self._loading = loading
        self._count(self._shown, self._all)

    def show_current(self, path: Path | None) -> None:
        """Select the row of a file without telling anybody."""
        self._current = path
        row = self.rows.row_of(path)
        index = QModelIndex() if row is None else self.rows.index(row)
        if self.list.currentIndex() != index:
            self.list.selectionModel().blockSignals(True)
            self.list.setCurrentIndex(index)
            self.list.selectionModel().blockSignals(False)
            self.list.viewport().update()

    def show_missing(self, count: int) -> None:
        """Say that files are not where they were, with the way to find them."""
        if count:
            self.missing.tell(
                "warning",
                self.tr("{0} photos are not where they were.").format(count)
                if count > 1
                else self.tr("One photo is not where it was."),
                (self.tr("Locate..."),),
            )
        else:
            self.missing.clear()

    def show_unclassified(self, count: int, *, asking: bool) -> None:
        """Offer to ask the model about so many photographs, or say that it is being asked."""
        if asking:
            self.classify.setText(self.tr("Stop asking ({0} left)").format(count))
        else:
            self.classify.setText(self.tr("Ask the model about {0}").format(count))
        self.classify.setToolTip(
            self.tr("One model call for each photo, so that they can be sorted by class")
        )
        self.classify.setVisible(asking or count > 1)

    def chosen_paths(self) -> list[Path]:
        """Those that are selected, in the order in which they are shown."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        paths = (self.rows.path_at(self.rows.index(row)) for row in rows)
        return [p for p in paths if p is not None]

    def _build_filters(self) -> QFrame:
        frame = QFrame()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Name or class"))
        self.search.setAccessibleName(self.tr("Show photos whose name or class holds"))
        self.search.setClearButtonEnabled(True)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("Order of the photos"))
        for key, text in (
            ("added", self.tr("As added")),
            ("name", self.tr("By name")),
            ("class", self.tr("By class")),
            ("confidence", self.tr("Surest first")),
            ("state", self.tr("By state")),
        ):
            self.order.addItem(text, key)
        self.state = QComboBox()
        self.state.setAccessibleName(self.tr("Show photos in the state"))
        self.state.addItem(self.tr("All"), None)
        for state in PhotoState:
            self.state.addItem(self.rows.state_text(state), state.value)
        typing = QTimer(self)
        typing.setSingleShot(True)
        typing.setInterval(TYPING_MS)
        typing.timeout.connect(self._filter)
        self._typing = typing
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._filter)
        self.order.activated.connect(lambda: self.rows.sort_by(self.order.currentData()))
        self.state.activated.connect(self._filter)
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.GRID // 2)
        grid.addWidget(self.search, 0, 0, 1, 2)
        grid.addWidget(self.order, 1, 0)
        grid.addWidget(self.state, 1, 1)
        for box in (self.order, self.state):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(6)
        return frame

    def _typed(self) -> None:
        self._typing.start()

    def _filter(self) -> None:
        value = self.state.currentData()
        self.rows.filter_by(self.search.text(), None if value is None else PhotoState(value))

    def _changed(self, current: QModelIndex, before: QModelIndex) -> None:
        path = self.rows.path_at(current)
        if path is not None:
            self._current = path
            self.chosen.emit(path)

    def _remove_chosen(self) -> None:
        paths = self.chosen_paths()
        if len(paths) > 1:
            self.several_removed.emit(paths)
            return
        path = self.rows.path_at(self.list.currentIndex())
        if path is not None:
            self.removed.emit(path)

    def _menu(self, place: QPoint) -> None:
        paths = self.chosen_paths()
        if not paths:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        run = menu.addAction(theme.icon("play"), self.tr("Explain chosen photos"))
        run.triggered.connect(lambda: self.run_requested.emit(paths))
        if any(self.rows.is_missing(p) for p in paths):
            menu.addAction(self.tr("Locate...")).triggered.connect(self.locate_requested)
        menu.addAction(theme.icon("x"), self.tr("Remove from the list")).triggered.connect(
            self._remove_chosen
        )
        menu.popup(self.list.viewport().mapToGlobal(place))

    def show_counts(self) -> None:
        """How many there are, said again."""
        self._count(self._shown, self._all)

    def _count(self, shown: int, count: int) -> None:
        self._shown, self._all = shown, count
        text = self.tr("PHOTOS ({0})").format(f"{count:,}") if count else self.tr("PHOTOS")
        if shown != count:
            text = self.tr("PHOTOS ({0:,} of {1:,})").format(shown, count)
        self.heading.setText(text + (self.tr("   loading...") if self._loading else ""))
        self._hint.setVisible(count == 0)
        self._none.setVisible(count > 0 and shown == 0)
        self.filters.setVisible(count >= MANY)
