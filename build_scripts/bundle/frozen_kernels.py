"""The compiled inner loops of the standalone application.

There this file stands in for ``decam_engine/kernels.py``, whose functions were compiled when the
application was built: it needs no compiler, starts at once and is the same on every machine. Of
the variants, the one for the newest processors that this one can run is taken.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from decam_engine.kernel_types import CONSTANTS, NEEDS, TYPES

# A float there would make float64 of all that it meets.
globals().update({n: np.float32(v) if isinstance(v, float) else v for n, v in CONSTANTS.items()})


def _features() -> dict[str, bool]:
    """What this processor can do, as numpy found out; empty where it does not tell."""
    try:
        found = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):
        return {}
    return dict(found)


def _load() -> ModuleType:
    features = _features()
    for name, needs in NEEDS.items():
        if all(features.get(feature) for feature in needs):
            return importlib.import_module(f"decam_engine.{name}")
    raise ImportError(f"no variant of the compiled loops fits this processor: {list(NEEDS)}")


def _guarded(name: str, function: Callable[..., None]) -> Callable[..., None]:
    """Compiled code looks at no layout: an array of another type would be read as garbage."""
    wanted = [(k, np.dtype(t[0]), t[1]) for k, t in enumerate(TYPES[name]) if t is not None]

    def call(*arguments: Any) -> None:
        for k, dtype, ndim in wanted:
            array = arguments[k]
            if array.dtype != dtype or array.ndim != ndim or not array.flags.c_contiguous:
                raise TypeError(
                    f"{name}: expected argument {k} to be C-contiguous {dtype} with {ndim} "
                    f"dimensions, found {array.dtype} of shape {array.shape}"
                )
        function(*arguments)

    call.__name__ = name
    return call


VARIANT = _load()
for _name in TYPES:
    globals()[_name] = _guarded(_name, getattr(VARIANT, _name))


def warm_up() -> None:
    """Nothing is left to compile."""
