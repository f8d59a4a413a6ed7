"""Sessions: nothing finished is lost, whatever ends the program, and folders may move."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from decam_engine import explain, load_image, load_model
from decam_gui.core.files import find_moved
from decam_gui.core.folder import FolderError, copy_session, read_session, write_index
from decam_gui.core.names import ANSWERS, INDEX, LOCK
from decam_gui.core.places import sessions_folder
from decam_gui.keeping import crashed
from decam_gui.main_window import MainWindow
from decam_gui.session import PhotoState, RunSettings
from decam_gui.workspace import Workspace
from tests.gui.test_window_main_job import drop
from tests.gui.waiting import wait

FEW = RunSettings(calls=100)
ROOT = Path(__file__).resolve().parents[2]


def press(qtbot, banner, number: int) -> None:
    """Press a button of a banner, once it has been laid out."""

    def shown() -> list[QPushButton]:
        return [b for b in banner.findChildren(QPushButton) if b.isVisible()]

    wait(qtbot, lambda: len(shown()) > number)
    QTest.mouseClick(shown()[number], Qt.MouseButton.LeftButton)


def explain_all(qtbot, space: Workspace) -> Path:
    """Explain every photograph, wait until all is kept; the session's folder."""
    # Or a map that was measured would be kept a second time.
    space.trust_card.set_auto(False)
    session = space.session
    session.change_settings(FEW)
    session.run_photos()
    count = len(session.paths)
    folder = space.keeping.folder
    assert folder is not None
    wait(qtbot, lambda: session.job is None)
    wait(qtbot, lambda: len(read_session(folder).results) == count)
    return folder


