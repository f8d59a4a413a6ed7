"""What every part of the build must agree on."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NAME = "decam-studio"
TITLE = "DE-CAM Studio"
SUMMARY = "See which pixels drive an image classifier's decision"
# The identity that desktops, installers and code signing know the application by.
IDENTITY = "org.decam.studio"
PUBLISHER = "DE-CAM Studio contributors"
LICENCE = "Apache-2.0"
COPYRIGHT_YEAR = 2026
# Files that hold a whole session of the window.
SESSION_SUFFIX = ".decam"
SESSION_MIME = "application/x-decam-session"
MODEL_MIME = "application/x-onnx"
# Distributions with these extras of the project are frozen.
EXTRAS = ("dicom", "heic")
# Unpacked and compressed, in bytes.
MOST_UNPACKED = 480_000_000
MOST_COMPRESSED = 180_000_000
# Every file of the bundle has this time, so that archives of the same input are the same.
TIME = 1_704_067_200  # 2024-01-01 00:00:00 UTC


def version() -> str:
    """The product's, read without importing it."""
    text = (ROOT / "decam_engine" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    if found is None:
        raise SystemExit("build.py: expected __version__ in decam_engine/version.py, found none")
    return found[1]


def system() -> str:
    """``linux``, ``windows`` or ``macos``."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def architecture() -> str:
    """``x86_64`` or ``arm64``."""
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)


def package_name() -> str:
    """Of the archive and of the folder in it."""
    return f"{NAME}-{version()}-{system()}-{architecture()}"
