"""The model card: what is known of a model from whom, and another reading of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog

from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.worker import Scores, Trouble
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.model_zoo import auxiliary_logits_first
from tests.onnx_models import linear_model, rectangle_weights


@pytest.fixture(autouse=True)
def no_choices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECAM_DATA_DIR", str(tmp_path / "data"))


def shown(qtbot, window: MainWindow, space: Workspace, *paths: Path) -> None:
    window.open(list(paths))
    wait(qtbot, lambda: space.session.current is not None and space.session.can_run())


def pick(field: QComboBox, row: int) -> None:
    """Choose a row as the keyboard does."""
    assert field.isEnabled() and field.isVisible()
    field.setFocus()
    field.setCurrentIndex(row - 1 if row else 1)
    QTest.keyClick(field, Qt.Key.Key_Down if row else Qt.Key.Key_Up)


def test_it_says_what_is_known_and_from_whom(qtbot, ready: Workspace) -> None:
    facts = ready.model.facts
    for text in (
        "64 × 64 px, RGB",
        "NCHW, float32",
        "whole photo, squashed",
        "0..1",
        "from the sidecar file",
        "2, names from the sidecar file",
    ):
        assert text in facts
    assert ready.model.badge == ""
    assert ready.model.activation.currentText().startswith("As found: ")
    assert not ready.model.output.isVisible()
    assert not ready.model.provider.isVisible()


def test_another_activation(qtbot, ready: Workspace) -> None:
    before = ready.session.state().scores.copy()
    ready.session.change_settings(RunSettings(calls=60))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    assert ready.session.result() is not None
    pick(ready.model.activation, ready.model.activation.findData("sigmoid"))
    assert ready.session.loading_model == "rectangle.onnx"
    assert not ready.model.activation.isEnabled()
    assert not ready.session.can_run()
    wait(qtbot, ready.session.can_run)
    assert ready.session.box().activation == "sigmoid"
    assert ready.session.box().activation_source == "given"
    assert ready.model.activation.currentData() == "sigmoid"
    assert not np.allclose(ready.session.state().scores, before)
    assert ready.session.result() is None
    # And back to what is told from the model itself.
    assert ready.model.activation.hasFocus(), "the focus comes back to it"
    pick(ready.model.activation, 0)
    wait(qtbot, ready.session.can_run)
    assert np.allclose(ready.session.state().scores, before)


def test_the_same_reading_again_is_no_work(qtbot, ready: Workspace) -> None:
    model = ready.session.model
    ready.model.activation.activated.emit(0)
    assert not ready.session.loading_model
    assert ready.session.model is model


def test_an_activation_that_does_not_fit_is_refused_and_the_old_one_stays(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    net = linear_model(tmp_path / "net.onnx", rectangle_weights((64, 64), gain=9.0), size=(64, 64))
    shown(qtbot, window, space, photo_files[0], net)
    assert space.session.box().activation == "softmax"
    pick(space.model.activation, space.model.activation.findData("none"))
    wait(qtbot, lambda: "probabilities (0..1)" in space.model.banner.text)
    wait(qtbot, space.session.can_run)
    assert space.session.box().activation == "softmax"
    assert space.model.activation.currentData() is None
    assert space.model.activation.isEnabled()


def test_another_output(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    shown(qtbot, window, space, photo_files[0], auxiliary_logits_first(tmp_path))
    assert space.model.output.currentText() == "scores"
    assert "Output 'scores' taken" in space.model.assumed
    before = space.session.state().scores.copy()
    pick(space.model.output, 0)
    wait(qtbot, lambda: space.session.box().describe()["output"] == "aux_logits")
    wait(qtbot, space.session.can_run)
    assert "Output" not in space.model.assumed
    assert space.model.output.currentText() == "aux_logits"
    assert int(space.session.state().scores.argmax()) != int(before.argmax())
    # Another activation leaves the output.
    pick(space.model.activation, space.model.activation.findData("sigmoid"))
    wait(qtbot, space.session.can_run)
    assert space.session.box().describe()["output"] == "aux_logits"
    assert space.session.box().activation == "sigmoid"
    # Which belonged to that output.
    pick(space.model.output, 1)
    wait(qtbot, space.session.can_run)
    assert space.session.box().describe()["output"] == "scores"
    assert space.session.box().activation_source != "given"


def test_another_device_that_falls_back_is_said(
    qtbot, ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from decam_engine.models import runtime

    offered = ["CUDAExecutionProvider", "AzureExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "available_providers", lambda: offered)
    ready.model.show_providers(offered)
    ready.session.model_changed.emit()
    assert ready.model.provider.count() == 2, "the cloud is no device"
    assert ready.model.provider.currentText() == "CPU (processor)"
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        pick(ready.model.provider, 0)
        wait(qtbot, ready.session.can_run)
    assert "CUDAExecutionProvider was asked for and could not be used" in ready.model.assumed
    assert ready.model.provider.currentText() == "CPU (processor)"


def test_a_saved_result_comes_back_with_the_reading_that_it_is_of(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    ready.session.change_settings(RunSettings(calls=60))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    window.workspace.save_to(str(tmp_path / "out"))
    wait(qtbot, lambda: bool(ready.viewer.saved.text))
    window.open([next((tmp_path / "out").glob("*.json"))])
    wait(qtbot, lambda: bool(ready.session._restored))
    wait(qtbot, ready.session.can_run)
    assert ready.session.result() is not None
    pick(ready.model.activation, ready.model.activation.findData("sigmoid"))
    wait(qtbot, ready.session.can_run)
    assert ready.session.result() is None
    pick(ready.model.activation, 0)
    wait(qtbot, ready.session.can_run)
    assert ready.session.result() is not None


def test_what_a_replaced_model_answers_does_not_count(qtbot, ready: Workspace) -> None:
    old = ready.session.box()
    pick(ready.model.activation, ready.model.activation.findData("sigmoid"))
    wait(qtbot, ready.session.can_run)
    before = ready.session.state().scores.copy()
    path = ready.session.current
    ready.session.on_scored(Scores(path, old, np.zeros(2, np.float32)))
    ready.session.on_scoring_failed(Trouble(path, "late", old))
    assert np.array_equal(ready.session.state().scores, before)
    assert not ready.session.state().problem
    assert not ready.model.banner.text


def test_the_list_is_as_wide_as_its_texts(qtbot, ready: Workspace) -> None:
    field = ready.model.activation
    field.showPopup()
    wait(qtbot, field.view().isVisible)
    longest = max(
        field.fontMetrics().horizontalAdvance(field.itemText(i)) for i in range(field.count())
    )
    assert field.view().viewport().width() >= longest
    field.hidePopup()


def test_scrolling_past_changes_nothing(qtbot, ready: Workspace) -> None:
    model = ready.session.model
    ready.photos.list.setFocus()
    field = ready.model.activation
    place = QPointF(field.rect().center())
    event = QWheelEvent(
        place, field.mapToGlobal(place), QPoint(0, -120), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, event)
    assert field.currentIndex() == 0
    assert ready.session.model is model and not ready.session.loading_model


def test_the_file_is_gone(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    net = linear_model(tmp_path / "net.onnx", rectangle_weights((64, 64)), size=(64, 64))
    shown(qtbot, window, space, photo_files[0], net)
    net.unlink()
    model = space.session.model
    pick(space.model.activation, space.model.activation.findData("softmax"))
    wait(qtbot, lambda: "does not exist (any more)" in space.model.banner.text)
    assert space.session.model is model
    wait(qtbot, space.session.can_run)


def choose_names(qtbot, space: Workspace, path: Path) -> None:
    """Press the button and choose a file as the dialog does."""
    qtbot.mouseClick(space.model.names_button, Qt.MouseButton.LeftButton)
    dialog = space.model.findChild(QFileDialog)
    assert dialog is not None and dialog.isVisible()
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    qtbot.waitUntil(lambda: space.model.findChild(QFileDialog) is None)


def test_names_from_a_file_and_back(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    net = linear_model(tmp_path / "net.onnx", rectangle_weights((64, 64), gain=9.0), size=(64, 64))
    shown(qtbot, window, space, photo_files[0], net)
    session = space.session
    assert session.class_names() == ["class 0", "class 1"]
    assert "2, without names" in space.model.facts
    assert not space.model.unname_button.isVisible()
    session.change_settings(RunSettings(calls=60))
    session.run()
    wait(qtbot, lambda: session.job is None)
    result = session.result()
    assert result is not None
    names = tmp_path / "classes.json"
    names.write_text('{"ant": 0, "bee": 1}', encoding="utf-8")
    choose_names(qtbot, space, names)
    wait(qtbot, session.can_run)
    assert session.class_names() == ["ant", "bee"]
    assert "2, names set by you" in space.model.facts
    kept = session.result()
    # It said class 0, which is still true; that it was checked meanwhile makes no other map of it.
    assert kept is not None and kept.input_saliency is result.input_saliency
    # Other names: what was called by the old ones goes.
    session.run()
    wait(qtbot, lambda: session.job is None)
    assert session.result().target.label == "ant"
    names = tmp_path / "names.txt"
    names.write_text("cow\ndog\n", encoding="utf-8")
    choose_names(qtbot, space, names)
    wait(qtbot, session.can_run)
    assert session.class_names() == ["cow", "dog"]
    assert session.result() is None
    # Another activation keeps them.
    pick(space.model.activation, space.model.activation.findData("sigmoid"))
    wait(qtbot, session.can_run)
    assert session.class_names() == ["cow", "dog"]
    qtbot.mouseClick(space.model.unname_button, Qt.MouseButton.LeftButton)
    wait(qtbot, session.can_run)
    assert session.class_names() == ["class 0", "class 1"]
    assert session.box().activation == "sigmoid"
    assert not space.model.unname_button.isVisible()


def test_names_that_do_not_fit_are_refused_and_the_old_ones_stay(
    qtbot, ready: Workspace, tmp_path: Path
) -> None:
    before = ready.session.class_names()
    names = tmp_path / "labels.txt"
    names.write_text("ant\nbee\ncow\n", encoding="utf-8")
    choose_names(qtbot, ready, names)
    wait(qtbot, lambda: "2 classes, the label list has 3" in ready.model.banner.text)
    wait(qtbot, ready.session.can_run)
    assert ready.session.class_names() == before
    assert not ready.model.unname_button.isVisible()
    assert ready.model.names_button.isEnabled()
