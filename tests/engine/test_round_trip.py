"""A mark in the photograph is where the map says, however the photograph was stored and fed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decam_engine import Explanation, Photo, Preprocessing, explain, load_image, load_model
from decam_engine.geometry import RESIZE_RULES, to_photo
from tests.deep_files import stored_as
from tests.fakes import Rectangles

INPUT = (48, 56)
SIZES = [(61, 61), (97, 63), (63, 97), (45, 131), (131, 45), (203, 151)]
# Corners of the photograph and its middle: where a mirrored or turned map would be caught.
PLACES = [(0.3, 0.4), (0.62, 0.35), (0.5, 0.66)]


def feed(rule: str) -> Preprocessing:
    fraction = 0.875 if rule == "crop" else 1.0
    return Preprocessing(
        size=INPUT, resize=rule, crop_fraction=fraction, scale=1 / 255, interpolation="bilinear"
    )


def marked(
    size: tuple[int, int], rule: str, place: tuple[float, float]
) -> tuple[np.ndarray, tuple]:
    """A dark photograph with a bright rectangle in what the model sees; and the rectangle."""
    top, left, bottom, right = feed(rule).fit(size).seen
    height, width = (bottom - top) * 0.22, (right - left) * 0.22
    y, x = top + place[0] * (bottom - top), left + place[1] * (right - left)
    box = (
        round(y - height / 2),
        round(x - width / 2),
        round(y + height / 2) + 1,
        round(x + width / 2) + 1,
    )
    pixels = np.random.default_rng(1).integers(0, 40, (*size, 3)).astype(np.uint8)
    pixels[box[0] : box[2], box[1] : box[3]] = 250
    return pixels, box


def lit(fed: np.ndarray) -> tuple[int, int, int, int]:
    """The bright rectangle on the model's input ``(3, h, w)``."""
    rows, columns = np.nonzero(fed.mean(axis=0) > 0.5)
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1


@pytest.mark.parametrize("rule", RESIZE_RULES)
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", SIZES)
def test_every_orientation_rule_and_odd_size(
    tmp_path: Path, rule: str, orientation: int, size: tuple[int, int]
) -> None:
    """File -> photograph -> input -> what a model would mark there -> photograph."""
    for number, place in enumerate(PLACES):
        pixels, box = marked(size, rule, place)
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = tmp_path / f"{number}.png"
        Image.fromarray(stored_as(pixels, orientation)).save(path, exif=exif)
        photo = load_image(path)
        np.testing.assert_array_equal(photo.pixels, pixels)
        fed = feed(rule).apply(photo.pixels)
        top, left, bottom, right = lit(fed)
        answer = np.zeros(INPUT, dtype=np.float32)
        answer[top:bottom, left:right] = 1.0
        placed = feed(rule).fit(photo.size)
        back = to_photo(answer, placed)
        rows, columns = np.nonzero(back > 0.5)
        # An input pixel is this many photo pixels large.
        slack_y, slack_x = (1.0 + 1.0 / s for s in placed.scale)
        assert abs(rows.min() - box[0]) <= slack_y
        assert abs(rows.max() + 1 - box[2]) <= slack_y
        assert abs(columns.min() - box[1]) <= slack_x
        assert abs(columns.max() + 1 - box[3]) <= slack_x


def explained(rule: str, size: tuple[int, int]) -> tuple[Explanation, tuple]:
    pixels, box = marked(size, rule, PLACES[1])
    photo = Photo.from_array(pixels, "marked.png")
    seen_by_model = Rectangles(lit(feed(rule).apply(pixels)))
    model = load_model(seen_by_model, preprocessing=feed(rule))
    return explain(model, photo, target=0, calls=300, seed=1), box


@pytest.mark.parametrize("rule", RESIZE_RULES)
@pytest.mark.parametrize("size", [(63, 97), (131, 45), (203, 151)])
def test_the_maps_peak_is_on_the_mark(rule: str, size: tuple[int, int]) -> None:
    found, (top, left, bottom, right) = explained(rule, size)
    saliency = found.saliency
    y, x = np.unravel_index(int(np.argmax(saliency)), saliency.shape)
    slack_y, slack_x = (2.0 / s for s in found.fit.scale)
    assert top - slack_y <= y <= bottom + slack_y
    assert left - slack_x <= x <= right + slack_x
    inside = saliency[top:bottom, left:right].mean()
    assert inside > 3 * saliency[found.seen].mean()


@pytest.mark.parametrize("rule", RESIZE_RULES)
def test_what_was_cut_off_is_told_and_zero(rule: str, tmp_path: Path) -> None:
    found, _ = explained(rule, (63, 197))
    seen = found.seen
    assert seen.dtype == np.bool_
    assert seen.shape == found.saliency.shape == (63, 197)
    assert seen.all() == (rule != "crop")
    assert np.all(found.saliency[~seen] == 0)
    facts = found.manifest()["photo"]
    top, left, bottom, right = facts["seen"]
    assert facts["seen_fraction"] == pytest.approx((bottom - top) * (right - left) / (63 * 197))
    assert facts["seen_fraction"] == pytest.approx(seen.mean(), abs=0.02)
    (array,) = found.save(tmp_path, ["npy"])
    assert np.all(np.load(array)[~seen] == 0)
