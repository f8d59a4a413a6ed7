"""The map as a numpy file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation


def npy_file(explanation: Explanation) -> list[tuple[str, bytes]]:
    """``.npy``: float32 ``(H, W)`` on the photograph's pixels, in [0, 1]."""
    stream = io.BytesIO()
    np.save(stream, explanation.saliency, allow_pickle=False)
    return [(".npy", stream.getvalue())]
