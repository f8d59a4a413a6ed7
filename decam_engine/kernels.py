"""The compiled inner loops: every ``@njit`` function of the project, and nothing else.

All work on C-contiguous float32 arrays whose pixels are flattened (``P = h * w``), release
the interpreter lock and write into arrays of their caller. Each has a plain-numpy twin in
``tests/naive.py``. They check nothing: the functions that call them do.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# Selection by digits: float32 keys are split into 11 + 11 + 10 bits.
_BINS = 2048


@numba.njit(nogil=True, cache=True)
def blend_channels_first(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> None:
    """``out[n] = fill + mask[n] * (photo - fill)`` with ``fill = fills[which[n]]``.

    photo ``(c, P)``, fills ``(f, c, P)``, which ``(n,)``, masks ``(n, P)``, out ``(n, c, P)``.
    """
    for n in range(masks.shape[0]):
        fill = fills[which[n]]
        for c in range(photo.shape[0]):
            for p in range(photo.shape[1]):
                out[n, c, p] = fill[c, p] + masks[n, p] * (photo[c, p] - fill[c, p])


@numba.njit(nogil=True, cache=True)
def blend_channels_last(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> None:
    """The same for photo ``(P, c)``, fills ``(f, P, c)``, out ``(n, P, c)``."""
    for n in range(masks.shape[0]):
        fill = fills[which[n]]
        for p in range(photo.shape[0]):
            for c in range(photo.shape[1]):
                out[n, p, c] = fill[p, c] + masks[n, p] * (photo[p, c] - fill[p, c])


@numba.njit(nogil=True, cache=True)
def nested_masks(saliency: F32, counts: I64, out: F32) -> None:
    """Keep masks of the ``counts[a]`` most salient pixels, ties to the lower index.

    saliency ``(P,)`` finite, counts ``(a,)`` in 0..P, out ``(a, P)`` of 0 and 1. Linear in P:
    the threshold is found digit by digit instead of by sorting.
    """
    size = saliency.shape[0]
    keys = np.empty(size, dtype=np.int64)
    # Adding zero turns -0.0 into 0.0, which must tie with it.
    bits = (saliency + np.float32(0.0)).view(np.int32)
    first = np.zeros(_BINS, dtype=np.int64)
    for p in range(size):
        b = np.int64(bits[p])
        # Order-preserving: negative floats sort backwards by their bits.
        key = (b if b >= 0 else (b ^ np.int64(0x7FFFFFFF))) + np.int64(0x80000000)
        keys[p] = key
        first[key >> 21] += 1
    second = np.empty(_BINS, dtype=np.int64)
    third = np.empty(1024, dtype=np.int64)
    for a in range(counts.shape[0]):
        wanted = counts[a]
        if wanted <= 0:
            out[a, :] = 0.0
            continue
        if wanted >= size:
            out[a, :] = 1.0
            continue
        left = wanted
        high = _BINS - 1
        while first[high] < left:
            left -= first[high]
            high -= 1
        second[:] = 0
        for p in range(size):
            if keys[p] >> 21 == high:
                second[(keys[p] >> 10) & 2047] += 1
        middle = _BINS - 1
        while second[middle] < left:
            left -= second[middle]
            middle -= 1
        prefix = (np.int64(high) << 11) | np.int64(middle)
        third[:] = 0
        for p in range(size):
            if keys[p] >> 10 == prefix:
                third[keys[p] & 1023] += 1
        low = 1023
        while third[low] < left:
            left -= third[low]
            low -= 1
        threshold = (prefix << 10) | np.int64(low)
        for p in range(size):
            if keys[p] > threshold:
                out[a, p] = 1.0
            elif keys[p] == threshold and left > 0:
                out[a, p] = 1.0
                left -= 1
            else:
                out[a, p] = 0.0


@numba.njit(nogil=True, cache=True)
def cell_means(masks: F32, rows: I64, columns: I64, out: F32) -> None:
    """Mean of each mask over the cells of a grid.

    masks ``(n, h, w)``; rows ``(g + 1,)`` and columns ``(g + 1,)`` are the cells' edges in
    pixels, increasing from 0 to h and w; out ``(n, g * g)``, row by row.
    """
    down = rows.shape[0] - 1
    across = columns.shape[0] - 1
    for n in range(masks.shape[0]):
        for i in range(down):
            for j in range(across):
                total = 0.0
                for y in range(rows[i], rows[i + 1]):
                    for x in range(columns[j], columns[j + 1]):
                        total += masks[n, y, x]
                area = (rows[i + 1] - rows[i]) * (columns[j + 1] - columns[j])
                out[n, i * across + j] = total / area


@numba.njit(nogil=True, cache=True)
def add_weighted(masks: F32, weights: F32, out: F32) -> None:
    """``out += sum over n of weights[n] * masks[n]``; masks ``(n, P)``, out ``(P,)``."""
    for n in range(masks.shape[0]):
        weight = weights[n]
        for p in range(masks.shape[1]):
            out[p] += weight * masks[n, p]


@numba.njit(nogil=True, cache=True)
def trial_vectors(
    population: F32,
    attractors: F32,
    parent: I64,
    attractor: I64,
    first: I64,
    second: I64,
    factors: F32,
    rates: F32,
    uniform: F32,
    forced: I64,
    out: F32,
) -> None:
    """current-to-pbest/1/bin (Zhang & Sanderson 2009, JADE, equations 6 and 5).

    ``u = v + F (b - v) + F (v_r1 - v_r2)`` where ``uniform < CR`` or at the forced gene, ``v``
    elsewhere. population ``(m, d)``; attractors ``(k, d)``; for each of n trials: parent, first
    and second ``(n,)`` index v, v_r1 and v_r2 in the population, attractor ``(n,)`` indexes b;
    factors F and crossover rates CR ``(n,)``; uniform ``(n, d)`` in [0, 1); forced ``(n,)``
    gene indices; out ``(n, d)``.
    """
    for i in range(parent.shape[0]):
        f = factors[i]
        v, b, r, s = parent[i], attractor[i], first[i], second[i]
        for j in range(population.shape[1]):
            u = population[v, j]
            if uniform[i, j] < rates[i] or j == forced[i]:
                u += f * (attractors[b, j] - u) + f * (population[r, j] - population[s, j])
            out[i, j] = u


@numba.njit(nogil=True, cache=True)
def predicted_gains(genomes: F32, weights: F32, counts: I64, out: F32) -> None:
    """Sum over nested areas of the weights of the most salient cells, ties to the lower index.

    genomes ``(n, d)``, weights ``(d,)``, counts ``(a,)`` of cells, out ``(n,)``.
    """
    size = genomes.shape[1]
    for n in range(genomes.shape[0]):
        ascending = np.sort(genomes[n])
        total = np.float32(0.0)
        for a in range(counts.shape[0]):
            threshold = ascending[size - counts[a]]
            left = counts[a]
            for j in range(size):
                if genomes[n, j] > threshold:
                    left -= 1
            for j in range(size):
                if genomes[n, j] > threshold:
                    total += weights[j]
                elif genomes[n, j] == threshold and left > 0:
                    total += weights[j]
                    left -= 1
        out[n] = total


def warm_up() -> None:
    """Compile every kernel, or load it from the cache, with the types that are used."""
    one = np.zeros((1, 1), dtype=np.float32)
    index = np.zeros(1, dtype=np.int64)
    blend_channels_first(one, one[None], index, one, one[None].copy())
    blend_channels_last(one, one[None], index, one, one[None].copy())
    nested_masks(one[0], index, one.copy())
    edges = np.array([0, 1], dtype=np.int64)
    cell_means(one[None], edges, edges, one.copy())
    add_weighted(one, one[0], one[0].copy())
    trial_vectors(one, one, index, index, index, index, one[0], one[0], one, index, one.copy())
    predicted_gains(one, one[0], index + 1, one[0].copy())
