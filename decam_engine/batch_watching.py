"""What ``decam batch`` shows while it runs, and how Ctrl+C stops it."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from decam_engine.batch.guards import duration_words
from decam_engine.batch.runner import FINISHED, BatchSteps, Standing
from decam_engine.entry import FAILED
from decam_engine.reports.plain import plain

# Failures that are named on the terminal and in the JSON document; the table has them all.
MOST_NAMED = 20
Say = Callable[[str], None]


def watched(steps: BatchSteps, total: int, errors: Console, say: Say) -> Standing:
    """Drive a batch of so many questions to its end, with a bar of progress."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    last = None
    with Progress(*columns, console=errors) as bar, _Interrupts(say) as interrupts:
        task = bar.add_task("batch", total=total, rate="", left="")
        while True:
            try:
                standing = steps.send(True if interrupts.stopping else None)
            except StopIteration as end:
                found: Standing = end.value
                _show(bar, task, found)
                return found
            _show(bar, task, standing)
            if standing.latest is not last and standing.latest is not None:
                last = standing.latest
                if last.state == FAILED and standing.failed <= MOST_NAMED:
                    name, error = plain(last.question.photo["name"]), plain(last.error, 700)
                    # Most failures name their photograph, and some say it in other letters.
                    raw = str(last.question.photo["name"])
                    text = error if name in error or raw in last.error else f"{name}: {error}"
                    say(f"decam: error: {text}")
            interrupts.announce()


class _Interrupts:
    """The first Ctrl+C asks to stop, the second one stops at once."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.stopping = self._announced = False
        self._before: Any = None
        self._installed = False

    def __enter__(self) -> _Interrupts:
        # Signals are handled in the main thread alone; elsewhere nobody presses keys.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._pressed)
            self._installed = True
        return self

    def __exit__(self, *reason: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._before)

    def announce(self) -> None:
        """Say what the first one did."""
        if self.stopping and not self._announced:
            self._announced = True
            self._say("decam: stopping; what is under way is kept (Ctrl+C again: at once)")

    def _pressed(self, number: int, frame: object) -> None:
        if self.stopping:
            raise KeyboardInterrupt
        self.stopping = True


def _show(bar: Progress, task: Any, s: Standing) -> None:
    done = s.there + s.answered + s.failed
    rate = ""
    if s.seconds > 0 and s.calls:
        rate = f"{60 * s.rate:.1f} photos/min \u00b7 {s.calls / s.seconds:.0f} calls/s"
    bar.update(task, completed=done, rate=rate, left=_left(s))


def _left(s: Standing) -> str:
    if s.stop_reason == FINISHED or not math.isfinite(s.seconds_left):
        return ""
    return f"{duration_words(s.seconds_left)} left"
