"""Analytic black boxes: functions of an image whose right explanation is known.

All take float32 batches ``(N, 3, h, w)`` in 0..1 and count the inputs they are given.
"""

from __future__ import annotations

import abc

import numpy as np
import numpy.typing as npt

from decam_engine import BlackBox, Photo, Preprocessing, load_model

F32 = npt.NDArray[np.float32]
# top, left, bottom, right
Box = tuple[int, int, int, int]

SIZE = (64, 64)
BRIGHT: Box = (12, 34, 28, 52)
OTHER: Box = (40, 8, 56, 24)


class Fake(abc.ABC):
    """A function that counts: ``seen`` inputs, and the size of each batch."""

    def __init__(self, name: str = "fake") -> None:
        self.__name__ = name
        self.batches: list[int] = []

    @property
    def seen(self) -> int:
        """Inputs scored so far."""
        return sum(self.batches)

    def __call__(self, batch: F32) -> npt.NDArray[np.float64]:
        self.batches.append(len(batch))
        return self.answer(batch.astype(np.float64))

    @abc.abstractmethod
    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Scores ``(N, K)``."""


class Rectangles(Fake):
    """Class k's score is the mean brightness of rectangle k."""

    def __init__(self, *boxes: Box) -> None:
        super().__init__("rectangles")
        self.boxes = boxes or (BRIGHT,)

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        means = [brightness(batch, box) for box in self.boxes]
        if len(means) == 1:
            means.append(1.0 - means[0])
        return np.stack(means, axis=1)


class Logits(Rectangles):
    """The same before the softmax: 10 x brightness - 5, and 0."""

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        value = 10.0 * brightness(batch, self.boxes[0]) - 5.0
        return np.stack([value, np.zeros_like(value)], axis=1)


class Xor(Fake):
    """Class 0: exactly one of two regions is bright; not additive in the pixels."""

    def __init__(self, first: Box = BRIGHT, second: Box = OTHER) -> None:
        super().__init__("xor")
        self.first, self.second = first, second

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        a, b = brightness(batch, self.first), brightness(batch, self.second)
        either = a * (1.0 - b) + b * (1.0 - a)
        return np.stack([either, 1.0 - either], axis=1)


class Both(Xor):
    """Class 0: both regions are bright (their product)."""

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        both = brightness(batch, self.first) * brightness(batch, self.second)
        return np.stack([both, 1.0 - both], axis=1)


class Constant(Fake):
    """The same answer to everything."""

    def __init__(self, scores: tuple[float, ...] = (0.7, 0.3)) -> None:
        super().__init__("constant")
        self.scores = scores

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.tile(np.asarray(self.scores), (len(batch), 1))


class Spoiling(Rectangles):
    """NaN for every input whose number is a multiple of ``every``, the first input excepted."""

    def __init__(self, every: int = 3) -> None:
        super().__init__()
        self.every = every

    def answer(self, batch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        scores = super().answer(batch)
        numbers = self.seen - len(batch) + np.arange(len(batch))
        scores[(numbers % self.every == 0) & (numbers > 0)] = np.nan
        return scores


def brightness(batch: npt.NDArray[np.float64], box: Box) -> npt.NDArray[np.float64]:
    """Mean over channels and the pixels of a box: ``(N, 3, h, w)`` -> ``(N,)``."""
    top, left, bottom, right = box
    return np.asarray(batch[:, :, top:bottom, left:right].mean(axis=(1, 2, 3)))


def bright_photo(
    *boxes: Box, size: tuple[int, int] = SIZE, seed: int = 0, name: str = "bright.png"
) -> Photo:
    """Dark noise with bright rectangles (default: ``BRIGHT``)."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(10, 60, (*size, 3)).astype(np.uint8)
    for top, left, bottom, right in boxes or (BRIGHT,):
        pixels[top:bottom, left:right] = 245
    return Photo.from_array(pixels, name)


def box_model(function: Fake, size: tuple[int, int] = SIZE, **options: object) -> BlackBox:
    """A fake as the engine sees it: the whole photograph, 0..1."""
    return load_model(function, preprocessing=Preprocessing.unit(size), **options)  # type: ignore[arg-type]


def inside(index: int, box: Box, size: tuple[int, int] = SIZE, margin: int = 0) -> bool:
    """Whether a flat pixel index lies in a box, give or take a margin."""
    y, x = divmod(int(index), size[1])
    top, left, bottom, right = box
    return top - margin <= y < bottom + margin and left - margin <= x < right + margin
