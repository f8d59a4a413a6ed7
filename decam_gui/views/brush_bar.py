"""The brush's controls above the photograph, and what the map says of what was painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from decam_gui.views import words
from decam_gui.views.parts import Choice, label, tool_button

# Of the brush, as a share of the photograph's longer side.
LEAST, MOST, USUAL = 10, 300, 60


class BrushBar(QFrame):
    """Hide or show, how large, with what; back one step, back to the start."""

    fill_chosen = Signal(str)
    size_changed = Signal(float)
    undo_requested = Signal()
    reset_requested = Signal()
    keep_requested = Signal()
    hide_requested = Signal()

    def __init__(self, fills: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide_button = tool_button("eye-off", self.tr("Hide"), self.tr("The brush hides"))
        self.show_button = tool_button("eye", self.tr("Show"), self.tr("The brush shows again"))
        group = QButtonGroup(self)
        for button in (self.hide_button, self.show_button):
            button.setCheckable(True)
            button.setProperty("mode", True)
            group.addButton(button)
        self.hide_button.setChecked(True)
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setRange(LEAST, MOST)
        self.size.setPageStep(30)
        self.size.setValue(USUAL)
        self.size.setMinimumWidth(50)
        self.size.setMaximumWidth(110)
        self.size.setAccessibleName(self.tr("Size of the brush"))
        self.size.setToolTip(self.tr("Size of the brush"))
        self.size.valueChanged.connect(lambda value: self.size_changed.emit(value / 1000))
        self.fill = Choice(self.tr("What hidden pixels become"))
        self.fill.setToolTip(self.tr("What hidden pixels become"))
        self.fill.setMinimumContentsLength(8)
        self.fill.addItem(self.tr("As in the run"), "")
        for name in fills:
            self.fill.addItem(words.fill(name), name)
        self.fill.currentIndexChanged.connect(
            lambda _: self.fill_chosen.emit(self.fill.currentData())
        )
        self.hide_region = tool_button(
            "circle-dashed", "", self.tr("Hide the top share of the map (Without)")
        )
        self.keep_region = tool_button(
            "focus", "", self.tr("Hide all but the top share of the map (Only)")
        )
        self.undo = tool_button("undo-2", "", self.tr("Undo the last stroke (Ctrl+Z)"))
        self.reset = tool_button("rotate-ccw", "", self.tr("Show everything again"))
        self.undo.clicked.connect(self.undo_requested)
        self.reset.clicked.connect(self.reset_requested)
        self.hide_region.clicked.connect(self.hide_requested)
        self.keep_region.clicked.connect(self.keep_requested)
        self.said = label("", wrap=True)
        self.said.setMinimumHeight(2 * self.said.fontMetrics().height() + 2)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (
            self.hide_button, self.show_button, label(self.tr("Size"), "muted"), self.size,
            self.fill, self.keep_region, self.hide_region,
        ):  # fmt: skip
            row.addWidget(widget)
        row.addStretch()
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self.said, 1)
        for button in (self.undo, self.reset):
            below.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(below)

    @property
    def hides(self) -> bool:
        """Whether the brush hides rather than shows."""
        return self.hide_button.isChecked()

    @property
    def radius(self) -> float:
        """Of the brush, as a share of the photograph's longer side."""
        return self.size.value() / 1000

    def tab_order(self) -> list[QWidget]:
        """Its controls from left to right."""
        return [
            self.hide_button, self.show_button, self.size, self.fill, self.keep_region,
            self.hide_region, self.undo, self.reset,
        ]  # fmt: skip

    def set_state(self, *, can_undo: bool, edited: bool, has_map: bool) -> None:
        """What can be done now."""
        self.undo.setEnabled(can_undo)
        self.reset.setEnabled(edited)
        self.keep_region.setEnabled(has_map)
        self.hide_region.setEnabled(has_map)

    def say(self, text: str) -> None:
        """What came of it."""
        self.said.setText(text)
