"""Fit a photograph to a model's input and bring maps back to the photograph's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.errors import ImageError

RESIZE_RULES = ("squash", "crop", "letterbox")
# Pillow's filters are antialiased when they shrink, as those of the training codes are.
INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
# A photograph one pixel high would be blown up to gigabytes before it is cropped.
MAX_RESIZED_PIXELS = 100_000_000


@dataclass(frozen=True)
class Fit:
    """Where the photograph lies on the model's input.

    Input pixel coordinates are ``scale * photo coordinates + offset``, separately for y and
    x, both measured from the corner of the first pixel (pixel centres at 0.5).

    Attributes:
        photo_size: ``(H, W)``.
        input_size: ``(h, w)``.
        resized: ``(height, width)`` to which the whole photograph is resized.
        offset: ``(dy, dx)``, integer place of the resized photograph on the input: negative
            where it is cropped, positive where it is padded.
    """

    photo_size: tuple[int, int]
    input_size: tuple[int, int]
    resized: tuple[int, int]
    offset: tuple[int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """Input pixels per photo pixel, ``(y, x)``."""
        return (
            self.resized[0] / self.photo_size[0],
            self.resized[1] / self.photo_size[1],
        )

    @property
    def seen(self) -> tuple[float, float, float, float]:
        """Part of the photograph that the model sees: ``(top, left, bottom, right)``, pixels."""
        edges = []
        for axis in (0, 1):
            low = max(0.0, (0 - self.offset[axis]) / self.scale[axis])
            high = (self.input_size[axis] - self.offset[axis]) / self.scale[axis]
            edges.append((low, min(float(self.photo_size[axis]), high)))
        return edges[0][0], edges[1][0], edges[0][1], edges[1][1]

    @property
    def seen_fraction(self) -> float:
        """Share of the photograph's area that the model sees, 0..1."""
        top, left, bottom, right = self.seen
        return (bottom - top) * (right - left) / (self.photo_size[0] * self.photo_size[1])


