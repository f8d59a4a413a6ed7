"""How long until the window is painted: the built application against the unfrozen one.

    python build_scripts/measure_frozen_start.py dist --runs 7

Each start is timed as a whole process, from its spawning to its first paint on a virtual screen
(offscreen without Xvfb), the two in turn. The first start of each, from a cold disk cache as far as
that goes, is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from smoke.starts import Place, Start, virtual_screen

ROOT = Path(__file__).resolve().parent.parent


def unfrozen(home: Path, environment: dict[str, str]) -> float:
    """Seconds until the window of the sources is painted."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "decam_gui", "--selftest", "paint"],
        cwd=home,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["painted_at"]) - began


def main(arguments: list[str] | None = None) -> int:
    """0 when the frozen window is painted soon enough."""
    parser = argparse.ArgumentParser(description="Time the first paint, frozen and not.")
    parser.add_argument("dist", type=Path)
    parser.add_argument("--runs", type=int, default=7, help="of each (default: 7)")
    parser.add_argument("--most", type=float, default=1.5, help="ratio of medians (default: 1.5)")
    options = parser.parse_args(arguments)
    times: dict[str, list[float]] = {"frozen": [], "unfrozen": []}
    with tempfile.TemporaryDirectory() as name, virtual_screen() as display:
        home = Path(name).resolve()
        for _ in range(options.runs + 1):
            start = Start(Place.found(options.dist), home, "decam-studio", ("--selftest", "paint"))
            start = start.offscreen() if display is None else start.on(display)
            told = json.loads(start.run().stdout.splitlines()[-1])
            times["frozen"].append(told["painted_at"] - start.began)
            times["unfrozen"].append(unfrozen(home, start.environment))
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"first paint, {'offscreen' if display is None else 'Xvfb'}, {options.runs} runs, in s:")
    medians = {}
    for kind, found in times.items():
        first, rest = found[0], sorted(found[1:])
        medians[kind] = statistics.median(rest)
        print(
            f"  {kind:9} first {first:.2f}, then median {medians[kind]:.2f} "
            f"({rest[0]:.2f} to {rest[-1]:.2f})"
        )
    ratio = medians["frozen"] / medians["unfrozen"]
    print(f"  ratio {ratio:.2f}, at most {options.most}")
    return 0 if ratio <= options.most else 1


if __name__ == "__main__":
    raise SystemExit(main())
