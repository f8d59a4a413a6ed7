"""What the standalone application knows of itself: its sums, its children."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from decam_engine import frozen, load_image
from decam_engine.bundle import SUMS, BundleError, check_bundle, compare
from decam_engine.children import run_as_child
from decam_engine.decoders import dicom, dicom_frame


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with two files, one in a folder below, and their sums."""
    folder = tmp_path / "decam-studio"
    (folder / "_internal").mkdir(parents=True)
    files = {"decam": b"program", "_internal/library.so": b"library"}
    lines = []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (folder / "_internal" / SUMS).write_text("".join(lines), encoding="utf-8")
    return folder


def test_a_sound_bundle(bundle: Path) -> None:
    assert compare(bundle, bundle / "_internal" / SUMS) == "All 2 files are as they were built."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "decam").write_bytes(b"pr0gram"), "decam was changed"),
        (lambda f: (f / "decam").unlink(), "decam is missing"),
        (lambda f: (f / "_internal" / "more.so").touch(), "_internal/more.so was added"),
        (lambda f: (f / "_internal" / SUMS).unlink(), "cannot be read"),
    ],
)
def test_a_changed_bundle(bundle: Path, change, said: str) -> None:
    change(bundle)
    with pytest.raises(BundleError, match=said):
        compare(bundle, bundle / "_internal" / SUMS)


def test_many_changes_are_counted(bundle: Path) -> None:
    for number in range(30):
        (bundle / f"{number}.txt").touch()
    with pytest.raises(BundleError, match="and 20 more"):
        compare(bundle, bundle / "_internal" / SUMS)


def test_an_installation_by_pip_has_no_sums() -> None:
    with pytest.raises(BundleError, match="ordinary installation"):
        check_bundle()
    done = subprocess.run(
        [sys.executable, "-m", "decam_engine.cli", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("decam: error: --check")


def test_ordinary_starts_are_no_children() -> None:
    assert run_as_child([]) is None
    assert run_as_child(["explain", "photo.jpg"]) is None


def test_a_frozen_window_is_started_by_its_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert frozen.studio_command() == [sys.executable, "-m", "decam_gui"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(Path("/opt/decam-studio/decam")))
    assert frozen.studio_command() == [str(Path("/opt/decam-studio/decam-studio"))]


def test_a_frame_is_decoded_by_either_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the frozen application will: the same pixels as from the script alone."""
    path = Path(get_testdata_file("MR_small_RLE.dcm", download=False))
    usual = load_image(path)
    command = [sys.executable, "-m", "decam_engine.cli", dicom_frame.ARGUMENT]
    monkeypatch.setattr(dicom, "_frame_command", lambda: command)
    assert (load_image(path).pixels == usual.pixels).all()
