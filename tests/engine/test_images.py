"""Decoding: what cameras, scanners, web sites and hostile people hand over."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from decam_engine import ImageError, Photo, demo_photos, find_images, load_image
from decam_engine.images import FORMATS, decode
from tests.png_files import png_bomb

U8 = npt.NDArray[np.uint8]

ENCODERS = {
    "BMP": "bmp",
    "GIF": "gif",
    "JPEG": "jpg",
    "PNG": "png",
    "PPM": "ppm",
    "TIFF": "tif",
    "WEBP": "webp",
}


def quadrants(height: int = 24, width: int = 36) -> U8:
    """Red, green / blue, white: every orientation looks different."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    h, w = height // 2, width // 2
    pixels[:h, :w, 0] = 255
    pixels[:h, w:, 1] = 255
    pixels[h:, :w, 2] = 255
    pixels[h:, w:] = 255
    return pixels


# --- the happy path ----------------------------------------------------------------------


def test_every_listed_format_can_be_read(tmp_path: Path) -> None:
    assert set(ENCODERS) == set(FORMATS)
    pixels = quadrants()
    for name, suffix in ENCODERS.items():
        path = tmp_path / f"photo.{suffix}"
        options = {"lossless": True} if name == "WEBP" else {}
        Image.fromarray(pixels).save(path, format=name, **options)
        photo = load_image(path)
        assert photo.size == (24, 36)
        difference = np.abs(photo.pixels.astype(int) - pixels)
        assert difference.mean() < (8 if name == "JPEG" else 0.5), name


def test_photo_facts(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(quadrants()).save(path)
    photo = load_image(str(path))
    np.testing.assert_array_equal(photo.pixels, quadrants())
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.flags.c_contiguous
    assert photo.name == "photo.png"
    assert photo.path == path
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert photo.notes == ()
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0] = 0


@pytest.mark.parametrize(
    "name", ["caf\u00e9 \u732b \u0642\u0637\u0629.png", "a b'c$(d).png", "-x.png"]
)
def test_any_file_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(quadrants()).save(path, format="PNG")
    assert load_image(path).name == name


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    Image.fromarray(quadrants()).save(path, format="PNG")
    np.testing.assert_array_equal(load_image(path).pixels, quadrants())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_exif_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = Image.fromarray(quadrants())
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if back is None else upright.transpose(back)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    stored.save(path, exif=exif, quality=95)
    photo = load_image(path)
    assert photo.size == (24, 36)
    assert np.abs(photo.pixels.astype(int) - quadrants()).mean() < 12
    turned = [n for n in photo.notes if "orientation" in n]
    assert len(turned) == (0 if orientation == 1 else 1)


def test_damaged_exif_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "odd.jpg"
    Image.fromarray(quadrants()).save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert load_image(path).size == (24, 36)


# --- modes -------------------------------------------------------------------------------


def test_transparency_is_composed_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((2, 3, 4), dtype=np.uint8)
    pixels[0, 0] = (200, 100, 0, 255)
    pixels[0, 1] = (200, 100, 0, 0)
    pixels[0, 2] = (0, 0, 0, 51)
    path = tmp_path / "alpha.png"
    Image.fromarray(pixels).save(path)
    photo = load_image(path)
    assert photo.pixels[0].tolist() == [[200, 100, 0], [255, 255, 255], [204, 204, 204]]
    assert any("white" in note for note in photo.notes)


def test_opaque_alpha_needs_no_note(tmp_path: Path) -> None:
    path = tmp_path / "opaque.png"
    Image.fromarray(quadrants()).convert("RGBA").save(path)
    photo = load_image(path)
    np.testing.assert_array_equal(photo.pixels, quadrants())
    assert photo.notes == ()


def test_grey_with_alpha(tmp_path: Path) -> None:
    path = tmp_path / "la.png"
    Image.merge("LA", [Image.new("L", (2, 2), 80), Image.new("L", (2, 2), 0)]).save(path)
    assert np.all(load_image(path).pixels == 255)


def test_palette(tmp_path: Path) -> None:
    path = tmp_path / "palette.png"
    Image.fromarray(quadrants()).quantize(8).save(path)
    photo = load_image(path)
    np.testing.assert_array_equal(photo.pixels, quadrants())
    assert any("Palette" in note for note in photo.notes)


