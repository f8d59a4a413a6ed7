"""One result in a few numbers: what a table lists and a gallery is sorted by."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import zlib
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.errors import ExportError
from decam_engine.explanation import Explanation
from decam_engine.geometry import Fit, to_photo
from decam_engine.reports.manifest import result_facts
from decam_engine.reports.table import measures, table_row

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Sides of the small map, in cells; on the photograph, whatever its shape.
CELLS = 28
# Samples of the map in a cell, along each side.
SAMPLES = 4
# Pixels of the photograph in a cell, along its shorter side, at least (where it has as many).
PIXELS = 16
DIGITS = 6


def summarise(e: Explanation) -> dict[str, Any]:
    """JSON-ready facts of one result, which depend on nothing but it.

    ``row``: its row of a table, see :data:`decam_engine.reports.table.COLUMNS`, without the
    seconds it took; ``map``: see :func:`small_map`.
    """
    cells = shrunk_map(e)
    seen = _seen(e.fit)
    measured = measures(e.input_saliency)
    energy = np.where(seen, cells, 0.0)
    behind = background(e.photo.pixels) & seen
    on_background = share(energy, behind)
    if on_background is not None:
        measured["background_share"] = on_background
        measured["background_area"] = round(float(behind.sum() / seen.sum()), DIGITS)
    row = {**table_row(result_facts(e), measured), "seconds": None}
    return {"row": row, "map": _packed(cells)}


def shrunk_map(e: Explanation) -> F32:
    """The map on the photograph in ``CELLS x CELLS`` cells, float32 in [0, 1]."""
    side = CELLS * SAMPLES
    values = to_photo(e.input_saliency, dataclasses.replace(e.fit, photo_size=(side, side)))
    small = cv2.resize(values, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.clip(np.asarray(small, dtype=np.float32), 0.0, 1.0)


def small_map(summary: Mapping[str, Any]) -> F32:
    """The map of a summary, float32 ``(CELLS, CELLS)`` in [0, 1], to 1/255.

    Raises:
        ExportError: damaged.
    """
    try:
        packed = base64.b64decode(str(summary["map"]), validate=True)
        data = zlib.decompressobj().decompress(packed, CELLS * CELLS + 1)
        values = np.frombuffer(data, dtype=np.uint8).reshape(CELLS, CELLS)
    except (KeyError, ValueError, zlib.error, binascii.Error) as error:
        raise ExportError(f"The small map of a result is damaged ({error!r}).") from None
    return values.astype(np.float32) / np.float32(255.0)


def background(pixels: npt.NDArray[np.uint8]) -> Mask:
    """What is likely the background of a photograph, bool ``(CELLS, CELLS)``: a guess.

    It is what can be reached from the picture's edges without crossing a strong change of colour
    (geodesic distance on the cells, as in Wei et al. 2012), split from the rest where the two
    differ most (Otsu). Nobody says what the photograph is of, so a subject that fills it up to
    the edge, or one of the colours of its surroundings, is taken for background.
    """
    # Of a large photograph, some pixels of each cell say the same as all of them.
    step = max(1, min(pixels.shape[:2]) // (CELLS * PIXELS))
    fewer = np.ascontiguousarray(pixels[::step, ::step])
    small = cv2.resize(fewer, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255.0), cv2.COLOR_RGB2LAB)
    distance = _from_edges(np.asarray(lab, dtype=np.float64))
    top = float(distance.max())
    if top <= 0.0:
        return np.ones((CELLS, CELLS), dtype=bool)
    levels = np.rint(distance / top * 255.0).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(levels <= threshold)


def _from_edges(lab: F64) -> F64:
    """Least sum of colour changes on a way from the picture's edge to each cell."""
    steps = [np.linalg.norm(np.diff(lab, axis=axis), axis=2) for axis in (0, 1)]
    # Noise and texture are no edges.
    down, right = (np.maximum(s - np.median(s), 0.0) for s in steps)
    distance = np.full(lab.shape[:2], np.inf)
    distance[[0, -1], :] = 0.0
    distance[:, [0, -1]] = 0.0
    while True:
        before = distance.copy()
        distance[1:] = np.minimum(distance[1:], distance[:-1] + down)
        distance[:-1] = np.minimum(distance[:-1], distance[1:] + down)
        distance[:, 1:] = np.minimum(distance[:, 1:], distance[:, :-1] + right)
        distance[:, :-1] = np.minimum(distance[:, :-1], distance[:, 1:] + right)
        if np.array_equal(before, distance):
            return distance


def share(energy: npt.NDArray[np.floating[Any]], where: Mask) -> float | None:
    """Share of the energy that lies there, 0..1; None when there is none at all."""
    total = float(energy.sum(dtype=np.float64))
    if not total > 0.0:
        return None
    return _number(float(energy[where].sum(dtype=np.float64)) / total)


def _seen(fit: Fit) -> Mask:
    """The cells whose middle the model saw; all where it saw hardly any."""
    top, left, bottom, right = fit.seen
    middles = (np.arange(CELLS) + 0.5) / CELLS
    y, x = middles * fit.photo_size[0], middles * fit.photo_size[1]
    seen = ((y >= top) & (y < bottom))[:, None] & ((x >= left) & (x < right))[None, :]
    return np.asarray(seen if seen.any() else np.ones_like(seen))


def _packed(cells: F32) -> str:
    levels = np.rint(cells * np.float32(255.0)).astype(np.uint8)
    return base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode()


def _number(value: float) -> float | None:
    return round(float(value), DIGITS) if np.isfinite(value) else None
