"""Medical images: the greys as a radiologist sees them, and nothing about the patient."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pypdf
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGBaseline8Bit

from decam_engine import ImageError, explain, load_explanation, load_image
from decam_engine.decoders import dicom as module
from tests.dicom_files import PERSONAL, SECRETS, compress, dicom, write_dicom
from tests.fakes import BRIGHT, Rectangles, box_model

U16 = npt.NDArray[np.uint16]
CODECS = [
    "JPEGLosslessProcess14_1", "JPEGLosslessProcess14", "JPEGLSLossless", "JPEG2000Lossless",
    "JPEG2000", "RLELossless",
]  # fmt: skip


def ramp(low: int = 0, high: int = 4000, size: tuple[int, int] = (20, 30)) -> U16:
    return np.linspace(low, high, size[0] * size[1]).reshape(size).astype(np.uint16)


def grey(path: Path, **options: Any) -> npt.NDArray[np.float64]:
    pixels = load_image(path, **options).pixels
    assert np.all(pixels[..., 0] == pixels[..., 1])
    assert np.all(pixels[..., 0] == pixels[..., 2])
    return pixels[..., 0].astype(np.float64)


def scaled(values: npt.ArrayLike, low: float, high: float) -> npt.NDArray[np.float64]:
    return np.rint(np.clip((np.asarray(values, float) - low) / (high - low), 0, 1) * 255)


def test_the_percentiles_are_the_window_where_the_file_has_none(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", ramp())
    low, high = np.percentile(ramp(), (0.1, 99.9))
    np.testing.assert_array_equal(grey(path), scaled(ramp(), low, high))
    facts = load_image(path).reading
    assert facts["format"] == "DICOM"
    assert facts["window"]["rule"] == "percentile"
    assert facts["photometric"] == "MONOCHROME2"


def test_the_files_first_window_is_the_default(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", ramp(), WindowCenter=[1000, 3000], WindowWidth=[401, 50])
    # A width of 401 covers the 401 values from 799.5 to 1199.5.
    np.testing.assert_array_equal(grey(path), scaled(ramp(), 799.5, 1199.5))
    photo = load_image(path)
    assert photo.reading["window"] == {
        "rule": "file",
        "low": 799.5,
        "high": 1199.5,
        "curve": "linear",
    }
    assert any("as the file says" in note for note in photo.notes)


def test_the_window_agrees_with_pydicoms_own(tmp_path: Path) -> None:
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        tags = {"WindowCenter": 1500, "WindowWidth": 900, "VOILUTFunction": function}
        path = write_dicom(tmp_path / f"{function}.dcm", ramp(), **tags)
        ds = pydicom.dcmread(path)
        theirs = pydicom.pixels.apply_windowing(ds.pixel_array, ds) / 65535 * 255
        assert np.abs(grey(path) - theirs).max() <= 1, function


@pytest.mark.parametrize("window", ["percentile", "full", (500, 900)])
def test_a_given_window_beats_the_files(tmp_path: Path, window: Any) -> None:
    path = write_dicom(tmp_path / "a.dcm", ramp(7, 3000), WindowCenter=100, WindowWidth=10)
    low, high = {"percentile": np.percentile(ramp(7, 3000), (0.1, 99.9)), "full": (7, 3000)}.get(
        window, (500, 900)
    )
    np.testing.assert_array_equal(grey(path, window=window), scaled(ramp(7, 3000), low, high))


def test_rescale_slope_and_intercept_come_before_the_window(tmp_path: Path) -> None:
    stored = ramp(0, 3000).astype(np.int16)
    path = write_dicom(tmp_path / "ct.dcm", stored, RescaleSlope="2", RescaleIntercept="-1024")
    np.testing.assert_array_equal(
        grey(path, window=(-160, 240)), scaled(stored * 2.0 - 1024, -160, 240)
    )
    photo = load_image(path, window=(-160, 240))
    assert photo.reading["rescale"] == {"slope": 2.0, "intercept": -1024.0}
    assert any("times 2, then -1024" in note for note in photo.notes)


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    plain = write_dicom(tmp_path / "two.dcm", ramp())
    inverted = write_dicom(tmp_path / "one.dcm", ramp(), "MONOCHROME1")
    np.testing.assert_array_equal(grey(inverted), 255 - grey(plain))
    assert load_image(inverted).reading["inverted"] is True
    assert any("Inverted" in note for note in load_image(inverted).notes)


def test_eight_bit_greys_without_a_window_are_left_alone(tmp_path: Path) -> None:
    values = np.arange(40, 80, dtype=np.uint8).reshape(5, 8)
    path = write_dicom(tmp_path / "a.dcm", values)
    np.testing.assert_array_equal(grey(path), values)
    assert load_image(path).notes == ()


def test_signed_values(tmp_path: Path) -> None:
    values = np.linspace(-1000, 1000, 600).reshape(20, 30).astype(np.int16)
    path = write_dicom(tmp_path / "a.dcm", values)
    np.testing.assert_array_equal(grey(path, window=(-1000, 1000)), scaled(values, -1000, 1000))


def lookup(name: str, first: int, table: list[int], bits: int) -> Sequence:
    item = Dataset()
    item.LUTDescriptor = [len(table), first, bits]
    item.LUTData = table
    item["LUTDescriptor"].VR = item["LUTData"].VR = "US"
    item.LUTExplanation = PERSONAL["PatientName"]
    if name == "modality":
        item.ModalityLUTType = "US"
    return Sequence([item])


def test_lookup_tables(tmp_path: Path) -> None:
    values = np.arange(16, dtype=np.uint16).reshape(4, 4)
    squares = [v * v for v in range(16)]
    path = write_dicom(tmp_path / "voi.dcm", values, VOILUTSequence=lookup("voi", 0, squares, 8))
    np.testing.assert_array_equal(grey(path), values.astype(float) ** 2)
    assert any("display table" in note for note in load_image(path).notes)
    path = write_dicom(
        tmp_path / "modality.dcm", values, ModalityLUTSequence=lookup("modality", 0, squares, 16)
    )
    np.testing.assert_array_equal(grey(path, window=(0, 225)), scaled(values**2, 0, 225))


def test_frames_are_pages(tmp_path: Path) -> None:
    frames = np.stack([np.full((6, 8), v, np.uint8) for v in (10, 20, 30)])
    path = write_dicom(tmp_path / "loop.dcm", frames, NumberOfFrames=3)
    for page in (1, 2, 3):
        assert np.all(grey(path, page=page) == page * 10)
        assert f"Page {page} of 3 used." in load_image(path, page=page).notes
    assert np.all(grey(path) == 10)
    with pytest.raises(ImageError, match="holds 3 pages: expected a page from 1 to 3, found 4"):
        load_image(path, page=4)


def test_enhanced_files_keep_a_window_with_each_frame(tmp_path: Path) -> None:
    frames = np.stack([ramp(), ramp()])
    per_frame = []
    for centre in (1000, 2000):
        item, voi = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = centre, 101
        item.FrameVOILUTSequence = Sequence([voi])
        per_frame.append(item)
    shared, transform = Dataset(), Dataset()
    transform.RescaleSlope, transform.RescaleIntercept = 1, -100
    shared.PixelValueTransformationSequence = Sequence([transform])
    path = write_dicom(
        tmp_path / "enhanced.dcm",
        frames,
        NumberOfFrames=2,
        PerFrameFunctionalGroupsSequence=Sequence(per_frame),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )
    for page, centre in ((1, 1000), (2, 2000)):
        expected = scaled(ramp() - 100.0, centre - 50.5, centre + 49.5)
        np.testing.assert_array_equal(grey(path, page=page), expected)


def test_colours(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (10, 12, 3)).astype(np.uint8)
    path = write_dicom(tmp_path / "rgb.dcm", rgb, "RGB")
    np.testing.assert_array_equal(load_image(path).pixels, rgb)
    flat = np.broadcast_to(np.uint8([76, 85, 255]), (10, 12, 3))
    path = write_dicom(tmp_path / "ybr.dcm", flat, "YBR_FULL")
    assert np.abs(load_image(path).pixels.astype(int) - [254, 0, 0]).max() <= 1
    assert "Converted from YBR_FULL to RGB." in load_image(path).notes


def test_palette(tmp_path: Path) -> None:
    tags: dict[str, Any] = {}
    tables = {"Red": [0, 255, 0], "Green": [0, 0, 255], "Blue": [10, 0, 0]}
    for colour, table in tables.items():
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [3, 0, 16]
        words = np.array(table, dtype="<u2") * 257
        tags[f"{colour}PaletteColorLookupTableData"] = words.tobytes()
    index = np.array([[0, 1], [2, 1]], dtype=np.uint8)
    path = write_dicom(tmp_path / "palette.dcm", index, "PALETTE COLOR", **tags)
    photo = load_image(path)
    assert photo.pixels.tolist() == [[[0, 0, 10], [255, 0, 0]], [[0, 255, 0], [255, 0, 0]]]
    assert "Palette converted to RGB." in photo.notes


@pytest.mark.parametrize("codec", CODECS)
def test_compressed_greys_and_colours(tmp_path: Path, codec: str) -> None:
    path = write_dicom(tmp_path / "grey.dcm", ramp(size=(40, 50)))
    np.testing.assert_array_equal(
        load_image(compress(path, codec), window=(0, 4000)).pixels,
        load_image(path, window=(0, 4000)).pixels,
    )
    smooth = np.stack([ramp(0, 255, (40, 50))] * 3, axis=2).astype(np.uint8)
    smooth[..., 1] = smooth[..., 0].T.reshape(40, 50)
    path = write_dicom(tmp_path / "colour.dcm", smooth, "RGB")
    found = load_image(compress(path, codec)).pixels.astype(int)
    assert np.abs(found - smooth).max() <= 1


def test_baseline_jpeg(tmp_path: Path) -> None:
    smooth = np.stack([ramp(0, 255, (40, 50)), ramp(0, 99, (40, 50))], axis=2)
    smooth = np.concatenate([smooth, 255 - smooth[..., :1]], axis=2).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(smooth).save(stream, "JPEG", quality=95)
    ds = dicom(smooth, "YBR_FULL_422")
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds.PixelData = encapsulate([stream.getvalue()])
    ds["PixelData"].is_undefined_length = True
    ds.save_as(tmp_path / "colour.dcm", enforce_file_format=True)
    found = load_image(tmp_path / "colour.dcm").pixels.astype(int)
    assert np.abs(found - smooth).mean() < 4


REAL = {
    "MR_small.dcm": (64, 64),
    "MR_small_RLE.dcm": (64, 64),
    "MR_small_bigendian.dcm": (64, 64),
    "MR_small_implicit.dcm": (64, 64),
    "MR_small_jp2klossless.dcm": (64, 64),
    "MR_small_jpeg_ls_lossless.dcm": (64, 64),
    "CT_small.dcm": (128, 128),
    "image_dfl.dcm": (512, 512),
    "SC_rgb_jpeg_gdcm.dcm": (100, 100),
    "SC_ybr_full_422_uncompressed.dcm": (100, 100),
    "examples_palette.dcm": (350, 800),
    "examples_ybr_color.dcm": (240, 320),
    "rtdose.dcm": (10, 10),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_files_of_real_devices(name: str) -> None:
    path = get_testdata_file(name, download=False)
    assert path is not None
    photo = load_image(path)
    assert photo.size == REAL[name]
    assert photo.pixels.std() > 5


@pytest.mark.parametrize(
    ("name", "syntax", "found"),
    [
        ("JPEG-lossy.dcm", None, "found 12-bit lossy JPEG. Export it"),
        ("JPGExtended.dcm", None, "found 12-bit lossy JPEG. Export it"),
        ("MR_small_jp2klossless.dcm", "1.2.840.10008.1.2.4.102", "found MPEG-4 AVC/H.264"),
        ("MR_small_jp2klossless.dcm", "1.2.840.10008.1.2.4.201", "found High-Throughput JPEG"),
        ("MR_small_jp2klossless.dcm", "1.2.3.4.5678", "found a compression that the standard"),
    ],
)
def test_a_compression_that_is_not_read_is_named(
    tmp_path: Path, name: str, syntax: str | None, found: str
) -> None:
    path = get_testdata_file(name, download=False)
    assert path is not None
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = syntax or ds.file_meta.TransferSyntaxUID
    ds.save_as(tmp_path / "scan.dcm")
    with pytest.raises(ImageError, match="compressed in a way that is not read") as caught:
        load_image(tmp_path / "scan.dcm")
    assert found in str(caught.value)
    assert "5678" not in str(caught.value), "nothing that only the file says"


def test_the_same_scan_in_six_encodings_is_the_same_photograph() -> None:
    names = [n for n in REAL if n.startswith("MR_small")]
    paths = [get_testdata_file(n, download=False) for n in names]
    first, *others = [load_image(str(p)).pixels for p in paths]
    assert len(others) == 5
    for other in others:
        np.testing.assert_array_equal(other, first)


# --- privacy -----------------------------------------------------------------------------


def test_nothing_about_the_patient_leaves_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    values = ramp(size=(64, 64))
    top, left, bottom, right = BRIGHT
    values[top:bottom, left:right] = 9000
    tags = {"WindowCenter": 3000, "WindowWidth": 6000, "BurnedInAnnotation": "YES"}
    path = write_dicom(tmp_path / "scan.dcm", values, **tags)
    raw = path.read_bytes()
    assert all(secret.encode() in raw for secret in SECRETS)
    for file in (path, compress(path, "JPEGLosslessProcess14_1")):
        photo = load_image(file)
        found = explain(box_model(Rectangles()), photo, calls=60, method="occlusion")
        out = tmp_path / f"out-{file.stem}"
        files = found.save(out)
        assert len(files) == 4
        for result in files:
            content = result.read_bytes()
            if result.suffix == ".png":
                content += inflated(content)
            for secret in SECRETS:
                assert secret.encode() not in content, (result.name, secret)
                assert secret.encode("utf-16-le") not in content, (result.name, secret)
            assert not any(secret in result.name for secret in SECRETS)
        for secret in SECRETS:
            assert secret not in repr(photo) + repr(found.manifest())
        assert any("burned into" in note for note in photo.notes)
        versions = found.manifest()["versions"]
        assert versions["pydicom"] == pydicom.__version__
        assert versions["python-gdcm"][0].isdigit()
        loaded = load_explanation(files[-1])
        np.testing.assert_array_equal(loaded.photo.pixels, photo.pixels)
    said = caplog.text + "".join(capfd.readouterr())
    assert not any(secret in said for secret in SECRETS)


def test_nothing_about_the_patient_gets_into_a_report(tmp_path: Path) -> None:
    """Reports are written in streams that are compressed: each is looked into."""
    values = ramp(size=(64, 64))
    path = write_dicom(tmp_path / "scan.dcm", values, WindowCenter=3000, WindowWidth=6000)
    found = explain(box_model(Rectangles()), load_image(path), calls=60, method="occlusion")
    files = found.save(tmp_path / "out", ["html", "pdf", "npz", "figure", "json"])
    seen = set()
    for file in files:
        parts = [file.read_bytes()]
        if file.suffix == ".pdf":
            reader = pypdf.PdfReader(file)
            parts += [page.extract_text().encode() for page in reader.pages]
            parts += [data for many in reader.attachments.values() for data in many]
            objects = (reader.get_object(n) for n in range(1, len(reader.xref[0]) + 1))
            parts += [o.get_data() for o in objects if isinstance(o, pypdf.generic.StreamObject)]
            assert any(b"scan.dcm" in part for part in parts[1:]), "the streams were looked into"
        elif file.suffix == ".png":
            parts.append(inflated(parts[0]))
        elif file.suffix == ".npz":
            with zipfile.ZipFile(file) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        seen.add(file.suffix)
        for part in parts:
            for secret in SECRETS:
                assert secret.encode() not in part, (file.name, secret)
                assert secret.encode("utf-16-be") not in part, (file.name, secret)
    assert seen == {".html", ".pdf", ".npz", ".png", ".json"}


def inflated(png: bytes) -> bytes:
    """The text chunks and pixels of a PNG, unpacked."""
    out, place = b"", 8
    packed = b""
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        packed += body if kind == b"IDAT" else b""
        out += body if kind != b"IDAT" else b""
        place += 12 + length
    return out + zlib.decompress(packed)


def test_messages_never_quote_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = PERSONAL["PatientName"]
    for number, tags in enumerate(
        [
            {"PhotometricInterpretation": secret},
            {"Rows": 0},
            {"Rows": 65535, "Columns": 65535},
            {"BitsAllocated": 7},
            {"NumberOfFrames": "1"},
        ]
    ):
        path = tmp_path / f"{number}.dcm"
        ds = dicom(ramp())
        with warnings.catch_warnings():
            # Of the library that writes this odd file.
            warnings.simplefilter("ignore")
            for keyword, value in tags.items():
                setattr(ds, keyword, value)
            ds.save_as(path, enforce_file_format=True)
        # A number where a name should be, and the other way round.
        data = path.read_bytes()
        if "NumberOfFrames" in tags:
            data = data.replace(b"IS\x02\x001 ", b"IS\x16\x00" + secret.encode())
            path.write_bytes(data)
        with pytest.raises(ImageError) as caught:
            load_image(path)
        assert "Quibblethwaite" not in str(caught.value)
        assert "\n" not in str(caught.value)
    said = caplog.text + "".join(capfd.readouterr())
    assert "Quibblethwaite" not in said


# --- hostile and broken ------------------------------------------------------------------


def test_a_dicom_file_without_an_image(tmp_path: Path) -> None:
    ds = dicom(ramp())
    del ds.PixelData
    ds.save_as(tmp_path / "report.dcm", enforce_file_format=True)
    with pytest.raises(ImageError, match=r"report\.dcm is a DICOM file without an image"):
        load_image(tmp_path / "report.dcm")
    (tmp_path / "text.dcm").write_bytes(b"no medical image at all " * 50)
    with pytest.raises(ImageError, match=r"text\.dcm"):
        load_image(tmp_path / "text.dcm")


def test_too_large(tmp_path: Path) -> None:
    ds = dicom(ramp())
    ds.Rows, ds.Columns = 20_000, 20_000
    ds.save_as(tmp_path / "large.dcm", enforce_file_format=True)
    with pytest.raises(ImageError, match="at most 80 megapixels are read, found 20000 x 20000"):
        load_image(tmp_path / "large.dcm")


def test_a_deflated_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = dicom(np.zeros((3000, 3000), np.uint8))
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = tmp_path / "bomb.dcm"
    ds.save_as(path, enforce_file_format=True)
    assert path.stat().st_size < 20_000
    assert load_image(path).size == (3000, 3000)
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 5_000_000)
    with pytest.raises(ImageError, match=r"unpacks to more than 5,000,000 bytes"):
        load_image(path)


def test_a_frame_of_another_size_than_stated(tmp_path: Path) -> None:
    path = compress(write_dicom(tmp_path / "a.dcm", ramp(size=(40, 50))), "JPEG2000Lossless")
    ds = pydicom.dcmread(path)
    ds.Rows, ds.Columns = 10, 10
    ds.save_as(path)
    with pytest.raises(ImageError, match=r"could not be decoded|damaged"):
        load_image(path)


def test_a_decoder_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = compress(write_dicom(tmp_path / "a.dcm", ramp()), "JPEGLSLossless")
    monkeypatch.setattr(module, "TIMEOUT", 0.01)
    with pytest.raises(ImageError, match="took longer than"):
        load_image(path)


@pytest.mark.parametrize("codec", ["", "RLELossless"])
def test_damaged_bytes_give_an_image_or_an_image_error(tmp_path: Path, codec: str) -> None:
    path = write_dicom(tmp_path / "a.dcm", ramp(), WindowCenter=100, WindowWidth=50)
    data = (compress(path, codec) if codec else path).read_bytes()
    rng = np.random.default_rng(len(data))
    for _ in range(200):
        broken = bytearray(data)
        for place in rng.integers(128, len(data), rng.integers(1, 8)):
            broken[place] = rng.integers(0, 256)
        if rng.random() < 0.3:
            del broken[rng.integers(140, len(broken)) :]
        path.write_bytes(broken)
        try:
            assert load_image(path).pixels.ndim == 3
        except ImageError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("codec", ["JPEGLosslessProcess14_1", "JPEG2000Lossless"])
def test_a_picture_that_crashes_its_decoder_is_an_image_error(tmp_path: Path, codec: str) -> None:
    """These libraries end their process on such files; ours must live on."""
    path = compress(write_dicom(tmp_path / "a.dcm", ramp(size=(64, 96))), codec)
    data = path.read_bytes()
    start = data.index(b"\xe0\x7f\x10\x00") + 8
    endings = []
    for seed in range(6):
        broken = bytearray(data)
        rng = np.random.default_rng(seed)
        for place in rng.integers(start + 20, start + 300, 12):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(broken)
        try:
            endings.append(load_image(path).size)
        except ImageError as error:
            endings.append(str(error))
    assert any("could not be decoded" in str(e) for e in endings)


# --- without the extra -------------------------------------------------------------------

WITHOUT = """
import sys
sys.modules[sys.argv[2]] = None
from decam_engine import ImageError, load_image
try:
    load_image(sys.argv[1])
except ImageError as error:
    print(error)
"""


def test_without_the_extra_the_message_names_it(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "scan.dcm", ramp())
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(path), "pydicom"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 1
    assert "scan.dcm is a DICOM file, which needs the extra 'dicom'" in done.stdout
    assert "decam-studio[dicom]" in done.stdout
