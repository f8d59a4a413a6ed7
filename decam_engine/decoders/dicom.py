"""DICOM, the format of medical images: an optional extra.

Only the tags in ``_TAGS`` are read at all, and none of them is about the patient. What comes out
of a file besides its pixels are numbers and words of this module: no text of the file gets into
notes, messages or the manifest. Names that are burned into the pixels cannot be told from them.
"""

from __future__ import annotations

import importlib
import io
import logging
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.decoders import dicom_frame
from decam_engine.decoders.base import (
    DAMAGED,
    MAX_FILE_BYTES,
    U8,
    Decoded,
    ReadOptions,
    check_page,
    check_size,
    page_note,
)
from decam_engine.decoders.window import Window, apply_window, choose_window, window_note
from decam_engine.errors import ImageError
from decam_engine.frozen import is_frozen, own_program

_SUFFIXES = (".dcm", ".dicom")
_GREYS = ("MONOCHROME1", "MONOCHROME2")
_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"
# Seconds that a frame may take in its own process.
TIMEOUT = 60.0
READ_COMPRESSIONS = (
    "a picture that is uncompressed, or in 8-bit or lossless JPEG, JPEG-LS, JPEG 2000 or RLE"
)
_DEFLATED = "1.2.840.10008.1.2.1.99"
# Decoded here by Python and numpy alone; the others need the libraries in dicom_frame.py.
_SAFE = {
    "1.2.840.10008.1.2": "uncompressed",
    "1.2.840.10008.1.2.1": "uncompressed",
    "1.2.840.10008.1.2.2": "uncompressed",
    _DEFLATED: "deflated",
    "1.2.840.10008.1.2.5": "RLE",
}
# What the libraries in dicom_frame.py know.
_JPEG_8_AND_12 = "1.2.840.10008.1.2.4.51"
_JPEGS = ("50", "51", "57", "70", "80", "81", "90", "91")
_TABLES = tuple(
    f"{segmented}{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for segmented, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
)
_TAGS = (
    "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
    "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
    "RescaleIntercept", "RescaleSlope", "ModalityLUTSequence",
    "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence", "BurnedInAnnotation",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
    "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
    "FloatPixelData", "DoubleFloatPixelData", "PixelData", *_TABLES,
)  # fmt: skip


def is_dicom(data: bytes, name: str) -> bool:
    """Whether the file says that it is DICOM, by its mark or, lacking that, by its name."""
    return data[128:132] == b"DICM" or Path(name).suffix.lower() in _SUFFIXES


def decode_dicom(data: bytes, name: str, options: ReadOptions) -> Decoded:
    """One frame of a DICOM file.

    Raises:
        ImageError: no image in it, damaged, too large, a page that is not there, or the extra
            is not installed.
    """
    try:
        pydicom = importlib.import_module("pydicom")
        pixels = importlib.import_module("pydicom.pixels")
    except ImportError:
        raise ImageError(
            f"{name} is a DICOM file, which needs the extra 'dicom': install it with "
            "pip install 'decam-studio[dicom]', or export the image as PNG."
        ) from None
    # For good and in all threads, because its messages quote the file.
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Frame(pydicom, pixels, data, name, options).read()
    except ImageError:
        raise
    except (
        *DAMAGED,
        MemoryError,
        pydicom.errors.BytesLengthException,
        pydicom.errors.InvalidDicomError,
    ):
        # Not what the library says: that may quote a tag.
        raise ImageError(
            f"{name} is damaged or cut off: expected a DICOM file with a complete image, found one "
            "that could not be decoded. Export it again, or as PNG."
        ) from None


