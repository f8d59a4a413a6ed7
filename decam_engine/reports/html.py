"""The report as one HTML file: no outside resource, no script, every foreign string escaped."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from decam_engine.reports.contents import contents
from decam_engine.reports.parts import UPRIGHT, Chart
from decam_engine.reports.plain import CLOSE, OPEN
from decam_engine.reports.record import make_record, sealed
from decam_engine.reports.template import Template
from decam_engine.reports.views import RAMP, png, ramp, views
from decam_engine.resources import resources_directory

if TYPE_CHECKING:
    import jinja2

    from decam_engine.explanation import Explanation

# Stands where the record goes; no text that is escaped can hold its angle brackets.
SLOT = "<!--record-->"
LOGO = "logo"
# Of a chart's area and its margins, in the units of the drawing.
_WIDTH, _HEIGHT, _LEFT, _TOP = 300.0, 170.0, 34.0, 20.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def html_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.html``: the report, UTF-8."""
    created = now()
    pixels = {**views(explanation), RAMP: ramp()}
    record = make_record(explanation, template, created, pixels)
    pictures = {name: png(picture) for name, picture in pixels.items()}
    return [(".html", html_bytes(record, pictures))]


def html_bytes(record: dict[str, Any], pictures: dict[str, bytes]) -> bytes:
    """The document for a record and its pictures (PNG), sealed with its hashes."""
    page = html_page(record, pictures)
    whole = sealed(record, page_hash(page))
    return page.replace(SLOT, embedded(whole)).encode("utf-8")


def html_page(record: dict[str, Any], pictures: dict[str, bytes]) -> str:
    """The document with :data:`SLOT` in place of the record; the same for the same arguments."""
    template = Template.from_record(record["template"])
    if template.logo:
        pictures = {**pictures, LOGO: template.logo}
    style = resource("report.css")
    found = contents(record["manifest"], template, record["created"])
    # A document begins with its type, not with what a template leaves blank before it.
    return (
        environment()
        .get_template("report.html")
        .render(
            c=found,
            policy=policy_for(style),
            style=Markup(style),
            images={name: data_uri(data) for name, data in pictures.items()},
            charts=[_drawing(chart) for chart in found.charts],
            slot=Markup(SLOT),
        )
        .lstrip()
    )


def policy_for(style: str) -> str:
    """What a browser may load: the pictures in the document and its own style, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )


def page_hash(page: str) -> str:
    """SHA-256 of a document with :data:`SLOT` in place of its record."""
    return hashlib.sha256(page.encode("utf-8")).hexdigest()


def embedded(record: dict[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    return unbreakable(json.dumps(record, separators=(",", ":"), allow_nan=False))


def unbreakable(text: str) -> str:
    """JSON with the signs of mark-up as escapes."""
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def data_uri(data: bytes) -> str:
    """A PNG inline."""
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def now() -> str:
    """The time for a report's head, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


def _isolated(text: str) -> Markup:
    """Escaped, with foreign text in elements that keep its direction to itself."""
    marked = str(escape(text)).replace(OPEN, "<bdi>").replace(CLOSE, "</bdi>")
    return Markup(marked)


def _attribute(text: str) -> str:
    """For alternative texts, which no element can isolate."""
    return text.replace(OPEN, "").replace(CLOSE, "")


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Of the templates: every string in them is escaped unless it is marked."""
    import jinja2  # noqa: PLC0415 - only reports need it

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words"] = _isolated
    made.filters["attribute"] = _attribute
    return made


@lru_cache(maxsize=8)
def resource(name: str) -> str:
    """Text of a bundled template or style sheet."""
    return (resources_directory() / "reports" / name).read_text(encoding="utf-8")


def _drawing(chart: Chart) -> dict[str, Any]:
    """A chart's lines in the units of its drawing."""

    def place(x: float, y: float) -> str:
        return f"{_LEFT + x * _WIDTH:.1f},{_TOP + (1.0 - y) * _HEIGHT:.1f}"

    lines = []
    for curve in chart.curves:
        last = max(1, len(curve.values) - 1)
        lines.append(" ".join(place(i / last, v) for i, v in enumerate(curve.values)))
    return {
        "chart": chart,
        "upright": UPRIGHT,
        "left": _LEFT,
        "top": _TOP,
        "right": _LEFT + _WIDTH,
        "bottom": _TOP + _HEIGHT,
        "lines": lines,
        "rows": [(f"{t:g}", round(_TOP + (1.0 - t) * _HEIGHT, 1)) for t in _TICKS],
        "columns": [(f"{t:g}", round(_LEFT + t * _WIDTH, 1)) for t in _TICKS],
    }
