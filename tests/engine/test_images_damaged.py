"""Damaged compressed TIFFs: a sentence or a note, and nothing on standard error."""

from __future__ import annotations

import io
import os
import random
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decam_engine import ImageError, demo_photos, load_image
from decam_engine.decoders.overheard import overheard
from tests.deep_files import deep_ramp, write_deep_tiff

KINDS = ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4", "zstd", "tiff_lzma"]


def stored(compression: str) -> tuple[bytes, int, int]:
    """A TIFF, and where its first strip lies."""
    image = Image.open(demo_photos()[0]).resize((200, 150))
    stream = io.BytesIO()
    image.convert("1" if compression == "group4" else "RGB").save(
        stream, "TIFF", compression=compression
    )
    tags = Image.open(stream).tag_v2  # type: ignore[attr-defined]
    return stream.getvalue(), tags[273][0], tags[279][0]


def damaged(data: bytes, start: int, length: int, seed: int) -> bytes:
    numbers = random.Random(seed)
    broken = bytearray(data)
    for _ in range(numbers.choice((1, 5, 50))):
        broken[start + numbers.randrange(length)] = numbers.randrange(256)
    return bytes(broken)


@pytest.mark.parametrize("compression", KINDS)
def test_damaged_strips_say_nothing_on_standard_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], compression: str
) -> None:
    data, start, length = stored(compression)
    path = tmp_path / "scan.tif"
    endings = set()
    for seed in range(20):
        path.write_bytes(damaged(data, start, length, seed))
        try:
            photo = load_image(path)
        except ImageError as error:
            endings.add("refused")
            assert "damaged or cut off" in str(error)
            continue
        noted = any("decoder reported errors" in note for note in photo.notes)
        assert photo.reading.get("damaged", False) is noted
        endings.add("noted" if noted else "read")
    assert capfd.readouterr() == ("", "")
    if compression in ("tiff_lzw", "tiff_adobe_deflate"):
        assert endings == {"read", "refused"}, "most damage shows, that to the padding does not"
    if compression == "group4":
        assert "noted" in endings


def test_damaged_deep_colour_says_nothing_on_standard_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_deep_tiff(tmp_path / "deep.tif", deep_ramp(), deflate=True)
    data = path.read_bytes()
    start = data.index(b"\x78\x9c")
    refused = 0
    for seed in range(20):
        path.write_bytes(damaged(data, start, len(data) - start, seed))
        try:
            load_image(path)
        except ImageError:
            refused += 1
    assert refused >= 15
    assert capfd.readouterr() == ("", "")


def test_a_sound_file_has_no_note(tmp_path: Path) -> None:
    for compression in KINDS:
        (tmp_path / "scan.tif").write_bytes(stored(compression)[0])
        photo = load_image(tmp_path / "scan.tif")
        assert not any("damaged" in note for note in photo.notes)
        assert "damaged" not in photo.reading


def test_what_others_write_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    with overheard() as errors:
        os.write(2, b"ZIPDecode: Decoding error at scanline 0, incorrect data check.\n")
        os.write(2, b"TIFFReadDirectory: Warning, Unknown field with tag 700.\n")
        os.write(2, b"somebody else's message\n")
    assert errors == ["ZIPDecode: Decoding error at scanline 0, incorrect data check."]
    assert capfd.readouterr().err == "somebody else's message\n"


def test_several_threads_at_a_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data, start, length = stored("tiff_lzw")
    path, sound = tmp_path / "bad.tif", tmp_path / "good.tif"
    sound.write_bytes(data)
    refused = []
    for seed in range(20):
        path.write_bytes(damaged(data, start, length, seed))
        try:
            load_image(path)
        except ImageError:
            break
    expected = np.array(load_image(sound).pixels)

    def read() -> None:
        for _ in range(10):
            np.testing.assert_array_equal(load_image(sound).pixels, expected)
            try:
                load_image(path)
            except ImageError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 40
    assert capfd.readouterr() == ("", "")


def test_without_standard_error(tmp_path: Path) -> None:
    """As in a windowed program on Windows."""
    data, start, length = stored("tiff_lzw")
    path = tmp_path / "scan.tif"
    path.write_bytes(data)
    kept = os.dup(2)
    os.close(2)
    try:
        assert load_image(path).size == (150, 200)
        with pytest.raises(ImageError):
            for seed in range(20):
                path.write_bytes(damaged(data, start, length, seed))
                load_image(path)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
