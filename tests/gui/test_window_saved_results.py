"""Saved results opened again: what `decam demo` shows, and what a colleague sends."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from decam_engine import explain, load_image, load_model
from decam_gui.main_window import MainWindow
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def saved_manifest(photo: Path, model: Path, folder: Path) -> Path:
    result = explain(load_model(model), load_image(photo), target=1, calls=100)
    return next(f for f in result.save(folder) if f.suffix == ".json")


def test_a_manifest_shows_its_result_on_its_photo_and_model(
    qtbot,
    window: MainWindow,
    space: Workspace,
    photo_files: list[Path],
    rectangle_onnx: Path,
    tmp_path: Path,
) -> None:
    manifest = saved_manifest(photo_files[1], rectangle_onnx, tmp_path / "out")
    window.open([manifest])
    wait(qtbot, lambda: space.session.result() is not None)
    session, result = space.session, space.session.result()
    assert result is not None
    assert session.current == photo_files[1]
    assert session.model is not None and session.model.path == rectangle_onnx
    assert result.target.index == 1 and result.calls == 100
    wait(qtbot, lambda: len(session.predictions()) == 2)
    target = session.target()
    assert target is not None and target.index == 1
    assert session.can_run()


def test_a_manifest_whose_model_is_open_already(
    qtbot, window: MainWindow, ready: Workspace, rectangle_onnx: Path, tmp_path: Path
) -> None:
    photo = ready.session.paths[2]
    window.open([saved_manifest(photo, rectangle_onnx, tmp_path / "out")])
    wait(qtbot, lambda: ready.session.result() is not None)
    assert ready.session.current == photo
    assert len(ready.session.models) == 1


def test_a_file_that_is_no_manifest_says_so(
    qtbot, window: MainWindow, space: Workspace, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"schema": 99}', encoding="utf-8")
    window.open([other])
    wait(qtbot, lambda: "not the manifest of a saved result" in space.photos.banner.text)
    assert space.session.result() is None


def test_a_map_that_was_changed_is_refused(
    qtbot,
    window: MainWindow,
    space: Workspace,
    photo_files: list[Path],
    rectangle_onnx: Path,
    tmp_path: Path,
) -> None:
    manifest = saved_manifest(photo_files[0], rectangle_onnx, tmp_path / "out")
    path = manifest.with_suffix(".npy")
    values = np.load(path)
    np.save(path, np.flip(values).copy())
    window.open([manifest])
    wait(qtbot, lambda: bool(space.photos.banner.text))
    assert space.session.result() is None
