"""Checks for continuous integration, run with the Python of ``.venv``.

check_outputs.py demo FOLDER    the demo's files are there and are not blank
check_outputs.py packages       one OpenCV only; the lock does not say where files lie
"""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
# A map of one value, or of a few steps, explains nothing.
LEAST_SPREAD = 0.5
LEAST_VALUES = 100
LEAST_COLOURS = 1000


def map_problems(name: str, values: np.ndarray) -> list[str]:
    """What is wrong with a map with values in [0, 1]."""
    if values.ndim != 2 or not np.all(np.isfinite(values)):
        return [f"{name}: expected a finite 2-D map, found shape {values.shape}"]
    low, high = float(values.min()), float(values.max())
    distinct = np.unique(values).size
    problems = []
    if low < 0 or high > 1:
        problems.append(f"{name}: values from {low:.3f} to {high:.3f} leave [0, 1]")
    if high - low <= LEAST_SPREAD:
        problems.append(f"{name}: values spread over {high - low:.3f} only")
    if distinct <= LEAST_VALUES:
        problems.append(f"{name}: {distinct} distinct values only")
    return problems


def demo_problems(folder: Path) -> list[str]:
    """What is wrong with the files that the demo saved in ``folder``."""
    problems: list[str] = []
    shapes = set()
    kinds = {"overlay": 0, "map": 0, "array": 0, "manifest": 0}
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as image:
            image.load()
            if image.mode.startswith("I"):
                kinds["map"] += 1
                values = np.asarray(image, dtype=np.float64) / 65535
                shapes.add(values.shape)
                problems += map_problems(path.name, values)
            else:
                kinds["overlay"] += 1
                pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
                colours = np.unique(pixels, axis=0).shape[0]
                if colours <= LEAST_COLOURS:
                    problems.append(f"{path.name}: {colours} distinct colours only")
    for path in sorted(folder.rglob("*.npy")):
        kinds["array"] += 1
        values = np.load(path, allow_pickle=False)
        shapes.add(values.shape)
        problems += map_problems(path.name, values)
    for path in sorted(folder.rglob("*.json")):
        kinds["manifest"] += 1
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or not manifest:
            problems.append(f"{path.name}: expected a JSON object with content")
    problems += [f"no {kind} in {folder}" for kind, count in kinds.items() if count == 0]
    if len(shapes) > 1:
        problems.append(f"the map and the array differ in shape: {sorted(shapes)}")
    if problems:
        found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
        problems.append(f"found there: {found}")
    return problems


def package_problems() -> list[str]:
    """What is wrong with the installed packages and with the lock."""
    names = {distribution.metadata["Name"] for distribution in metadata.distributions()}
    opencv = sorted(name for name in names if name.lower().startswith("opencv"))
    problems = []
    if len(opencv) != 1:
        problems.append(f"expected one distribution of OpenCV, found {opencv}")
    spec = importlib.util.spec_from_file_location("lock", ROOT / "build_scripts" / "lock.py")
    if spec is None or spec.loader is None:
        return [*problems, "build_scripts/lock.py cannot be loaded"]
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    problem = lock.problem_in(LOCK.read_text(encoding="utf-8"))
    return [*problems, f"{LOCK.name}: {problem}"] if problem else problems


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with one line per problem, 2 on wrong usage."""
    match arguments:
        case ["demo", folder]:
            problems = demo_problems(Path(folder))
        case ["packages"]:
            problems = package_problems()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for problem in problems:
        print(f"check_outputs.py: {problem}", file=sys.stderr)
    if not problems:
        print(f"check_outputs.py: {arguments[0]}: well")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
