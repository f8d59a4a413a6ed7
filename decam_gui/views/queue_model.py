"""The queue as a table: one row for each job, read from the jobs themselves when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from decam_gui import theme
from decam_gui.core.jobs import ACTIVE, Entry, JobState
from decam_gui.views.progress_row import duration

Index = QModelIndex | QPersistentModelIndex
# A number 0..1 for the bar; the text stands beside it.
FractionRole = Qt.ItemDataRole.UserRole + 1
NumberRole = Qt.ItemDataRole.UserRole + 2

ICONS = {
    JobState.HELD: "pause",
    JobState.WAITING: "clock",
    JobState.RUNNING: "play",
    JobState.STOPPING: "square",
    JobState.DONE: "circle-check",
    JobState.STOPPED: "square",
    JobState.FAILED: "circle-alert",
}


class Column(IntEnum):
    """What the table shows."""

    STATE = 0
    PHOTO = 1
    MODEL = 2
    TARGET = 3
    PROGRESS = 4
    RATE = 5
    LEFT = 6


class QueueModel(QAbstractTableModel):
    """Holds the session's own jobs and never changes them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._rows: dict[int, int] = {}
        self._titles: Mapping[str, str] = {}
        self._paused = False

    def show_entries(
        self, entries: Sequence[Entry], titles: Mapping[str, str], paused: bool
    ) -> None:
        """Show these jobs; ``titles`` names the models by their addresses."""
        self._titles, self._paused = titles, paused
        same = [e.number for e in entries] == [e.number for e in self._entries]
        if same:
            self._entries = list(entries)
            if self._entries:
                last = self.index(len(self._entries) - 1, len(Column) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._entries = list(entries)
        self._rows = {e.number: row for row, e in enumerate(self._entries)}
        self.endResetModel()

    def update_entry(self, number: int) -> None:
        """How far this job is has changed."""
        row = self._rows.get(number)
        if row is not None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def entry_at(self, row: int) -> Entry | None:
        """The job of a row."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, number: int) -> int:
        """Where a job stands; -1 for nowhere."""
        return self._rows.get(number, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many jobs there are."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How much is said of each."""
        return 0 if parent.isValid() else len(Column)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.STATE: self.tr("State"),
            Column.PHOTO: self.tr("Photo"),
            Column.MODEL: self.tr("Model"),
            Column.TARGET: self.tr("Explains"),
            Column.PROGRESS: self.tr("Model calls"),
            Column.RATE: self.tr("Calls/s"),
            Column.LEFT: self.tr("Time left"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words, a picture of the state, and the fraction for the bar."""
        entry = self.entry_at(index.row()) if index.isValid() else None
        if entry is None:
            return None
        column = Column(index.column())
        known: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(entry, column),
            Qt.ItemDataRole.DecorationRole: lambda: self._icon(entry, column),
            Qt.ItemDataRole.ToolTipRole: lambda: self._tip(entry, column),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._text(entry, column),
            Qt.ItemDataRole.TextAlignmentRole: lambda: (
                Qt.AlignmentFlag.AlignVCenter
                | (
                    Qt.AlignmentFlag.AlignRight
                    if column in (Column.RATE, Column.LEFT)
                    else Qt.AlignmentFlag.AlignLeft
                )
            ),
            FractionRole: lambda: entry.fraction,
            NumberRole: lambda: entry.number,
        }
        return known[role]() if role in known else None

    def state_text(self, entry: Entry) -> str:
        """The state in words."""
        if entry.state is JobState.RUNNING and self._paused:
            return self.tr("Paused")
        return {
            JobState.HELD: self.tr("On hold"),
            JobState.WAITING: self.tr("Waiting"),
            JobState.RUNNING: self.tr("Running"),
            JobState.STOPPING: self.tr("Stopping"),
            JobState.DONE: self.tr("Done"),
            JobState.STOPPED: self.tr("Stopped"),
            JobState.FAILED: self.tr("Failed"),
        }[entry.state]

    def _text(self, entry: Entry, column: Column) -> str:
        left = entry.seconds_left if entry.state in ACTIVE else None
        calls = self.tr("{0:,} / {1:,}").format(entry.calls, entry.budget)
        title = entry.spec.address.replace("\\", "/").rpartition("/")[2]
        return {
            Column.STATE: self.state_text(entry),
            Column.PHOTO: entry.spec.path.name,
            Column.MODEL: self._titles.get(entry.spec.address, title),
            Column.TARGET: ", ".join(entry.labels) or self.tr("the model's answer"),
            Column.PROGRESS: calls if entry.budget else "",
            Column.RATE: f"{entry.rate:,.0f}" if entry.rate else "",
            Column.LEFT: "" if left is None else duration(left),
        }[column]

    def _icon(self, entry: Entry, column: Column) -> QIcon | None:
        if column is not Column.STATE:
            return None
        paused = self._paused and entry.state is JobState.RUNNING
        return theme.icon("pause" if paused else ICONS[entry.state])

    def _tip(self, entry: Entry, column: Column) -> str:
        if column is Column.STATE and entry.text:
            return entry.text
        if column is Column.PHOTO:
            return str(entry.spec.path)
        if column is Column.MODEL:
            return entry.spec.address
        return self._text(entry, column)
