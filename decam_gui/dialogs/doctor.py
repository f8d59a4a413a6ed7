"""The pre-processing doctor: what it would cost, how far it is, the candidates, the choice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_engine import Diagnosis
from decam_gui import theme
from decam_gui.checkup import MOST_PHOTOS, Stage
from decam_gui.views.banner import Banner
from decam_gui.views.candidate_table import CandidateTable
from decam_gui.views.parts import label

WIDTH, HEIGHT = 920, 640


class DoctorDialog(QDialog):
    """Asks no model by itself: everything that costs calls or writes files is a signal."""

    started = Signal()
    cancelled = Signal()
    chosen = Signal(object)
    save_requested = Signal(bool)
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Check how photos are fed"))
        self.setMinimumWidth(760)
        self._stage = Stage.PLANNED
        self._source = ""
        self._in_use = -1
        self._busy = False
        self._is_file = True
        self.plan = label("", wrap=True)
        self.plan.setTextFormat(Qt.TextFormat.PlainText)
        self.now = label("", "muted", wrap=True)
        self.now.setTextFormat(Qt.TextFormat.PlainText)
        self.banner = Banner(closable=False)
        self.banner.acted.connect(self._answer)
        self.table = CandidateTable()
        self.table.picked.connect(self._enable)
        self.rule_button = QToolButton()
        self.rule_button.setText(self.tr("How they are ranked"))
        self.rule_button.setCheckable(True)
        self.rule_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.rule_button.setIconSize(theme.ICON_SIZE)
        self.rule_button.setIcon(theme.icon("info"))
        self.rule = label("", "muted", wrap=True)
        self.rule.setTextFormat(Qt.TextFormat.PlainText)
        self.rule_button.toggled.connect(self.rule.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.plan)
        column.addWidget(self.now)
        self._progress = self._progress_row()
        column.addWidget(self._progress)
        column.addWidget(self.banner)
        column.addWidget(self.table, 1)
        column.addStretch()
        column.addWidget(self.rule_button)
        column.addWidget(self.rule)
        column.addLayout(self._button_row())
        self.rule.hide()
        self.resize(WIDTH, 0)
        self.show_stage(Stage.PLANNED, "")
        self._set_tab_order()

    # --- what is told to it ------------------------------------------------------------

    def show_plan(self, model: str, photos: Sequence[str], calls: int, host: str) -> None:
        """What a check would do, before it does anything."""
        text = self.tr(
            "{0} is fed with {1} in every usual way, and its answers are compared: {2:,} model "
            "calls. The bars are about the first photo."
        ).format(model, ", ".join(photos), calls)
        if len(photos) < MOST_PHOTOS:
            text += " " + self.tr("{0} photos of what it was trained for tell more.").format(
                MOST_PHOTOS
            )
        if host:
            text += "\n" + self.tr(
                "Nothing is sent before you press Start; then {0:,} inputs made of these photos go "
                "to {1}."
            ).format(calls, host)
        self.plan.setText(text)

    def show_model(self, words: str, source: str, *, is_file: bool, busy: bool) -> None:
        """How the model is fed now; ``busy`` while that is being changed.

        Args:
            words: the pre-processing and its source in words.
            source: the latter as the engine names it.
            is_file: whether something can be remembered of it and written beside it.
        """
        self._source, self._busy, self._is_file = source, busy, is_file
        self.now.setText(self.tr("Now: {0}").format(words))
        self.keep_button.setText(
            self.tr("Keep the guess") if source == "assumed" else self.tr("Close")
        )
        self._enable()

    def show_stage(self, stage: Stage, problem: str) -> None:
        """How far the check is; ``problem`` says why it failed."""
        self._stage = stage
        running = stage in (Stage.RUNNING, Stage.STOPPING)
        self._progress.setVisible(running)
        self.cancel_button.setEnabled(stage is Stage.RUNNING)
        self.start_button.setVisible(not running and stage is not Stage.DONE)
        self.start_button.setText(
            self.tr("Start") if stage is Stage.PLANNED else self.tr("Start again")
        )
        done = stage is Stage.DONE
        for widget in (self.table, self.rule_button):
            widget.setVisible(done)
        if not done:
            self.rule_button.setChecked(False)
        if stage is Stage.RUNNING:
            self.bar.setRange(0, 0)
            self.numbers.setText(self.tr("Starting..."))
            self.banner.clear()
            self.cancel_button.setFocus()
        elif stage is Stage.STOPPING:
            self.numbers.setText(self.tr("Stopping..."))
        elif stage is Stage.STOPPED:
            self.banner.tell("info", self.tr("Stopped. Nothing was changed."))
        elif stage is Stage.FAILED:
            self.banner.tell("error", problem)
        self._enable()
        if stage in (Stage.STOPPED, Stage.FAILED, Stage.PLANNED):
            self.start_button.setFocus()

    def show_progress(self, calls: int, of: int) -> None:
        """How many calls were made."""
        if self._stage is Stage.RUNNING:
            self.bar.setRange(0, of)
            self.bar.setValue(calls)
            self.numbers.setText(self.tr("{0:,} / {1:,} calls").format(calls, of))

    def show_found(self, diagnosis: Diagnosis | None, in_use: int) -> None:
        """The candidates, the best one chosen in the table."""
        self.table.put(diagnosis, in_use)
        self.show_in_use(in_use)
        if diagnosis is not None:
            self.rule.setText(diagnosis.rule)
            self.table.setFocus()
            self._grow()

    def show_in_use(self, row: int) -> None:
        """Mark the candidate by which the model is fed now."""
        self._in_use = row
        self.table.rows.set_in_use(row)
        self._enable()

    def show_used(self, sidecar: str) -> None:
        """The choice holds; ``sidecar`` names the file that comes before it the next time."""
        if not self._is_file:
            text = self.tr("Used until the window is closed: only model files are remembered.")
        elif sidecar:
            text = self.tr(
                "Used now. When the model is opened again, {0} beside it comes first; to replace "
                "that, save beside the model."
            ).format(sidecar)
        else:
            text = self.tr("Used from now on, and remembered for this model.")
        self.banner.tell("success", text)

    def show_forgotten(self) -> None:
        """The choice is gone."""
        self.banner.tell("success", self.tr("The choice is forgotten."))

    def show_saved(self, path: Path) -> None:
        """The sidecar is there."""
        self.banner.tell("success", self.tr("Saved as {0}.").format(path))

    def ask_replace(self, path: Path) -> None:
        """A sidecar is there already."""
        self.banner.tell(
            "warning",
            self.tr("{0} is there already beside the model. Replace it?").format(path.name),
            (self.tr("Replace"), self.tr("Leave it")),
        )

    def show_trouble(self, text: str) -> None:
        """What could not be done, and why."""
        if text:
            self.banner.tell("error", text)

    # --- inside ------------------------------------------------------------------------

    def reject(self) -> None:
        """Closing it stops what runs."""
        self.cancelled.emit()
        super().reject()

    def _progress_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the check"))
        self.numbers: QLabel = label("")
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setIconSize(theme.ICON_SIZE)
        self.cancel_button.setIcon(theme.icon("x"))
        self.cancel_button.clicked.connect(self.cancelled)
        row.addWidget(self.bar, 1)
        row.addWidget(self.numbers)
        row.addWidget(self.cancel_button)
        return holder

    def _button_row(self) -> QHBoxLayout:
        self.start_button = QPushButton(self.tr("Start"))
        self.start_button.setProperty("primary", True)
        self.start_button.clicked.connect(self.started)
        self.use_button = QPushButton(self.tr("Use this"))
        self.use_button.setProperty("primary", True)
        self.use_button.clicked.connect(self._use)
        self.save_button = QPushButton(self.tr("Save beside the model"))
        self.save_button.clicked.connect(lambda: self.save_requested.emit(False))
        self.forget_button = QPushButton(self.tr("Forget the choice"))
        self.forget_button.clicked.connect(self.forget_requested)
        self.keep_button = QPushButton(self.tr("Close"))
        self.keep_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        for button in (
            self.start_button, self.use_button, self.save_button, self.forget_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.keep_button)
        return row

    def event(self, event: QEvent) -> bool:
        """As high as its words, until there is a table."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._stage is not Stage.DONE:
            self._fit()
        return handled

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _grow(self) -> None:
        """Make room for the table, in the middle of the window that it belongs to."""
        centre = self.geometry().center()
        self.resize(max(WIDTH, self.width()), max(HEIGHT, self.height()))
        parent = self.parentWidget()
        if parent is not None:
            centre = parent.window().geometry().center()
        frame = self.geometry()
        frame.moveCenter(centre)
        self.move(frame.topLeft())

    def _set_tab_order(self) -> None:
        order = (
            self.cancel_button, self.table, self.rule_button, self.start_button, self.use_button,
            self.save_button, self.forget_button, self.keep_button,
        )  # fmt: skip
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _enable(self) -> None:
        done = self._stage is Stage.DONE
        row = self.table.chosen_row()
        settled = self._source == "chosen" and row == self._in_use
        self.use_button.setVisible(done)
        self.use_button.setEnabled(done and row >= 0 and not settled and not self._busy)
        self.use_button.setDefault(done)
        self.start_button.setDefault(not done)
        if settled:
            tip = self.tr("The model is fed so already")
        else:
            tip = self.tr("Feed this model as the chosen row says, from now on")
        self._explain(self.use_button, tip)
        guessed = self._source == "assumed"
        self.save_button.setEnabled(self._is_file and not guessed and not self._busy)
        if not self._is_file:
            tip = self.tr("Only a model that is a file can have a sidecar file beside it")
        elif guessed:
            tip = self.tr("A guess is not saved: use one of the rows first")
        else:
            tip = self.tr("Write how it is fed now into a sidecar file beside the model")
        self._explain(self.save_button, tip)
        chosen = self._source == "chosen"
        self.forget_button.setEnabled(chosen and not self._busy)
        tip = self.tr("Feed the model as if nothing had been chosen")
        self._explain(self.forget_button, tip if chosen else self.tr("Nothing was chosen"))

    @staticmethod
    def _explain(button: QPushButton, tip: str) -> None:
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)

    def _use(self) -> None:
        candidate = self.table.chosen()
        if candidate is not None:
            self.chosen.emit(candidate)

    def _answer(self, number: int) -> None:
        self.banner.clear()
        if number == 0:
            self.save_requested.emit(True)
