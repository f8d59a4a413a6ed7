"""The pre-processing doctor: candidates, their ranking, and what a choice does."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from decam_engine import (
    BlackBox,
    ModelError,
    Photo,
    Preprocessing,
    SettingsError,
    cli,
    demo_model,
    demo_photos,
    load_image,
    load_model,
)
from decam_engine.errors import ModelRunError
from decam_engine.models import (
    Candidate,
    Diagnosis,
    choose,
    doctor,
    doctor_calls,
    doctor_steps,
    save_sidecar,
)
from decam_engine.models.candidates import RANGES, conventions, same_values
from tests.fakes import SIZE, Rectangles, box_model, bright_photo
from tests.model_zoo import auxiliary_logits_first, network

TRUE = Preprocessing.symmetric((224, 224))


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return [load_image(p) for p in demo_photos()]


@pytest.fixture(scope="module")
def stripped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model without its sidecar."""
    path = tmp_path_factory.mktemp("stripped") / "net.onnx"
    shutil.copyfile(demo_model(), path)
    return path


@pytest.fixture(scope="module")
def diagnosis(stripped: Path, photos: list[Photo]) -> Diagnosis:
    model = load_model(stripped, threads=2)
    assert model.preprocessing_source == "assumed"
    found = doctor(model, photos)
    assert model.calls == 0
    assert found.calls == len(photos) * len(conventions(model.preprocessing))
    return found


def same(candidate: Candidate, expected: Preprocessing) -> bool:
    return same_values(candidate.preprocessing, dataclasses.replace(expected, layout="NCHW"))


def test_the_true_setting_of_the_stripped_bundled_model_comes_first(
    photos: list[Photo], diagnosis: Diagnosis
) -> None:
    found = diagnosis
    first = found.candidates[0]
    assert same(first, TRUE)
    assert first.likely
    assert not first.in_use
    assert [top[0].label for top in first.predictions] == [
        "tiger cat",
        "espresso",
        "missile",
        "football helmet",
    ]
    assert found.photos == tuple(p.name for p in photos)
    guess = next(c for c in found.candidates if c.in_use)
    assert same(guess, Preprocessing.imagenet((224, 224)))
    assert guess.number > 1


# The same network as if it had been trained otherwise: its first node undoes another range.
WRAPPED = {
    "imagenet": Preprocessing.imagenet((224, 224)),
    "raw": dataclasses.replace(TRUE, mean=(0.0,), std=(1.0,)),
}


def wrapped(folder: Path, trained: Preprocessing) -> Path:
    """The bundled model behind an affine map from another range to its own."""
    model = onnx.load(demo_model())
    std = np.broadcast_to(np.asarray(trained.std, np.float32), 3).reshape(1, 3, 1, 1)
    mean = np.broadcast_to(np.asarray(trained.mean, np.float32), 3).reshape(1, 3, 1, 1)
    factor = std / np.float32(trained.scale) / 128
    shift = (mean / np.float32(trained.scale) - 127) / 128
    for node in model.graph.node:
        node.input[:] = ["fed" if name == "image" else name for name in node.input]
    model.graph.initializer.extend(
        [numpy_helper.from_array(v, n) for v, n in ((factor, "factor"), (shift, "shift"))]
    )
    model.graph.node.insert(0, helper.make_node("Mul", ["image", "factor"], ["scaled"]))
    model.graph.node.insert(1, helper.make_node("Add", ["scaled", "shift"], ["fed"]))
    path = folder / "net.onnx"
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("name", WRAPPED)
def test_the_range_is_found_whatever_it_is(tmp_path: Path, photos: list[Photo], name: str) -> None:
    """Range and colour order; the bundled photographs do not tell the framings apart."""
    model = load_model(wrapped(tmp_path, WRAPPED[name]), threads=2)
    assert same(doctor(model, photos).candidates[0], WRAPPED[name])


