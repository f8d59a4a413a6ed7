"""One result among many: what a report keeps of it, so that the result itself can go."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.colours import colourise
from decam_engine.errors import ExportError
from decam_engine.geometry import resize_pixels
from decam_engine.reports.manifest import make_manifest, map_hash
from decam_engine.reports.record import MAX_MAP
from decam_engine.reports.spool import Spool
from decam_engine.reports.views import MAP, PHOTO, PICTURES, views

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
# Longer sides in pixels: 190 to the inch at 85 mm, and of thumbnails at 13 mm.
SIDE, THUMB = 640, 128
# Enlarged to at least this, each pixel a square.
SMALLEST = 420


@dataclass(frozen=True)
class Failure:
    """A job that came to nothing.

    Attributes:
        name: of its photograph.
        reason: why, in one sentence.
        model: its file name; may be empty.
    """

    name: str
    reason: str
    model: str = ""


def manifest_of(e: Explanation, manifest: Mapping[str, Any] | None) -> dict[str, Any]:
    """Of the result, or the one that was saved with it; without what a report has no use for."""
    found = make_manifest(e) if manifest is None else dict(manifest)
    found.pop("saved", None)
    # The batches of a stopped run can be long; its own files hold them.
    found["journal"] = None
    return found


def body_of(e: Explanation, manifest: dict[str, Any]) -> dict[str, Any]:
    """What it takes to run a result again and compare, JSON-ready."""
    # A saved map may have come back from the photograph's pixels.
    resampled = map_hash(e) != manifest["map_sha256"]
    return {"manifest": manifest, "map": coarse_map(e.input_saliency), "resampled": resampled}


def coarse_map(saliency: F32) -> dict[str, Any]:
    """A map in 256 steps, JSON-ready: enough to say how far another is from it."""
    values = np.rint(np.clip(saliency, 0.0, 1.0) * 255.0).astype(np.uint8)
    data = base64.b64encode(zlib.compress(values.tobytes(), 9)).decode()
    return {"shape": list(values.shape), "steps": data}


def map_from(record: dict[str, Any]) -> F32:
    """The inverse of :func:`coarse_map`, float32 ``(h, w)`` in [0, 1].

    Raises:
        ExportError: damaged.
    """
    try:
        h, w = (int(n) for n in record["shape"])
        if not 0 < h * w <= MAX_MAP:
            raise ValueError(f"{h} x {w}")
        data = base64.b64decode(record["steps"], validate=True)
        unpacked = zlib.decompressobj().decompress(data, h * w + 1)
        values = np.frombuffer(unpacked, dtype=np.uint8).reshape(h, w)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise ExportError(f"a map in its record is damaged ({error!r})") from None
    return values.astype(np.float32) / np.float32(255.0)


def spool_pictures(spool: Spool, prefix: str, e: Explanation, names: tuple[str, ...]) -> None:
    """Keep pictures of a result under ``prefix.name``, and its photograph's ``prefix.thumb``."""
    found = views(e, SIDE, SMALLEST)
    for name in names:
        spool.picture(f"{prefix}.{name}", found[name])
    spool.picture(f"{prefix}.thumb", thumbnail(found[MAP]))


def thumbnail(pixels: U8) -> U8:
    """At most 128 pixels a side."""
    return shrunk(pixels, THUMB)


def shrunk(pixels: U8, most: int) -> U8:
    """The same, or smaller so that no side has more than ``most`` pixels."""
    height, width = pixels.shape[:2]
    factor = most / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(height * factor)), max(1, round(width * factor)))
    return resize_pixels(pixels, size, Image.Resampling.LANCZOS)


def map_alone(saliency: F32, side: int) -> U8:
    """The colours of a map, smoothly enlarged to a square."""
    picture = Image.fromarray(np.ascontiguousarray(saliency, dtype=np.float32))
    large = np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))
    return colourise(np.clip(large, 0.0, 1.0))


__all__ = [
    "PHOTO",
    "PICTURES",
    "Failure",
    "body_of",
    "coarse_map",
    "manifest_of",
    "map_alone",
    "map_from",
    "shrunk",
    "spool_pictures",
    "thumbnail",
]
