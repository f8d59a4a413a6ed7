"""Progress in the dock: what really goes over a session bus."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("dbus-run-session", "dbus-monitor")
SCRIPT = """
import subprocess
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
monitor = subprocess.Popen(
    ["dbus-monitor", "--session", "interface=com.canonical.Unity.LauncherEntry"],
    stdout=subprocess.PIPE, text=True,
)
heard = [monitor.stdout.readline() for _ in range(4)]  # it is listening now
from decam_gui.taskbar import TaskBar
bar = TaskBar()
bar.show(0.424, paused=False)
bar.show(0.4249, paused=False)
bar.clear()
for line in monitor.stdout:
    heard.append(line)
    if "boolean false" in line:
        break
monitor.terminate()
monitor.stdout.close()
monitor.wait()
import sys
sys.stdout.write("".join(heard))
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not all(map(shutil.which, TOOLS)),
    reason="needs a session bus of its own",
)
def test_progress_goes_over_the_session_bus() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", SCRIPT],
        capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
    )  # fmt: skip
    text = done.stdout
    assert text.count("member=Update") == 2, "not every step is told"
    assert 'string "application://decam-studio.desktop"' in text
    assert "double 0.42" in text and "boolean true" in text and "boolean false" in text
