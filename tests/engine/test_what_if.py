"""Parts hidden by hand, scored, and what a map says of it."""

from __future__ import annotations

import numpy as np
import pytest

from decam_engine import (
    FILLS,
    BlackBox,
    Photo,
    Preprocessing,
    SettingsError,
    WhatIf,
    expected_score,
    load_model,
    what_if,
)
from tests.fakes import BRIGHT, SIZE, Rectangles


@pytest.fixture
def fake() -> Rectangles:
    """Its first score is the brightness of the bright rectangle."""
    return Rectangles(BRIGHT)


@pytest.fixture
def model(fake: Rectangles) -> BlackBox:
    return load_model(fake, preprocessing=Preprocessing.unit(SIZE))


def bright() -> np.ndarray:
    inside = np.zeros(SIZE, dtype=bool)
    inside[BRIGHT[0] : BRIGHT[2], BRIGHT[1] : BRIGHT[3]] = True
    return inside


@pytest.mark.parametrize("fill", list(FILLS))
def test_nothing_hidden_is_the_photograph_and_costs_one_call(
    fake: Rectangles, model: BlackBox, photo: Photo, fill: str
) -> None:
    whole = model.predict(photo)
    before = fake.seen
    scores = what_if(model, photo, np.ones(SIZE), fill)
    assert fake.seen == before + 1
    assert scores.shape == (2,) and scores.dtype == np.float32
    assert scores[whole[0].index] == pytest.approx(whole[0].score, abs=1e-6)


def test_hiding_what_the_model_looks_at_takes_its_score(model: BlackBox, photo: Photo) -> None:
    view = WhatIf(model, photo)
    kept, removed = view.scores(np.stack([bright(), ~bright()]), "black")
    whole = model.scores(model.prepare(photo)[None])[0, 0]
    assert kept[0] == pytest.approx(whole, abs=1e-6)
    assert removed[0] == pytest.approx(0.0, abs=1e-6)


def test_half_of_a_pixel_may_be_hidden(model: BlackBox, photo: Photo) -> None:
    whole = what_if(model, photo, np.ones(SIZE), "black")
    half = what_if(model, photo, np.full(SIZE, 0.5), "black")
    assert half[0] == pytest.approx(whole[0] / 2, abs=1e-6)


def test_a_mask_on_the_photograph_is_brought_to_the_input(fake: Rectangles) -> None:
    pixels = np.full((128, 96, 3), 200, dtype=np.uint8)
    photo = Photo.from_array(pixels)
    model = load_model(fake, preprocessing=Preprocessing.unit(SIZE))
    keep = np.ones((128, 96), dtype=bool)
    keep[2 * BRIGHT[0] : 2 * BRIGHT[2]] = False
    assert what_if(model, photo, keep, "black")[0] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("shape", [(64, 63), (64,), (2, 64, 63), (0, 64, 64), (1, 1, 64, 64)])
def test_other_shapes_are_refused(model: BlackBox, photo: Photo, shape: tuple[int, ...]) -> None:
    with pytest.raises(SettingsError, match="shape"):
        what_if(model, photo, np.ones(shape))


@pytest.mark.parametrize("value", [-0.1, 1.5, np.nan])
def test_values_outside_0_to_1_are_refused(model: BlackBox, photo: Photo, value: float) -> None:
    with pytest.raises(SettingsError, match="0 \\(hidden\\) to 1"):
        what_if(model, photo, np.full(SIZE, value))


def test_an_unknown_fill_is_refused(model: BlackBox, photo: Photo) -> None:
    with pytest.raises(SettingsError, match="fill must be one of"):
        what_if(model, photo, np.ones(SIZE), "pink")


@pytest.mark.parametrize("channels", ["RGB", "BGR", "L"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_the_fill_is_shown_in_the_photographs_colours(channels: str, layout: str) -> None:
    way = Preprocessing(
        size=(32, 32), channels=channels, layout=layout, scale=1 / 255,
        mean=(0.5,) * (1 if channels == "L" else 3), std=(0.25,) * (1 if channels == "L" else 3),
    )  # fmt: skip

    def constant(batch: np.ndarray) -> np.ndarray:
        return np.full((len(batch), 2), 0.5)

    pixels = np.zeros((32, 32, 3), dtype=np.uint8)
    pixels[:] = (200, 200, 200) if channels == "L" else (200, 120, 40)
    view = WhatIf(load_model(constant, preprocessing=way), Photo.from_array(pixels))
    assert np.abs(view.fill_picture("blur").astype(int) - pixels).max() <= 1
    assert view.fill_picture("black").max() == 0


def test_a_map_expects_what_its_weights_say() -> None:
    saliency = np.array([[1.0, 0.0], [0.0, 3.0]])
    keep = np.array([[1.0, 1.0], [1.0, 0.0]])
    assert expected_score(saliency, keep, 0.9, 0.1) == pytest.approx(0.1 + 0.25 * 0.8)
    assert expected_score(saliency, np.ones((2, 2)), 0.9, 0.1) == pytest.approx(0.9)
    assert expected_score(np.zeros((2, 2)), keep, 0.9, 0.1) == pytest.approx(0.1 + 0.75 * 0.8)
    with pytest.raises(SettingsError, match="one shape"):
        expected_score(saliency, np.ones((2, 3)), 0.9, 0.1)
