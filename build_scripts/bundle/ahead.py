"""Compile ``decam_engine/kernels.py`` ahead of time: ``python ahead.py FOLDER``.

Writes one extension module for each variant of processor, and ``kernel_types.py`` with the
arrays that each function takes, into the folder. A C compiler links them. The functions and their
types are those that ``kernels.warm_up`` compiles, options such as ``nogil`` and ``fastmath``
those of their decorators, which the plain ``numba.pycc`` would forget.

Run in a process of its own, with the project on the import path.
"""

from __future__ import annotations

import platform
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

# Variant -> processor as LLVM calls it, and what numpy must find there; the first that fits. Every
# processor with these three has all of x86-64-v3; the second is what numpy itself requires.
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "_kernels_v3": ("x86-64-v3", ("AVX2", "FMA3", "F16C")),
    "_kernels_v2": ("x86-64-v2", ()),
}
if platform.machine().lower() in ("arm64", "aarch64"):
    VARIANTS = {
        "_kernels_arm": ("apple-m1" if sys.platform == "darwin" else "generic", ()),
    }


def numbers_of(kernels: ModuleType) -> dict[str, float | int]:
    """The numbers that callers of the loops use, such as the rows of a block, by name."""
    return {
        name: value if isinstance(value, int) else float(value)
        for name, value in vars(kernels).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, int | np.float32)
    }


def main(folder: Path) -> int:
    """0 when all variants were made."""
    # pycc is announced to change one day; the lock holds the version that works.
    warnings.simplefilter("ignore")
    import numba
    from numba.core import types
    from numba.pycc import CC, compiler

    from decam_engine import kernels

    kernels.warm_up()
    functions = {n: f for n, f in vars(kernels).items() if hasattr(f, "signatures")}
    original = compiler.compile_extra

    def with_options(typing: Any, target: Any, function: Any, *rest: Any, **more: Any) -> Any:
        arguments, returned, flags, *others = rest
        options = functions[function.__name__].targetoptions
        flags = flags.copy()
        flags.release_gil = bool(options.get("nogil"))
        flags.fastmath = options.get("fastmath", False)
        return original(typing, target, function, arguments, returned, flags, *others, **more)

    compiler.compile_extra = with_options
    for name, (processor, _) in VARIANTS.items():
        library = CC(name)
        library.output_dir = str(folder)
        library.target_cpu = processor
        for function, dispatcher in functions.items():
            # The first signature: the others are for calls from other kernels alone.
            library.export(function, numba.void(*dispatcher.signatures[0]))(dispatcher.py_func)
        library.compile()
    table = {
        function: [
            (str(kind.dtype), kind.ndim) if isinstance(kind, types.Array) else None
            for kind in dispatcher.signatures[0]
        ]
        for function, dispatcher in functions.items()
    }
    needs = {name: needs for name, (_, needs) in VARIANTS.items()}
    constants = numbers_of(kernels)
    names = {"bool": "bool_"}
    for arrays in table.values():
        for k, array in enumerate(arrays):
            if array is not None:
                arrays[k] = (names.get(array[0], array[0]), array[1])
    (folder / "kernel_types.py").write_text(
        '"""Made by the build: what the compiled loops take."""\n\n'
        f"TYPES = {table!r}\nNEEDS = {needs!r}\nCONSTANTS = {constants!r}\n",
        encoding="utf-8",
        newline="\n",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
