"""More than 8 bits: which value becomes black, which white, and that nothing else is lost."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decam_engine import ImageError, Preprocessing, SettingsError, load_image
from tests.deep_files import deep_ramp, stored_as, write_deep_png, write_deep_tiff


def written(folder: Path, kind: str, values: np.ndarray, orientation: int = 1) -> Path:
    if kind == "png":
        return write_deep_png(folder / "deep.png", values, orientation)
    return write_deep_tiff(
        folder / "deep.tif", values, orientation=orientation, deflate=kind == "deflated tif"
    )


KINDS = ["png", "tif", "deflated tif"]


@pytest.mark.parametrize("kind", KINDS)
def test_sixteen_bit_colour_is_read_in_full(tmp_path: Path, kind: str) -> None:
    """All of a narrow range would be one level of the upper 8 bits."""
    values = deep_ramp(low=20_000, high=20_250)
    photo = load_image(written(tmp_path, kind, values), window=(20_000, 20_250))
    expected = np.rint((values - 20_000.0) / 250 * 255)
    np.testing.assert_array_equal(photo.pixels, expected)
    assert photo.reading["bits"] == 16
    assert photo.reading["window"] == {
        "rule": "given",
        "low": 20_000.0,
        "high": 20_250.0,
        "curve": "linear",
    }
    assert any("20000 to 20250 became 0 to 255 (as asked for)" in n for n in photo.notes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bit_colour_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    values = deep_ramp(low=20_000, high=20_250)
    path = written(tmp_path, kind, stored_as(values, orientation), orientation)
    photo = load_image(path, window=(20_000, 20_250))
    np.testing.assert_array_equal(photo.pixels, np.rint((values - 20_000.0) / 250 * 255))
    assert sum("orientation" in n for n in photo.notes) == (orientation != 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bit_grey_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    values = deep_ramp()[:, :, 0] + deep_ramp()[:, :, 1]
    path = written(tmp_path, kind, stored_as(values, orientation), orientation)
    photo = load_image(path, window="full")
    np.testing.assert_array_equal(photo.pixels[..., 1], np.rint(values / 65535 * 255))


def test_the_default_window_is_the_percentiles_over_all_channels(tmp_path: Path) -> None:
    values = deep_ramp()
    values[0, 0] = 65535
    photo = load_image(write_deep_png(tmp_path / "deep.png", values))
    low, high = np.percentile(values, (0.1, 99.9))
    assert photo.reading["window"] == {
        "rule": "percentile",
        "low": low,
        "high": high,
        "curve": "linear",
    }
    expected = np.rint(np.clip((values - low) / (high - low), 0, 1) * 255)
    np.testing.assert_array_equal(photo.pixels, expected)
    # One window for all channels: what is grey stays grey.
    grey = np.repeat(deep_ramp()[:, :, :1], 3, axis=2)
    pixels = load_image(write_deep_png(tmp_path / "grey.png", grey)).pixels
    assert np.all(pixels[..., 0] == pixels[..., 2])


def test_the_full_window_is_what_an_8_bit_copy_would_show(tmp_path: Path) -> None:
    eight = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint16)
    path = write_deep_png(tmp_path / "deep.png", eight * 257)
    np.testing.assert_array_equal(load_image(path, window="full").pixels, eight)


@pytest.mark.parametrize(
    ("window", "low", "high"), [("full", 0, 65535), ((2000, 9000), 2000, 9000)]
)
def test_a_window_for_sixteen_bit_grey(
    tmp_path: Path, window: Any, low: float, high: float
) -> None:
    values = deep_ramp()[:, :, 0]
    for path in (
        write_deep_png(tmp_path / "grey.png", values),
        write_deep_tiff(tmp_path / "grey.tif", values),
    ):
        photo = load_image(path, window=window)
        expected = np.rint(np.clip((values - float(low)) / (high - low), 0, 1) * 255)
        np.testing.assert_array_equal(photo.pixels, np.repeat(expected[..., None], 3, axis=2))
        assert photo.reading["window"]["low"] == low


def test_sixteen_bit_grey_reaches_a_one_channel_model_through_its_window(tmp_path: Path) -> None:
    values = deep_ramp(24, 24)[:, :, 0]
    path = write_deep_png(tmp_path / "grey.png", values)
    photo = load_image(path, window=(1000, 41_000))
    feed = Preprocessing(size=(24, 24), resize="squash", crop_fraction=1.0, channels="L")
    fed = feed.apply(photo.pixels)
    assert fed.shape == (1, 24, 24)
    np.testing.assert_allclose(fed[0], np.rint((values - 1000.0) / 40_000 * 255), atol=1e-3)


def test_eight_bit_grey_in_one_and_three_channel_models(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    pixels = load_image(tmp_path / "grey.png").pixels
    for channels, count in (("L", 1), ("RGB", 3), ("BGR", 3)):
        feed = Preprocessing(size=(16, 16), resize="squash", crop_fraction=1.0, channels=channels)
        fed = feed.apply(pixels)
        np.testing.assert_allclose(fed, np.repeat(grey[None], count, axis=0), atol=1e-3)
    colour = np.zeros((16, 16, 3), np.uint8)
    colour[:] = (200, 100, 50)
    luma = Preprocessing(size=(16, 16), resize="squash", channels="L").apply(colour)
    np.testing.assert_allclose(luma, 0.299 * 200 + 0.587 * 100 + 0.114 * 50, atol=1e-3)


def test_sixteen_bit_alpha_is_composed_after_the_window(tmp_path: Path) -> None:
    values = np.full((2, 3, 4), 30_000, dtype=np.uint16)
    values[0, :, 3] = (65535, 0, 32768)
    values[1, :, 3] = 65535
    values[0, 1, :3] = 5  # invisible: must not widen the window
    values[1] = (10_000, 10_000, 10_000, 65535)
    photo = load_image(write_deep_png(tmp_path / "alpha.png", values), background="#ff0000")
    assert photo.reading["window"]["low"] == 10_000
    assert photo.pixels[0, 0].tolist() == [255, 255, 255]
    assert photo.pixels[0, 1].tolist() == [255, 0, 0]
    assert np.abs(photo.pixels[0, 2].astype(int) - [255, 128, 128]).max() <= 1
    assert photo.pixels[1, 0].tolist() == [0, 0, 0]
    assert photo.reading["background"] == [255, 0, 0]


def test_sixteen_bit_grey_with_alpha(tmp_path: Path) -> None:
    values = np.zeros((2, 2, 2), dtype=np.uint16)
    values[..., 0] = [[0, 65535], [20_000, 40_000]]
    values[..., 1] = [[65535, 65535], [0, 65535]]
    photo = load_image(write_deep_png(tmp_path / "la.png", values), window="full")
    assert photo.pixels[..., 0].tolist() == [[0, 255], [255, 156]]


def test_a_deep_page_behind_the_first(tmp_path: Path) -> None:
    first, second = deep_ramp(20, 30), deep_ramp(31, 17, low=20_000, high=20_250)
    path = write_deep_tiff(tmp_path / "pages.tif", first, second)
    photo = load_image(path, page=2, window=(20_000, 20_250))
    np.testing.assert_array_equal(photo.pixels, np.rint((second - 20_000.0) / 250 * 255))


def test_a_tiff_in_which_zero_is_white(tmp_path: Path) -> None:
    values = deep_ramp()[:, :, 0]
    path = write_deep_tiff(tmp_path / "negative.tif", values, white_is_zero=True)
    photo = load_image(path, window="full")
    np.testing.assert_array_equal(photo.pixels[..., 0], np.rint((65535.0 - values) / 65535 * 255))
    assert any("0 is white" in note for note in photo.notes)


def test_thirty_two_bit_grey(tmp_path: Path) -> None:
    values = np.linspace(-70_000, 900_000, 600).reshape(20, 30).astype(np.int32)
    Image.fromarray(values).save(tmp_path / "grey.tif")
    full = load_image(tmp_path / "grey.tif", window="full")
    np.testing.assert_array_equal(full.pixels[..., 0], np.rint((values + 70_000.0) / 970_000 * 255))
    assert full.reading["bits"] == 32
    low, high = np.percentile(values, (0.1, 99.9))
    window = load_image(tmp_path / "grey.tif").reading["window"]
    assert (window["low"], window["high"]) == (low, high)


def test_what_cannot_be_read_in_full_is_said(tmp_path: Path) -> None:
    path = tmp_path / "deep.ppm"
    values = deep_ramp(4, 5)
    path.write_bytes(b"P6 5 4 65535\n" + values.astype(">u2").tobytes())
    photo = load_image(path)
    assert np.abs(photo.pixels - values / 257.0).max() <= 1
    assert photo.notes == ("16 bits per colour channel: only the upper 8 were used.",)
    assert photo.reading["upper_bits_only"]


def test_a_window_on_eight_bits_is_not_used_and_said(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    photo = load_image(tmp_path / "grey.png", window=(100, 120))
    np.testing.assert_array_equal(photo.pixels[..., 0], grey)
    assert any("No window was used" in note for note in photo.notes)
    assert not any("window" in n for n in load_image(tmp_path / "grey.png", window="full").notes)


def test_the_reading_is_json_and_reads_the_same_again(tmp_path: Path) -> None:
    path = write_deep_tiff(tmp_path / "pages.tif", deep_ramp(), deep_ramp(20, 20))
    photo = load_image(path, page=2, window=(3000, 30_000), background="navy")
    reading = json.loads(json.dumps(photo.reading))
    again = load_image(path, **reading["options"])
    np.testing.assert_array_equal(again.pixels, photo.pixels)
    assert again.reading == photo.reading
    assert (reading["format"], reading["page"], reading["pages"]) == ("TIFF", 2, 2)


@pytest.mark.parametrize(
    "window", ["wide", "", "1:2", 5, (1,), (1, 2, 3), (5, 5), (9, 1), ("a", "b"), (0, np.inf)]
)
def test_unusable_windows(tmp_path: Path, window: Any) -> None:
    with pytest.raises(SettingsError, match="percentile, full, or two numbers"):
        load_image(tmp_path / "none.png", window=window)


@pytest.mark.parametrize("background", ["whitish", "", 5, (1, 2), (0, 0, 256), "#12345678"])
def test_unusable_backgrounds(tmp_path: Path, background: Any) -> None:
    with pytest.raises(SettingsError, match="background must be a colour"):
        load_image(tmp_path / "none.png", background=background)


@pytest.mark.parametrize("share", [0.4, 0.8, 0.99])
def test_a_tiff_that_breaks_off_is_refused_without_a_word_of_libtiff(
    tmp_path: Path, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.tif", "b.tif"):
        values = np.random.default_rng(0).integers(0, 65536, (40, 40, 3)).astype(np.uint16)
        path = write_deep_tiff(tmp_path / name, values, deflate=name == "b.tif")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(ImageError, match=r"cut off.*it ends after"):
            load_image(path)
    assert capfd.readouterr().err == ""


def retagged(path: Path, tag: int, value: int) -> None:
    """Another value for a short number of a TIFF's first page."""
    data = bytearray(path.read_bytes())
    place = data.index(struct.pack("<HHI", tag, 3, 1)) + 8
    data[place : place + 2] = struct.pack("<H", value)
    path.write_bytes(data)


