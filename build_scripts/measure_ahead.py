"""Loops compiled when they are first used against loops compiled by the build: size, start, speed.

    python build_scripts/measure_ahead.py --work build

``--work`` is the work folder of a build. Each kind runs in processes of its own; times are
processor seconds of the whole process, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In a child: processor seconds until everything is ready, then the least of each kernel.
CHILD = """
import json, time
began = time.process_time()
from decam_engine import kernels
kernels.warm_up()
ready = time.process_time() - began
import numpy as np
rng = np.random.default_rng(0)
side, cells = 224, 14 * 14
photo, fill = rng.random((3, side * side), np.float32), rng.random((2, 3, side * side), np.float32)
which = np.zeros(16, np.int64)
saliency, bins = rng.random(side * side, np.float32), np.empty(side * side, np.uint16)
level = np.empty(side * side, np.uint8)
counts = np.arange(1, 11) * 5000
out = np.empty((16, 3, side * side), np.float32)
masks = rng.random((16, side * side), np.float32)
blocks, block = 3, kernels.ROWS
genomes, relevance = rng.random((64, cells), np.float32), np.full(cells, 0.01, np.float32)
weighted = rng.integers(0, 256, (blocks, cells, block), np.uint8)
norms = rng.random((blocks, block), np.float32)
alphas, fitness = rng.random((blocks, block), np.float32), np.empty(64, np.float32)
zero, areas = np.float32(0.1), np.array([10, 30, 60, 100, 150])
work = {
    "blend": lambda: kernels.blend(photo, fill, which, masks, out),
    "nested_levels": lambda: kernels.nested_levels(saliency, counts, bins, level),
    "blend_levels": lambda: kernels.blend_levels(
        photo, fill, which, level[None], which, which + 3, np.zeros(16, np.bool_), out
    ),
    "predicted_fitness": lambda: kernels.predicted_fitness(
        genomes, areas, relevance, weighted, np.float32(0.01 / 255), norms, alphas, blocks // 2,
        relevance, zero, zero, fitness,
    ),
}
found = {}
for name, job in work.items():
    job()
    times = []
    for _ in range(30):
        since = time.process_time()
        job()
        times.append(time.process_time() - since)
    found[name] = min(times)
print(json.dumps({"ready": ready, "kernels": found}))
"""


def child(path: Path, cache: str) -> dict[str, object]:
    """Run it with the engine of this path."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, "PYTHONPATH": str(path), "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def folder_bytes(name: str) -> int:
    """What an installed package takes."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return 0
    files = Path(spec.origin).parent.rglob("*")
    return sum(p.stat().st_size for p in files if p.is_file() and p.suffix != ".pyc")


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare loops compiled at run and build time.")
    parser.add_argument("--work", type=Path, default=ROOT / "build", help="of build.py")
    options = parser.parse_args(arguments)
    stage = options.work.resolve() / "stage"
    if not stage.is_dir():
        raise SystemExit(f"measure_ahead.py: expected a build in {options.work}, found none")
    with tempfile.TemporaryDirectory() as cache:
        first, second = child(ROOT, cache), child(ROOT, cache)
    # The first start of either also writes the bytecode of the sources, which a bundle has.
    child(stage, "")
    ahead = child(stage, "")
    compiled = sum(p.stat().st_size for p in (stage / "decam_engine").glob("_kernels*"))
    jit = folder_bytes("numba") + folder_bytes("llvmlite")
    print(f"{platform.platform()}, {os.cpu_count()} cores; processor seconds")
    print(f"size         at first use {jit / 1e6:.0f} MB, by the build {compiled / 1e6:.1f} MB")
    print(
        f"ready after  at first use {first['ready']:.2f}, from its cache {second['ready']:.2f}, "
        f"by the build {ahead['ready']:.2f}"
    )
    for name in ahead["kernels"]:  # type: ignore[attr-defined]
        a, b = second["kernels"][name], ahead["kernels"][name]  # type: ignore[index]
        print(f"{name:18} at first use {a * 1e3:.3f} ms, by the build {b * 1e3:.3f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
