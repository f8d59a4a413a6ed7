"""Tiny real ONNX files, sound and odd, built on the spot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.fakes import BRIGHT, OTHER, Box

Dim = int | str | None


def rectangle_weights(
    size: tuple[int, int],
    boxes: Sequence[Box] = (BRIGHT, OTHER),
    *,
    channels: int = 3,
    layout: str = "NCHW",
    gain: float = 1.0,
) -> npt.NDArray[np.float32]:
    """Weights ``(pixels, K)`` that make output k ``gain`` x the mean of rectangle k."""
    columns = []
    for top, left, bottom, right in boxes:
        weight = np.zeros((channels, *size), dtype=np.float32)
        weight[:, top:bottom, left:right] = gain / (channels * (bottom - top) * (right - left))
        columns.append(weight if layout == "NCHW" else weight.transpose(1, 2, 0))
    return np.stack([c.reshape(-1) for c in columns], axis=1)


def linear_model(
    path: Path,
    weights: npt.NDArray[np.float32],
    *,
    batch: Dim = "N",
    size: tuple[Dim, Dim] = (64, 64),
    channels: Dim = 3,
    layout: str = "NCHW",
    activation: str | None = None,
    bias: float = 0.0,
    input_type: int = TensorProto.FLOAT,
) -> Path:
    """Flatten, multiply, add, activate (``Softmax``, ``Sigmoid`` or nothing)."""
    shape = [batch, channels, *size] if layout == "NCHW" else [batch, *size, channels]
    nodes = [
        helper.make_node("Cast", ["image"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["cast"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
        helper.make_node(activation or "Identity", ["logits"], ["scores"]),
    ]
    classes = weights.shape[1]
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(weights, np.float32), "weights"),
        numpy_helper.from_array(np.full(classes, bias, np.float32), "bias"),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("image", input_type, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, classes])],
        constants,
    )
    return write_graph(path, graph)


def identity_model(
    path: Path,
    input_shape: Sequence[Dim],
    *,
    input_type: int = TensorProto.FLOAT,
) -> Path:
    """Gives its input back: no classifier."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["same"])],
        "identity",
        [helper.make_tensor_value_info("image", input_type, input_shape)],
        [helper.make_tensor_value_info("same", input_type, input_shape)],
    )
    return write_graph(path, graph)


def two_input_model(path: Path) -> Path:
    """Adds two images and takes the mean of each channel."""
    shape = ["N", 3, 8, 8]
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["left", "right"], ["sum"]),
            helper.make_node("ReduceMean", ["sum"], ["scores"], axes=[2, 3], keepdims=0),
        ],
        "two",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in ("left", "right")],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 3])],
    )
    return write_graph(path, graph)


def square_root_model(path: Path, size: int = 8) -> Path:
    """Square root of (channel mean - 0.5): NaN for dark images."""
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["image"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Sub", ["mean", "half"], ["shifted"]),
            helper.make_node("Sqrt", ["shifted"], ["scores"]),
        ],
        "root",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, size, size])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 3])],
        [numpy_helper.from_array(np.float32(0.5).reshape(1), "half")],
    )
    return write_graph(path, graph)


def write_graph(path: Path, graph: onnx.GraphProto) -> Path:
    """Check a graph and write it as a model file that many ONNX Runtimes take."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def write_sidecar(model: Path, *, size: tuple[int, int] | None = None, **fields: Any) -> Path:
    """``MODEL.decam.json``: pre-processing 0..1 of the whole photograph, and what is given.

    Scores are stated to be probabilities: those of these models are, and need not sum to 1.
    """
    record: dict[str, Any] = {
        "schema": 1,
        "activation": "none",
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "preprocessing": {"resize": "squash", "crop_fraction": 1.0, "scale": 1 / 255},
    }
    if size is not None:
        record["preprocessing"]["size"] = list(size)
    record.update(fields)
    path = model.with_suffix(".decam.json")
    path.write_text(json.dumps(record), encoding="utf-8")
    return path