class _Frame:
    """One frame on its way; what is done to it is noted as it happens."""

    def __init__(
        self, pydicom: Any, pixels: Any, data: bytes, name: str, options: ReadOptions
    ) -> None:
        self.library, self.data, self.name, self.options = pixels, data, name, options
        _check_inflated(data, name)
        self.tags = pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=list(_TAGS))
        self.notes: list[str] = []
        self.facts: dict[str, Any] = {"format": "DICOM"}

    def read(self) -> Decoded:
        tags = self.tags
        if not any(n in tags for n in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise ImageError(
                f"{self.name} is a DICOM file without an image: expected pixel data, found none. "
                "Choose the file that holds the picture."
            )
        photometric = str(tags.PhotometricInterpretation)
        if photometric not in (*_GREYS, *_COLOURS, _PALETTE):
            raise ImageError(
                f"{self.name} has colours of a kind that is not read: expected "
                f"{', '.join((*_GREYS, _PALETTE, *_COLOURS))}. Export it as PNG."
            )
        height, width = int(tags.Rows), int(tags.Columns)
        check_size(width, height, self.name)
        index = self._page()
        values = self._values(index)
        shape = (height, width) if photometric in (*_GREYS, _PALETTE) else (height, width, 3)
        if values.shape != shape:
            raise ValueError("the frame is not of the size that the file states")
        self.facts["photometric"] = photometric
        self.facts["bits"] = int(tags.get("BitsStored", 8 * values.dtype.itemsize))
        if tags.get("BurnedInAnnotation") == "YES":
            self.notes.append("The file says that text is burned into the picture.")
        if photometric == _PALETTE:
            picture = self._palette(values)
        elif photometric in _GREYS:
            picture = self._grey(values, index, photometric == "MONOCHROME1")
        else:
            picture = self._colour(values, photometric)
        if picture.ndim == 2:
            picture = np.repeat(picture[:, :, None], 3, axis=2)
        return Decoded(np.ascontiguousarray(picture), tuple(self.notes), self.facts)

    def _page(self) -> int:
        pages = max(1, int(self.tags.get("NumberOfFrames") or 1))
        page = self.options.page or 1
        check_page(page, pages, self.name)
        if pages > 1:
            self.notes.append(page_note(page, pages))
            self.facts["page"], self.facts["pages"] = page, pages
        return page - 1

    def _values(self, index: int) -> npt.NDArray[Any]:
        """The stored values of a frame, colours as RGB."""
        syntax = str(self.tags.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2"))
        self.facts["compression"] = _SAFE.get(syntax, "JPEG family")
        if syntax in _SAFE:
            self.tags.file_meta.TransferSyntaxUID = syntax
            frame = self.library.pixel_array(self.tags, index=index)
        else:
            self._check_compression(syntax)
            frame = _apart(self.data, index, self.name)
        return np.asarray(frame)

    def _check_compression(self, syntax: str) -> None:
        """Refuse what no library here decodes rightly: one of them crashes on 12-bit JPEG."""
        found = ""
        if syntax == _JPEG_8_AND_12 and int(self.tags.BitsStored) > 8:
            found = "12-bit lossy JPEG"
        elif syntax not in [f"1.2.840.10008.1.2.4.{last}" for last in _JPEGS]:
            found = _syntax_name(syntax)
        if found:
            raise ImageError(
                f"{self.name} is compressed in a way that is not read: expected "
                f"{READ_COMPRESSIONS}, found {found}. Export it uncompressed, or as PNG."
            )

    # --- colours -------------------------------------------------------------------------

    def _palette(self, values: npt.NDArray[Any]) -> U8:
        colours = np.asarray(self.library.apply_color_lut(values, self.tags))
        if colours.dtype == np.uint16:
            colours = colours >> 8
        self.notes.append("Palette converted to RGB.")
        return colours[:, :, :3].astype(np.uint8)

    def _colour(self, values: npt.NDArray[Any], photometric: str) -> U8:
        if photometric != "RGB":
            self.notes.append(f"Converted from {photometric} to RGB.")
        if values.dtype == np.uint8:
            if isinstance(self.options.window, tuple):
                self.notes.append("No window was used: the colours have 8 bits per channel.")
            return values
        window = choose_window(values, self.options.window, self.name)
        self.notes.append(window_note("Colour values", values, window))
        self.facts["window"] = window.to_dict()
        return apply_window(values, window)

    # --- greys ---------------------------------------------------------------------------

    def _grey(self, values: npt.NDArray[Any], index: int, inverted: bool) -> U8:
        values = self._rescaled(values, index)
        window = self._file_window(index) if self.options.window is None else None
        if window is None and self.options.window is None and self._has_table():
            grey = self._by_table(values)
        else:
            if window is None and self.options.window is None and values.dtype == np.uint8:
                # An ordinary picture; fewer bits are stretched to 8.
                window = Window("full", 0.0, 2.0 ** min(8, self.facts["bits"]) - 1.0)
            elif window is None:
                window = choose_window(values, self.options.window, self.name)
            elif values.dtype.kind == "f":
                choose_window(values, None, self.name)  # refuses what is not finite
            if (window.rule, window.low, window.high) != ("full", 0.0, 255.0):
                self.notes.append(window_note("Grey values", values, window))
                self.facts["window"] = window.to_dict()
            grey = apply_window(values, window)
        if inverted:
            grey = np.uint8(255) - grey
            self.notes.append("Inverted, because the file says that small values are bright.")
            self.facts["inverted"] = True
        return grey

    def _rescaled(self, values: npt.NDArray[Any], index: int) -> npt.NDArray[Any]:
        """In the unit of the modality (for CT: Hounsfield)."""
        if self.tags.get("ModalityLUTSequence"):
            self.notes.append("Values translated by the file's modality table.")
            self.facts["rescale"] = "table"
            return np.asarray(self.library.apply_modality_lut(values, self.tags))
        place = self._macro(index, "PixelValueTransformationSequence", "RescaleSlope")
        slope = float(place.get("RescaleSlope") or 1.0)
        intercept = float(place.get("RescaleIntercept") or 0.0)
        if (slope, intercept) == (1.0, 0.0):
            return values
        self.notes.append(f"Values rescaled: times {slope:g}, then {intercept:+g}.")
        self.facts["rescale"] = {"slope": slope, "intercept": intercept}
        return values.astype(np.float32) * np.float32(slope) + np.float32(intercept)

    def _file_window(self, index: int) -> Window | None:
        """The file's first window, if it has a usable one."""
        place = self._macro(index, "FrameVOILUTSequence", "WindowCenter")
        centre, width = _first(place.get("WindowCenter")), _first(place.get("WindowWidth"))
        function = str(place.get("VOILUTFunction") or "LINEAR")
        if centre is None or width is None or not np.isfinite([centre, width]).all():
            return None
        if function == "LINEAR":
            # DICOM PS3.3 C.11.2.1.2: a width of n covers n values, hence n - 1 steps.
            centre, width = centre - 0.5, width - 1.0
        if width <= 0:
            # A threshold: everything above the centre is white.
            return Window("file", centre - 1e-3, centre + 1e-3) if function == "LINEAR" else None
        curve = "sigmoid" if function == "SIGMOID" else "linear"
        return Window("file", centre - width / 2, centre + width / 2, curve)

    def _has_table(self) -> bool:
        return bool(self.tags.get("VOILUTSequence"))

    def _by_table(self, values: npt.NDArray[Any]) -> U8:
        whole = np.rint(values).astype(np.int32)
        shown = np.asarray(self.library.apply_voi(whole, self.tags)).astype(np.float64)
        bits = int(self.tags.VOILUTSequence[0].LUTDescriptor[2])
        self.notes.append("Grey values translated by the file's display table.")
        self.facts["window"] = {"rule": "file", "table_bits": bits}
        return np.rint(np.clip(shown / (2.0**bits - 1.0), 0, 1) * 255.0).astype(np.uint8)

    def _macro(self, index: int, sequence: str, keyword: str) -> Any:
        """Where a tag stands: with the frame, with all frames, or on top."""
        groups = self.tags.get("PerFrameFunctionalGroupsSequence")
        shared = self.tags.get("SharedFunctionalGroupsSequence")
        for items, number in ((groups, index), (shared, 0)):
            if items and number < len(items):
                found = items[number].get(sequence)
                if found and keyword in found[0]:
                    return found[0]
        return self.tags


def _first(value: Any) -> float | None:
    """A number, or the first of several."""
    if value is None or value == "":
        return None
    if isinstance(value, str | int | float):
        return float(value)
    return float(value[0]) if len(value) else None


def _syntax_name(syntax: str) -> str:
    """What the standard calls a transfer syntax; nothing that only the file says."""
    uid = importlib.import_module("pydicom.uid")
    entry = uid.UID_dictionary.get(syntax)
    return str(entry[0]) if entry else "a compression that the standard does not know"


def _check_inflated(data: bytes, name: str) -> None:
    """Refuse a deflated file that would fill the memory; the library inflates it in one go."""
    start = _deflated_from(data)
    if start is None:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, total = data[start:], 0
    while rest and not inflater.eof:
        total += len(inflater.decompress(rest, 1 << 20))
        rest = inflater.unconsumed_tail
        if total > MAX_FILE_BYTES:
            raise ImageError(
                f"{name} unpacks to more than {MAX_FILE_BYTES:,} bytes, which is the most that is "
                "read. Export it uncompressed or as PNG."
            )


def _deflated_from(data: bytes) -> int | None:
    """Where the deflated part begins: behind the elements of group 2; None: nothing deflated."""
    if data[128:132] != b"DICM":
        return None
    place, deflated = 132, False
    while data[place : place + 2] == b"\x02\x00" and place + 12 <= len(data):
        tag, kind = data[place + 2 : place + 4], data[place + 4 : place + 6]
        if kind in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
            begin, length = place + 12, int.from_bytes(data[place + 8 : place + 12], "little")
        else:
            begin, length = place + 8, int.from_bytes(data[place + 6 : place + 8], "little")
        value = data[begin : begin + length]
        if tag == b"\x10\x00":
            deflated = value.rstrip(b"\0 ") == _DEFLATED.encode()
        place = begin + length
    return place if deflated else None


def _frame_command() -> list[str]:
    """How the process for a frame is started; a frozen application is its own interpreter."""
    if is_frozen():
        return [*own_program(), dicom_frame.ARGUMENT]
    return [sys.executable, "-P", str(Path(dicom_frame.__file__))]


def _apart(data: bytes, index: int, name: str) -> npt.NDArray[Any]:
    """A frame decoded in a process of its own, which a damaged file may take down."""
    try:
        done = subprocess.run(
            _frame_command(),
            input=b"%d\n" % index + data,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise ImageError(
            f"{name} took longer than {TIMEOUT:g} seconds to decode; expected an image of ordinary "
            "size. Export it as PNG."
        ) from None
    if done.returncode != 0:
        raise ImageError(
            f"{name} could not be decoded: expected {READ_COMPRESSIONS}, found a damaged picture. "
            "Export it uncompressed, or as PNG."
        )
    frame = np.lib.format.read_array(io.BytesIO(done.stdout), allow_pickle=False)
    return np.asarray(frame)
