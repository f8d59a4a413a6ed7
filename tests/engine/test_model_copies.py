"""The bundled network in other people's clothes gives the same answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from decam_engine import (
    BlackBox,
    Photo,
    Preprocessing,
    demo_model,
    demo_photos,
    explain,
    load_image,
    load_model,
)

# As the bundled sidecar says, for inputs of other layouts and types.
NORMAL = Preprocessing.symmetric((224, 224))
RAW = Preprocessing(size=(224, 224))


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return [load_image(p) for p in demo_photos()]


def rewire(model: onnx.ModelProto, name: str) -> None:
    """The network reads ``name`` in place of its input."""
    for node in model.graph.node:
        node.input[:] = [name if i == "image" else i for i in node.input]


def declare(model: onnx.ModelProto, kind: int, shape: list[int | str]) -> None:
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info("image", kind, shape))


def channels_last(model: onnx.ModelProto) -> None:
    rewire(model, "first")
    declare(model, TensorProto.FLOAT, ["N", 224, 224, 3])
    node = helper.make_node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2])
    model.graph.node.insert(0, node)


def bytes_in(model: onnx.ModelProto) -> None:
    """Pre-processing inside: uint8, channels last."""
    rewire(model, "fed")
    declare(model, TensorProto.UINT8, ["N", 224, 224, 3])
    model.graph.initializer.extend(
        [numpy_helper.from_array(np.float32(v), n) for n, v in (("mean", 127.0), ("std", 128.0))]
    )
    nodes = [
        helper.make_node("Cast", ["image"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["cast"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Sub", ["first", "mean"], ["shifted"]),
        helper.make_node("Div", ["shifted", "std"], ["fed"]),
    ]
    for node in reversed(nodes):
        model.graph.node.insert(0, node)


def softmax_inside(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    del model.graph.output[:]
    info = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 1000])
    model.graph.output.append(info)


def log_softmax_inside(model: onnx.ModelProto) -> None:
    softmax_inside(model)
    model.graph.node[-1].op_type = "LogSoftmax"


def fixed_batch(model: onnx.ModelProto) -> None:
    declare(model, TensorProto.FLOAT, [1, 3, 224, 224])
    model.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1


def background(model: onnx.ModelProto) -> None:
    """1,001 classes: one that is never seen before the others."""
    never = numpy_helper.from_array(np.float32([[-30.0]]), "never")
    model.graph.initializer.append(never)
    model.graph.initializer.append(numpy_helper.from_array(np.int64([1, 1]), "one"))
    nodes = [
        helper.make_node("Shape", ["logits"], ["rows"], start=0, end=1),
        helper.make_node("Concat", ["rows", "ones"], ["shape"], axis=0),
        helper.make_node("Expand", ["never", "shape"], ["first"]),
        helper.make_node("Concat", ["first", "logits"], ["more"], axis=1),
    ]
    model.graph.initializer.append(numpy_helper.from_array(np.int64([1]), "ones"))
    model.graph.node.extend(nodes)
    del model.graph.output[:]
    info = helper.make_tensor_value_info("more", TensorProto.FLOAT, ["N", 1001])
    model.graph.output.append(info)


COPIES: dict[str, tuple[Callable[[onnx.ModelProto], None], Preprocessing | None]] = {
    "channels last": (channels_last, NORMAL),
    "bytes in": (bytes_in, RAW),
    "softmax inside": (softmax_inside, NORMAL),
    "log-softmax inside": (log_softmax_inside, NORMAL),
    "batch of one": (fixed_batch, NORMAL),
    "background": (background, NORMAL),
}


def copy(folder: Path, name: str) -> BlackBox:
    change, preprocessing = COPIES[name]
    model = onnx.load(demo_model())
    change(model)
    path = folder / "net.onnx"
    onnx.save(model, path)
    return load_model(path, preprocessing=preprocessing, threads=2, batch_size=4)


@pytest.mark.parametrize("name", COPIES)
def test_same_five_classes(tmp_path: Path, demo: BlackBox, photos: list[Photo], name: str) -> None:
    model = copy(tmp_path, name)
    for photo in photos:
        expected, found = demo.predict(photo), model.predict(photo)
        assert [p.label for p in found] == [p.label for p in expected]
        np.testing.assert_allclose([p.score for p in found], [p.score for p in expected], atol=2e-3)


@pytest.mark.parametrize(
    ("name", "least"), [("channels last", 0.99), ("softmax inside", 0.99), ("bytes in", 0.7)]
)
def test_same_map(
    tmp_path: Path, demo: BlackBox, photos: list[Photo], name: str, least: float
) -> None:
    """Inputs of bytes are rounded, so that the search soon takes other turns."""
    model = copy(tmp_path, name)
    maps = [
        explain(m, photos[0], target=282, calls=120 if least > 0.9 else 1000).input_saliency
        for m in (demo, model)
    ]
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > least


def test_quantised_to_bytes(tmp_path: Path, demo: BlackBox, photos: list[Photo]) -> None:
    """Weights of 8 bits with integer arithmetic: nearly the same answers, a similar map."""
    path = tmp_path / "int8.onnx"
    model = onnx.load(demo_model())
    quantise(model)
    onnx.save(model, path)
    assert path.stat().st_size < 0.7 * demo_model().stat().st_size
    small = load_model(path, preprocessing=NORMAL, threads=2, batch_size=4)
    assert small.describe()["quantisation"] == "QDQ"
    agree = [demo.predict(p)[0].index == small.predict(p)[0].index for p in photos]
    assert sum(agree) >= 3
    # One map alone differs from seed to seed nearly as much, so the mean over photographs counts.
    likeness = []
    for photo in photos:
        target = demo.predict(photo)[0].index
        a, b = (explain(m, photo, target=target, calls=1000).input_saliency for m in (demo, small))
        likeness.append(np.corrcoef(a.ravel(), b.ravel())[0, 1])
    assert len(photos) == 4
    assert np.mean(likeness) > 0.6


def quantise(model: onnx.ModelProto) -> None:
    """Every large weight as int8 with one scale for each output channel, and a Dequantize."""
    graph = model.graph
    casts = {n.input[0]: n for n in graph.node if n.op_type == "Cast"}
    for initializer in list(graph.initializer):
        cast = casts.get(initializer.name)
        weights = numpy_helper.to_array(initializer).astype(np.float32)
        if cast is None or weights.ndim < 2:
            continue
        scale = np.abs(weights).reshape(len(weights), -1).max(axis=1) / 127
        scale = np.maximum(scale, 1e-8)
        shape = (-1, *[1] * (weights.ndim - 1))
        whole = np.rint(weights / scale.reshape(shape)).astype(np.int8)
        graph.initializer.remove(initializer)
        name = initializer.name
        graph.initializer.extend(
            [
                numpy_helper.from_array(whole, name),
                numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
            ]
        )
        cast.op_type = "DequantizeLinear"
        del cast.attribute[:]
        cast.input.append(f"{name}_scale")
        cast.attribute.append(helper.make_attribute("axis", 0))
