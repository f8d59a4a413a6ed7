"""The queue at the bottom of the window: one row for what runs, and a table for all jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_gui import theme
from decam_gui.core.jobs import ACTIVE, ENDED, PENDING, Entry, JobState
from decam_gui.views.banner import Banner
from decam_gui.views.parts import label, removes
from decam_gui.views.progress_row import ProgressRow
from decam_gui.views.queue_model import Column, FractionRole, QueueModel

TABLE_HEIGHT = 168
BAR_HEIGHT = 6


class QueuePanel(QFrame):
    """Tells what was asked for, by the numbers of the jobs; knows nothing of what they do."""

    cancelled = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal(list)
    hold_requested = Signal(list)
    release_requested = Signal(list)
    retry_requested = Signal(list)
    # Number of a job, and -1 (earlier) or 1 (later).
    move_requested = Signal(int, int)
    clear_requested = Signal()
    show_requested = Signal(int)
    # The banner's: go on with the jobs of the session before, or take them out.
    continue_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = ProgressRow()
        self.banner = Banner(closable=False)
        self.ended = Banner()
        self.rows = QueueModel(self)
        self.table = _Table()
        self.table.setModel(self.rows)
        self._paused = False
        self._build_row()
        self._body = self._build_body()
        self._build_menu()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.ended)
        column.addWidget(self.row)
        column.addWidget(self._body)
        self.row.cancelled.connect(self.cancelled)
        self.banner.acted.connect(self._act_on_banner)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.table.activated.connect(self._activated)
        self.table.cancel_pressed.connect(lambda: self.cancel_requested.emit(self.chosen()))
        self.table.move_pressed.connect(self._move)
        self.open_table(False)
        self.show_entries([], {}, paused=False, totals=(0, 0))

    # --- showing -----------------------------------------------------------------------

    def show_entries(
        self,
        entries: Sequence[Entry],
        titles: Mapping[str, str],
        *,
        paused: bool,
        totals: tuple[int, int],
    ) -> None:
        """Show these jobs; ``totals`` are (ended, all)."""
        chosen, current = self.chosen(), self._current()
        self._paused = paused
        self.rows.show_entries(entries, titles, paused)
        self._choose(chosen, current)
        ended, count = totals
        self.toggle.setText(self.tr("Queue ({0} of {1})").format(ended, count))
        if not count:
            self.toggle.setText(self.tr("Queue"))
        busy = any(e.state in (JobState.WAITING, *ACTIVE) for e in entries)
        self.pause_button.setEnabled(busy or paused)
        self.pause_button.setIcon(theme.icon("play" if paused else "pause"))
        text = self.tr("Resume") if paused else self.tr("Pause")
        self.pause_button.setText(text)
        self.pause_button.setAccessibleName(
            self.tr("Resume the queue") if paused else self.tr("Pause the queue")
        )
        self.pause_button.setToolTip(
            self.tr("Go on")
            if paused
            else self.tr("Hold the run after the batch under way; nothing is lost")
        )
        self.pause_button.setVisible(bool(entries) and (busy or paused))
        self._empty.setVisible(not entries)
        self.table.setVisible(bool(entries))
        self._enable()

    def show_unfinished(self, count: int) -> None:
        """Offer to go on with what an earlier session did not finish; 0: nothing to offer."""
        if count:
            self.banner.tell(
                "info",
                self.tr("{0:,} jobs of this session were not finished.").format(count)
                if count != 1
                else self.tr("One job of this session was not finished."),
                (self.tr("Continue"), self.tr("Discard")),
            )
        else:
            self.banner.clear()

    def tell(self, kind: str, text: str) -> None:
        """How the queue ended, for who cannot be told by the desktop."""
        self.ended.tell(kind, text)

    def open_table(self, is_open: bool) -> None:
        """Show or hide the table."""
        self._body.setVisible(is_open)
        self.toggle.setChecked(is_open)
        self.toggle.setIcon(theme.icon("chevron-down" if is_open else "chevron-up"))

    def chosen(self) -> list[int]:
        """Numbers of the jobs that are selected, in order."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        entries = (self.rows.entry_at(row) for row in rows)
        return [e.number for e in entries if e is not None]

    # --- building ----------------------------------------------------------------------

    def _build_row(self) -> None:
        self.toggle = QToolButton()
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setToolTip(self.tr("Show all jobs"))
        self.toggle.setAccessibleDescription(self.tr("Shows or hides the table of all jobs"))
        self.toggle.toggled.connect(self.open_table)
        self.pause_button = QToolButton()
        self.pause_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.pause_button.clicked.connect(self._pause_or_resume)
        self.row.put_before(self.toggle)
        self.row.put_after(self.pause_button)

    def _build_body(self) -> QFrame:
        body = QFrame()
        self._empty: QLabel = label(
            self.tr(
                "Nothing was asked for yet. Run explains one photo; “Explain all photos” in the "
                "Run menu fills the queue."
            ),
            "muted",
            wrap=True,
        )
        self._buttons: dict[str, QToolButton] = {}
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        self._actions: dict[str, QAction] = {}
        for name, text, icon, slot in (
            ("hold", self.tr("Hold"), "pause", lambda: self.hold_requested.emit(self.chosen())),
            (
                "release",
                self.tr("Release"),
                "play",
                lambda: self.release_requested.emit(self.chosen()),
            ),
            ("cancel", self.tr("Cancel"), "x", lambda: self.cancel_requested.emit(self.chosen())),
            (
                "retry",
                self.tr("Run again"),
                "rotate-ccw",
                lambda: self.retry_requested.emit(self.chosen()),
            ),
            ("earlier", self.tr("Earlier"), "arrow-up", lambda: self._move(-1)),
            ("later", self.tr("Later"), "arrow-down", lambda: self._move(1)),
            ("clear", self.tr("Clear ended"), "check", self.clear_requested.emit),
        ):
            action = QAction(theme.icon(icon), text, self)
            action.triggered.connect(slot)
            self._actions[name] = action
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(text)
            self._buttons[name] = button
            buttons.addWidget(button)
        buttons.addStretch()
        self._actions["cancel"].setToolTip(
            self.tr("Stop and keep the map so far, or take out what has not begun (Del)")
        )
        self._actions["retry"].setToolTip(
            self.tr("What was stopped goes on where it was; what failed begins anew")
        )
        self._actions["clear"].setToolTip(self.tr("Take ended jobs off the list; results stay"))
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 0, 16, theme.GRID)
        column.setSpacing(theme.GRID // 2)
        column.addLayout(buttons)
        column.addWidget(self._empty)
        column.addWidget(self.table)
        self.table.setFixedHeight(TABLE_HEIGHT)
        self.table.setAccessibleName(self.tr("Jobs"))
        self.table.setItemDelegateForColumn(Column.PROGRESS, _Bar(self.table))
        head = self.table.horizontalHeader()
        for column_number, width in (
            (Column.STATE, 112),
            (Column.PHOTO, 200),
            (Column.MODEL, 180),
            (Column.TARGET, 160),
            (Column.PROGRESS, 200),
            (Column.RATE, 72),
            (Column.LEFT, 92),
        ):
            head.resizeSection(column_number, width)
        head.setSectionResizeMode(Column.PHOTO, QHeaderView.ResizeMode.Stretch)
        return body

    def _build_menu(self) -> None:
        menu = QMenu(self)
        menu.addActions(list(self._actions.values()))

        def show(place: QPoint) -> None:
            menu.popup(self.table.viewport().mapToGlobal(place))

        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(show)

    # --- inside ------------------------------------------------------------------------

    def _pause_or_resume(self) -> None:
        (self.resume_requested if self._paused else self.pause_requested).emit()

    def _enable(self) -> None:
        entries = [e for e in map(self._entry, self.chosen()) if e is not None]
        states = {e.state for e in entries}
        on = self._actions
        on["hold"].setEnabled(JobState.WAITING in states)
        on["release"].setEnabled(JobState.HELD in states)
        on["cancel"].setEnabled(bool(states & {*PENDING, *ACTIVE}))
        on["retry"].setEnabled(bool(states & {JobState.STOPPED, JobState.FAILED}))
        pending = len(entries) == 1 and entries[0].state in PENDING
        on["earlier"].setEnabled(pending)
        on["later"].setEnabled(pending)
        everything = (self.rows.entry_at(row) for row in range(self.rows.rowCount()))
        on["clear"].setEnabled(any(e is not None and e.state in ENDED for e in everything))

    def _entry(self, number: int) -> Entry | None:
        return self.rows.entry_at(self.rows.row_of(number))

    def _current(self) -> int | None:
        entry = self.rows.entry_at(self.table.currentIndex().row())
        return None if entry is None else entry.number

    def _choose(self, numbers: Sequence[int], current: int | None) -> None:
        selection = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        row = -1 if current is None else self.rows.row_of(current)
        if row >= 0 and row != self.table.currentIndex().row():
            selection.setCurrentIndex(self.rows.index(row, 0), flags.NoUpdate)
        # In one step, and only if something is missing: thousands may be chosen.
        before = {index.row() for index in selection.selectedRows()}
        wanted = {self.rows.row_of(number) for number in numbers} - {-1}
        if wanted <= before:
            return
        chosen = QItemSelection()
        for first, last in _runs(sorted(wanted)):
            chosen.select(self.rows.index(first, 0), self.rows.index(last, 0))
        selection.select(chosen, flags.Select | flags.Rows)

    def _move(self, by: int) -> None:
        chosen = self.chosen()
        if len(chosen) == 1:
            self.move_requested.emit(chosen[0], by)

    def _activated(self, index: QModelIndex) -> None:
        entry = self.rows.entry_at(index.row())
        if entry is not None:
            self.show_requested.emit(entry.number)

    def _act_on_banner(self, number: int) -> None:
        (self.discard_requested if number else self.continue_requested).emit()


class _Table(QTableView):
    """Delete cancels, Alt with an arrow moves."""

    cancel_pressed = Signal()
    move_pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(28)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """The rest is the table's."""
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if removes(event):
            self.cancel_pressed.emit()
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_pressed.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = runs[-1][0], row
        else:
            runs.append((row, row))
    return runs


class _Bar(QStyledItemDelegate):
    """The numbers with a bar below them."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:  # (Qt's own name)
        """As every other cell, and the bar on top."""
        super().paint(painter, option, index)
        if not index.data(Qt.ItemDataRole.DisplayRole):
            return
        fraction = float(index.data(FractionRole))
        place: QRect = option.rect.adjusted(8, option.rect.height() - BAR_HEIGHT - 1, -8, -1)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("track"))
        painter.drawRoundedRect(place, 2, 2)
        painter.setBrush(theme.colour("accent"))
        place.setWidth(round(place.width() * fraction))
        painter.drawRoundedRect(place, 2, 2)
        painter.restore()

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """The text a little higher, above the bar."""
        super().initStyleOption(option, index)
        option.displayAlignment = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        option.state &= ~QStyle.StateFlag.State_HasFocus
