"""The photograph and what may hide parts of it, laid out as the model's inputs are."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from decam_engine import kernels

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]


class Canvas:
    """A photograph with fills, and the room that mask sources need to paint inputs with them.

    Attributes:
        size: ``(h, w)``.
        repeats: how many numbers of a pixel lie side by side: c with the channels last, else 1.
        photo: float32 ``(q, P * repeats)``, see :mod:`decam_engine.kernels`.
        fills: float32 ``(f, q, P * repeats)``.
        drawn: whose drawing, and which of them, ``level`` holds.
    """

    def __init__(self, photo: F32, fills: Sequence[F32], *, channels_last: bool) -> None:
        """photo and fills as the model is fed: ``(c, h, w)``, or ``(h, w, c)`` if channels_last."""
        shape = photo.shape
        self.size = (shape[0], shape[1]) if channels_last else (shape[1], shape[2])
        self.repeats = shape[2] if channels_last else 1
        planes = 1 if channels_last else shape[0]
        # Copies: a read-only array would be another type, for which all kernels compile anew.
        self.photo = np.array(photo, dtype=np.float32, order="C").reshape(planes, -1)
        self.fills = np.array(fills, dtype=np.float32, order="C").reshape(len(fills), planes, -1)
        self.drawn: tuple[object, int] = (None, 0)
        self._levels: U8 = np.empty((0, 0), dtype=np.uint8)

    @functools.cached_property
    def saliency(self) -> F32:
        """float32 ``(h, w)`` to draw in."""
        return np.empty(self.size, dtype=np.float32)

    @functools.cached_property
    def bins(self) -> npt.NDArray[np.uint16]:
        """uint16 ``(P,)``, see :func:`decam_engine.kernels.nested_levels`."""
        return np.empty(self.size[0] * self.size[1], dtype=np.uint16)

    @functools.cached_property
    def level(self) -> U8:
        """uint8 ``(P,)``, see :func:`decam_engine.kernels.nested_levels`."""
        return np.empty(self.size[0] * self.size[1], dtype=np.uint8)

    def levels(self, count: int) -> U8:
        """uint8 ``(count, P)`` to draw in, see :func:`decam_engine.kernels.drawn_levels`."""
        if len(self._levels) < count:
            self._levels = np.empty((count, self.size[0] * self.size[1]), dtype=np.uint8)
        return self._levels[:count]

    def planes(self, inputs: F32) -> F32:
        """Inputs ``(n, c, h, w)`` or ``(n, h, w, c)``, seen as ``(n, q, P * repeats)``."""
        return inputs.reshape(len(inputs), *self.photo.shape)

    def blend(self, masks: F32, fills: I64, inputs: F32) -> None:
        """Write inputs with masks float32 ``(n, h, w)`` and fills ``(n,)`` by number."""
        flat = masks.reshape(len(masks), -1)
        kernels.blend(self.photo, self.fills, fills, flat, self.planes(inputs))
