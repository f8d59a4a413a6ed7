"""What the last operators before an output do to its values: told from the graph."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from decam_engine.models.graph import GraphReader, Node

# Operators that move or store values without changing what they mean.
_TRANSPARENT = frozenset(
    {
        "Cast",
        "Clip",
        "DequantizeLinear",
        "Dropout",
        "Flatten",
        "Gather",
        "Identity",
        "QuantizeLinear",
        "Reshape",
        "Slice",
        "Squeeze",
        "Transpose",
        "Unsqueeze",
    }
)
# What has to be done to the output of an operator to get probabilities.
_ENDINGS = {
    "Softmax": "none",
    "QLinearSoftmax": "none",
    "Sigmoid": "none",
    "HardSigmoid": "none",
    "QLinearSigmoid": "none",
    "LogSoftmax": "exp",
}
# Post-transforms of the operators of scikit-learn's models.
_CLASSIFIERS = ("LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier")
_SQUASHING = ("SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")
# Which inputs of operators with whole numbers as their answer are its scale and zero point.
_QUANTA = {
    "QuantizeLinear": (1, 2),
    "QLinearSoftmax": (3, 4),
    "QLinearSigmoid": (3, 4),
    "QLinearGlobalAveragePool": (3, 4),
    "QLinearMatMul": (6, 7),
    "QLinearConv": (6, 7),
    "QLinearAdd": (6, 7),
    "QGemm": (7, 8),
}
_LONGEST_WALK = 50


@dataclass(frozen=True)
class Ending:
    """How an output comes about.

    Attributes:
        operator: the one that gives the values their meaning, or the last one seen.
        activation: what is left to do to get probabilities, or None when the graph does not
            tell (a linear layer may end in logits as well as in probabilities).
        sums_to_one: whether the classes exclude each other; None = not told.
        keys: the class keys of an output that is a sequence of maps, in order.
        quantum: scale and zero point of an output of whole numbers, where the graph states them.
    """

    operator: str
    activation: str | None = None
    sums_to_one: bool | None = None
    keys: tuple[str, ...] | tuple[int, ...] | None = None
    quantum: tuple[float, float] | None = None


def ending(reader: GraphReader, output: str) -> Ending:
    """Walk back from an output to the operator that decides what its values are."""
    found, quantum = _walk(reader, output)
    return dataclasses.replace(found, quantum=quantum)


def steps(reader: GraphReader, outputs: Sequence[str]) -> dict[str, list[str]]:
    """For each output, the other ones that are computed from it."""
    makers = {name: node for node in reader.graph.nodes for name in node.outputs if name}
    found: dict[str, list[str]] = {name: [] for name in outputs}
    for output in outputs:
        seen, left = {output}, [output]
        while left:
            node = makers.get(left.pop())
            for name in () if node is None else node.inputs:
                if name not in seen:
                    seen.add(name)
                    left.append(name)
        for name in seen & set(outputs) - {output}:
            found[name].append(output)
    return found


def _walk(reader: GraphReader, output: str) -> tuple[Ending, tuple[float, float] | None]:
    makers = {name: node for node in reader.graph.nodes for name in node.outputs if name}
    keys: tuple[str, ...] | tuple[int, ...] | None = None
    operator = ""
    quantum: tuple[float, float] | None = None
    name = output
    for _ in range(_LONGEST_WALK):
        node = makers.get(name)
        if node is None:
            break
        operator = node.op
        if quantum is None and node.op in _QUANTA:
            quantum = _quantum(reader, node)
        if node.op == "ZipMap":
            keys = _keys(reader, node)
        elif node.op in _ENDINGS:
            sums = not node.op.endswith("igmoid")
            return Ending(node.op, _ENDINGS[node.op], sums, keys), quantum
        elif node.op in _CLASSIFIERS and name == node.outputs[-1]:
            squashes = reader.attributes(node).get("post_transform") in _SQUASHING
            return Ending(node.op, "none" if squashes else None, None, keys), quantum
        elif node.op == "Log" and node.inputs:
            before = makers.get(node.inputs[0])
            sums = before is not None and before.op == "Softmax"
            if sums:
                return Ending("Log(Softmax)", "exp", sums, keys), quantum
            return Ending("Log", None, sums, keys), quantum
        elif node.op not in _TRANSPARENT:
            break
        if not node.inputs:
            break
        name = node.inputs[0]
    return Ending(operator, None, None, keys), quantum


def _quantum(reader: GraphReader, node: Node) -> tuple[float, float] | None:
    """Scale and zero point of an operator's answer; without a zero point, it is 0."""
    places = _QUANTA[node.op]
    scale, zero = (reader.scalar(node.inputs[i]) if i < len(node.inputs) else 0.0 for i in places)
    if scale is None or zero is None or not (math.isfinite(scale) and scale > 0):
        return None
    return scale, zero


def _keys(reader: GraphReader, node: Node) -> tuple[str, ...] | tuple[int, ...] | None:
    attributes = reader.attributes(node)
    texts = attributes.get("classlabels_strings")
    if isinstance(texts, list) and texts:
        return tuple(str(t) for t in texts)
    numbers = attributes.get("classlabels_int64s")
    if isinstance(numbers, list) and numbers:
        return tuple(int(n) for n in numbers)
    return None
