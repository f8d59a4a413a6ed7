"""The run under way: how far, how fast, how long, and the way to stop it."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from decam_engine import Progress
from decam_gui import theme
from decam_gui.views.parts import label

SECONDS_IN_MINUTE = 60


class ProgressRow(QFrame):
    """At the bottom of the window; quiet while nothing runs."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("footer", True)
        self._what = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the run"))
        self.numbers: QLabel = label("")
        self.numbers.setMinimumWidth(
            self.numbers.fontMetrics().horizontalAdvance(
                "2,000 / 2,000 calls, 1,000 calls/s, 30 s left "
            )
        )
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setIconSize(theme.ICON_SIZE)
        self.cancel_button.setIcon(theme.icon("x"))
        self.cancel_button.setToolTip(self.tr("Stop and keep the map so far (Esc)"))
        self.cancel_button.clicked.connect(self.cancelled)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self._what)
        row.addWidget(self.bar, 1)
        row.addWidget(self.numbers)
        row.addWidget(self.cancel_button)
        self.setFixedHeight(self.cancel_button.sizeHint().height() + 14)
        self.show_idle("")

    def put_before(self, widget: QWidget) -> None:
        """Place a control at the left end."""
        self._row.insertWidget(0, widget)

    def put_after(self, widget: QWidget) -> None:
        """Place a control before the button that stops."""
        self._row.insertWidget(self._row.count() - 1, widget)

    def show_idle(self, text: str) -> None:
        """Nothing runs; one quiet line."""
        self._what.setText(text)
        for widget in (self.bar, self.numbers, self.cancel_button):
            widget.hide()

    def show_start(self, what: str) -> None:
        """A run was asked for."""
        self._what.setText(what)
        self.bar.setRange(0, 0)
        self.numbers.setText(self.tr("Starting..."))
        self.cancel_button.setEnabled(True)
        for widget in (self.bar, self.numbers, self.cancel_button):
            widget.show()

    def show_paused(self) -> None:
        """It is held between two batches."""
        self.numbers.setText(self.tr("Paused"))

    def show_stopping(self) -> None:
        """It ends after the batch under way."""
        self.numbers.setText(self.tr("Stopping..."))
        self.cancel_button.setEnabled(False)

    def show_progress(self, progress: Progress) -> None:
        """Calls, rate, time left."""
        self.bar.setRange(0, progress.budget)
        self.bar.setValue(progress.calls)
        self.numbers.setText(
            self.tr("{0:,} / {1:,} calls, {2:,.0f} calls/s, {3} left").format(
                progress.calls,
                progress.budget,
                progress.rate,
                duration(progress.seconds_left),
            )
        )


def duration(seconds: float) -> str:
    """``3 s``, ``2 min 5 s``."""
    if not math.isfinite(seconds):
        return "?"
    whole = max(0, math.ceil(seconds))
    if whole < SECONDS_IN_MINUTE:
        return f"{whole} s"
    return f"{whole // SECONDS_IN_MINUTE} min {whole % SECONDS_IN_MINUTE} s"
