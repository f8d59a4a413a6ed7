"""Do two model files agree? Top-1 classes and largest difference of probabilities on photographs.

python build_scripts/compare_models.py A.onnx B.onnx FOLDER...

Used to show that storing the demo model's weights as float16 changes nothing that matters: B
is then the file that ``make_demo_model.py --float32`` writes. B is fed as A is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from decam_engine import find_images, load_image, load_model


def main() -> int:
    """Print the comparison; 0 when every top-1 class is the same, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args()
    first = load_model(options.first)
    second = load_model(options.second, preprocessing=first.preprocessing)
    same, largest, count = 0, 0.0, 0
    for path in (p for folder in options.folders for p in find_images(folder)):
        prepared = first.prepare(load_image(path))[None]
        a, b = first.scores(prepared)[0], second.scores(prepared)[0]
        same += int(np.argmax(a) == np.argmax(b))
        largest = max(largest, float(np.abs(a - b).max()))
        count += 1
    print(f"{count} photographs: top-1 class the same on {same}; largest difference of a")
    print(f"probability {largest:.4f} ({options.first.name}, {options.second.name})")
    return 0 if same == count else 1


if __name__ == "__main__":
    raise SystemExit(main())
