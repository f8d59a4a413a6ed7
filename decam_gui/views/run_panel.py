"""How to search, how long that takes, and the button that starts it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QPushButton, QSpinBox, QToolButton, QWidget

from decam_engine import FILLS, METHODS, PRESETS
from decam_gui import theme
from decam_gui.session import RunSettings
from decam_gui.views import words
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, label, steady
from decam_gui.views.progress_row import duration

MOST_CALLS = 1_000_000
MOST_SEED = 2**31 - 1


class RunPanel(Card):
    """Budget and its time; method, seed and fill behind a fold. Emits the settings at a change."""

    changed = Signal(object)
    run_requested = Signal()

    def __init__(self, settings: RunSettings, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("RUN"))
        self._rate: float | None = None
        self._measured = False
        self._build_fields()
        self.time = label("", "muted", wrap=True)
        self.expert_button = QToolButton()
        self.expert_button.setText(self.tr("E&xpert settings"))
        self.expert_button.setCheckable(True)
        self.expert_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.expert_button.setToolTip(self.tr("Method, seed, and what a removed pixel becomes"))
        self.expert_button.toggled.connect(self._fold)
        self.expert_summary = label("", "muted", wrap=True)
        self.expert = QWidget()
        self.run_button = QPushButton(self.tr("Run"))
        self.run_button.setProperty("primary", True)
        self.run_button.setIconSize(theme.ICON_SIZE)
        self.run_button.setIcon(theme.icon("play", "on_accent"))
        self.run_button.setMinimumHeight(36)
        self.run_button.clicked.connect(self.run_requested)
        self._hint = label("", "muted", wrap=True)
        self.banner = Banner()
        self.column.addLayout(self._form(self._plain_fields()))
        self.expert.setLayout(self._form(self._expert_fields()))
        for widget in (
            self.time, self.expert_button, self.expert_summary, self.expert, self.run_button,
            self._hint, self.banner,
        ):  # fmt: skip
            self.column.addWidget(widget)
        self.show_settings(settings)
        self._fold(False)
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

    def show_settings(self, settings: RunSettings) -> None:
        """Fill the fields without telling anybody."""
        fields = (self.method, self.preset, self.calls, self.seed, self.fill)
        blockers = [QSignalBlocker(field) for field in fields]
        self.method.setCurrentIndex(max(0, self.method.findData(settings.method)))
        custom = settings.calls is not None
        self.preset.setCurrentIndex(self.preset.findData("" if custom else settings.preset))
        self.calls.setValue(settings.calls or PRESETS[settings.preset])
        self.calls.setEnabled(custom)
        self.seed.setValue(settings.seed)
        self.fill.setCurrentIndex(max(0, self.fill.findData(settings.fill)))
        for blocker in blockers:
            blocker.unblock()
        self._show_time()
        self._summarise()

    @property
    def hint(self) -> str:
        """What stands below the button."""
        return self._hint.text()

    def set_state(self, *, can_run: bool, running: bool, hint: str, goes_on: bool = False) -> None:
        """Whether a run may start, and why not; ``goes_on``: it would go on with a stopped one."""
        self.run_button.setEnabled(can_run)
        start = self.tr("Go on") if goes_on else self.tr("Run")
        self.run_button.setText(self.tr("Running...") if running else start)
        tip = self.tr("Explain the chosen class (F5)")
        if goes_on:
            tip = self.tr("Go on with the run that was stopped, for the calls that are left (F5)")
        self.run_button.setToolTip(tip)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def set_pace(self, rate: float | None, *, measured: bool) -> None:
        """How fast the model in use answers here.

        Args:
            rate: model calls per second; None when nothing is known.
            measured: whether a run measured it, or a single call gave a first idea.
        """
        self._rate, self._measured = rate, measured
        self._show_time()

    # --- inside --------------------------------------------------------------------------

    def _build_fields(self) -> None:
        self.method = QComboBox()
        for key in METHODS:
            self.method.addItem(words.method(key), key)
        self.preset = QComboBox()
        for key, calls in PRESETS.items():
            text = self.tr("{0}: {1:,} calls").format(words.preset(key), calls)
            self.preset.addItem(text, key)
        self.preset.addItem(self.tr("Custom"), "")
        self.calls = QSpinBox()
        self.calls.setRange(1, MOST_CALLS)
        self.calls.setSingleStep(100)
        self.calls.setGroupSeparatorShown(True)
        self.seed = QSpinBox()
        self.seed.setRange(0, MOST_SEED)
        for field in (self.calls, self.seed):
            # As far from the edge as the texts of the lists.
            field.lineEdit().setTextMargins(6, 0, 0, 0)
        self.fill = QComboBox()
        self.fill.addItem(self.tr("Automatic"), None)
        for key in FILLS:
            self.fill.addItem(words.fill(key), key)

        steady(self.method, self.preset, self.calls, self.seed, self.fill)

    def _plain_fields(self) -> list[tuple[str, QWidget, str]]:
        return [
            (
                self.tr("&Budget"),
                self.preset,
                self.tr("How often the model is asked; more calls, finer map"),
            ),
            (self.tr("Model &calls"), self.calls, self.tr("At most this many model calls")),
        ]

    def _expert_fields(self) -> list[tuple[str, QWidget, str]]:
        return [
            (self.tr("&Method"), self.method, self.tr("How masks are chosen")),
            (self.tr("Hi&dden is"), self.fill, self.tr("What a removed pixel becomes")),
            (self.tr("&Seed"), self.seed, self.tr("Same seed, settings and machine: same map")),
        ]

    def _form(self, fields: list[tuple[str, QWidget, str]]) -> QFormLayout:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(theme.GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name, field, tip in fields:
            field.setToolTip(tip)
            field.setAccessibleDescription(tip)
            field.setSizePolicy(
                field.sizePolicy().Policy.Expanding, field.sizePolicy().Policy.Fixed
            )
            if isinstance(field, QComboBox):
                # Long words give way, or they would push the panel wider than its column.
                field.setMinimumContentsLength(8)
                field.setSizeAdjustPolicy(
                    QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
                )
            title = label(name, "muted")
            title.setBuddy(field)
            field.setAccessibleName(name.replace("&", ""))
            form.addRow(title, field)
        return form

    def _fold(self, unfolded: bool) -> None:
        self.expert.setVisible(unfolded)
        self.expert_summary.setVisible(not unfolded)
        self.expert_button.setIcon(theme.icon("chevron-down" if unfolded else "chevron-right"))
        self.expert_button.setAccessibleDescription(
            self.tr("unfolded") if unfolded else self.tr("folded away")
        )

    def _summarise(self) -> None:
        s = self.settings
        fill = self.tr("automatic") if s.fill is None else words.fill(s.fill)
        self.expert_summary.setText(
            self.tr("{0}; hidden: {1}; seed {2}").format(words.method(s.method), fill, s.seed)
        )

    def _show_time(self) -> None:
        if self._rate is None or self._rate <= 0:
            self.time.setText(self.tr("The time is known once the model was asked."))
            return
        seconds = duration(self.calls.value() / self._rate)
        if self._measured:
            text = self.tr("About {0} on this machine ({1:,.0f} calls/s in the last run)")
        else:
            text = self.tr("At most about {0} on this machine (from a single call)")
        self.time.setText(text.format(seconds, self._rate))

    def _preset_chosen(self) -> None:
        preset = self.preset.currentData()
        self.calls.setEnabled(not preset)
        if preset:
            with QSignalBlocker(self.calls):
                self.calls.setValue(PRESETS[preset])
        self._emit()

    def _emit(self) -> None:
        self._show_time()
        self._summarise()
        self.changed.emit(self.settings)
