"""Looking at what was written, without the libraries that wrote it."""

from __future__ import annotations

import array
import ast
import json
import struct
import subprocess
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path

# Makes a HEIC photograph, and copies DICOM files of several compressions, where it can.
SAMPLES = """
import shutil, sys
from pathlib import Path
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
try:
    import pillow_heif
    from PIL import Image
    with Image.open(sys.argv[2]) as photo:
        pillow_heif.from_pillow(photo.convert("RGB")).save(out / "photo.heic", quality=90)
except ImportError:
    pass
try:
    from pydicom.data import get_testdata_file
    for name in ("CT_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_gdcm.dcm"):
        found = get_testdata_file(name, download=False)
        if found:
            shutil.copy(found, out / name)
except ImportError:
    pass
"""


def check_report_files(folder: Path) -> list[str]:
    """Kinds of the files of a result, each looked at.

    Raises ``AssertionError`` for one that is missing or not what it says.
    """
    files = {p.suffix: p for p in sorted(folder.iterdir())}
    missing = {".png", ".npy", ".npz", ".json", ".html", ".pdf"} - files.keys()
    assert not missing, f"no files of the kinds {sorted(missing)}"
    pictures = sorted(folder.glob("*.png"))
    assert len(pictures) == 3, f"expected overlay, map and figure, found {pictures}"
    for path in pictures:
        _check_png(path.read_bytes(), path.name)
    with zipfile.ZipFile(files[".npz"]) as arrays:
        assert arrays.testzip() is None and arrays.namelist(), "the .npz is damaged"
    json.loads(files[".json"].read_text(encoding="utf-8"))
    pdf = files[".pdf"].read_bytes()
    assert pdf.startswith(b"%PDF-1.") and pdf.rstrip().endswith(b"%%EOF"), "the PDF is cut off"
    parser = _Tags()
    parser.feed(files[".html"].read_text(encoding="utf-8"))
    assert parser.seen["html"] == 1 and parser.seen.get("img", 0) >= 1, "the HTML has no picture"
    values = array.array("f", map_of(folder))
    assert min(values) >= 0.0 and 0.5 < max(values) <= 1.0, "the map is flat or out of range"
    return [*sorted(suffix.removeprefix(".") for suffix in files), "figure"]


def map_of(folder: Path) -> bytes:
    """The float32 values of the one ``.npy`` in a folder."""
    data = next(iter(sorted(folder.glob("*.npy")))).read_bytes()
    assert data[:6] == b"\x93NUMPY", "no .npy file"
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode("latin-1"))
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    return data[10 + length :]


def correlation(one: bytes, other: bytes) -> float:
    """Of two maps of the same size."""
    a, b = array.array("f", one), array.array("f", other)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    products = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    squares_a = sum((x - mean_a) ** 2 for x in a)
    squares_b = sum((y - mean_b) ** 2 for y in b)
    return float(products / (squares_a * squares_b) ** 0.5)


def write_samples(python: str, folder: Path) -> list[Path]:
    """Photographs in formats that extra libraries decode, made by this Python."""
    photo = Path(__file__).resolve().parents[2] / "resources" / "photos" / "cat.jpg"
    subprocess.run(
        [python, "-c", SAMPLES, str(folder), str(photo)], check=True, capture_output=True
    )
    return sorted(folder.iterdir())


def _check_png(data: bytes, name: str) -> None:
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{name} is no PNG"
    place = 8
    kinds = []
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 4 : place + 8 + length]
        (sum_,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert zlib.crc32(body) == sum_, f"{name} is damaged"
        kinds.append(kind)
        place += 12 + length
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND", f"{name} is cut off"


class _Tags(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
