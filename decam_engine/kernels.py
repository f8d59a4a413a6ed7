"""The compiled inner loops: every ``@njit`` function of the project, and nothing else.

All work on C-contiguous arrays, release the interpreter lock and write into arrays of their
caller. Each has a plain-numpy twin in ``tests/naive.py``. They check nothing: the functions
that call them do.

Images are seen as planes ``(q, P * r)`` of P = h * w pixels, so that one loop serves both
layouts: channels first is q = c planes with r = 1; channels last is one plane that repeats
each pixel r = c times. Inner loops run along slices of such a plane and hold no branch,
which the compiler turns into wide instructions.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
BOOL = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]

# Values are counted in so many equal intervals, of which only one is looked into.
_BINS = 1024
_GENE_BINS = 256
# Minima and maxima of so many values side by side: one chain of comparisons would be slow.
_LANES = 64
# One pixel in so many is sampled: not a divisor of usual widths, so the sample is no few columns.
_EVERY = 17
# Pixels that are looked up once and then used for all masks and channels. Many: what is written has
# left the caches since the model read it, and long streams are fetched ahead of time (in a run 54
# us a mask of 224 x 224 where 1,024 pixels took 81).
_BLOCK = 65536
# Rows of a surrogate that are gone through together: a number the compiler knows, and few enough to
# stay close to the processor.
ROWS = 128
# Least variance of a predicted score.
LEAST_VARIANCE = np.float32(0.02)


@numba.njit(nogil=True, cache=True)
def repeat_pixels(values: npt.NDArray[Any], repeats: int, out: npt.NDArray[Any]) -> None:
    """Each of values ``(m,)`` so many times in a row; out ``(>= m * repeats,)``."""
    # The two usual numbers have loops of their own: a loop of unknown length is slow.
    if repeats == 1:
        for p in range(values.shape[0]):
            out[p] = values[p]
    elif repeats == 3:
        for p in range(values.shape[0]):
            value = values[p]
            out[3 * p] = value
            out[3 * p + 1] = value
            out[3 * p + 2] = value
    else:
        for p in range(values.shape[0]):
            for k in range(repeats):
                out[p * repeats + k] = values[p]


@numba.njit(nogil=True, cache=True)
def blend(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> None:
    """``out[n] = fill + mask[n] * (photo - fill)`` with ``fill = fills[which[n]]``.

    photo ``(q, P * r)``, fills ``(f, q, P * r)``, which ``(n,)``, masks ``(n, P)``, out
    ``(n, q, P * r)``.
    """
    size = masks.shape[1]
    repeats = photo.shape[1] // size
    mask = np.empty(_BLOCK * repeats, dtype=np.float32)
    for n in range(masks.shape[0]):
        for start in range(0, size, _BLOCK):
            stop = min(start + _BLOCK, size)
            repeat_pixels(masks[n, start:stop], repeats, mask)
            a, b = start * repeats, stop * repeats
            for q in range(photo.shape[0]):
                shown, hidden, line = photo[q, a:b], fills[which[n], q, a:b], out[n, q, a:b]
                for x in range(b - a):
                    line[x] = hidden[x] + mask[x] * (shown[x] - hidden[x])


@numba.njit(nogil=True, cache=True)
def blend_grids(
    photo: F32,
    fills: F32,
    which: I64,
    grids: F32,
    shifts: I64,
    first: int,
    step: int,
    h: int,
    repeats: int,
    rows: I64,
    row_weights: F32,
    columns: I64,
    column_weights: F32,
    out: F32,
) -> None:
    """As :func:`blend`, with enlarged and shifted grids for masks, never made as a whole.

    Row n of out shows mask m = first + n, of grid ``m // step``; with step = 2 an odd m is
    the complement, written in one pass with the mask before it.

    photo, fills, which, out as there; h rows of r = repeats. grids ``(k, gh, gw)``; shifts
    ``(k, 2)``, pixels left out above and to the left. Row y of the enlarged grid is made of the
    grid's rows ``rows[y]`` ``(H, 2)`` with weights ``row_weights`` ``(H, 2)``; columns and
    column_weights ``(W * r, 2)`` the same across.
    """
    planes = photo.shape[0]
    wide = photo.shape[1] // h
    down = grids.shape[1]
    count = out.shape[0]
    lines = np.empty((down, wide), dtype=np.float32)
    mask = np.empty(wide, dtype=np.float32)
    n = 0
    while n < count:
        k, complement = (first + n) // step, (first + n) % step
        both = complement == 0 and step == 2 and n + 1 < count
        for i in range(down):
            for x in range(wide):
                at = shifts[k, 1] * repeats + x
                before, after = grids[k, i, columns[at, 0]], grids[k, i, columns[at, 1]]
                lines[i, x] = column_weights[at, 0] * before + column_weights[at, 1] * after
        for y in range(h):
            at = shifts[k, 0] + y
            above, below = lines[rows[at, 0]], lines[rows[at, 1]]
            s, t = row_weights[at, 0], row_weights[at, 1]
            if complement == 1:
                for x in range(wide):
                    mask[x] = np.float32(1.0) - (s * above[x] + t * below[x])
            else:
                for x in range(wide):
                    mask[x] = s * above[x] + t * below[x]
            a, b = y * wide, (y + 1) * wide
            for q in range(planes):
                shown, hidden, line = photo[q, a:b], fills[which[n], q, a:b], out[n, q, a:b]
                if both:
                    other, second = fills[which[n + 1], q, a:b], out[n + 1, q, a:b]
                    for x in range(wide):
                        line[x] = hidden[x] + mask[x] * (shown[x] - hidden[x])
                        rest = np.float32(1.0) - mask[x]
                        second[x] = other[x] + rest * (shown[x] - other[x])
                else:
                    for x in range(wide):
                        line[x] = hidden[x] + mask[x] * (shown[x] - hidden[x])
        n += 2 if both else 1


@numba.njit(nogil=True, cache=True)
def enlarge(
    cells: F32, rows: I64, row_weights: F32, columns: I64, column_weights: F32, out: F32
) -> None:
    """Each pixel from 4 x 4 cells: ``out[y, x] = sum of row weight * column weight * cell``.

    cells ``(gh, gw)``; rows ``(h, 4)`` cell indices with row_weights ``(h, 4)``, columns and
    column_weights ``(w, 4)`` the same across; out ``(h, w)``.
    """
    h, w = out.shape
    lines = np.empty((cells.shape[0], w), dtype=np.float32)
    for i in range(cells.shape[0]):
        for x in range(w):
            total = np.float32(0.0)
            for k in range(4):
                total += column_weights[x, k] * cells[i, columns[x, k]]
            lines[i, x] = total
    for y in range(h):
        a, b, c, d = lines[rows[y, 0]], lines[rows[y, 1]], lines[rows[y, 2]], lines[rows[y, 3]]
        s, t, u, v = (
            row_weights[y, 0],
            row_weights[y, 1],
            row_weights[y, 2],
            row_weights[y, 3],
        )
        line = out[y]
        for x in range(w):
            line[x] = s * a[x] + t * b[x] + u * c[x] + v * d[x]


@numba.njit(nogil=True, cache=True)
def sort_into_bins(values: F32, bins: int, out: U16) -> None:
    """Number of the equal interval, of so many between least and largest, of each value.

    A larger value has no smaller number. values ``(m,)`` finite, bins in 1..65,536, out ``(m,)``.
    """
    size = values.shape[0]
    low = np.full(_LANES, values[0], dtype=np.float32)
    high = low.copy()
    whole = size - size % _LANES
    for start in range(0, whole, _LANES):
        for k in range(_LANES):
            v = values[start + k]
            low[k] = v if v < low[k] else low[k]
            high[k] = v if v > high[k] else high[k]
    for p in range(whole, size):
        low[0] = min(low[0], values[p])
        high[0] = max(high[0], values[p])
    least = low.min()
    spread = np.float64(high.max()) - np.float64(least)
    top, scale = np.float32(bins - 1), np.float32(0.0)
    if spread > 0.0:
        scale = np.float32(min(2.0 * (bins - 1) / spread, 1e38))
    # Halved, because the spread of extreme values is no float32.
    half = np.float32(0.5)
    for p in range(size):
        v = (half * values[p] - half * least) * scale
        out[p] = np.uint16(v if v < top else top)


@numba.njit(nogil=True, cache=True)
def mark_largest(values: F32, count: int, out: U8) -> None:
    """1 for the ``count`` largest values, ties to the lower index, else 0.

    values ``(m,)`` finite, count in 0..m, out ``(m,)``. Linear in m.
    """
    size = values.shape[0]
    # Adding zero turns -0.0 into 0.0, which must tie with it.
    bits = (values + np.float32(0.0)).view(np.int32)
    for i in range(size):
        # Order-preserving: negative floats sort backwards by their bits.
        bits[i] = bits[i] if bits[i] >= 0 else bits[i] ^ 0x7FFFFFFF
    # The largest key that enough values reach, found bit by bit from the lowest of all.
    threshold = np.int64(-0x80000000)
    for bit in range(31, -1, -1):
        trial = threshold + (np.int64(1) << bit)
        enough = 0
        for i in range(size):
            enough += int(bits[i] >= trial)
        if enough >= count:
            threshold = trial
    left = count
    for i in range(size):
        out[i] = np.uint8(bits[i] > threshold)
        left -= int(bits[i] > threshold)
    for i in range(size):
        if left > 0 and bits[i] == threshold:
            out[i] = 1
            left -= 1


@numba.njit(nogil=True, cache=True)
def nested_levels(saliency: F32, counts: I64, bins: U16, level: U8) -> None:
    """In how many of the sets of ``counts[a]`` most salient pixels each pixel lies.

    Ties go to the lower index. saliency ``(P,)`` finite; counts ``(a,)`` in 0..P, at most 255 of
    them; bins ``(P,)`` to work in; level ``(P,)``. Linear in P: the values are counted in equal
    intervals once for all areas, and only the interval that an area ends in is searched.
    """
    size = saliency.shape[0]
    intervals = min(_BINS, max(size, _LANES))
    sort_into_bins(saliency, intervals, bins)
    # Four tables in turn: neighbours often fall into one bin, and would wait for each other.
    tables = np.zeros((4, intervals), dtype=np.int32)
    table, second, third, fourth = tables[0], tables[1], tables[2], tables[3]
    four = size - size % 4
    for p in range(0, four, 4):
        table[bins[p]] += 1
        second[bins[p + 1]] += 1
        third[bins[p + 2]] += 1
        fourth[bins[p + 3]] += 1
    for p in range(four, size):
        table[bins[p]] += 1
    for k in range(intervals):
        table[k] += second[k] + third[k] + fourth[k]
    level[:] = 0
    for a in range(counts.shape[0]):
        left = counts[a]
        if left <= 0:
            continue
        last = intervals - 1
        while table[last] < left:
            left -= table[last]
            last -= 1
        # Of the bins' own type, which compares more of them at once.
        edge = np.uint16(last)
        for p in range(size):
            level[p] += np.uint8(bins[p] > edge)
        here = table[last]
        inside, values = np.empty(here, dtype=np.int64), np.empty(here, dtype=np.float32)
        found = 0
        for start in range(0, size, _LANES):
            stop = min(start + _LANES, size)
            some = 0
            for p in range(start, stop):
                some += int(bins[p] == edge)
            if some > 0:
                for p in range(start, stop):
                    if bins[p] == edge:
                        inside[found], values[found] = p, saliency[p]
                        found += 1
        chosen = np.empty(here, dtype=np.uint8)
        mark_largest(values, left, chosen)
        for i in range(found):
            level[inside[i]] += chosen[i]


@numba.njit(nogil=True, cache=True)
def mark_most_salient(saliency: F32, count: int, bins: U16, level: U8) -> None:
    """1 for the ``count`` most salient pixels, ties to the lower index, else 0.

    saliency ``(P,)`` finite, count in 0..P, bins ``(P,)`` to work in, level ``(P,)``. A sample
    tells two values between which the last one's lies, and only pixels between them are searched
    (Floyd & Rivest 1975, SELECT). Where the sample misled, all are: the outcome is the same.
    """
    size = saliency.shape[0]
    sampled = (size + _EVERY - 1) // _EVERY
    sample = np.empty(sampled, dtype=np.float32)
    for k in range(sampled):
        sample[k] = saliency[k * _EVERY]
    sort_into_bins(sample, _BINS, bins[:sampled])
    table = np.zeros(_BINS, dtype=np.int32)
    for k in range(sampled):
        table[bins[k]] += 1
    # Neighbours are alike, so a regular sample errs by less than one drawn at random.
    wanted = np.float64(count) / _EVERY
    margin = 0.5 * np.sqrt(np.float64(sampled)) + 4.0
    least, most = sample.min(), sample.max()
    step = (np.float64(most) - np.float64(least)) / (_BINS - 1)
    high, low = np.float32(np.inf), np.float32(-np.inf)
    above, last = 0, _BINS
    while last > 0 and above < wanted - margin:
        last -= 1
        above += table[last]
    if last < _BINS:
        high = np.float32(least + last * step)
    while last > 0 and above < wanted + margin:
        last -= 1
        above += table[last]
    if above >= wanted + margin:
        low = np.float32(least + last * step)
    # 2 above the two, 1 between them.
    for p in range(size):
        level[p] = np.uint8(saliency[p] > high) + np.uint8(saliency[p] >= low)
    room = min(size, np.int64(4.0 * margin * _EVERY))
    inside, values = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.float32)
    whole = size // _LANES
    marks = np.empty(whole, dtype=np.uint8)
    for i in range(whole):
        some = np.uint8(0)
        for k in range(_LANES):
            some |= level[i * _LANES + k]
        marks[i] = some
    between = 0
    for i in range(whole + 1):
        if i == whole or marks[i] & 1:
            for p in range(i * _LANES, min((i + 1) * _LANES, size)):
                if level[p] == 1:
                    if between < room:
                        inside[between], values[between] = p, saliency[p]
                    between += 1
    sure = np.int32(0)
    for p in range(size):
        level[p] >>= 1
        sure += np.int32(level[p])
    counts = np.empty(1, dtype=np.int64)
    counts[0] = count
    if sure > count or sure + between < count or between > room:
        nested_levels(saliency, counts, bins, level)
        return
    if between > 0:
        counts[0] = count - sure
        chosen = np.empty(between, dtype=np.uint8)
        nested_levels(values[:between], counts, bins[:between], chosen)
        for i in range(between):
            level[inside[i]] = chosen[i]


@numba.njit(nogil=True, cache=True)
def drawn_levels(
    genomes: F32,
    rows: I64,
    row_weights: F32,
    columns: I64,
    column_weights: F32,
    counts: I64,
    saliency: F32,
    bins: U16,
    levels: U8,
) -> None:
    """Of each genome, 1 for its ``counts[n]`` most salient pixels, ties to the lower index.

    genomes ``(n, gh, gw)``, rows to column_weights as :func:`enlarge`, counts ``(n,)``; saliency
    ``(h, w)`` and bins ``(P,)`` to work in; levels ``(n, P)``.
    """
    for n in range(genomes.shape[0]):
        enlarge(genomes[n], rows, row_weights, columns, column_weights, saliency)
        mark_most_salient(saliency.reshape(-1), counts[n], bins, levels[n])


@numba.njit(nogil=True, cache=True)
def blend_levels(
    photo: F32,
    fills: F32,
    which: I64,
    levels: U8,
    drawing: I64,
    least: I64,
    remove: BOOL,
    out: F32,
) -> None:
    """Show the photo where ``levels[drawing[n]] >= least[n]``, or with ``remove[n]`` elsewhere.

    photo, fills, which, out as :func:`blend`; levels ``(m, P)``; drawing, least and remove
    ``(n,)``. Whole pixels are picked: nothing is multiplied.
    """
    size = levels.shape[1]
    repeats = photo.shape[1] // size
    row = np.empty(_BLOCK * repeats, dtype=np.int32)
    for start in range(0, size, _BLOCK):
        stop = min(start + _BLOCK, size)
        a, b = start * repeats, stop * repeats
        for n in range(out.shape[0]):
            if n == 0 or drawing[n] != drawing[n - 1]:
                repeat_pixels(levels[drawing[n], start:stop], repeats, row)
            enough = np.int32(least[n])
            for q in range(photo.shape[0]):
                inner, outer, line = photo[q, a:b], fills[which[n], q, a:b], out[n, q, a:b]
                # Two loops: with inner and outer exchanged one would do, but not be wide.
                if remove[n]:
                    for x in range(b - a):
                        u, v = inner[x], outer[x]
                        line[x] = v if row[x] >= enough else u
                else:
                    for x in range(b - a):
                        u, v = inner[x], outer[x]
                        line[x] = u if row[x] >= enough else v


@numba.njit(nogil=True, cache=True)
def level_shares(levels: U8, drawing: I64, least: I64, rows: I64, columns: I64, out: F32) -> None:
    """Share of each cell's pixels with ``levels[drawing[n]] >= least[n]``.

    levels ``(m, h, w)``; drawing and least ``(n,)``; rows ``(gh + 1,)`` and columns ``(gw + 1,)``
    are the cells' edges in pixels, increasing from 0 to h and w; out ``(n, gh * gw)``, row by row.
    """
    w = levels.shape[2]
    down, across = rows.shape[0] - 1, columns.shape[0] - 1
    sums = np.empty(w, dtype=np.int32)
    for n in range(least.shape[0]):
        level, enough = levels[drawing[n]], least[n]
        for i in range(down):
            sums[:] = 0
            for y in range(rows[i], rows[i + 1]):
                for x in range(w):
                    sums[x] += np.int32(level[y, x] >= enough)
            height = rows[i + 1] - rows[i]
            for j in range(across):
                total = 0
                for x in range(columns[j], columns[j + 1]):
                    total += sums[x]
                area = height * (columns[j + 1] - columns[j])
                out[n, i * across + j] = np.float32(total) / np.float32(area)


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
def standardise(values: F32, out: F32) -> None:
    """Each row with zero mean and unit deviation; a constant one becomes zeros.

    values and out ``(n, d)``, which may be the same array.
    """
    size = values.shape[1]
    for i in range(values.shape[0]):
        total = 0.0
        for j in range(size):
            total += values[i, j]
        mean = total / size
        squares = 0.0
        for j in range(size):
            squares += (values[i, j] - mean) ** 2
        scale = 1.0 / max(np.sqrt(squares / size), 1e-12)
        for j in range(size):
            out[i, j] = np.float32((values[i, j] - mean) * scale)


@numba.njit(nogil=True, cache=True)
def predicted_gains(genomes: F32, weights: F32, counts: I64, out: F32) -> None:
    """Sum over nested areas of the weights of the most salient cells, ties to the lower index.

    genomes ``(n, d)`` finite, weights ``(d,)``, counts ``(a,)`` of cells in 1..d, out ``(n,)``.
    Genes are counted in equal intervals, as the pixels of :func:`nested_levels`.
    """
    size = genomes.shape[1]
    bins = np.empty(size, dtype=np.uint16)
    inside, values = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.float32)
    chosen = np.empty(size, dtype=np.uint8)
    table, sums = np.empty(_GENE_BINS, dtype=np.int64), np.empty(_GENE_BINS, dtype=np.float32)
    for n in range(genomes.shape[0]):
        genes = genomes[n]
        sort_into_bins(genes, _GENE_BINS, bins)
        table[:] = 0
        sums[:] = 0.0
        for j in range(size):
            table[bins[j]] += 1
            sums[bins[j]] += weights[j]
        total = np.float32(0.0)
        for a in range(counts.shape[0]):
            left = counts[a]
            edge = _GENE_BINS - 1
            while table[edge] < left:
                left -= table[edge]
                total += sums[edge]
                edge -= 1
            found = 0
            for j in range(size):
                if bins[j] == edge:
                    inside[found], values[found] = j, genes[j]
                    found += 1
            mark_largest(values[:found], left, chosen)
            for i in range(found):
                if chosen[i] == 1:
                    total += weights[inside[i]]
        out[n] = total


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def exponentials(exponents: F32, powers: I32, out: F32) -> None:
    """``out = exp(exponents)``, both ``(m,)``, for exponents of at most 0; powers ``(m,)`` is room.

    ``exp(x) = 2^n 2^r`` with n whole and r in 0..1: ``2^n`` by the bits of a float, ``2^r`` by a
    polynomial to 1e-6; rounding the exponent adds some 1e-7 times its size. Unlike the library's
    function, it is done for many numbers at once.
    Below -87 the result is 1e-38 instead of less.
    """
    for m in range(exponents.shape[0]):
        x = max(exponents[m] * np.float32(1.44269504), np.float32(-126.0))
        whole = np.floor(x)
        r = x - whole
        powers[m] = (np.int32(whole) + np.int32(127)) << np.int32(23)
        value = np.float32(1.8775767e-3)
        value = value * r + np.float32(8.9893397e-3)
        value = value * r + np.float32(5.5826318e-2)
        value = value * r + np.float32(2.4015361e-1)
        value = value * r + np.float32(6.9315308e-1)
        out[m] = value * r + np.float32(9.9999994e-1)
    scales = powers.view(np.float32)
    for m in range(exponents.shape[0]):
        out[m] *= scales[m]


@numba.njit(nogil=True, cache=True)
def rank_descending(values: F32, out: I32) -> None:
    """Indices of values ``(n, d)`` from the largest to the smallest, ties to the lower index.

    values finite, out ``(n, d)``. Sorted into equal intervals first, which leaves next to nothing
    to the insertions that follow: a quarter of the time of comparing, unless most values lie in
    one interval.
    """
    size = values.shape[1]
    table, place = np.empty(_GENE_BINS, dtype=np.int32), np.empty(size, dtype=np.int32)
    keys = np.empty(size, dtype=np.float32)
    # Halved, because the spread of extreme values is no float32.
    half = np.float32(0.5)
    for i in range(values.shape[0]):
        row, order = values[i], out[i]
        low = high = row[0]
        for j in range(size):
            low = row[j] if row[j] < low else low
            high = row[j] if row[j] > high else high
        spread = np.float64(high) - np.float64(low)
        top, scale = np.float32(_GENE_BINS - 1), np.float32(0.0)
        if spread > 0.0:
            scale = np.float32(min(2.0 * (_GENE_BINS - 1) / spread, 1e38))
        for j in range(size):
            v = (half * high - half * row[j]) * scale
            place[j] = np.int32(v if v < top else top)
        table[:] = 0
        for j in range(size):
            table[place[j]] += 1
        before = np.int32(0)
        for k in range(_GENE_BINS):
            count = table[k]
            table[k] = before
            before += count
        for j in range(size):
            r = table[place[j]]
            table[place[j]] = r + 1
            order[r], keys[r] = j, row[j]
        for r in range(1, size):
            v, j, k = keys[r], order[r], r - 1
            while k >= 0 and keys[k] < v:
                keys[k + 1], order[k + 1] = keys[k], order[k]
                k -= 1
            keys[k + 1], order[k + 1] = v, j


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def predicted_fitness(
    genomes: F32,
    counts: I64,
    relevance: F32,
    weighted: U8,
    unit: np.float32,
    norms: F32,
    alphas: F32,
    kept_blocks: int,
    weights: F32,
    kept_offset: np.float32,
    removed_offset: np.float32,
    out: F32,
) -> None:
    """Mean over nested areas of the predicted score of the kept part minus the removed one's.

    A mask x is 1 at the most salient cells (ties to the lower index), which are kept or removed.
    Either score is ``c + sqrt(c (1 - c) + 0.02) * sum over m of alpha[m] exp(-|x - row m|^2)``
    with ``c = logistic(offset + visible cells' weights)``; a cell's part of the distance is
    weighed by ``relevance``. The first ``kept_blocks`` blocks of rows tell of kept parts, the
    others of removed ones.

    genomes ``(n, d)`` finite, counts ``(a,)`` of cells, increasing in 1..d, relevance ``(d,)``,
    weighted ``(b, d, ROWS)`` the rows times the relevance in blocks, in units of ``unit`` and so
    that no row's sum exceeds 65,535: bytes, since to read them takes most of the time; norms
    ``(b, ROWS)`` the weighted squares of the rows before they were rounded to units, alphas
    ``(b, ROWS)``, zero where a block is not full, weights ``(d,)``, out ``(n,)``.
    """
    n, d = genomes.shape
    areas = counts.shape[0]
    order = np.empty((n, d), dtype=np.int32)
    rank_descending(genomes, order)
    product = np.empty(ROWS, dtype=np.uint16)
    powers = np.empty(areas * ROWS, dtype=np.int32)
    exponents, near = np.empty(powers.shape, np.float32), np.empty(powers.shape, np.float32)
    # What the rows of kept and of removed parts add up to.
    sums = np.zeros((2, n, areas), dtype=np.float32)
    one, twice = np.float32(1.0), np.float32(2.0) * unit
    for b in range(weighted.shape[0]):
        block, half = weighted[b], 0 if b < kept_blocks else 1
        for i in range(n):
            product[:] = 0
            # |x|^2 of a mask of ones and zeros is the sum of its cells' relevance.
            inside = np.float32(0.0)
            rank = 0
            for a in range(areas):
                stop = counts[a]
                for r in range(rank, stop):
                    inside += relevance[order[i, r]]
                # Four at a time: the sums are read and written once for them.
                while rank + 4 <= stop:
                    r, s = block[order[i, rank]], block[order[i, rank + 1]]
                    t, u = block[order[i, rank + 2]], block[order[i, rank + 3]]
                    for m in range(ROWS):
                        # Widened first: as plain Python, a sum of two bytes is a byte again.
                        first = np.uint16(np.uint16(r[m]) + np.uint16(s[m]))
                        second = np.uint16(np.uint16(t[m]) + np.uint16(u[m]))
                        product[m] = np.uint16(product[m] + np.uint16(first + second))
                    rank += 4
                while rank < stop:
                    r = block[order[i, rank]]
                    for m in range(ROWS):
                        product[m] = np.uint16(product[m] + r[m])
                    rank += 1
                for m in range(ROWS):
                    near_by = twice * np.float32(np.int32(product[m]))
                    exponents[a * ROWS + m] = near_by - inside - norms[b, m]
            exponentials(exponents, powers, near)
            for a in range(areas):
                total = np.float32(0.0)
                for m in range(ROWS):
                    total += alphas[b, m] * near[a * ROWS + m]
                sums[half, i, a] += total
    all_weights = np.float32(0.0)
    for c in range(d):
        all_weights += weights[c]
    for i in range(n):
        evidence, total, rank = np.float32(0.0), np.float32(0.0), 0
        for a in range(areas):
            for r in range(rank, counts[a]):
                evidence += weights[order[i, r]]
            rank = counts[a]
            with_it = one / (one + np.exp(-kept_offset - evidence))
            without = one / (one + np.exp(-removed_offset - (all_weights - evidence)))
            kept, removed = sums[0, i, a], sums[1, i, a]
            total += with_it + np.sqrt(with_it * (one - with_it) + LEAST_VARIANCE) * kept
            total -= without + np.sqrt(without * (one - without) + LEAST_VARIANCE) * removed
        out[i] = total / np.float32(areas)


@numba.njit(nogil=True, cache=True)
def evolve_generations(
    members: F32,
    picks: I64,
    first: I64,
    second: I64,
    factors: F32,
    rates: F32,
    uniform: F32,
    forced: I64,
    noise: F32,
    added: I64,
    amounts: F32,
    counts: I64,
    relevance: F32,
    weighted: U8,
    unit: np.float32,
    norms: F32,
    alphas: F32,
    kept_blocks: int,
    weights: F32,
    kept_offset: np.float32,
    removed_offset: np.float32,
    out: F32,
) -> None:
    """So many generations of current-to-pbest/1/bin on predicted fitness.

    In each, every member gets a trial (:func:`trial_vectors`, attracted by a picked one of the
    fittest) plus noise, standardised, which replaces it where it is predicted to be no worse.

    members ``(m, d)``. For each generation and member ``(g, m)``: picks, 0 for the fittest, first
    and second of the difference, factors, forced genes, the row of the noise ``(k, d)`` that is
    added and its amount; uniform ``(g, m, d)``; rates ``(m,)``. counts to removed_offset as
    :func:`predicted_fitness`. out ``(m, d)``, the fittest first, ties to the earlier one.
    """
    n, d = members.shape
    everybody, attractors = np.arange(n), np.empty(n, dtype=np.int64)
    order, fitness = np.empty((1, n), dtype=np.int32), np.empty((1, n), dtype=np.float32)
    trials, predicted = np.empty((n, d), dtype=np.float32), np.empty(n, dtype=np.float32)
    members = members.copy()
    learnt = (
        counts,
        relevance,
        weighted,
        unit,
        norms,
        alphas,
        kept_blocks,
        weights,
        kept_offset,
        removed_offset,
    )
    predicted_fitness(members, *learnt, fitness[0])
    for g in range(picks.shape[0]):
        rank_descending(fitness, order)
        for i in range(n):
            attractors[i] = order[0, picks[g, i]]
        trial_vectors(
            members,
            members,
            everybody,
            attractors,
            first[g],
            second[g],
            factors[g],
            rates,
            uniform[g],
            forced[g],
            trials,
        )
        for i in range(n):
            row, amount = noise[added[g, i]], amounts[g, i]
            for j in range(d):
                trials[i, j] += row[j] * amount
        standardise(trials, trials)
        predicted_fitness(trials, *learnt, predicted)
        for i in range(n):
            if predicted[i] >= fitness[0, i]:
                fitness[0, i] = predicted[i]
                members[i] = trials[i]
    rank_descending(fitness, order)
    for i in range(n):
        out[i] = members[order[0, i]]


def warm_up() -> None:
    """Compile every kernel, or load it from the cache, with the types that are used."""
    one = np.zeros((1, 1), dtype=np.float32)
    row, fills = one[0], one[None]
    index, pairs = np.zeros(1, dtype=np.int64), np.zeros((1, 2), dtype=np.int64)
    bins, level = np.zeros(1, dtype=np.uint16), np.zeros(1, dtype=np.uint8)
    edges, remove = np.array([0, 1], dtype=np.int64), np.zeros(1, dtype=np.bool_)
    halves = np.zeros((1, 2), dtype=np.float32)
    fours, quarters = np.zeros((1, 4), dtype=np.int64), np.zeros((1, 4), dtype=np.float32)
    out = fills.copy()
    repeat_pixels(row, 1, row.copy())
    repeat_pixels(level, 1, np.zeros(1, dtype=np.int32))
    blend(one, fills, index, one, out)
    blend_grids(one, fills, index, fills, pairs, 0, 1, 1, 1, pairs, halves, pairs, halves, out)
    enlarge(one, fours, quarters, fours, quarters, one.copy())
    sort_into_bins(row, 1, bins)
    mark_largest(row, 1, level)
    nested_levels(row, index, bins, level)
    mark_most_salient(row, 1, bins, level)
    cubic = fours, quarters, fours, quarters
    drawn_levels(fills, *cubic, index, one.copy(), bins, level[None])
    blend_levels(one, fills, index, level[None], index, index, remove, out)
    level_shares(level[None, None], index, index, edges, edges, one.copy())
    add_weighted(one, row, row.copy())
    trial_vectors(one, one, index, index, index, index, row, row, one, index, one.copy())
    standardise(one, one.copy())
    predicted_gains(one, row, index + 1, row.copy())
    exponentials(row, np.zeros(1, dtype=np.int32), row.copy())
    rank_descending(one, np.zeros((1, 1), dtype=np.int32))
    zero, block = np.float32(0.0), np.zeros((1, 1, ROWS), dtype=np.uint8)
    norms = np.zeros((1, ROWS), dtype=np.float32)
    learnt = row, block, zero, norms, norms, 1, row, zero, zero
    predicted_fitness(one, index + 1, *learnt, row.copy())
    number = index[:, None]
    drawn = number, number, number, one, row, fills, number, one, number, one
    evolve_generations(one, *drawn, index + 1, *learnt, one.copy())
