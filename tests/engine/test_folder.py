"""Folders of results: written whole, read back, mended after a death at any moment."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decam_engine import (
    BlackBox,
    Entry,
    Explanation,
    ExportError,
    Photo,
    Question,
    ResultFolder,
    check_faithfulness,
    explain,
    explain_targets,
    load_image,
    load_model,
)
from decam_engine.answers import write_answer
from decam_engine.summary import CELLS, background, small_map
from tests.batch_folders import check_whole
from tests.fakes import BRIGHT, SIZE, bright_photo

CALLS = 60


@pytest.fixture
def model(rectangle_onnx: Path) -> BlackBox:
    return load_model(rectangle_onnx, threads=1, batch_size=8)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "bright.png"
    path.parent.mkdir()
    Image.fromarray(bright_photo().pixels).save(path)
    return path


def asked(model: BlackBox, file: Path) -> tuple[Question, Explanation]:
    photo = load_image(file)
    return Question.of(model, photo, calls=CALLS), explain(model, photo, calls=CALLS)


def test_an_answer_is_written_and_read_back(model: BlackBox, file: Path, tmp_path: Path) -> None:
    question, result = asked(model, file)
    with ResultFolder(tmp_path / "out") as folder:
        written = folder.put(question, [result], formats=("png",))
        assert folder.answered(question) == written
    with ResultFolder(tmp_path / "out", write=False) as folder:
        assert len(folder) == 1
        (entry,) = folder.entries()
        assert entry == written == folder.find(question)
        assert entry.question == question and entry.state == "done"
        (again,) = folder.load(entry)
    assert np.array_equal(again.input_saliency, result.input_saliency)
    names = sorted(p.name for p in (tmp_path / "out" / entry.place).iterdir())
    assert [n.partition(".")[2] for n in names if n != "entry.json"] == [
        "bright_spot.de.input.npy",
        "bright_spot.de.json",
        "bright_spot.de.map.png",
        "bright_spot.de.overlay.png",
    ]


def test_the_fingerprint_is_of_content_not_of_places(
    model: BlackBox, file: Path, tmp_path: Path, rectangle_onnx: Path
) -> None:
    question, _ = asked(model, file)
    moved = file.with_name("other name.png")
    shutil.copy(file, moved)
    for suffix in (".onnx", ".decam.json"):
        shutil.copy(rectangle_onnx.with_suffix(suffix), tmp_path / ("elsewhere" + suffix))
    elsewhere = load_model(tmp_path / "elsewhere.onnx", threads=1, batch_size=4)
    assert Question.of(elsewhere, load_image(moved), calls=CALLS).id == question.id
    different = [
        Question.of(model, load_image(file), calls=CALLS + 1),
        Question.of(model, load_image(file), calls=CALLS, seed=1),
        Question.of(model, load_image(file), calls=CALLS, targets=(0,)),
        Question.of(model, load_image(file), calls=CALLS, top=2),
        Question.of(model, load_image(file), calls=CALLS, faithfulness=True),
        Question.of(model, load_image(file, background="black"), calls=CALLS),
        Question.of(
            model.with_preprocessing(model.preprocessing.unit(SIZE)), load_image(file), calls=CALLS
        ),
    ]
    assert len({question.id, *(q.id for q in different[:6])}) == 7
    assert Question.from_record(json.loads(json.dumps(question.record()))) == question


def test_failures_are_recorded_and_a_later_answer_wins(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    question, result = asked(model, file)
    with ResultFolder(tmp_path / "out") as folder:
        failed = folder.fail(question, "The disk hiccuped.")
        assert (failed.state, failed.error) == ("failed", "The disk hiccuped.")
        assert folder.answered(question) is None and folder.find(question) == failed
        folder.put(question, [result])
        assert [e.state for e in folder.entries()] == ["done"]


def test_half_a_line_and_an_answer_without_one_are_mended(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    question, result = asked(model, file)
    with ResultFolder(out) as folder:
        folder.put(question, [result])
        whole = (out / "index.jsonl").read_bytes()
    # Killed between the rename and the line, in the middle of the line, and while writing files.
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        (out / "index.jsonl").write_bytes(whole[:cut])
        (out / ".parts" / "77-dead").mkdir(parents=True)
        (out / ".parts" / "77-dead" / "cat.npy").write_bytes(b"half")
        with ResultFolder(out, write=False) as reader:
            assert len(reader) == 0 and list(reader.entries()) == []
        with ResultFolder(out) as folder:
            assert folder.adopted == 1
            assert [e.state for e in folder.entries()] == ["done"]
            assert folder.answered(question) is not None
        assert (out / "index.jsonl").read_bytes() == whole
        assert not (out / ".parts").exists()


def test_a_whole_answer_that_lacks_only_its_name_gets_it(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    question, result = asked(model, file)
    with ResultFolder(out) as folder:
        place = out / folder.put(question, [result]).place
    (out / "index.jsonl").unlink()
    (out / ".parts").mkdir(exist_ok=True)
    place.rename(out / ".parts" / "77-whole")
    with ResultFolder(out) as folder:
        assert folder.adopted == 1
        entry = folder.answered(question)
        assert entry is not None and len(folder.load(entry)) == 1


def test_a_stopped_answer_is_kept_and_replaced_by_a_full_one(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    photo = load_image(file)
    question, full = asked(model, file)
    stopped = explain(model, photo, calls=CALLS, on_progress=lambda p: p.calls >= 24)
    with ResultFolder(tmp_path / "out") as folder:
        entry = folder.put(question, [stopped], error="Stopped by the user.")
        assert entry.state == "stopped" and folder.answered(question) is None
        assert folder.load(entry)[0].journal is not None
        folder.put(question, [full])
        found = folder.answered(question)
        assert found is not None and folder.load(found)[0].calls == full.calls
    names = [p.name for p in (tmp_path / "out").rglob("*.input.npy")]
    assert len(names) == 1


def test_results_are_kept_under_the_question_that_they_answer(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    question, result = asked(model, file)
    photo = load_image(file)
    pair = explain_targets(model, photo, [0, 1], calls=CALLS)
    both = Question.of(model, photo, calls=CALLS, targets=(0, 1))
    with ResultFolder(tmp_path / "out") as folder:
        assert folder.keep([result]) == folder.answered(question)
        # One of two classes that share a run does not answer both.
        first = folder.keep(pair[:1], (0, 1))
        assert (first.state, first.question.id) == ("stopped", both.id)
        assert folder.answered(both) is None
        assert folder.keep(pair, (0, 1)) == folder.answered(both)
        end = folder.end
        assert list(folder.entries(end)) == []
        folder.fail(Question.of(model, photo, calls=CALLS, seed=8), "No.")
        assert [e.error for e in folder.entries(end)] == ["No."]
    assert len(check_whole(tmp_path / "out")) == 2


def test_what_is_known_later_takes_its_place(model: BlackBox, file: Path, tmp_path: Path) -> None:
    question, result = asked(model, file)
    measured = dataclasses.replace(question, faithfulness=True)
    with ResultFolder(tmp_path / "out") as folder:
        entry = folder.put(question, [result], formats=("png",))
        assert folder.answered(measured) is None
        (manifest,) = folder.manifests(entry)
        folder.amend(manifest, check_faithfulness(model, result))
        found = folder.answered(measured)
        assert found is not None and found == folder.answered(question)
        assert folder.load(found)[0].faithfulness is not None
        with pytest.raises(ExportError, match="is not of the answer"):
            folder.amend(manifest.with_name("other.json"), result)
        # Another map of the question leaves the answer as it is.
        other = dataclasses.replace(result, input_saliency=1.0 - result.input_saliency)
        assert folder.amend(manifest, other) == found
    names = sorted(p.name for p in manifest.parent.iterdir())
    assert len(names) == 5 and any(n.endswith(".overlay.png") for n in names)
    # What was measured at once answers the question without, too.
    with ResultFolder(tmp_path / "other") as folder:
        folder.put(measured, [check_faithfulness(model, result)])
        assert folder.answered(question) is not None


def test_results_that_the_window_saved_are_adopted(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "session"
    question, result = asked(model, file)
    other = explain(model, load_image(file), target=1, calls=CALLS)
    stopped = explain(model, load_image(file), seed=3, calls=CALLS, on_progress=lambda p: True)
    for one in (result, other, stopped):
        one.save(out / "results", formats=("input", "json"))
    (out / "results" / "note.json").write_text("{}")
    with ResultFolder(out) as folder:
        assert folder.adopted == 3
        entry = folder.answered(question)
        assert entry is not None
        assert np.array_equal(folder.load(entry)[0].input_saliency, result.input_saliency)
        second = Question.of(model, load_image(file), calls=CALLS, targets=(1,))
        assert folder.answered(second) is not None
        third = Question.of(model, load_image(file), calls=CALLS, seed=3)
        assert folder.answered(third) is None and folder.find(third) is not None
    with ResultFolder(out) as folder:
        assert folder.adopted == 0 and len(folder) == 3


def test_one_writer_at_a_time_and_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    with ResultFolder(tmp_path / "out"):
        with pytest.raises(ExportError, match="being written to by another process"):
            ResultFolder(tmp_path / "out")
        with ResultFolder(tmp_path / "out", write=False) as reader:
            assert len(reader) == 0
    # It ends as if killed: nothing is closed.
    code = "import os, sys, decam_engine as d; d.ResultFolder(sys.argv[1]); os._exit(9)"
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=False)
    assert ended.returncode == 9
    ResultFolder(tmp_path / "out").close()


def test_other_folders_and_damaged_entries_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is no folder of results"):
        ResultFolder(tmp_path, write=False)
    (tmp_path / "decam.json").write_text('{"kind": "decam-results", "schema": 99}')
    with pytest.raises(ExportError, match="schema 99"):
        ResultFolder(tmp_path)
    question = Question(
        {"name": "a.png", "path": None, "sha256": "0" * 64, "reading": {}}, {"name": "m"}
    )
    record = Entry(question, "done", "", "results/00/a-0", ({"manifest": "a.json"},)).record()
    assert Entry.from_record(record).results[0]["manifest"] == "a.json"
    for place in ("../elsewhere", "/etc", "results/../../x", "C:x", "a\\b"):
        with pytest.raises(ExportError, match="damaged"):
            Entry.from_record({**record, "place": place})
    for name in ("../a.json", "a/b.json", "", "..\\a.json"):
        with pytest.raises(ExportError, match="damaged"):
            Entry.from_record({**record, "results": [{"manifest": name}]})


def test_the_files_of_an_answer_do_not_depend_on_the_folder(
    model: BlackBox, file: Path, tmp_path: Path
) -> None:
    question, result = asked(model, file)
    entries = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        entries.append(write_answer(tmp_path / name, question, [result]))
    assert entries[0] == entries[1]
    files = [sorted(p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*")) for n in "ab"]
    assert files[0] == files[1]


# --- summaries ---------------------------------------------------------------------------


def test_the_summary_says_where_the_evidence_lies(model: BlackBox, file: Path) -> None:
    from decam_engine.summary import summarise

    result = explain(model, load_image(file), calls=400)
    summary = summarise(result)
    cells = small_map(summary)
    top, left, bottom, right = (round(v * CELLS / SIZE[0]) for v in BRIGHT)
    peak = np.unravel_index(int(np.argmax(cells)), cells.shape)
    assert top - 1 <= peak[0] <= bottom and left - 1 <= peak[1] <= right
    assert summary["row"]["border_share"] < 0.25
    assert summary["row"]["background_share"] < 0.5
    assert summary["row"]["top_label"] == "bright spot"


def test_background_is_what_is_joined_to_the_edge() -> None:
    behind = background(bright_photo(seed=3).pixels)
    top, left, bottom, right = (round(v * CELLS / SIZE[0]) for v in BRIGHT)
    assert not behind[top + 1 : bottom - 1, left + 1 : right - 1].any()
    assert behind[0].all() and behind[:, 0].all()
    assert behind.mean() > 0.6
    assert background(np.full((40, 30, 3), 90, np.uint8)).all()


def test_a_flat_map_has_no_evidence_anywhere(tmp_path: Path) -> None:
    from decam_engine.summary import summarise
    from tests.fakes import Constant, box_model

    photo = Photo.from_array(np.full((30, 40, 3), 90, np.uint8))
    summary = summarise(explain(box_model(Constant()), photo, calls=50))
    assert summary["row"]["border_share"] is None
    assert summary["row"]["background_share"] is None
    assert not small_map(summary).any()
