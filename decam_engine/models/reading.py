"""What a model takes and gives: its input's layout, and which output holds the class scores."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decam_engine.errors import ModelError

# The child that tries a model out knows the same types by the same names.
from decam_engine.models.beginning import Beginning
from decam_engine.models.probe_child import CHANNEL_NAMES, TYPES
from decam_engine.models.whole import Wholes

FLOATS = ("tensor(float)", "tensor(float16)", "tensor(double)")
# What quantised models answer with where nobody turned it back into fractions.
WHOLES = ("tensor(uint8)", "tensor(int8)")
# Answers of these are classes' numbers or places, never scores.
_COUNTING = ("ArgMax", "ArgMin", "TopK", "NonMaxSuppression")
_CHANNELS_FIRST = (3, 1)
_ALPHA = 4
_CLASS_WORDS = re.compile(r"prob|softmax|score|logit|class|pred|label|output_?0*$", re.IGNORECASE)
_OTHER_WORDS = re.compile(r"feat|embed|hidden|pool|aux|box|mask|anchor|state", re.IGNORECASE)


@dataclass(frozen=True)
class OnnxInput:
    """What the model's only input looks like.

    ``batch``, ``size`` entries and ``channels`` are None where the file leaves them open;
    ``ran`` is the ``(h, w)`` at which the model was tried out, None where it failed;
    ``beginning`` is what its first operators tell of the values it wants.
    """

    name: str
    dtype: str
    layout: str
    layout_known: bool
    batch: int | None
    channels: int | None
    size: tuple[int | None, int | None]
    ran: tuple[int, int] | None = None
    beginning: Beginning | None = None


@dataclass(frozen=True)
class OnnxOutput:
    """The output that is read.

    Attributes:
        name: in the file.
        count: classes, as far as the file or the first run tells.
        activation: told from the graph, or None.
        sums_to_one: whether the graph says that the classes exclude each other.
        operator: the graph's last operator that matters.
        keys: class keys in order, for a sequence of maps; else None.
        wholes: of scores that are whole numbers, else None.
        reason: why this one was taken, or "" when there was no choice.
        others: names of the outputs it was taken from, itself included.
    """

    name: str
    count: int | None
    activation: str | None
    sums_to_one: bool | None
    operator: str
    keys: tuple[str, ...] | tuple[int, ...] | None
    wholes: Wholes | None
    reason: str
    others: tuple[str, ...]


def read_input(facts: Mapping[str, Any], name: str) -> OnnxInput:
    """The model's only input.

    Raises:
        ModelError: not one image.
    """
    inputs = facts["inputs"]
    if len(inputs) != 1:
        names = ", ".join(i["name"][:60] for i in inputs[:8]) or "none"
        raise ModelError(
            f"{name} is no classifier of one image: expected exactly one input, found "
            f"{len(inputs)} ({names}). Export it with the image as its only input."
        )
    node = inputs[0]
    shape = [d if isinstance(d, int) and d > 0 else None for d in node["shape"]]
    if len(shape) != 4:
        raise ModelError(
            f"{name} takes no batch of images: expected an input of 4 dimensions (batch, channels, "
            f"height, width), found {len(shape)} ({shape_text(node['shape'])}). "
            f"{_missing(shape)}"
        )
    if node["type"] not in TYPES:
        raise ModelError(f"{name} takes {node['type']}; expected one of {', '.join(TYPES)}.")
    ran = (facts.get("ran") or {}).get("input")
    layout, known = _layout(node["shape"], ran, name)
    batch = shape[0]
    channels, size = (
        (shape[3], (shape[1], shape[2])) if layout == "NHWC" else (shape[1], (shape[2], shape[3]))
    )
    if channels is None and ran is not None:
        channels = ran[3] if layout == "NHWC" else ran[1]
    worked = None
    if ran is not None:
        worked = (ran[1], ran[2]) if layout == "NHWC" else (ran[2], ran[3])
    told = facts.get("beginning")
    return OnnxInput(
        node["name"],
        TYPES[node["type"]],
        layout,
        known,
        batch,
        channels,
        size,
        worked,
        None if told is None else Beginning(**{**told, "operators": tuple(told["operators"])}),
    )


def _missing(shape: Sequence[int | None]) -> str:
    """How a model of so many dimensions is turned into one of images."""
    if len(shape) == 2 and (shape[1] or 0) > 1:
        side = math.isqrt(shape[1] or 0)
        like = f", such as (batch, 1, {side}, {side})" if side * side == shape[1] else ""
        return (
            f"It takes rows of {shape[1]:,} numbers: put a Flatten in front of it in the ONNX file "
            f"that takes images{like}."
        )
    if len(shape) == 3 and shape[0] in (*_CHANNELS_FIRST, _ALPHA):
        return "It takes a single image without a batch: export it for a batch of 1."
    if len(shape) == 3:
        return "It takes grey images without a channel: export it with one, (batch, 1, h, w)."
    return "Export the image classifier itself."


def _layout(declared: Sequence[Any], ran: Sequence[int] | None, name: str) -> tuple[str, bool]:
    """Layout of the input, and whether the file states it."""
    first, last = declared[1], declared[3]
    for numbers in (_CHANNELS_FIRST, (_ALPHA,)):
        if first in numbers or last in numbers:
            return ("NCHW" if first in numbers else "NHWC"), True
    for dimension, layout in ((first, "NCHW"), (last, "NHWC")):
        if isinstance(dimension, str) and CHANNEL_NAMES.match(dimension):
            return layout, True
    # Open channels: what the model could be run with, first the common layout.
    ran_first = ran is None or ran[1] in (*_CHANNELS_FIRST, _ALPHA)
    if _open(first) and ran_first:
        return "NCHW", False
    if _open(last) and ran is not None:
        return "NHWC", False
    raise ModelError(
        f"{name} takes no grey or RGB images: expected 1, 3 or 4 channels first or last, found "
        f"the input shape ({shape_text(declared)})."
    )


def _open(dimension: Any) -> bool:
    return not (isinstance(dimension, int) and dimension > 0)


def read_output(
    facts: Mapping[str, Any], name: str, wanted: str | None = None, labels: int | None = None
) -> OnnxOutput:
    """The output that holds class scores.

    Of several, the first of those is taken that, in this order: has as many classes as there
    are labels; holds fractions; ends in a softmax, sigmoid or class map; is no step on the way
    to another one; has a name that speaks of classes and not of features; comes first in the
    file.

    Args:
        facts: of :func:`decam_engine.models.probing.probe`.
        name: of the model, for messages.
        wanted: an output's name given by the user, or None.
        labels: how many class names are known, or None.

    Raises:
        ModelError: none holds class scores, or there is no such output.
    """
    ran = (facts.get("ran") or {}).get("outputs", {})
    outputs = [{**o, **_ran_shape(o, ran.get(o["name"]))} for o in facts["outputs"]]
    fitting = [o for o in outputs if _may_be_scores(o)]
    listed = ", ".join(
        f"{o['name'][:60]} {o['type']} ({shape_text(o['shape'])})"
        + (f" by {o['operator']}" if o["operator"] in _COUNTING else "")
        for o in outputs[:8]
    )
    if wanted is not None:
        chosen = next((o for o in outputs if o["name"] == wanted), None)
        if chosen is None or chosen not in fitting:
            found = "no such output" if chosen is None else "one that holds no class scores"
            raise ModelError(
                f"The output {wanted!r} of {name} cannot be used: expected one of shape (batch, "
                f"classes), found {found}. It has: {listed or 'none'}."
            )
        return _output(chosen, "" if len(fitting) == 1 else "named by you", fitting)
    if not fitting:
        raise ModelError(
            f"{name} is no image classifier: expected an output of shape (batch, classes), found "
            f"{listed or 'none'}.{_remedy(outputs)}"
        )
    # A single number that is made of the scores, such as the largest, makes them no mere step.
    ends = {o["name"] for o in fitting if o["count"] != 1}
    ranks = [_rank(o, labels, bool(ends & set(o["leads_to"]))) for o in fitting]
    best = min(range(len(fitting)), key=lambda i: (ranks[i], i))
    reasons = (
        f"it has {fitting[best]['count']} classes, as many as there are names",
        "it holds fractions, not whole numbers",
        f"it ends in {fitting[best]['operator']}",
        "it is no step on the way to another output",
        "its name speaks of classes",
        "",
    )
    # The first rule that the chosen one passes and another does not.
    reason = "it comes first"
    for rule in range(len(ranks[best])):
        if any(r[rule] > ranks[best][rule] for r in ranks):
            reason = reasons[rule] or reason
            break
    return _output(fitting[best], "" if len(fitting) == 1 else reason, fitting)


def _remedy(outputs: Sequence[Mapping[str, Any]]) -> str:
    if any(o["operator"] in _COUNTING for o in outputs):
        return " Export the scores of all classes, before they are sorted or the best is picked."
    return ""


def _rank(output: Mapping[str, Any], labels: int | None, step: bool) -> tuple[int, ...]:
    """Smaller is likelier to be the class scores."""
    matches = labels is not None and output["count"] is not None
    words = 1
    if _OTHER_WORDS.search(output["name"]):
        words = 2
    elif _CLASS_WORDS.search(output["name"]):
        words = 0
    told = output["activation"] is not None or output["keys"] is not None
    fits = matches and output["count"] == labels
    whole = output["type"] in WHOLES
    return (0 if fits else 1, 1 if whole else 0, 0 if told else 1, 1 if step else 0, words)


def _output(
    chosen: Mapping[str, Any], reason: str, fitting: Sequence[Mapping[str, Any]]
) -> OnnxOutput:
    keys, quantum = chosen["keys"], chosen["quantum"]
    wholes = None
    if chosen["type"] in WHOLES:
        wholes = Wholes(TYPES[chosen["type"]], None if quantum is None else tuple(quantum))
    return OnnxOutput(
        name=chosen["name"],
        count=chosen["count"],
        activation=chosen["activation"],
        sums_to_one=chosen["sums_to_one"],
        operator=chosen["operator"],
        keys=None if not keys else tuple(keys),
        wholes=wholes,
        reason=reason,
        others=tuple(o["name"] for o in fitting),
    )


def _ran_shape(output: Mapping[str, Any], found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Shape, class keys and class count; what came out of the first run tells more."""
    shape = list(output["shape"]) if found is None else list(found["shape"])
    keys = output["keys"] or (None if found is None else found["keys"])
    sides = [d for d in shape[1:] if d != 1]
    count = None
    if keys:
        count = len(keys)
    elif len(shape) > 1 and all(isinstance(d, int) and d > 0 for d in sides):
        count = sides[0] if sides else 1
    elif len(shape) == 1:
        count = 1
    return {"keys": keys, "count": count, "ran": None if found is None else shape}


def _may_be_scores(output: Mapping[str, Any]) -> bool:
    if output["operator"] in _COUNTING:
        return False
    if output["type"].startswith("seq(map("):
        return bool(output["keys"]) and "tensor(float)" in output["type"]
    if output["type"] in WHOLES:
        # A whole number on its own is a class's number, unless the graph says otherwise.
        told = output["quantum"] is not None or output["activation"] is not None
        if not (told or (output["count"] or 0) > 1):
            return False
    elif output["type"] not in FLOATS:
        return False
    shape = output["ran"] if output["ran"] is not None else output["shape"]
    if output["ran"] is None and not shape:
        return True  # A shape that nobody stated, of a model that did not run yet.
    # (N,), (N, K), (N, K, 1, 1) and (N, 1, 1, K): at most one side besides the batch.
    wide = [d for d in shape[1:] if d != 1]
    return len(shape) >= 1 and len(wide) <= 1


def shape_text(shape: Sequence[Any]) -> str:
    """A shape as people write it."""
    return ", ".join("?" if d is None else str(d) for d in shape)