def test_palette_with_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    path = tmp_path / "palette.png"
    image.save(path, transparency=0)
    photo = load_image(path)
    assert photo.pixels[0].tolist() == [[255, 255, 255], [40, 50, 60]]
    assert any("white" in note for note in photo.notes)


def test_transparent_colour_without_palette(tmp_path: Path) -> None:
    path = tmp_path / "key.png"
    Image.fromarray(quadrants()).save(path, transparency=(255, 0, 0))
    photo = load_image(path)
    assert photo.pixels[0, 0].tolist() == [255, 255, 255]
    assert photo.pixels[0, -1].tolist() == [0, 255, 0]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_greyscale(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"grey.{suffix}"
    Image.new("L", (5, 4), 77).save(path)
    photo = load_image(path)
    assert photo.pixels.shape == (4, 5, 3)
    assert np.all(np.abs(photo.pixels.astype(int) - 77) <= 1)
    assert any("Grey" in note for note in photo.notes)


def test_one_bit(tmp_path: Path) -> None:
    path = tmp_path / "bits.png"
    bits = np.zeros((4, 4), dtype=bool)
    bits[1:, 2] = True
    Image.fromarray(bits).save(path)
    assert (load_image(path).pixels[..., 1] == 255).tolist() == bits.tolist()


def test_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "cmyk.jpg"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(path, quality=95)
    photo = load_image(path)
    assert photo.pixels[8, 8, 0] > 200
    assert photo.pixels[8, 8, 1:].max() < 60
    assert any("CMYK" in note for note in photo.notes)


def test_sixteen_bit_grey_is_windowed_not_clipped(tmp_path: Path) -> None:
    wide = np.linspace(1000, 40000, 100 * 100).reshape(100, 100).astype(np.uint16)
    for suffix in ("png", "tif"):
        path = tmp_path / f"wide.{suffix}"
        Image.fromarray(wide).save(path)
        photo = load_image(path)
        values = photo.pixels[..., 0].astype(int)
        assert (values == 255).mean() < 0.02
        assert values.min() == 0
        assert values.max() == 255
        assert np.all(np.diff(values.reshape(-1)) >= 0)
        assert 110 < values.mean() < 145
        assert any("windowed" in n and "1000" in n and "40000" in n for n in photo.notes)


def test_a_hot_pixel_does_not_darken_a_sixteen_bit_image(tmp_path: Path) -> None:
    wide = np.linspace(100, 200, 64 * 64).reshape(64, 64).astype(np.uint16)
    wide[10, 10] = 65535
    path = tmp_path / "hot.png"
    Image.fromarray(wide).save(path)
    assert 100 < load_image(path).pixels.mean() < 155


def test_constant_sixteen_bit_image(tmp_path: Path) -> None:
    path = tmp_path / "flat.png"
    Image.fromarray(np.full((8, 8), 30000, dtype=np.uint16)).save(path)
    assert len(np.unique(load_image(path).pixels)) == 1


def test_float_tiff(tmp_path: Path) -> None:
    values = np.linspace(-1.5, 2.5, 400, dtype=np.float32).reshape(20, 20)
    path = tmp_path / "float.tif"
    Image.fromarray(values).save(path)
    photo = load_image(path)
    assert photo.pixels[0, 0, 0] == 0
    assert photo.pixels[-1, -1, 0] == 255
    assert any("windowed" in note for note in photo.notes)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_float_tiff_that_is_not_finite(tmp_path: Path, value: float) -> None:
    values = np.ones((5, 5), dtype=np.float32)
    values[2, 2] = value
    path = tmp_path / "nan.tif"
    Image.fromarray(values).save(path)
    with pytest.raises(ImageError, match=r"nan\.tif holds pixels that are not numbers"):
        load_image(path)


@pytest.mark.parametrize("suffix", ["gif", "tif", "webp", "png"])
def test_first_frame_of_an_animation(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "lime")]
    path = tmp_path / f"moving.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    photo = load_image(path)
    assert np.abs(photo.pixels.astype(int) - [255, 0, 0]).max() < 12
    assert any("Page 1 of 3 used" in note for note in photo.notes)


