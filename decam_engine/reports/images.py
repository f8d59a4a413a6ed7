"""The map as pictures: over the photograph with a colour bar, and as plain 16-bit grey."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from decam_engine.colours import DEFAULT_COLOUR_MAP, colour_table, overlay
from decam_engine.version import __version__

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

# The picture's longer side is kept between these, so that its text is readable and its
# file opens anywhere; the .npy and the 16-bit map keep the photograph's own pixels.
SMALLEST_SIDE = 480
LARGEST_SIDE = 2400
_INK = (24, 24, 27)
_PALE = (90, 90, 98)
_PAPER = (255, 255, 255)


def png_files(explanation: Explanation) -> list[tuple[str, bytes]]:
    """``.overlay.png`` (photograph, map, colour bar) and ``.map.png`` (16-bit grey)."""
    return [
        (".overlay.png", _encode(overlay_picture(explanation))),
        (".map.png", _encode(map_picture(explanation))),
    ]


def map_picture(explanation: Explanation) -> Image.Image:
    """16-bit grey on the photograph's own pixels, 0..65535 for 0..1."""
    grey = np.rint(explanation.saliency * 65535.0).astype(np.uint16)
    return Image.fromarray(grey)


def overlay_picture(explanation: Explanation, colour_map: str = DEFAULT_COLOUR_MAP) -> Image.Image:
    """The photograph under its map, with a title and a numbered colour bar."""
    photo = _resized(Image.fromarray(explanation.photo.pixels))
    values = Image.fromarray(explanation.saliency).resize(photo.size, Image.Resampling.BILINEAR)
    saliency = np.clip(np.asarray(values, dtype=np.float32), 0.0, 1.0)
    mixed = Image.fromarray(overlay(np.asarray(photo), saliency, colour_map))
    width, height = mixed.size
    unit = max(12, round(max(width, height) / 45))
    font, small = ImageFont.load_default(unit), ImageFont.load_default(unit * 0.85)
    margin, bar, labels = unit, max(10, unit), round(unit * 2.6)
    head = round(unit * 3.4)
    shown = max(height, unit * 12)
    page = Image.new(
        "RGB", (margin + width + margin + bar + labels + margin, head + shown + margin), _PAPER
    )
    draw = ImageDraw.Draw(page)
    room = page.width - 2 * margin
    target = explanation.target
    title = f"{target.label}  {target.score:.3f}"
    line = f"{explanation.photo.name} \u00b7 {explanation.model['name']} \u00b7 {_how(explanation)}"
    draw.text((margin, unit * 0.5), _shorten(title, font, room), fill=_INK, font=font)
    draw.text((margin, unit * 1.9), _shorten(line, small, room), fill=_PALE, font=small)
    page.paste(mixed, (margin, head))
    _draw_bar(page, (margin + width + margin, head, bar, shown), colour_map, small)
    return page


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


def _resized(photo: Image.Image) -> Image.Image:
    longest = max(photo.size)
    if longest < SMALLEST_SIDE:
        times = -(-SMALLEST_SIDE // longest)
        size = (photo.width * times, photo.height * times)
        return photo.resize(size, Image.Resampling.NEAREST)
    if longest > LARGEST_SIDE:
        factor = LARGEST_SIDE / longest
        size = (max(1, round(photo.width * factor)), max(1, round(photo.height * factor)))
        return photo.resize(size, Image.Resampling.LANCZOS)
    return photo


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
