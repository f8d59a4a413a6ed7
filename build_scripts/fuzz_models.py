"""Damage the bundled model in many ways and open every version of it.

python build_scripts/fuzz_models.py [--count 500] [--seed 0] [--workers 2]

Each version is cut off, has bits flipped (in the graph or among the weights), bytes replaced,
or a piece taken out or repeated. It is opened as a user would open it. The parent process must
survive all of them; what the child processes did is counted.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from decam_engine import ModelError, demo_model, load_model

KINDS = ("cut off", "bits", "bits in the graph", "bytes", "taken out", "repeated")
# Where a file's structure lies thickest: its nodes at the start, its ends and names at the end.
EDGE = 60_000
OPENED, REFUSED, CRASHED, TIMED_OUT = "opened", "refused", "child crashed", "child timed out"
CLASSES = {
    "fail without a word": CRASHED,
    "did not answer in time": TIMED_OUT,
    "needs more memory": "child out of memory",
}


def damage(data: bytes, kind: str, random_numbers: random.Random) -> bytes:
    """One damaged version of a file's bytes."""
    size = len(data)
    at = random_numbers.randrange(size)
    if kind == "cut off":
        return data[:at]
    if kind in ("taken out", "repeated"):
        length = random_numbers.choice((1, 8, 300, 100_000))
        piece = data[at : at + length]
        return data[:at] + (piece * 2 if kind == "repeated" else b"") + data[at + length :]
    changed = bytearray(data)
    for _ in range(random_numbers.choice((1, 3, 30))):
        at = random_numbers.randrange(size)
        if kind == "bits in the graph":
            at = random_numbers.choice((at % EDGE, size - 1 - at % EDGE))
        if kind == "bytes":
            changed[at] = random_numbers.randrange(256)
        else:
            changed[at] ^= 1 << random_numbers.randrange(8)
    return bytes(changed)


def outcome(model: bytes, kind: str, seed: int, number: int, folder: Path) -> str:
    """Damage the model in one way, open it, and say what came of it."""
    path = folder / f"net{number}.onnx"
    # Made only now: hundreds of versions at once would fill the memory.
    path.write_bytes(damage(model, kind, random.Random(f"{seed} {number}")))
    try:
        load_model(path, threads=1)
    except ModelError as error:
        text = str(error)
        return next((name for part, name in CLASSES.items() if part in text), REFUSED)
    finally:
        path.unlink()
    return OPENED


def run(count: int, seed: int, workers: int) -> dict[str, dict[str, int]]:
    """Counts: kind of damage -> outcome -> how many."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="decam-fuzz-")))
        # Nothing that is learned here is worth remembering.
        os.environ["DECAM_CACHE_DIR"] = os.environ["DECAM_DATA_DIR"] = str(folder)
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        model = demo_model().read_bytes()
        kinds = [KINDS[number % len(KINDS)] for number in range(count)]
        results = pool.map(
            lambda job: outcome(model, job[1], seed, job[0], folder), enumerate(kinds)
        )
        for number, (kind, found) in enumerate(zip(kinds, results, strict=True), 1):
            counts[kind][found] += 1
            print(f"\r{number} of {count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {kind: dict(found) for kind, found in counts.items()}


def main(arguments: list[str] | None = None) -> int:
    """Print the counts as JSON; 0 when the parent lived to print them."""
    parser = argparse.ArgumentParser(description="Open damaged versions of the bundled model.")
    parser.add_argument("--count", type=int, default=500, help="versions (default: 500)")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument("--workers", type=int, default=2, help="at a time (default: 2)")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    counts = run(options.count, options.seed, options.workers)
    total = collections.Counter[str]()
    for found in counts.values():
        total.update(found)
    document = {"count": options.count, "seed": options.seed, "by_damage": counts}
    document |= {"total": dict(total), "parent crashes": 0}
    document["seconds"] = round(time.perf_counter() - started, 1)
    print(json.dumps(document, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