# --- bad files ---------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "bmp", "ppm", "webp"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    path = tmp_path / f"cut.{suffix}"
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ImageError, match=rf"cut\.{suffix}"):
        load_image(path)


def test_truncated_after_the_first_bytes(tmp_path: Path) -> None:
    whole = demo_photos()[0].read_bytes()
    for size in (1, 2, 3, 10, 100, 1000):
        path = tmp_path / "head.jpg"
        path.write_bytes(whole[:size])
        with pytest.raises(ImageError, match=r"head\.jpg"):
            load_image(path)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "nothing.png"
    path.touch()
    with pytest.raises(ImageError, match="empty"):
        load_image(path)


@pytest.mark.parametrize(
    "content",
    [
        b"this is a text",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0" * 5000,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
)
def test_not_an_image(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=r"other\.png is not an image.*expected one of"):
        load_image(path)


def test_folder_and_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        load_image(tmp_path)
    with pytest.raises(ImageError, match="does not exist"):
        load_image(tmp_path / "gone.png")
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ImageError):
        load_image(file / "below.png")
    with pytest.raises(ImageError):
        load_image("nul\0byte.png")
    with pytest.raises(ImageError):
        load_image(tmp_path / ("x" * 5000))


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 10_500), (20_000, 20_000), (65_535, 65_535), (60_001, 2)]
)
def test_decompression_bomb(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bomb(width, height))
    assert path.stat().st_size < 1000
    with pytest.raises(ImageError, match=r"bomb\.png is too large: at most 80 megapixels"):
        load_image(path)


def test_every_message_is_one_line(tmp_path: Path) -> None:
    for name, content in [("a.png", b""), ("b.png", b"x"), ("c.png", png_bomb(20_000, 20_000))]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ImageError) as caught:
            load_image(tmp_path / name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_damaged_bytes_give_an_image_or_an_image_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    image = Image.fromarray(quadrants())
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "description"
    if name in ("JPEG", "PNG", "TIFF", "WEBP"):
        image.save(path, format=name, exif=exif)
    else:
        image.save(path, format=name)
    data = path.read_bytes()
    rng = np.random.default_rng(len(data))
    for _ in range(150):
        broken = bytearray(data)
        for place in rng.integers(0, min(len(data), 200), rng.integers(1, 6)):
            broken[place] = rng.integers(0, 256)
        if rng.random() < 0.3:
            del broken[rng.integers(1, len(broken)) :]
        try:
            pixels, _ = decode(bytes(broken), "broken")
        except ImageError:
            continue
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3


# --- arrays ------------------------------------------------------------------------------


def test_photo_from_array() -> None:
    pixels = quadrants()
    photo = Photo.from_array(pixels, "mine")
    pixels[:] = 0
    np.testing.assert_array_equal(photo.pixels, quadrants())
    assert photo.name == "mine"
    assert not photo.pixels.flags.writeable
    assert photo.sha256 == Photo.from_array(quadrants()).sha256
    assert photo.sha256 != Photo.from_array(quadrants(36, 24)).sha256
    grey = Photo.from_array(np.arange(12, dtype=np.uint8).reshape(3, 4))
    assert grey.size == (3, 4)
    assert grey.pixels[2, 3].tolist() == [11, 11, 11]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3)),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_unusable_arrays(array: npt.NDArray[np.generic]) -> None:
    with pytest.raises(ImageError, match="uint8 of shape"):
        Photo.from_array(array)


# --- folders -----------------------------------------------------------------------------


def test_find_images(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "folder.png").mkdir()
    for name in ("b.JPG", "a.png", "sub/c.tiff", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(b"")
    found = [p.relative_to(tmp_path).as_posix() for p in find_images(tmp_path)]
    assert found == ["a.png", "b.JPG", "sub/c.tiff"]


def test_find_images_without_any(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no image"):
        find_images(tmp_path)
    with pytest.raises(ImageError, match="not a folder"):
        find_images(tmp_path / "gone")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    Image.fromarray(quadrants()).save(path, format="PNG")
    assert load_image(path).size == (24, 36)
