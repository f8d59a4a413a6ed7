"""What an organisation adds to its reports: title, name, logo, notes, paper."""

from __future__ import annotations

import base64
import binascii
import io
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from decam_engine.errors import DecamError, SettingsError
from decam_engine.images import load_image

PAPERS = ("A4", "Letter")
# Longest side of a logo in a report, in pixels: sharp at 4 cm.
LOGO_SIDE = 480
MAX_FILE = 1 << 20
MOST_NOTES = 50
MOST_LETTERS = 5_000
_KEYS = ("title", "organisation", "logo", "notes", "paper")


@dataclass(frozen=True)
class Template:
    """What stands in a report besides the explanation.

    Attributes:
        title: of the report; empty = the product's own.
        organisation: who reports; may be empty.
        logo: PNG bytes, or empty.
        notes: paragraphs of the reader's own, such as the file number of a case.
        paper: ``A4`` or ``Letter``.
    """

    title: str = ""
    organisation: str = ""
    logo: bytes = b""
    notes: tuple[str, ...] = ()
    paper: str = "A4"

    def __post_init__(self) -> None:
        """Raises ``SettingsError`` for what no report can show."""
        _checked(vars(self))

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "title": self.title,
            "organisation": self.organisation,
            "logo": base64.b64encode(self.logo).decode(),
            "notes": list(self.notes),
            "paper": self.paper,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Template:
        """The inverse of :meth:`record`.

        Raises:
            SettingsError: damaged.
        """
        try:
            found = _checked(record)
            logo = base64.b64decode(str(record["logo"]), validate=True)
        except (KeyError, binascii.Error, ValueError):
            raise SettingsError("The template in the report is damaged.") from None
        return cls(**found, logo=logo)


def read_template(path: str | Path) -> Template:
    """A template from a JSON or TOML file; its logo is an image file beside it.

    Raises:
        SettingsError: what is wrong, with what was expected.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MAX_FILE:
            raise ValueError(f"larger than {MAX_FILE:,} bytes")
        text = file.read_text(encoding="utf-8")
        record = tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"The report template {file} could not be read: expected a JSON or TOML file, found: "
            f"{error}."
        ) from None
    if not isinstance(record, dict) or not set(record) <= set(_KEYS):
        found = sorted(set(record) - set(_KEYS)) if isinstance(record, dict) else type(record)
        raise SettingsError(
            f"The report template {file.name} must hold some of {', '.join(_KEYS)}, found {found}."
        )
    return Template(**_checked(record), logo=_logo(file, record.get("logo")))


def read_logo(path: str | Path) -> bytes:
    """An image file as the PNG bytes of a :class:`Template`, its longer side at most 480 pixels.

    Raises:
        SettingsError: it is no image that can be read.
    """
    try:
        pixels = load_image(path).pixels
    except (DecamError, ValueError) as error:
        raise SettingsError(str(error)) from None
    picture = Image.fromarray(pixels)
    picture.thumbnail((LOGO_SIDE, LOGO_SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    return stream.getvalue()


def _checked(record: dict[str, Any]) -> dict[str, Any]:
    title, organisation = record.get("title", ""), record.get("organisation", "")
    notes = record.get("notes", [])
    notes = [notes] if isinstance(notes, str) else notes
    texts = (title, organisation, *(notes if isinstance(notes, list | tuple) else (None,)))
    if not all(isinstance(t, str) and len(t) <= MOST_LETTERS for t in texts):
        raise SettingsError(
            "In a report template, title and organisation must be text and notes a text or a list "
            f"of texts, each of at most {MOST_LETTERS:,} letters."
        )
    if len(texts) > MOST_NOTES + 2:
        raise SettingsError(
            f"A report template may hold {MOST_NOTES} notes, found {len(texts) - 2}."
        )
    paper = record.get("paper", PAPERS[0])
    if paper not in PAPERS:
        raise SettingsError(
            f"The paper of a report must be one of {', '.join(PAPERS)}, found {paper!r}."
        )
    return {
        "title": title,
        "organisation": organisation,
        "notes": tuple(notes),
        "paper": paper,
    }


def _logo(file: Path, name: object) -> bytes:
    if name in (None, ""):
        return b""
    if not isinstance(name, str):
        raise SettingsError(f"The logo in {file.name} must name an image file, found {name!r}.")
    try:
        return read_logo(file.parent / name)
    except SettingsError as error:
        raise SettingsError(f"The logo named in {file.name} cannot be used: {error}") from None
