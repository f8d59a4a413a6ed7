"""What a bug report and the About box need: versions, licences, the system; nothing personal."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from decam_gui.resources import resources_directory

# Distributions whose version matters most, in the order in which they are shown.
PACKAGES = ("numpy", "numba", "onnxruntime", "opencv-python-headless", "pillow", "cmap")
# The others that the application is made of.
FURTHER = (
    "llvmlite", "threadpoolctl", "urllib3", "rich", "jinja2", "fpdf2", "fonttools", "uharfbuzz",
    "pypdf", "pypdfium2", "platformdirs", "pydicom", "python-gdcm", "pillow-heif",
)  # fmt: skip
# Letters of a licence's name; older packages put whole texts there.
MOST_LETTERS = 60


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


def components() -> list[tuple[str, str, str]]:
    """Name, version and licence of everything that the application is made of."""
    found = [
        ("DE-CAM Studio", product_version(), "Apache-2.0"),
        ("Python", platform.python_version(), "PSF-2.0"),
        ("Qt", qVersion() or "", "LGPL-3.0-only"),
        ("PySide6", PySide6.__version__, licence("PySide6-Essentials") or "LGPL-3.0-only"),
    ]
    installed = [(n, _version(n), licence(n)) for n in (*PACKAGES, *FURTHER)]
    return found + [row for row in installed if row[1]]


def licence(name: str) -> str:
    """What a distribution's metadata call its licence, or nothing."""
    try:
        facts = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    stated = facts.get("License-Expression") or (facts.get("License") or "").partition("\n")[0]
    if stated and len(stated) <= MOST_LETTERS:
        return str(stated)
    kinds = [c for c in facts.get_all("Classifier", []) if c.startswith("License")]
    return kinds[0].rpartition(":: ")[2] if kinds else str(stated)[:MOST_LETTERS]


def licence_texts() -> list[tuple[str, str]]:
    """(Title, text): the product's own licence, then those of what lies in ``resources``."""
    folder = resources_directory()
    texts = []
    own = _own_licence(folder)
    if own:
        texts.append(("DE-CAM Studio", own))
    for file in sorted(folder.glob("*/LICENSE*")):
        texts.append((file.parent.name, file.read_text(encoding="utf-8")))
    return texts


def report(problem: str) -> str:
    """The problem with everything around it, to be copied."""
    lines = [f"{name} {number}" for name, number in versions()]
    lines.append(f"{platform.platform()}, {platform.machine()}")
    lines.append(f"Qt platform {QGuiApplication.platformName()}")
    return "\n".join([*lines, "", problem.rstrip(), ""])


def _own_licence(resources: Path) -> str:
    """Beside the resources in a checkout and a frozen application, else in the metadata."""
    beside = resources.parent / "LICENSE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    try:
        files = distribution("decam-studio").files or []
    except PackageNotFoundError:
        return ""
    return next((f.read_text(encoding="utf-8") for f in files if f.name == "LICENSE"), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
