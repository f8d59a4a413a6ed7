"""Filling a pre-processing in with what the model states, and guessing the rest aloud."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from decam_engine.errors import ModelError
from decam_engine.models.blackbox import Assumption
from decam_engine.models.onnx import OnnxInput
from decam_engine.models.preprocessing import Preprocessing

DEFAULT_SIZE = (224, 224)
# Smaller inputs are digits and icons, trained on the whole image in 0..1.
SMALL_SIDE = 64
# Least difference of black and white that an integer input is given.
INTEGER_RANGE = 100


def guess(found: OnnxInput) -> Preprocessing:
    """The commonest convention for an input like this; always shown as assumed."""
    if found.dtype == "uint8":
        return Preprocessing.raw()
    if found.dtype == "int8":
        return dataclasses.replace(Preprocessing.raw(), mean=(128.0,))
    sides = [s for s in found.size if s is not None]
    if found.channels == 1 or (sides and max(sides) < SMALL_SIDE):
        return Preprocessing.unit()
    return Preprocessing.imagenet()


def complete(
    preprocessing: Preprocessing,
    found: OnnxInput,
    name: str,
    assumptions: list[Assumption],
) -> Preprocessing:
    """Fill in what the model states and refuse what contradicts it.

    Raises:
        ModelError: layout, size, channels or range do not fit the model.
    """
    if found.layout_known:
        if preprocessing.layout not in (None, found.layout):
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes {found.layout}, the "
                f"pre-processing says {preprocessing.layout}."
            )
        layout = found.layout
    else:
        layout = preprocessing.layout or "NCHW"
        if preprocessing.layout is None:
            assumptions.append(Assumption("layout", "Layout assumed: channels first (NCHW)."))
    size = preprocessing.size
    stated = found.size
    if size is None:
        h, w = (s if s is not None else d for s, d in zip(stated, DEFAULT_SIZE, strict=True))
        size = (h, w)
        if None in stated:
            assumptions.append(assumed_size(size))
    elif any(s is not None and s != p for s, p in zip(stated, size, strict=True)):
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes {_pixels(stated)} pixels "
            f"(height x width), the pre-processing says {_pixels(size)}."
        )
    channels = preprocessing.channels
    if found.channels == 1 and channels != "L":
        if len(preprocessing.mean) > 1 or len(preprocessing.std) > 1:
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes 1 channel, the "
                f"pre-processing makes {preprocessing.channel_count}."
            )
        channels = "L"
    if found.channels == 3 and channels == "L":
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes 3 channels, the "
            "pre-processing makes 1."
        )
    complete = dataclasses.replace(
        preprocessing, size=size, layout=layout, channels=channels, dtype=found.dtype
    )
    _check_integers(complete, name)
    return complete


def _check_integers(preprocessing: Preprocessing, name: str) -> None:
    """An integer input must be given its whole range: 0..1 would round to black and white."""
    if preprocessing.dtype not in ("uint8", "int8"):
        return
    low, high = (float(preprocessing.normalise(grey).mean()) for grey in (0.0, 255.0))
    limits = np.iinfo(preprocessing.dtype)
    if low < limits.min - 1 or high > limits.max + 1 or high - low < INTEGER_RANGE:
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes {preprocessing.dtype} "
            f"({limits.min}..{limits.max}), the pre-processing makes {low:.3g}..{high:.3g}. For "
            "uint8 use scale 1, mean 0, std 1; for int8 the same with mean 128."
        )


def assumed(p: Preprocessing) -> Assumption:
    """What is said of a guessed pre-processing."""
    value = "pixel / 255" if math.isclose(p.scale, 1 / 255) else f"pixel x {p.scale:g}"
    mean, std = ", ".join(f"{m:g}" for m in p.mean), ", ".join(f"{s:g}" for s in p.std)
    return Assumption(
        "pre-processing",
        f"Pre-processing assumed: {p.channels}, {p.resize}, ({value} - ({mean})) / ({std}).",
    )


def assumed_size(size: tuple[int, int]) -> Assumption:
    """What is said of a guessed input size."""
    return Assumption("size", f"Input size assumed: {_pixels(size)} pixels (height x width).")


def _pixels(size: tuple[int | None, int | None]) -> str:
    return " x ".join("?" if s is None else str(s) for s in size)
