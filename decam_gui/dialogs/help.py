"""The shortcuts sheet and the About box."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFontDatabase, QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLayout,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from decam_gui import diagnostics
from decam_gui.views.parts import label

# Rows of one column of the sheet: it must fit a small screen.
MOST_ROWS = 26


class ShortcutsDialog(QDialog):
    """Every action that has a key, and the keys of the canvas and the lists."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        native = QKeySequence.SequenceFormat.NativeText
        rows = [
            (a.text().replace("&", "").removesuffix("..."), a.shortcut().toString(native))
            for a in actions
        ]
        rows += [
            (self.tr("Explain the focused class"), self.tr("Space or Enter")),
            (self.tr("Remove the chosen photo or model (in the list)"), self.tr("Delete")),
            (self.tr("Pan the zoomed photo"), self.tr("Arrow keys, or drag")),
            (self.tr("Zoom at the cursor"), self.tr("Mouse wheel")),
            (self.tr("Point at a pixel, and dab with the brush"), self.tr("Shift+arrows, Space")),
            (self.tr("Pull the curtain"), self.tr("Comma, full stop")),
            (self.tr("Pick a map of the comparison"), self.tr("Space")),
            (self.tr("Cancel chosen jobs"), self.tr("Delete")),
            (self.tr("Move the chosen job"), self.tr("Alt+Up, Alt+Down")),
            (self.tr("Next and previous control"), self.tr("Tab, Shift+Tab")),
            (self.tr("Menus"), self.tr("Alt and the underlined letter")),
        ]
        columns = -(-len(rows) // MOST_ROWS)
        deep = -(-len(rows) // columns)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        for number, (name, keys) in enumerate(rows):
            column, row = divmod(number, deep)
            grid.addWidget(label(name), row, 3 * column)
            grid.addWidget(label(keys, "muted"), row, 3 * column + 1, Qt.AlignmentFlag.AlignRight)
        for column in range(columns - 1):
            grid.setColumnMinimumWidth(3 * column + 2, 16)
        _complete(self, grid)


class AboutDialog(QDialog):
    """Name, purpose, versions, licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About DE-CAM Studio"))
        self.resize(620, 560)
        title = label(self.tr("DE-CAM Studio {0}").format(diagnostics.product_version()))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        title.setFont(font)
        words = label(
            self.tr(
                "Shows which pixels an image classifier decides by, from its answers alone: "
                "Differential Evolution searches the masks that keep a decision."
            ),
            wrap=True,
        )
        licences = label(
            self.tr(
                "Apache License 2.0. Qt and PySide6 under the LGPL 3; icons by Lucide (ISC); "
                "demo model EfficientNet-Lite0 (Apache 2.0)."
            ),
            "muted",
            wrap=True,
        )
        self.tabs = QTabWidget()
        self.tabs.addTab(self._components(), self.tr("Made of"))
        self.tabs.addTab(self._texts(), self.tr("Licences"))
        column = QVBoxLayout()
        column.setSpacing(12)
        for widget in (title, words, licences):
            column.addWidget(widget)
        column.addWidget(self.tabs, 1)
        buttons = _complete(self, column)
        copy = buttons.addButton(
            self.tr("Copy diagnostics"), QDialogButtonBox.ButtonRole.ActionRole
        )
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(diagnostics.report("")))

    def _components(self) -> QTableWidget:
        rows = diagnostics.components()
        table = QTableWidget(len(rows), 3)
        table.setAccessibleName(self.tr("Versions and licences"))
        table.setHorizontalHeaderLabels([self.tr("Name"), self.tr("Version"), self.tr("Licence")])
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                table.setItem(number, column, QTableWidgetItem(text))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _texts(self) -> QPlainTextEdit:
        parts = [f"{title}\n\n{text.strip()}" for title, text in diagnostics.licence_texts()]
        view = QPlainTextEdit(("\n\n" + "-" * 72 + "\n\n").join(parts))
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        view.setAccessibleName(self.tr("Licences"))
        return view


def _complete(dialog: QDialog, content: QLayout) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    # The style's own icon does not follow the palette.
    buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 24, 24, 16)
    column.setSpacing(16)
    column.addLayout(content)
    column.addWidget(buttons)
    return buttons
