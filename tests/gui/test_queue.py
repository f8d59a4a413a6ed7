"""The queue: one job after the other; pause, hold, move, cancel, run again; told at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest

from decam_engine import explain, load_image
from decam_gui.core.jobs import JobSpec, JobState, RunSettings
from decam_gui.main_window import MainWindow
from decam_gui.views.queue_model import Column
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait

MANY = RunSettings(calls=200_000)
FEW = RunSettings(calls=100)


def states(space: Workspace) -> list[str]:
    return [e.state.value for e in space.session.queue.entries]


def choose(space: Workspace, *rows: int) -> None:
    """Select rows of the table, as a click with Ctrl does."""
    table = space.queue.table
    table.clearSelection()
    for row in rows:
        table.selectionModel().select(
            space.queue.rows.index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def press(space: Workspace, name: str) -> None:
    """Click a button above the table."""
    button = space.queue._buttons[name]
    assert button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def text(space: Workspace, row: int, column: Column) -> str:
    return str(space.queue.rows.index(row, column).data())


@pytest.fixture
def long_first(qtbot, window: MainWindow, ready: Workspace) -> Workspace:
    """The first photograph runs for long, the two others wait."""
    session = ready.session
    session.change_settings(MANY)
    session.run_photos(session.paths[:1])
    session.change_settings(FEW)
    session.run_photos(session.paths[1:])
    window.actions_.show_queue.trigger()
    wait(qtbot, lambda: session.progress is not None)
    assert states(ready) == ["running", "waiting", "waiting"]
    return ready


def test_all_photos_run_one_after_the_other(qtbot, window: MainWindow, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(FEW)
    together: list[int] = []
    ready.workers.runner.started.connect(lambda _: together.append(states(ready).count("running")))
    window.actions_.run_all.trigger()
    assert len(session.queue.entries) == 3
    wait(qtbot, lambda: states(ready) == ["done"] * 3)
    assert together and max(together) == 1
    assert session.job is None
    for path in session.paths:
        session.choose_photo(path)
        wait(qtbot, lambda: session.result() is not None)
        result = session.result()
        assert result is not None and result.calls <= 100 and result.photo.path == path
    # Just the same again is new, as the others have ended; a photograph twice at once is not.
    assert session.run_photos(session.paths[:1] * 2) == 1
    wait(qtbot, lambda: session.job is None)


def test_the_table_says_how_far_everything_is(qtbot, long_first: Workspace) -> None:
    wait(qtbot, lambda: bool(text(long_first, 0, Column.LEFT)))
    assert text(long_first, 0, Column.STATE) == "Running"
    assert text(long_first, 0, Column.PHOTO) == "photo 0.png"
    assert text(long_first, 0, Column.MODEL) == "rectangle.onnx"
    assert text(long_first, 0, Column.TARGET) == "bright spot"
    assert text(long_first, 0, Column.PROGRESS).endswith("/ 200,000")
    assert int(text(long_first, 0, Column.RATE).replace(",", "")) > 0
    assert text(long_first, 1, Column.STATE) == "Waiting"
    assert text(long_first, 1, Column.PROGRESS) == ""
    assert long_first.queue.toggle.text() == "Queue (0 of 3)"
    assert long_first.queue.table.isVisible()


def test_pause_holds_the_run_and_resume_goes_on(
    qtbot, window: MainWindow, long_first: Workspace
) -> None:
    session = long_first.session
    QTest.mouseClick(long_first.queue.pause_button, Qt.MouseButton.LeftButton)
    assert session.queue.paused
    # What was under way when it was pressed may still come.
    qtbot.wait(600)
    before = session.queue.entries[0].calls
    qtbot.wait(400)
    assert session.queue.entries[0].calls == before
    assert text(long_first, 0, Column.STATE) == "Paused"
    assert long_first.progress.numbers.text() == "Paused"
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert not session.queue.paused
    wait(qtbot, lambda: session.queue.entries[0].calls > before)


def test_a_paused_run_can_be_cancelled(qtbot, long_first: Workspace) -> None:
    session = long_first.session
    session.queue.pause()
    session.cancel()
    wait(qtbot, lambda: states(long_first)[0] == "stopped")
    # Paused: nothing new begins.
    assert session.job is None and states(long_first)[1:] == ["waiting"] * 2
    session.queue.resume()
    wait(qtbot, lambda: states(long_first) == ["stopped", "done", "done"])


def test_jobs_are_moved_and_taken_out_and_put_back(
    qtbot, window: MainWindow, long_first: Workspace
) -> None:
    session = long_first.session
    numbers = [e.number for e in session.queue.entries]
    choose(long_first, 2)
    press(long_first, "earlier")
    assert [e.number for e in session.queue.entries] == [numbers[0], numbers[2], numbers[1]]
    assert long_first.queue.chosen() == [numbers[2]]
    choose(long_first, 1)
    QTest.keyClick(long_first.queue.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [e.number for e in session.queue.entries] == numbers
    choose(long_first, 1, 2)
    QTest.keyClick(long_first.queue.table, Qt.Key.Key_Delete)
    assert states(long_first) == ["running"]
    window.actions_.undo.trigger()
    assert [e.number for e in session.queue.entries] == numbers
    assert states(long_first) == ["running", "waiting", "waiting"]


def test_a_held_job_waits_until_it_is_released(qtbot, long_first: Workspace) -> None:
    session = long_first.session
    choose(long_first, 1)
    press(long_first, "hold")
    session.cancel()
    wait(qtbot, lambda: states(long_first) == ["stopped", "held", "done"])
    choose(long_first, 1)
    press(long_first, "release")
    wait(qtbot, lambda: states(long_first) == ["stopped", "done", "done"])
    press(long_first, "clear")
    assert states(long_first) == []
    assert session.findings.states


def test_a_stopped_job_goes_on_where_it_was(
    qtbot, ready: Workspace, photo_files: list[Path]
) -> None:
    session = ready.session
    session.change_settings(RunSettings(calls=1_000))
    session.run()
    wait(qtbot, lambda: session.progress is not None and session.progress.calls > 100)
    session.cancel()
    wait(qtbot, lambda: session.job is None)
    stopped = session.result()
    assert stopped is not None and stopped.cancelled and stopped.calls < 1_000
    choose(ready, 0)
    ready.queue.open_table(True)
    begun: list[int] = []
    session.progressed.connect(lambda p: begun.append(p.calls))
    press(ready, "retry")
    wait(qtbot, lambda: states(ready) == ["done"])
    whole = session.result()
    assert whole is not None and whole.calls <= 1_000 and not whole.stopped
    # It is told what it had found, and is as if it had never been stopped.
    model = session.model.box
    expected = explain(model, load_image(photo_files[0]), target=0, calls=1_000)
    assert np.array_equal(whole.input_saliency, expected.input_saliency)


def test_a_failed_job_says_why_and_runs_again(qtbot, ready: Workspace, photo_files) -> None:
    session = ready.session
    session.change_settings(FEW)
    gone = photo_files[1].read_bytes()
    session.library.put_away(photo_files[1])
    photo_files[1].unlink()
    session.run_photos([photo_files[1], photo_files[2]])
    wait(qtbot, lambda: states(ready) == ["failed", "done"])
    assert "does not exist" in session.queue.entries[0].text
    ready.queue.open_table(True)
    tip = ready.queue.rows.index(0, Column.STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert "does not exist" in tip
    photo_files[1].write_bytes(gone)
    choose(ready, 0)
    press(ready, "retry")
    wait(qtbot, lambda: states(ready) == ["done", "done"])


def test_several_classes_share_a_run(qtbot, window: MainWindow, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(RunSettings(calls=300))
    window.actions_.run_top.trigger()
    assert len(session.queue.entries) == 1
    wait(qtbot, lambda: session.job is None)
    state = session.state()
    assert state is not None and set(state.results) == {0, 1}
    assert state.results[1].shared_calls > 0
    assert text(ready, 0, Column.TARGET) == "bright spot, other place"
    assert text(ready, 0, Column.PROGRESS) == "600 / 600"


def test_classes_that_cannot_share_become_jobs_of_their_own(qtbot, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(RunSettings(preset="until-stable"))
    session.queue.pause()
    assert session.run_targets([0, 1]) == 2
    assert [e.spec.targets for e in session.queue.entries] == [(0,), (1,)]


def test_bad_settings_are_told_and_nothing_is_queued(qtbot, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(RunSettings(calls=1))
    session.run()
    assert "needs at least" in ready.run.banner.text
    assert session.queue.entries == []


def test_a_job_shows_its_photo_when_it_is_activated(qtbot, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(FEW)
    session.run_photos()
    wait(qtbot, lambda: session.job is None)
    ready.queue.open_table(True)
    ready.queue.table.activated.emit(ready.queue.rows.index(2, 0))
    assert session.current == session.paths[2]
    assert session.result() is not None


def test_the_end_is_told_in_the_window_where_the_desktop_cannot(qtbot, ready: Workspace) -> None:
    session = ready.session
    session.change_settings(FEW)
    seen: list[int] = []
    ready.queueing.task_bar.percent_changed.connect(seen.append)
    titles: list[str] = []
    ready.window().windowTitleChanged.connect(titles.append)
    session.run_photos()
    wait(qtbot, lambda: session.job is None)
    assert ready.queue.ended.text == "All 3 jobs are done."
    assert seen[-1] == -1 and max(seen) >= 33 and seen[:-1] == sorted(seen[:-1])
    assert any("% - " in t for t in titles) and "%" not in ready.window().windowTitle()


def test_a_model_or_photo_with_jobs_is_not_changed(qtbot, long_first: Workspace) -> None:
    session = long_first.session
    assert not session.model_changeable()
    last = session.paths[2]
    session.choose_photo(last)
    wait(qtbot, lambda: session.photo() is not None)
    session.change_reading({"page": 1})
    assert last not in session.library.readings
    first = session.paths[0]
    session.remove_photo(first)
    assert first in session.paths and "is being explained" in long_first.photos.banner.text


def test_jobs_leave_with_their_photo_and_come_back_with_it(
    qtbot, window: MainWindow, long_first: Workspace
) -> None:
    session = long_first.session
    session.remove_photos(session.paths[1:])
    assert states(long_first) == ["running"]
    window.actions_.undo.trigger()
    assert states(long_first) == ["running", "waiting", "waiting"]
    assert [e.spec.path for e in session.queue.entries] == session.paths


def test_one_model_session_is_shared_and_stays_open_while_it_runs(
    qtbot, long_first: Workspace
) -> None:
    session = long_first.session
    box = session.job.box
    assert box is session.model.box
    session.choose_photo(session.paths[1])
    wait(qtbot, lambda: bool(session.predictions()))
    assert session.job is not None and session.job.box is box
    spec = JobSpec(session.paths[1], session.model.address, settings=FEW)
    assert session.queue.asked(spec)
    session.queue.cancel_all()
    wait(qtbot, lambda: session.job is None)
    assert states(long_first) == [JobState.STOPPED]


def test_closing_while_jobs_wait_ends_all_threads(qtbot, window: MainWindow, long_first) -> None:
    threads = list(long_first.workers.threads)
    assert window.close()
    assert threads and not any(t.isRunning() for t in threads)
