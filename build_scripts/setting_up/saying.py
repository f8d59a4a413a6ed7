"""What is told to whoever runs this: progress, and one sentence where something is to be mended."""

from __future__ import annotations

import sys


class MendableError(Exception):
    """Something the user can mend; its text is one sentence that says how."""


def say(text: str) -> None:
    """One line of progress: on standard error, since the output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def last_lines(text: str, count: int = 15) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join("    " + line for line in lines[-count:])
