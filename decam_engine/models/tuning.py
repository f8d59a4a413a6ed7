"""How a model runs fastest here: inputs per run, threads, and runs at a time.

The configuration matters more than any kernel: the same network can take twice as long per
input in batches of 64 as in batches of 4. It is measured at the first explanation of a
model, and remembered by model, processor, provider and runtime version.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.models.store import cache_folder, read_json, write_json

Array = npt.NDArray[np.float32]
Run = Callable[[Array], Any]

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
FIRST_BATCH = 4
# A larger batch must be this much faster: small ones answer and cancel sooner.
GAIN = 0.97
# Seconds of measuring after which what was found so far is taken.
TIME_LIMIT = 1.0
REPEATS = 5
# Batches that wait for the model while it works, so that it need not wait for a search.
WAITING = 2
# All buffers of inputs together shall not hold more than this many numbers.
MAX_NUMBERS = 32_000_000


@dataclass(frozen=True)
class Configuration:
    """How a model is run.

    Attributes:
        batch_size: inputs per run.
        threads: of the runtime within a run.
        concurrency: runs at a time.
        source: ``given``, ``default``, ``measured`` or ``remembered``.
    """

    batch_size: int
    threads: int
    concurrency: int = 1
    source: str = "default"


def measure(
    open_run: Callable[[int], Run],
    inputs: Callable[[int], Array],
    cores: int,
    batches: tuple[int, ...] = BATCHES,
) -> Configuration:
    """Find the fastest configuration by running the model.

    Two ways to use the cores are tried (all on one run; one run on each), then larger and
    smaller batches for the better one.

    Args:
        open_run: threads -> a function that runs a batch.
        inputs: batch size -> a batch of such inputs.
        cores: how many cores there are.
        batches: sizes to try, increasing; a model may fix a single one.
    """
    deadline = time.perf_counter() + TIME_LIMIT
    ways = [(cores, 1)] if cores == 1 else [(cores, 1), (1, cores)]
    # One for each run at a time, for each batch that waits, and for the one that is painted.
    buffers = cores + WAITING + 1
    limit = max(1, MAX_NUMBERS // (max(1, inputs(1).size) * buffers))
    sizes = [b for b in batches if b <= limit] or [batches[0]]
    first = max([b for b in sizes if b <= FIRST_BATCH], default=sizes[0])
    timed = []
    for threads, concurrency in ways:
        seconds = _seconds(open_run(threads), inputs(first), concurrency, deadline)
        timed.append((seconds, threads, concurrency))
    best, threads, concurrency = min(timed)
    # Opened again if it was not the last: two at a time would need the memory of two.
    run = open_run(threads)
    batch = first
    for candidates in (
        [b for b in sizes if b > first],
        [b for b in reversed(sizes) if b < first],
    ):
        for size in candidates:
            if time.perf_counter() > deadline:
                break
            try:
                seconds = _seconds(run, inputs(size), concurrency, deadline)
            except ModelError:
                # Too large for this model or this machine's memory.
                break
            needed = best * GAIN if size > batch else best
            if seconds < needed:
                best, batch = seconds, size
            elif size > 2 * batch:
                break
    return Configuration(batch, threads, concurrency, "measured")


def _seconds(run: Run, batch: Array, concurrency: int, deadline: float) -> float:
    """Least seconds per input over a few repeats, ``concurrency`` runs at a time.

    Past the deadline what was measured is taken: of a slow model, the first run alone.
    """
    started = time.perf_counter()
    run(batch)
    found = [(time.perf_counter() - started) / len(batch)]
    if time.perf_counter() > deadline and concurrency == 1:
        return found[0]
    found.clear()
    with ThreadPoolExecutor(concurrency) as pool:
        while not found or (len(found) < REPEATS and time.perf_counter() < deadline):
            started = time.perf_counter()
            list(pool.map(run, [batch] * concurrency))
            found.append((time.perf_counter() - started) / (concurrency * len(batch)))
    return min(found)


def recall(key: str) -> Configuration | None:
    """The configuration remembered under a key, if it is usable."""
    record = _read().get(key)
    try:
        found = Configuration(**{**record, "source": "remembered"})  # type: ignore[dict-item]
    except TypeError:
        return None
    numbers = (found.batch_size, found.threads, found.concurrency)
    return found if all(isinstance(n, int) and 1 <= n <= 1024 for n in numbers) else None


def remember(key: str, configuration: Configuration) -> None:
    """Keep a configuration for the next start; a cache that cannot be written is no error."""
    records = _read()
    records[key] = asdict(configuration)
    write_json(_path(), records)


def _read() -> dict[str, Any]:
    return read_json(_path())


def _path() -> Path:
    return cache_folder() / "configurations.json"
