"""The average map of each class over many photographs."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
# Of an average map; photographs differ in shape, so it lies on the model's input.
SIDE = 56
# Beyond this many classes, new ones are not averaged any more: each takes 25 KB.
MOST_CLASSES = 2_000


class ClassMeans:
    """Adds maps one by one and keeps their sums only."""

    def __init__(self) -> None:
        self._sums: dict[str, npt.NDArray[np.float64]] = {}
        self._counts: dict[str, int] = {}

    def add(self, label: str, saliency: F32) -> None:
        """Add a map, float32 ``(h, w)`` on the model's input, of any size."""
        if label not in self._sums:
            if len(self._sums) == MOST_CLASSES:
                return
            self._sums[label] = np.zeros((SIDE, SIDE))
        shrinks = min(saliency.shape) > SIDE
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(np.ascontiguousarray(saliency), (SIDE, SIDE), interpolation=way)
        self._sums[label] += small
        self._counts[label] = self._counts.get(label, 0) + 1

    def means(self) -> Iterator[tuple[str, int, F32]]:
        """Class, number of maps, and their mean, float32 ``(56, 56)``; most maps first."""
        for label in sorted(self._counts, key=lambda k: (-self._counts[k], k)):
            count = self._counts[label]
            yield label, count, (self._sums[label] / count).astype(np.float32)
