"""The application object, and what happens when the program itself is at fault."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from decam_gui import diagnostics, theme
from decam_gui.dialogs.bug import BugDialog


def make_application(arguments: Sequence[str]) -> QApplication:
    """The application in its own colours; the one that exists, if there is one."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        app = existing
    else:
        QApplication.setHighDpiScaleFactorRoundingPolicy(
            Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
        )
        app = QApplication(list(arguments))
    app.setOrganizationName("DE-CAM Studio")
    app.setApplicationName("DE-CAM Studio")
    app.setDesktopFileName("decam-studio")
    app.setStyle("Fusion")
    theme.apply(app, theme.system_scheme())
    return app


class BugReporter(QObject):
    """Shows unexpected errors of any thread in a dialog, one at a time."""

    happened = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: BugDialog | None = None
        self.happened.connect(self._show)

    def install(self) -> None:
        """Take over from the interpreter, which would only write to the console."""
        sys.excepthook = self.report

    def report(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """What ``sys.excepthook`` calls, in the thread where it happened."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if sys.stderr is not None:
            sys.__excepthook__(kind, error, trace)
        self.happened.emit("".join(traceback.format_exception(kind, error, trace)))

    @Slot(str)
    def _show(self, text: str) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            return
        self.dialog = BugDialog(diagnostics.report(text), QApplication.activeWindow())
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.dialog.show()
