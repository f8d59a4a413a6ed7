"""How the photograph was read: what was done to it, and what of that can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QWidget,
)

from decam_gui import theme
from decam_gui.views.parts import Card, label, steady

GIVEN = "given"
MOST = 1e9


class ImageCard(Card):
    """Hidden for photographs that were read as they are.

    ``changed`` carries what :func:`decam_engine.load_image` is to be given.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("IMAGE"))
        self._options: dict[str, Any] = {}
        self.notes = label("", "muted", wrap=True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.page = QSpinBox()
        self.page.setKeyboardTracking(False)
        self.page.setAccessibleName(self.tr("Page"))
        self.page.setToolTip(self.tr("Which picture of the file is explained"))
        self.window_rule = QComboBox()
        self.window_rule.setAccessibleName(self.tr("Window"))
        self.window_rule.setToolTip(
            self.tr("Which values of the file become black and white; a model sees 8 bits")
        )
        for name, rule in (
            (self.tr("Automatic"), None),
            (self.tr("Percentiles 0.1 to 99.9"), "percentile"),
            (self.tr("Full range"), "full"),
            (self.tr("From ... to ..."), GIVEN),
        ):
            self.window_rule.addItem(name, rule)
        self.low, self.high = QDoubleSpinBox(), QDoubleSpinBox()
        for field, name in (
            (self.low, self.tr("Becomes black")),
            (self.high, self.tr("Becomes white")),
        ):
            field.setRange(-MOST, MOST)
            field.setDecimals(2)
            field.setKeyboardTracking(False)
            field.setAccessibleName(name)
            field.setToolTip(name)
            field.valueChanged.connect(self._emit)
        steady(self.page, self.window_rule, self.low, self.high)
        limits = QHBoxLayout()
        limits.setSpacing(theme.GRID)
        limits.addWidget(self.low, 1)
        limits.addWidget(self.high, 1)
        self._limits = QWidget()
        self._limits.setLayout(limits)
        limits.setContentsMargins(0, 0, 0, 0)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(theme.GRID)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in (
            (self.tr("Pa&ge"), self.page),
            (self.tr("&Window"), self.window_rule),
            ("", self._limits),
        ):
            title = label(name, "muted")
            title.setBuddy(field)
            self._form.addRow(title, field)
        self.column.addLayout(self._form)
        self.column.addWidget(self.notes)
        self.page.valueChanged.connect(self._emit)
        self.window_rule.activated.connect(self._rule_chosen)
        self.show_reading((), {})

    def show_reading(self, notes: Sequence[str], reading: Mapping[str, Any]) -> None:
        """What was done to the photograph on show; nothing hides the card."""
        self._options = dict(reading.get("options", {}))
        window = reading.get("window")
        pages = int(reading.get("pages", 1))
        fields = (self.page, self.window_rule, self.low, self.high)
        for field in fields:
            field.blockSignals(True)
        self.page.setRange(1, max(1, pages))
        self.page.setValue(int(reading.get("page", 1)))
        self.page.setSuffix(self.tr(" of {0}").format(pages))
        chosen = self._options.get("window")
        given = isinstance(chosen, list | tuple)
        self.window_rule.setCurrentIndex(self.window_rule.findData(GIVEN if given else chosen))
        if window is not None and "low" in window:
            self.low.setValue(window["low"])
            self.high.setValue(window["high"])
        for field in fields:
            field.blockSignals(False)
        self._form.setRowVisible(self.page, pages > 1)
        self._form.setRowVisible(self.window_rule, window is not None)
        self._form.setRowVisible(self._limits, window is not None and given)
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self.setVisible(bool(notes) or pages > 1 or window is not None)

    def set_changeable(self, changeable: bool) -> None:
        """Not while the photograph is being explained."""
        for field in (self.page, self.window_rule, self._limits):
            field.setEnabled(changeable)

    def _rule_chosen(self) -> None:
        self._form.setRowVisible(self._limits, self.window_rule.currentData() == GIVEN)
        self._emit()

    def _emit(self) -> None:
        rule: Any = self.window_rule.currentData()
        if rule == GIVEN:
            low, high = self.low.value(), self.high.value()
            if low >= high:
                return
            rule = [low, high]
        page = self.page.value() if self.page.maximum() > 1 else None
        self.changed.emit({**self._options, "page": page, "window": rule})