def test_what_was_stated_comes_first(demo: BlackBox, photos: list[Photo]) -> None:
    odd = dataclasses.replace(demo.preprocessing, mean=(90.0,), std=(40.0,))
    model = demo.with_preprocessing(odd, "given")
    found = doctor(model, photos[:1])
    assert found.candidates[0].preprocessing == odd
    assert found.candidates[0].source == "given"
    assert found.candidates[0].reason == "stated: given"
    assert found.candidates[0].in_use
    demo_first = doctor(demo, photos[:1]).candidates
    assert demo_first[0].preprocessing == demo.preprocessing
    assert sum(c.in_use for c in demo_first) >= 1


def test_identical_outcomes_are_merged(tmp_path: Path) -> None:
    """A model that only looks at the order of its inputs answers alike to most ranges."""
    model = load_model(network(tmp_path), threads=1)
    flat = Photo.from_array(np.full((*SIZE, 3), 200, dtype=np.uint8))
    found = doctor(model, [flat])
    everything = len(conventions(model.preprocessing))
    assert sum(1 + len(c.same_as) for c in found.candidates) == everything
    assert len(found.candidates) < everything / 4
    for k, one in enumerate(found.candidates):
        for other in found.candidates[k + 1 :]:
            tops = [[[p.index for p in top] for top in c.predictions] for c in (one, other)]
            scores = [[p.score for p in c.predictions[0]] for c in (one, other)]
            assert tops[0] != tops[1] or np.abs(np.subtract(*scores)).max() >= 0.03


def test_candidates_are_numbered_and_serialisable(demo: BlackBox, photos: list[Photo]) -> None:
    found = doctor(demo, photos[:2])
    assert [c.number for c in found.candidates] == list(range(1, len(found.candidates) + 1))
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["calls"] == found.calls
    assert "agree" in record["rule"]
    for c, r in zip(found.candidates, record["candidates"], strict=True):
        assert Preprocessing.from_dict(r["preprocessing"]) == c.preprocessing
        assert all(len(top) == 5 for top in r["predictions"])
    for number in (0, -1, len(found.candidates) + 1):
        with pytest.raises(SettingsError, match="must lie in 1"):
            found.candidate(number)


def test_no_photograph(demo: BlackBox) -> None:
    with pytest.raises(SettingsError, match="at least one photograph"):
        doctor(demo, [])


@pytest.mark.parametrize(
    ("options", "count", "orders"),
    [
        ({}, len(RANGES) * 2 * 5, {"RGB", "BGR"}),
        ({"channels": 1}, 4 * 5, {"L"}),
        ({"channels": 4}, 4 * 5, {"RGBA"}),
        ({"kind": onnx.TensorProto.UINT8, "gain": 0.1}, 2 * 5, {"RGB", "BGR"}),
        ({"kind": onnx.TensorProto.INT8, "gain": 0.1}, 2 * 5, {"RGB", "BGR"}),
        ({"layout": "NHWC"}, len(RANGES) * 2 * 5, {"RGB", "BGR"}),
        ({"size": (28, 28), "channels": 1, "boxes": [(0, 0, 9, 9), (9, 9, 18, 18)]}, 4 * 3, {"L"}),
    ],
    ids=str,
)
def test_every_kind_of_input(
    tmp_path: Path, options: dict[str, Any], count: int, orders: set[str]
) -> None:
    model = load_model(network(tmp_path, **options), threads=1)
    listed = conventions(model.preprocessing)
    assert len(listed) == count
    assert {c.order for c in listed} == orders
    found = doctor(model, [bright_photo()])
    assert found.calls == count
    assert any(c.in_use for c in found.candidates)
    for c in found.candidates:
        model.with_preprocessing(c.preprocessing).predict(bright_photo())


def test_a_function_can_see_the_doctor() -> None:
    model = box_model(Rectangles())
    found = doctor(model, [bright_photo()])
    assert found.candidates[0].source == "given"
    chosen = choose(model, found.candidates[1])
    assert chosen.preprocessing == found.candidates[1].preprocessing


