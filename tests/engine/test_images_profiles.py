"""Embedded colour profiles: the same colour whatever space it was stored in."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from decam_engine import load_image

# Primaries of other RGB spaces, as XYZ relative to D50 (red, green, blue), and their gamma.
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def matrix_profile(
    primaries: tuple[tuple[float, float, float], ...], gamma: float, name: str = "test space"
) -> bytes:
    """An ICC profile of version 2 with three primaries and a gamma."""

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(fixed(v) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = name.encode("ascii") + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    tags = {
        b"desc": description,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **{k: xyz(v) for k, v in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)},
        **{k: curve for k in (b"rTRC", b"gTRC", b"bTRC")},
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = bytearray(128)
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"mntrRGB XYZ "
    header[36:40] = b"acsp"
    header[68:80] = b"".join(fixed(v) for v in (0.9642, 1.0, 0.8249))
    header[0:4] = struct.pack(">I", start + len(body))
    return bytes(header) + table + body


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def as_srgb(rgb: tuple[float, float, float], gamma: float) -> np.ndarray:
    """What a colour of the Adobe-like space is in sRGB, from the definitions."""
    linear = (np.array(rgb) / 255) ** gamma
    xyz = np.array(ADOBE).T @ linear
    # Bruce Lindbloom's matrix from XYZ (D50) to linear sRGB.
    matrix = np.array(
        [
            [3.1338561, -1.6168667, -0.4906146],
            [-0.9787684, 1.9161415, 0.0334540],
            [0.0719453, -0.2289914, 1.4052427],
        ]
    )
    out = np.clip(matrix @ xyz, 0, 1)
    encoded = np.where(out <= 0.0031308, 12.92 * out, 1.055 * out ** (1 / 2.4) - 0.055)
    return encoded * 255


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
def test_a_profile_is_converted_to_srgb(tmp_path: Path, suffix: str) -> None:
    colour = (120, 160, 90)
    path = tmp_path / f"wide.{suffix}"
    profile = matrix_profile(ADOBE, 2.19921875)
    options = {"lossless": True} if suffix == "webp" else {"quality": 95}
    Image.new("RGB", (16, 16), colour).save(path, icc_profile=profile, **options)
    photo = load_image(path)
    assert np.abs(photo.pixels[8, 8] - as_srgb(colour, 2.19921875)).max() < 3
    assert abs(int(photo.pixels[8, 8, 0]) - colour[0]) > 8
    assert "Converted from the embedded colour profile (test space) to sRGB." in photo.notes
    assert photo.reading["profile"] == {"name": "test space", "used": True}


def test_srgb_is_left_as_it_is(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "srgb.png", icc_profile=srgb_profile())
    photo = load_image(tmp_path / "srgb.png")
    np.testing.assert_array_equal(photo.pixels, noise)
    assert photo.notes == ()
    assert photo.reading["profile"]["used"] is False


@pytest.mark.parametrize("damage", ["nonsense", "cut", "flipped", "of another space"])
def test_a_broken_profile_is_ignored_and_said(tmp_path: Path, damage: str) -> None:
    profile = matrix_profile(ADOBE, 2.2)
    mode = "RGB"
    if damage == "nonsense":
        profile = b"no profile at all" * 20
    elif damage == "cut":
        profile = profile[:200]
    elif damage == "flipped":
        profile = bytes(b ^ 0x5A for b in profile)
    else:
        mode = "L"
    path = tmp_path / "broken.png"
    Image.new(mode, (4, 4), 77 if mode == "L" else (1, 99, 201)).save(path, icc_profile=profile)
    photo = load_image(path)
    assert photo.pixels[0, 0].tolist() == ([77, 77, 77] if mode == "L" else [1, 99, 201])
    assert any("profile is damaged or does not fit; it was ignored" in n for n in photo.notes)


def test_transparency_survives_the_conversion(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4, 4), (120, 160, 90, 255))
    image.putpixel((0, 0), (120, 160, 90, 0))
    image.save(tmp_path / "alpha.png", icc_profile=matrix_profile(ADOBE, 2.19921875))
    photo = load_image(tmp_path / "alpha.png", background="black")
    assert photo.pixels[0, 0].tolist() == [0, 0, 0]
    assert np.abs(photo.pixels[2, 2] - as_srgb((120, 160, 90), 2.19921875)).max() < 2


def test_cmyk_goes_through_its_profile(tmp_path: Path) -> None:
    """A CMYK profile that is known here: a table from ink to colour, made by hand."""
    path = tmp_path / "inks.tif"
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(path, icc_profile=cmyk_profile())
    photo = load_image(path)
    # The table says that full cyan is a middle grey, which no formula would.
    assert np.abs(photo.pixels[4, 4].astype(int) - 119).max() <= 3
    assert not any("without a colour profile" in note for note in photo.notes)
    assert any("(odd inks) to sRGB" in note for note in photo.notes)


def cmyk_profile() -> bytes:
    """Lab lightness falls with cyan alone: 100 without, 50 with full cyan, whatever else."""
    name = b"odd inks\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    line = struct.pack(">HH", 0, 65535)
    nodes = b""
    for cyan in (0, 1):
        nodes += struct.pack(">HHH", 0xFF00 - cyan * 0x7F80, 0x8000, 0x8000) * 8
    table = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + struct.pack(">HH", 2, 2)
    table += line * 4 + nodes + line * 3
    tags = {
        b"desc": description,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"A2B0": table,
        b"A2B1": table,
    }
    index, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        index += tag + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    header = bytearray(128)
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"prtrCMYKLab "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    header[0:4] = struct.pack(">I", start + len(body))
    return bytes(header) + index + body


def test_a_profile_name_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    profile = matrix_profile(ADOBE, 2.2, "a\x1b[31m\nb" + "x" * 500)
    Image.new("RGB", (4, 4), (120, 160, 90)).save(tmp_path / "odd.png", icc_profile=profile)
    (note,) = load_image(tmp_path / "odd.png").notes
    assert note.isprintable()
    assert len(note) < 150
