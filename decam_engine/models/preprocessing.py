"""How a photograph becomes a model's input: an explicit, serialisable record."""

from __future__ import annotations

import dataclasses
import math
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.geometry import INTERPOLATIONS, RESIZE_RULES, Fit, apply_fit, fit

CHANNEL_ORDERS = ("RGB", "BGR", "RGBA", "L")
_COUNTS = {"L": 1, "RGBA": 4}
OPAQUE = 255
LAYOUTS = ("NCHW", "NHWC")
DTYPES = ("float32", "float16", "float64", "uint8", "int8")
# ITU-R BT.601 luma, what Pillow's convert("L") uses.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
MAX_INPUT_SIDE = 8192


@dataclass(frozen=True)
class Preprocessing:
    """Everything that is done to a photograph before the model sees it.

    A pixel p (0..255) of channel c becomes ``(p * scale - mean[c]) / std[c]``.

    Attributes:
        size: model input ``(h, w)`` in pixels; None = take it from the model.
        resize: ``squash``, ``crop`` or ``letterbox``, see :func:`decam_engine.geometry.fit`.
        crop_fraction: for ``crop``, the input's side divided by the side resized to
            (224 / 256 = 0.875).
        interpolation: ``nearest``, ``bilinear``, ``bicubic`` or ``lanczos`` (antialiased).
        channels: ``RGB``, ``BGR``, ``RGBA`` (an opaque alpha) or ``L`` (one channel, luma).
        layout: ``NCHW`` or ``NHWC``; None = take it from the model.
        scale, mean, std: see above; mean and std have one number per channel, or one for all.
        dtype: what the model is fed with; integers are rounded and clipped.
        pad: grey (0..255) of what a letterbox leaves free.
    """

    size: tuple[int, int] | None = None
    resize: str = "crop"
    crop_fraction: float = 0.875
    interpolation: str = "bilinear"
    channels: str = "RGB"
    layout: str | None = None
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    dtype: str = "float32"
    pad: int = 114

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", _numbers("mean", self.mean))
        object.__setattr__(self, "std", _numbers("std", self.std))
        if self.size is not None:
            object.__setattr__(self, "size", _size(self.size))
        _one_of("resize", self.resize, RESIZE_RULES)
        _one_of("interpolation", self.interpolation, tuple(INTERPOLATIONS))
        _one_of("channels", self.channels, CHANNEL_ORDERS)
        _one_of("dtype", self.dtype, DTYPES)
        if self.layout is not None:
            _one_of("layout", self.layout, LAYOUTS)
        if not 0.1 <= self.crop_fraction <= 1.0:
            raise SettingsError(
                f"Preprocessing crop_fraction must lie in 0.1..1, found {self.crop_fraction}."
            )
        if not 0 <= self.pad <= 255:
            raise SettingsError(f"Preprocessing pad must lie in 0..255, found {self.pad}.")
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise SettingsError(f"Preprocessing scale must be above 0, found {self.scale}.")
        if any(s <= 0 for s in self.std):
            raise SettingsError(f"Preprocessing std must be above 0, found {self.std}.")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (1, self.channel_count):
                raise SettingsError(
                    f"Preprocessing {name} must have 1 or {self.channel_count} numbers for "
                    f"{self.channels}, found {len(values)}."
                )

    # --- the usual conventions ---------------------------------------------------------

    @classmethod
    def imagenet(cls, size: tuple[int, int] | None = None) -> Preprocessing:
        """torchvision's and timm's default: 0..1, ImageNet mean and deviation, centre crop."""
        return cls(size=size, scale=1 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))

    @classmethod
    def unit(cls, size: tuple[int, int] | None = None) -> Preprocessing:
        """0..1, the whole photograph squashed onto the input."""
        return cls(size=size, resize="squash", crop_fraction=1.0, scale=1 / 255)

    @classmethod
    def symmetric(cls, size: tuple[int, int] | None = None) -> Preprocessing:
        """``(p - 127) / 128``, centre crop, as EfficientNet-Lite is fed."""
        return cls(size=size, mean=(127.0,), std=(128.0,))

    @classmethod
    def raw(cls, size: tuple[int, int] | None = None) -> Preprocessing:
        """0..255 untouched: for models with the pre-processing inside."""
        return cls(size=size, resize="squash", crop_fraction=1.0)

    # --- use ---------------------------------------------------------------------------

    @property
    def channel_count(self) -> int:
        """1, 3 or 4."""
        return _COUNTS.get(self.channels, 3)

    def fit(self, photo_size: tuple[int, int]) -> Fit:
        """Where a photograph of ``(H, W)`` pixels lies on the input."""
        return fit(photo_size, self.fixed_size(), self.resize, self.crop_fraction)

    def fixed_size(self) -> tuple[int, int]:
        """``size``, which must be known by now.

        Raises:
            SettingsError: ``size`` is None.
        """
        if self.size is None:
            raise SettingsError(
                "The model's input size is not known: expected (h, w) in the pre-processing, "
                "found None. Give it, for example Preprocessing.imagenet(size=(224, 224))."
            )
        return self.size

    def apply(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """uint8 ``(H, W, 3)`` RGB -> float32 ``(c, h, w)`` or ``(h, w, c)`` by ``layout``."""
        return self.encode(self.place(pixels))

    def place(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The photograph on the input: uint8 ``(H, W, 3)`` -> uint8 ``(h, w, 3)``, RGB."""
        placed = self.fit((int(pixels.shape[0]), int(pixels.shape[1])))
        return apply_fit(pixels, placed, self.interpolation, self.pad)

    def encode(self, placed: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """What :meth:`place` made -> float32 ``(c, h, w)`` or ``(h, w, c)`` by ``layout``."""
        fitted = placed.astype(np.float32)
        if self.channels == "L":
            values = (fitted @ _LUMA)[:, :, None]
        elif self.channels == "RGBA":
            values = np.concatenate([fitted, np.full_like(fitted[:, :, :1], OPAQUE)], axis=2)
        else:
            values = fitted if self.channels == "RGB" else fitted[:, :, ::-1]
        values = (values * np.float32(self.scale) - _f32(self.mean)) / _f32(self.std)
        if self.layout != "NHWC":
            values = values.transpose(2, 0, 1)
        return np.ascontiguousarray(values, dtype=np.float32)

    def normalise(self, grey: float) -> npt.NDArray[np.float32]:
        """What a pixel of value ``grey`` (0..255) becomes: float32 ``(c,)``."""
        pixel = np.full(self.channel_count, grey, dtype=np.float32)
        if self.channels == "RGBA":
            pixel[3] = OPAQUE
        value = (pixel * np.float32(self.scale) - _f32(self.mean)) / _f32(self.std)
        return np.asarray(value, dtype=np.float32)

    # --- serialisation -----------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; the inverse of :meth:`from_dict`."""
        return {
            k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Preprocessing:
        """The inverse of :meth:`to_dict`.

        Raises:
            SettingsError: unknown or unusable fields.
        """
        if not isinstance(record, dict):
            raise SettingsError(
                f"Pre-processing must be an object with named fields, found {record!r}."
            )
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(record) - known)
        if unknown:
            raise SettingsError(
                f"Pre-processing has unknown fields {unknown}; expected only {sorted(known)}."
            )
        try:
            return cls(**record)
        except TypeError as error:
            raise SettingsError(f"Pre-processing has a field of the wrong type: {error}.") from None


def as_dtype(inputs: npt.NDArray[np.float32], dtype: str) -> npt.NDArray[Any]:
    """Prepared inputs in the type that a model takes; integers are rounded and clipped."""
    if dtype == "float32":
        return inputs
    if dtype in ("uint8", "int8"):
        limits = np.iinfo(dtype)
        return np.clip(np.rint(inputs), limits.min, limits.max).astype(dtype)
    return inputs.astype(dtype)


def _f32(values: tuple[float, ...]) -> npt.NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    try:
        numbers = tuple(float(v) for v in np.atleast_1d(value))
    except (TypeError, ValueError):
        numbers = ()
    if not numbers or not all(math.isfinite(v) for v in numbers):
        raise SettingsError(f"Preprocessing {name} must be finite numbers, found {value!r}.")
    return numbers


def _size(value: Any) -> tuple[int, int]:
    try:
        h, w = (operator.index(v) for v in value)
    except (TypeError, ValueError):
        h = w = 0
    if not (1 <= h <= MAX_INPUT_SIDE and 1 <= w <= MAX_INPUT_SIDE):
        raise SettingsError(
            f"Preprocessing size must be (h, w) in pixels, 1..{MAX_INPUT_SIDE}, found {value!r}."
        )
    return h, w


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(
            f"Preprocessing {name} must be one of {', '.join(allowed)}, found {value!r}."
        )
