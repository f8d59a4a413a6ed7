"""The child process that tries models out: what it does to it never happens to us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from decam_engine import ModelError, demo_model, load_model
from decam_engine.models import probing
from decam_engine.models.probe_child import ARGUMENT
from tests.model_zoo import network


def child(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import os; os.abort()", "fail without a word.*(SIGABRT|exit code)"),
        ("import ctypes; ctypes.string_at(0)", "fail without a word.*(SIGSEGV|exit code)"),
        ("raise SystemExit(3)", r"fail without a word.*\(exit code 3\)"),
        ("print('x' * 100)", r"fail without a word.*\(exit code 0\)"),
        ("print('[1]')", "fail without a word"),
        ("x = [0] * (1 << 60)", "more memory"),
        ("import time; time.sleep(60)", "did not answer in time"),
    ],
)
def test_whatever_happens_to_the_child_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, text: str
) -> None:
    path = network(tmp_path)
    monkeypatch.setattr(probing, "command", lambda: child(code))
    monkeypatch.setenv(probing.SECONDS_VARIABLE, "3")
    monkeypatch.setenv("DECAM_CACHE_DIR", str(tmp_path / "cache"))
    started = time.monotonic()
    with pytest.raises(ModelError, match=text) as caught:
        load_model(path)
    assert "net.onnx" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 20
    assert not (tmp_path / "cache").exists(), "only good verdicts are remembered"


def test_a_child_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = network(tmp_path)
    monkeypatch.setattr(probing, "command", lambda: [str(tmp_path / "no-such-program")])
    monkeypatch.setenv("DECAM_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="did not start"):
        load_model(path)


def test_a_frozen_application_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert probing.command() == [sys.executable, ARGUMENT]


@pytest.mark.parametrize("module", ["decam_engine.cli", "decam_gui"])
def test_both_programs_answer_as_the_child(module: str) -> None:
    """As the frozen application will: the same answer as the light child gives."""
    if module == "decam_gui" and os.environ.get("DECAM_TEST_WITHOUT_QT") == "1":
        pytest.skip("the window needs Qt")
    request = {
        "path": str(demo_model()),
        "providers": ["CPUExecutionProvider"],
        "size": None,
        "spare_memory": probing.SPARE_MEMORY,
        "copies": probing.COPIES,
        "cpu_seconds": 60,
    }
    answers = [
        subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, check=True
        ).stdout
        for command in ([sys.executable, "-m", module, ARGUMENT], probing.command())
    ]
    assert json.loads(answers[0]) == json.loads(answers[1])
    assert json.loads(answers[0])["outputs"][0]["name"] == "logits"


def test_the_child_needs_little(tmp_path: Path) -> None:
    """It is started for every new model: neither Qt nor the compiler nor OpenCV belongs there."""
    code = probing._START.replace(
        "from decam_engine.models.probe_child import main\nmain()",
        "import decam_engine.models.probe_child, decam_engine.models.runtime\n"
        "print([m for m in ('numba', 'cv2', 'PIL', 'PySide6', 'onnx') if m in sys.modules])",
    )
    root = Path(probing.__file__).parent.parent
    found = subprocess.run(
        [sys.executable, "-P", "-c", code, root.as_posix()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


def test_a_file_beside_us_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a downloaded model may hold a numpy.py."""
    (tmp_path / "numpy.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    path = network(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DECAM_CACHE_DIR", str(tmp_path / "cache"))
    load_model(path)
    assert not (tmp_path / "ran").exists()