@pytest.fixture
def another(fresh_settings: None) -> Iterator[Callable[[], MainWindow]]:
    """Makes further windows, as of further starts; they are closed at the end."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow()
        window.ask_loss = lambda count: True
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()


@pytest.fixture
def reopened(qtbot, another: Callable[[], MainWindow]) -> Callable[[Path], MainWindow]:
    """Opens a session in a further window."""

    def make(folder: Path) -> MainWindow:
        window = another()
        window.open_session(folder)
        window.open_workspace()
        space = window.workspace
        assert space is not None
        wait(qtbot, lambda: space.keeping.folder == folder and not space.session.loading_model)
        return window

    return make


# --- a real kill -------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a signal of POSIX systems")
def test_kill_9_loses_nothing_that_was_finished(
    qtbot, another, tmp_path: Path, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [
            sys.executable, "-c",
            "from PySide6.QtCore import QSettings\n"
            "QSettings.setDefaultFormat(QSettings.Format.IniFormat)\n"
            f"QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "
            f"{str(tmp_path / 'other settings')!r})\n"
            "from tests.gui.session_process import main; main()",
            str(rectangle_onnx), *map(str, photo_files),
        ],
        stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "kept 2":
            break
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    (folder,) = (tmp_path / "sessions").iterdir()
    assert (folder / LOCK).exists()

    window = another()
    window.open_workspace()
    space = window.workspace
    session = space.session
    wait(qtbot, lambda: space.keeping.folder == folder and session.model is not None)
    assert session.paths == photo_files
    assert space.queue.banner.isVisible()
    assert "One job of this session was not finished" in space.queue.banner.text
    for path in photo_files[:2]:
        session.choose_photo(path)
        wait(qtbot, lambda: session.result() is not None)
        found = session.result()
        expected = explain(load_model(rectangle_onnx), load_image(path), calls=120)
        assert np.array_equal(found.input_saliency, expected.input_saliency)
    (held,) = session.queue.held()
    assert held.spec.path == photo_files[2]
    assert held.spec.settings == RunSettings(calls=500_000, seed=7)
    assert session.job is None
    press(qtbot, space.queue.banner, 0)
    wait(qtbot, lambda: session.progress is not None)
    assert not space.queue.banner.isVisible()
    assert session.job is not None and session.job.path == photo_files[2]
    window.close()
    assert not (folder / LOCK).exists()


def test_discarded_jobs_come_back_by_undo(
    qtbot, reopened, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    ready.session.change_settings(RunSettings(calls=300_000))
    ready.session.run_photos()
    wait(qtbot, lambda: ready.session.progress is not None)
    folder = ready.keeping.folder
    window.close()
    other = reopened(folder)
    space = other.workspace
    assert "3 jobs of this session were not finished" in space.queue.banner.text
    press(qtbot, space.queue.banner, 1)
    assert space.session.queue.entries == []
    assert not space.queue.banner.isVisible()
    other.actions_.undo.trigger()
    assert len(space.session.queue.held()) == 3
    other.close()


# --- opening -----------------------------------------------------------------------------


def test_a_session_comes_back_as_it_was(
    qtbot, reopened, window: MainWindow, ready: Workspace
) -> None:
    session = ready.session
    session.choose_photo(session.paths[1])
    wait(qtbot, session.can_run)
    folder = explain_all(qtbot, ready)
    result, settings, paths = session.result(), session.settings, list(session.paths)
    window.close()
    assert not crashed(folder)
    other = reopened(folder)
    again = other.workspace.session
    wait(qtbot, lambda: again.result() is not None)
    assert again.paths == paths and again.current == paths[1]
    assert again.settings == settings
    assert np.array_equal(again.result().input_saliency, result.input_saliency)
    assert other.workspace.viewer.canvas.has_map
    assert [again.facts(p).state for p in paths] == [PhotoState.EXPLAINED] * 3
    assert again.facts(paths[0]).label == "bright spot"
    assert not other.workspace.queue.banner.isVisible()
    other.close()


def test_recent_sessions_are_offered_on_the_first_page(
    qtbot, another, window: MainWindow, ready: Workspace
) -> None:
    folder = explain_all(qtbot, ready)
    window.close()
    other = another()
    wait(qtbot, lambda: bool(other.welcome.recent.buttons))
    (button,) = other.welcome.recent.buttons
    wait(qtbot, button.isVisible)
    assert button.text() == folder.name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    other.open_workspace()
    wait(qtbot, lambda: len(other.workspace.session.paths) == 3)
    assert other.pages.currentWidget() is other.workspace
    other.close()


@pytest.mark.parametrize("inside", ["", INDEX], ids=["folder", "file"])
def test_a_session_can_be_dropped(
    qtbot, another, window: MainWindow, ready: Workspace, inside: str
) -> None:
    folder = explain_all(qtbot, ready)
    window.close()
    other = another()
    other.open_workspace()
    assert drop(other, [folder / inside])
    session = other.workspace.session
    wait(qtbot, lambda: session.result() is not None)
    assert len(session.paths) == 3


def test_only_looking_leaves_no_session_behind(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    window.close()
    assert not (tmp_path / "sessions").exists()


def test_a_session_is_saved_elsewhere_and_goes_on_there(
    qtbot, reopened, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    first = explain_all(qtbot, ready)
    new = tmp_path / "elsewhere" / "Vendor check"
    new.parent.mkdir()
    window.ask_session = lambda saving: str(new) if saving else ""
    window.actions_.save_session.trigger()
    wait(qtbot, lambda: ready.keeping.folder == new)
    assert "Vendor check" in window.windowTitle()
    # The worker lets go of the old folder when it writes to the new one first.
    wait(qtbot, lambda: not (first / ".parts").exists())
    shutil.rmtree(first)
    session = ready.session
    session.change_settings(RunSettings(calls=100, seed=5))
    session.run_photos(session.paths[:1])
    wait(qtbot, lambda: len(read_session(new).results) == 4)
    window.close()
    other = reopened(new)
    wait(qtbot, lambda: other.workspace.session.result() is not None)
    other.close()


def test_a_folder_that_is_no_session_says_so(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    window.open_session(tmp_path / "nothing here")
    wait(qtbot, lambda: "is not a session" in ready.queue.ended.text)
    assert len(ready.session.paths) == 3
    with pytest.raises(FolderError, match="not empty"):
        copy_session(tmp_path / "sessions", ready.session.paths[0].parent)


def test_a_session_that_is_open_elsewhere_is_left_alone(
    qtbot, another, window: MainWindow, ready: Workspace
) -> None:
    folder = explain_all(qtbot, ready)
    other = another()
    other.open_workspace()
    other.open_session(folder)
    # The same process holds the lock: as another window of this program would.
    space = other.workspace
    wait(qtbot, lambda: "open in another window" in space.queue.ended.text)
    assert space.session.paths == []
    other.close()


def test_a_full_disk_leaves_results_in_memory(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path, monkeypatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    monkeypatch.setenv("DECAM_SESSIONS_DIR", str(blocked / "sessions"))
    ready.session.change_settings(FEW)
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    assert ready.session.result() is not None
    wait(qtbot, lambda: "cannot be kept" in ready.queue.ended.text)


# --- folders that moved ------------------------------------------------------------------


def moved_session(qtbot, window: MainWindow, ready: Workspace, tmp_path: Path) -> Path:
    """A session whose photographs were moved to another folder, as on another machine."""
    folder = explain_all(qtbot, ready)
    window.close()
    photos = ready_photos(folder)
    new = tmp_path / "moved"
    new.mkdir()
    for number, photo in enumerate(photos):
        # One of them has another name now, and something else has its old one.
        photo.rename(new / (photo.name if number else "renamed.png"))
    (new / photos[0].name).write_bytes((new / photos[1].name).read_bytes() + b" ")
    return folder


def ready_photos(folder: Path) -> list[Path]:
    record = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    assert all(len(p["sha256"]) == 64 and p["relative"] for p in record["photos"])
    return [Path(p["path"]) for p in record["photos"]]


def test_missing_photos_are_marked_and_found_by_their_content(
    qtbot, reopened, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    folder = moved_session(qtbot, window, ready, tmp_path)
    other = reopened(folder)
    space, session = other.workspace, other.workspace.session
    assert len(session.library.missing) == 3
    rows = space.photos.rows
    wait(qtbot, lambda: "missing" in str(rows.index(0).data()))
    assert space.photos.missing.isVisible() and "3 photos" in space.photos.missing.text
    assert session.photo() is None and not session.can_run()
    asked: list[str] = []

    def answer(name: str) -> str:
        asked.append(name)
        return str(tmp_path / "moved" / "photo 1.png")

    other.ask_moved = answer
    press(qtbot, space.photos.missing, 0)
    wait(qtbot, lambda: not session.library.missing)
    assert asked == ["photo 0.png"]
    assert [p.name for p in session.paths] == ["renamed.png", "photo 1.png", "photo 2.png"]
    assert not space.photos.missing.isVisible()
    for path in session.paths:
        session.choose_photo(path)
        wait(qtbot, lambda: session.result() is not None)
        assert session.result().photo.path == path
    other.close()
    # And it is remembered.
    third = reopened(folder)
    assert not third.workspace.session.library.missing
    wait(qtbot, lambda: third.workspace.session.result() is not None)


def test_another_file_is_not_taken_for_a_missing_one(
    qtbot, reopened, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    folder = moved_session(qtbot, window, ready, tmp_path)
    other = reopened(folder)
    wrong = tmp_path / "wrong" / "photo 0.png"
    wrong.parent.mkdir()
    wrong.write_bytes(b"something else")
    other.ask_moved = lambda name: str(wrong)
    other.commands.locate_photo()
    wait(qtbot, lambda: "none of the missing files" in other.workspace.queue.ended.text)
    assert len(other.workspace.session.library.missing) == 3
    other.close()


def test_a_folder_that_moves_with_its_photos_needs_no_help(
    qtbot, reopened, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explain_all(qtbot, ready)
    window.close()
    whole = tmp_path.with_name(tmp_path.name + " on another machine")
    shutil.copytree(tmp_path, whole)
    shutil.rmtree(tmp_path / "photos")
    (folder,) = (whole / "sessions").iterdir()
    other = reopened(folder)
    session = other.workspace.session
    assert not session.library.missing
    assert {p.parent for p in session.paths} == {whole / "photos"}
    wait(qtbot, lambda: session.result() is not None)
    other.close()
    shutil.rmtree(whole)


def test_a_missing_model_is_located(
    qtbot, reopened, window: MainWindow, space: Workspace, photo_files: list[Path],
    rectangle_onnx: Path, tmp_path: Path,
) -> None:  # fmt: skip
    here = tmp_path / "model"
    shutil.copytree(rectangle_onnx.parent, here)
    model = here / rectangle_onnx.name
    window.open([*photo_files, model])
    wait(qtbot, lambda: len(space.session.paths) == 3 and space.session.can_run())
    folder = explain_all(qtbot, space)
    window.close()
    here.rename(tmp_path / "model moved")
    other = reopened(folder)
    space = other.workspace
    assert (
        space.models.isVisible() and "rectangle.onnx\nmissing" in space.models.list.item(0).text()
    )
    assert space.session.model is None
    other.ask_moved = lambda name: str(tmp_path / "model moved" / name)
    press(qtbot, space.models.missing, 0)
    wait(qtbot, lambda: space.session.result() is not None)
    assert space.session.model.path == tmp_path / "model moved" / model.name
    assert not space.models.isVisible()
    other.close()


def test_another_model_under_the_same_name_does_not_get_the_maps(
    qtbot, reopened, window: MainWindow, space: Workspace, photo_files: list[Path],
    rectangle_onnx: Path, tmp_path: Path,
) -> None:  # fmt: skip
    from tests.onnx_models import linear_model, write_sidecar

    here = tmp_path / "model"
    shutil.copytree(rectangle_onnx.parent, here)
    model = here / rectangle_onnx.name
    window.open([*photo_files, model])
    wait(qtbot, lambda: len(space.session.paths) == 3 and space.session.can_run())
    folder = explain_all(qtbot, space)
    window.close()
    weights = np.random.default_rng(0).normal(size=(3 * 64 * 64, 2)).astype(np.float32)
    linear_model(model, weights, batch="N", size=(64, 64), activation="Softmax")
    write_sidecar(model, labels=["bright spot", "other place"], size=(64, 64))
    other = reopened(folder)
    space = other.workspace
    wait(qtbot, lambda: space.session.model is not None)
    assert "is not the model of this session" in space.model.banner.text
    assert space.session.result() is None
    other.close()


def test_a_photo_that_was_changed_does_not_get_the_map(
    qtbot, reopened, window: MainWindow, ready: Workspace, photo_files: list[Path]
) -> None:
    folder = explain_all(qtbot, ready)
    window.close()
    photo_files[0].write_bytes(photo_files[1].read_bytes())
    other = reopened(folder)
    wait(qtbot, lambda: "was changed since" in other.workspace.photos.banner.text)
    assert other.workspace.session.result() is None
    other.close()


# --- folders of others -------------------------------------------------------------------


def test_a_folder_of_saved_results_opens_as_a_session(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    model = load_model(rectangle_onnx)
    out = tmp_path / "out"
    for number, path in enumerate(photo_files):
        place = out / "results" / f"{number}f" / "answer"
        explain(model, load_image(path), calls=100).save(place, formats=("input", "json"))
    window.open_session(out)
    wait(qtbot, lambda: space.session.result() is not None)
    assert space.session.paths == photo_files
    assert space.session.model.path == rectangle_onnx
    for path in photo_files[1:]:
        space.session.choose_photo(path)
        wait(qtbot, lambda: space.session.result() is not None)


# --- files -------------------------------------------------------------------------------


def test_a_torn_line_is_mended_from_its_answer(
    qtbot, reopened, window: MainWindow, ready: Workspace
) -> None:
    folder = explain_all(qtbot, ready)
    window.close()
    lines = folder / ANSWERS
    data = lines.read_bytes()
    lines.write_bytes(data[:-40])
    assert len(read_session(folder).results) == 2
    other = reopened(folder)
    session = other.workspace.session
    wait(qtbot, session.can_run)
    session.change_settings(RunSettings(calls=100, seed=9))
    session.run()
    wait(qtbot, lambda: len(read_session(folder).results) == 4)
    other.close()


def test_a_damaged_index_says_so(tmp_path: Path) -> None:
    write_index(tmp_path, {"photos": [], "models": []})
    assert read_session(tmp_path).photos == []
    (tmp_path / INDEX).write_text('{"kind": "decam-session", "schema": 1, "photos": 3}')
    with pytest.raises(FolderError, match="damaged"):
        read_session(tmp_path)
    (tmp_path / INDEX).write_text('{"kind": "decam-session", "schema": 99}')
    with pytest.raises(FolderError, match="not a session of this version"):
        read_session(tmp_path)


def test_moved_files_without_a_known_hash_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"a")
    (tmp_path / "b.png").write_bytes(b"b")
    missing = [(Path("/gone/a.png"), ""), (Path("/gone/c.png"), "")]
    assert find_moved(missing, tmp_path) == {missing[0][0]: tmp_path / "a.png"}


def test_where_sessions_are_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("DECAM_SESSIONS_DIR")
    monkeypatch.delenv("DECAM_DATA_DIR", raising=False)
    assert sessions_folder("", "/default") == Path("/default/sessions")
    monkeypatch.setenv("DECAM_DATA_DIR", "/data")
    assert sessions_folder("", "/default") == Path("/data/sessions")
    assert sessions_folder("/chosen", "/default") == Path("/chosen")
    monkeypatch.setenv("DECAM_SESSIONS_DIR", "/named")
    assert sessions_folder("/chosen", "/default") == Path("/named")


def test_what_was_stopped_goes_on_from_disk(
    qtbot, reopened, window: MainWindow, ready: Workspace
) -> None:
    session = ready.session
    session.change_settings(RunSettings(calls=1_000))
    session.run()
    wait(qtbot, lambda: session.progress is not None and session.progress.calls > 100)
    session.cancel()
    wait(qtbot, lambda: session.job is None)
    folder = ready.keeping.folder
    wait(qtbot, lambda: len(read_session(folder).results) == 1)
    window.close()
    again = reopened(folder).workspace.session
    assert again.facts(again.paths[0]).state is PhotoState.STOPPED
    wait(qtbot, again.can_run)
    again.run()
    assert again.job.resumed is not None
    wait(qtbot, lambda: again.job is None)
    whole = again.result()
    expected = explain(again.model.box, load_image(again.paths[0]), target=0, calls=1_000)
    assert np.array_equal(whole.input_saliency, expected.input_saliency)
    # With other settings it begins anew.
    again.change_settings(RunSettings(calls=100))
    again.run()
    wait(qtbot, lambda: again.job is None)
    assert again.result().budget == 100


def test_photos_of_the_session_before_do_not_come_into_the_next(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    folder = explain_all(qtbot, ready)
    other = tmp_path / "other"
    other.mkdir()
    for number in range(8):
        (other / f"{number}.png").write_bytes(ready.session.paths[0].read_bytes())
    # Both are asked for before either is answered.
    window.open([other])
    ready.session.clear()
    ready.session.open([folder.parent.parent / "photos"])
    wait(qtbot, lambda: not ready.session.loading_photos)
    assert len(ready.session.paths) == 3
    assert ready.photos.rows.rowCount() == 3
