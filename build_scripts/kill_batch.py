"""Kills ``decam batch`` at random moments, and counts what was lost, done twice or half-written.

    python -m build_scripts.kill_batch [--kills 20] [--photos 40] [--seed 0] [--longest S]

Small photographs and a tiny model, in a folder that the batch goes on with after each kill -9. At
the end its folder is compared with that of a batch that nobody killed, file by file.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path

from tests.batch_folders import (
    check_index,
    check_whole,
    command,
    contents,
    run,
    run_killed,
    tiny_model,
    write_photos,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, help="seconds before a kill (a quarter of a run)")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="decam-kill-") as name:
        root = Path(name)
        model, photos = tiny_model(root), write_photos(root / "photos", options.photos, bad=2)
        whole = root / "whole"
        seconds = run(command(photos, model, whole), expected=2)["seconds"]
        expected = contents(whole)
        print(f"{options.photos} photographs, 2 files that are none; {seconds:.1f} s unharmed")
        out, rounds, kills, lost, twice = root / "out", 1, 0, 0, 0
        seen: dict[str, tuple[int, int]] = {}
        while kills < options.kills:
            moment = moments.uniform(0.0, options.longest or seconds / 4)
            if run_killed(command(photos, model, out), out, moment):
                kills += 1
                now = check_whole(out)
                lost += sum(1 for key in seen if key not in now)
                twice += sum(1 for key in seen if key in now and seen[key] != now[key])
                fresh = len(now) - len(seen)
                print(f"kill {kills:2} after {moment:5.2f} s: {len(now):3} whole, {fresh} new")
                seen = now
            else:
                _compare(out, expected)
                shutil.rmtree(out)
                rounds, seen = rounds + 1, {}
        run(command(photos, model, out), expected=2)
        now = check_whole(out)
        lost += sum(1 for key in seen if key not in now)
        twice += sum(1 for key in seen if key in now and seen[key] != now[key])
        _compare(out, expected)
        states = sorted(check_index(out).values())
        print(
            f"{kills} kills in {rounds} batches, seed {options.seed}: {lost} answers lost, {twice} "
            f"made twice, no half file; {states.count('done')} answered, {states.count('failed')} "
            "recorded failures; the same, file by file, as the batch that nobody killed"
        )
    return 1 if lost or twice else 0


def _compare(out: Path, expected: dict[str, object]) -> None:
    found = contents(out)
    different = sorted(k for k in {*found, *expected} if found.get(k) != expected.get(k))
    if different:
        raise SystemExit(f"differs from the batch that nobody killed: {different[:10]}")


if __name__ == "__main__":
    raise SystemExit(main())
