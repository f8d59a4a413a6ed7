"""The runtime's own reports to its maker are off: nothing leaves the computer, nothing is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
from decam_engine import demo_model, demo_photos, load_image, load_model
print(load_model(demo_model()).predict(load_image(demo_photos()[0]))[0].label)
"""


def test_the_runtime_keeps_no_identifier_of_the_device(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        **{k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"},
        **{name: str(home) for name in ("HOME", "USERPROFILE", "LOCALAPPDATA")},
        "XDG_CACHE_HOME": str(home / "cache"),
        "DECAM_CACHE_DIR": str(tmp_path / "ours"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    left = [p for p in home.rglob("*") if p.is_file()]
    assert not [p for p in left if "onnxruntime" in p.as_posix().lower()], left
    assert not [p for p in left if "deviceid" in p.name.lower()], left