def test_step_by_step_it_can_be_stopped_and_says_before_what_it_costs(photo: Photo) -> None:
    asked = []

    def count(batch: np.ndarray) -> np.ndarray:
        asked.append(len(batch))
        mean = batch.mean(axis=(1, 2, 3)) / 4
        return np.stack([mean, 1 - mean], axis=1)

    model = load_model(count, preprocessing=Preprocessing.unit(SIZE), activation="softmax")
    expected = doctor_calls(model, 2)
    assert not asked, "to say so takes none"
    steps = doctor_steps(model, [photo, photo])
    first = next(steps)
    assert 0 < first < expected / 2
    steps.close()
    assert sum(asked) == first, "a stopped doctor asks no more"
    done = list(doctor_steps(model, [photo, photo]))
    assert done == sorted(done)
    assert done[-1] == expected == doctor(model, [photo, photo]).calls


def test_a_model_that_fails_is_asked_once(photo: Photo) -> None:
    asked = []

    def gone(batch: np.ndarray) -> np.ndarray:
        asked.append(len(batch))
        raise ModelRunError("the line is dead")

    model = load_model(gone, preprocessing=Preprocessing.unit(SIZE))
    with pytest.raises(ModelRunError, match="the line is dead"):
        doctor(model, [photo])
    assert len(asked) == 1


def test_a_sidecar_repeats_what_was_stated(tmp_path: Path) -> None:
    path = auxiliary_logits_first(tmp_path)
    guessed = load_model(path)
    with pytest.raises(SettingsError, match="a guess is not saved"):
        save_sidecar(guessed)
    named = load_model(path, output="aux_logits", activation="sigmoid", labels=["a", "b"])
    chosen = named.with_preprocessing(Preprocessing.unit(named.input_size), "chosen")
    save_sidecar(chosen)
    again = load_model(path)
    assert again.describe()["output"] == "aux_logits"
    assert (again.activation, again.activation_source) == ("sigmoid", "sidecar")
    assert again.labels == ("a", "b")
    # Read from a sidecar and written again, nothing is lost.
    before = path.with_suffix(".decam.json").read_bytes()
    save_sidecar(again, replace=True)
    assert path.with_suffix(".decam.json").read_bytes() == before


