"""The doctor in the window: it says what it costs, compares, and what is chosen holds."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton

from decam_engine import BlackBox, demo_model, demo_photos, doctor_calls
from decam_gui.checkup import Stage
from decam_gui.dialogs.doctor import DoctorDialog
from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.inference_server import serving
from tests.onnx_models import linear_model, rectangle_weights

SIZE = (64, 64)


@pytest.fixture(autouse=True)
def no_choices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen in one test is not remembered in the next."""
    monkeypatch.setenv("DECAM_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The tiny model with nothing said about it; its answers depend on the value range."""
    folder = tmp_path / "model"
    folder.mkdir()
    weights = rectangle_weights(SIZE, gain=4.0)
    return linear_model(folder / "net.onnx", weights, size=SIZE, bias=-2.0)


@pytest.fixture
def opened(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], plain: Path
) -> Workspace:
    window.open([*photo_files, plain])
    wait(qtbot, lambda: len(space.session.paths) == len(photo_files))
    wait(qtbot, space.session.can_run)
    return space


class Gate:
    """Lets model calls through only while it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.calls = 0

    def hold(self, box: BlackBox, monkeypatch: pytest.MonkeyPatch) -> None:
        run = box.backend.run

        def gated(inputs: np.ndarray) -> np.ndarray:
            self.calls += len(inputs)
            assert self.open.wait(20)
            return run(inputs)

        monkeypatch.setattr(box.backend, "run", gated)


@pytest.fixture
def gate(opened: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    box = opened.session.box()
    assert box is not None
    made = Gate()
    made.hold(box, monkeypatch)
    yield made
    made.open.set()


def press(button: QAbstractButton) -> None:
    assert button.isEnabled() and button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def consult(space: Workspace) -> DoctorDialog:
    press(space.model.check_button)
    assert space.consultation is not None
    return space.consultation.dialog


def examined(qtbot, space: Workspace) -> DoctorDialog:
    dialog = consult(space)
    press(dialog.start_button)
    wait(qtbot, lambda: space.checkup.stage is Stage.DONE)
    return dialog


def use(qtbot, space: Workspace, dialog: DoctorDialog, row: int) -> None:
    dialog.table.selectRow(row)
    press(dialog.use_button)
    wait(qtbot, space.session.can_run)


def test_the_bundled_model_without_its_sidecar(
    qtbot, window: MainWindow, space: Workspace, tmp_path: Path
) -> None:
    """From the guess to the true setting, which is used, remembered, saved and forgotten."""
    net = tmp_path / "net.onnx"
    shutil.copyfile(demo_model(), net)
    window.open([*demo_photos(), net])
    wait(qtbot, lambda: len(space.session.paths) == 4 and not space.session.loading_photos)
    wait(qtbot, space.session.can_run)
    assert space.model.badge == "ASSUMED"
    assert "Pre-processing assumed" in space.model.assumed
    before = space.session.state().scores.copy()

    dialog = consult(space)
    calls = doctor_calls(space.session.box(), 4)
    assert f"{calls} model calls" in dialog.plan.text()
    shown = space.session.photo().path.name
    assert f"fed with {shown}, " in dialog.plan.text()
    assert all(p.name in dialog.plan.text() for p in demo_photos())
    assert dialog.keep_button.text() == "Keep the guess"
    press(dialog.start_button)
    qtbot.waitUntil(lambda: space.checkup.stage is Stage.DONE, timeout=120_000)

    rows = dialog.table.rows
    first = rows.candidate(0)
    assert first.name == "RGB, (p - 127) / 128, centre crop of 87.5 %"
    assert first.likely and not first.in_use
    text = rows.index(0, 1).data()
    assert text.splitlines()[0].startswith(f"{first.predictions[0][0].label}: ")
    assert len(text.splitlines()) == 5
    twins = next(r for r in range(rows.rowCount()) if rows.candidate(r).same_as)
    assert rows.candidate(twins).same_as[-1] in rows.index(twins, 0).data()
    assert "in use" in rows.index(space.checkup.in_use(), 0).data()
    likely = [rows.candidate(r).likely for r in range(rows.rowCount())]
    assert likely == sorted(likely, reverse=True)

    use(qtbot, space, dialog, 0)
    assert "remembered for this model" in dialog.banner.text
    assert space.session.box().preprocessing == first.preprocessing
    assert "chosen by you" in space.model.facts
    assert space.checkup.in_use() == 0
    assert "in use" in rows.index(0, 0).data()
    assert not np.allclose(space.session.state().scores, before)
    assert space.predictions.bars[0].prediction.label == first.predictions[0][0].label
    assert "Pre-processing assumed" not in space.model.assumed

    press(dialog.save_button)
    wait(qtbot, lambda: "net.decam.json" in dialog.banner.text)
    record = json.loads((tmp_path / "net.decam.json").read_text())
    assert record["preprocessing"]["mean"] == [127.0]
    press(dialog.keep_button)
    assert space.consultation is None

    space.session.change_settings(RunSettings(calls=60))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    assert space.session.result().manifest()["model"]["preprocessing_source"] == "chosen"


def test_nothing_is_asked_before_start_and_keeping_the_guess_changes_nothing(
    qtbot, opened: Workspace, gate: Gate
) -> None:
    model = opened.session.model
    dialog = consult(opened)
    calls = doctor_calls(model.box, 3)
    assert f"{calls} model calls" in dialog.plan.text()
    assert "4 photos of what it was trained for tell more" in dialog.plan.text()
    for button in (dialog.save_button, dialog.forget_button):
        assert not button.isEnabled() and button.toolTip()
    press(dialog.keep_button)
    assert gate.calls == 0
    assert opened.session.model is model
    assert opened.model.badge == "ASSUMED"


def test_choosing_and_forgetting(qtbot, opened: Workspace, plain: Path) -> None:
    guess = opened.session.box().preprocessing
    dialog = examined(qtbot, opened)
    other = next(r for r in range(9) if r != opened.checkup.in_use())
    wanted = dialog.table.rows.candidate(other).preprocessing
    use(qtbot, opened, dialog, other)
    assert opened.session.box().preprocessing == wanted
    assert opened.model.badge == "CHOSEN"
    assert not dialog.use_button.isEnabled()
    assert dialog.keep_button.text() == "Close"
    # It is remembered for the file: also where another reading of it is opened.
    opened.session.open([plain])
    wait(qtbot, opened.session.can_run)
    assert opened.session.box().preprocessing == wanted
    assert opened.session.box().preprocessing_source == "chosen"
    press(dialog.forget_button)
    wait(qtbot, opened.session.can_run)
    assert "forgotten" in dialog.banner.text
    assert opened.session.box().preprocessing == guess
    assert opened.session.box().preprocessing_source == "assumed"
    assert opened.model.badge == "ASSUMED"
    assert not list((plain.parent.parent / "data" / "choices").iterdir())


def test_results_of_the_old_way_go_and_the_same_way_keeps_them(qtbot, opened: Workspace) -> None:
    opened.session.change_settings(RunSettings(calls=60))
    opened.session.run()
    wait(qtbot, lambda: opened.session.job is None)
    result = opened.session.result()
    dialog = examined(qtbot, opened)
    same = next(
        r for r in range(dialog.table.rows.rowCount())
        if dialog.table.rows.candidate(r).preprocessing == opened.session.box().preprocessing
    )  # fmt: skip
    use(qtbot, opened, dialog, same)
    assert opened.session.box().preprocessing_source == "chosen"
    kept = opened.session.result()
    # Perhaps checked meanwhile, but the same map.
    assert kept is not None and result is not None
    assert kept.input_saliency is result.input_saliency
    other = next(r for r in range(9) if r != same)
    use(qtbot, opened, dialog, other)
    assert opened.session.result() is None
    assert not opened.viewer.canvas.has_map


def test_a_sidecar_that_is_there_is_asked_about(qtbot, opened: Workspace, plain: Path) -> None:
    sidecar = plain.with_suffix(".decam.json")
    dialog = examined(qtbot, opened)
    use(qtbot, opened, dialog, 1)
    sidecar.write_text("mine")
    press(dialog.save_button)
    wait(qtbot, lambda: "Replace it?" in dialog.banner.text)
    leave = next(b for b in dialog.banner.findChildren(QPushButton) if b.text() == "Leave it")
    press(leave)
    assert sidecar.read_text() == "mine"
    press(dialog.save_button)
    wait(qtbot, lambda: "Replace it?" in dialog.banner.text)
    replace = next(b for b in dialog.banner.findChildren(QPushButton) if b.text() == "Replace")
    press(replace)
    wait(qtbot, lambda: "Saved as" in dialog.banner.text)
    assert json.loads(sidecar.read_text())["schema"] == 1
    # From now on it comes first, which is said when something else is used.
    use(qtbot, opened, dialog, 2)
    assert "net.decam.json beside it comes first" in dialog.banner.text


def test_a_folder_that_refuses_is_said_in_the_dialog(qtbot, opened: Workspace, plain: Path) -> None:
    dialog = examined(qtbot, opened)
    use(qtbot, opened, dialog, 0)
    # A folder in the way of the temporary file, because root may write anywhere.
    plain.with_name(f"net.decam.json.{os.getpid()}.part").mkdir()
    press(dialog.save_button)
    wait(qtbot, lambda: "could not be written beside net.onnx" in dialog.banner.text)
    assert opened.session.box().preprocessing_source == "chosen"


def test_a_choice_that_cannot_be_remembered_holds_for_now(
    qtbot, opened: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    dialog = examined(qtbot, opened)
    use(qtbot, opened, dialog, 1)
    assert "could not be remembered" in dialog.banner.text
    assert opened.session.box().preprocessing_source == "chosen"
    press(dialog.forget_button)
    wait(qtbot, lambda: opened.session.box().preprocessing_source == "assumed")


def test_cancelling_while_it_runs(qtbot, opened: Workspace, gate: Gate) -> None:
    dialog = consult(opened)
    press(dialog.start_button)
    wait(qtbot, lambda: gate.calls > 0)
    press(dialog.cancel_button)
    assert opened.checkup.stage is Stage.STOPPING
    assert not dialog.cancel_button.isEnabled()
    gate.open.set()
    wait(qtbot, lambda: opened.checkup.stage is Stage.STOPPED)
    assert "Nothing was changed" in dialog.banner.text
    assert gate.calls < opened.checkup.plan.calls
    assert not dialog.table.isVisible()
    press(dialog.start_button)
    wait(qtbot, lambda: opened.checkup.stage is Stage.DONE)
    assert dialog.table.isVisible()


def test_escape_while_it_runs_stops_it_and_a_new_check_is_not_stopped(
    qtbot, opened: Workspace, gate: Gate
) -> None:
    dialog = consult(opened)
    press(dialog.start_button)
    wait(qtbot, lambda: gate.calls > 0)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert opened.consultation is None
    # The old one is still in its batch when the new one is asked for.
    again = consult(opened)
    press(again.start_button)
    gate.open.set()
    wait(qtbot, lambda: opened.checkup.stage is Stage.DONE)
    assert again.table.rows.rowCount() > 1


def test_closing_the_window_while_it_runs(
    qtbot, window: MainWindow, opened: Workspace, gate: Gate
) -> None:
    dialog = consult(opened)
    press(dialog.start_button)
    wait(qtbot, lambda: gate.calls > 0)
    threading.Timer(0.2, gate.open.set).start()
    asked = gate.calls
    assert window.close()
    assert window.workspace is None
    assert gate.calls <= asked + 16, "at most the batch under way"


def test_a_model_that_fails_is_said_in_the_dialog(
    qtbot, opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from decam_engine.errors import ModelRunError

    def fail(inputs: np.ndarray) -> np.ndarray:
        raise ModelRunError("net.onnx gave up.")

    dialog = consult(opened)
    monkeypatch.setattr(opened.session.box().backend, "run", fail)
    press(dialog.start_button)
    wait(qtbot, lambda: opened.checkup.stage is Stage.FAILED)
    assert dialog.banner.text == "net.onnx gave up."
    assert dialog.start_button.text() == "Start again"


def test_by_keyboard_alone(qtbot, opened: Workspace) -> None:
    opened.model.check_button.setFocus()
    QTest.keyClick(opened.model.check_button, Qt.Key.Key_Space)
    dialog = opened.consultation.dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    wait(qtbot, lambda: opened.checkup.stage is Stage.DONE)
    assert dialog.focusWidget() is dialog.table
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.table.chosen_row() == 1
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    wait(qtbot, lambda: opened.session.box().preprocessing_source == "chosen")
    assert opened.checkup.in_use() == 1
    order = []
    for _ in range(5):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        order.append(dialog.focusWidget())
    assert order[:2] == [dialog.rule_button, dialog.save_button], "what is used is not used again"
    assert dialog.keep_button in order
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert opened.consultation is None


def test_everything_in_it_has_a_name(qtbot, opened: Workspace) -> None:
    dialog = examined(qtbot, opened)
    for button in dialog.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.text() or button.accessibleName(), button
    for widget in (dialog.table, dialog.bar):
        assert widget.accessibleName()
    rows = dialog.table.rows
    spoken = rows.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert rows.candidate(0).name in spoken and "likely" in spoken
    assert "%" in rows.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)


def test_it_needs_a_photo_and_no_run(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], plain: Path
) -> None:
    window.open([plain])
    wait(qtbot, lambda: space.session.model is not None)
    assert not space.model.check_button.isEnabled()
    assert "Needs a photo" in space.model.check_button.toolTip()
    window.open(photo_files[:1])
    wait(qtbot, space.session.can_run)
    assert space.model.check_button.isEnabled()
    space.session.change_settings(RunSettings(calls=200_000))
    space.session.run()
    assert not space.model.check_button.isEnabled()
    assert not space.model.activation.isEnabled()
    space.session.cancel()
    wait(qtbot, lambda: space.session.job is None)
    assert space.model.check_button.isEnabled()


def test_a_server_is_only_asked_after_saying_so(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], plain: Path
) -> None:
    with serving(plain) as server:
        window.open(photo_files[:1])
        window.open_server(server.url)
        wait(qtbot, space.session.can_run)
        before = server.stats["requests"]
        dialog = consult(space)
        calls = doctor_calls(space.session.box(), 1)
        assert f"then {calls} inputs made of these photos go to {server.host}" in (
            dialog.plan.text()
        )
        assert server.stats["requests"] == before
        press(dialog.start_button)
        wait(qtbot, lambda: space.checkup.stage is Stage.DONE)
        assert server.stats["requests"] > before
        use(qtbot, space, dialog, 1)
        assert "only model files are remembered" in dialog.banner.text
        assert not dialog.save_button.isEnabled()
        # Forgetting asks nothing but about the photo on show.
        before = server.stats["requests"]
        press(dialog.forget_button)
        wait(qtbot, space.session.can_run)
        assert space.session.box().preprocessing_source == "assumed"
        assert server.stats["requests"] <= before + 1


def test_closing_while_a_server_does_not_answer_the_doctor(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], plain: Path
) -> None:
    with serving(plain, "--fault", "slow", "--after", "5", "--seconds", "20") as slow:
        window.open(photo_files[:1])
        window.open_server(slow.url)
        wait(qtbot, space.session.can_run)
        dialog = consult(space)
        press(dialog.start_button)
        wait(qtbot, lambda: slow.stats["infer"] > 5)
        asked = time.perf_counter()
        assert window.close()
        assert time.perf_counter() - asked < 5.0
