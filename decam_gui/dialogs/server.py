"""Asks for the URL of a model on a server."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from decam_engine import DecamError, check_server_url
from decam_gui.views.banner import Banner
from decam_gui.views.parts import label


class ServerDialog(QDialog):
    """Refuses what is no such URL beside the field; whether a server answers is seen later."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open a model server"))
        self.setMinimumWidth(480)
        words = label(
            self.tr(
                "A server that speaks the Open Inference Protocol (v2): Triton, MLServer, OpenVINO "
                "Model Server, KServe. The photos that you choose are sent to it."
            ),
            wrap=True,
        )
        self.url = QLineEdit()
        self.url.setPlaceholderText("http://host:8000/v2/models/name")
        self.url.setAccessibleName(self.tr("URL of the model"))
        self.banner = Banner(closable=False)
        self.url.textEdited.connect(self.banner.clear)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # The style's own icon does not follow the palette.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self.open_button = buttons.addButton(
            self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.open_button.setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for widget in (words, self.url, self.banner, buttons):
            column.addWidget(widget)

    def accept(self) -> None:
        """Hand the URL over, or say what is wrong with it and stay."""
        text = self.url.text().strip()
        try:
            check_server_url(text)
        except DecamError as error:
            self.banner.tell("error", str(error))
            return
        self.chosen.emit(text)
        super().accept()
