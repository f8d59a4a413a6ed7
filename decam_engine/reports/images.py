"""The map as pictures: over the photograph with a colour bar, and as plain 16-bit grey."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from decam_engine.colours import DEFAULT_COLOUR_MAP, colour_table, hatch, overlay
from decam_engine.geometry import resize_pixels
from decam_engine.reports.template import Template
from decam_engine.version import __version__

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

# The picture's longer side is kept between these, so that its text is readable and its
# file opens anywhere; the .npy and the 16-bit map keep the photograph's own pixels.
SMALLEST_SIDE = 480
LARGEST_SIDE = 2400
# Caption of the hatching.
UNSEEN = "not seen by the model"
_INK = (24, 24, 27)
_PALE = (90, 90, 98)
_PAPER = (255, 255, 255)


def png_files(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.overlay.png`` (photograph, map, colour bar) and ``.map.png`` (16-bit grey)."""
    return [
        (".overlay.png", _encode(overlay_picture(explanation))),
        (".map.png", _encode(map_picture(explanation))),
    ]


def map_picture(explanation: Explanation) -> Image.Image:
    """16-bit grey on the photograph's own pixels, 0..65535 for 0..1."""
    values = explanation.saliency
    values *= np.float32(65535.0)
    return Image.fromarray(np.rint(values, out=values).astype(np.uint16))


def overlay_picture(explanation: Explanation, colour_map: str = DEFAULT_COLOUR_MAP) -> Image.Image:
    """The photograph under its map, with a title and a numbered colour bar."""
    photo = _resized(explanation.photo.pixels)
    size = (photo.shape[1], photo.shape[0])
    values = Image.fromarray(explanation.saliency).resize(size, Image.Resampling.BILINEAR)
    saliency = np.clip(np.asarray(values, dtype=np.float32), 0.0, 1.0)
    width, height = size
    unit = max(12, round(max(width, height) / 45))
    step = max(6, round(unit * 0.75))
    seen = _seen(explanation, (height, width))
    mixed = Image.fromarray(hatch(overlay(photo, saliency, colour_map), seen, step))
    font, small = ImageFont.load_default(unit), ImageFont.load_default(unit * 0.85)
    margin, bar, labels = unit, max(10, unit), round(unit * 2.6)
    head = round(unit * 3.4)
    shown = max(height, unit * 12)
    legend = 0 if seen.all() else round(unit * 1.8)
    size = (margin + width + margin + bar + labels + margin, head + shown + legend + margin)
    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    room = page.width - 2 * margin
    target = explanation.target
    title = f"{target.label}  {target.score:.3f}"
    line = f"{explanation.photo.name} \u00b7 {explanation.model['name']} \u00b7 {_how(explanation)}"
    draw.text((margin, unit * 0.5), _shorten(title, font, room), fill=_INK, font=font)
    draw.text((margin, unit * 1.9), _shorten(line, small, room), fill=_PALE, font=small)
    page.paste(mixed, (margin, head))
    _draw_bar(page, (margin + width + margin, head, bar, shown), colour_map, small)
    if legend:
        _draw_legend(page, (margin, head + shown + legend - unit), unit, step, small)
    return page


def _seen(explanation: Explanation, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """bool ``size``: the pixels of the enlarged or reduced photograph that the model looked at."""
    height, width = explanation.photo.size
    top, left, bottom, right = explanation.fit.seen
    rows = (np.arange(size[0]) + 0.5) * (height / size[0])
    columns = (np.arange(size[1]) + 0.5) * (width / size[1])
    return np.asarray(
        ((rows >= top) & (rows < bottom))[:, None]
        & ((columns >= left) & (columns < right))[None, :]
    )


def _draw_legend(
    page: Image.Image,
    place: tuple[int, int],
    unit: int,
    step: int,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """What the hatching means, with a piece of it."""
    left, top = place
    size = (unit, unit * 2)
    sample = hatch(np.full((*size, 3), 128, np.uint8), np.zeros(size, dtype=np.bool_), step)
    page.paste(Image.fromarray(sample), (left, top))
    draw = ImageDraw.Draw(page)
    draw.text(
        (left + size[1] + unit // 2, top + unit / 2), UNSEEN, fill=_INK, font=font, anchor="lm"
    )


def _how(explanation: Explanation) -> str:
    method = {"de": "DE-CAM", "rise": "RISE", "occlusion": "occlusion"}.get(
        explanation.settings["method"], explanation.settings["method"]
    )
    calls = f"{explanation.calls:,} calls"
    if explanation.stopped:
        calls = f"stopped at {explanation.calls:,} of {explanation.budget:,} calls"
    return f"{method}, {calls}, seed {explanation.seed}"


def _draw_bar(
    page: Image.Image,
    place: tuple[int, int, int, int],
    colour_map: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    left, top, width, height = place
    ramp = np.rint(np.linspace(255, 0, height)).astype(np.uint8)
    colours = np.repeat(colour_table(colour_map)[ramp][:, None], width, axis=1)
    page.paste(Image.fromarray(np.ascontiguousarray(colours)), (left, top))
    draw = ImageDraw.Draw(page)
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = top + (height - 1) * (1.0 - value)
        draw.line((left + width, y, left + width + width // 3, y), fill=_INK)
        anchor = "lt" if value == 1.0 else "lb" if value == 0.0 else "lm"
        draw.text((left + width + width // 2, y), f"{value:g}", fill=_INK, font=font, anchor=anchor)


def _resized(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    longest = max(height, width)
    if longest < SMALLEST_SIDE:
        times = -(-SMALLEST_SIDE // longest)
        return resize_pixels(pixels, (height * times, width * times), Image.Resampling.NEAREST)
    if longest > LARGEST_SIDE:
        factor = LARGEST_SIDE / longest
        size = (max(1, round(height * factor)), max(1, round(width * factor)))
        return resize_pixels(pixels, size, Image.Resampling.LANCZOS)
    return pixels


def _shorten(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: float) -> str:
    # Control characters in file names and labels must not move the pen.
    text = "".join(c if c.isprintable() else " " for c in text)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "\u2026") > room:
        text = text[:-1]
    return text + "\u2026"


def _encode(picture: Image.Image) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", f"decam-studio {__version__}")
    stream = io.BytesIO()
    picture.save(stream, format="PNG", pnginfo=info)
    return stream.getvalue()
