"""A model on a server, in the window: opened by its URL, slow to fail, never asked unbidden."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from decam_engine import Preprocessing, explain, load_image, load_model
from decam_gui.dialogs.server import ServerDialog
from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.inference_server import Running, serving


@pytest.fixture
def server(rectangle_onnx: Path) -> Iterator[Running]:
    with serving(rectangle_onnx) as running:
        yield running


def ask(window: MainWindow, url: str) -> ServerDialog:
    """Choose the menu's entry, type a URL, press Open."""
    window.actions_.open_server.trigger()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ServerDialog))
    QTest.keyClicks(dialog.url, url)
    QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    return dialog


def test_a_model_is_opened_by_its_url_and_explained(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], server: Running
) -> None:
    window.open(photo_files[:1])
    ask(window, server.url)
    wait(qtbot, space.session.can_run)
    assert space.model.choice.currentText() == f"net ({server.host})"
    assert "Pre-processing assumed" in space.model.assumed
    space.session.change_settings(RunSettings(calls=60))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    result = space.session.result()
    assert result is not None and result.calls == 60
    assert result.model["url"] == server.url


def test_what_is_no_url_is_said_beside_the_field(window: MainWindow, space: Workspace) -> None:
    dialog = ask(window, "http://host/models/net")
    assert dialog.isVisible()
    assert "http://HOST:PORT/v2/models/NAME" in dialog.banner.text
    QTest.keyClicks(dialog.url, "x")
    assert not dialog.banner.text
    dialog.reject()
    assert not space.session.loading_model


def test_a_server_that_does_not_answer_is_said_in_the_model_card(
    qtbot, window: MainWindow, space: Workspace
) -> None:
    window.open_server("http://127.0.0.1:9/v2/models/net")
    assert space.session.loading_model == "net"
    wait(qtbot, lambda: "could not be reached" in space.model.banner.text)
    assert space.session.model is None
    assert not space.session.loading_model


def test_a_server_that_dies_leaves_the_map_so_far(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    with serving(rectangle_onnx, "--fault", "die", "--after", "20") as dying:
        window.open(photo_files[:1])
        window.open_server(dying.url)
        wait(qtbot, space.session.can_run)
        space.session.change_settings(RunSettings(calls=300))
        space.session.run()
        wait(qtbot, lambda: space.session.job is None)
    result = space.session.result()
    assert result is not None and result.stop_reason == "failed"
    assert result.input_saliency.any()
    assert f"stopped at {result.calls} of 300 calls" in space.viewer.state.text()
    assert "The model failed after" in space.viewer.warnings.text
    assert not space.run.banner.text


def test_a_run_whose_server_died_goes_on_where_it_ended(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    session = space.session
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with serving(rectangle_onnx, "--port", port, "--fault", "die", "--after", "20") as dying:
        url = dying.url
        window.open(photo_files[:1])
        window.open_server(url)
        wait(qtbot, session.can_run)
        assert space.run.run_button.text() == "Run"
        assert f"Up to 1,000 inputs will be sent to {dying.host}." in space.run.hint
        space.run.show_settings(RunSettings(calls=300))
        space.run.changed.emit(space.run.settings)
        session.run()
        wait(qtbot, lambda: session.job is None)
    stopped = session.result()
    assert stopped is not None and stopped.stop_reason == "failed"
    assert space.run.run_button.text() == "Go on"
    assert f"Goes on after {stopped.calls} of 300 calls." in space.run.hint
    assert stopped.journal is not None
    left = 300 - len(stopped.journal.scores)
    assert f"Up to {left} inputs will be sent to {dying.host}." in space.run.hint
    # With other settings it would be another run.
    space.run.seed.setValue(1)
    assert space.run.run_button.text() == "Run"
    space.run.seed.setValue(0)
    assert space.run.run_button.text() == "Go on"
    with serving(rectangle_onnx, "--port", port) as again:
        assert again.url == url
        qtbot.mouseClick(space.run.run_button, Qt.MouseButton.LeftButton)
        wait(qtbot, lambda: session.job is None and session.result() is not stopped)
        inputs = again.stats["inputs"]
    result = session.result()
    assert result is not None and result.stop_reason == "budget"
    assert result.calls == 300
    assert inputs <= left < 300, "what was known is not asked again"
    assert any("Resumed with" in warning for warning in result.warnings)
    assert space.run.run_button.text() == "Run"


def test_a_saved_result_does_not_ask_its_server_by_itself(
    qtbot,
    window: MainWindow,
    space: Workspace,
    photo_files: list[Path],
    server: Running,
    tmp_path: Path,
) -> None:
    preprocessing = Preprocessing.imagenet((64, 64))
    url = server.url.replace("//", "//someone:s3cret@")
    model = load_model(url, preprocessing=preprocessing)
    result = explain(model, load_image(photo_files[0]), calls=60)
    manifest = next(f for f in result.save(tmp_path / "out") if f.suffix == ".json")
    before = server.stats["requests"]
    window.open([manifest])
    wait(qtbot, lambda: server.url in space.photos.banner.text)
    wait(qtbot, lambda: space.session.photo() is not None)
    assert space.session.model is None
    assert server.stats["requests"] == before
    window.open_server(url)
    wait(qtbot, lambda: space.session.result() is not None)
    found = space.session.result()
    assert found is not None and found.calls == 60


def test_closing_does_not_wait_for_a_server_that_does_not_answer(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    with serving(rectangle_onnx, "--fault", "slow", "--after", "5", "--seconds", "20") as slow:
        window.open(photo_files[:1])
        window.open_server(slow.url)
        wait(qtbot, space.session.can_run)
        space.session.run()
        wait(qtbot, lambda: slow.stats["infer"] > 5)
        asked = time.perf_counter()
        assert window.close()
        assert time.perf_counter() - asked < 5.0


def test_closing_while_a_server_is_being_asked(
    qtbot, window: MainWindow, space: Workspace, rectangle_onnx: Path
) -> None:
    with serving(rectangle_onnx, "--fault", "slow", "--seconds", "20") as slow:
        window.open_server(slow.url)
        wait(qtbot, lambda: slow.stats["infer"] > 0)
        asked = time.perf_counter()
        assert window.close()
        assert time.perf_counter() - asked < 5.0
