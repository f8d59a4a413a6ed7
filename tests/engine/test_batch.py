"""``decam batch``: answered once, whatever happens, and no more than was allowed."""

from __future__ import annotations

import csv
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decam_engine import (
    ResultFolder,
    SettingsError,
    explain,
    load_explanation,
    load_image,
    load_model,
)
from decam_engine.batch.guards import RESERVE, Space
from decam_engine.batch.local import ProcessExecutor, ThreadExecutor
from decam_engine.batch.opening import ModelSpec, keep
from decam_engine.batch.runner import Order, absolute, batch_steps
from decam_engine.batch.split import Split, Trial, candidates
from decam_engine.batch.targets import Targets, read_targets
from decam_engine.cli import main
from tests.batch_folders import (
    check_index,
    check_whole,
    command,
    contents,
    run,
    run_killed,
    tiny_model,
    write_photos,
)
from tests.inference_server import serving

READING = {"page": None, "window": None, "background": [255, 255, 255]}
SETTINGS = {
    "method": "de",
    "preset": "balanced",
    "budget": 60,
    "seed": 0,
    "fill": None,
    "faithfulness": False,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_photos(tmp_path / "photos", 3, bad=1)


def batch(
    capsys: pytest.CaptureFixture[str], *arguments: object, expected: int = 0
) -> dict[str, Any]:
    """Run ``decam batch`` here; the JSON document."""
    fixed = ["--threads", "1", "--batch-size", "8", "--calls", "60", "--json"]
    code = main(["batch", *map(str, arguments), *fixed])
    out, err = capsys.readouterr()
    assert code == expected, err
    document: dict[str, Any] = json.loads(out)
    return document


def table(out: Path) -> list[dict[str, str]]:
    with (out / "table.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# --- one run -----------------------------------------------------------------------------


def test_a_folder_with_a_bad_photograph(
    capsys: pytest.CaptureFixture[str], photos: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    document = batch(capsys, photos, "--model", model, "--out", out, expected=2)
    assert (document["answered"], document["failed"], document["there"]) == (3, 1, 0)
    assert document["calls"] == 3 * 60 and document["stop_reason"] == "finished"
    assert "not an image" in document["failures"][0]["error"]
    with ResultFolder(out, write=False) as folder:
        states = {e.question.photo["name"]: e.state for e in folder.entries()}
        done = [e for e in folder.entries() if e.state == "done"]
        results = [r for e in done for r in folder.load(e)]
    assert states.pop("bad0.png") == "failed" and set(states.values()) == {"done"}
    assert all(r.calls == 60 for r in results)
    rows = table(out)
    assert [Path(r["path"]).name for r in rows] == ["0000.png", "0001.png", "0002.png", "bad0.png"]
    assert rows[0]["target_label"] == "bright spot" and rows[0]["state"] == "done"
    assert load_explanation(out / rows[0]["manifest"]).target.label == "bright spot"
    assert "not an image" in rows[3]["error"]
    with np.load(out / "averages" / "averages.npz") as averages:
        assert averages["names"].tolist() == ["tiny.onnx\tbright spot"]
        assert averages["counts"].tolist() == [3] and averages["maps"].shape == (1, 28, 28)
    gallery = (out / "gallery.html").read_text(encoding="utf-8")
    assert "bad0.png" in gallery and "0001.png" in gallery
    # Again: nothing is scored; the bad one is tried, and recorded no second time.
    again = batch(capsys, photos, "--model", model, "--out", out, expected=2)
    assert (again["answered"], again["failed"], again["there"], again["calls"]) == (0, 1, 3, 0)
    assert list(check_index(out).values()).count("failed") == 1
    # With another photograph, only that is scored.
    write_photos(photos, 4)
    more = batch(capsys, photos, "--model", model, "--out", out, expected=2)
    assert (more["answered"], more["there"], more["calls"]) == (1, 3, 60)


def test_what_a_folder_holds_is_summed_up_without_asking_again(
    capsys: pytest.CaptureFixture[str], model: Path, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    batch(capsys, photos, "--model", model, "--out", out, expected=2)
    before = {n: c for n, c in contents(out).items() if n != "gallery.html"}
    (out / "table.csv").unlink()
    shutil.rmtree(out / "averages")
    assert main(["batch", "--overview", "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["rows"] == len(table(out))
    assert str(out / "gallery.html") in document["files"]
    assert {n: c for n, c in contents(out).items() if n != "gallery.html"} == before


def test_a_table_that_cannot_be_written_hides_nothing(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 1), tmp_path / "out"
    (out / "table.csv" / "in the way").mkdir(parents=True)
    document = batch(capsys, photos, "--model", model, "--out", out, expected=2)
    assert (document["answered"], document["stop_reason"]) == (1, "finished")
    assert "table" in document["message"]
    assert not list(out.glob(".decam-*"))


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--overview"], "is no folder of results"),
        (["--overview", "photos"], "give it no folders of photographs"),
        (["photos"], "found no --model"),
        (["nowhere", "--model", "demo"], "nowhere does not exist"),
        (["--model", "demo"], "found no folder"),
    ],
)
def test_a_batch_of_nothing_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str], complaint: str
) -> None:
    assert main(["batch", "--out", str(tmp_path / "none"), *more]) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_what_changes_the_map_is_another_question(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 1), tmp_path / "out"
    assert batch(capsys, photos, "--model", model, "--out", out)["answered"] == 1
    assert batch(capsys, photos, "--model", model, "--out", out, "--seed", 1)["answered"] == 1
    assert batch(capsys, photos, "--model", model, "--out", out, "--fill", "black")["answered"] == 1
    # Moved and renamed, the photograph is the same.
    (photos / "0000.png").rename(photos / "renamed.png")
    assert batch(capsys, photos, "--model", model, "--out", out)["answered"] == 0


def test_the_same_photograph_twice_is_explained_once(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 1), tmp_path / "out"
    shutil.copy(photos / "0000.png", photos / "twin.png")
    document = batch(capsys, photos, "--model", model, "--out", out)
    assert (document["answered"], document["there"], document["calls"]) == (1, 1, 60)
    assert [r["photo"] for r in table(out)] == ["0000.png", "twin.png"]


def test_two_models_and_their_disagreement(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    from tests.fakes import OTHER, SIZE
    from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

    other = tmp_path / "other.onnx"
    linear_model(other, rectangle_weights(SIZE, (OTHER, OTHER), gain=0.5), size=SIZE)
    write_sidecar(other, labels=["another", "bright spot"], size=SIZE)
    photos, out = write_photos(tmp_path / "photos", 1), tmp_path / "out"
    models = ("--model", model, "--model", other)
    assert batch(capsys, photos, *models, "--out", out)["answered"] == 2
    rows = table(out)
    assert sorted(r["model"] for r in rows) == ["other.onnx", "tiny.onnx"]
    assert all("Another model" in r["look"] and float(r["weight"]) >= 3 for r in rows)


def test_several_classes_of_each_photograph(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 1), tmp_path / "out"
    batch(capsys, photos, "--model", model, "--out", out, "--targets", "top2")
    rows = table(out)
    assert [r["target_label"] for r in rows] == ["bright spot", "other place"]
    assert len({r["manifest"] for r in rows}) == 2
    with ResultFolder(out, write=False) as folder:
        (entry,) = folder.entries()
        assert len(folder.load(entry)) == 2


def test_the_table_as_parquet_is_the_one_as_csv(
    capsys: pytest.CaptureFixture[str], photos: Path, model: Path, tmp_path: Path
) -> None:
    from pyarrow import parquet

    out = tmp_path / "out"
    batch(
        capsys, photos, "--model", model, "--out", out, "--table", "csv,parquet", "--faithfulness",
        expected=2,
    )  # fmt: skip
    found = parquet.read_table(out / "table.parquet")
    rows = table(out)
    assert found.schema.names == list(rows[0]) and found.num_rows == len(rows) == 4
    for one, other in zip(found.to_pylist(), rows, strict=True):
        for name, text in other.items():
            value = one[name]
            if value is None:
                assert text == "", name
            elif isinstance(value, str):
                # A spreadsheet would run some texts; Parquet has them as they are.
                assert text.removeprefix("'") == value, name
            else:
                assert float(text) == pytest.approx(value, rel=1e-7), name
    kinds = {f.name: str(f.type) for f in found.schema}
    assert (kinds["calls"], kinds["target_score"], kinds["photo"]) == ("int64", "double", "string")
    # What is text must not hold numbers: they would not be sorted or added up.
    with ResultFolder(out, write=False) as folder:
        for entry in folder.entries():
            for result in entry.results:
                for name, value in result["row"].items():
                    assert value is None or isinstance(value, str) == (kinds[name] == "string")


def test_parquet_without_its_library_says_so_before_anything_begins(
    capsys: pytest.CaptureFixture[str],
    photos: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    out = tmp_path / "out"
    asked = ["batch", str(photos), "--model", str(model), "--out", str(out), "--table"]
    assert main([*asked, "parquet"]) == 2
    assert "decam-studio[parquet]" in capsys.readouterr().err
    assert main([*asked, "xlsx"]) == 2
    assert "must be one of csv, parquet" in capsys.readouterr().err
    assert not out.exists()


# --- targets -----------------------------------------------------------------------------


def test_targets_from_a_table(
    capsys: pytest.CaptureFixture[str], photos: Path, model: Path, tmp_path: Path
) -> None:
    out, file = tmp_path / "out", tmp_path / "targets.csv"
    file.write_text(
        "\ufeffTarget;photo\nother place;0000.png\n0;photos/0001.png\n1;0001.png\n1;gone.png\n",
        encoding="utf-8",
    )
    document = batch(capsys, photos, "--model", model, "--out", out, "--targets", file)
    assert document["answered"] == 2
    found = [(r["photo"], r["target_label"]) for r in table(out)]
    assert found == [
        ("0000.png", "other place"),
        ("0001.png", "bright spot"),
        ("0001.png", "other place"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "lacks a column"),
        ("photo,class\na.png,1\n", "lacks a column"),
        ("photo,target\n", "names no photograph"),
        ("photo,target\na.png,\n", "a line without target"),
        ("photo,target\nelsewhere.png,1\n", "names none of the 2 photographs"),
        ("photo,target\na.png,1\n", "fits 2 photographs"),
    ],
)
def test_unusable_tables_of_targets(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(SettingsError, match=complaint):
        read_targets(str(file), [tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"])


def test_unusable_targets(tmp_path: Path) -> None:
    for text in ("top0", "top", "3", "top101", "targets.txt"):
        with pytest.raises(SettingsError, match="must be top1"):
            read_targets(text, [])
    with pytest.raises(SettingsError, match="could not be read"):
        read_targets(str(tmp_path / "none.csv"), [])


# --- guard rails -------------------------------------------------------------------------


def test_a_dry_run_scores_nothing_for_the_batch_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], photos: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    dry = batch(capsys, photos, "--model", model, "--out", out, "--dry-run")["dry_run"]
    assert (dry["questions"], dry["there"], dry["calls"]) == (4, 0, 4 * 60)
    assert dry["seconds"] > 0 and dry["free"] > 0 and (dry["sample"], dry["unreadable"]) == (4, 1)
    assert not out.exists()
    document = batch(capsys, photos, "--model", model, "--out", out, expected=2)
    assert 0.4 * dry["per_answer"] < document["written"] / 3 < 1.5 * dry["per_answer"]
    after = batch(capsys, photos, "--model", model, "--out", out, "--dry-run")["dry_run"]
    assert (after["there"], after["calls"]) == (3, 60)


def test_the_budget_of_calls_is_never_exceeded(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 4), tmp_path / "out"
    asked = (photos, "--model", model, "--out", out, "--max-calls")
    first = batch(capsys, *asked, 150, expected=2)
    assert (first["answered"], first["calls"], first["stop_reason"]) == (2, 120, "max-calls")
    assert "Run the same command again" in first["message"]
    second = batch(capsys, *asked, 1000)
    assert (second["answered"], second["there"], second["calls"]) == (2, 2, 120)
    code = main(["batch", str(photos), "--model", str(model), "--out", str(out)])
    assert code == 0
    capsys.readouterr()
    assert main(["batch", *map(str, asked), "59", "--calls", "60"]) == 2
    assert "does not last for one photograph" in capsys.readouterr().err


def test_too_little_room_is_said_before_and_noticed_on_the_way(
    capsys: pytest.CaptureFixture[str],
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos, out = write_photos(tmp_path / "photos", 4), tmp_path / "out"
    usage = namedtuple("usage", "total used free")
    free = RESERVE + 10_000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 0, free))
    code = main(["batch", str(photos), "--model", str(model), "--out", str(out), "--json"])
    assert code == 2 and "has too little room: 4 answers" in capsys.readouterr().err
    # Enough before, and then somebody else fills the disk.
    looks = iter([10**9, 10**9, 10**9])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 0, next(looks, RESERVE)))
    monkeypatch.setattr("decam_engine.batch.runner.DISK_INTERVAL", 0.0)
    stopped = batch(capsys, photos, "--model", model, "--out", out, "--at-a-time", 1, expected=2)
    assert stopped["stop_reason"] == "disk full" and 0 < stopped["answered"] < 4
    assert "has no room for the next answers" in stopped["message"]
    monkeypatch.undo()
    again = batch(capsys, photos, "--model", model, "--out", out)
    assert again["answered"] + stopped["answered"] == 4 and again["there"] == stopped["answered"]
    check_whole(out)


def test_a_disk_that_is_full_in_the_middle_of_a_file(
    capsys: pytest.CaptureFixture[str],
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import decam_engine.answers as folders

    photos, out = write_photos(tmp_path / "photos", 3), tmp_path / "out"
    written = folders.write_whole
    left = [2]

    def full(path: Path, content: bytes) -> None:
        if path.name == "entry.json":
            left[0] -= 1
            if left[0] < 0:
                raise OSError(28, "No space left on device")
        written(path, content)

    monkeypatch.setattr(folders, "write_whole", full)
    stopped = batch(capsys, photos, "--model", model, "--out", out, "--at-a-time", 1, expected=2)
    assert (stopped["stop_reason"], stopped["answered"]) == ("disk full", 2)
    assert "No space left on device" in stopped["message"]
    check_whole(out)
    monkeypatch.undo()
    assert batch(capsys, photos, "--model", model, "--out", out)["answered"] == 1


def test_room_is_measured_once_something_was_written(tmp_path: Path) -> None:
    space = Space(tmp_path, 1000)
    assert space.expected == 1000
    for count in (100, 300):
        space.wrote(count)
    assert space.expected == 200
    assert space.lacks(1) == 0 and space.lacks(10**15) > 0


# --- killed ------------------------------------------------------------------------------


def test_killed_at_random_moments_nothing_is_lost_or_done_twice(
    model: Path, tmp_path: Path
) -> None:
    photos, out, whole = write_photos(tmp_path / "photos", 8, bad=1), tmp_path / "a", tmp_path / "b"
    moments = random.Random(5)
    seen: dict[str, tuple[int, int]] = {}
    for _ in range(3):
        if not run_killed(command(photos, model, out), out, moments.uniform(0.0, 1.5)):
            break
        now = check_whole(out)
        assert {k: now[k] for k in seen} == seen, "an answer was lost or made again"
        seen = now
    run(command(photos, model, out), expected=2)
    now = check_whole(out)
    assert {k: now[k] for k in seen} == seen, "an answer was lost or made again"
    assert sorted(check_index(out).values()) == ["done"] * 8 + ["failed"]
    assert not (out / ".parts").exists() or not any((out / ".parts").iterdir())
    run(command(photos, model, whole), expected=2)
    assert contents(out) == contents(whole)


def test_stopped_in_the_middle_of_a_photograph_it_goes_on_there(
    model: Path, tmp_path: Path
) -> None:
    photos = write_photos(tmp_path / "photos", 2)
    box = load_model(model, threads=1, batch_size=8)
    spec = ModelSpec.of(model, box, {"threads": 1, "batch_size": 8})
    keep(spec, box)
    order = Order(absolute(sorted(photos.iterdir())), (spec,), Targets(), SETTINGS, READING)
    whole = tmp_path / "whole"
    with ResultFolder(whole) as folder:
        drained(order, folder, ThreadExecutor(Split(1, 1)))
    with ResultFolder(tmp_path / "out") as folder:
        executor = ThreadExecutor(Split(1, 1))
        steps = batch_steps(order, folder, executor)
        next(steps)
        while executor.calls_now() < 10:
            next(steps)
        executor.stop()
        while executor.width:
            try:
                steps.send(True)
            except StopIteration as end:
                standing = end.value
                break
        executor.close()
        assert standing.stop_reason == "cancelled"
        stopped = [e for e in folder.entries() if e.state == "stopped"]
    with ResultFolder(tmp_path / "out") as folder:
        standing = drained(order, folder, ThreadExecutor(Split(1, 1)))
        assert standing.failed == 0
        assert [e.state for e in folder.entries()] == ["done", "done"]
        if stopped:
            # What it had scored before counts, but is not scored again.
            assert standing.calls < 2 * 60
    maps = [
        {e.place: e.results[0]["row"]["map_sha256"] for e in ResultFolder(f, write=False).entries()}
        for f in (whole, tmp_path / "out")
    ]
    assert maps[0] == maps[1]


def test_of_several_classes_that_were_stopped_none_is_left_out(model: Path, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", 1)
    box = load_model(model, threads=1, batch_size=8)
    spec = ModelSpec.of(model, box, {"threads": 1, "batch_size": 8})
    keep(spec, box)
    settings = SETTINGS | {"preset": "until-stable", "budget": 700}
    order = Order(absolute(photos.iterdir()), (spec,), Targets(top=2), settings, READING)
    (pair,) = order.pairs()
    question = order.question(*pair)
    # Stopped while the first class was explained, it has a journal; the second never began.
    stopped = explain(
        box, load_image(order.photos[0]), target=0, preset="until-stable", calls=700,
        on_progress=lambda p: p.calls >= 60,
    )  # fmt: skip
    with ResultFolder(tmp_path / "out") as folder:
        folder.put(question, [stopped], error="Stopped.")
        assert drained(order, folder, ThreadExecutor(Split(1, 1))).answered == 1
        entry = folder.answered(question)
        assert entry is not None and len(entry.results) == 2


def drained(order: Order, folder: ResultFolder, executor: ThreadExecutor | ProcessExecutor) -> Any:
    steps = batch_steps(order, folder, executor)
    try:
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
    finally:
        executor.close()


# --- throughput --------------------------------------------------------------------------


def test_maps_do_not_depend_on_how_the_work_is_split(model: Path, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", 3, bad=1)
    outs = [tmp_path / name for name in ("one", "many", "processes")]
    run(command(photos, model, outs[0], "--at-a-time", "1"), expected=2)
    run(command(photos, model, outs[1], "--at-a-time", "3"), expected=2)
    run(command(photos, model, outs[2], "--processes", "2"), expected=2)
    assert contents(outs[0]) == contents(outs[1]) == contents(outs[2])


def test_the_fastest_split_is_found_while_working() -> None:
    ways = candidates(2, 1, 2)
    assert ways == (Split(1, 2), Split(2, 2), Split(2, 1), Split(3, 1))
    trial = Trial(ways)
    trial._started = -1e9  # long enough ago for the first
    rates = {Split(1, 2): 50, Split(2, 2): 80, Split(2, 1): 81, Split(3, 1): 60}
    trial.rates = dict(rates)
    # About as fast as the one before, which is kept.
    assert trial.best == Split(2, 2)
    trial.rates[Split(3, 1)] = 90
    assert trial.best == Split(3, 1)


def test_a_trial_counts_only_what_was_begun_in_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    trial = Trial([Split(1, 1), Split(2, 1)])
    for calls in (60, 120):
        now[0] += 3
        trial.answered(calls, 0)
    assert trial.rates == {Split(1, 1): 20.0} and trial.way == Split(2, 1)
    for calls in (180, 240, 300, 360):
        now[0] += 1
        trial.answered(calls, 1)
    assert trial.over and trial.best == Split(2, 1) and trial.rates[Split(2, 1)] == 60.0


# --- model servers -----------------------------------------------------------------------


def test_a_server_is_sent_no_more_than_was_said(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 3), tmp_path / "out"
    with serving(model) as server:
        code = main([*served(server.url, photos, model, out), "--max-calls", "130"])
        text, errors = capsys.readouterr()
        document = json.loads(text)
        assert code == 2 and document["stop_reason"] == "max-calls"
        assert (document["answered"], document["calls"]) == (2, 120)
        # Said before, and kept; the four inputs that opening takes are announced apart.
        assert "130 inputs" in errors and server.stats["inputs"] == 120 + 4
        assert server.stats["most_at_once"] <= 2


def test_a_server_that_goes_away_stops_the_batch_which_goes_on_later(
    capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    photos, out = write_photos(tmp_path / "photos", 12), tmp_path / "out"
    with serving(model, "--fault", "die", "--after", "20") as server:
        assert main([*served(server.url, photos, model, out), "--at-a-time", "1"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["stop_reason"] == "model failed" and 0 < document["answered"] < 12
    assert "5 times in a row" in document["message"]
    check_whole(out)
    states = list(check_index(out).values())
    assert states.count("done") == document["answered"]
    # What was found before the server went away is kept, and gone on with.
    assert states.count("stopped") == 1


def served(url: str, photos: Path, model: Path, out: Path) -> list[str]:
    feeding = ["--preprocessing", str(model.with_suffix(".decam.json")), "--calls", "60"]
    return ["batch", str(photos), "--model", url, "--out", str(out), *feeding, "--json"]


def test_ctrl_c_ends_in_order(model: Path, tmp_path: Path) -> None:
    photos, out = write_photos(tmp_path / "photos", 30), tmp_path / "out"
    with subprocess.Popen(
        command(photos, model, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        while not list((out / "results").glob("??/*")):
            assert child.poll() is None, child.communicate()[1]
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        text, errors = child.communicate(timeout=300)
    assert child.returncode == 130, errors
    document = json.loads(text)
    assert document["stop_reason"] == "cancelled" and document["answered"] < 30
    assert "stopping" in errors and "Traceback" not in errors
    check_whole(out)
    assert (out / "table.csv").exists()
    again = run(command(photos, model, out))
    assert again["answered"] + document["answered"] == 30
    assert list(check_index(out).values()) == ["done"] * 30
