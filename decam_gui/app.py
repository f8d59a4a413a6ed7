"""The application object, and what happens when the program itself is at fault."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSettings, Signal, Slot
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from decam_gui import language, theme

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    from decam_gui.dialogs.bug import BugDialog


STYLE = "Fusion"


class Application(QApplication):
    """The application, which macOS tells by an event, not by arguments, what was double-clicked."""

    file_asked_for = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Only what is meant for the application itself comes here."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_asked_for.emit(event.file())
            return True
        return super().event(event)


def make_application(arguments: Sequence[str]) -> QApplication:
    """The application in its own colours; the one that exists, if there is one."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        app = existing
        app.setStyle(STYLE)
    else:
        # Told at once: asking for another style later costs time before the first paint.
        app = Application([*arguments, "-style", STYLE])
    app.setOrganizationName("DE-CAM Studio")
    app.setApplicationName("DE-CAM Studio")
    app.setDesktopFileName("decam-studio")
    language.apply(app, str(QSettings().value("window/language", language.SYSTEM)))
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
        """Take over from the interpreter, which would only write to the console.

        Slots and threads of Qt end in the first hook, threads of Python in the second, and what
        nobody can catch (a finaliser, a callback of C code) in the third.
        """
        sys.excepthook = self.report
        threading.excepthook = self._report_thread
        sys.unraisablehook = self._report_unraisable

    def remove(self) -> None:
        """Give back to the interpreter: nobody is left to show anything."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__

    def wait(self) -> None:
        """Stay until the reader has closed what is shown; for errors that end the program."""
        QApplication.processEvents()
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.exec()

    def report(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """What ``sys.excepthook`` calls, in the thread where it happened."""
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, trace)
            return
        if sys.stderr is not None:
            sys.__excepthook__(kind, error, trace)
        import traceback  # noqa: PLC0415  (not needed for the first paint)

        self.happened.emit("".join(traceback.format_exception(kind, error, trace)))

    def _report_thread(self, problem: threading.ExceptHookArgs) -> None:
        if problem.exc_value is not None:
            self.report(problem.exc_type, problem.exc_value, problem.exc_traceback)

    def _report_unraisable(self, problem: UnraisableHookArgs) -> None:
        if problem.exc_value is not None:
            self.report(problem.exc_type, problem.exc_value, problem.exc_traceback)

    @Slot(str)
    def _show(self, text: str) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.add(text)
            return
        # Not needed for the first paint.
        from PySide6.QtCore import Qt  # noqa: PLC0415

        from decam_gui import diagnostics  # noqa: PLC0415
        from decam_gui.dialogs.bug import BugDialog  # noqa: PLC0415

        self.dialog = BugDialog(diagnostics.report(text), QApplication.activeWindow())
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.dialog.show()
