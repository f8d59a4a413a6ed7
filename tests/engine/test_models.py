"""Opening, feeding and naming models: real ONNX files and Python functions."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto

from decam_engine import (
    BlackBox,
    DecamError,
    ModelError,
    Photo,
    Preprocessing,
    SettingsError,
    demo_model,
    demo_photos,
    explain,
    load_image,
    load_model,
)
from tests.fakes import BRIGHT, OTHER, SIZE, Constant, Fake, Logits, Rectangles, box_model
from tests.onnx_models import (
    identity_model,
    linear_model,
    rectangle_weights,
    square_root_model,
    two_input_model,
    write_sidecar,
)

UNIT = Preprocessing.unit(SIZE)


def opened(path: Path, **options: Any) -> BlackBox:
    """A model with a fixed configuration."""
    return load_model(path, threads=1, **options)


def mean_of(photo: Photo, box: tuple[int, int, int, int]) -> float:
    top, left, bottom, right = box
    return float(photo.pixels[top:bottom, left:right].mean() / 255.0)


# --- the backends ------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("batch", ["N", None, -1, 1, 4])
@pytest.mark.parametrize("channels", [3, 1])
def test_layouts_batches_and_channels(
    tmp_path: Path, photo: Photo, layout: str, batch: int | str | None, channels: int
) -> None:
    path = linear_model(
        tmp_path / "net.onnx",
        rectangle_weights(SIZE, channels=channels, layout=layout),
        batch=batch,
        channels=channels,
        layout=layout,
    )
    model = opened(path, preprocessing=Preprocessing.unit(), batch_size=6)
    assert model.input_size == SIZE
    assert model.preprocessing.layout == layout
    assert model.calls == 0, "the probe does not count"
    shape = (channels, *SIZE) if layout == "NCHW" else (*SIZE, channels)
    prepared = model.prepare(photo)
    assert prepared.shape == shape
    assert prepared.dtype == np.float32
    scores = model.scores(np.stack([prepared] * 7))
    assert scores.shape == (7, 2)
    assert scores.dtype == np.float32
    assert model.calls == 7
    np.testing.assert_allclose(scores[:, 0], mean_of(photo, BRIGHT), atol=2e-3)
    np.testing.assert_allclose(scores[:, 1], mean_of(photo, OTHER), atol=2e-3)
    assert model.batch_size == (batch if isinstance(batch, int) and batch > 0 else 6)


@pytest.mark.parametrize(("layout", "batch"), [("NHWC", 4), ("NCHW", 1)])
def test_an_explanation_through_odd_inputs(
    tmp_path: Path, photo: Photo, layout: str, batch: int
) -> None:
    path = linear_model(
        tmp_path / "net.onnx",
        rectangle_weights(SIZE, channels=1, layout=layout),
        batch=batch,
        channels=1,
        layout=layout,
    )
    model = opened(path, preprocessing=Preprocessing.unit())
    result = explain(model, photo, target=0, calls=81)
    assert result.calls <= 81
    assert model.calls == result.calls, "what fills a fixed batch up is not counted"
    y, x = np.unravel_index(int(np.argmax(result.input_saliency)), SIZE)
    assert BRIGHT[0] <= y < BRIGHT[2]
    assert BRIGHT[1] <= x < BRIGHT[3]


def test_both_sizes_left_open(tmp_path: Path) -> None:
    path = identity_pool(tmp_path / "net.onnx")
    model = opened(path)
    assert model.input_size == (224, 224)
    assert any("Input size assumed" in a.text for a in model.assumptions)
    given = opened(path, preprocessing=Preprocessing.unit((31, 47)), activation="none")
    assert given.input_size == (31, 47)
    assert given.assumptions == ()


def test_scores_that_may_be_logits_are_said_to_be_read_as_probabilities(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    model = opened(path, preprocessing=UNIT)
    assert (model.activation, model.activation_source) == ("none", "values")
    (said,) = model.assumptions
    assert said.topic == "activation"
    assert "do not sum to 1" in said.text
    for stated in ("none", "softmax"):
        assert opened(path, preprocessing=UNIT, activation=stated).assumptions == ()


def identity_pool(path: Path) -> Path:
    """Mean of each channel, for inputs of any size."""
    from onnx import helper

    from tests.onnx_models import write_graph

    shape = ["N", 3, "h", "w"]
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["image"], ["scores"], axes=[2, 3], keepdims=0)],
        "pool",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 3])],
    )
    return write_graph(path, graph)


@pytest.mark.parametrize("activation", [None, "Softmax", "Sigmoid"])
def test_the_activation_is_applied_once(
    tmp_path: Path, photo: Photo, activation: str | None
) -> None:
    path = linear_model(
        tmp_path / "net.onnx",
        rectangle_weights(SIZE, gain=10.0),
        activation=activation,
        bias=-3.0,
    )
    model = opened(path, preprocessing=UNIT)
    logits = np.array([10 * mean_of(photo, box) - 3.0 for box in (BRIGHT, OTHER)])
    if activation == "Sigmoid":
        expected = 1 / (1 + np.exp(-logits))
    else:
        expected = np.exp(logits) / np.exp(logits).sum()
    found = model.scores(model.prepare(photo)[None])[0]
    np.testing.assert_allclose(found, expected, atol=0.01)
    assert model.activation == ("softmax" if activation is None else "none")


def test_a_single_logit_is_a_probability_of_its_own(tmp_path: Path, photo: Photo) -> None:
    path = linear_model(
        tmp_path / "net.onnx", rectangle_weights(SIZE, [BRIGHT], gain=10.0), bias=-3.0
    )
    model = opened(path, preprocessing=UNIT)
    assert model.activation == "sigmoid"
    logit = 10 * mean_of(photo, BRIGHT) - 3.0
    assert model.predict(photo)[0].score == pytest.approx(1 / (1 + np.exp(-logit)), abs=0.01)


def test_integer_input_is_fed_with_whole_pixels(tmp_path: Path, photo: Photo) -> None:
    path = linear_model(
        tmp_path / "net.onnx",
        rectangle_weights(SIZE, gain=1 / 255),
        input_type=TensorProto.UINT8,
    )
    model = opened(path)
    assert model.preprocessing.dtype == "uint8"
    assert model.preprocessing_source == "assumed"
    found = model.scores(model.prepare(photo)[None])[0]
    assert found[0] == pytest.approx(mean_of(photo, BRIGHT), abs=1e-3)


def test_half_precision_input(tmp_path: Path, photo: Photo) -> None:
    path = linear_model(
        tmp_path / "net.onnx", rectangle_weights(SIZE), input_type=TensorProto.FLOAT16
    )
    model = opened(path, preprocessing=UNIT)
    found = model.scores(model.prepare(photo)[None])[0]
    assert found[0] == pytest.approx(mean_of(photo, BRIGHT), abs=2e-3)


def test_function_backend(photo: Photo) -> None:
    function = Rectangles(BRIGHT, OTHER)
    model = box_model(function, labels=["spot", "place"])
    assert model.input_size == SIZE
    assert model.name == "rectangles"
    top = model.predict(photo)
    assert [p.label for p in top] == ["spot", "place"]
    assert top[0].score == pytest.approx(mean_of(photo, BRIGHT), abs=1e-3)
    assert model.calls == function.seen == 1


def test_function_with_logits(photo: Photo) -> None:
    model = box_model(Logits())
    scores = model.scores(model.prepare(photo)[None])[0]
    assert scores.sum() == pytest.approx(1.0)
    assert model.activation == "softmax"


def test_a_function_may_keep_and_change_its_input(photo: Photo) -> None:
    kept = []

    def greedy(batch: np.ndarray) -> np.ndarray:
        kept.append(batch)
        result = batch.mean(axis=(1, 2, 3))
        batch[:] = -1.0
        return np.stack([result, 1 - result], axis=1)

    model = load_model(greedy, preprocessing=UNIT)
    prepared = model.prepare(photo)[None]
    first = model.scores(prepared)
    np.testing.assert_array_equal(model.scores(prepared), first)
    assert kept[0] is not kept[1]


def test_large_batches_are_split_but_not_changed(photo: Photo) -> None:
    function = Rectangles()
    model = box_model(function)
    prepared = model.prepare(photo)
    many = np.stack([prepared * k / 300 for k in range(300)])
    scores = model.scores(many)
    assert scores.shape == (300, 2)
    assert max(function.batches) <= 128
    np.testing.assert_allclose(scores[:, 0], scores[-1, 0] * np.arange(300) / 299, rtol=1e-4)


# --- what is refused ---------------------------------------------------------------------


def refused(path: Path, text: str, **options: Any) -> str:
    with pytest.raises(ModelError, match=text) as caught:
        opened(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


def test_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for content in (b"this is no model", b"\0" * 4096, demo_photos()[0].read_bytes()):
        path.write_bytes(content)
        refused(path, "could not be opened as an ONNX model")


def test_truncated_model(tmp_path: Path) -> None:
    whole = linear_model(tmp_path / "whole.onnx", rectangle_weights(SIZE)).read_bytes()
    path = tmp_path / "net.onnx"
    for share in (0.1, 0.5, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        refused(path, "could not be opened")
    path.write_bytes(demo_model().read_bytes()[:1_000_000])
    refused(path, "could not be opened")


def test_empty_folder_missing(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    refused(path, "does not exist")
    path.touch()
    refused(path, "is empty")
    (tmp_path / "folder.onnx").mkdir()
    refused(tmp_path / "folder.onnx", "is a folder")
    refused(tmp_path / "net.onnx" / "below.onnx", "could not be read")


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (["N", 10], "input of 4 dimensions"),
        ([3, 8, 8], "input of 4 dimensions"),
        (["N", 3, 4, 8, 8], "input of 4 dimensions"),
        (["N", 7, 8, 9], "1, 3 or 4 channels"),
        (["N", 3, 8, 8], "no image classifier"),
    ],
)
def test_no_classifier_of_images(tmp_path: Path, shape: list[int | str], text: str) -> None:
    refused(identity_model(tmp_path / "net.onnx", shape), text)


def test_two_inputs(tmp_path: Path) -> None:
    message = refused(two_input_model(tmp_path / "net.onnx"), "exactly one input, found 2")
    assert "left" in message
    assert "right" in message


def test_text_input(tmp_path: Path) -> None:
    path = identity_model(tmp_path / "net.onnx", ["N", 3, 8, 8], input_type=TensorProto.INT64)
    refused(path, r"tensor\(int64\)")


def test_wrong_labels(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    refused(path, "2 classes, the label list has 3", labels=["a", "b", "c"])
    with pytest.raises(ModelError, match="label file"):
        opened(path, labels=tmp_path / "gone.txt")
    names = tmp_path / "names.txt"
    names.write_bytes(b"\xfe\x00\xffbad")
    with pytest.raises(ModelError, match="label file"):
        opened(path, labels=names)
    names.write_bytes("\ufeffcaf\u00e9\r\n \u732b \r\n\r\n".encode())
    assert opened(path, labels=str(names)).labels == ("caf\u00e9", "\u732b")


def test_unknown_provider(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    with pytest.raises(ModelError, match=r"NoSuchProvider is not available.*CPUExecutionProvider"):
        opened(path, providers=["NoSuchProvider"])
    with pytest.raises(ModelError, match="not available"):
        opened(path, providers=[])


@pytest.mark.parametrize(
    "options", [{"batch_size": 0}, {"threads": 0}, {"activation": "relu"}], ids=str
)
def test_unusable_options(tmp_path: Path, options: dict[str, Any]) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    with pytest.raises(ModelError, match=next(iter(options))):
        load_model(path, **options)


@pytest.mark.parametrize(
    ("preprocessing", "text"),
    [
        (Preprocessing.unit((32, 32)), "64 x 64 pixels.*32 x 32"),
        (dataclasses.replace(UNIT, layout="NHWC"), "takes NCHW"),
        (dataclasses.replace(UNIT, channels="L"), "takes 3 channels"),
    ],
)
def test_preprocessing_that_contradicts_the_model(
    tmp_path: Path, preprocessing: Preprocessing, text: str
) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    refused(path, text, preprocessing=preprocessing)


def test_three_means_for_one_channel(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE, channels=1), channels=1)
    refused(path, "takes 1 channel", preprocessing=Preprocessing.imagenet(SIZE))


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda b: np.zeros(len(b)), r"expected an output of shape \(1, classes\), found \(1,\)"),
        (lambda b: np.zeros((len(b) + 1, 2)), "found"),
        (lambda b: np.zeros((len(b), 0)), "found"),
        (lambda b: np.array([["a", "b"]] * len(b)), "must return numbers"),
    ],
)
def test_functions_that_are_no_classifiers(photo: Photo, function: Any, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        load_model(function, preprocessing=UNIT).predict(photo)


def test_an_error_in_a_function_is_its_own(photo: Photo) -> None:
    def broken(batch: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        explain(load_model(broken, preprocessing=UNIT), photo, calls=41)


def test_wrong_input_shape(photo: Photo) -> None:
    model = box_model(Constant())
    for shape in [(3, 64, 64), (1, 64, 64, 3), (1, 3, 32, 64), (1, 1, 64, 64)]:
        with pytest.raises(ModelError, match=r"takes inputs of shape \(N, 3, 64, 64\)"):
            model.scores(np.zeros(shape, dtype=np.float32))
    with pytest.raises(ModelError, match="no input"):
        model.scores(np.zeros((0, 3, 64, 64), dtype=np.float32))
    assert model.calls == 0


def test_probabilities_that_turn_out_to_be_logits(photo: Photo) -> None:
    model = box_model(Logits(), activation="none")
    with pytest.raises(ModelError, match=r"was given as probabilities.*activation='softmax'"):
        model.predict(photo)


# --- answers that are no numbers ---------------------------------------------------------


def test_nan_scores(tmp_path: Path, photo: Photo) -> None:
    model = opened(square_root_model(tmp_path / "net.onnx"), preprocessing=Preprocessing.unit())
    dark = Photo.from_array(np.zeros((8, 8, 3), dtype=np.uint8))
    light = Photo.from_array(np.full((8, 8, 3), 255, dtype=np.uint8))
    both = np.stack([model.prepare(light), model.prepare(dark)])
    scores = model.scores(both)
    assert np.all(np.isfinite(scores[0]))
    assert np.all(np.isnan(scores[1]))
    for act in (model.predict, lambda p: explain(model, p, calls=41)):
        with pytest.raises(ModelError, match="not numbers"):
            act(dark)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_spoiled_class_spoils_its_row_only(photo: Photo, value: float) -> None:
    class Odd(Fake):
        def answer(self, batch: np.ndarray) -> np.ndarray:
            scores = np.full((len(batch), 2), 0.5)
            scores[1, 1] = value
            return scores

    model = box_model(Odd())
    scores = model.scores(np.zeros((3, 3, *SIZE), dtype=np.float32))
    assert np.isnan(scores[1]).all()
    np.testing.assert_array_equal(scores[[0, 2]], 0.5)


# --- the file after loading --------------------------------------------------------------


@pytest.mark.parametrize("tune", [False, True])
def test_a_model_file_deleted_after_loading_still_runs(
    tmp_path: Path, photo: Photo, tune: bool
) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    model = load_model(path, preprocessing=UNIT, tune=tune)
    path.unlink()
    assert model.predict(photo)[0].index == 0
    assert explain(model, photo, calls=41).calls <= 41


# --- the sidecar -------------------------------------------------------------------------


def test_sidecar(rectangle_onnx: Path, photo: Photo) -> None:
    model = opened(rectangle_onnx)
    assert model.preprocessing_source == "sidecar"
    assert model.preprocessing.resize == "squash"
    assert model.labels == ("bright spot", "other place")
    assert model.assumptions == ()
    assert model.predict(photo)[0].label == "bright spot"
    given = opened(rectangle_onnx, preprocessing=UNIT, labels=["a", "b"])
    assert given.preprocessing_source == "given"
    assert given.labels == ("a", "b")


def test_without_a_sidecar_the_guess_is_said(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    model = opened(path)
    assert model.preprocessing_source == "assumed"
    assert any("assumed" in a.text for a in model.assumptions)
    assert model.describe()["assumptions"] == [a.text for a in model.assumptions]


def test_sidecar_of_another_file(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    write_sidecar(path, sha256="0" * 64)
    refused(path, "not the file that its sidecar describes")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "{}",
        '{"schema": 2}',
        "[" * 100_000,
        '{"schema": 1, "labels": 5}',
        '{"schema": 1, "labels": [1, 2]}',
        '{"schema": 1, "labels": "gone.txt"}',
        '{"schema": 1, "preprocessing": []}',
        '{"schema": 1, "preprocessing": {"sise": [8, 8]}}',
        '{"schema": 1, "preprocessing": {"std": 0}}',
        '{"schema": 1, "preprocessing": {"scale": "large"}}',
        '{"schema": 1, "preprocessing": {"size": 64}}',
        '{"schema": 1, "preprocessing": {"mean": [NaN]}}',
        '{"schema": 1, "preprocessing": {"resize": null}}',
    ],
    ids=lambda t: t[:60],
)
def test_unusable_sidecar(tmp_path: Path, text: str) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    path.with_suffix(".decam.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_sidecar_that_is_no_text(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE))
    path.with_suffix(".decam.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ModelError, match="not valid JSON"):
        opened(path)


# --- pre-processing ----------------------------------------------------------------------

CONVENTIONS = [
    Preprocessing.imagenet(),
    Preprocessing.unit((8, 9)),
    Preprocessing.symmetric((224, 224)),
    Preprocessing.raw(),
    Preprocessing(size=(4, 4), channels="L", layout="NHWC", mean=(1.0,), dtype="uint8", pad=0),
]


@pytest.mark.parametrize("preprocessing", CONVENTIONS)
def test_preprocessing_survives_json(preprocessing: Preprocessing) -> None:
    text = json.dumps(preprocessing.to_dict(), allow_nan=False)
    assert Preprocessing.from_dict(json.loads(text)) == preprocessing


@pytest.mark.parametrize(
    "record",
    [
        {"colour": "RGB"},
        {"size": [0, 5]},
        {"size": [1, 2, 3]},
        {"size": "large"},
        {"size": [100_000, 1]},
        {"resize": "stretch"},
        {"crop_fraction": 0},
        {"crop_fraction": float("nan")},
        {"crop_fraction": "half"},
        {"interpolation": "magic"},
        {"channels": "CMYK"},
        {"layout": "CHWN"},
        {"scale": 0},
        {"scale": float("inf")},
        {"mean": []},
        {"mean": [1, 2]},
        {"mean": "dark"},
        {"std": [1, 0, 1]},
        {"std": -1},
        {"dtype": "bool"},
        {"pad": 300},
        {"channels": "L", "mean": [1, 2, 3]},
        {"channels": ["RGB"]},
    ],
    ids=str,
)
def test_unusable_preprocessing(record: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Preprocessing.from_dict(record)


def test_preprocessing_arithmetic() -> None:
    pixels = np.zeros((2, 2, 3), dtype=np.uint8)
    pixels[0, 0] = (255, 128, 0)
    imagenet = Preprocessing(
        size=(2, 2), resize="squash", scale=1 / 255, mean=(0.5, 0.4, 0.3), std=(0.2, 0.1, 0.4)
    )
    expected = [(1 - 0.5) / 0.2, (128 / 255 - 0.4) / 0.1, -0.3 / 0.4]
    np.testing.assert_allclose(imagenet.apply(pixels)[:, 0, 0], expected, rtol=1e-5)
    turned = dataclasses.replace(imagenet, channels="BGR", layout="NHWC").apply(pixels)
    assert turned.shape == (2, 2, 3)
    backwards = [(0 - 0.5) / 0.2, (128 / 255 - 0.4) / 0.1, (1 - 0.3) / 0.4]
    np.testing.assert_allclose(turned[0, 0], backwards, rtol=1e-5)
    grey = Preprocessing(size=(2, 2), resize="squash", channels="L").apply(pixels)
    assert grey.shape == (1, 2, 2)
    assert grey[0, 0, 0] == pytest.approx(0.299 * 255 + 0.587 * 128)
    np.testing.assert_allclose(imagenet.normalise(255.0)[0], 2.5, rtol=1e-5)


# --- targets -----------------------------------------------------------------------------

NAMES = ["Cat", "cat", "dog", "12", "Siamese cat", "dog "]


def test_targets(photo: Photo) -> None:
    model = box_model(Constant((0.2, 0.3, 0.5)), labels=["Tiger cat", "Egyptian cat", "12"])
    for target, index in [
        (0, 0),
        (np.int64(2), 2),
        (np.uint8(1), 1),
        ("Tiger cat", 0),
        ("tiger CAT", 0),
        ("  Egyptian cat ", 1),
        ("1", 1),
        ("12", 2),
    ]:
        assert model.resolve_target(target, 3) == index


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (3, r"must lie in 0\.\.2.*found 3"),
        (-1, r"must lie in 0\.\.2.*found -1"),
        ("99", r"must lie in 0\.\.2.*found 99"),
        ("-1", r"must lie in 0\.\.2.*found -1"),
        ("tigre cat", "Did you mean 'Tiger cat'"),
        ("egypt", "Did you mean 'Egyptian cat'"),
        ("zzz", "no class named 'zzz'"),
        ("", "no class named ''"),
        (1.0, "index or a class name"),
        (True, "index or a class name"),
        ([0], "index or a class name"),
    ],
)
def test_unusable_targets(photo: Photo, target: Any, text: str) -> None:
    function = Constant((0.2, 0.3, 0.5))
    model = box_model(function, labels=["Tiger cat", "Egyptian cat", "12"])
    with pytest.raises(SettingsError, match=text):
        explain(model, photo, target=target, calls=41)
    assert function.seen <= 1


def test_ambiguous_and_exact_names() -> None:
    model = box_model(Constant((0.1,) * 4), labels=["crane", "Crane", "crane", "CRANE"])
    assert model.resolve_target("Crane", 4) == 1
    with pytest.raises(SettingsError, match=r"2 classes named 'crane' \(indices 0, 2\)"):
        model.resolve_target("crane", 4)
    with pytest.raises(SettingsError, match=r"4 classes named 'cRaNe'"):
        model.resolve_target("cRaNe", 4)


def test_names_without_labels(photo: Photo) -> None:
    model = box_model(Constant())
    assert model.predict(photo)[1].label == "class 1"
    with pytest.raises(SettingsError, match="names of this model are not known"):
        explain(model, photo, target="cat", calls=41)


# --- the bundled model -------------------------------------------------------------------


def test_the_bundled_model_names_the_bundled_photographs(demo: BlackBox) -> None:
    expected = {
        "cat.jpg": ("tiger cat", 282),
        "coffee.jpg": ("espresso", 967),
        "rocket.jpg": ("missile", 657),
        "astronaut.jpg": ("football helmet", 560),
    }
    photos = [load_image(p) for p in demo_photos()]
    assert {p.name for p in photos} == set(expected)
    for photo in photos:
        top = demo.predict(photo)
        assert (top[0].label, top[0].index) == expected[photo.name]
        assert [p.score for p in top] == sorted((p.score for p in top), reverse=True)
        assert 0.05 < top[0].score < 1.0
    assert demo.assumptions == ()
    assert demo.labels is not None
    assert len(demo.labels) == 1000


def test_the_bundled_files_are_what_their_sidecar_says() -> None:
    record = json.loads(demo_model().with_suffix(".decam.json").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(demo_model().read_bytes()).hexdigest()
    for folder in ("models", "photos", "labels"):
        assert (demo_model().parent.parent / folder / "LICENSE.md").is_file()


def test_a_damaged_bundled_model_is_noticed(tmp_path: Path) -> None:
    data = bytearray(demo_model().read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / demo_model().name
    path.write_bytes(data)
    sidecar = json.loads(demo_model().with_suffix(".decam.json").read_text(encoding="utf-8"))
    sidecar["labels"] = None
    path.with_suffix(".decam.json").write_text(json.dumps(sidecar), encoding="utf-8")
    with pytest.raises(DecamError, match="expected SHA-256"):
        load_model(path)
