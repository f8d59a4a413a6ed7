"""A session is a folder as a batch writes it: each goes on with the other's, in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from decam_engine import ResultFolder, explain, load_explanation, load_image, load_model
from decam_engine.cli import main
from decam_gui.core.folder import FolderError, note_failure, open_results, read_session, write_index
from decam_gui.core.names import HEAD, INDEX, LINES, LOCK
from decam_gui.main_window import MainWindow
from decam_gui.session import PhotoState, RunSettings
from decam_gui.workspace import Workspace
from tests.batch_folders import check_whole, command, contents, run, tiny_model, write_photos
from tests.gui.waiting import wait

FEW = RunSettings(calls=100)
# What only one of the two writes.
APPS = (INDEX, LOCK)


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str], rectangle_onnx: Path) -> Callable[..., Any]:
    """Runs ``decam batch`` here, with the calls of the sessions; the JSON document."""

    def run_here(photos: object, out: Path, *more: object, expected: int = 0) -> dict[str, Any]:
        asked = ["batch", str(photos), "--model", str(rectangle_onnx), "--out", str(out)]
        code = main([*asked, "--calls", "100", "--no-gallery", "--json", *map(str, more)])
        out_text, err = capsys.readouterr()
        assert code == expected, err
        return json.loads(out_text) if out_text else {"error": err}

    return run_here


@pytest.fixture
def opened(qtbot, fresh_settings: None) -> Iterator[Callable[[Path], Workspace]]:
    """Opens a folder in a further window."""
    made: list[MainWindow] = []

    def make(folder: Path) -> Workspace:
        window = MainWindow()
        window.show()
        made.append(window)
        window.open_session(folder)
        window.open_workspace()
        space = window.workspace
        assert space is not None
        space.trust_card.set_auto(False)
        wait(qtbot, lambda: space.keeping.folder == folder and space.session.model is not None)
        wait(qtbot, lambda: not space.session.loading_model)
        return space

    yield make
    for window in made:
        window.close()
        window.deleteLater()


def explain_all(qtbot, space: Workspace, settings: RunSettings = FEW) -> Path:
    space.trust_card.set_auto(False)
    session = space.session
    session.change_settings(settings)
    session.run_photos()
    wait(qtbot, lambda: session.job is None)
    folder = space.keeping.folder
    assert folder is not None
    wait(qtbot, lambda: len(answers(folder)) == len(session.paths))
    return folder


def answers(folder: Path) -> list[Any]:
    if not (folder / HEAD).is_file():
        return []
    with ResultFolder(folder, write=False) as results:
        return [e for e in results.entries() if e.state == "done"]


def test_the_queue_writes_the_files_of_a_batch(
    qtbot, window: MainWindow, ready: Workspace, batch: Callable[..., Any], tmp_path: Path
) -> None:
    session = explain_all(qtbot, ready)
    photos = ready.session.paths[0].parent
    window.close()
    batch(photos, tmp_path / "batch")
    mine = {n: c for n, c in contents(session).items() if n not in APPS}
    its = contents(tmp_path / "batch")
    assert {"table.csv", "averages/averages.csv"} <= mine.keys()
    assert mine == its
    assert len(check_whole(session)) == 3


def test_a_batch_goes_on_with_a_session_and_the_window_with_that(
    qtbot, window: MainWindow, ready: Workspace, batch, opened, photo_files: list[Path]
) -> None:
    folder = explain_all(qtbot, ready)
    refused = batch(photo_files[0].parent, folder, expected=2)
    assert "being written to by another process" in refused["error"]
    window.close()
    more = write_photos(photo_files[0].parent, 2)
    document = batch(more, folder)
    assert (document["there"], document["answered"], document["calls"]) == (3, 2, 200)
    session = opened(folder).session
    wait(qtbot, lambda: session.result() is not None)
    # What the batch added is there, after what the window knew.
    assert session.paths == [*photo_files, more / "0000.png", more / "0001.png"]
    assert [session.facts(p).state for p in session.paths] == [PhotoState.EXPLAINED] * 5
    assert not session.queue.entries


def test_the_window_goes_on_in_the_folder_of_a_batch(
    qtbot, batch, opened, tmp_path: Path, rectangle_onnx: Path
) -> None:
    photos, out = write_photos(tmp_path / "p", 2, bad=1), tmp_path / "out"
    batch(photos, out, expected=2)
    space = opened(out)
    session = space.session
    assert session.paths == sorted(photos.iterdir())
    assert session.model.path == rectangle_onnx
    session.change_settings(RunSettings(calls=100, seed=4))
    session.run_photos(session.paths[:1])
    wait(qtbot, lambda: session.job is None and len(answers(out)) == 3)
    space.window().close()
    again = batch(photos, out, "--seed", 4, expected=2)
    assert (again["there"], again["answered"], again["failed"]) == (1, 1, 1)


def test_classes_that_share_a_run_are_one_answer(
    qtbot, window: MainWindow, ready: Workspace, batch, opened, tmp_path: Path
) -> None:
    session = ready.session
    ready.trust_card.set_auto(False)
    session.change_settings(FEW)
    session.run_targets([0, 1])
    wait(qtbot, lambda: session.job is None)
    folder, photo = ready.keeping.folder, session.current
    wait(qtbot, lambda: len(answers(folder)) == 1)
    (entry,) = answers(folder)
    assert entry.question.targets == (0, 1)
    assert [r["row"]["target_index"] for r in entry.results] == [0, 1]
    check_whole(folder)
    window.close()
    targets = tmp_path / "targets.csv"
    targets.write_text(f"photo,target\n{photo},0\n{photo},1\n")
    assert batch(photo, folder, "--targets", targets)["there"] == 1
    again = opened(folder).session
    wait(qtbot, lambda: again.result() is not None)
    assert set(again.findings.known(photo, again.model.address).kept) == {0, 1}


def test_a_map_that_was_checked_takes_the_place_of_the_unchecked_one(
    qtbot, window: MainWindow, ready: Workspace, batch, opened
) -> None:
    session = ready.session
    session.change_settings(FEW)
    session.run()

    def measured() -> bool:
        folder = ready.keeping.folder
        found = [] if folder is None else answers(folder)
        return bool(found) and found[0].results[0]["row"]["insertion"] is not None

    wait(qtbot, measured)
    folder, photo = ready.keeping.folder, session.current
    window.close()
    check_whole(folder)
    assert len(list((folder / "results").glob("??/*"))) == 1
    assert batch(photo, folder)["there"] == 1
    assert batch(photo, folder, "--faithfulness")["there"] == 1
    again = opened(folder).session
    wait(qtbot, lambda: again.result() is not None)
    assert again.result().faithfulness is not None


def test_a_photograph_under_two_names_has_one_answer_and_two_places(
    qtbot, window: MainWindow, ready: Workspace, opened
) -> None:
    session = ready.session
    first = session.paths[0]
    twin = first.with_name("twin.png")
    twin.write_bytes(first.read_bytes())
    window.open([twin])
    wait(qtbot, lambda: twin in session.paths)
    wait(qtbot, session.can_run)
    ready.trust_card.set_auto(False)
    session.change_settings(FEW)
    session.run_photos([first, twin])
    wait(qtbot, lambda: session.job is None)
    wait(qtbot, lambda: bool(session.findings.known(twin, session.model.address).kept))
    folder = ready.keeping.folder
    window.close()
    assert len(answers(folder)) == 1
    again = opened(folder).session
    states = {p.name: again.facts(p).state for p in again.paths}
    assert states["twin.png"] == states[first.name] == PhotoState.EXPLAINED


def test_a_session_of_an_older_version_is_read_and_goes_on(
    qtbot, batch, opened, tmp_path: Path, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    folder = tmp_path / "old"
    box = load_model(rectangle_onnx)
    result = explain(box, load_image(photo_files[0]), calls=100)
    manifest = next(
        f for f in result.save(folder / "results", ("input", "json")) if f.suffix == ".json"
    )
    model = {
        "path": str(rectangle_onnx),
        "address": str(rectangle_onnx),
        "sha256": box.describe()["sha256"],
    }
    photos = [{"path": str(p)} for p in photo_files]
    job = {
        "id": "run-1",
        "photo": str(photo_files[0]),
        "model": str(rectangle_onnx),
        "targets": [],
        "settings": {"calls": 100},
    }
    write_index(folder, {"photos": photos, "models": [model], "jobs": [job]})
    line = {
        "manifest": f"results/{manifest.name}",
        "photo": str(photo_files[0]),
        "sha256": result.photo.sha256,
        "model": str(rectangle_onnx),
        "target": result.target.index,
        "label": result.target.label,
        "score": result.target.score,
        "stop_reason": result.stop_reason,
        "top": None,
        "job": "run-1",
    }
    (folder / LINES).write_text(json.dumps(line) + "\n" + '{"torn')
    space = opened(folder)
    session = space.session
    wait(qtbot, lambda: session.result() is not None)
    assert not session.queue.entries
    session.change_settings(FEW)
    session.run_photos(session.paths[1:])
    wait(qtbot, lambda: session.job is None and len(answers(folder)) == 2)
    space.window().close()
    # A batch takes in what lies there as older versions left it.
    document = batch(photo_files[0].parent, folder)
    assert (document["there"], document["answered"]) == (3, 0)
    assert manifest.is_file()


def test_a_folder_in_use_by_a_batch_is_left_alone(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    with ResultFolder(tmp_path / "busy"):
        window.open_session(tmp_path / "busy")
        wait(qtbot, lambda: "decam batch goes on with it" in ready.queue.ended.text)
        with pytest.raises(FolderError, match="in use"):
            open_results(tmp_path / "busy")
    assert len(ready.session.paths) == 3


def test_a_folder_of_a_batch_is_read_without_a_window(tmp_path: Path) -> None:
    model, photos, out = tiny_model(tmp_path), write_photos(tmp_path / "p", 2), tmp_path / "out"
    run(command(photos, model, out))
    record = read_session(out)
    assert [p.path for p in record.photos] == sorted(photos.iterdir())
    assert [m.path for m in record.models] == [model]
    assert [r.kept.label for r in record.results] == ["bright spot"] * 2
    assert load_explanation(record.results[0].kept.manifest).calls == 60


def test_a_job_that_failed_is_recorded_like_a_failed_photograph_of_a_batch(
    qtbot, window: MainWindow, ready: Workspace, batch, opened, tmp_path: Path
) -> None:
    session, photo = ready.session, ready.session.paths[1]
    whole = photo.read_bytes()
    photo.write_bytes(b"no picture any more")
    wait(qtbot, lambda: session.library.decoded(session.paths[0]) is not None)
    session.library.put_away(photo)
    folder = explain_those_that_can_be(qtbot, ready, 2)
    wait(qtbot, lambda: len(failures(folder)) == 1)
    assert session.facts(photo).state is PhotoState.FAILED
    window.close()
    batch(photo.parent, tmp_path / "batch", expected=2)
    assert failures(folder) == failures(tmp_path / "batch")
    # The list says so when the session is opened again, and why.
    again = opened(folder)
    facts = again.session.facts(photo)
    assert facts.state in (PhotoState.FAILED, PhotoState.BROKEN)
    assert "photo 1.png" in facts.problem
    again.window().close()
    photo.write_bytes(whole)
    assert batch(photo.parent, folder)["answered"] == 1


def test_a_failure_takes_no_answer_away(tmp_path: Path) -> None:
    model, photos, out = tiny_model(tmp_path), write_photos(tmp_path / "p", 1), tmp_path / "out"
    run(command(photos, model, out))
    with ResultFolder(out) as results:
        (entry,) = results.entries()
        note_failure(results, entry.question, "The disk hiccuped.")
        assert [e.state for e in results.entries()] == ["done"]


def explain_those_that_can_be(qtbot, space: Workspace, count: int) -> Path:
    space.trust_card.set_auto(False)
    space.session.change_settings(FEW)
    space.session.run_photos()
    wait(qtbot, lambda: space.session.job is None)
    folder = space.keeping.folder
    assert folder is not None
    wait(qtbot, lambda: len(answers(folder)) == count)
    return folder


def failures(folder: Path) -> list[dict[str, Any]]:
    with ResultFolder(folder, write=False) as results:
        return [e.record() for e in results.entries() if e.state == "failed"]
