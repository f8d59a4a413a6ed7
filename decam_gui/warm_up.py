"""Get the engine's compiled loops ready before the first run needs them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from decam_engine import METHODS, Photo, Preprocessing, explain, load_model

SIDE = 32
CALLS = 64


def warm_up(stopped: Callable[[], bool]) -> None:
    """Explain noise with a toy model: the same loops, compiled or read from their cache."""

    def brightness(batch: np.ndarray) -> np.ndarray:
        mean = batch[:, :, : SIDE // 2].mean(axis=(1, 2, 3))
        return np.stack([mean, 1.0 - mean], axis=1)

    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    model = load_model(brightness, preprocessing=Preprocessing.unit((SIDE, SIDE)))
    for method in METHODS:
        if stopped():
            return
        explain(
            model,
            Photo.from_array(pixels, "noise"),
            target=0,
            method=method,
            calls=CALLS,
            on_progress=lambda _: stopped(),
        )
