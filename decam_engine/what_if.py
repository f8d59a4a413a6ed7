"""What a model says when parts of a photograph are hidden by hand."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from decam_engine.canvas import Canvas
from decam_engine.errors import SettingsError
from decam_engine.fills import make_fill
from decam_engine.geometry import to_input
from decam_engine.images import Photo
from decam_engine.models import BlackBox

F32 = npt.NDArray[np.float32]


class WhatIf:
    """One photograph under one model, with parts hidden as one likes.

    The photograph is prepared once, so that an answer takes one model call and little else.
    """

    def __init__(self, model: BlackBox, photo: Photo) -> None:
        self.model, self.photo = model, photo
        self._prepared = model.prepare(photo)
        self._last = model.preprocessing.layout == "NHWC"
        # Of two fills, that for kept and that for removed parts, and one that is tried out.
        self._canvas = functools.lru_cache(maxsize=3)(self._make_canvas)
        self._picture = functools.lru_cache(maxsize=3)(self._make_picture)

    def scores(self, keep: npt.ArrayLike, fill: str = "blur") -> F32:
        """Probabilities of all classes; one model call for each mask.

        Args:
            keep: bool or number in [0, 1], 1 where the photograph shows and 0 where the fill
                does: ``(h, w)`` on the model's input or ``(H, W)`` on the photograph (where both
                are of one size, it is taken to be on the input), or n such masks ``(n, ., .)``.
            fill: what hidden pixels become, one of ``FILLS``.

        Returns:
            float32 ``(K,)``, or ``(n, K)`` for n masks.

        Raises:
            SettingsError: a mask of another shape or with values outside [0, 1], or no such fill.
            ModelError: the model failed.
        """
        canvas = self._canvas(fill)
        given = np.asarray(keep, dtype=np.float32)
        masks = self._on_input(given[None] if given.ndim == 2 else given)
        inputs = np.empty((len(masks), *self._prepared.shape), dtype=np.float32)
        canvas.blend(masks, np.zeros(len(masks), dtype=np.int64), inputs)
        scores = self.model.scores(inputs)
        return scores[0] if given.ndim == 2 else scores

    def fill_picture(self, fill: str = "blur") -> npt.NDArray[np.uint8]:
        """What hidden pixels become, to look at: uint8 RGB ``(h, w, 3)`` on the model's input.

        Read-only.

        Raises:
            SettingsError: no such fill.
        """
        return self._picture(fill)

    def _make_picture(self, fill: str) -> npt.NDArray[np.uint8]:
        p = self.model.preprocessing
        values = make_fill(fill, self._prepared, p)
        last = values if self._last else values.transpose(1, 2, 0)
        pixels = (last * np.asarray(p.std, np.float32) + np.asarray(p.mean, np.float32)) / p.scale
        rgb = pixels[:, :, ::-1] if p.channels == "BGR" else pixels[:, :, :3]
        if rgb.shape[2] == 1:
            rgb = np.repeat(rgb, 3, axis=2)
        picture = np.ascontiguousarray(np.rint(np.clip(rgb, 0, 255)).astype(np.uint8))
        picture.flags.writeable = False
        return picture

    def _make_canvas(self, fill: str) -> Canvas:
        filled = make_fill(fill, self._prepared, self.model.preprocessing)
        return Canvas(self._prepared, [filled], channels_last=self._last)

    def _on_input(self, masks: F32) -> F32:
        size, photo = self.model.input_size, self.photo.size
        if masks.ndim != 3 or masks.shape[1:] not in (size, photo) or not len(masks):
            raise SettingsError(
                f"A keep mask must have the shape of the model's input {size} or of the photograph "
                f"{photo}, found {masks.shape[1:]}."
            )
        if not np.all((masks >= 0) & (masks <= 1)):
            raise SettingsError(
                "A keep mask must hold values from 0 (hidden) to 1 (shown) only; found others."
            )
        if masks.shape[1:] != size:
            placed = self.model.preprocessing.fit(photo)
            masks = np.stack([np.clip(to_input(m, placed), 0.0, 1.0) for m in masks])
        return np.ascontiguousarray(masks)


def what_if(model: BlackBox, photo: Photo, keep: npt.ArrayLike, fill: str = "blur") -> F32:
    """Probabilities of all classes when parts of a photograph are hidden.

    Arguments, result and errors as :meth:`WhatIf.scores`, which is quicker for many masks of one
    photograph.
    """
    return WhatIf(model, photo).scores(keep, fill)


def expected_score(
    saliency: npt.ArrayLike, keep: npt.ArrayLike, whole: float, blank: float
) -> float:
    """What a map says the score of a partly hidden photograph should be.

    The map is read as shares of the evidence: the score should lie between that of the photograph
    all hidden and that of the whole one as far along as the shares of what is shown go.

    Args:
        saliency: ``(h, w)``, not negative.
        keep: ``(h, w)`` in [0, 1].
        whole, blank: the class's scores with nothing and with everything hidden.

    Raises:
        SettingsError: map and mask are not of one shape.
    """
    weights, shown = np.asarray(saliency, np.float64), np.asarray(keep, np.float64)
    if weights.shape != shown.shape:
        raise SettingsError(
            f"Map and keep mask must be of one shape, found {weights.shape} and {shown.shape}."
        )
    total = float(weights.sum())
    share = float((weights * shown).sum()) / total if total > 0 else float(shown.mean())
    return blank + share * (whole - blank)
