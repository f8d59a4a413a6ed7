"""Files that hold several pictures, and what shows through transparent ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decam_engine import ImageError, SettingsError, load_image

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "lime": (0, 255, 0)}


def several(folder: Path, suffix: str) -> Path:
    frames = [Image.new("RGB", (8, 6), name) for name in COLOURS]
    path = folder / f"several.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp", "png"])
@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_is_chosen(tmp_path: Path, suffix: str, page: int) -> None:
    photo = load_image(several(tmp_path, suffix), page=page)
    wanted = list(COLOURS.values())[page - 1]
    assert np.abs(photo.pixels.astype(int) - wanted).max() < 12
    assert f"Page {page} of 3 used." in photo.notes
    assert (photo.reading["page"], photo.reading["pages"]) == (page, 3)


def test_the_first_page_is_the_default_and_said(tmp_path: Path) -> None:
    photo = load_image(several(tmp_path, "tif"))
    assert photo.notes == ("Page 1 of 3 used.",)
    assert photo.reading["options"]["page"] is None


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp", "png"])
def test_a_page_that_is_not_there(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ImageError, match="holds 3 pages: expected a page from 1 to 3, found 4"):
        load_image(several(tmp_path, suffix), page=4)


def test_a_second_page_of_a_single_picture(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "one.png")
    assert load_image(tmp_path / "one.png", page=1).notes == ()
    with pytest.raises(ImageError, match="holds 1 page: expected a page from 1 to 1, found 2"):
        load_image(tmp_path / "one.png", page=2)


@pytest.mark.parametrize("page", [0, -1, 1.5, "2", True])
def test_unusable_pages(tmp_path: Path, page: Any) -> None:
    with pytest.raises(SettingsError, match="whole number from 1"):
        load_image(several(tmp_path, "tif"), page=page)


def test_pages_of_different_sizes_and_modes(tmp_path: Path) -> None:
    path = tmp_path / "mixed.tif"
    second = Image.fromarray(np.linspace(0, 65535, 35).reshape(5, 7).astype(np.uint16))
    Image.new("RGB", (8, 6), "red").save(path, save_all=True, append_images=[second])
    photo = load_image(path, page=2)
    assert photo.size == (5, 7)
    assert any("windowed" in note for note in photo.notes)


def test_each_page_has_its_own_orientation(tmp_path: Path) -> None:
    turned = Image.new("RGB", (8, 6), "blue")
    turned.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.tif"
    # Pillow writes these EXIF data with every page.
    turned.save(path, save_all=True, append_images=[turned], exif=exif)
    for page in (1, 2):
        photo = load_image(path, page=page)
        assert photo.size == (8, 6)
        assert photo.pixels[0, -1].tolist() == [255, 0, 0]
        assert "Turned upright (EXIF orientation 6)." in photo.notes


@pytest.mark.parametrize(
    ("background", "colour"),
    [("white", (255, 255, 255)), ("#204060", (32, 64, 96)), ((1, 2, 3), (1, 2, 3))],
)
def test_the_background_behind_transparent_pixels(
    tmp_path: Path, background: Any, colour: tuple[int, int, int]
) -> None:
    Image.new("RGBA", (3, 2), (9, 9, 9, 0)).save(tmp_path / "clear.png")
    photo = load_image(tmp_path / "clear.png", background=background)
    assert np.all(photo.pixels == colour)
    assert photo.reading["background"] == list(colour)
    assert photo.reading["options"]["background"] == list(colour)
