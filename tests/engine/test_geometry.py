"""Where a photograph lands on a model's input, and the way back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decam_engine import ImageError, Photo, Preprocessing
from decam_engine.geometry import RESIZE_RULES, apply_fit, fit, seen_mask, to_input, to_photo

PHOTOS = [(64, 64), (301, 199), (199, 301), (97, 640), (640, 97), (33, 47), (500, 333)]
INPUTS = [(64, 64), (56, 80), (81, 45)]


def marked(size: tuple[int, int], y: float, x: float, radius: float) -> np.ndarray:
    """A black photograph with a soft white dot; returns uint8 ``(H, W, 3)``."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]] + 0.5
    distance = np.hypot(rows - y, columns - x)
    grey = np.clip(radius - distance + 0.5, 0, 1) * 255
    return np.repeat(np.rint(grey).astype(np.uint8)[:, :, None], 3, axis=2)


def centroid(values: np.ndarray) -> tuple[float, float]:
    """Centre of mass, pixel centres at 0.5."""
    v = values.astype(np.float64)
    rows, columns = np.mgrid[0 : v.shape[0], 0 : v.shape[1]] + 0.5
    return float((rows * v).sum() / v.sum()), float((columns * v).sum() / v.sum())


@pytest.mark.parametrize("rule", RESIZE_RULES)
@pytest.mark.parametrize("photo_size", PHOTOS)
@pytest.mark.parametrize("input_size", INPUTS)
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.42, 0.58), (0.55, 0.45)])
def test_a_mark_lands_where_the_map_says_and_returns(
    rule: str,
    photo_size: tuple[int, int],
    input_size: tuple[int, int],
    place: tuple[float, float],
) -> None:
    placed = fit(photo_size, input_size, rule, 0.875 if rule == "crop" else 1.0)
    top, left, bottom, right = placed.seen
    # Well inside what the model sees, and about 3 input pixels large.
    y = top + place[0] * (bottom - top)
    x = left + place[1] * (right - left)
    coarse = max(1.0 / s for s in placed.scale)
    photo = marked(photo_size, y, x, max(2.0, 3.0 * coarse))
    fitted = apply_fit(photo, placed, "bilinear", 0)
    assert fitted.shape == (*input_size, 3)
    (sy, sx), (dy, dx) = placed.scale, placed.offset
    in_y, in_x = centroid(fitted[..., 0])
    assert abs(in_y - (sy * y + dy)) < 0.5 + 0.1 * sy
    assert abs(in_x - (sx * x + dx)) < 0.5 + 0.1 * sx

    back = to_photo(fitted[..., 0].astype(np.float32), placed)
    assert back.shape == photo_size
    out_y, out_x = centroid(back)
    assert abs(out_y - y) < 0.75 + 0.5 / sy
    assert abs(out_x - x) < 0.75 + 0.5 / sx

    again = to_input(photo[..., 0].astype(np.float32), placed)
    assert again.shape == input_size
    map_y, map_x = centroid(again)
    assert abs(map_y - in_y) < 1.0
    assert abs(map_x - in_x) < 1.0


@pytest.mark.parametrize("rule", RESIZE_RULES)
@pytest.mark.parametrize("photo_size", PHOTOS)
def test_a_ramp_round_trips(rule: str, photo_size: tuple[int, int]) -> None:
    """Smooth maps keep their values: input -> photograph -> input."""
    placed = fit(photo_size, (60, 52), rule, 0.875 if rule == "crop" else 1.0)
    rows, columns = np.mgrid[0:60, 0:52]
    values = ((rows / 59 + columns / 51) / 2).astype(np.float32)
    back = to_input(to_photo(values, placed), placed)
    dy, dx = (max(0, o) for o in placed.offset)
    seen = np.zeros((60, 52), dtype=bool)
    seen[dy + 3 : 60 - dy - 3, dx + 3 : 52 - dx - 3] = True
    step = 1.0 / 51
    slack = step * max(1.5, *(s for s in placed.scale))
    assert np.abs(back - values)[seen].max() < slack


def torchvision_crop(photo: tuple[int, int], resize: int, crop: int) -> tuple[int, int, int, int]:
    """Resize(256) and CenterCrop(224) as torchvision 0.2x computes them."""
    height, width = photo
    short, long = min(photo), max(photo)
    new_short, new_long = resize, int(resize * long / short)
    new_height, new_width = (new_long, new_short) if height > width else (new_short, new_long)
    top = round((new_height - crop) / 2.0)
    left = round((new_width - crop) / 2.0)
    return new_height, new_width, top, left


