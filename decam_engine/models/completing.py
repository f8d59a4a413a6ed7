"""Filling a pre-processing in with what the model file states, and guessing the rest aloud."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from decam_engine.errors import ModelError
from decam_engine.models.blackbox import Assumption
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.reading import OnnxInput

DEFAULT_SIZE = (224, 224)
# Smaller inputs are digits and icons, trained on the whole image in 0..1.
SMALL_SIDE = 64
# Least difference of black and white that an integer input is given.
INTEGER_RANGE = 100


def guess(found: OnnxInput) -> Preprocessing:
    """The commonest convention for an input like this; always shown as assumed."""
    told = found.beginning
    if told is not None and found.dtype.startswith("float"):
        # The network scales its pixels itself; only the framing and the order are open.
        fed = Preprocessing.raw() if told.white == 255 else Preprocessing.unit()
        grey = found.channels in (1, 4)
        return fed if grey else dataclasses.replace(fed, channels=told.order)
    if found.dtype == "uint8":
        return Preprocessing.raw()
    if found.dtype == "int8":
        return dataclasses.replace(Preprocessing.raw(), mean=(128.0,))
    sides = [s for s in found.size if s is not None]
    if found.channels in (1, 4) or (sides and max(sides) < SMALL_SIDE):
        return Preprocessing.unit()
    return Preprocessing.imagenet()


def complete(
    preprocessing: Preprocessing,
    found: OnnxInput,
    name: str,
    assumptions: list[Assumption],
) -> Preprocessing:
    """Fill in what the file states and refuse what contradicts it.

    Raises:
        ModelError: layout, size, channels or range do not fit the model.
    """
    filled = dataclasses.replace(
        preprocessing,
        layout=_layout(preprocessing, found, name, assumptions),
        size=_size(preprocessing, found, name, assumptions),
        channels=_channels(preprocessing, found, name, assumptions),
        dtype=found.dtype,
    )
    _check_integers(filled, name)
    return filled


def _layout(
    preprocessing: Preprocessing, found: OnnxInput, name: str, assumptions: list[Assumption]
) -> str:
    if found.layout_known:
        if preprocessing.layout not in (None, found.layout):
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes {found.layout}, the "
                f"pre-processing says {preprocessing.layout}."
            )
        return found.layout
    if preprocessing.layout is None:
        words = {"NCHW": "channels first", "NHWC": "channels last"}[found.layout]
        assumptions.append(Assumption("layout", f"Layout assumed: {words} ({found.layout})."))
    return preprocessing.layout or found.layout


def _size(
    preprocessing: Preprocessing, found: OnnxInput, name: str, assumptions: list[Assumption]
) -> tuple[int, int]:
    size, stated = preprocessing.size, found.size
    if size is not None:
        if any(s is not None and s != p for s, p in zip(stated, size, strict=True)):
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes {_pixels(stated)} pixels "
                f"(height x width), the pre-processing says {_pixels(size)}."
            )
        return size
    usual = found.ran or DEFAULT_SIZE
    h, w = (s if s is not None else d for s, d in zip(stated, usual, strict=True))
    if None in stated:
        tried = found.ran is not None and found.ran != DEFAULT_SIZE
        how = " (the first usual size that the model runs at)" if tried else ""
        assumptions.append(assumed_size((h, w), how))
    return h, w


def _channels(
    preprocessing: Preprocessing, found: OnnxInput, name: str, assumptions: list[Assumption]
) -> str:
    channels = preprocessing.channels
    several = max(len(preprocessing.mean), len(preprocessing.std))
    if found.channels == 1 and channels != "L":
        if several > 1:
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes 1 channel, the "
                f"pre-processing makes {preprocessing.channel_count}."
            )
        return "L"
    if found.channels == 4 and channels != "RGBA":
        if several > 1 or channels == "L":
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes 4 channels, the "
                f"pre-processing makes {preprocessing.channel_count}."
            )
        assumptions.append(
            Assumption(
                "channels",
                "4 channels assumed to be red, green, blue and an opaque alpha (255).",
            )
        )
        return "RGBA"
    if found.channels == 3 and channels in ("L", "RGBA"):
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes 3 channels, the "
            f"pre-processing makes {preprocessing.channel_count}."
        )
    return channels


def _check_integers(preprocessing: Preprocessing, name: str) -> None:
    """An integer input must be given its whole range: 0..1 would round to black and white."""
    if preprocessing.dtype not in ("uint8", "int8"):
        return
    low, high = (float(preprocessing.normalise(grey)[0]) for grey in (0.0, 255.0))
    limits = np.iinfo(preprocessing.dtype)
    if low < limits.min - 1 or high > limits.max + 1 or high - low < INTEGER_RANGE:
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes {preprocessing.dtype} "
            f"({limits.min}..{limits.max}), the pre-processing makes {low:.3g}..{high:.3g}. For "
            "uint8 use scale 1, mean 0, std 1; for int8 the same with mean 128."
        )


def spell_out(p: Preprocessing) -> str:
    """Colour order, resize rule and arithmetic of a pre-processing in one line."""
    value = "pixel / 255" if math.isclose(p.scale, 1 / 255) else f"pixel x {p.scale:g}"
    value = "pixel" if p.scale == 1.0 else value
    mean, std = ", ".join(f"{m:g}" for m in p.mean), ", ".join(f"{s:g}" for s in p.std)
    resize = f"{p.resize} {p.crop_fraction:g}" if p.resize == "crop" else p.resize
    return f"{p.channels}, {resize}, ({value} - ({mean})) / ({std})"


def assumed(p: Preprocessing, found: OnnxInput | None = None) -> Assumption:
    """What is said of a guessed pre-processing, and what the model itself tells of it."""
    text = f"Pre-processing assumed: {spell_out(p)}."
    told = None if found is None or not found.dtype.startswith("float") else found.beginning
    if told is not None:
        by = ", ".join(told.operators)
        text += f" The model scales its input itself ({by}), as one that takes 0..{told.white}."
    return Assumption("pre-processing", text)


def assumed_size(size: tuple[int, int], how: str = "") -> Assumption:
    """What is said of a guessed input size."""
    return Assumption("size", f"Input size assumed: {_pixels(size)} pixels (height x width){how}.")


def _pixels(size: tuple[int | None, int | None]) -> str:
    return " x ".join("?" if s is None else str(s) for s in size)
