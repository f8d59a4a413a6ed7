"""What is remembered between starts; every change holds at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from decam_engine import COLOUR_MAPS, FILLS, PRESETS, cache_size, clear_cache
from decam_gui import theme
from decam_gui.language import LANGUAGES, SYSTEM
from decam_gui.views import words
from decam_gui.views.parts import label

WIDTH = 520


class SettingsDialog(QDialog):
    """Shows values by the names under which they are remembered, and emits what is changed."""

    changed = Signal(str, object)

    def __init__(self, values: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(WIDTH)
        self._values = values
        # How a folder is asked for; tests answer without a dialog.
        self.ask_folder: Callable[[], str] = self._folder_dialog
        self._forms: list[QFormLayout] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(2 * theme.GRID)
        for title, build in (
            (self.tr("WINDOW"), self._build_window),
            (self.tr("HEAT MAP"), self._build_map),
            (self.tr("NEW RUNS"), self._build_run),
            (self.tr("FILES"), self._build_files),
        ):
            column.addWidget(label(title, "heading"))
            form = QFormLayout()
            form.setHorizontalSpacing(2 * theme.GRID)
            form.setVerticalSpacing(theme.GRID)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            build(form)
            self._forms.append(form)
            column.addLayout(form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        # The style's own icon does not follow the palette.
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        column.addStretch()
        column.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """All captions are there, and can be measured."""
        super().showEvent(event)
        self._align()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Captions in another language are of another width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show_cache()
            self._align()

    def _align(self) -> None:
        """All captions equally wide, whatever the language makes of them."""
        captions = [
            item.widget()
            for form in self._forms
            for row in range(form.rowCount())
            if (item := form.itemAt(row, QFormLayout.ItemRole.LabelRole)) is not None
        ]
        widest = max(c.sizeHint().width() for c in captions if c is not None)
        for caption in captions:
            if caption is not None:
                caption.setMinimumWidth(widest)

    # --- sections ------------------------------------------------------------------------

    def _build_window(self, form: QFormLayout) -> None:
        self.appearance = self._choice(
            "window/appearance",
            {
                "system": self.tr("Like the system"),
                "light": self.tr("Light"),
                "dark": self.tr("Dark"),
            },
        )
        self._add(form, self.tr("&Appearance"), self.appearance)
        system = {SYSTEM: self.tr("Like the system")}
        self.language = self._choice("window/language", system | LANGUAGES)
        self._add(form, self.tr("&Language"), self.language)

    def _build_map(self, form: QFormLayout) -> None:
        names = {name: name.capitalize() for name in COLOUR_MAPS}
        self.colour_map = self._choice("viewer/colour_map", names)
        self._add(form, self.tr("&Colours"), self.colour_map)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setValue(round(float(self._values["viewer/opacity"]) * 100))
        self._percent = label("", "muted")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self.opacity.valueChanged.connect(self._opacity_moved)
        row = QHBoxLayout()
        row.addWidget(self.opacity, 1)
        row.addWidget(self._percent)
        self._add(form, self.tr("&Opacity"), self.opacity, row)
        self._show_percent()

    def _build_run(self, form: QFormLayout) -> None:
        presets = {
            name: self.tr("{0}: {1:,} calls").format(words.preset(name), calls)
            for name, calls in PRESETS.items()
        }
        self.preset = self._choice("run/preset", presets)
        self._add(form, self.tr("&Budget"), self.preset)
        fills = {"": self.tr("Automatic")} | {name: words.fill(name) for name in FILLS}
        self.fill = self._choice("run/fill", fills)
        self._add(form, self.tr("&Hidden is"), self.fill)

    def _build_files(self, form: QFormLayout) -> None:
        self.folder = QLineEdit(str(self._values["folders/save"]))
        self.folder.editingFinished.connect(
            lambda: self.changed.emit("folders/save", str(Path(self.folder.text()).expanduser()))
        )
        choose = QPushButton(self.tr("Choose..."))
        choose.setAccessibleName(self.tr("Choose the folder for exports"))
        choose.clicked.connect(self._choose_folder)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        self._add(form, self.tr("&Exports go to"), self.folder, row)
        self.cache: QLabel = label("")
        self.clear_button = QPushButton(self.tr("Clea&r"))
        self.clear_button.setAccessibleName(self.tr("Clear the cache"))
        tip = self.tr(
            "Speeds that were measured and models that were tried out: found anew when needed"
        )
        self.clear_button.setToolTip(tip)
        self.clear_button.setAccessibleDescription(tip)
        self.clear_button.clicked.connect(self._clear)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.cache, 1)
        row.addWidget(self.clear_button)
        form.addRow(label(self.tr("Cache"), "muted"), row)
        self._show_cache()

    # --- inside --------------------------------------------------------------------------

    def _choice(self, key: str, names: Mapping[str, str]) -> QComboBox:
        box = QComboBox()
        for name, text in names.items():
            box.addItem(text, name)
        box.setCurrentIndex(max(0, box.findData(self._values[key])))
        box.activated.connect(lambda _: self.changed.emit(key, box.currentData()))
        return box

    def _add(
        self, form: QFormLayout, name: str, field: QWidget, row: QHBoxLayout | None = None
    ) -> None:
        caption = label(name, "muted")
        caption.setBuddy(field)
        field.setAccessibleName(name.replace("&", ""))
        if row is None:
            form.addRow(caption, field)
        else:
            form.addRow(caption, row)

    def _opacity_moved(self, value: int) -> None:
        self._show_percent()
        self.changed.emit("viewer/opacity", value / 100)

    def _show_percent(self) -> None:
        self._percent.setText(f"{self.opacity.value()} %")

    def _choose_folder(self) -> None:
        folder = self.ask_folder()
        if folder:
            with QSignalBlocker(self.folder):
                self.folder.setText(folder)
            self.changed.emit("folders/save", folder)

    def _folder_dialog(self) -> str:
        return QFileDialog.getExistingDirectory(self, self.tr("Exports go to"), self.folder.text())

    def _clear(self) -> None:
        clear_cache()
        self._show_cache()

    def _show_cache(self) -> None:
        size = cache_size()
        self.cache.setText(self.tr("Empty") if size == 0 else words.file_size(size))
        self.clear_button.setEnabled(size > 0)
