"""For errors in the program itself: what happened, to be copied into a report."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from decam_gui.views.parts import label


class BugDialog(QDialog):
    """Not modal: the work that is open stays within reach."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Error in DE-CAM Studio"))
        self.resize(680, 440)
        words = label(
            self.tr(
                "Something went wrong inside the program. Your photographs and results are still "
                "here. Please report it with the text below."
            ),
            wrap=True,
        )
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("Diagnostics"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        # The style's own icon does not follow the palette.
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        self.copy_button = buttons.addButton(
            self.tr("Copy diagnostics"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.copy_button.clicked.connect(self.copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)

    def add(self, text: str) -> None:
        """Something more went wrong while it is open."""
        self.text.appendPlainText("\n" + text)
        self.copy_button.setText(self.tr("Copy diagnostics"))

    def copy(self) -> None:
        """Everything to the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy_button.setText(self.tr("Copied"))
