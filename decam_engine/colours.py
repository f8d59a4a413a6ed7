"""Colour maps: uniform to the eye, so that equal steps of the map look equal."""

from __future__ import annotations

from functools import lru_cache

import cmap
import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError

U8 = npt.NDArray[np.uint8]

# All perceptually uniform; cividis and viridis also for colour-blind readers. Never jet.
COLOUR_MAPS = {
    "inferno": "bids:inferno",
    "viridis": "bids:viridis",
    "magma": "bids:magma",
    "plasma": "bids:plasma",
    "cividis": "cividis:cividis",
}
# For differences: blue below 0, pale at 0, brown-red above; uniform, and safe for colour-blind
# readers.
DIVERGING = "crameri:vik"
DEFAULT_COLOUR_MAP = "inferno"
DEFAULT_OPACITY = 0.7
# Of the hatching over what a model does not see: grey levels of the two lines, which stand out
# from dark and from light photographs, and how far the photograph's own greys shrink below them.
HATCH_DARK, HATCH_LIGHT = 0, 255
HATCH_VEIL = 0.5
HATCH_INK = 0.7
# Saliency from which the overlay has its full opacity.
FULL_FROM = 0.35


@lru_cache(maxsize=16)
def colour_table(name: str = DEFAULT_COLOUR_MAP) -> U8:
    """uint8 ``(256, 3)`` RGB, from 0 to 1; read-only.

    Raises:
        SettingsError: unknown name.
    """
    if name not in COLOUR_MAPS:
        raise SettingsError(
            f"The colour map must be one of {', '.join(COLOUR_MAPS)}, found {name!r}."
        )
    rgba = cmap.Colormap(COLOUR_MAPS[name]).lut(256)
    table = np.rint(np.asarray(rgba)[:, :3] * 255.0).astype(np.uint8)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=1)
def diverging_table() -> U8:
    """uint8 ``(256, 3)`` RGB, from -1 (blue) over 0 (white) to 1 (red); read-only."""
    rgba = cmap.Colormap(DIVERGING).lut(256)
    table = np.rint(np.asarray(rgba)[:, :3] * 255.0).astype(np.uint8)
    table.flags.writeable = False
    return table


def colourise(saliency: npt.NDArray[np.float32], name: str = DEFAULT_COLOUR_MAP) -> U8:
    """A map in [0, 1], any shape ``(...)`` -> uint8 RGB ``(..., 3)``."""
    index = np.rint(np.clip(saliency, 0.0, 1.0) * 255.0).astype(np.uint8)
    return np.asarray(colour_table(name)[index])


def overlay(
    pixels: U8,
    saliency: npt.NDArray[np.float32],
    name: str = DEFAULT_COLOUR_MAP,
    opacity: float = DEFAULT_OPACITY,
) -> U8:
    """Colours of a map over a photograph; where the map is 0, the photograph stays as it is.

    Args:
        pixels: uint8 ``(H, W, 3)``.
        saliency: ``(H, W)`` in [0, 1].
        opacity: of the colours at and above ``FULL_FROM``, 0 (photograph) to 1 (colours alone);
            below, it falls to 0 with the map, so that the photograph is not darkened.
    """
    colours = colourise(saliency, name).astype(np.float32)
    alpha = np.float32(opacity) * np.minimum(saliency / np.float32(FULL_FROM), 1.0)[..., None]
    mixed = pixels + alpha * (colours - pixels)
    return np.asarray(np.rint(mixed).astype(np.uint8))


def hatch(pixels: U8, seen: npt.NDArray[np.bool_], step: int) -> U8:
    """Diagonal lines in two tones, over a pale grey photograph, where ``seen`` is False.

    Args:
        pixels: uint8 ``(H, W, 3)``.
        seen: bool ``(H, W)``.
        step: pixels from one pair of lines to the next, at least 4.
    """
    height, width = seen.shape
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    pale = grey + np.float32(HATCH_VEIL) * (127.5 - grey)
    place = (np.arange(height)[:, None] + np.arange(width)[None, :]) % step
    line = max(1, step // 8)
    for level, first in ((HATCH_DARK, 0), (HATCH_LIGHT, line)):
        on = (place >= first) & (place < first + line)
        pale = np.where(on, pale + np.float32(HATCH_INK) * (level - pale), pale)
    hatched = np.rint(pale).astype(np.uint8)[:, :, None]
    return np.where(seen[:, :, None], pixels, hatched)
