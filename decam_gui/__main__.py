"""``decam-studio [FILES...]``: start the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if sys.argv[1:] == ["--decam-probe"]:
    # A frozen application is its own interpreter: this start is to try a model file out, in a
    # process without a window.
    from decam_engine.models.probe_child import main as try_model_out

    sys.exit(try_model_out())

if sys.platform == "win32":
    # ONNX Runtime must be loaded before Qt there, or its DLLs are not found.
    import decam_engine  # noqa: F401

from PySide6.QtCore import Qt, QTimer

from decam_gui.app import BugReporter, make_application
from decam_gui.main_window import MainWindow

# Exit code of a bug, as of the command line.
BUG = 1
# After which the engine is loaded although nothing was painted.
NOT_PAINTED_MS = 3000


class Options(NamedTuple):
    """What the command line asks for."""

    files: Sequence[str] = ()
    demo: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run until the window is closed; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options, for_qt = _parsed(arguments) if arguments else (Options(), [])
    app = make_application(["decam-studio", *for_qt])
    reporter = BugReporter(app)
    reporter.install()
    try:
        window = MainWindow()
        window.show()
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
    window.painted.connect(window.load_engine, Qt.ConnectionType.QueuedConnection)
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
        "--version", action="version", version=f"%(prog)s {diagnostics.product_version()}"
    )
    found, for_qt = parser.parse_known_args(arguments)
    return Options(found.files, found.demo), for_qt


if __name__ == "__main__":
    sys.exit(main())
