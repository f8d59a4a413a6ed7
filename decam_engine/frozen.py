"""How the standalone application starts itself: there is no Python to start beside it."""

from __future__ import annotations

import sys
from pathlib import Path


def is_frozen() -> bool:
    """Whether this runs in the standalone application."""
    return bool(getattr(sys, "frozen", False))


def own_program() -> list[str]:
    """Starts the standalone application once more, as a child with standard input and output."""
    program = Path(sys.executable)
    console = program.with_name("decam.exe")
    # On Windows the windowed program has neither.
    return [str(console if sys.platform == "win32" and console.is_file() else program)]


def studio_command() -> list[str]:
    """Starts the window from the command line."""
    if is_frozen():
        program = Path(sys.executable)
        return [str(program.with_name(f"decam-studio{program.suffix}"))]
    return [sys.executable, "-m", "decam_gui"]
