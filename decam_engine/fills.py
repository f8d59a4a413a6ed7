"""Reference images: what a removed pixel becomes. A new fill is one function and one line."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.models.preprocessing import Preprocessing

Array = npt.NDArray[np.float32]

# Blurs are stated for inputs of this side and grow with larger ones (a 11 x 11 blur hides
# nothing at 1,024 pixels); they do not shrink, or a digit would stay readable.
REFERENCE_SIDE = 224
# Between black and white, 0..255.
MIDDLE_GREY = 127.0


def gaussian_blur(image: Array, kernel: int, sigma: float) -> Array:
    """float32 ``(h, w, c)`` -> the same, blurred with a ``kernel x kernel`` Gaussian."""
    blurred = cv2.GaussianBlur(image, (kernel, kernel), sigma)
    return np.asarray(blurred, dtype=np.float32).reshape(image.shape)


def _blur(image: Array, preprocessing: Preprocessing) -> Array:
    """11 x 11, sigma 5: RISE's starting image for insertion."""
    factor = max(1.0, min(image.shape[:2]) / REFERENCE_SIDE)
    return gaussian_blur(image, 2 * round(5 * factor) + 1, 5.0 * factor)


def _strong_blur(image: Array, preprocessing: Preprocessing) -> Array:
    """Sigma 10: hides more, for scouting."""
    factor = max(1.0, min(image.shape[:2]) / REFERENCE_SIDE)
    return gaussian_blur(image, 2 * round(30 * factor) + 1, 10.0 * factor)


def mean_colour(preprocessing: Preprocessing) -> Array:
    """The mean colour of the training photographs as the model is fed, float32 ``(c,)``.

    That is 0 after normalisation, as in the authors' code of RISE. A model that is fed raw
    colours (0..255) normalises them itself: there 0 is black, and the middle grey stands in.
    """
    raw = preprocessing.scale == 1.0 and not any(preprocessing.mean)
    if preprocessing.channels == "L" or not raw:
        return np.zeros(preprocessing.channel_count, dtype=np.float32)
    return preprocessing.normalise(MIDDLE_GREY)


def _mean(image: Array, preprocessing: Preprocessing) -> Array:
    """See :func:`mean_colour`."""
    return np.broadcast_to(mean_colour(preprocessing), image.shape).astype(np.float32)


def _black(image: Array, preprocessing: Preprocessing) -> Array:
    """Pixel value 0."""
    return np.broadcast_to(preprocessing.normalise(0.0), image.shape).astype(np.float32)


FILLS: dict[str, Callable[[Array, Preprocessing], Array]] = {
    "blur": _blur,
    "strong-blur": _strong_blur,
    "mean": _mean,
    "black": _black,
}


def check_fill(name: str) -> str:
    """The name itself.

    Raises:
        SettingsError: no such fill.
    """
    if name not in FILLS:
        raise SettingsError(f"The fill must be one of {', '.join(FILLS)}, found {name!r}.")
    return name


def make_fill(name: str, prepared: Array, preprocessing: Preprocessing) -> Array:
    """The fill for a prepared photograph, in the same shape ``(c, h, w)`` or ``(h, w, c)``.

    Raises:
        SettingsError: no such fill.
    """
    function = FILLS[check_fill(name)]
    if preprocessing.layout == "NHWC":
        return np.ascontiguousarray(function(prepared, preprocessing))
    last = np.ascontiguousarray(prepared.transpose(1, 2, 0))
    return np.ascontiguousarray(function(last, preprocessing).transpose(2, 0, 1))
