"""Where icons, translations and licences lie, without importing the engine."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=1)
def resources_directory() -> Path:
    """Beside the engine, whose import would take too long before the first paint.

    Raises ``FileNotFoundError`` when the installation is damaged.
    """
    spec = find_spec("decam_engine")
    engine = Path(spec.origin).resolve().parent if spec and spec.origin else Path()
    bases = [engine / "resources", engine.parent / "resources"]
    if hasattr(sys, "_MEIPASS"):
        bases.insert(0, Path(sys._MEIPASS) / "resources")
    for base in bases:
        if (base / "icons").is_dir():
            return base
    raise FileNotFoundError(f"no icons in any of {[str(b) for b in bases]}")
