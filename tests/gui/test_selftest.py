"""``decam-studio --selftest``, as the installed application is tried out with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def selftest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, with a home and a place for temporary files in the folder."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }
    return subprocess.run(
        [sys.executable, "-m", "decam_gui", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_window_does_its_job_and_leaves_nothing(tmp_path: Path) -> None:
    done = selftest(tmp_path, "--selftest")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["selftest"] is True
    assert told["painted_at"] > 0
    assert 100 <= told["calls"] <= 300
    assert "cat" in told["target"]
    assert not list((tmp_path / "tmp").iterdir())
    assert not [p for p in (tmp_path / "home").rglob("*.conf")]


def test_painting_alone(tmp_path: Path) -> None:
    done = selftest(tmp_path, "--selftest", "paint")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["selftest"] is True


def test_without_its_resources_it_fails(tmp_path: Path) -> None:
    """A damaged installation is told, with exit code 1."""
    code = (
        "import sys\n"
        "from decam_engine import resources\n"
        "resources.DEMO_MODEL = 'gone.onnx'\n"
        "import decam_gui.selftest as s\n"
        "s.PATIENCE = 8.0\n"
        "from decam_gui.__main__ import main\n"
        "sys.exit(main(['--selftest']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "selftest failed" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["selftest"] is False
