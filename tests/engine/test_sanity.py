"""Sanity of maps of a real network: they follow the class and the weights, not the photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from decam_engine import (
    BlackBox,
    Photo,
    demo_model,
    demo_photos,
    explain,
    explain_targets,
    load_image,
    load_model,
    rank_correlation,
)

SIDE = 224
CALLS = 300


def composed() -> Photo:
    """The cat on the left, the cup on the right, each in half of a square."""
    halves = []
    for path, centre in ((demo_photos()[0], 0.5), (demo_photos()[1], 0.4)):
        pixels = load_image(path).pixels
        height, width = pixels.shape[:2]
        left = round(centre * width - height / 4)
        halves.append(pixels[:, left : left + height // 2])
    height = min(h.shape[0] for h in halves)
    width = min(h.shape[1] for h in halves)
    return Photo.from_array(np.hstack([h[:height, :width] for h in halves]), "composed.png")


def randomised(path: Path) -> Path:
    """The bundled network with the weights of its last layer shuffled (Adebayo et al. 2018).

    Shuffling all layers leaves a network that says the same of everything, whose map is empty.
    """
    model = onnx.load(str(demo_model()))
    rng = np.random.default_rng(0)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and values.ndim == 2:
            mixed = rng.permutation(values.reshape(-1)).reshape(values.shape)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
    onnx.save(model, str(path))
    return path


def test_two_classes_of_one_photo_have_maps_on_their_own_objects(demo: BlackBox) -> None:
    cat, cup = explain_targets(demo, composed(), ["tiger cat", "espresso"], calls=CALLS)
    half = SIDE // 2
    for result, here, there in (
        (cat, slice(0, half), slice(half, SIDE)),
        (cup, slice(half, SIDE), slice(0, half)),
    ):
        values = result.input_saliency
        assert values[:, here].mean() > 1.5 * values[:, there].mean()
    assert rank_correlation(cat.input_saliency, cup.input_saliency) < 0.3


def test_shuffled_weights_change_the_map(demo: BlackBox, tmp_path: Path) -> None:
    photo = load_image(demo_photos()[1])
    trained = explain(demo, photo, calls=CALLS)
    shuffled = load_model(
        randomised(tmp_path / "shuffled.onnx"),
        preprocessing=demo.preprocessing,
        threads=2,
        batch_size=4,
    )
    other = explain(shuffled, photo, calls=CALLS)
    assert other.input_saliency.any()
    assert rank_correlation(trained.input_saliency, other.input_saliency) < 0.3
