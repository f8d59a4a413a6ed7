"""Keep masks: from grids and genomes to what hides parts of the photograph.

A *mask source* is a recipe for n keep masks, rendered a few at a time into the caller's
buffer, so that memory does not grow with n. A keep mask is 1 where the photograph shows
and 0 where the fill does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine import kernels

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# Masks are small: OpenCV's own threads cost more than they bring and disturb the model's.
cv2.setNumThreads(1)


class MaskSource(Protocol):
    """n keep masks on an input of ``(h, w)`` pixels."""

    fills: I64
    """``(n,)``: which of the search's fills each mask is used with."""

    def __len__(self) -> int: ...

    def render(self, start: int, stop: int, out: F32) -> None:
        """Write the masks start..stop into ``out``, float32 ``(stop - start, h, w)``."""
        ...


def upsample(grid: F32, size: tuple[int, int], interpolation: int) -> F32:
    """A grid ``(g, g)`` -> ``(h, w)`` by one of OpenCV's interpolations."""
    resized = cv2.resize(grid, (size[1], size[0]), interpolation=interpolation)
    return np.asarray(resized, dtype=np.float32)


def decode(genome: F32, grid: tuple[int, int], size: tuple[int, int]) -> F32:
    """A genome ``(d,)`` of cell saliencies -> smooth saliency ``(h, w)`` (bicubic)."""
    return upsample(genome.reshape(grid), size, cv2.INTER_CUBIC)


def cell_edges(pixels: int, cells: int) -> I64:
    """The ``cells + 1`` borders of equal cells along a side of ``pixels``."""
    return np.rint(np.linspace(0, pixels, cells + 1)).astype(np.int64)


def pixel_counts(areas: Sequence[float], size: tuple[int, int]) -> I64:
    """How many pixels each area fraction is, at least one and at most all."""
    total = size[0] * size[1]
    counts = np.clip(np.rint(np.asarray(areas) * total), 1, total)
    return np.asarray(counts.astype(np.int64))


class CellShares:
    """Measures, while masks are rendered, what share of each grid cell they keep.

    ``values`` is float32 ``(n, d)``: the rows of the regression over all scored masks.
    """

    def __init__(self, count: int, grid: tuple[int, int], size: tuple[int, int]) -> None:
        self.values = np.zeros((count, grid[0] * grid[1]), dtype=np.float32)
        self._rows = cell_edges(size[0], grid[0])
        self._columns = cell_edges(size[1], grid[1])

    def measure(self, start: int, masks: F32) -> None:
        """Rows start.. of ``values`` from masks ``(n, h, w)``."""
        out = self.values[start : start + len(masks)]
        kernels.cell_means(masks, self._rows, self._columns, out)


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


class ShiftedGridMasks:
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
        pixels = shift_limits(size, across)
        # The grid enlarged last: its complement follows.
        self._last = (-1, np.zeros((0, 0), dtype=np.float32))
        self._large = ((across[0] + 1) * pixels[0], (across[1] + 1) * pixels[1])

    def __len__(self) -> int:
        return len(self.fills)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`."""
        h, w = self.size
        for row in range(start, stop):
            k, complement = divmod(row, self._step)
            if k != self._last[0]:
                enlarged = upsample(self.grids[k], self._large, cv2.INTER_LINEAR)
                y, x = self.shifts[k]
                self._last = (k, enlarged[y : y + h, x : x + w])
            mask = self._last[1]
            if complement:
                np.subtract(1.0, mask, out=out[row - start])
            else:
                out[row - start] = mask
        if self.shares is not None:
            self.shares.measure(start, out[: stop - start])


def shift_limits(size: tuple[int, int], grid: Sequence[int]) -> tuple[int, ...]:
    """Cell sides in pixels, rounded up; a random shift is smaller than these."""
    return tuple(-(-side // cells) for side, cells in zip(size, grid, strict=True))


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


class NestedMasks:
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
        self.per_genome = 2 * len(areas)
        pattern = np.array([keep_fill, remove_fill] * len(areas), dtype=np.int64)
        self.fills = np.tile(pattern, len(genomes))
        self.shares = shares
        self._masks = np.empty((len(areas), size[0] * size[1]), dtype=np.float32)
        self._rendered = -1

    def __len__(self) -> int:
        return len(self.genomes) * self.per_genome

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`. Rows must be asked for in order (one genome is kept)."""
        for k in range(start, stop):
            genome, row = divmod(k, self.per_genome)
            if genome != self._rendered:
                saliency = decode(self.genomes[genome], self.grid, self.size)
                kernels.nested_masks(saliency.reshape(-1), self.counts, self._masks)
                self._rendered = genome
            mask = self._masks[row // 2].reshape(self.size)
            if row % 2 == 0:
                out[k - start] = mask
            else:
                np.subtract(1.0, mask, out=out[k - start])
        if self.shares is not None:
            self.shares.measure(start, out[: stop - start])


class SingleMasks:
    """One nested mask of each genome, kept or taken away.

    genomes ``(n, d)``; counts ``(n,)`` pixels; where ``remove`` ``(n,)`` is true the most
    salient pixels are taken away, else kept; fills ``(n,)``.
    """

    def __init__(
        self,
        genomes: F32,
        grid: tuple[int, int],
        size: tuple[int, int],
        counts: I64,
        remove: npt.NDArray[np.bool_],
        fills: I64,
        shares: CellShares | None = None,
    ) -> None:
        self.genomes = genomes
        self.grid = grid
        self.size = size
        self.counts = counts
        self.remove = remove
        self.fills = fills
        self.shares = shares

    def __len__(self) -> int:
        return len(self.genomes)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`."""
        for k in range(start, stop):
            saliency = decode(self.genomes[k], self.grid, self.size)
            mask = out[k - start]
            kernels.nested_masks(saliency.reshape(-1), self.counts[k : k + 1], mask.reshape(1, -1))
            if self.remove[k]:
                np.subtract(1.0, mask, out=mask)
        if self.shares is not None:
            self.shares.measure(start, out[: stop - start])


class SaliencyMasks:
    """The most salient pixels of one map ``(h, w)``, kept or taken away.

    ``counts`` ``(n,)`` are pixels; where ``remove`` ``(n,)`` is true they are taken away,
    else kept; ``fills`` ``(n,)`` as everywhere.
    """

    def __init__(
        self, saliency: F32, counts: I64, remove: npt.NDArray[np.bool_], fills: I64
    ) -> None:
        # A copy: a read-only array would be another type, for which the kernel compiles anew.
        self.saliency = np.array(saliency, dtype=np.float32, order="C")
        self.counts = counts
        self.remove = remove
        self.fills = fills

    def __len__(self) -> int:
        return len(self.counts)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`MaskSource`."""
        flat = out[: stop - start].reshape(stop - start, -1)
        kernels.nested_masks(self.saliency.reshape(-1), self.counts[start:stop], flat)
        removed = self.remove[start:stop]
        flat[removed] = 1.0 - flat[removed]
