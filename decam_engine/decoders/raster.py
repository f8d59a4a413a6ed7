"""Everything that Pillow opens: one page of it, upright, in 8-bit sRGB."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from decam_engine.decoders.base import (
    DAMAGED,
    U8,
    Decoded,
    ReadOptions,
    check_page,
    check_size,
    damaged,
    page_note,
    too_large,
)
from decam_engine.decoders.deep import is_deep, read_deep
from decam_engine.decoders.heic import is_heic, open_heic
from decam_engine.decoders.overheard import overheard
from decam_engine.decoders.profile import to_srgb
from decam_engine.decoders.window import apply_window, choose_window, window_note
from decam_engine.errors import ImageError

# Pillow opens many more formats; the others are rarely photographs and widen the attack surface.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
# Formats whose greys of more than 8 bits fill 0..65535, whatever mode Pillow gives them.
_SIXTEEN = (0.0, 65535.0)
# Codes of ITU-T H.273 for sRGB's primaries, unknown ones, and two that are close.
_SRGB_PRIMARIES = (1, 2, 5, 6)
_EXIF_ORIENTATION = 0x0112
# Rows that are copied at a time.
STRIP = 256
_TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_TIFF_SAMPLE_FORMAT, _UNSIGNED, _SIGNED = 339, 1, 2
# What a page is (a preview has the lowest bit), and pages that hang below others.
_TIFF_KIND, _TIFF_BELOW, _DNG_VERSION = 254, 330, 50706
_RAW_SUFFIXES = (".arw", ".cr2", ".dng", ".nef", ".nrw", ".orf", ".pef", ".rw2", ".srw")
# (where, how long) of a TIFF's strips and tiles.
_TIFF_EXTENTS = ((273, 279), (324, 325))


def decode_raster(data: bytes, name: str, options: ReadOptions) -> Decoded:
    """The bytes of an image file in one of ``FORMATS``, or HEIC.

    Raises:
        ImageError: unsupported, damaged, too large, a page that is not there, a missing extra.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with _open(data, name) as image:
                return _Reading(data, name, options).read(image)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(
            f"{name} is not an image that can be read: expected one of "
            f"{', '.join(FORMATS)}, HEIC or DICOM, found something else. Convert it to PNG or JPEG."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(too_large(name, "more")) from None
    except (*DAMAGED, MemoryError) as error:
        raise ImageError(damaged(name, str(error) or type(error).__name__)) from None


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    if is_heic(data):
        return open_heic(data, name)
    return Image.open(io.BytesIO(data), formats=FORMATS)


class _Reading:
    """One file on its way; what is done to it is noted as it happens."""

    def __init__(self, data: bytes, name: str, options: ReadOptions) -> None:
        self.data, self.name, self.options = data, name, options
        self.notes: list[str] = []
        self.facts: dict[str, Any] = {}

    def read(self, image: ImageFile.ImageFile) -> Decoded:
        check_size(*image.size, self.name)
        self.facts["format"] = "HEIC" if image.format == "HEIF" else str(image.format)
        page = self._turn_to_page(image)
        check_size(*image.size, self.name)
        self._check_raw(image)
        self._check_extents(image)
        # Before the orientation is asked for, which loads some PNG files.
        deep = is_deep(image)
        shallow = _loses_depth(image)
        stored = _orientation(image)
        self._load(image)
        profile = image.info.get("icc_profile")
        upright = self._upright(image, stored)
        wide = False
        if upright.mode in _WIDE_MODES or _signed_bytes(image, upright):
            wide = True
            picture = self._wide_grey(upright)
            if profile:
                self.notes.append("The colour profile was not applied to windowed greys.")
        elif deep:
            picture = self._deep_colour(upright, page)
        else:
            picture = upright
            if shallow:
                self._lost_depth(16)
            if image.format == "HEIF":
                self._heic_limits(image.info)
            self._unused_window()
        picture = self._expand(picture)
        if not wide:
            picture = to_srgb(picture, profile, self.notes, self.facts)
        pixels = self._to_rgb(picture)
        return Decoded(pixels, tuple(self.notes), self.facts)

    # --- pages and orientation -----------------------------------------------------------

    def _turn_to_page(self, image: ImageFile.ImageFile) -> int:
        """Choose the page; returns its number from 0."""
        pages = int(getattr(image, "n_frames", 1))
        page = image.tell() + 1 if self.options.page is None else self.options.page
        check_page(page, pages, self.name)
        if page - 1 != image.tell():
            image.seek(page - 1)
        if pages > 1:
            self.notes.append(page_note(page, pages))
            self.facts["page"], self.facts["pages"] = page, pages
        return page - 1

    def _check_raw(self, image: Image.Image) -> None:
        """Refuse a camera's raw file: of it, only a small preview would be read."""
        tags = getattr(image, "tag_v2", {})
        preview = int(tags.get(_TIFF_KIND, 0)) & 1
        raw = _DNG_VERSION in tags or _TIFF_BELOW in tags
        if image.format == "TIFF" and (
            (preview and raw and image.tell() == 0)
            or Path(self.name).suffix.casefold() in _RAW_SUFFIXES
        ):
            raise ImageError(
                f"{self.name} is a camera's raw file: expected a developed picture, found raw data "
                f"and a preview of {image.width} x {image.height} pixels. Develop it to PNG, TIFF "
                "or JPEG."
            )

    def _check_extents(self, image: Image.Image) -> None:
        """Refuse a TIFF that breaks off, before libtiff complains to standard error."""
        tags = getattr(image, "tag_v2", None)
        if tags is None or image.format != "TIFF":
            return
        for places, lengths in _TIFF_EXTENTS:
            for place, length in zip(tags.get(places, ()), tags.get(lengths, ()), strict=False):
                if place + length > len(self.data):
                    raise OSError(
                        f"it ends after {len(self.data):,} of at least {place + length:,} bytes"
                    )

    def _load(self, image: ImageFile.ImageFile) -> None:
        if image.format != "TIFF":
            image.load()
            return
        with overheard() as errors:
            image.load()
        if errors:
            self.notes.append(
                "The file is damaged: its decoder reported errors, so that parts of the picture "
                "may be wrong."
            )
            self.facts["damaged"] = True

    def _upright(self, image: Image.Image, stored: int | None) -> Image.Image:
        """The loaded image turned upright; ``stored`` is its orientation before it was loaded.

        Pillow turns TIFF files while it loads them, and reads PNG's EXIF data only then.
        """
        now = _orientation(image)
        failed = "The EXIF data is damaged; the orientation was left as stored."
        if stored is None and now is None:
            self.notes.append(failed)
            return image
        turned = now if now not in (None, 1) else stored
        try:
            upright = ImageOps.exif_transpose(image) if now not in (None, 1) else image
        except DAMAGED:
            self.notes.append(failed)
            return image
        if turned not in (None, 1):
            self.notes.append(f"Turned upright (EXIF orientation {turned}).")
            self.facts["orientation"] = turned
        return upright

    # --- more than 8 bits ----------------------------------------------------------------

    def _wide_grey(self, image: Image.Image) -> Image.Image:
        """Greys of 16 or 32 bits -> ``L``, or ``LA`` where one value stands for nothing."""
        values = np.asarray(image)
        whole = None
        kinds = getattr(image, "tag_v2", {}).get(_TIFF_SAMPLE_FORMAT, (_UNSIGNED,))
        # Pillow reads both as if they were of the other kind.
        if image.mode == "L":
            values = values.view(np.int8)
        elif values.dtype == np.int32 and image.format == "TIFF" and kinds[0] == _UNSIGNED:
            values = values.view(np.uint32)
        if image.mode.startswith("I;16") or image.format == "PPM":
            whole = _SIXTEEN
            tags = getattr(image, "tag_v2", {})
            if values.dtype == np.uint16 and tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
                values = np.uint16(65535) - values
                self.notes.append("Inverted, because the file says that 0 is white.")
                self.facts["inverted"] = True
        self.facts["bits"] = 8 * values.dtype.itemsize if whole is None else 16
        window = choose_window(values, self.options.window, self.name, whole)
        self.notes.append(window_note("Grey values", values, window))
        self.facts["window"] = window.to_dict()
        grey = Image.fromarray(apply_window(values, window))
        nothing = image.info.get("transparency")
        if isinstance(nothing, int):
            grey.putalpha(Image.fromarray(np.where(values == nothing, 0, 255).astype(np.uint8)))
        return grey

    def _deep_colour(self, image: Image.Image, page: int) -> Image.Image:
        """16-bit colour -> ``RGB`` or ``RGBA``; one window for all channels keeps the hues."""
        values = read_deep(self.data, page, image, self.facts.get("orientation"))
        if values is None:
            self._lost_depth(16)
            self._unused_window()
            return image
        colours = values[:, :, :3]
        seen = colours if values.shape[2] == 3 else colours[values[:, :, 3] > 0]
        window = choose_window(seen, self.options.window, self.name, _SIXTEEN)
        self.notes.append(window_note("16-bit colour values", seen, window))
        self.facts["bits"], self.facts["window"] = 16, window.to_dict()
        rgb = apply_window(colours, window)
        if values.shape[2] == 3:
            return Image.fromarray(rgb)
        alpha = np.rint(values[:, :, 3:] / 257.0).astype(np.uint8)
        return Image.fromarray(np.concatenate([rgb, alpha], axis=2))

    def _lost_depth(self, bits: int) -> None:
        self.notes.append(f"{bits} bits per colour channel: only the upper 8 were used.")
        self.facts["bits"], self.facts["upper_bits_only"] = bits, True

    def _heic_limits(self, info: dict[str | tuple[int, int], Any]) -> None:
        """Say what of a HEIC photograph is not in its 8-bit reading."""
        bits = info.get("bit_depth")
        if isinstance(bits, int) and bits > 8:
            self._lost_depth(bits)
        primaries = (info.get("nclx_profile") or {}).get("color_primaries", 1)
        if not info.get("icc_profile") and primaries not in _SRGB_PRIMARIES:
            self.notes.append(
                f"Its colours are stored for another kind of screen (code {int(primaries)}), "
                "without a colour profile; they were not converted."
            )

    def _unused_window(self) -> None:
        if isinstance(self.options.window, tuple):
            self.notes.append("No window was used: the picture was read with 8 bits per channel.")

    # --- colours -------------------------------------------------------------------------

    def _expand(self, image: Image.Image) -> Image.Image:
        """Palettes and transparent colours -> ``RGB`` or ``RGBA``."""
        if image.mode == "P":
            self.notes.append("Palette converted to RGB.")
            return image.convert("RGBA" if "transparency" in image.info else "RGB")
        if "transparency" in image.info and image.mode in ("RGB", "L", "1"):
            return image.convert("RGBA")
        if image.mode in ("PA", "RGBa", "La"):
            return image.convert("RGBA")
        return image.convert("L") if image.mode == "1" else image

    def _to_rgb(self, image: Image.Image) -> U8:
        if image.mode in ("RGBA", "LA"):
            image = image.convert("RGBA")
            low, _ = image.getchannel("A").getextrema()
            background = self.options.background
            if isinstance(low, int | float) and low < 255:
                colour = "white" if background == (255, 255, 255) else f"RGB {background}"
                self.notes.append(f"Transparency composed on {colour}.")
                self.facts["background"] = list(background)
            backdrop = Image.new("RGBA", image.size, (*background, 255))
            image = Image.alpha_composite(backdrop, image)
        elif image.mode == "CMYK":
            self.notes.append("CMYK converted to RGB without a colour profile.")
        elif image.mode == "L":
            self.notes.append("Grey repeated in three channels.")
        elif image.mode != "RGB":
            self.notes.append(f"Converted from {image.mode} to RGB.")
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        return _pixels(rgb)


def _pixels(image: Image.Image) -> U8:
    """The pixels of an RGB image, strip by strip: in one go Pillow makes three copies of them."""
    out = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, STRIP):
        bottom = min(top + STRIP, image.height)
        out[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return out


def _signed_bytes(opened: ImageFile.ImageFile, image: Image.Image) -> bool:
    """Whether the greys of a TIFF are bytes from -128 to 127."""
    kinds = getattr(opened, "tag_v2", {}).get(_TIFF_SAMPLE_FORMAT, (_UNSIGNED,))
    return image.mode == "L" and opened.format == "TIFF" and kinds[0] == _SIGNED


def _loses_depth(image: ImageFile.ImageFile) -> bool:
    """Whether an opened, not yet loaded image has depth that cannot be had at all."""
    if image.format == "PPM" and image.mode == "RGB":
        return any(isinstance(t[3], tuple) and t[3][-1] > 255 for t in image.tile)
    return any(";16" in str(tile) for tile in image.tile) and image.mode not in _WIDE_MODES


def _orientation(image: Image.Image) -> int | None:
    """EXIF orientation, 1 = upright; None when the EXIF data cannot be read."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except DAMAGED:
        return None
    return value if value in range(2, 9) else 1
