"""The shortcuts sheet and the About box."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from decam_gui import diagnostics
from decam_gui.views.parts import label


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
            (self.tr("Remove the chosen photo (in the list)"), self.tr("Delete")),
            (self.tr("Pan the zoomed photo"), self.tr("Arrow keys, or drag")),
            (self.tr("Zoom at the cursor"), self.tr("Mouse wheel")),
        ]
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(6)
        for row, (name, keys) in enumerate(rows):
            grid.addWidget(label(name), row, 0)
            grid.addWidget(label(keys, "muted"), row, 1, Qt.AlignmentFlag.AlignRight)
        _complete(self, grid)


class AboutDialog(QDialog):
    """Name, purpose, versions, licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About DE-CAM Studio"))
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
        words.setMinimumWidth(420)
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.addWidget(title, 0, 0, 1, 2)
        grid.addWidget(words, 1, 0, 1, 2)
        for row, (name, number) in enumerate(diagnostics.versions()[1:], start=2):
            grid.addWidget(label(name, "muted"), row, 0)
            grid.addWidget(label(number), row, 1)
        licences = label(
            self.tr(
                "Apache License 2.0. Qt and PySide6 under the LGPL 3; icons by Lucide (ISC); "
                "demo model EfficientNet-Lite0 (Apache 2.0)."
            ),
            "muted",
            wrap=True,
        )
        grid.addWidget(licences, grid.rowCount(), 0, 1, 2)
        buttons = _complete(self, grid)
        copy = buttons.addButton(
            self.tr("Copy diagnostics"), QDialogButtonBox.ButtonRole.ActionRole
        )
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(diagnostics.report("")))


def _complete(dialog: QDialog, grid: QGridLayout) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    # The style's own icon does not follow the palette.
    buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 24, 24, 16)
    column.setSpacing(16)
    column.addLayout(grid)
    column.addWidget(buttons)
    return buttons
