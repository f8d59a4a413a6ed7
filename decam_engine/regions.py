"""How much of the photograph keeps the decision, and how little flips it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.masks import SaliencyMasks
from decam_engine.models import Prediction
from decam_engine.objective import Objective

F32 = npt.NDArray[np.float32]

# Two rounds of this many areas, for keeping and for removing.
SECTIONS = 5
ROUNDS = 2
CALLS = 2 * SECTIONS * ROUNDS


@dataclass(frozen=True)
class Region:
    """The most salient part of a photograph, along the map's own order.

    Attributes:
        fraction: of the model's input, 0..1.
        score: the target's probability when only this part is kept (or it is removed).
        answer: index of the most probable class then.
        predictions: the most probable classes then; empty in results of older versions.
    """

    fraction: float
    score: float
    answer: int
    predictions: tuple[Prediction, ...] = ()

    def mask(self, saliency: F32) -> npt.NDArray[np.bool_]:
        """bool, shaped as ``saliency``: the region's pixels, ties to the lower index."""
        flat = saliency.reshape(-1)
        inside = np.zeros(flat.size, dtype=bool)
        count = round(self.fraction * flat.size)
        inside[np.argsort(-flat, kind="stable")[:count]] = True
        return inside.reshape(saliency.shape)


def find_regions(
    objective: Objective,
    saliency: F32,
    target: int,
    fills: tuple[int, int],
    rank: Callable[[F32], tuple[Prediction, ...]] = lambda scores: (),
) -> Generator[int, None, tuple[Region | None, Region | None]]:
    """The smallest part that keeps the decision, and the smallest whose removal flips it.

    Spends ``CALLS`` model calls and yields how many after each batch. Areas are tried in two
    rounds, the second between the last that failed and the first that held; the true
    smallest area lies at most one step of the second round lower, or, where the decision
    comes and goes with the area, between areas that were not tried.

    Args:
        saliency: ``(h, w)`` on the model's input.
        target: the class that is the model's answer for the whole photograph.
        fills: numbers of the fills for kept and for removed parts.
        rank: names the most probable classes, for the record.

    Returns:
        The region that keeps the decision and the one that flips it; None where no area
        that was tried does.
    """
    # Steps are even in the square root of the area: regions are small more often than large.
    brackets = [(0.0, 1.0), (0.0, 1.0)]
    found: list[Region | None] = [None, None]
    for _ in range(ROUNDS):
        roots = [np.linspace(low, high, SECTIONS + 2)[1:-1] for low, high in brackets]
        counts = np.rint(np.concatenate(roots) ** 2 * saliency.size).astype(np.int64)
        counts = np.clip(counts, 1, saliency.size)
        remove = np.repeat([False, True], SECTIONS)
        which = np.repeat(np.asarray(fills, dtype=np.int64), SECTIONS)
        scores: list[F32] = []
        for batch in objective.score(SaliencyMasks(saliency, counts, remove, which)):
            scores.extend(batch.scores)
            yield batch.stop - batch.start
        for side in (0, 1):
            low, high = brackets[side]
            for k in range(SECTIONS):
                row = scores[side * SECTIONS + k]
                root = float(roots[side][k])
                if not np.isfinite(row).all():
                    continue
                answer = int(np.argmax(row))
                if (answer == target) == (side == 0):
                    fraction = int(counts[side * SECTIONS + k]) / saliency.size
                    found[side] = Region(fraction, float(row[target]), answer, rank(row))
                    high = root
                    break
                low = root
            brackets[side] = (low, high)
    return found[0], found[1]
