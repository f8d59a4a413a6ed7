"""What a bug report needs: versions and the system, nothing personal."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

# Distributions whose version matters, in the order in which they are shown.
PACKAGES = ("numpy", "numba", "onnxruntime", "opencv-python-headless", "pillow", "cmap")


def product_version() -> str:
    """Of DE-CAM Studio."""
    return _version("decam-studio") or getattr(
        sys.modules.get("decam_engine"), "__version__", "not installed"
    )


def versions() -> list[tuple[str, str]]:
    """Name and version of everything that matters."""
    found = [
        ("DE-CAM Studio", product_version()),
        ("Python", platform.python_version()),
        ("Qt", qVersion() or ""),
        ("PySide6", PySide6.__version__),
    ]
    return found + [(name, _version(name) or "unknown") for name in PACKAGES]


def report(problem: str) -> str:
    """The problem with everything around it, to be copied."""
    lines = [f"{name} {number}" for name, number in versions()]
    lines.append(f"{platform.platform()}, {platform.machine()}")
    lines.append(f"Qt platform {QGuiApplication.platformName()}")
    return "\n".join([*lines, "", problem.rstrip(), ""])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
