"""More than 8 bits to 8: which value becomes black, which white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.decoders.base import U8
from decam_engine.errors import ImageError

# The darkest and brightest 0.1 % are clipped: dead and hot sensor pixels.
PERCENTILES = (0.1, 99.9)
# Values that are converted at a time, so that no large copy in floating point is made.
_BLOCK = 1 << 20

Values = npt.NDArray[Any]


@dataclass(frozen=True)
class Window:
    """``low`` becomes 0 and ``high`` 255; ``rule`` says where they came from.

    ``curve`` is ``linear``, or ``sigmoid`` (as DICOM defines it, never quite 0 or 255).
    """

    rule: str
    low: float
    high: float
    curve: str = "linear"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"rule": self.rule, "low": self.low, "high": self.high, "curve": self.curve}


def choose_window(
    values: Values,
    wanted: str | tuple[float, float] | None,
    name: str,
    whole: tuple[float, float] | None = None,
) -> Window:
    """The window for values of any shape.

    Args:
        wanted: as in :class:`decam_engine.decoders.base.ReadOptions`.
        whole: what ``full`` means; None = from the smallest to the largest value.

    Raises:
        ImageError: values that are not finite.
    """
    if values.dtype.kind == "f" and not np.all(np.isfinite(values)):
        raise ImageError(
            f"{name} holds pixels that are not numbers (NaN or infinite); expected finite greys. "
            "Replace them and export it again."
        )
    if isinstance(wanted, tuple):
        return Window("given", *wanted)
    if values.size == 0:  # every pixel is transparent
        return Window(wanted or "percentile", 0.0, 1.0)
    darkest, brightest = float(values.min()), float(values.max())
    low, high = whole if whole is not None else (darkest, brightest)
    if wanted != "full":
        low, high = (float(v) for v in np.percentile(values, PERCENTILES))
        if high <= low:
            low, high = darkest, brightest
    return Window(wanted or "percentile", low, high if high > low else low + 1.0)


def apply_window(values: Values, window: Window) -> U8:
    """Values of any shape -> uint8 of the same shape."""
    flat = np.ascontiguousarray(values).reshape(-1)
    out = np.empty(flat.shape, dtype=np.uint8)
    width = window.high - window.low
    for start in range(0, len(flat), _BLOCK):
        part = (flat[start : start + _BLOCK].astype(np.float64) - window.low) / width
        if window.curve == "sigmoid":
            part = 1.0 / (1.0 + np.exp(np.clip(-4.0 * (part - 0.5), -700.0, 700.0)))
        out[start : start + _BLOCK] = np.rint(np.clip(part, 0.0, 1.0) * 255.0)
    return out.reshape(values.shape)


def window_note(what: str, values: Values, window: Window) -> str:
    """What was done, in words."""
    found = f" {values.min():g} to {values.max():g}" if values.size else ""
    why = {
        "percentile": f"percentiles {PERCENTILES[0]:g} and {PERCENTILES[1]:g}",
        "full": "the full range",
        "given": "as asked for",
        "file": "as the file says",
    }[window.rule]
    curve = ", by a sigmoid curve" if window.curve == "sigmoid" else ""
    return (
        f"{what}{found} windowed: {window.low:g} to {window.high:g} became 0 to 255 ({why}{curve})."
    )
