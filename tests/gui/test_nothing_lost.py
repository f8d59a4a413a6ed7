"""What was found is never lost: by a disk that refuses it, another folder, another run."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from decam_gui.core.findings import SavedMap
from decam_gui.core.folder import read_session
from decam_gui.core.names import INDEX
from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.test_sessions import FEW, explain_all
from tests.gui.waiting import wait


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The place where sessions are kept is a file."""
    root = tmp_path / "no folder"
    root.write_text("a file")
    monkeypatch.setenv("DECAM_SESSIONS_DIR", str(root))
    return root


def run_all(qtbot, space: Workspace) -> None:
    space.trust_card.set_auto(False)
    space.session.change_settings(FEW)
    space.session.run_photos()
    wait(qtbot, lambda: space.session.job is None and not space.session.queue.pending())


def test_results_that_no_disk_took_are_in_the_session_that_is_saved_elsewhere(
    qtbot, refusing: Path, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    run_all(qtbot, ready)
    keeping = ready.keeping
    assert keeping.folder is None and keeping.unkept() == 3
    assert "cannot be kept" in ready.queue.ended.text
    asked: list[int] = []
    window.ask_loss = lambda count: bool(asked.append(count))
    assert not window.close() and asked == [3]
    keeping.open(tmp_path / "another")
    assert "would be lost" in ready.queue.ended.text

    elsewhere = tmp_path / "elsewhere"
    keeping.save_as(elsewhere)
    wait(qtbot, lambda: keeping.unkept() == 0)
    assert len(read_session(elsewhere).results) == 3
    assert window.close() and asked == [3]


def test_results_that_come_while_a_session_is_copied_are_in_the_copy(
    qtbot, ready: Workspace, tmp_path: Path
) -> None:
    explain_all(qtbot, ready)
    copy = tmp_path / "copy"
    # Asked for in one breath: the copy is under way when the results come.
    ready.keeping.save_as(copy)
    ready.session.change_settings(RunSettings(calls=100, seed=5))
    ready.session.run_photos()
    wait(qtbot, lambda: ready.session.job is None and ready.keeping.folder == copy)
    wait(qtbot, lambda: not ready.keeping._unkept)
    seeds = [
        json.loads(line.kept.manifest.read_text())["seed"] for line in read_session(copy).results
    ]
    assert seeds.count(5) == 3


@pytest.mark.parametrize(
    "damage",
    [
        {"settings": {"seed": "abc"}},
        {"settings": {"seed": 2**40}},
        {"settings": {"preset": "nonsense"}},
        {"jobs": [{"photo": "x", "model": "y", "targets": ["a"]}]},
        {"jobs": ["abc"]},
        {"photos": [{"path": "/nowhere.png", "reading": "abc"}]},
        {"photos": 7},
        {"photos": [{}]},
    ],
)
def test_a_damaged_session_is_opened_without_what_is_damaged_or_refused(
    qtbot, ready: Workspace, tmp_path: Path, damage: dict[str, object]
) -> None:
    folder = explain_all(qtbot, ready)
    ready.keeping.write_now()
    wait(qtbot, (folder / INDEX).is_file)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    record = json.loads((folder / INDEX).read_text()) | damage
    (damaged / INDEX).write_text(json.dumps(record))
    ready.keeping.open(damaged)
    wait(qtbot, lambda: not ready.keeping._opening and not ready.session.loading_model)
    refused = ready.keeping.folder == folder
    assert refused == ("damaged" in ready.queue.ended.text)
    assert len(ready.session.paths) in ((3,) if refused else (1, 3))
    # It goes on being kept.
    ready.session.change_settings(RunSettings(calls=77))
    here = ready.keeping.folder
    assert here is not None
    wait(qtbot, lambda: read_session(here).settings.calls == 77)


def test_a_run_that_is_stopped_leaves_the_finished_map(qtbot, ready: Workspace) -> None:
    explain_all(qtbot, ready)
    session = ready.session
    wait(qtbot, lambda: session.result() is not None)
    before = session.result()
    session.change_settings(RunSettings(calls=400_000))
    session.run()
    wait(qtbot, lambda: session.progress is not None)
    session.cancel()
    wait(qtbot, lambda: session.job is None)
    after = session.result()
    assert before is not None and after is before
    assert "finished map stays" in ready.run.banner.text


def test_a_model_that_is_opened_once_more_keeps_its_maps(
    qtbot, window: MainWindow, ready: Workspace, rectangle_onnx: Path
) -> None:
    explain_all(qtbot, ready)
    wait(qtbot, lambda: ready.session.result() is not None)
    model = ready.session.model
    window.open([rectangle_onnx])
    wait(qtbot, lambda: not ready.session.loading_model)
    assert ready.session.model is model and ready.session.result() is not None
    assert len(ready.session.all_results()) == 3


def test_a_path_that_the_system_refuses_is_said(
    qtbot, window: MainWindow, ready: Workspace
) -> None:
    window.open([Path("/" + "x" * 5000)])
    wait(qtbot, lambda: not ready.session.loading_photos)
    assert ready.photos.banner.text


def test_scrolling_past_a_field_changes_nothing(ready: Workspace) -> None:
    before = ready.session.settings
    for field in (ready.run.calls, ready.run.seed, ready.run.method, ready.run.fill,
                  ready.run.preset, ready.image.page, ready.model.choice):  # fmt: skip
        field.clearFocus()
        ready.viewer.canvas.setFocus()
        middle = QPointF(field.rect().center())
        event = QWheelEvent(
            middle, QPointF(field.mapToGlobal(middle)), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
    assert ready.run.settings == before == ready.session.settings


def test_many_jobs_are_held_in_one_change(qtbot, ready: Workspace) -> None:
    queue, session = ready.session.queue, ready.session
    queue.pause()
    session.run_photos()
    told: list[None] = []
    queue.changed.connect(lambda: told.append(None))
    numbers = [e.number for e in queue.pending()]
    ready.queue.hold_requested.emit(numbers)
    assert len(queue.held()) == len(numbers) == 3 and len(told) == 1
    ready.queue.release_requested.emit(numbers)
    assert not queue.held() and len(told) == 2


def test_a_map_of_which_more_is_being_written_is_read(
    qtbot, window: MainWindow, ready: Workspace
) -> None:
    """For a moment, its files are on their way to their place."""
    run_all(qtbot, ready)
    session = ready.session
    state = session.findings.states[session.paths[0], session.model.address]
    wait(qtbot, lambda: bool(state.kept))
    (kept,) = state.kept.values()
    folder, away = kept.manifest.parent, kept.manifest.parent.with_name("away")
    folder.rename(away)
    back = threading.Timer(0.06, away.rename, (folder,))
    back.start()
    try:
        found = SavedMap(kept.manifest, session.paths[0]).read()
    finally:
        back.join()
    assert found.target.index == kept.target
