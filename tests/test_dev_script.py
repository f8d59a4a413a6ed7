"""The set-up script, as far as it decides without acting."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "build_scripts"
BOOKWORM = {"ID": "debian", "VERSION_ID": "12"}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sys.path.insert(0, str(SCRIPTS))
environment = importlib.import_module("setting_up.environment")
programs = importlib.import_module("setting_up.programs")
system_packages = importlib.import_module("setting_up.system_packages")
dev = load("dev")
lock = load("lock")


def test_python_outside_the_lock_is_one_sentence_with_a_remedy() -> None:
    for version, shown in [((3, 8, 18), "3.8.18"), ((3, 99, 0), "3.99.0")]:
        sentence = dev.python_problem(version)
        assert "expected Python 3.11 to 3.14" in sentence
        assert f"found {shown}" in sentence
        assert "\n" not in sentence
    for minor in range(11, 15):
        assert dev.python_problem((3, minor, 0)) == ""


def test_supported_pythons_agree_with_the_project() -> None:
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert dev.OLDEST == (3, 11)
    newest = "{}.{}".format(*dev.NEWEST)
    assert f"to {newest} on" in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_libraries_are_read_from_ldd_and_from_failed_imports() -> None:
    report = (
        "PySide6/QtGui.abi3.so:\n"
        "\tlinux-vdso.so.1 (0x00007ffd)\n"
        "\tlibEGL.so.1 => not found\n"
        "\tlibz.so.1 => /lib/libz.so.1 (0x00007f00)\n"
        "\tlibxcb-cursor.so.0 => not found\n"
        "\tlibEGL.so.1 => not found\n"
    )
    assert system_packages.missing_libraries(report) == {"libEGL.so.1", "libxcb-cursor.so.0"}
    error = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    assert system_packages.missing_libraries(error) == {"libGL.so.1"}
    assert system_packages.missing_libraries("") == set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the loader of Linux")
def test_the_loaders_own_message_is_understood() -> None:
    load_it = "import ctypes; ctypes.CDLL('libdecam-nowhere.so.7')"
    result = subprocess.run(
        [sys.executable, "-c", load_it], capture_output=True, text=True, check=False
    )
    assert system_packages.missing_libraries(result.stderr) == {"libdecam-nowhere.so.7"}


def test_libraries_map_to_debian_packages() -> None:
    wanted = {"libEGL.so.1", "libxkbcommon-x11.so.0", "libgthread-2.0.so.0", "libglib-2.0.so.0"}
    packages, unknown = system_packages.debian_packages(wanted | {"libodd.so.3"}, BOOKWORM)
    assert packages == ["libegl1", "libglib2.0-0", "libxkbcommon-x11-0"]
    assert unknown == ["libodd.so.3"]


@pytest.mark.parametrize(
    ("system", "version", "package"),
    [
        ("debian", "12", "libglib2.0-0"),
        ("debian", "13", "libglib2.0-0t64"),
        ("ubuntu", "22.04", "libglib2.0-0"),
        ("ubuntu", "24.04", "libglib2.0-0t64"),
        ("linuxmint", "22", "libglib2.0-0"),
    ],
)
def test_packages_renamed_for_64_bit_time(system: str, version: str, package: str) -> None:
    release = {"ID": system, "VERSION_ID": version}
    assert system_packages.debian_packages({"libglib-2.0.so.0"}, release) == ([package], [])


def test_os_release_is_parsed() -> None:
    parsed = system_packages.parse_os_release(
        'NAME="Debian GNU/Linux"\nID=debian\n\n# x\nVERSION_ID="12"\n'
    )
    assert parsed["ID"] == "debian"
    assert parsed["VERSION_ID"] == "12"
    assert parsed["NAME"] == "Debian GNU/Linux"


def test_every_input_changes_the_stamp() -> None:
    inputs: dict[str, Any] = {
        "lock": b"a==1",
        "project": b"[project]",
        "python": "3.11",
        "checkout": "/here",
    }
    stamp = environment.stamp_for(**inputs)
    assert stamp == environment.stamp_for(**inputs)
    for name, value in inputs.items():
        other = environment.stamp_for(**(inputs | {name: value + value}))
        assert {key for key in stamp if stamp[key] != other[key]} == {name}


def test_only_what_changed_is_done_again() -> None:
    stamp = environment.stamp_for(b"lock", b"project", "3.11", "/here")
    assert environment.needs_work(stamp, dict(stamp)) == "nothing"
    assert environment.needs_work(stamp, stamp | {"project": "other"}) == "project"
    for part in ("lock", "python", "checkout"):
        assert environment.needs_work(stamp, stamp | {part: "other"}) == "everything"
    assert environment.needs_work(stamp, None) == "everything"
    assert environment.needs_work(stamp, {}) == "everything"


def test_other_environments_do_not_leak_in() -> None:
    users = {"PATH": "/bin", "PYTHONPATH": "/x", "PYTHONHOME": "/y", "VIRTUAL_ENV": "/z"}
    cleaned = programs.clean_environment(users)
    assert cleaned["PATH"] == "/bin"
    assert cleaned["PYTHONNOUSERSITE"] == "1"
    assert not cleaned.keys() & {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    assert users["PYTHONPATH"] == "/x"


def test_unknown_command_is_one_line_and_exit_code_2() -> None:
    result = subprocess.run(
        [sys.executable, str(SCRIPTS / "dev.py"), "demmo"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("dev.py: expected one of the commands")
    assert result.stderr.count("\n") == 1


def test_the_lock_is_fit() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert lock.problem_in(text) == ""
    names = environment.locked_names(text)
    assert {"numpy", "numba", "onnxruntime", "pyside6-essentials", "pytest"} <= names
    assert {name for name in names if name.startswith("opencv")} == {"opencv-python-headless"}


@pytest.mark.parametrize(
    "line",
    [
        "a @ https://example.org/a.whl",
        "--index-url https://example.org/simple",
        "-e .",
        "./a.whl",
        "a==1",
    ],
)
def test_an_unfit_lock_is_refused(line: str) -> None:
    assert lock.problem_in(f"b==1 \\\n    --hash=sha256:00\n{line}\n") != ""
