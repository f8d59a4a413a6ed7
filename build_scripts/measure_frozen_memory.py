"""What an explanation needs beyond the model's own memory, in the built application.

    python build_scripts/measure_frozen_memory.py dist

``decam explain`` with the bundled model and its own compiled loops, overlay and manifest written,
against ONNX Runtime alone in the same configuration (see ``decam bench --growth`` for the sources).
Linux only: the peak is read from ``/proc`` while the program runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from decam_engine import demo_photos
from decam_engine.bench.memory import runtime_alone
from decam_engine.models.store import CACHE_VARIABLE, cache_folder
from smoke.starts import Place, Start

CALLS = (500, 4000)
# Seconds between two looks; the peak only grows, so that the last look before the end counts.
INTERVAL = 0.01


def peak(start: Start) -> float:
    """Largest resident memory of a program, in MB.

    Raises ``SystemExit`` when it fails.
    """
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(
            start.command(),
            cwd=start.home,
            env=start.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        status, found = Path(f"/proc/{running.pid}/status"), 0.0
        while running.poll() is None:
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM"):
                    found = int(line.split()[1]) / 2**10
            time.sleep(INTERVAL)
        said.seek(0)
        if running.returncode:
            raise SystemExit(
                f"measure_frozen_memory.py: exit code {running.returncode}: {said.read()[-600:]}"
            )
    return found


def main(arguments: list[str] | None = None) -> int:
    """0 when every peak stays below the model's own and the limit."""
    parser = argparse.ArgumentParser(description="Peak memory of the built application.")
    parser.add_argument("dist", type=Path)
    parser.add_argument("--runs", type=int, default=3, help="of each (default: 3)")
    parser.add_argument("--most", type=float, default=150.0, help="MB beyond (default: 150)")
    options = parser.parse_args(arguments)
    if sys.platform != "linux":
        raise SystemExit("measure_frozen_memory.py: reads /proc; expected Linux.")
    place = Place.found(options.dist)
    print(f"{platform.platform()}, {os.cpu_count()} cores; MB, median of {options.runs}")
    own, configuration = runtime_alone(CALLS[0], options.runs)
    print(f"  ONNX Runtime alone, {CALLS[0]} calls: {own:.0f}; {configuration}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()

        def explain(calls: int) -> float:
            photo, out = str(demo_photos()[0]), str(home / "results")
            asked = "explain", photo, "--model", "demo", "--calls", str(calls), "--out", out
            start = Start(place, home, "decam", asked)
            # Where the configuration is remembered that the runtime alone ran in.
            start.environment[CACHE_VARIABLE] = str(cache_folder())
            return peak(start)

        for calls in CALLS:
            found = [explain(calls) for _ in range(options.runs)]
            beyond = statistics.median(found) - own
            worst = max(worst, beyond)
            print(
                f"  the built application, {calls} calls: {own + beyond:.0f}, {beyond:.0f} beyond"
            )
    print(f"  at most {options.most:.0f} beyond")
    return 0 if worst <= options.most else 1


if __name__ == "__main__":
    raise SystemExit(main())
