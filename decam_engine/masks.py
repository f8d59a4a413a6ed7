"""Keep masks: from grids and genomes to what hides parts of the photograph.

A keep mask is 1 where the photograph shows and 0 where a fill does. A *mask source* is a
recipe for n of them, rendered a few at a time into the caller's buffer, so that memory does
not grow with n. Most sources *paint*: they write the model's inputs straight away, and what
decides about a pixel (a threshold, a grid) is applied while it is written.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.canvas import Canvas

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
BOOL = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]

# Masks are small: OpenCV's own threads cost more than they bring and disturb the model's.
cv2.setNumThreads(1)
# A pixel's level is one byte.
MOST_LEVELS = 255
# Masks that are measured without being painted, so many at a time.
MEASURED_TOGETHER = 16
# The tension of OpenCV's cubic.
_TENSION = -0.75


class MaskSource(Protocol):
    """n keep masks on an input of ``(h, w)`` pixels."""

    fills: I64
    """``(n,)``: which of the search's fills each mask is used with."""

    def __len__(self) -> int: ...

    def render(self, start: int, stop: int, out: F32) -> None:
        """Write the masks start..stop into ``out``, float32 ``(stop - start, h, w)``."""
        ...


class PaintedMasks(ABC):
    """A mask source that writes inputs without making masks."""

    fills: I64
    size: tuple[int, int]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def paint(self, start: int, stop: int, canvas: Canvas, out: F32) -> None:
        """Write the inputs start..stop into ``out``, float32 ``(stop - start, q, P * repeats)``.

        Quickest in order: what neighbours have in common is found once.
        """

    def measure(self, canvas: Canvas) -> None:
        """Measure what :class:`CellShares` holds without painting anything."""
        return

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`: a white photograph on black is the mask itself."""
        self.paint(start, stop, self._blank, self._blank.planes(out[: stop - start]))

    @functools.cached_property
    def _blank(self) -> Canvas:
        white = np.ones((1, *self.size), dtype=np.float32)
        black = [np.zeros_like(white)] * (int(self.fills.max(initial=0)) + 1)
        return Canvas(white, black, channels_last=False)


# --- grids and cells ----------------------------------------------------------------------


def upsample(grid: F32, size: tuple[int, int], interpolation: int) -> F32:
    """A grid ``(g, g)`` -> ``(h, w)`` by one of OpenCV's interpolations."""
    resized = cv2.resize(grid, (size[1], size[0]), interpolation=interpolation)
    return np.asarray(resized, dtype=np.float32)


def decode(genome: F32, grid: tuple[int, int], size: tuple[int, int]) -> F32:
    """A genome ``(d,)`` of cell saliencies -> smooth saliency ``(h, w)`` (bicubic)."""
    out = np.empty(size, dtype=np.float32)
    _decode(genome, grid, out)
    return out


def _decode(genome: F32, grid: tuple[int, int], out: F32) -> None:
    rows, columns = (cubic_weights(*pair) for pair in zip(out.shape, grid, strict=True))
    kernels.enlarge(genome.reshape(grid), *rows, *columns, out)


@functools.lru_cache(maxsize=32)
def cubic_weights(pixels: int, cells: int) -> tuple[I64, F32]:
    """Which four cells make each pixel of an enlarged row ``(pixels, 4)``, and their weights.

    Cubic convolution (Keys 1981) between cell centres, the edge cells repeated: as OpenCV.
    """
    at = (np.arange(pixels) + 0.5) * (cells / pixels) - 0.5
    first = np.floor(at)
    x = (at - first)[:, None] + np.array([1.0, 0.0, -1.0, -2.0])
    a, t = _TENSION, np.abs(x)
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
    weights = np.where(t <= 1, near, far)
    neighbours = first.astype(np.int64)[:, None] + np.arange(-1, 3)
    return np.clip(neighbours, 0, cells - 1), weights.astype(np.float32)


@functools.lru_cache(maxsize=32)
def linear_weights(pixels: int, cells: int, repeats: int) -> tuple[I64, F32]:
    """Which two cells make each pixel of an enlarged row ``(pixels * repeats, 2)``, and weights.

    Linear between cell centres, the edge cells repeated; each pixel ``repeats`` times in a row.
    """
    at = np.clip((np.arange(pixels) + 0.5) * (cells / pixels) - 0.5, 0, cells - 1)
    first = np.floor(at).astype(np.int64)
    share = (at - first).astype(np.float32)
    neighbours = np.stack([first, np.minimum(first + 1, cells - 1)], axis=1)
    weights = np.stack([np.float32(1.0) - share, share], axis=1)
    return np.repeat(neighbours, repeats, axis=0), np.repeat(weights, repeats, axis=0)


@functools.lru_cache(maxsize=32)
def _linear_shares(pixels: int, cells: int, large: int, grid_cells: int, shifts: int) -> F32:
    """``(shifts, cells, grid_cells)``: how much each cell of a shifted, cut grid is in a cell."""
    (neighbours, weights), places = linear_weights(large, grid_cells, 1), np.arange(large)
    whole: F64 = np.zeros((large + 1, grid_cells))
    for side in (0, 1):
        whole[places + 1, neighbours[:, side]] += weights[:, side]
    edges = cell_edges(pixels, cells)
    sums = whole.cumsum(axis=0)[np.arange(shifts)[:, None] + edges]
    means = np.diff(sums, axis=1) / np.diff(edges)[:, None]
    return np.asarray(means, dtype=np.float32)


def cell_edges(pixels: int, cells: int) -> I64:
    """The ``cells + 1`` borders of equal cells along a side of ``pixels``."""
    return np.rint(np.linspace(0, pixels, cells + 1)).astype(np.int64)


def pixel_counts(areas: Sequence[float], size: tuple[int, int]) -> I64:
    """How many pixels each area fraction is, at least one and at most all."""
    total = size[0] * size[1]
    counts = np.clip(np.rint(np.asarray(areas) * total), 1, total)
    return np.asarray(counts.astype(np.int64))


def shift_limits(size: tuple[int, int], grid: Sequence[int]) -> tuple[int, ...]:
    """Cell sides in pixels, rounded up; a random shift is smaller than these."""
    return tuple(-(-side // cells) for side, cells in zip(size, grid, strict=True))


class CellShares:
    """What share of each grid cell each mask of a source keeps.

    ``values`` is float32 ``(n, d)``: the rows of the regression over all scored masks. The
    source fills them in, at the latest when it paints the mask.
    """

    def __init__(self, count: int, grid: tuple[int, int], size: tuple[int, int]) -> None:
        self.values = np.zeros((count, grid[0] * grid[1]), dtype=np.float32)
        self.grid = grid
        self.rows = cell_edges(size[0], grid[0])
        self.columns = cell_edges(size[1], grid[1])


# --- masks of plain shapes ----------------------------------------------------------------


class UniformMasks:
    """Masks of one value each: values ``(n,)`` in [0, 1] with fills ``(n,)``."""

    def __init__(self, values: Sequence[float], fills: Sequence[int]) -> None:
        self.values = tuple(values)
        self.fills = np.asarray(fills, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.values)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`."""
        for k in range(start, stop):
            out[k - start] = self.values[k]


class BoxMasks:
    """Everything kept but one rectangle each; boxes ``(n, 4)``: top, left, bottom, right."""

    def __init__(self, boxes: I64, size: tuple[int, int]) -> None:
        self.boxes = boxes
        self.size = size
        self.fills = np.zeros(len(boxes), dtype=np.int64)

    def __len__(self) -> int:
        return len(self.boxes)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`."""
        for k in range(start, stop):
            top, left, bottom, right = self.boxes[k]
            out[k - start] = 1.0
            out[k - start, top:bottom, left:right] = 0.0


