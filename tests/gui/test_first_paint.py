"""What the first paint must not wait for; how long it takes is measured, not tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

START = """
import sys
from PySide6 import QtCore
from decam_gui import __main__ as program
from decam_gui.main_window import MainWindow

def paint(window, event):
    slow = [n for n in ("decam_engine", "numpy", "numba", "cv2", "onnxruntime") if n in sys.modules]
    print(slow, "Qt" in vars(QtCore), flush=True)
    QtCore.QTimer.singleShot(0, QtCore.QCoreApplication.quit)

MainWindow.paintEvent = paint
MainWindow.load_engine = lambda window: None
sys.exit(program.main([]))
"""


def test_the_window_is_painted_before_anything_slow_is_made(tmp_path: Path) -> None:
    """Neither the engine nor PySide's namespace ``Qt``, whose hundred enumerations take 15 ms."""
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", START]
    done = subprocess.run(
        command, check=False, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "[] False"
