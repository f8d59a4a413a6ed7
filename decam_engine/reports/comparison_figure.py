"""The grid of compared maps as one picture, ready to print."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from decam_engine.reports.comparison_book import DIVERGING, letter, variant_title
from decam_engine.reports.figure import DPI, WIDTH, draw_line
from decam_engine.reports.fonts import BOLD, REGULAR, font_file
from decam_engine.reports.plain import number, plain
from decam_engine.reports.views import RAMP
from decam_engine.version import __version__

_MARGIN, _GAP = 40, 24
_HEAD, _TEXT = 30, 25
_INK, _SOFT, _RULE, _PAPER = (29, 29, 33), (91, 91, 101), (200, 200, 206), (255, 255, 255)
# Rows of photographs in one picture, and the room for a row's height.
MOST_ROWS, MOST_HEIGHT = 12, 520
_WORDS, _BAR = 84, 96


def comparison_figure(
    head: dict[str, Any],
    entry: Callable[[int], dict[str, Any]],
    picture: Callable[[str], bytes],
) -> bytes:
    """A PNG, 17 cm wide at 300 dots an inch: photographs x (photograph, maps, differences)."""
    variants = head["variants"]
    count = min(head["listed"], MOST_ROWS)
    with_differences = len(variants) <= 3
    columns = 1 + len(variants) + (len(variants) - 1 if with_differences else 0)
    width = (WIDTH - 2 * _MARGIN - _GAP * (columns - 1)) // columns
    rows = [_row(entry(k), len(variants), with_differences) for k in range(count)]
    heights = [_row_height(row, width, picture) for row in rows]
    top = _MARGIN + _HEAD + 62
    more = head["listed"] - count
    size = (WIDTH, top + sum(h + _WORDS for h in heights) + _BAR + (40 if more else 0) + _MARGIN)
    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    titles = ["Photograph", *(variant_title(j, variants) for j in range(len(variants)))]
    if with_differences:
        titles += [f"{letter(j)} minus A" for j in range(1, len(variants))]
    for k, title in enumerate(titles):
        left = _MARGIN + k * (width + _GAP)
        name, _, traits = title.partition(" \u00b7 ")
        draw_line(draw, (left, _MARGIN), name, BOLD, _HEAD, _INK, width)
        draw_line(draw, (left, _MARGIN + _HEAD + 10), traits, REGULAR, _TEXT, _SOFT, width)
    y = top
    for row, height in zip(rows, heights, strict=True):
        for k, (name, words) in enumerate(row):
            left = _MARGIN + k * (width + _GAP)
            if name:
                _place(page, draw, picture(name), (left, y), (width, height))
            draw_line(draw, (left, y + height + 8), words, REGULAR, _TEXT, _SOFT, width)
        y += height + _WORDS
    bars = [(1, RAMP, ("0", "1", "map"))]
    if with_differences:
        bars.append((1 + len(variants), DIVERGING, ("\u22121", "1", "difference")))
    for column, name, words3 in bars:
        left = _MARGIN + column * (width + _GAP)
        bar = Image.open(io.BytesIO(picture(name))).convert("RGB")
        page.paste(bar.resize((width, 22), Image.Resampling.NEAREST), (left, y))
        font = ImageFont.truetype(str(font_file(REGULAR)), _TEXT - 2)
        low, high, middle = words3
        for text, share in ((low, 0.0), (middle, 0.5), (high, 1.0)):
            x = left + share * (width - font.getlength(text))
            draw.text((x, y + 26), text.replace("\u2212", "-"), fill=_SOFT, font=font)
    if more:
        text = f"{more:,} more photographs are in the report."
        draw_line(draw, (_MARGIN, y + _BAR), text, REGULAR, _TEXT, _SOFT, WIDTH - 2 * _MARGIN)
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", f"decam-studio {__version__}")
    stream = io.BytesIO()
    page.save(stream, format="PNG", pnginfo=info, dpi=(DPI, DPI))
    return stream.getvalue()


def _row(e: dict[str, Any], columns: int, with_differences: bool) -> list[tuple[str, str]]:
    """Names of the pictures, and the words below each."""
    here = e["number"]
    found = [(f"{here}.photo", plain(e["photo"]["name"], 60))]
    for j in range(columns):
        m = e["cells"][j].get("manifest")
        words = "no map" if m is None else f"{plain(m['target']['label'], 40)} "
        found.append(
            ("", words) if m is None else (f"{here}.map{j}", words + number(m["target"]["score"]))
        )
    if with_differences:
        ranks = {p["second"]: p["rank_correlation"] for p in e["pairs"] if p["first"] == 0}
        for j in range(1, columns):
            known = j in ranks
            value = ranks.get(j)
            words = f"rank corr. {value:.3f}" if value is not None else ""
            found.append((f"{here}.difference{j}" if known else "", words))
    return found


def _row_height(row: list[tuple[str, str]], width: int, picture: Callable[[str], bytes]) -> int:
    with Image.open(io.BytesIO(picture(row[0][0]))) as found:
        columns, rows = found.size
    return min(MOST_HEIGHT, max(1, round(width * rows / columns)))


def _place(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    data: bytes,
    place: tuple[int, int],
    room: tuple[int, int],
) -> None:
    with Image.open(io.BytesIO(data)) as opened:
        found = opened.convert("RGB")
    factor = min(room[0] / found.width, room[1] / found.height)
    size = (max(1, round(found.width * factor)), max(1, round(found.height * factor)))
    page.paste(found.resize(size, Image.Resampling.LANCZOS), place)
    left, top = place
    draw.rectangle((left, top, left + size[0] - 1, top + size[1] - 1), outline=_RULE)