def test_unsigned_greys_of_32_bits_do_not_wrap_around(tmp_path: Path) -> None:
    """Pillow has no such mode, and reads them as if half of them were negative."""
    values = np.linspace(0, 2**32 - 1, 600).reshape(20, 30).astype(np.uint32)
    path = tmp_path / "counts.tif"
    Image.fromarray(values.view(np.int32)).save(path)
    signed = load_image(path).pixels[..., 0].astype(int)
    retagged(path, 339, 1)
    photo = load_image(path, window=(0, 2**32 - 1))
    expected = np.rint(values / (2**32 - 1) * 255)
    assert np.abs(photo.pixels[..., 0] - expected).max() <= 1
    assert np.abs(signed - expected).max() > 100, "the file that says signed is read as such"


def test_signed_bytes_are_windowed(tmp_path: Path) -> None:
    values = np.linspace(-100, 100, 600).reshape(20, 30).astype(np.int8)
    path = tmp_path / "signed.tif"
    Image.fromarray(values.view(np.uint8)).save(path, tiffinfo={339: 2})
    photo = load_image(path, window=(-100, 100))
    expected = np.rint((values.astype(int) + 100) / 200 * 255)
    np.testing.assert_array_equal(photo.pixels[..., 0], expected)
    assert photo.reading["window"]["low"] == -100
    assert any("Grey values -100 to 100 windowed" in note for note in photo.notes)


@pytest.mark.parametrize(
    ("name", "tags", "raw"),
    [
        ("photo.dng", {}, True),
        ("photo.NEF", {}, True),
        ("photo.tif", {254: 1, 50706: b"\1\4\0\0"}, True),
        ("photo.tif", {254: 0, 50706: b"\1\4\0\0"}, False),
        ("photo.tif", {254: 1}, False),
        ("photo.tif", {}, False),
    ],
)
def test_the_preview_in_a_raw_file_is_not_taken_for_the_photograph(
    tmp_path: Path, name: str, tags: dict[int, Any], raw: bool
) -> None:
    path = tmp_path / name
    Image.new("RGB", (160, 120), "red").save(path, "TIFF", tiffinfo=tags)
    if not raw:
        assert load_image(path).size == (120, 160)
        return
    with pytest.raises(ImageError, match=r"camera's raw file.*preview of 160 x 120.*Develop it"):
        load_image(path)
