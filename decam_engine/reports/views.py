"""The pictures of a report, all on the photograph's own pixels and of one size."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.colours import colour_table, hatch, overlay
from decam_engine.geometry import Fit, resize_pixels, seen_mask, to_photo
from decam_engine.regions import Region

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

Number = TypeVar("Number", bound=np.generic)
U8 = npt.NDArray[np.uint8]
# Names, in the order of the report.
PHOTO, MAP, KEPT, REMOVED = "photo", "map", "kept", "removed"
PICTURES = (PHOTO, MAP, KEPT, REMOVED)
RAMP = "ramp"
# Longer side in pixels: 300 to the inch at 9 cm. Smaller photographs are enlarged by whole
# numbers, each pixel a square, so that a digit of 28 x 28 shows what the model saw.
LARGEST, SMALLEST = 1100, 420
# What is hidden is left as a ghost: this share of its grey on pale paper.
GHOST = 0.14
_PAPER = 244.0
# Around what was kept or removed: pixels, and a blue that stands out from skin, sky and snow.
OUTLINE = 2
OUTLINE_COLOUR = (0, 114, 206)
# Share of the map that stands for a region where none was measured.
TOP_SHARE = 0.1


def views(e: Explanation, largest: int = LARGEST, smallest: int = SMALLEST) -> dict[str, U8]:
    """uint8 RGB pictures by name: photograph, map over it, what matters, all but that.

    Args:
        largest, smallest: of the longer side in pixels.
    """
    size = e.photo.size
    times = max(1, -(-smallest // max(size)))
    shown = size
    if max(size) > largest:
        factor = largest / max(size)
        shown = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    photo = resize_pixels(e.photo.pixels, shown, Image.Resampling.LANCZOS)
    fit = dataclasses.replace(e.fit, photo_size=shown)
    saliency = np.clip(to_photo(e.input_saliency, fit), 0.0, 1.0)
    looked = seen_mask(fit)
    # What was never seen keeps its pixels below the hatching.
    kept = _region(e, fit, e.keep_region) | ~looked
    removed = _region(e, fit, e.flip_region)
    seen = _enlarged(looked, times)
    photo, saliency = _enlarged(photo, times), _enlarged(saliency, times)
    ghost = _ghost(photo)
    step = max(8, max(seen.shape) // 60)

    def hatched(pixels: U8) -> U8:
        return np.ascontiguousarray(hatch(pixels, seen, step))

    return {
        PHOTO: np.ascontiguousarray(photo),
        MAP: hatched(overlay(photo, saliency)),
        KEPT: hatched(_outlined(_enlarged(kept, times), seen, photo, ghost)),
        REMOVED: hatched(_outlined(_enlarged(removed, times), seen, ghost, photo)),
    }


def ramp() -> U8:
    """The colour bar, uint8 ``(1, 256, 3)`` from 0 to 1."""
    return np.array(colour_table()[None])


def png(pixels: U8) -> bytes:
    """Lossless, without metadata."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=9)
    return stream.getvalue()


def _region(e: Explanation, fit: Fit, region: Region | None) -> npt.NDArray[np.bool_]:
    some = region if region is not None else Region(TOP_SHARE, 0.0, 0)
    if not e.input_saliency.any():
        return np.zeros(fit.photo_size, dtype=np.bool_)
    inside = some.mask(e.input_saliency).astype(np.float32)
    return np.asarray(to_photo(inside, fit) >= 0.5)


def _enlarged(pixels: npt.NDArray[Number], times: int) -> npt.NDArray[Number]:
    return pixels if times == 1 else pixels.repeat(times, axis=0).repeat(times, axis=1)


def _outlined(
    inside: npt.NDArray[np.bool_], seen: npt.NDArray[np.bool_], first: U8, second: U8
) -> U8:
    """``first`` inside, ``second`` outside, and a line between them, whatever their colours.

    No line runs along the border of what was seen: hatching begins there.
    """
    edge = np.zeros_like(inside)
    for change, place in (
        ((inside[1:] != inside[:-1]) & seen[1:] & seen[:-1], edge[:-1]),
        ((inside[:, 1:] != inside[:, :-1]) & seen[:, 1:] & seen[:, :-1], edge[:, :-1]),
    ):
        np.logical_or(place, change, out=place)
    for _ in range(OUTLINE - 1):
        edge[1:] |= edge[:-1].copy()
        edge[:, 1:] |= edge[:, :-1].copy()
    mixed = np.where(inside[:, :, None], first, second)
    return np.where(edge[:, :, None], np.array(OUTLINE_COLOUR, dtype=np.uint8), mixed)


def _ghost(photo: U8) -> U8:
    grey = photo.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    pale = np.rint(_PAPER + GHOST * (grey - _PAPER)).astype(np.uint8)
    return np.repeat(pale[:, :, None], 3, axis=2)