def fit(
    photo_size: tuple[int, int],
    input_size: tuple[int, int],
    rule: str,
    crop_fraction: float = 1.0,
) -> Fit:
    """Where a photograph of ``photo_size`` lands on an input of ``input_size`` under a rule.

    ``squash`` resizes both sides, ignoring the aspect ratio. ``crop`` resizes the shorter
    side to the input's side divided by ``crop_fraction`` and cuts out the centre, rounding
    as torchvision's ``Resize`` and ``CenterCrop`` do. ``letterbox`` resizes the longer side
    and pads the rest evenly.
    """
    height, width = photo_size
    h, w = input_size
    if rule == "squash":
        return Fit(photo_size, input_size, (h, w), (0, 0))
    if rule == "crop":
        target_h, target_w = round(h / crop_fraction), round(w / crop_fraction)
        # The scale at which both sides still cover the (enlarged) input.
        if target_h * width <= target_w * height:
            resized = (max(h, int(target_w * height / width)), target_w)
        else:
            resized = (target_h, max(w, int(target_h * width / height)))
        if resized[0] * resized[1] > MAX_RESIZED_PIXELS:
            raise ImageError(
                f"A photograph of {height} x {width} pixels (height x width) is too long and thin "
                f"for the resize rule 'crop': {h} x {w} pixels of it would be less than a "
                "hundredth. Cut it first, or feed it by 'letterbox' or 'squash'."
            )
        offset = (-round((resized[0] - h) / 2.0), -round((resized[1] - w) / 2.0))
        return Fit(photo_size, input_size, resized, offset)
    if rule == "letterbox":
        scale = min(h / height, w / width)
        resized = (
            min(h, max(1, round(height * scale))),
            min(w, max(1, round(width * scale))),
        )
        offset = ((h - resized[0]) // 2, (w - resized[1]) // 2)
        return Fit(photo_size, input_size, resized, offset)
    raise ValueError(f"unknown resize rule {rule!r}; expected one of {RESIZE_RULES}")


def apply_fit(
    pixels: npt.NDArray[np.uint8], placed: Fit, interpolation: str, pad: int
) -> npt.NDArray[np.uint8]:
    """The photograph on the model's input: uint8 ``(H, W, 3)`` -> uint8 ``(h, w, 3)``.

    ``pad`` (0..255) fills what a letterbox leaves free.
    """
    h, w = placed.input_size
    resized = resize_pixels(pixels, placed.resized, INTERPOLATIONS[interpolation])
    top, left = placed.offset
    canvas = np.full((h, w, 3), pad, dtype=np.uint8)
    source = resized[max(0, -top) : max(0, -top) + h, max(0, -left) : max(0, -left) + w]
    y, x = max(0, top), max(0, left)
    canvas[y : y + source.shape[0], x : x + source.shape[1]] = source
    return canvas


def resize_pixels(
    pixels: npt.NDArray[np.uint8], size: tuple[int, int], resampling: Image.Resampling
) -> npt.NDArray[np.uint8]:
    """uint8 ``(H, W, 3)`` -> ``(height, width, 3)``, antialiased; the same array if it fits.

    Channel by channel: Pillow would first copy the whole photograph to four bytes a pixel.
    """
    if pixels.shape[:2] == size:
        return pixels
    out = np.empty((*size, 3), dtype=np.uint8)
    for k in range(3):
        channel = Image.fromarray(np.ascontiguousarray(pixels[:, :, k]))
        out[:, :, k] = np.asarray(channel.resize((size[1], size[0]), resampling))
    return out


def to_photo(values: npt.NDArray[np.float32], placed: Fit) -> npt.NDArray[np.float32]:
    """A map on the model's input ``(h, w)`` -> on the photograph's pixels ``(H, W)``.

    Linear between pixel centres; 0 where the model never looked.
    """
    height, width = placed.photo_size
    matrix = _photo_to_input(placed)
    out = cv2.warpAffine(
        np.ascontiguousarray(values, dtype=np.float32),
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    out = np.asarray(out, dtype=np.float32)
    rows, columns = _seen_axes(placed)
    # A photograph is large: no mask of its size, nor of the pixels outside.
    out[~rows] = 0.0
    out[:, ~columns] = 0.0
    return out


def to_input(values: npt.NDArray[np.float32], placed: Fit) -> npt.NDArray[np.float32]:
    """A map on the photograph's pixels ``(H, W)`` -> on the model's input ``(h, w)``.

    Area-averaged where it shrinks; 0 on the padding of a letterbox.
    """
    height, width = placed.resized
    shrinks = height < placed.photo_size[0] or width < placed.photo_size[1]
    resized = cv2.resize(
        np.ascontiguousarray(values, dtype=np.float32),
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    h, w = placed.input_size
    top, left = placed.offset
    out = np.zeros((h, w), dtype=np.float32)
    source = resized[max(0, -top) : max(0, -top) + h, max(0, -left) : max(0, -left) + w]
    y, x = max(0, top), max(0, left)
    out[y : y + source.shape[0], x : x + source.shape[1]] = source
    return out


def seen_mask(placed: Fit) -> npt.NDArray[np.bool_]:
    """bool ``(H, W)``: the photo pixels whose centre lies on the model's input."""
    rows, columns = _seen_axes(placed)
    return np.asarray(rows[:, None] & columns[None, :])


def _seen_axes(placed: Fit) -> list[npt.NDArray[np.bool_]]:
    """bool ``(H,)`` and ``(W,)``: the rows and columns that lie on the model's input."""
    axes = []
    for axis in (0, 1):
        centres = (np.arange(placed.photo_size[axis]) + 0.5) * placed.scale[axis]
        centres += placed.offset[axis]
        axes.append((centres >= 0) & (centres < placed.input_size[axis]))
    return axes


def _photo_to_input(placed: Fit) -> npt.NDArray[np.float64]:
    """2 x 3 matrix from photo pixel indices to input pixel indices (centres at integers)."""
    (sy, sx), (dy, dx) = placed.scale, placed.offset
    return np.array(
        [
            [sx, 0.0, 0.5 * sx + dx - 0.5],
            [0.0, sy, 0.5 * sy + dy - 0.5],
        ]
    )
