"""How to search, and the button that starts it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QPushButton,
    QSpinBox,
    QWidget,
)

from decam_engine import FILLS, METHODS, PRESETS
from decam_gui import theme
from decam_gui.session import RunSettings
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, label

MOST_CALLS = 1_000_000
MOST_SEED = 2**31 - 1


class RunPanel(Card):
    """Method, budget, seed, fill; emits the settings whenever one changes."""

    changed = Signal(object)
    run_requested = Signal()

    def __init__(self, settings: RunSettings, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("RUN"))
        method_names = {
            "de": self.tr("DE-CAM (evolution)"),
            "rise": self.tr("RISE (random masks)"),
            "occlusion": self.tr("Occlusion (sliding patch)"),
        }
        fill_names = {
            "blur": self.tr("Blur"),
            "strong-blur": self.tr("Strong blur"),
            "mean": self.tr("Mean colour"),
            "black": self.tr("Black"),
        }
        preset_names = {
            "quick": self.tr("Quick"),
            "balanced": self.tr("Balanced"),
            "thorough": self.tr("Thorough"),
        }
        self.method = QComboBox()
        for key in METHODS:
            self.method.addItem(method_names.get(key, key), key)
        self.preset = QComboBox()
        for key, calls in PRESETS.items():
            text = self.tr("{0}: {1:,} calls").format(preset_names.get(key, key), calls)
            self.preset.addItem(text, key)
        self.preset.addItem(self.tr("Custom"), "")
        self.calls = QSpinBox()
        self.calls.setRange(1, MOST_CALLS)
        self.calls.setSingleStep(100)
        self.calls.setGroupSeparatorShown(True)
        self.calls.setAccessibleName(self.tr("Model calls"))
        self.seed = QSpinBox()
        self.seed.setRange(0, MOST_SEED)
        self.fill = QComboBox()
        self.fill.addItem(self.tr("Automatic"), None)
        for key in FILLS:
            self.fill.addItem(fill_names.get(key, key), key)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(theme.GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name, field, tip in (
            (self.tr("&Method"), self.method, self.tr("How masks are chosen")),
            (
                self.tr("&Budget"),
                self.preset,
                self.tr("How often the model is asked; more calls, finer map"),
            ),
            (self.tr("Model &calls"), self.calls, self.tr("At most this many model calls")),
            (
                self.tr("&Seed"),
                self.seed,
                self.tr("Same seed, settings and machine: same map"),
            ),
            (self.tr("Hi&dden is"), self.fill, self.tr("What a removed pixel becomes")),
        ):
            field.setToolTip(tip)
            field.setSizePolicy(
                field.sizePolicy().Policy.Expanding, field.sizePolicy().Policy.Fixed
            )
            title = label(name, "muted")
            title.setBuddy(field)
            field.setAccessibleName(name.replace("&", ""))
            form.addRow(title, field)
        self.run_button = QPushButton(self.tr("Run"))
        self.run_button.setProperty("primary", True)
        self.run_button.setIconSize(theme.ICON_SIZE)
        self.run_button.setIcon(theme.icon("play", "on_accent"))
        self.run_button.setMinimumHeight(36)
        self.run_button.clicked.connect(self.run_requested)
        self._hint = label("", "muted", wrap=True)
        self.banner = Banner()
        self.column.addLayout(form)
        self.column.addWidget(self.run_button)
        self.column.addWidget(self._hint)
        self.column.addWidget(self.banner)
        self._show(settings)
        self.method.activated.connect(self._emit)
        self.preset.activated.connect(self._preset_chosen)
        self.fill.activated.connect(self._emit)
        self.calls.valueChanged.connect(self._emit)
        self.seed.valueChanged.connect(self._emit)

    @property
    def settings(self) -> RunSettings:
        """What the fields say."""
        preset = self.preset.currentData()
        return RunSettings(
            method=self.method.currentData(),
            preset=preset or "balanced",
            calls=None if preset else self.calls.value(),
            seed=self.seed.value(),
            fill=self.fill.currentData(),
        )

    def set_state(self, *, can_run: bool, running: bool, hint: str) -> None:
        """Whether a run may start, and why not."""
        self.run_button.setEnabled(can_run)
        self.run_button.setText(self.tr("Running...") if running else self.tr("Run"))
        self.run_button.setToolTip(self.tr("Explain the chosen class (F5)"))
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def show_settings(self, settings: RunSettings) -> None:
        """Show these without telling anybody."""
        fields = (self.method, self.preset, self.calls, self.seed, self.fill)
        for field in fields:
            field.blockSignals(True)
        self._show(settings)
        for field in fields:
            field.blockSignals(False)

    def _show(self, settings: RunSettings) -> None:
        self.method.setCurrentIndex(max(0, self.method.findData(settings.method)))
        custom = settings.calls is not None
        self.preset.setCurrentIndex(self.preset.findData("" if custom else settings.preset))
        self.calls.setValue(settings.calls or PRESETS[settings.preset])
        self.calls.setEnabled(custom)
        self.seed.setValue(settings.seed)
        self.fill.setCurrentIndex(max(0, self.fill.findData(settings.fill)))

    def _preset_chosen(self) -> None:
        preset = self.preset.currentData()
        self.calls.setEnabled(not preset)
        if preset:
            self.calls.blockSignals(True)
            self.calls.setValue(PRESETS[preset])
            self.calls.blockSignals(False)
        self._emit()

    def _emit(self) -> None:
        self.changed.emit(self.settings)
