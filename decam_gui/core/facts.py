"""What the list of photographs says about each."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class PhotoState(StrEnum):
    """What became of a photograph under the model in use."""

    NEW = "new"
    WAITING = "waiting"
    RUNNING = "running"
    EXPLAINED = "explained"
    STOPPED = "stopped"
    FAILED = "failed"
    BROKEN = "broken"
    MISSING = "missing"


class PhotoFacts(NamedTuple):
    """The model's answer with its probability, the state, and a problem in words."""

    label: str
    confidence: float | None
    state: PhotoState
    problem: str
