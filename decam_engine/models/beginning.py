"""What the first operators after the input do to its values: pre-processing inside the model.

Keras and TensorFlow put the scaling of pixels into the network. Who feeds such a model with
pixels that are scaled already gets answers, and wrong ones; the constants in the graph tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from decam_engine.models.graph import GraphReader, Node

# Operators that move or store values without changing what they mean.
_TRANSPARENT = frozenset({"Cast", "Dropout", "Identity", "Resize", "Transpose", "Upsample"})
_ARITHMETIC = ("Add", "Sub", "Mul", "Div")
_LONGEST_WALK = 30
# Networks are trained on values that span from 1 (0..1) to some 5 (deviations of 0.2).
_SPANS = (0.9, 8.0)
_LOWEST = -5.0
# Means of photographs: in 0..255 as Caffe takes them away, and as a part of white.
_CAFFE_MEAN = 50.0
_LEAST_MEAN = 0.3
# In photographs red is brighter than blue, so that means that rise are those of BGR.
_ASCENDS = 1.05


@dataclass(frozen=True)
class Beginning:
    """What the model wants to be fed, as its first operators tell.

    Attributes:
        white: value of a white pixel, 255 or 1; black is 0.
        order: ``RGB`` or ``BGR``.
        operators: those that tell, in order.
    """

    white: int
    order: str
    operators: tuple[str, ...]


def beginning(reader: GraphReader, name: str) -> Beginning | None:
    """Walk from an input through its arithmetic; None where the graph does not tell."""
    readers: dict[str, list[Node]] = {}
    for node in reader.graph.nodes:
        for used in set(node.inputs):
            readers.setdefault(used, []).append(node)
    factors, offsets, operators = [1.0], [0.0], []
    for _ in range(_LONGEST_WALK):
        # Shapes are looked up beside the way of the values.
        following = [node for node in readers.get(name, ()) if node.op not in ("Shape", "Size")]
        if len(following) != 1 or not following[0].outputs:
            break
        node = following[0]
        if node.op in _ARITHMETIC:
            changed = _arithmetic(reader, node, name, factors, offsets)
        elif node.op == "BatchNormalization":
            changed = _normalisation(reader, node, factors, offsets)
        elif node.op in _TRANSPARENT and node.inputs[0] == name:
            name = node.outputs[0]
            continue
        else:
            break
        if changed is None:
            break
        factors, offsets = changed
        operators.append(node.op)
        name = node.outputs[0]
    return _judge(factors, offsets, tuple(operators)) if operators else None


def _arithmetic(
    reader: GraphReader, node: Node, name: str, factors: list[float], offsets: list[float]
) -> tuple[list[float], list[float]] | None:
    """Factor and offset of each channel after one operator; None where it is no constant's."""
    if len(node.inputs) != 2:
        return None
    first = node.inputs[0] == name
    by = reader.numbers(node.inputs[1 if first else 0])
    # "1 - x" and "1 / x" are no pre-processing.
    if by is None or len(by) not in (1, 3) or (not first and node.op in ("Sub", "Div")):
        return None
    if node.op in ("Add", "Sub"):
        sign = 1.0 if node.op == "Add" else -1.0
        return factors, _each(offsets, [sign * v for v in by], lambda a, b: a + b)
    if any(v == 0 or not math.isfinite(v) for v in by):
        return None
    times = by if node.op == "Mul" else [1.0 / v for v in by]
    return (
        _each(factors, times, lambda a, b: a * b),
        _each(offsets, times, lambda a, b: a * b),
    )


def _normalisation(
    reader: GraphReader, node: Node, factors: list[float], offsets: list[float]
) -> tuple[list[float], list[float]] | None:
    parts = [reader.numbers(name) for name in node.inputs[1:5]]
    if len(parts) != 4 or any(p is None or len(p) not in (1, 3) for p in parts):
        return None
    scale, shift, mean, variance = (p or [] for p in parts)
    if any(not v > 0 for v in variance):
        return None
    times = _each(scale, variance, lambda a, v: a / math.sqrt(v))
    away = _each(mean, times, lambda m, t: -m * t)
    moved = _each(_each(offsets, times, lambda a, b: a * b), away, lambda a, b: a + b)
    return (
        _each(factors, times, lambda a, b: a * b),
        _each(moved, shift, lambda a, b: a + b),
    )


def _each(one: list[float], other: list[float], do: Callable[[float, float], float]) -> list[float]:
    """Channel by channel; a single number is that of every channel."""
    count = max(len(one), len(other))
    wide = [v * (count if len(v) == 1 else 1) for v in (one, other)]
    return [do(a, b) for a, b in zip(*wide, strict=True)]


def _judge(
    factors: list[float], offsets: list[float], operators: tuple[str, ...]
) -> Beginning | None:
    """The range that these make of one that networks are trained on."""
    if any(not (math.isfinite(v) and v > 0) for v in factors):
        return None
    channels = _each(factors, offsets, lambda a, b: -b / a)  # what becomes 0: the means
    factor, low = sum(factors) / len(factors), min(offsets)
    order = "RGB"
    if len(channels) == 3 and channels[2] > channels[1] > channels[0] > 0:
        order = "BGR" if channels[2] > _ASCENDS * channels[0] else "RGB"
    mean = sum(channels) / len(channels)
    white = None
    if _SPANS[0] <= 255 * factor <= _SPANS[1] and _LOWEST <= low <= _LEAST_MEAN:
        white = 255  # divided
    elif math.isclose(factor, 1.0) and _CAFFE_MEAN < mean < 255 - _CAFFE_MEAN:
        white = 255  # only moved
    elif math.isclose(factor, 255.0, rel_tol=0.01) or (
        _SPANS[0] <= factor <= _SPANS[1] and _LEAST_MEAN < mean < 1 - _LEAST_MEAN
    ):
        white = 1
    return None if white is None else Beginning(white, order, operators)
