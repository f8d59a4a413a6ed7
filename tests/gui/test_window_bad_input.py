"""Bad input is told beside its cause, in the engine's words; nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.png_files import png_bomb


@pytest.fixture(autouse=True)
def no_dialog() -> object:
    """None of these may open a dialog."""
    yield
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog | QMessageBox)]
    assert not [w for w in shown if w.isVisible()]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.jpg", b"these are words", "not an image"),
        ("empty.png", b"", "empty"),
        ("missing.png", None, "does not exist"),
        ("bomb.png", png_bomb(20_000, 20_000), "too large"),
    ],
)
def test_a_bad_image_is_marked_in_the_list(
    qtbot,
    window: MainWindow,
    space: Workspace,
    tmp_path: Path,
    name: str,
    content: bytes | None,
    words: str,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    window.open([path])
    wait(qtbot, lambda: path in space.session.problems)
    assert words in space.photos.banner.text
    assert space.photos.rows.rowCount() == 1
    assert space.session.photo() is None
    assert words in space.session.problem()


def test_a_model_of_another_tool_is_told_the_way(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    """And is not taken for a photograph."""
    path = tmp_path / "net.pt"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    window.open([photo_files[0], path])
    wait(qtbot, lambda: "found a file of PyTorch" in space.model.banner.text)
    assert "torch.onnx.export" in space.model.banner.text
    wait(qtbot, lambda: space.session.photo() is not None)
    assert space.session.paths == [photo_files[0]]
    assert not space.photos.banner.text


def test_a_truncated_image_among_good_ones(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path]
) -> None:
    data = photo_files[1].read_bytes()
    photo_files[1].write_bytes(data[: len(data) // 2])
    window.open(photo_files)
    wait(qtbot, lambda: len(space.session.paths) == 3)
    wait(qtbot, lambda: space.session.photo() is not None)
    assert list(space.session.problems) == [photo_files[1]]
    assert space.session.current == photo_files[0]


def test_a_folder_without_images(
    qtbot, window: MainWindow, space: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "nothing"
    folder.mkdir()
    window.open([folder])
    wait(qtbot, lambda: "holds no image" in space.photos.banner.text)
    assert space.session.paths == []


def test_a_bad_model_leaves_the_good_one_in_use(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    before = ready.session.model
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    window.open([broken])
    wait(qtbot, lambda: "could not be opened" in ready.model.banner.text)
    assert ready.session.model is before
    assert ready.session.loading_model == ""
    assert ready.session.can_run()


def test_too_few_calls_are_told_below_the_run_button(ready: Workspace) -> None:
    ready.run.preset.setCurrentIndex(ready.run.preset.count() - 1)
    ready.run.preset.activated.emit(ready.run.preset.currentIndex())
    ready.run.calls.setValue(2)
    assert ready.session.settings == RunSettings(calls=2)
    ready.session.run()
    assert ready.session.job is None
    assert "model calls" in ready.run.banner.text
    ready.run.calls.setValue(200)
    assert not ready.run.banner.isVisible()


def test_a_model_without_sidecar_is_marked_as_assumed(
    qtbot, window: MainWindow, space: Workspace, rectangle_onnx: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.onnx"
    bare.write_bytes(rectangle_onnx.read_bytes())
    window.open([bare])
    wait(qtbot, lambda: space.session.model is not None)
    assert "assumed" in space.model.assumed
    assert "without names" in space.model.facts


def test_a_model_file_deleted_after_loading_still_runs(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    model = photo_files[0].parent / "short-lived.onnx"
    model.write_bytes(rectangle_onnx.read_bytes())
    sidecar = rectangle_onnx.with_suffix(".decam.json")
    model.with_suffix(".decam.json").write_bytes(sidecar.read_bytes())
    window.open([photo_files[0], model])
    wait(qtbot, space.session.can_run)
    model.unlink()
    space.session.change_settings(RunSettings(calls=100))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    assert space.session.result() is not None
    assert not space.run.banner.text
