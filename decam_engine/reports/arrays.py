"""The map as numpy files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from decam_engine.reports.template import Template

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation


def npy_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.npy``: float32 ``(H, W)`` on the photograph's pixels, in [0, 1]."""
    stream = io.BytesIO()
    np.save(stream, explanation.saliency, allow_pickle=False)
    return [(".npy", stream.getvalue())]


def input_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.input.npy``: float32 ``(h, w)`` on the model's input, in [0, 1]: small, and exact."""
    stream = io.BytesIO()
    np.save(stream, explanation.input_saliency, allow_pickle=False)
    return [(".input.npy", stream.getvalue())]


def npz_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.npz``: all arrays of a result, for analysis.

    ``saliency`` (float32 ``(H, W)``), ``input_saliency`` (float32 ``(h, w)``), ``seen`` (bool
    ``(H, W)``), ``history`` (float64 ``(n, 2)``: calls, best fitness), and where they were
    measured ``insertion_curve`` and ``deletion_curve`` (float32).
    """
    arrays = {
        "saliency": explanation.saliency,
        "input_saliency": explanation.input_saliency,
        "seen": explanation.seen,
        "history": np.asarray(explanation.history, dtype=np.float64).reshape(-1, 2),
    }
    if explanation.faithfulness is not None:
        arrays["insertion_curve"] = explanation.faithfulness.insertion_curve
        arrays["deletion_curve"] = explanation.faithfulness.deletion_curve
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return [(".npz", stream.getvalue())]
