"""How the tests of the window wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

# Long enough for a machine that does other things as well.
WAIT_MS = 60_000


def wait(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    qtbot.waitUntil(condition, timeout=WAIT_MS)
