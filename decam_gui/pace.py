"""How fast each model answers on this machine: measured by its runs, remembered between starts."""

from __future__ import annotations

from PySide6.QtCore import QSettings

# Share of a run after which its rate is believed: the start is slower.
BELIEVED = 0.1
# Models that are remembered; the one used longest ago goes first.
MOST = 50
_KEY = "pace/rates"


class Pace:
    """Model calls per second by a model's identity."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings
        self._rates: dict[str, float] = {}
        for line in str(settings.value(_KEY, "")).split(";"):
            name, _, rate = line.rpartition("=")
            try:
                if name and float(rate) > 0:
                    self._rates[name] = float(rate)
            except ValueError:
                continue

    def note_run(self, model: str, calls: int, budget: int, rate: float) -> None:
        """A run is so far, at this rate."""
        if model and rate > 0 and calls >= BELIEVED * budget:
            self._rates.pop(model, None)
            self._rates[model] = rate

    def rate(self, model: str) -> float | None:
        """Calls per second of the last run, if there was one."""
        return self._rates.get(model)

    def save(self) -> None:
        """For the next start."""
        newest = list(self._rates.items())[-MOST:]
        self._settings.setValue(_KEY, ";".join(f"{name}={rate:.3f}" for name, rate in newest))
