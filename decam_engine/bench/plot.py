"""Quality over calls as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from decam_engine.errors import ExportError

WIDTH, HEIGHT = 1000, 640
LEFT, RIGHT, TOP, BOTTOM = 90, 230, 60, 80
INK, PALE = (24, 24, 27), (222, 222, 226)
# Okabe & Ito's palette, told apart by colour-blind readers; each method also has its marker.
COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233))


def save_plot(path: Path, summary: Sequence[dict[str, Any]]) -> None:
    """Insertion minus deletion over model calls (logarithmic), with 95 % intervals.

    Raises:
        ExportError: the file cannot be written.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(18)
    calls = [float(s["calls"]) for s in summary]
    tops = [s["difference"] + s["difference_interval"] for s in summary]
    low_x, high_x = math.log(min(calls) / 1.2), math.log(max(calls) * 1.2)
    high_y = max(0.1, math.ceil(max(tops) * 10) / 10)
    low_y = min(0.0, *(s["difference"] - s["difference_interval"] for s in summary))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log(x) - low_x) / (high_x - low_x)
        up = (y - low_y) / (high_y - low_y)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )

    for tenth in range(math.ceil(low_y * 10), round(high_y * 10) + 1):
        y = place(calls[0], tenth / 10)[1]
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=PALE)
        draw.text((LEFT - 10, y), f"{tenth / 10:.1f}", fill=INK, font=font, anchor="rm")
    for count in sorted(set(calls)):
        x = place(count, low_y)[0]
        draw.text((x, HEIGHT - BOTTOM + 12), f"{count:.0f}", fill=INK, font=font, anchor="mt")
    draw.text((LEFT, 18), "insertion minus deletion (mean, 95 %)", fill=INK, font=font)
    middle = (LEFT + WIDTH - RIGHT) / 2
    draw.text((middle, HEIGHT - 34), "model calls", fill=INK, font=font, anchor="mt")
    for number, method in enumerate(dict.fromkeys(s["method"] for s in summary)):
        colour = COLOURS[number % len(COLOURS)]
        rows = sorted(
            (s for s in summary if s["method"] == method), key=lambda s: float(s["calls"])
        )
        points = [place(s["calls"], s["difference"]) for s in rows]
        draw.line([c for p in points for c in p], fill=colour, width=3)
        for (x, y), s in zip(points, rows, strict=True):
            half = s["difference_interval"]
            ends = [place(s["calls"], s["difference"] + sign * half)[1] for sign in (-1, 1)]
            draw.line((x, ends[0], x, ends[1]), fill=colour, width=2)
            draw.regular_polygon((x, y, 7), 3 + number % 4, fill=colour)
        draw.regular_polygon(
            (WIDTH - RIGHT + 30, TOP + 30 * number, 8), 3 + number % 4, fill=colour
        )
        at = (WIDTH - RIGHT + 48, TOP + 30 * number)
        draw.text(at, str(method)[:18], fill=INK, font=font, anchor="lm")
    try:
        picture.save(path, format="PNG")
    except OSError as error:
        raise ExportError(f"The plot could not be written to {path}: {error}.") from None
