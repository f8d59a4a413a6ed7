"""Faithfulness and its relatives against independent implementations."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from decam_engine import (
    BlackBox,
    Photo,
    Preprocessing,
    SettingsError,
    energy_in_box,
    insertion_deletion,
    load_model,
    pointing_game,
    rank_correlation,
)
from decam_engine.geometry import to_input
from decam_engine.metrics import boxes_on_input
from tests.fakes import BRIGHT, SIZE, Logits, Rectangles, box_model, bright_photo
from tests.onnx_models import linear_model, rectangle_weights

F32 = npt.NDArray[np.float32]


def reference_curves(
    model: BlackBox, photo: Photo, saliency: F32, target: int, steps: int
) -> tuple[list[float], list[float]]:
    """The protocol word for word, one image at a time, for channels-first models.

    Insertion: from an 11 x 11 blur (sigma 5), pixels put back, most salient first; deletion:
    pixels become 0 in normalised space. Stable ranking, equal pixel counts.
    """
    image = model.prepare(photo)
    c, h, w = image.shape
    blurred = np.stack([cv2.GaussianBlur(channel, (11, 11), 5.0) for channel in image])
    order = np.argsort(-saliency.reshape(-1), kind="stable")
    insertion, deletion = [], []
    for step in range(steps + 1):
        first = order[: round(step * h * w / steps)]
        inserted = blurred.reshape(c, -1).copy()
        inserted[:, first] = image.reshape(c, -1)[:, first]
        deleted = image.reshape(c, -1).copy()
        deleted[:, first] = 0.0
        for picture, curve in ((inserted, insertion), (deleted, deletion)):
            scores = model.scores(picture.reshape(1, c, h, w))
            curve.append(float(scores[0, target]))
    return insertion, deletion


def area(curve: list[float]) -> float:
    """Trapezoid rule, divided by the number of steps."""
    total = sum((a + b) / 2 for a, b in itertools.pairwise(curve))
    return total / (len(curve) - 1)


def random_map(size: tuple[int, int], seed: int = 0) -> F32:
    coarse = np.random.default_rng(seed).random((6, 6), dtype=np.float32)
    return np.clip(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


# --- insertion and deletion --------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 10, 56])
@pytest.mark.parametrize("batch_size", [1, 8, 64])
def test_equals_the_protocol(steps: int, batch_size: int) -> None:
    photo = bright_photo()
    model = box_model(Logits(), batch_size=batch_size)
    saliency = random_map(SIZE)
    insertion, deletion = reference_curves(box_model(Logits()), photo, saliency, 0, steps)
    found = insertion_deletion(model, photo, saliency, 0, steps=steps)
    assert found.insertion_curve.shape == (steps + 1,)
    np.testing.assert_allclose(found.insertion_curve, insertion, atol=1e-4)
    np.testing.assert_allclose(found.deletion_curve, deletion, atol=1e-4)
    assert found.insertion == pytest.approx(area(insertion), abs=1e-4)
    assert found.deletion == pytest.approx(area(deletion), abs=1e-4)
    assert found.difference == found.insertion - found.deletion
    assert model.calls == 2 * (steps + 1)


def test_zero_is_the_mean_colour_not_black() -> None:
    photo = bright_photo()
    preprocessing = Preprocessing(
        size=SIZE, resize="squash", scale=1 / 255, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.25)
    )

    def function(batch: F32) -> npt.NDArray[np.float64]:
        value = 1 / (1 + np.exp(-batch[:, :, 12:28, 34:52].mean(axis=(1, 2, 3))))
        return np.stack([value, 1 - value], axis=1)

    model = load_model(function, preprocessing=preprocessing)
    found = insertion_deletion(model, photo, random_map(SIZE), 0)
    assert found.deletion_curve[-1] == pytest.approx(0.5)
    reference = reference_curves(model, photo, random_map(SIZE), 0, 56)
    np.testing.assert_allclose(found.insertion_curve, reference[0], atol=1e-4)
    np.testing.assert_allclose(found.deletion_curve, reference[1], atol=1e-4)


def test_channels_last_gives_the_same_figures(tmp_path: Path) -> None:
    photo, saliency = bright_photo(), random_map(SIZE, 3)
    found = []
    for layout in ("NCHW", "NHWC"):
        path = linear_model(
            tmp_path / f"{layout}.onnx", rectangle_weights(SIZE, layout=layout), layout=layout
        )
        model = load_model(path, preprocessing=Preprocessing.unit(), threads=1)
        found.append(insertion_deletion(model, photo, saliency, 0))
    np.testing.assert_allclose(found[0].insertion_curve, found[1].insertion_curve, atol=1e-5)
    np.testing.assert_allclose(found[0].deletion_curve, found[1].deletion_curve, atol=1e-5)


def test_ends_of_the_curves() -> None:
    photo = bright_photo()
    model = box_model(Rectangles())
    whole = model.predict(photo)[0].score
    found = insertion_deletion(model, photo, random_map(SIZE), 0)
    assert found.insertion_curve[-1] == pytest.approx(whole, abs=1e-6)
    assert found.deletion_curve[0] == pytest.approx(whole, abs=1e-6)
    assert found.deletion_curve[-1] == 0.0


def test_photo_sized_maps() -> None:
    size = (100, 150)
    box = (20, 80, 60, 130)
    photo = bright_photo(box, size=size)
    preprocessing = Preprocessing(size=SIZE, resize="crop", crop_fraction=0.9, scale=1 / 255)
    model = load_model(Rectangles((10, 40, 40, 60)), preprocessing=preprocessing)
    saliency = random_map(size)
    on_input = to_input(saliency, preprocessing.fit(size))
    by_photo = insertion_deletion(model, photo, saliency, 0)
    by_input = insertion_deletion(model, photo, on_input, 0)
    np.testing.assert_array_equal(by_photo.insertion_curve, by_input.insertion_curve)
    np.testing.assert_array_equal(by_photo.deletion_curve, by_input.deletion_curve)


def test_a_perfect_map_beats_an_inverted_one() -> None:
    photo = bright_photo()
    model = box_model(Rectangles())
    perfect = np.zeros(SIZE, dtype=np.float32)
    perfect[BRIGHT[0] : BRIGHT[2], BRIGHT[1] : BRIGHT[3]] = 1.0
    best = insertion_deletion(model, photo, perfect, 0)
    worst = insertion_deletion(model, photo, 1.0 - perfect, 0)
    middling = insertion_deletion(model, photo, random_map(SIZE), 0)
    assert best.difference > middling.difference > worst.difference
    assert best.insertion > worst.insertion
    assert best.deletion < worst.deletion
    # 288 of 4096 pixels are the rectangle: 4 of 56 steps.
    assert best.deletion_curve[4] == pytest.approx(0.0, abs=1e-6)


def test_ties_go_to_the_lower_index() -> None:
    photo = bright_photo((0, 0, 32, 64))
    model = box_model(Rectangles((0, 0, 32, 64)))
    found = insertion_deletion(model, photo, np.zeros(SIZE, dtype=np.float32), 0, steps=2)
    assert found.deletion_curve[1] == pytest.approx(0.0, abs=1e-6), "the upper half goes first"


def test_target_by_name_and_errors() -> None:
    photo = bright_photo()
    model = box_model(Rectangles(), labels=["spot", "rest"])
    saliency = random_map(SIZE)
    by_name = insertion_deletion(model, photo, saliency, "spot")  # type: ignore[arg-type]
    assert by_name.insertion == insertion_deletion(model, photo, saliency, 0).insertion
    for arguments, text in [
        ((saliency, 2), r"must lie in 0\.\.1"),
        ((saliency, -1), r"must lie in 0\.\.1"),
        ((saliency[:-1], 0), r"shape of the model's input \(64, 64\)"),
        ((saliency[None], 0), "shape"),
        ((np.full(SIZE, np.nan), 0), "NaN or infinite"),
        ((np.full(SIZE, np.inf), 0), "NaN or infinite"),
    ]:
        with pytest.raises(SettingsError, match=text):
            insertion_deletion(model, photo, *arguments)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="1 or more, found 0"):
        insertion_deletion(model, photo, saliency, 0, steps=0)


# --- rank correlation --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_rank_correlation_equals_scipys(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, levels, (13, 9)).astype(np.float32)
    b = (a + rng.integers(0, levels, (13, 9))).astype(np.float32)
    expected = stats.spearmanr(a.ravel(), b.ravel()).statistic
    assert rank_correlation(a, b) == pytest.approx(expected, abs=1e-12)
    assert rank_correlation(a, a) == pytest.approx(1.0)
    assert rank_correlation(a, -a) == pytest.approx(-1.0)
    assert rank_correlation(a, np.exp(a / levels)) == pytest.approx(1.0)


def test_rank_correlation_of_a_constant_map_is_no_number() -> None:
    values = np.arange(6.0)
    assert np.isnan(rank_correlation(values, np.ones(6)))
    assert np.isnan(rank_correlation(np.zeros(6), np.ones(6)))


# --- boxes -------------------------------------------------------------------------------


def test_pointing_and_energy() -> None:
    saliency = np.zeros((8, 10), dtype=np.float32)
    saliency[2, 3] = 1.0
    saliency[6, 6] = 0.5
    inside = np.zeros((8, 10), dtype=bool)
    inside[1:4, 2:5] = True
    assert pointing_game(saliency, inside)
    assert not pointing_game(saliency, ~inside)
    assert energy_in_box(saliency, inside) == pytest.approx(2 / 3)
    assert energy_in_box(saliency, ~inside) == pytest.approx(1 / 3)
    assert energy_in_box(saliency, np.ones_like(inside)) == pytest.approx(1.0)
    assert np.isnan(energy_in_box(np.full((8, 10), 0.3, dtype=np.float32), inside))


def test_energy_counts_what_exceeds_the_median() -> None:
    saliency = np.random.default_rng(0).random((9, 9)).astype(np.float32)
    inside = np.zeros((9, 9), dtype=bool)
    inside[:4] = True
    above = np.maximum(saliency - np.median(saliency), 0)
    assert energy_in_box(saliency, inside) == pytest.approx(above[:4].sum() / above.sum())


def test_boxes_land_on_the_input() -> None:
    crop = Preprocessing(size=(56, 56), resize="crop", crop_fraction=0.875).fit((128, 256))
    # Resized to 64 x 128, 4 rows and 36 columns cut off each side.
    inside = boxes_on_input([(100, 40, 140, 80)], crop)
    rows, columns = np.where(inside)
    assert (rows.min(), rows.max() + 1) == (16, 36)
    assert (columns.min(), columns.max() + 1) == (14, 34)
    assert not boxes_on_input([(0, 0, 20, 20)], crop).any(), "cut off"
    assert boxes_on_input([(-50, -50, 500, 500)], crop).all()
    assert boxes_on_input([], crop).sum() == 0
