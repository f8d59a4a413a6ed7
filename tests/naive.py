"""Plain-numpy twins of the kernels: slow, obvious, independent. Each returns what the kernel
writes into its last argument."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


def blend_channels_first(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> F32:
    fill = fills[which]
    return np.asarray(masks[:, None, :] * photo[None] + (1.0 - masks[:, None, :]) * fill)


def blend_channels_last(photo: F32, fills: F32, which: I64, masks: F32, out: F32) -> F32:
    fill = fills[which]
    return np.asarray(masks[:, :, None] * photo[None] + (1.0 - masks[:, :, None]) * fill)


def nested_masks(saliency: F32, counts: I64, out: F32) -> F32:
    order = np.argsort(-saliency.astype(np.float64), kind="stable")
    result = np.zeros((len(counts), len(saliency)), dtype=np.float32)
    for row, count in zip(result, counts, strict=True):
        row[order[:count]] = 1.0
    return result


def cell_means(masks: F32, rows: I64, columns: I64, out: F32) -> F32:
    cells = [
        masks[:, top:bottom, left:right].mean(axis=(1, 2), dtype=np.float64)
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


def predicted_gains(genomes: F32, weights: F32, counts: I64, out: F32) -> F32:
    order = np.argsort(-genomes, axis=1, kind="stable")
    totals = [weights[order[:, :count]].sum(axis=1, dtype=np.float64) for count in counts]
    return np.sum(totals, axis=0).astype(np.float32)


TWINS: dict[str, Any] = {
    "blend_channels_first": blend_channels_first,
    "blend_channels_last": blend_channels_last,
    "nested_masks": nested_masks,
    "cell_means": cell_means,
    "add_weighted": add_weighted,
    "trial_vectors": trial_vectors,
    "predicted_gains": predicted_gains,
}