class ShiftedGridMasks(PaintedMasks):
    """RISE's masks (Petsiuk et al. 2018, section 3.2): enlarged grids, randomly shifted.

    grids ``(m, gh, gw)`` of 0 and 1 are enlarged bilinearly to one cell more a side than
    ``cells`` (default: gh, gw) take up and cut at ``shifts`` ``(m, 2)``, pixels smaller than a
    cell. With ``antithetic``, each is followed by
    its complement (the last one only if ``count`` has room for it).
    """

    def __init__(
        self,
        grids: F32,
        shifts: I64,
        size: tuple[int, int],
        *,
        cells: tuple[int, int] | None = None,
        fill: int = 0,
        antithetic: bool = False,
        count: int | None = None,
        shares: CellShares | None = None,
    ) -> None:
        self.grids = grids
        self.shifts = shifts
        self.size = size
        self.shares = shares
        self._step = 2 if antithetic else 1
        total = self._step * len(grids) if count is None else count
        self.fills = np.full(total, fill, dtype=np.int64)
        across = (int(grids.shape[1]), int(grids.shape[2])) if cells is None else cells
        self._pixels = shift_limits(size, across)
        self._large = tuple((n + 1) * p for n, p in zip(across, self._pixels, strict=True))
        if shares is not None:
            self._measure(shares)

    def __len__(self) -> int:
        return len(self.fills)

    def paint(self, start: int, stop: int, canvas: Canvas, out: F32) -> None:
        """See :class:`PaintedMasks`."""
        _, gh, gw = self.grids.shape
        kernels.blend_grids(
            canvas.photo,
            canvas.fills,
            self.fills[start:stop],
            self.grids,
            self.shifts,
            start,
            self._step,
            self.size[0],
            canvas.repeats,
            *linear_weights(self._large[0], gh, 1),
            *linear_weights(self._large[1], gw, canvas.repeats),
            out,
        )

    def _measure(self, shares: CellShares) -> None:
        """Enlarging is linear: the shares follow from the grids, without a single pixel."""
        (down, right), n = self.shifts.T, len(self.grids)
        rows, columns = (
            _linear_shares(side, cells, large, grid_cells, shifts)
            for side, cells, large, grid_cells, shifts in zip(
                self.size, shares.grid, self._large, self.grids.shape[1:], self._pixels, strict=True
            )
        )
        kept = rows[down] @ self.grids @ columns[right].transpose(0, 2, 1)
        kept = np.clip(kept.reshape(n, shares.values.shape[1]), 0.0, 1.0)
        values = shares.values
        values[:: self._step] = kept[: -(-len(values) // self._step)]
        if self._step == 2:
            values[1::2] = 1.0 - kept[: len(values) // 2]


# --- masks of the most salient pixels -----------------------------------------------------


class _SalientMasks(PaintedMasks):
    """The most salient pixels of some drawings, kept or taken away.

    Several rows in turn belong to one drawing, which is put on the canvas once: as the level
    of each pixel, the number of the drawing's areas in which it lies.

    Attributes:
        least: ``(n,)``, the level at which a pixel belongs to the mask's area.
        remove: ``(n,)``, whether it is taken away.
        per_drawing: how many rows belong to each drawing.
    """

    least: I64
    remove: BOOL
    per_drawing: int

    def __len__(self) -> int:
        return len(self.fills)

    def paint(self, start: int, stop: int, canvas: Canvas, out: F32) -> None:
        """See :class:`PaintedMasks`."""
        row = start
        while row < stop:
            drawing = row // self.per_drawing
            self._show(drawing, canvas)
            end = min(stop, (drawing + 1) * self.per_drawing)
            kernels.blend_levels(
                canvas.photo,
                canvas.fills,
                self.fills[row:end],
                canvas.level[None],
                self._first_drawing[row:end],
                self.least[row:end],
                self.remove[row:end],
                out[row - start : end - start],
            )
            row = end

    def measure(self, canvas: Canvas) -> None:
        """See :class:`PaintedMasks`."""
        for drawing in range(-(-len(self) // self.per_drawing)):
            self._show(drawing, canvas)

    def _show(self, drawing: int, canvas: Canvas) -> None:
        owner, number = canvas.drawn
        if owner is not self or number != drawing:
            self._draw(drawing, canvas)
            canvas.drawn = (self, drawing)

    @functools.cached_property
    def _first_drawing(self) -> I64:
        """Only one drawing at a time is on the canvas."""
        return np.zeros(len(self), dtype=np.int64)

    @abstractmethod
    def _draw(self, drawing: int, canvas: Canvas) -> None:
        """Put the drawing's levels on the canvas and measure its rows."""


def least_levels(counts: I64) -> I64:
    """The level that the pixels of each area have at least: how many areas are as large."""
    return np.asarray((counts[None, :] >= counts[:, None]).sum(axis=1), dtype=np.int64)


class NestedMasks(_SalientMasks):
    """For each genome and area: the nested keep mask, then its complement.

    Rows run over genomes, then areas, then (kept, removed): ``2 * len(areas)`` a genome.
    Kept masks use fill ``keep_fill``, removed ones ``remove_fill``.
    """

    def __init__(
        self,
        genomes: F32,
        grid: tuple[int, int],
        areas: Sequence[float],
        size: tuple[int, int],
        keep_fill: int,
        remove_fill: int,
        shares: CellShares | None = None,
    ) -> None:
        self.genomes = genomes
        self.grid = grid
        self.size = size
        self.counts = pixel_counts(areas, size)
        self.shares = shares
        self.per_drawing = 2 * len(areas)
        n = len(genomes)
        self.fills = np.tile(np.array([keep_fill, remove_fill], dtype=np.int64), n * len(areas))
        self.remove = np.tile(np.array([False, True]), n * len(areas))
        self._levels = least_levels(self.counts)
        self.least = np.tile(np.repeat(self._levels, 2), n)

    def _draw(self, drawing: int, canvas: Canvas) -> None:
        _decode(self.genomes[drawing], self.grid, canvas.saliency)
        kernels.nested_levels(canvas.saliency.reshape(-1), self.counts, canvas.bins, canvas.level)
        if self.shares is not None:
            n = len(self.counts)
            kept = np.empty((n, self.shares.values.shape[1]), dtype=np.float32)
            edges = self.shares.rows, self.shares.columns
            levels = canvas.level.reshape(1, *self.size)
            kernels.level_shares(levels, self._first_drawing[:n], self._levels, *edges, kept)
            first = drawing * self.per_drawing
            values = self.shares.values[first : first + self.per_drawing]
            values[::2] = kept
            np.subtract(1.0, kept, out=values[1::2])


class SingleMasks(PaintedMasks):
    """One mask of each genome's most salient pixels, kept or taken away.

    genomes ``(n, d)``; counts ``(n,)`` pixels; where ``remove`` ``(n,)`` is true the most
    salient pixels are taken away, else kept; fills ``(n,)``.
    """

    def __init__(
        self,
        genomes: F32,
        grid: tuple[int, int],
        size: tuple[int, int],
        counts: I64,
        remove: BOOL,
        fills: I64,
        shares: CellShares | None = None,
    ) -> None:
        self.genomes = np.ascontiguousarray(genomes, dtype=np.float32).reshape(-1, *grid)
        self.grid = grid
        self.size = size
        self.counts = counts
        self.remove = remove
        self.fills = fills
        self.shares = shares
        # One drawing for each row, in which the mask's pixels have level 1.
        self._drawing = np.arange(len(genomes))
        self._least = np.ones(len(genomes), dtype=np.int64)

    def __len__(self) -> int:
        return len(self.fills)

    def paint(self, start: int, stop: int, canvas: Canvas, out: F32) -> None:
        """See :class:`PaintedMasks`."""
        n = stop - start
        rows = slice(start, stop)
        kernels.blend_levels(
            canvas.photo,
            canvas.fills,
            self.fills[rows],
            self._drawn(start, stop, canvas),
            self._drawing[:n],
            self._least[:n],
            self.remove[rows],
            out,
        )

    def measure(self, canvas: Canvas) -> None:
        """See :class:`PaintedMasks`."""
        for start in range(0, len(self), MEASURED_TOGETHER):
            self._drawn(start, min(start + MEASURED_TOGETHER, len(self)), canvas)

    def _drawn(self, start: int, stop: int, canvas: Canvas) -> U8:
        """Levels ``(stop - start, P)``, once the rows' shares are measured on them."""
        rows, n = slice(start, stop), stop - start
        levels = canvas.levels(n)
        (h, w), (gh, gw) = self.size, self.grid
        cubic = *cubic_weights(h, gh), *cubic_weights(w, gw)
        room = canvas.saliency, canvas.bins
        kernels.drawn_levels(self.genomes[rows], *cubic, self.counts[rows], *room, levels)
        if self.shares is not None:
            kept = self.shares.values[rows]
            kernels.level_shares(
                levels.reshape(n, h, w),
                self._drawing[:n],
                self._least[:n],
                self.shares.rows,
                self.shares.columns,
                kept,
            )
            np.subtract(1.0, kept, out=kept, where=self.remove[rows, None])
        return levels


class SaliencyMasks(_SalientMasks):
    """The most salient pixels of one map ``(h, w)``, kept or taken away.

    ``counts`` ``(n,)`` are pixels; where ``remove`` ``(n,)`` is true they are taken away, else
    kept; ``fills`` ``(n,)`` as everywhere.
    """

    def __init__(self, saliency: F32, counts: I64, remove: BOOL, fills: I64) -> None:
        # A copy: a read-only array would be another type, for which the kernel compiles anew.
        self.saliency = np.array(saliency, dtype=np.float32, order="C")
        self.size = (self.saliency.shape[0], self.saliency.shape[1])
        self.counts = counts
        self.remove = remove
        self.fills = fills
        self.per_drawing = MOST_LEVELS
        groups = [counts[k : k + MOST_LEVELS] for k in range(0, len(counts), MOST_LEVELS)]
        self.least = np.concatenate([np.zeros(0, np.int64), *map(least_levels, groups)])

    def _draw(self, drawing: int, canvas: Canvas) -> None:
        first = drawing * MOST_LEVELS
        kernels.nested_levels(
            self.saliency.reshape(-1),
            self.counts[first : first + MOST_LEVELS],
            canvas.bins,
            canvas.level,
        )
