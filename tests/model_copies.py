"""The bundled network in other people's clothes: layouts, types, endings, 8-bit weights.

Each copy is one function that changes the model; the tests and ``compare_copies.py`` use them.
"""

from __future__ import annotations

import dataclasses
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

from decam_engine import BlackBox, Preprocessing, demo_model, demo_photos, load_image, load_model

# As the bundled sidecar says, for inputs of other layouts and types.
NORMAL = Preprocessing.symmetric((224, 224))
NORMAL_NCHW = dataclasses.replace(NORMAL, layout="NCHW")
RAW = Preprocessing(size=(224, 224))


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


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """The bundled photographs as the bundled model is fed."""

    def __init__(self) -> None:
        photos = (load_image(path) for path in demo_photos())
        self._inputs = iter([{"image": NORMAL_NCHW.apply(photo.pixels)[None]} for photo in photos])

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        return next(self._inputs, None)


def quantise_throughout(model: onnx.ModelProto) -> None:
    """Weights and activations as int8, by ONNX Runtime's own tool: integer arithmetic."""
    graph = model.graph
    casts = {n.input[0]: n for n in graph.node if n.op_type == "Cast"}
    for stored in [i for i in graph.initializer if i.name in casts]:
        weights = numpy_helper.to_array(stored).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(weights, casts[stored.name].output[0]))
        graph.initializer.remove(stored)
        graph.node.remove(casts[stored.name])
    # The tool recommends a preparation that this model does not need.
    logging.disable(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "int8.onnx"
            quantize_static(
                model, path, _Calibration(), per_channel=True, weight_type=QuantType.QInt8
            )
            model.CopyFrom(onnx.load(path))
    finally:
        logging.disable(logging.NOTSET)


def bytes_out(model: onnx.ModelProto) -> None:
    """Probabilities in steps of 1/256, as TensorFlow Lite's quantised classifiers have them."""
    softmax_inside(model)
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.float32(1 / 256), "step"),
            numpy_helper.from_array(np.uint8(0), "least"),
        ]
    )
    inputs = ["probabilities", "step", "least"]
    model.graph.node.append(helper.make_node("QuantizeLinear", inputs, ["bytes"]))
    del model.graph.output[:]
    info = helper.make_tensor_value_info("bytes", TensorProto.UINT8, ["N", 1000])
    model.graph.output.append(info)


@dataclass(frozen=True)
class Copy:
    """A way to change the bundled model.

    Attributes:
        change: what is done to the file.
        preprocessing: how the copy is fed.
        exact: whether its arithmetic is that of the bundled model.
    """

    change: Callable[[onnx.ModelProto], None]
    preprocessing: Preprocessing = NORMAL
    exact: bool = True


COPIES = {
    "channels last": Copy(channels_last),
    "softmax inside": Copy(softmax_inside),
    "log-softmax inside": Copy(log_softmax_inside),
    "batch of one": Copy(fixed_batch),
    "background": Copy(background),
    # Blends of photograph and fill are rounded to whole numbers.
    "bytes in": Copy(bytes_in, RAW, exact=False),
    "bytes out": Copy(bytes_out, exact=False),
    "int8 weights": Copy(quantise, exact=False),
    "int8 throughout": Copy(quantise_throughout, exact=False),
}


def copy_of_demo(folder: Path, name: str, *, threads: int = 2, batch_size: int = 4) -> BlackBox:
    """Write a copy into a folder and open it."""
    copy = COPIES[name]
    model = onnx.load(demo_model())
    copy.change(model)
    path = folder / f"{name.replace(' ', '-')}.onnx"
    onnx.save(model, path)
    return load_model(
        path, preprocessing=copy.preprocessing, threads=threads, batch_size=batch_size
    )
