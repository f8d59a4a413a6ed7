"""Embedded colour profiles: whatever space the colours are in, they become sRGB."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

# What LittleCMS raises for profiles that are damaged or of another colour space.
_BROKEN = (ImageCms.PyCMSError, OSError, TypeError, ValueError)
# Relative colourimetric with black point compensation, as photographs are converted everywhere:
# colours that sRGB can show stay what they are, and black stays black.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
# A profile that changes no colour by more than these levels is sRGB under another name.
_SAME = 2
_LONGEST_NAME = 60


def to_srgb(
    image: Image.Image, profile: bytes | None, notes: list[str], reading: dict[str, Any]
) -> Image.Image:
    """An 8-bit ``RGB``, ``RGBA``, ``L``, ``LA`` or ``CMYK`` image in sRGB, if ``profile`` says how.

    Greys and CMYK become RGB; an image without profile, in sRGB already, or with a profile that
    does not fit it is returned as it is.
    """
    if not profile:
        return image
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    mode = {"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode)
    colours = image if alpha is None else image.convert(mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = _name(source)
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB", _INTENT, _FLAGS)
        if mode == "RGB" and _changes_nothing(transform):
            reading["profile"] = {"name": name, "used": False}
            return image
        converted = ImageCms.applyTransform(colours, transform)
    except _BROKEN:
        notes.append("The embedded colour profile is damaged or does not fit; it was ignored.")
        reading["profile"] = {"name": None, "used": False}
        return image
    if converted is None:
        raise ValueError("the colour conversion gave no image")
    notes.append(f"Converted from the embedded colour profile ({name}) to sRGB.")
    reading["profile"] = {"name": name, "used": True}
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tried on all combinations of nine levels."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    after = ImageCms.applyTransform(Image.fromarray(colours), transform)
    return bool(np.abs(np.asarray(after).astype(np.int16) - colours).max() <= _SAME)


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    """Its description without anything that a terminal would act on."""
    text = "".join(c if c.isprintable() else " " for c in ImageCms.getProfileDescription(profile))
    return " ".join(text.split())[:_LONGEST_NAME] or "unnamed"
