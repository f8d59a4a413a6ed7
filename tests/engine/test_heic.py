"""Photographs of phones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from decam_engine import ImageError, load_image
from decam_engine.images import decode
from tests.engine.test_dicom import WITHOUT
from tests.engine.test_images import quadrants
from tests.engine.test_images_profiles import ADOBE, as_srgb, matrix_profile


def write_heic(path: Path, *pictures: Image.Image, exif: bytes | None = None) -> Path:
    first, *others = pictures
    made = pillow_heif.from_pillow(first)
    for other in others:
        made.add_from_pillow(other)
    options = {} if exif is None else {"exif": exif}
    made.save(path, quality=95, **options)
    return path


@pytest.mark.parametrize("suffix", ["heic", "heif", "jpg"])
def test_heic_is_read_whatever_its_suffix(tmp_path: Path, suffix: str) -> None:
    path = write_heic(tmp_path / f"phone.{suffix}", Image.fromarray(quadrants(64, 96)))
    photo = load_image(path)
    assert photo.size == (64, 96)
    assert np.abs(photo.pixels.astype(int) - quadrants(64, 96)).mean() < 8
    assert photo.reading["format"] == "HEIC"


def test_the_orientation_is_applied_once(tmp_path: Path) -> None:
    stored = Image.fromarray(quadrants(64, 96)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = load_image(write_heic(tmp_path / "turned.heic", stored, exif=exif.tobytes()))
    assert photo.size == (64, 96)
    assert np.abs(photo.pixels.astype(int) - quadrants(64, 96)).mean() < 8


def test_transparency_and_pages(tmp_path: Path) -> None:
    path = write_heic(
        tmp_path / "two.heic",
        Image.new("RGB", (64, 64), "red"),
        Image.new("RGBA", (64, 48), (0, 0, 255, 0)),
    )
    assert load_image(path).size == (64, 64)
    assert "Page 1 of 2 used." in load_image(path).notes
    second = load_image(path, page=2, background="#00ff00")
    assert second.size == (48, 64)
    assert np.abs(second.pixels.astype(int) - [0, 255, 0]).max() < 12
    with pytest.raises(ImageError, match="holds 2 pages"):
        load_image(path, page=3)


def test_ten_bits_and_other_primaries_are_said(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint16)
    made = pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=values.tobytes())
    made.info["nclx_profile"] = {
        "color_primaries": 12,
        "transfer_characteristics": 13,
        "matrix_coefficients": 6,
        "full_range_flag": 1,
    }
    path = tmp_path / "wide.heic"
    made.save(path, quality=95)
    photo = load_image(path)
    assert np.abs(photo.pixels - values / 257.0).mean() < 8
    assert "10 bits per colour channel: only the upper 8 were used." in photo.notes
    assert photo.reading["bits"] == 10
    assert any("another kind of screen (code 12)" in note for note in photo.notes)


def test_the_colour_profile_of_a_phone_is_applied(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 64), (120, 160, 90))
    made = pillow_heif.from_pillow(image)
    made.info["icc_profile"] = matrix_profile(ADOBE, 2.19921875)
    made.info["icc_profile_type"] = "prof"
    path = tmp_path / "phone.heic"
    made.save(path, quality=-1)
    photo = load_image(path)
    assert np.abs(photo.pixels[32, 32] - as_srgb((120, 160, 90), 2.19921875)).max() < 4
    assert any("colour profile (test space)" in note for note in photo.notes)


def test_pillow_is_not_taught_the_format(tmp_path: Path) -> None:
    """The table of formats belongs to the whole process."""
    path = write_heic(tmp_path / "phone.heic", Image.new("RGB", (64, 64), "red"))
    load_image(path)
    assert "HEIF" not in Image.OPEN


def test_damaged_bytes_give_an_image_or_an_image_error(tmp_path: Path) -> None:
    data = write_heic(tmp_path / "x.heic", Image.fromarray(quadrants(64, 96))).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(150):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), rng.integers(1, 8)):
            broken[place] = rng.integers(0, 256)
        if rng.random() < 0.3:
            del broken[rng.integers(12, len(broken)) :]
        try:
            pixels, _ = decode(bytes(broken), "broken.heic")
        except ImageError:
            continue
        assert pixels.ndim == 3


def test_without_the_extra_the_message_names_it(tmp_path: Path) -> None:
    path = write_heic(tmp_path / "phone.heic", Image.new("RGB", (64, 64), "red"))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(path), "pillow_heif"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 1
    assert "phone.heic is a HEIC photograph, which needs the extra 'heic'" in done.stdout
    assert "decam-studio[heic]" in done.stdout