def test_answers_that_are_no_numbers(photo: Photo) -> None:
    def root(batch: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            value = np.sqrt(batch.mean(axis=(1, 2, 3))) / 20
        return np.stack([value, 1 - value], axis=1)

    model = load_model(root, preprocessing=Preprocessing.unit(SIZE))
    dark = Photo.from_array(np.full((*SIZE, 3), 20, dtype=np.uint8))
    found = doctor(model, [dark])
    broken = [c for c in found.candidates if not c.predictions[0]]
    assert len(broken) == 1, "they are all alike"
    assert broken[0].number == len(found.candidates)
    assert broken[0].to_dict()["entropy"] is None
    assert not broken[0].likely

    def never(batch: np.ndarray) -> np.ndarray:
        return np.full((len(batch), 2), np.nan)

    with pytest.raises(ModelError, match="however it is fed"):
        doctor(load_model(never, preprocessing=Preprocessing.unit(SIZE)), [photo])


def test_a_choice_is_remembered(stripped: Path, photos: list[Photo], diagnosis: Diagnosis) -> None:
    chosen = choose(load_model(stripped, threads=2), diagnosis.candidates[0])
    assert chosen.preprocessing_source == "chosen"
    again = load_model(stripped, threads=2)
    assert again.preprocessing_source == "chosen"
    assert same_values(again.preprocessing, dataclasses.replace(TRUE, layout="NCHW"))
    assert all(a.topic != "pre-processing" for a in again.assumptions)
    assert again.predict(photos[0])[0].label == "tiger cat"
    assert cli.main(["inspect", str(stripped), "--forget"]) == 0
    assert load_model(stripped, threads=2).preprocessing_source == "assumed"


# --- on the command line -----------------------------------------------------------------


def inspect(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main(["inspect", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    code, out, err = inspect(capsys, *arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small model and a photograph, and nothing remembered."""
    monkeypatch.setenv("DECAM_DATA_DIR", str(tmp_path / "data"))
    network(tmp_path, gain=1.0)
    from PIL import Image

    Image.fromarray(bright_photo().pixels).save(tmp_path / "bright.png")
    return tmp_path


def test_inspect_with_a_photograph(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    model, photo = desk / "net.onnx", desk / "bright.png"
    code, out, _ = inspect(capsys, model, photo)
    assert code == 0
    assert "bright.png" in out
    assert "Ranked by" in out
    assert "70 model calls" in out
    assert "(in use)" in out
    facts = document(capsys, model, photo)
    assert "CPUExecutionProvider" in facts["providers_available"]
    assert facts["doctor"]["calls"] == 70
    assert facts["preprocessing_source"] == "assumed"
    assert document(capsys, model)["preprocessing_source"] == "assumed", "looking is not choosing"


def test_choosing_saving_and_forgetting(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    model, photo = desk / "net.onnx", desk / "bright.png"
    listed: Sequence[dict[str, Any]] = document(capsys, model, photo)["doctor"]["candidates"]
    assert len(listed) > 1
    code, _, err = inspect(capsys, model, photo, "--choose", "2")
    assert code == 0
    assert "candidate 2 is used" in err
    facts = document(capsys, model)
    assert facts["preprocessing_source"] == "chosen"
    assert facts["preprocessing"] == listed[1]["preprocessing"]
    assert not (desk / "net.decam.json").exists()
    code, out, _ = inspect(capsys, model, "--save-sidecar")
    assert code == 0
    assert "net.decam.json" in out
    assert document(capsys, model)["preprocessing_source"] == "sidecar"
    assert document(capsys, model)["preprocessing"] == listed[1]["preprocessing"]
    code, _, err = inspect(capsys, model, "--save-sidecar")
    assert code == 2
    assert "is there already" in err
    assert inspect(capsys, model, "--save-sidecar", "--force")[0] == 0
    code, _, err = inspect(capsys, model, photo, "--choose", "1")
    assert code == 0
    assert "net.decam.json beside the model comes before it" in err
    (desk / "net.decam.json").unlink()
    assert document(capsys, model)["preprocessing_source"] == "chosen"
    assert document(capsys, model, "--forget") == {"name": "net.onnx", "forgotten": True}
    assert document(capsys, model)["preprocessing_source"] == "assumed"
    assert document(capsys, model, "--forget") == {"name": "net.onnx", "forgotten": False}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--choose", "1"], "needs the photographs"),
        (["bright.png", "--choose", "0"], "must lie in 1"),
        (["bright.png", "--choose", "1000"], "must lie in 1"),
        (["--save-sidecar"], "a guess is not saved"),
        (["--forget", "--save-sidecar"], "cannot be combined"),
        (["gone.png"], "gone.png"),
        (["--output", "nowhere"], "output 'nowhere'"),
        (["--provider", "abacus"], "abacus is not available"),
    ],
)
def test_bad_usage(
    capsys: pytest.CaptureFixture[str],
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    text: str,
) -> None:
    monkeypatch.chdir(desk)
    code, out, err = inspect(capsys, "net.onnx", *arguments)
    assert code == 2
    assert text in err
    assert out == ""


def test_a_folder_that_cannot_be_written(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    model, photo = desk / "net.onnx", desk / "bright.png"
    # A folder in the way of the temporary file, because root may write anywhere.
    import os

    (desk / f"net.decam.json.{os.getpid()}.part").mkdir()
    code, _, err = inspect(capsys, model, photo, "--choose", "1", "--save-sidecar")
    assert code == 2
    assert "could not be written beside net.onnx" in err
    assert document(capsys, model)["preprocessing_source"] == "chosen", "the choice itself holds"
