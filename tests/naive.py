"""Plain-numpy twins of the kernels: slow, obvious, independent. Each returns what the kernel
writes into its last argument."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]


def repeat_pixels(values: npt.NDArray[Any], repeats: int, out: npt.NDArray[Any]) -> Any:
    return np.repeat(values, repeats)


def blend(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> F32:
    shown = np.repeat(masks, photo.shape[1] // masks.shape[1], axis=1)[:, None, :]
    return np.asarray(shown * photo + (1.0 - shown) * fills[which])


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
) -> F32:
    masks = []
    for m in range(first, first + len(out)):
        k, complement = divmod(m, step)
        tall = (grids[k][rows] * row_weights[:, :, None]).sum(axis=1)
        large = (tall[:, columns] * column_weights).sum(axis=2)
        top, left = shifts[k, 0], shifts[k, 1] * repeats
        mask = large[top : top + h, left : left + photo.shape[1] // h].reshape(-1)
        masks.append(1.0 - mask if complement else mask)
    shown = np.array(masks)[:, None, :]
    return np.asarray(shown * photo + (1.0 - shown) * fills[which], dtype=np.float32)


def enlarge(
    cells: F32, rows: I64, row_weights: F32, columns: I64, column_weights: F32, out: F32
) -> F32:
    tall = (cells[rows].astype(np.float64) * row_weights[:, :, None]).sum(axis=1)
    return np.asarray((tall[:, columns] * column_weights).sum(axis=2), dtype=np.float32)


def nested_masks(saliency: F32, counts: I64) -> npt.NDArray[np.bool_]:
    """The ``counts[a]`` most salient pixels, bool ``(a, P)``."""
    order = np.argsort(-saliency.astype(np.float64), kind="stable")
    result = np.zeros((len(counts), len(saliency)), dtype=bool)
    for row, count in zip(result, counts, strict=True):
        row[order[:count]] = True
    return result


def sort_into_bins(values: F32, bins: int, out: Any) -> Any:
    wide = values.astype(np.float64)
    spread = max(float(np.ptp(wide)), 1e-300)
    return np.floor((wide - wide.min()) / spread * (bins - 1))


def mark_largest(values: F32, count: int, out: U8) -> U8:
    return nested_masks(values, np.array([count]))[0].astype(np.uint8)


def nested_levels(saliency: F32, counts: I64, bins: Any, level: U8) -> U8:
    return np.asarray(nested_masks(saliency, counts).sum(axis=0), dtype=np.uint8)


def mark_most_salient(saliency: F32, count: int, bins: Any, level: U8) -> U8:
    return mark_largest(saliency, count, level)


def drawn_levels(
    genomes: F32,
    rows: I64,
    row_weights: F32,
    columns: I64,
    column_weights: F32,
    counts: I64,
    saliency: F32,
    bins: Any,
    levels: U8,
) -> U8:
    weights = rows, row_weights, columns, column_weights
    drawn = [enlarge(genome, *weights, saliency).reshape(-1) for genome in genomes]
    return np.stack(
        [nested_levels(s, counts[n : n + 1], bins, levels[n]) for n, s in enumerate(drawn)]
    )


def blend_levels(
    photo: F32,
    fills: F32,
    which: I64,
    levels: U8,
    drawing: I64,
    least: I64,
    remove: npt.NDArray[np.bool_],
    out: F32,
) -> F32:
    inside = (levels[drawing] >= least[:, None]) != remove[:, None]
    shown = np.repeat(inside, photo.shape[1] // levels.shape[1], axis=1)[:, None, :]
    return np.where(shown, photo, fills[which])


def level_shares(levels: U8, drawing: I64, least: I64, rows: I64, columns: I64, out: F32) -> F32:
    masks = levels[drawing] >= least[:, None, None]
    cells = [
        masks[:, top:bottom, left:right].mean(axis=(1, 2))
        for top, bottom in itertools.pairwise(rows)
        for left, right in itertools.pairwise(columns)
    ]
    return np.stack(cells, axis=1).astype(np.float32)


def add_weighted(masks: F32, weights: F32, out: F32) -> F32:
    return np.asarray(out + np.tensordot(weights.astype(np.float64), masks, axes=1), np.float32)


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
) -> F32:
    genomes = population.astype(np.float64)
    v = genomes[parent]
    f = factors.astype(np.float64)[:, None]
    mutant = v + f * (attractors[attractor] - v) + f * (genomes[first] - genomes[second])
    crossed = uniform < rates[:, None]
    crossed[np.arange(len(v)), forced] = True
    return np.where(crossed, mutant, v).astype(np.float32)


def standardise(values: F32, out: F32) -> F32:
    centred = values - values.mean(axis=1, keepdims=True, dtype=np.float64)
    deviation = centred.std(axis=1, keepdims=True)
    return (centred / np.maximum(deviation, 1e-12)).astype(np.float32)


def predicted_gains(genomes: F32, weights: F32, counts: I64, out: F32) -> F32:
    order = np.argsort(-genomes, axis=1, kind="stable")
    totals = [weights[order[:, :count]].sum(axis=1, dtype=np.float64) for count in counts]
    return np.sum(totals, axis=0).astype(np.float32)


def exponentials(exponents: F32, powers: Any, out: F32) -> F32:
    return np.exp(np.maximum(exponents.astype(np.float64), -126.0 * np.log(2.0)))


def rank_descending(values: F32, out: Any) -> Any:
    return np.argsort(-values, axis=1, kind="stable").astype(np.int32)


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
) -> F32:
    scale, influence = relevance.astype(np.float64), weights.astype(np.float64)
    rows = (weighted * float(unit) / relevance[:, None]).transpose(0, 2, 1).reshape(-1, len(scale))
    rows, alphas = rows.astype(np.float64), alphas.reshape(-1)
    kept_rows = kept_blocks * weighted.shape[2]

    def score(top: Any, visible: Any, which: slice, offset: np.float32) -> float:
        chance = 1.0 / (1.0 + np.exp(-(float(offset) + visible @ influence)))
        near = np.exp(-(((top - rows[which]) ** 2) * scale).sum(axis=1))
        return float(chance + np.sqrt(chance * (1.0 - chance) + 0.02) * (alphas[which] @ near))

    found = []
    for genome in genomes:
        inside = nested_masks(genome, counts).astype(np.float64)
        kept = [score(top, top, slice(kept_rows), kept_offset) for top in inside]
        others = slice(kept_rows, None)
        removed = [score(top, 1.0 - top, others, removed_offset) for top in inside]
        found.append(np.mean(kept) - np.mean(removed))
    return np.asarray(found, dtype=np.float32)


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
    *learnt_and_out: Any,
) -> F32:
    *learnt, out = learnt_and_out
    members, everybody = members.copy(), np.arange(len(members))
    fitness = predicted_fitness(members, *learnt, out)
    for g, pick in enumerate(picks):
        attractors = np.argsort(-fitness, kind="stable")[pick]
        pairs = everybody, attractors, first[g], second[g]
        drawn = factors[g], rates, uniform[g], forced[g]
        trials = trial_vectors(members, members, *pairs, *drawn, out)
        trials = standardise(trials + noise[added[g]] * amounts[g][:, None], out)
        predicted = predicted_fitness(trials, *learnt, out)
        better = predicted >= fitness
        members[better], fitness[better] = trials[better], predicted[better]
    return members[np.argsort(-fitness, kind="stable")]


TWINS: dict[str, Any] = {
    "repeat_pixels": repeat_pixels,
    "blend": blend,
    "blend_grids": blend_grids,
    "enlarge": enlarge,
    "sort_into_bins": sort_into_bins,
    "mark_largest": mark_largest,
    "nested_levels": nested_levels,
    "mark_most_salient": mark_most_salient,
    "drawn_levels": drawn_levels,
    "blend_levels": blend_levels,
    "level_shares": level_shares,
    "add_weighted": add_weighted,
    "trial_vectors": trial_vectors,
    "standardise": standardise,
    "predicted_gains": predicted_gains,
    "exponentials": exponentials,
    "rank_descending": rank_descending,
    "predicted_fitness": predicted_fitness,
    "evolve_generations": evolve_generations,
}
