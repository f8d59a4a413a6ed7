"""The usual ways in which photographs are fed to classifiers.

A new convention is one line in a table; its place there is its place among equals.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from decam_engine.models.completing import SMALL_SIDE
from decam_engine.models.preprocessing import Preprocessing


@dataclass(frozen=True)
class Range:
    """A way to turn a pixel p into a number: ``(p * scale - mean) / std``, mean as for RGB.

    ``handicap`` says how rare it is: how much more surely a model's answers must agree (see
    :mod:`decam_engine.models.doctor`), summed over the photographs, to prefer it to the
    commonest one. ``orders`` are the colour orders it is used with, the usual one first.
    """

    name: str
    users: str
    scale: float
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    handicap: float = 0.0
    orders: tuple[str, ...] = ("RGB", "BGR")


@dataclass(frozen=True)
class Framing:
    """A way to bring a photograph to the input's size."""

    name: str
    resize: str
    crop_fraction: float = 1.0


# The handicap of the unusual colour order of a range.
OTHER_ORDER = 0.4
# Commonest first.
RANGES = (
    Range(
        "ImageNet mean and deviation",
        "torchvision, timm",
        1 / 255,
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
    ),
    Range("(p - 127) / 128", "EfficientNet-Lite, mobile models", 1.0, (127.0,), (128.0,), 0.12),
    Range("-1..1", "Keras, TensorFlow, ViT", 1.0, (127.5,), (127.5,), 0.12),
    Range("0..1", "Ultralytics, own training", 1 / 255, handicap=0.12),
    Range("0..255", "pre-processing inside the model", 1.0, handicap=0.2),
    Range(
        "Caffe's mean, no deviation",
        "Caffe, Keras' VGG and ResNet",
        1.0,
        (123.68, 116.779, 103.939),
        handicap=0.28,
        orders=("BGR", "RGB"),
    ),
    Range(
        "CLIP's mean and deviation",
        "CLIP and its descendants",
        1 / 255,
        (0.48145466, 0.4578275, 0.40821073),
        (0.26862954, 0.26130258, 0.27577711),
        0.4,
    ),
)
SMALL_RANGES = (
    Range("0..1", "Keras, own training", 1 / 255),
    Range("-1..1", "PyTorch's tutorials", 1.0, (127.5,), (127.5,), 0.12),
    Range("MNIST's mean and deviation", "PyTorch's examples", 1 / 255, (0.1307,), (0.3081,), 0.12),
    Range("0..255", "pre-processing inside the model", 1.0, handicap=0.2),
)
BYTES = (Range("0..255", "pre-processing inside the model", 1.0),)
SIGNED_BYTES = (Range("-128..127", "quantised models", 1.0, (128.0,)),)
FRAMINGS = (
    Framing("centre crop of 87.5 %", "crop", 0.875),
    Framing("centre crop of 100 %", "crop", 1.0),
    Framing("whole photo, squashed", "squash"),
    Framing("centre crop of 95 %", "crop", 0.95),
    Framing("whole photo, padded", "letterbox"),
)
SMALL_FRAMINGS = (FRAMINGS[2], FRAMINGS[1], FRAMINGS[4])


@dataclass(frozen=True)
class Convention:
    """One usual pre-processing: a range, a colour order and a framing."""

    preprocessing: Preprocessing
    range: Range
    order: str
    framing: Framing

    @property
    def handicap(self) -> float:
        """Of the range and the colour order together."""
        usual = self.order in ("L", "RGBA", self.range.orders[0])
        return self.range.handicap + (0.0 if usual else OTHER_ORDER)

    @property
    def name(self) -> str:
        """As people call it."""
        order = "grey" if self.order == "L" else self.order
        return f"{order}, {self.range.name}, {self.framing.name}"


def conventions(like: Preprocessing) -> list[Convention]:
    """All usual ways to feed a model, commonest first.

    Args:
        like: a complete record for this model: size, layout, channels and dtype are kept.
    """
    size = like.fixed_size()
    small = max(size) < SMALL_SIDE
    ranges: tuple[Range, ...] = SMALL_RANGES if small or like.channels == "L" else RANGES
    if like.dtype in ("uint8", "int8"):
        ranges = BYTES if like.dtype == "uint8" else SIGNED_BYTES
    made = []
    for rule in ranges:
        orders = (like.channels,) if like.channel_count != 3 else rule.orders
        # Three numbers are of no use to a model of one or four channels.
        if like.channel_count != 3 and len(rule.mean) > 1:
            continue
        for order in orders:
            turned = slice(None, None, -1 if order == "BGR" else 1)
            for framing in SMALL_FRAMINGS if small else FRAMINGS:
                record = dataclasses.replace(
                    like,
                    resize=framing.resize,
                    crop_fraction=framing.crop_fraction,
                    interpolation="bilinear",
                    channels=order,
                    scale=rule.scale,
                    mean=rule.mean[turned],
                    std=rule.std[turned],
                )
                made.append(Convention(record, rule, order, framing))
    return made


def same_values(one: Preprocessing, other: Preprocessing) -> bool:
    """Whether two records feed the same numbers, up to rounding."""
    keys = ("size", "resize", "channels", "layout", "dtype", "interpolation")
    a, b = dataclasses.asdict(one), dataclasses.asdict(other)
    if any(a[k] != b[k] for k in keys):
        return False
    if one.resize == "crop" and abs(one.crop_fraction - other.crop_fraction) > 1e-3:
        return False
    span = abs(one.normalise(255.0) - one.normalise(0.0)).max()
    return all(
        float(abs(one.normalise(grey) - other.normalise(grey)).max()) < 1e-3 * span
        for grey in (0.0, 255.0)
    )
