"""The print-ready figure: photograph, map, what matters, and all but that, with one colour bar."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin, features

from decam_engine.reports.contents import contents
from decam_engine.reports.fonts import BOLD, REGULAR, best_font, drawable, font_file
from decam_engine.reports.parts import Figure
from decam_engine.reports.plain import number, plain, without_isolates
from decam_engine.reports.template import Template
from decam_engine.reports.views import MAP, ramp, views
from decam_engine.version import __version__

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

# 17 cm, the width of a page's text, at 300 dots an inch.
WIDTH, DPI = 2008, 300
_TITLE, _TEXT, _SMALL = 46, 36, 29
_GAP, _MARGIN = 36, 40
_INK, _SOFT, _RULE, _PAPER = (29, 29, 33), (91, 91, 101), (200, 200, 206), (255, 255, 255)


def figure_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.figure.png``: 17 cm wide at 300 dots an inch."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", f"decam-studio {__version__}")
    stream = io.BytesIO()
    figure_picture(explanation).save(stream, format="PNG", pnginfo=info, dpi=(DPI, DPI))
    return [(".figure.png", stream.getvalue())]


def figure_picture(e: Explanation) -> Image.Image:
    """The four pictures in two rows (of a panorama: in four), with titles and a colour bar."""
    c = contents(e.manifest(), Template(), "")
    pictures = views(e)
    columns = 1 if c.wide else 2
    width = (WIDTH - 2 * _MARGIN - _GAP * (columns - 1)) // columns
    rows = [c.figures[k : k + columns] for k in range(0, len(c.figures), columns)]
    h, w = pictures[MAP].shape[:2]
    size = (width, max(1, round(h * width / w)))
    if size[1] > 2 * width:
        size = (max(1, round(w * 2 * width / h)), 2 * width)
    scale = 90
    head = _MARGIN + 2 * _TITLE + 20
    heights = [
        _TEXT + 34 + size[1] + (scale if any(f.name == MAP for f in row) else 0) + _GAP
        for row in rows
    ]
    foot = (_SMALL + 20 if c.hatched else 0) + _MARGIN
    page = Image.new("RGB", (WIDTH, head + sum(heights) + foot), _PAPER)
    draw = ImageDraw.Draw(page)
    room = WIDTH - 2 * _MARGIN
    title = f"{plain(e.target.label)}  {number(e.target.score)}"
    facts = f"{plain(e.photo.name)} \u00b7 {plain(e.model['name'])}"
    draw_line(draw, (_MARGIN, _MARGIN - 10), title, BOLD, _TITLE, _INK, room)
    draw_line(draw, (_MARGIN, _MARGIN + _TITLE + 8), facts, REGULAR, _SMALL, _SOFT, room)
    y = head
    for row, height in zip(rows, heights, strict=True):
        for k, figure in enumerate(row):
            left = _MARGIN + k * (width + _GAP)
            _place(page, draw, figure, pictures[figure.name], (left, y), size)
        y += height
    if c.hatched:
        text = c.hatched.partition(".")[0] + "."
        draw_line(draw, (_MARGIN, y), text, REGULAR, _SMALL, _SOFT, room)
    return page


def _place(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    figure: Figure,
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    place: tuple[int, int],
    size: tuple[int, int],
) -> None:
    left, top = place
    draw_line(draw, (left, top), figure.title, BOLD, _TEXT, _INK, size[0])
    top += _TEXT + 24
    enlarging = size[0] > 2 * pixels.shape[1]
    resampling = Image.Resampling.NEAREST if enlarging else Image.Resampling.LANCZOS
    page.paste(Image.fromarray(pixels).resize(size, resampling), (left, top))
    draw.rectangle((left, top, left + size[0] - 1, top + size[1] - 1), outline=_RULE)
    if figure.name != MAP:
        return
    top += size[1] + 14
    bar = Image.fromarray(ramp()).resize((size[0], 26), Image.Resampling.NEAREST)
    page.paste(bar, (left, top))
    font = ImageFont.truetype(str(font_file(REGULAR)), _SMALL - 4)
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        text = f"{value:g}"
        x = left + value * (size[0] - font.getlength(text))
        draw.text((x, top + 30), text, fill=_SOFT, font=font)


def draw_line(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    face: str,
    size: int,
    fill: tuple[int, int, int],
    room: float,
) -> None:
    """A line of text in the font that has most of its letters, cut to the room."""
    text = drawable(without_isolates(text))
    best = best_font(text)
    font = ImageFont.truetype(str(font_file(face if best == REGULAR else best)), size)
    # Names that begin from the right must not turn the line around.
    way = "ltr" if features.check("raqm") else None
    shown = text
    while shown and font.getlength(_cut(shown, text), direction=way) > room:
        shown = shown[:-1]
    draw.text(place, _cut(shown, text), fill=fill, font=font, direction=way)


def _cut(shown: str, text: str) -> str:
    return shown if shown == text else f"{shown}\u2026"
