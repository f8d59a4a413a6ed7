"""The bundled model, copies of it in other people's clothes, and its siblings: how alike?

python build_scripts/compare_copies.py [--sibling FILE ...] [--photo FILE ...] [--calls 1000]

For each copy (channels last, pre-processing inside, softmax inside, 8 bits ...) and photograph:
are the five likeliest classes the same, by how much do probabilities differ at most, and how do
the maps of the same class correlate (Pearson's r on the model's input)? A map of the bundled
model with another seed is the yardstick: where a score differs in its last bit, the search takes
another turn sooner or later, and two maps differ nearly as much as those of two seeds.
Siblings are other networks with another input size, written by ``make_demo_model.py
--variant 1`` and ``2``; their maps are compared on the photograph's own pixels.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from decam_engine import (  # noqa: E402
    BlackBox,
    Explanation,
    Photo,
    Prediction,
    demo_model,
    demo_photos,
    explain,
    load_image,
    load_model,
)
from tests.model_copies import COPIES, NORMAL, copy_of_demo  # noqa: E402

WIDE = 26
# Of float32, where the same softmax is computed in another order.
NOISE = 2e-6


def likeness(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Pearson's r of two maps."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def agreement(expected: list[Prediction], found: list[Prediction]) -> str:
    """How the five likeliest classes compare."""
    a, b = [p.label for p in expected], [p.label for p in found]
    if a == b:
        return "the same"
    if set(a) == set(b):
        return "the same, in another order"
    return f"{len(set(a) & set(b))} of {len(a)}" + (", first the same" if a[0] == b[0] else "")


def masked(photo: Photo, count: int = 8) -> list[Photo]:
    """The photograph with a part of it in grey, as a search would hide it."""
    numbers = np.random.default_rng(0)
    height, width = photo.size
    found = [photo]
    for _ in range(count):
        top, left = numbers.integers(0, height // 2), numbers.integers(0, width // 2)
        pixels = photo.pixels.copy()
        pixels[top : top + height // 2, left : left + width // 2] = 127
        found.append(Photo.from_array(pixels))
    return found


def scores(box: BlackBox, photos: list[Photo]) -> npt.NDArray[np.float32]:
    """Probabilities ``(N, K)``."""
    return box.scores(np.stack([box.prepare(p) for p in photos]))


def models(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, BlackBox]]:
    """Each copy and sibling with its name."""
    for name in COPIES:
        yield name, copy_of_demo(folder, name, threads=options.threads, batch_size=options.batch)
    for path in options.sibling:
        # Its size is in the file; the rest is as for the bundled model.
        preprocessing = dataclasses.replace(NORMAL, size=None)
        box = load_model(
            path,
            preprocessing=preprocessing,
            threads=options.threads,
            batch_size=options.batch,
        )
        yield f"{path.stem} ({' x '.join(map(str, box.input_size))})", box


def run(
    box: BlackBox, photo: Photo, target: int, options: argparse.Namespace, seed: int = 0
) -> Explanation:
    """One explanation with the settings of this comparison."""
    return explain(box, photo, target=target, calls=options.calls, seed=seed)


def main() -> int:
    """Print the tables; 0 when every copy says and shows what it must, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sibling", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--photo", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--calls", type=int, default=1000, help="of a map (default: 1000); 0: none")
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    parser.add_argument("--batch", type=int, default=4, help="default: 4")
    options = parser.parse_args()
    photos = [load_image(p) for p in options.photo or demo_photos()]
    started = time.perf_counter()
    print(f"{demo_model().name}; {options.calls} calls, seed 0, {options.threads} threads, ")
    print(f"batches of {options.batch}; {platform.machine()}, {os.cpu_count()} cores", flush=True)
    demo = load_model(demo_model(), threads=options.threads, batch_size=options.batch)
    expected = [demo.predict(photo) for photo in photos]
    hidden = [masked(photo) for photo in photos]
    answers = [scores(demo, parts) for parts in hidden]
    maps = [
        run(demo, photo, top[0].index, options) if options.calls else None
        for photo, top in zip(photos, expected, strict=True)
    ]
    failed = False
    table: dict[str, list[float]] = {}
    if options.calls:
        table["bundled, another seed"] = [
            likeness(o.input_saliency, run(demo, p, o.target.index, options, 1).input_saliency)
            for p, o in zip(photos, maps, strict=True)
            if o is not None
        ]
    with tempfile.TemporaryDirectory() as folder:
        for name, box in models(options, Path(folder)):
            print(f"\n{name}")
            # A background in front moves every class by one.
            shift = len(box.labels or ()) - len(demo.labels or ())
            row = table[name] = []
            for n, (photo, top, original) in enumerate(zip(photos, expected, maps, strict=True)):
                found = box.predict(photo)
                same = agreement(top, found)
                apart = float(np.abs(scores(box, hidden[n])[:, shift:] - answers[n]).max())
                exact = name in COPIES and COPIES[name].exact
                failed |= exact and (same != "the same" or apart > NOISE)
                told = f"top five {same}, probabilities within {apart:.2g}"
                if original is not None:
                    result = run(box, photo, top[0].index + shift, options)
                    pair = (original.input_saliency, result.input_saliency)
                    if pair[0].shape != pair[1].shape:
                        pair = (original.saliency, result.saliency)
                    row.append(likeness(*pair))
                    # The same scores are the same search.
                    failed |= exact and apart == 0.0 and row[-1] < 0.999
                    told = f"r = {row[-1]:.4f}; {told}"
                listed = ", ".join(f"{p.label} {p.score:.3f}" for p in found)
                print(f"  {photo.name:14}{told}: {listed}", flush=True)
    if options.calls:
        print_table(table, photos)
    print(f"\n{time.perf_counter() - started:.0f} s")
    if not options.sibling:
        print("No sibling was given: see --sibling.")
    return 1 if failed else 0


def print_table(table: dict[str, list[float]], photos: list[Photo]) -> None:
    """Pearson's r of the maps, a line for each model."""
    names = "".join(f"{Path(p.name).stem[:12]:>13}" for p in photos)
    print(f"\n{'Pearson r of the maps':{WIDE}}{names}{'mean':>13}")
    for name, row in table.items():
        cells = "".join(f"{value:13.4f}" for value in (*row, float(np.mean(row))))
        print(f"{name:{WIDE}}{cells}")


if __name__ == "__main__":
    raise SystemExit(main())
