"""How often does the pre-processing doctor put the truth first?

python build_scripts/measure_doctor.py MODEL FOLDER [--photos 8] [--together 1 2 4]

MODEL must be fed as its sidecar says. It is made to expect every usual value range in turn, by
undoing that range and doing its own, and the doctor is asked with photographs of FOLDER, so many
together. Printed is how often the right range and colour order came first: all ranges alike,
and weighted by how common they are.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Callable

import numpy as np

from decam_engine import BlackBox, find_images, load_image, load_model
from decam_engine.models.candidates import Convention, conventions
from decam_engine.models.doctor import _answers, _rank
from decam_engine.models.preprocessing import Preprocessing

# Rough shares among the models that people have.
WEIGHTS = (0.45, 0.1, 0.1, 0.15, 0.1, 0.07, 0.03)
MOST_SUBSETS = 40


def disguised(model: BlackBox, expected: Preprocessing) -> Callable[[np.ndarray], np.ndarray]:
    """The model as a function that wants to be fed as ``expected`` says."""

    def numbers(values: tuple[float, ...]) -> np.ndarray:
        return np.asarray(values, dtype=np.float32).reshape(-1, 1, 1)

    own = model.preprocessing

    def run(batch: np.ndarray) -> np.ndarray:
        pixels = (batch * numbers(expected.std) + numbers(expected.mean)) / expected.scale
        if expected.channels != own.channels:
            pixels = pixels[:, ::-1]
        return model.scores((pixels * own.scale - numbers(own.mean)) / numbers(own.std))

    return run


def main(arguments: list[str] | None = None) -> int:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description="Measure the pre-processing doctor.")
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--together", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args(arguments)
    model = load_model(options.model)
    model.tune()
    photos = [load_image(p) for p in find_images(options.folder)[: options.photos]]
    listed = conventions(model.preprocessing)
    usual: dict[str, Convention] = {}
    for convention in listed:
        usual.setdefault(convention.range.name, convention)
    right: dict[int, list[tuple[bool, float]]] = {n: [] for n in options.together}
    for weight, truth in zip(WEIGHTS, usual.values(), strict=True):
        box = load_model(
            disguised(model, truth.preprocessing),
            preprocessing=truth.preprocessing,
            activation="none",
        )
        records = [c.preprocessing for c in listed]
        scores = np.stack([_answers(box, photo, records) for photo in photos])
        for together in options.together:
            subsets = list(itertools.combinations(range(len(photos)), together))
            random.Random(0).shuffle(subsets)
            for subset in subsets[:MOST_SUBSETS]:
                first = listed[_rank(listed, scores[list(subset)])[0][0]]
                found = (first.order, _twin(first.range.name))
                right[together].append((found == (truth.order, _twin(truth.range.name)), weight))
        print(f"{truth.name}: done", flush=True)
    document = {
        str(n): {
            "alike": round(float(np.mean([hit for hit, _ in hits])), 3),
            "weighted": round(
                float(np.average([h for h, _ in hits], weights=[w for _, w in hits])), 3
            ),
        }
        for n, hits in right.items()
    }
    print(json.dumps({"model": model.name, "photos": len(photos), "right": document}, indent=2))
    return 0


def _twin(name: str) -> str:
    """(p - 127) / 128 and (p - 127.5) / 127.5 give the same answers."""
    return "-1..1" if name == "(p - 127) / 128" else name


if __name__ == "__main__":
    raise SystemExit(main())
