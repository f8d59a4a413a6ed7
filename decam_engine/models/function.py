"""Backend: a Python function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.models.preprocessing import as_dtype

Array = npt.NDArray[np.float32]


class FunctionBackend:
    """Runs ``function(batch)``: float32 ``(N, 3, h, w)`` -> ``(N, K)``."""

    def __init__(
        self, function: Callable[[npt.NDArray[Any]], npt.ArrayLike], dtype: str = "float32"
    ) -> None:
        self.function = function
        self.dtype = dtype
        self.name = str(getattr(function, "__name__", type(function).__name__))

    def run(self, inputs: Array) -> npt.NDArray[Any]:
        """See :class:`decam_engine.models.blackbox.Backend`.

        An exception of the function itself is passed on: it is the caller's own code.
        """
        # The engine reuses its buffers; a function that keeps its input must not see it change.
        answer = self.function(as_dtype(inputs, self.dtype).copy())
        try:
            outputs = np.asarray(answer)
        except ValueError:
            raise ModelError(
                f"The function {self.name} must return numbers of shape (N, K), found rows of "
                "different lengths."
            ) from None
        if outputs.dtype.kind not in "fiub":
            raise ModelError(
                f"The function {self.name} must return numbers of shape (N, K), found "
                f"{outputs.dtype}."
            )
        return outputs

    def describe(self) -> Mapping[str, Any]:
        """See :class:`decam_engine.models.blackbox.Backend`."""
        return {"kind": "function", "sha256": None}
