"""``decam-studio [FILES...]``: start the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if sys.argv[1:2] and sys.argv[1].startswith("--decam-"):
    # A frozen application is its own interpreter: this start is to try a file out, in a process
    # without a window.
    from decam_engine.children import run_as_child

    code_of_child = run_as_child(sys.argv[1:])
    if code_of_child is not None:
        sys.exit(code_of_child)

if sys.platform == "win32":
    # ONNX Runtime must be loaded before Qt there, or its DLLs are not found.
    import decam_engine  # noqa: F401

from PySide6.QtCore import QSettings, QTimer

from decam_gui.app import Application, BugReporter, make_application
from decam_gui.main_window import MainWindow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# Exit code of a bug, as of the command line.
BUG = 1
# After which the engine is loaded although nothing was painted.
NOT_PAINTED_MS = 3000


class Options(NamedTuple):
    """What the command line asks for."""

    files: Sequence[str] = ()
    demo: bool = False
    selftest: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run until the window is closed; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options, for_qt = _parsed(arguments) if arguments else (Options(), [])
    app = make_application(["decam-studio", *for_qt])
    if options.selftest is not None:
        return run_selftest(app, options.selftest)
    reporter = BugReporter(app)
    reporter.install()
    try:
        window = MainWindow()
        window.show()
        if isinstance(app, Application):
            app.file_asked_for.connect(window.open_file)
        if options.demo:
            window.open_demo()
        urls = [f for f in options.files if f.lower().startswith(("http://", "https://"))]
        window.open([Path(f) for f in options.files if f not in urls])
        for url in urls:
            window.open_server(url)
    except Exception as error:
        # Without a window the event loop would never show it.
        reporter.report(type(error), error, error.__traceback__)
        reporter.wait()
        return BUG
    # After the first paint, so that the window is there at once; a window that is not shown at all
    # (minimised, another desktop) is not waited for.
    window.painted.connect(lambda: QTimer.singleShot(0, window.load_engine))
    QTimer.singleShot(NOT_PAINTED_MS, window.load_engine)
    window.painted.connect(lambda: _end_with_ctrl_c(window))
    code = app.exec()
    reporter.remove()
    return code


def _end_with_ctrl_c(window: MainWindow) -> None:
    """Ctrl-C on the terminal ends the window; Python needs to wake up to notice it."""
    import signal  # noqa: PLC0415  (not needed for the first paint)

    signal.signal(signal.SIGINT, lambda *_: window.close())
    waker = QTimer(window)
    waker.timeout.connect(lambda: None)
    waker.start(250)


def _parsed(arguments: list[str]) -> tuple[Options, list[str]]:
    """Ours, and what is left for Qt. Apart, because a start without arguments needs none of it."""
    import argparse  # noqa: PLC0415

    from decam_gui import diagnostics  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="decam-studio", description="Explain image classifiers in a window."
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="photos, folders of photos, ONNX models, http://HOST:PORT/v2/models/NAME, saved "
        "results (.json)",
    )
    parser.add_argument("--demo", action="store_true", help="open the bundled model and photos")
    parser.add_argument(
        "--selftest",
        nargs="?",
        const="all",
        choices=("all", "paint"),
        help="open, run and export the bundled example, say how that went, and end",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {diagnostics.product_version()}"
    )
    found, for_qt = parser.parse_known_args(arguments)
    return Options(found.files, found.demo, found.selftest), for_qt


def run_selftest(app: QApplication, part: str) -> int:
    """Lead a window through its job; 0 when all of it was done."""
    import tempfile  # noqa: PLC0415  (seldom needed, as the next)

    from decam_gui.selftest import Selftest, private_settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="decam-selftest-") as folder:
        private_settings(Path(folder))
        reporter = BugReporter(app)
        reporter.install()
        window = MainWindow()
        test = Selftest(window, part)
        reporter.happened.connect(test.fail)
        window.show()
        QTimer.singleShot(0, window.load_engine)
        app.exec()
        # Or they would be written later, into the folder that is gone then.
        QSettings().sync()
        reporter.remove()
        return test.code


if __name__ == "__main__":
    sys.exit(main())
