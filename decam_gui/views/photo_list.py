"""The photographs as thumbnails; files that could not be read stay, marked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QToolButton,
    QWidget,
)

from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, label

THUMBNAIL = QSize(56, 42)
Index = QModelIndex | QPersistentModelIndex


class PhotoModel(QAbstractListModel):
    """Rows of (path, thumbnail or None, problem)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[Path, QPixmap | None, str]] = []

    def put(self, path: Path, thumbnail: QImage | None, problem: str) -> None:
        """Add a row, or bring the row of this file up to date."""
        row = (path, None if thumbnail is None else _fitted(thumbnail), problem)
        found = self.row_of(path)
        if found is not None:
            self._rows[found] = row
            self.dataChanged.emit(self.index(found), self.index(found))
            return
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows))
        self._rows.append(row)
        self.endInsertRows()

    def remove(self, path: Path) -> None:
        """Take a row away."""
        row = self.row_of(path)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._rows[row]
            self.endRemoveRows()

    def row_of(self, path: Path | None) -> int | None:
        """Where a file stands."""
        return next((i for i, r in enumerate(self._rows) if r[0] == path), None)

    def path_at(self, index: Index) -> Path | None:
        """Which file a row shows."""
        return self._rows[index.row()][0] if index.isValid() else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many files there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, picture, and the problem in words."""
        if not index.isValid():
            return None
        path, picture, problem = self._rows[index.row()]
        unread = self.tr("cannot be read")
        known: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: f"{path.name}\n{unread}" if problem else path.name,
            Qt.ItemDataRole.DecorationRole: lambda: _icon(picture),
            Qt.ItemDataRole.ToolTipRole: lambda: problem or str(path),
            Qt.ItemDataRole.AccessibleTextRole: lambda: (
                f"{path.name}: {problem}" if problem else path.name
            ),
            Qt.ItemDataRole.SizeHintRole: lambda: QSize(0, THUMBNAIL.height() + 14),
        }
        return known[role]() if role in known else None


class _List(QListView):
    """A list whose Delete key takes a row away."""

    remove_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Delete or Backspace removes; the rest is the list's."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_pressed.emit()
            return
        super().keyPressEvent(event)


class PhotoList(Card):
    """The list with its heading, a button to add, and a place for messages."""

    chosen = Signal(object)
    removed = Signal(object)
    open_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.rows = PhotoModel(self)
        self.list = _List()
        self.list.setModel(self.rows)
        self.list.setIconSize(THUMBNAIL)
        self.list.setUniformItemSizes(True)
        self.list.setMinimumHeight(2 * THUMBNAIL.height() + 32)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setAccessibleName(self.tr("Photos"))
        self.list.remove_pressed.connect(self._remove_current)
        self.list.selectionModel().currentChanged.connect(self._changed)
        self.banner = Banner()
        self._hint: QLabel = label(
            self.tr("Drop photos anywhere in the window."), "muted", wrap=True
        )
        add = QToolButton()
        add.setIcon(theme.icon("image-plus"))
        add.setToolTip(self.tr("Add photos (Ctrl+O)"))
        add.setAccessibleName(self.tr("Add photos"))
        add.clicked.connect(self.open_requested)
        head = QHBoxLayout()
        self.column.removeWidget(self.heading)
        head.addWidget(self.heading, 1)
        head.addWidget(add)
        self.column.addLayout(head)
        self.column.addWidget(self._hint)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.banner)
        for signal in (self.rows.rowsInserted, self.rows.rowsRemoved):
            signal.connect(self._count)
        self._loading = False
        self._count()

    def set_loading(self, loading: bool) -> None:
        """Say that more files are coming."""
        self._loading = loading
        self._count()

    def show_current(self, path: Path | None) -> None:
        """Select the row of a file without telling anybody."""
        row = self.rows.row_of(path)
        index = QModelIndex() if row is None else self.rows.index(row)
        if self.list.currentIndex() != index:
            self.list.selectionModel().blockSignals(True)
            self.list.setCurrentIndex(index)
            self.list.selectionModel().blockSignals(False)
            self.list.viewport().update()

    def _changed(self, current: QModelIndex, before: QModelIndex) -> None:
        path = self.rows.path_at(current)
        if path is not None:
            self.chosen.emit(path)

    def _remove_current(self) -> None:
        path = self.rows.path_at(self.list.currentIndex())
        if path is not None:
            self.removed.emit(path)

    def _count(self) -> None:
        count = self.rows.rowCount()
        text = self.tr("PHOTOS ({0})").format(count) if count else self.tr("PHOTOS")
        self.heading.setText(text + (self.tr("   loading...") if self._loading else ""))
        self._hint.setVisible(count == 0)


def _icon(picture: QPixmap | None) -> QIcon:
    """The thumbnail, never tinted by the selection; a sign in its place when there is none."""
    if picture is None:
        ratio = 2
        picture = QPixmap(THUMBNAIL * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        side = 24
        place = QRect((THUMBNAIL.width() - side) // 2, (THUMBNAIL.height() - side) // 2, side, side)
        theme.icon("triangle-alert", "on_error").paint(painter, place)
        painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def _fitted(image: QImage) -> QPixmap:
    """The thumbnail in the middle of a box of one size, so that all names line up."""
    ratio = 2
    small = image.scaled(
        THUMBNAIL * ratio,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    box = THUMBNAIL * ratio
    left, top = (small.width() - box.width()) // 2, (small.height() - box.height()) // 2
    pixmap = QPixmap.fromImage(small.copy(left, top, box.width(), box.height()))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
