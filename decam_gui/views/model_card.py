"""The model: which, how it is fed in words, and what of that was only assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_engine import ACTIVATIONS, Assumption, BlackBox
from decam_gui import theme
from decam_gui.views import words
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, Choice, label, steady


class ModelCard(Card):
    """Shows one of the opened models and lets another, or another reading of it, be chosen.

    ``changed`` carries what :func:`decam_engine.load_model` is to be given besides the path.
    """

    chosen = Signal(int)
    changed = Signal(object)
    check_requested = Signal()
    open_requested = Signal()
    demo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("MODEL"))
        head = self._build_head()
        self._build_missing()
        self._loading = label("", "muted", wrap=True)
        self._loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build_facts()
        self._assumptions = Banner(closable=False)
        self._server_note = label("", "muted", wrap=True)
        self.check_button = QPushButton(self.tr("Chec&k..."))
        self.check_button.clicked.connect(self.check_requested)
        # They take turns in one place, so that nothing moves while a model is read.
        self.check_button.ensurePolished()
        self._loading.setFixedHeight(self.check_button.sizeHint().height())
        self.banner = Banner()
        self.column.addLayout(head)
        for widget in (
            self.choice, self._missing, self.banner, self._assumptions, self.check_button,
            self._loading, self._facts, self._server_note,
        ):  # fmt: skip
            self.column.addWidget(widget)
        self.activation.activated.connect(self._activation_chosen)
        self.output.activated.connect(self._output_chosen)
        self.provider.activated.connect(self._provider_chosen)
        self._reading: Mapping[str, Any] = {}
        self._providers: list[str] = []
        self._left: tuple[QWidget, QWidget | None] | None = None
        self.show_models([], -1)
        self.set_loading("")
        self.set_changeable(changeable=False, check="")

    @property
    def facts(self) -> str:
        """All facts in one text."""
        return "\n".join(value.text() for value in self._values)

    @property
    def assumed(self) -> str:
        """What was assumed, or nothing."""
        return self._assumptions.text

    @property
    def badge(self) -> str:
        """What the mark beside the heading says, or nothing."""
        shown = [b.text() for b in (self._badge, self._chosen) if not b.isHidden()]
        return " ".join(shown)

    def set_loading(self, name: str) -> None:
        """Say that a model is being loaded."""
        self._loading.setText(self.tr("Loading {0}...").format(name) if name else "")
        self._loading.setVisible(bool(name))
        self.check_button.setVisible(not name and self.choice.count() > 0)
        self._missing.setVisible(not name and self.choice.count() == 0)

    def show_models(self, names: Sequence[str], current: int) -> None:
        """The opened models and which is in use."""
        self.choice.clear()
        self.choice.addItems(list(names))
        self.choice.setCurrentIndex(current)
        self.choice.setVisible(bool(names))
        self._missing.setVisible(not names)
        self._facts.setVisible(bool(names))

    def set_changeable(self, *, changeable: bool, check: str) -> None:
        """Whether the model may be read in another way; ``check`` says why it cannot be checked."""
        fields = (self.activation, self.output, self.provider)
        left = next((f for f in fields if f.hasFocus()), None)
        for field in (*fields, self.names_button, self.unname_button):
            field.setEnabled(changeable)
        self.check_button.setEnabled(changeable and not check)
        tip = check or self.tr("Compare the usual ways to feed this model, on your photos")
        self.check_button.setToolTip(tip)
        self.check_button.setAccessibleDescription(tip)
        if left is not None and not changeable:
            # Whoever works by keyboard finds the focus where it was, once the model is read.
            self._left = (left, QApplication.focusWidget())
        elif self._left is not None and changeable:
            field, moved_to = self._left
            self._left = None
            if QApplication.focusWidget() is moved_to:
                field.setFocus()

    def show_providers(self, names: Sequence[str]) -> None:
        """The execution providers that the runtime offers."""
        self._providers = [n for n in names if n != words.NO_DEVICE]

    def show_model(
        self,
        box: BlackBox | None,
        classes: int,
        facts: Mapping[str, Any] | None = None,
        reading: Mapping[str, Any] | None = None,
    ) -> None:
        """What is known of the model in use.

        Args:
            box: the model.
            classes: how many it has; 0 when it was not asked yet.
            facts: ``BlackBox.describe()``.
            reading: what it was opened with besides its path.
        """
        facts, self._reading = facts or {}, reading or {}
        self._show_assumptions(box)
        self._facts.setVisible(box is not None)
        self.check_button.setVisible(box is not None and self._loading.isHidden())
        host = urlsplit(str(facts.get("url", ""))).netloc
        self._server_note.setText(
            self.tr("Another reading asks {0} again, with made-up inputs.").format(host)
        )
        self._server_note.setVisible(bool(host))
        if box is None:
            return
        p = box.preprocessing
        height, width = box.input_size
        count = len(box.labels) if box.labels is not None else classes
        texts = (
            self.tr("{0} × {1} px, {2}\n{3}, {4}").format(
                width, height, words.channels(p), p.layout, p.dtype
            ),
            words.fitting(p),
            words.scaling(p),
            words.source(box.preprocessing_source),
            self.tr("{0}, {1}").format(
                words.count(count) if count else self.tr("known after the first photo"),
                self._names(box.labels_source),
            ),
        )
        tips = (words.layout(p), "", words.formula(p), "", "")
        for value, text, tip in zip(self._values, texts, tips, strict=True):
            value.setText(text)
            value.setToolTip(tip)
        self._show_row(self.unname_button, self._reading.get("labels") is not None)
        self._show_activation(box)
        self._show_output(facts)
        self._show_provider(facts)

    # --- building ----------------------------------------------------------------------

    def _build_head(self) -> QHBoxLayout:
        self.choice = QComboBox()
        steady(self.choice)
        self.choice.setAccessibleName(self.tr("Model in use"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.activated.connect(self.chosen)
        add = QToolButton()
        add.setIcon(theme.icon("folder-open"))
        add.setToolTip(self.tr("Open a model (Ctrl+O)"))
        add.setAccessibleName(self.tr("Open a model"))
        add.clicked.connect(self.open_requested)
        head = QHBoxLayout()
        self.column.removeWidget(self.heading)
        self._badge = label(self.tr("ASSUMED"), "badge")
        head.addWidget(self.heading)
        self._chosen = label(self.tr("CHOSEN"), "chosen-badge")
        head.addWidget(self._badge)
        head.addWidget(self._chosen)
        head.addStretch()
        head.addWidget(add)
        return head

    def _build_missing(self) -> None:
        self._missing = QWidget()
        column = QVBoxLayout(self._missing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        self._missing_text = label(
            self.tr("No model yet. Drop an .onnx classifier, or use the bundled one."), wrap=True
        )
        self.demo_button = QPushButton(self.tr("Use the bundled model"))
        self.demo_button.setProperty("primary", True)
        self.demo_button.clicked.connect(self.demo_requested)
        self.open_button = QPushButton(self.tr("Open model..."))
        self.open_button.clicked.connect(self.open_requested)
        column.addWidget(self._missing_text)
        column.addWidget(self.demo_button)
        column.addWidget(self.open_button)

    def _build_facts(self) -> None:
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._values: list[QLabel] = []
        for name in (
            self.tr("Input"), self.tr("Fitting"), self.tr("Pixels"), self.tr("Source"),
            self.tr("Classes"),
        ):  # fmt: skip
            value = label("", wrap=True)
            self._values.append(value)
            self._add_row(label(name, "muted"), value)
        self._build_names()
        self.activation = self._add_choice(
            self.tr("&Activation"),
            self.tr("Activation of the output"),
            self.tr("What turns the model's output into probabilities"),
        )
        self._activation_source = label("", "muted", wrap=True)
        self._add_row(label(""), self._activation_source)
        self.output = self._add_choice(
            self.tr("O&utput"),
            self.tr("Output with the class scores"),
            self.tr("Which of the model's outputs holds the class scores"),
        )
        self.provider = self._add_choice(
            self.tr("Runs o&n"),
            self.tr("Execution provider"),
            self.tr("The device that computes the model's answers"),
        )
        self._device = label("", wrap=True)
        self._add_row(label(self.tr("Runs on"), "muted"), self._device)

    def _build_names(self) -> None:
        self.names_button = QPushButton(self.tr("Class na&mes..."))
        self.names_button.setToolTip(
            self.tr("Name the classes from a file: one name a line, or class_indices.json")
        )
        self.names_button.clicked.connect(self._ask_for_names)
        self.unname_button = QPushButton(self.tr("Names as found"))
        self.unname_button.setToolTip(self.tr("Use the names that come with the model again"))
        self.unname_button.clicked.connect(lambda: self._emit(labels=None))
        for button in (self.names_button, self.unname_button):
            # One below the other, and as wide as the card: longer words have room, too.
            self._grid.addWidget(button, self._grid.rowCount(), 0, 1, 2)

    def _add_choice(self, title: str, name: str, tip: str) -> Choice:
        field = Choice(name)
        field.setToolTip(tip)
        caption = label(title, "muted")
        caption.setBuddy(field)
        self._add_row(caption, field)
        return field

    def _add_row(self, caption: QLabel, field: QWidget) -> None:
        row = self._grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop if isinstance(field, QLabel) else Qt.AlignmentFlag(0)
        self._grid.addWidget(caption, row, 0, top)
        self._grid.addWidget(field, row, 1)

    # --- inside ------------------------------------------------------------------------

    def _names(self, source: str) -> str:
        if source == "none":
            return words.source(source)
        return self.tr("names {0}").format(words.source(source))

    def _show_assumptions(self, box: BlackBox | None) -> None:
        assumed = () if box is None else tuple(self._assumption(a) for a in box.assumptions)
        source = "" if box is None else box.preprocessing_source
        guessed = source == "assumed" or bool(assumed)
        self._badge.setVisible(guessed)
        self._chosen.setVisible(source == "chosen" and not guessed)
        if assumed:
            self._assumptions.tell("warning", "\n".join(assumed))
        else:
            self._assumptions.clear()

    def _assumption(self, assumption: Assumption) -> str:
        # How it is fed stands in the card anyway.
        if assumption.topic == "pre-processing":
            return self.tr("Pre-processing assumed: nothing says how photos are fed.")
        return assumption.text

    def _show_activation(self, box: BlackBox) -> None:
        found = self.tr("As found: {0}").format(box.activation)
        wanted = self._reading.get("activation")
        self.activation.clear()
        self.activation.addItem(found if wanted is None else self.tr("As found"), None)
        for name in ACTIVATIONS:
            self.activation.addItem(words.activation(name), name)
        self.activation.setCurrentIndex(self.activation.findData(wanted))
        self._activation_source.setText(words.source(box.activation_source))

    def _show_output(self, facts: Mapping[str, Any]) -> None:
        names = list(facts.get("outputs", ()))
        self.output.clear()
        self.output.addItems(names)
        if facts.get("output") in names:
            self.output.setCurrentIndex(names.index(facts["output"]))
        self._show_row(self.output, len(names) > 1)

    def _show_provider(self, facts: Mapping[str, Any]) -> None:
        used = next(iter(facts.get("providers", ())), None)
        several = used is not None and len(self._providers) > 1
        self.provider.clear()
        for name in self._providers:
            self.provider.addItem(words.provider(name), name)
        self.provider.setCurrentIndex(self.provider.findData(used))
        self._device.setText("" if used is None else words.provider(used))
        self._show_row(self.provider, several)
        self._show_row(self._device, used is not None and not several)

    def _activation_chosen(self) -> None:
        self._emit(activation=self.activation.currentData())

    def _output_chosen(self) -> None:
        # The activation belonged to the other output.
        self._emit(output=self.output.currentText(), activation=None)

    def _provider_chosen(self) -> None:
        self._emit(providers=[self.provider.currentData()])

    def _ask_for_names(self) -> None:
        dialog = QFileDialog(self, self.tr("Class names"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Class names ({0})").format("*.txt *.json *.names"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._emit(labels=path))
        dialog.open()

    def _emit(self, **change: Any) -> None:
        self.changed.emit({**self._reading, **change})

    def _show_row(self, field: QWidget, shown: bool) -> None:
        row = self._grid.getItemPosition(self._grid.indexOf(field))[0]
        for column in (0, 1):
            item = self._grid.itemAtPosition(row, column)
            if item is not None and item.widget() is not None:
                item.widget().setVisible(shown)
