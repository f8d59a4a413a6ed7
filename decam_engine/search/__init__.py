"""The searches. A new one is a file with a class, and one line in ``METHODS``."""

from __future__ import annotations

from decam_engine.errors import SettingsError
from decam_engine.search.base import Search, SearchMaker, SearchTask
from decam_engine.search.differential_evolution import DifferentialEvolution
from decam_engine.search.occlusion import Occlusion
from decam_engine.search.rise import Rise

METHODS: dict[str, SearchMaker] = {
    "de": DifferentialEvolution,
    "rise": Rise,
    "occlusion": Occlusion,
}

# Model calls of each preset.
UNTIL_STABLE = "until-stable"
PRESETS: dict[str, int] = {
    "quick": 500,
    "balanced": 1000,
    "thorough": 2000,
    # A cap: this one stops when the map has settled.
    UNTIL_STABLE: 4000,
}

__all__ = [
    "METHODS",
    "PRESETS",
    "UNTIL_STABLE",
    "Search",
    "SearchMaker",
    "SearchTask",
    "check_method",
]


def check_method(method: str) -> str:
    """The name itself.

    Raises:
        SettingsError: no such method.
    """
    if method not in METHODS:
        raise SettingsError(f"The method must be one of {', '.join(METHODS)}, found {method!r}.")
    return method