@pytest.mark.parametrize("seed", range(5))
def test_crop_uses_torchvisions_integers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(200):
        photo = (int(rng.integers(20, 3000)), int(rng.integers(20, 3000)))
        if max(photo) > 20 * min(photo):
            continue
        placed = fit(photo, (224, 224), "crop", 224 / 256)
        height, width, top, left = torchvision_crop(photo, 256, 224)
        assert placed.resized == (height, width)
        assert placed.offset == (-top, -left)


def test_squash_covers_everything() -> None:
    placed = fit((100, 300), (50, 60), "squash")
    assert placed.seen == (0.0, 0.0, 100.0, 300.0)
    assert seen_mask(placed).all()


@pytest.mark.parametrize("photo_size", PHOTOS)
def test_what_was_never_seen_is_zero(photo_size: tuple[int, int]) -> None:
    placed = fit(photo_size, (48, 48), "crop", 0.875)
    back = to_photo(np.ones((48, 48), dtype=np.float32), placed)
    seen = seen_mask(placed)
    np.testing.assert_array_equal(back > 0, seen)
    np.testing.assert_allclose(back[seen], 1.0)
    assert not seen.all()
    top, left, bottom, right = placed.seen
    area = (bottom - top) * (right - left)
    assert abs(seen.sum() - area) < 2 * sum(photo_size)
    assert seen[photo_size[0] // 2, photo_size[1] // 2]


@pytest.mark.parametrize("photo_size", [(100, 50), (50, 100), (99, 98)])
def test_letterbox_pads_evenly_with_the_chosen_grey(photo_size: tuple[int, int]) -> None:
    placed = fit(photo_size, (64, 64), "letterbox")
    fitted = apply_fit(np.full((*photo_size, 3), 255, dtype=np.uint8), placed, "bilinear", 114)
    (dy, dx), (height, width) = placed.offset, placed.resized
    assert max(placed.resized) == 64
    assert np.all(fitted[dy : dy + height, dx : dx + width] == 255)
    assert (fitted == 114).all(axis=2).sum() == 64 * 64 - height * width
    assert abs((64 - height - dy) - dy) <= 1
    assert abs((64 - width - dx) - dx) <= 1
    assert seen_mask(placed).all()
    on_input = to_input(np.ones(photo_size, dtype=np.float32), placed)
    assert on_input.sum() == height * width


def test_an_exact_size_is_left_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    placed = fit((40, 30), (40, 30), "squash")
    np.testing.assert_array_equal(apply_fit(pixels, placed, "bicubic", 0), pixels)
    values = np.random.default_rng(1).random((40, 30), dtype=np.float32)
    np.testing.assert_allclose(to_photo(values, placed), values, atol=1e-6)
    np.testing.assert_allclose(to_input(values, placed), values, atol=1e-6)


@pytest.mark.parametrize("rule", RESIZE_RULES)
@pytest.mark.parametrize("photo_size", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_tiny_photographs(rule: str, photo_size: tuple[int, int]) -> None:
    placed = fit(photo_size, (16, 12), rule, 0.875 if rule == "crop" else 1.0)
    assert apply_fit(np.zeros((*photo_size, 3), np.uint8), placed, "bilinear", 0).shape[:2] == (
        16,
        12,
    )
    assert to_photo(np.ones((16, 12), np.float32), placed).shape == photo_size
    assert to_input(np.ones(photo_size, np.float32), placed).shape == (16, 12)


def test_a_very_wide_photograph_keeps_its_map() -> None:
    """OpenCV's remapping stops at 32,767 pixels a side; photographs do not."""
    placed = fit((20, 40_000), (32, 32), "squash")
    values = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (32, 1))
    back = to_photo(values, placed)
    assert back.shape == (20, 40_000)
    assert np.all(np.diff(back[10]) >= -1e-6)
    assert back[10, 0] == 0.0
    assert back[10, -1] == 1.0
    assert abs(back[10, 20_000] - 0.5) < 0.01
    np.testing.assert_allclose(to_input(back, placed), values, atol=0.03)


@pytest.mark.parametrize("photo_size", [(1, 60_000), (60_000, 1)])
def test_a_line_is_refused_where_it_would_need_gigabytes(photo_size: tuple[int, int]) -> None:
    line = Photo.from_array(np.zeros(photo_size, dtype=np.uint8))
    with pytest.raises(ImageError, match="letterbox"):
        Preprocessing.imagenet((224, 224)).apply(line.pixels)
    assert Preprocessing.unit((224, 224)).apply(line.pixels).shape == (3, 224, 224)


def test_unknown_rule() -> None:
    with pytest.raises(ValueError, match="unknown resize rule"):
        fit((4, 4), (4, 4), "stretch")


def test_scale_is_consistent() -> None:
    placed = fit((300, 451), (224, 224), "crop", 0.875)
    assert placed.resized == (256, int(256 * 451 / 300))
    assert math.isclose(placed.scale[0], 256 / 300)
