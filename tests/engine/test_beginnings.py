"""Models that scale their input themselves are fed with what they scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import helper

from decam_engine import load_model
from decam_engine.models import doctor
from decam_engine.models.doctor import doctor_calls
from tests.fakes import bright_photo
from tests.model_zoo import F16, F32, info, node, save, tensor

SIZE = (72, 96)
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CAFFE = [103.939, 116.779, 123.68]


def scaled(
    folder: Path, steps: Sequence[tuple[str, npt.ArrayLike]], *, constants: bool = False
) -> Path:
    """image (channels last) -> steps -> mean of each channel -> two classes, softmax."""
    nodes, numbers, name = [], [], "image"
    for at, (op, values) in enumerate(steps):
        numbers.append(tensor(f"number{at}", values))
        nodes.append(node(op, f"{name} number{at}", f"step{at}"))
        name = f"step{at}"
    if constants:
        nodes = [helper.make_node("Constant", [], [t.name], value=t) for t in numbers] + nodes
    weights = np.array([[2.0, -1.0], [-1.0, 0.5], [0.3, 0.2]])
    graph = helper.make_graph(
        [
            *nodes,
            node("Transpose", name, "first", perm=[0, 3, 1, 2]),
            node("ReduceMean", "first", "mean", axes=[2, 3], keepdims=0),
            node("MatMul", "mean weights", "logits"),
            node("Softmax", "logits", "scores", axis=1),
        ],
        "scaled",
        [info("image", F32, ["N", *SIZE, 3])],
        [info("scores", F32, ["N", 2])],
        [tensor("weights", weights), *([] if constants else numbers)],
    )
    return save(folder, graph)


@pytest.mark.parametrize("constants", [False, True], ids=["initializers", "constants"])
@pytest.mark.parametrize(
    ("steps", "white", "order"),
    [
        ([("Mul", 1 / 255)], 255, "RGB"),
        ([("Div", 255.0)], 255, "RGB"),
        ([("Div", 127.5), ("Sub", 1.0)], 255, "RGB"),
        ([("Mul", 1 / 127.5), ("Add", -1.0)], 255, "RGB"),
        ([("Mul", 1 / 255), ("Sub", IMAGENET[0]), ("Div", IMAGENET[1])], 255, "RGB"),
        ([("Mul", 1 / 255), ("Sub", IMAGENET[0][::-1]), ("Div", IMAGENET[1])], 255, "BGR"),
        ([("Sub", CAFFE)], 255, "BGR"),
        ([("Sub", CAFFE[::-1])], 255, "RGB"),
        ([("Sub", IMAGENET[0]), ("Div", IMAGENET[1])], 1, "RGB"),
        ([("Mul", 2.0), ("Sub", 1.0)], 1, "RGB"),
        ([("Mul", 255.0)], 1, "RGB"),
    ],
)
def test_the_range_that_the_graph_tells(
    tmp_path: Path,
    steps: list[tuple[str, npt.ArrayLike]],
    white: int,
    order: str,
    constants: bool,
) -> None:
    path = scaled(tmp_path, steps, constants=constants)
    model = load_model(path, threads=1)
    p = model.preprocessing
    assert (p.scale, p.mean, p.std) == (1.0 if white == 255 else 1 / 255, (0.0,), (1.0,))
    assert (p.channels, p.resize) == (order, "squash")
    assert model.preprocessing_source == "assumed"
    (said,) = (a.text for a in model.assumptions if a.topic == "pre-processing")
    assert f"scales its input itself ({', '.join(op for op, _ in steps)})" in said
    assert f"0..{white}" in said
    # By hand, with the photograph as it is: 64 x 64 squashed by the engine, fed by us.
    photo = bright_photo()
    pixels = p.place(photo.pixels).astype(np.float32) * (white / 255)
    pixels = pixels[..., ::-1] if order == "BGR" else pixels
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (wanted,) = session.run(None, {"image": np.ascontiguousarray(pixels[None])})
    np.testing.assert_allclose(model.scores(model.prepare(photo)[None]), wanted, atol=1e-5)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("Mul", 2.0)],
        [("Add", 0.1)],
        # -1..1 turned into 0..1, and ImageNet's range into Inception's.
        [("Mul", 0.5), ("Add", 0.5)],
        [("Mul", [0.458, 0.448, 0.45]), ("Add", [-0.03, -0.088, -0.188])],
        [("Mul", -1 / 255)],
        [("Mul", 0.0)],
        [("Mul", 1e-30)],
    ],
)
def test_what_the_graph_does_not_tell(
    tmp_path: Path, steps: list[tuple[str, npt.ArrayLike]]
) -> None:
    model = load_model(scaled(tmp_path, steps), threads=1)
    (said,) = (a.text for a in model.assumptions if a.topic == "pre-processing")
    assert "itself" not in said
    assert model.preprocessing.std == (0.229, 0.224, 0.225)


@pytest.mark.parametrize("white", [255, 1])
def test_the_doctor_puts_the_told_range_first(tmp_path: Path, white: int) -> None:
    steps = [("Div", 127.5 if white == 255 else 0.5), ("Sub", 1.0)]
    model = load_model(scaled(tmp_path, steps), threads=1)
    found = doctor(model, [bright_photo()])
    first = found.candidates[0]
    assert f"0..{white}" in first.name
    assert "told by the model's first operators" in first.reason
    assert first.likely
    assert "first operators" in found.rule
    assert doctor_calls(model, 1) == found.calls


def test_one_minus_the_image_is_no_scaling(tmp_path: Path) -> None:
    path = scaled(tmp_path, [("Sub", 255.0)])
    model = onnx.load(path)
    first = next(n for n in model.graph.node if n.op_type == "Sub")
    first.input[:] = [first.input[1], first.input[0]]
    path.write_bytes(model.SerializeToString())
    assert "itself" not in load_model(path, threads=1).assumptions[0].text


def test_a_normalisation_by_a_batch_of_photographs(tmp_path: Path) -> None:
    numbers = {"gamma": [1.0] * 3, "beta": [0.0] * 3, "mean": CAFFE[::-1], "var": [3400.0] * 3}
    graph = helper.make_graph(
        [
            node("BatchNormalization", "image gamma beta mean var", "normal"),
            node("ReduceMean", "normal", "scores", axes=[2, 3], keepdims=0),
        ],
        "normal",
        [info("image", F32, ["N", 3, *SIZE])],
        [info("scores", F32, ["N", 3])],
        [tensor(name, values) for name, values in numbers.items()],
    )
    model = load_model(save(tmp_path, graph), threads=1)
    assert (model.preprocessing.scale, model.preprocessing.channels) == (1.0, "RGB")
    assert "(BatchNormalization)" in model.assumptions[0].text


def test_numbers_in_half_precision(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [
            node("Mul", "image by", "scaled"),
            node("ReduceMean", "scaled", "scores", axes=[2, 3], keepdims=0),
        ],
        "half",
        [info("image", F16, ["N", 3, *SIZE])],
        [info("scores", F16, ["N", 3])],
        [tensor("by", 1 / 255, np.float16)],
    )
    model = load_model(save(tmp_path, graph), threads=1)
    assert (model.preprocessing.scale, model.preprocessing.dtype) == (1.0, "float16")


def test_two_readers_of_the_image_tell_nothing(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [
            node("Mul", "image by", "scaled"),
            node("Add", "scaled image", "both"),
            node("ReduceMean", "both", "scores", axes=[2, 3], keepdims=0),
        ],
        "both",
        [info("image", F32, ["N", 3, *SIZE])],
        [info("scores", F32, ["N", 3])],
        [tensor("by", 1 / 255)],
    )
    model = load_model(save(tmp_path, graph), threads=1)
    assert "itself" not in model.assumptions[0].text
