"""Which classes are explained of which photograph: the most probable ones, or those of a table."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from decam_engine.errors import SettingsError

MOST_TOP = 100
MAX_TABLE_BYTES = 1_000_000_000
_PHOTO, _TARGET = "photo", "target"


@dataclass(frozen=True)
class Targets:
    """The classes to explain.

    Attributes:
        top: so many of the most probable ones, where no table names them.
        table: photograph (path as given, absolute) -> classes by index or name; None = no table.
        missing: photographs that the table names and that are not among those given.
    """

    top: int = 1
    table: dict[Path, tuple[int | str, ...]] | None = None
    missing: tuple[str, ...] = field(default=())

    def of(self, photo: Path) -> tuple[int | str, ...]:
        """The named classes of a photograph; none = the most probable ones."""
        return () if self.table is None else self.table.get(photo, ())

    def wanted(self, photos: Sequence[Path]) -> list[Path]:
        """The photographs that are to be explained; a table leaves those it does not name out."""
        return list(photos) if self.table is None else [p for p in photos if p in self.table]


def read_targets(text: str, photos: Sequence[Path]) -> Targets:
    """``top1``, ``top3``, ..., or a CSV file with the columns ``photo`` and ``target``.

    A photograph is named by its path, by the end of it, or by its file name; one of several
    classes takes a line for each. A target is a class index or a name.

    Args:
        photos: those that were given.

    Raises:
        SettingsError: neither, not readable, or a name that fits several photographs.
    """
    match = re.fullmatch(r"top([1-9]\d{0,2})", text)
    if match is not None and int(match[1]) <= MOST_TOP:
        return Targets(int(match[1]))
    path = Path(text)
    if path.suffix.lower() != ".csv":
        raise SettingsError(
            f"The targets must be top1, top2, ... top{MOST_TOP} or a .csv file with the columns "
            f"{_PHOTO} and {_TARGET}, found {text!r}."
        )
    rows = _rows(path)
    places = _Places(photos)
    table: dict[Path, list[int | str]] = defaultdict(list)
    missing: list[str] = []
    for name, target in rows:
        photo = places.find(name, path)
        if photo is None:
            missing.append(name)
        elif target not in table[photo]:
            table[photo].append(target)
    if not table:
        raise SettingsError(
            f"{path.name} names none of the {len(photos):,} photographs: expected their paths or "
            f"file names in the column {_PHOTO}, found {missing[0]!r}."
        )
    return Targets(table={p: tuple(t) for p, t in table.items()}, missing=tuple(missing))


def _rows(path: Path) -> list[tuple[str, int | str]]:
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise SettingsError(f"{path} is too large to be a table of targets.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The table of targets {path} could not be read ({error}). Expected a CSV file, UTF-8."
        ) from None
    lines = text.splitlines()
    separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    try:
        reader = csv.DictReader(lines, delimiter=separator, skipinitialspace=True, strict=True)
        head = [(n or "").strip().lower() for n in reader.fieldnames or []]
        if _PHOTO not in head or _TARGET not in head:
            raise SettingsError(
                f"{path.name} lacks a column: expected a first line with {_PHOTO} and {_TARGET}, "
                f"found {', '.join(head)[:200] or 'nothing'}."
            )
        reader.fieldnames = head
        found = []
        for row in reader:
            name, target = ((row.get(k) or "").strip() for k in (_PHOTO, _TARGET))
            if name and target:
                found.append((name, int(target) if re.fullmatch(r"\d{1,9}", target) else target))
            elif name or target:
                raise SettingsError(
                    f"{path.name} has a line without {_TARGET if name else _PHOTO}: line "
                    f"{reader.line_num}."
                )
    except csv.Error as error:
        raise SettingsError(
            f"{path.name} could not be read as a CSV file ({error}, line {reader.line_num})."
        ) from None
    if not found:
        raise SettingsError(f"{path.name} names no photograph: expected a line for each target.")
    return found


class _Places:
    """Photographs by their path, and by every end of it."""

    def __init__(self, photos: Sequence[Path]) -> None:
        self._photos = {p.absolute().as_posix(): p for p in photos}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for place in self._photos:
            self._by_name[place.rpartition("/")[2]].append(place)

    def find(self, name: str, table: Path) -> Path | None:
        plain = name.replace("\\", "/")
        whole = self._photos.get(Path(plain).absolute().as_posix())
        if whole is not None:
            return whole
        end = "/" + plain.removeprefix("./")
        fits = [p for p in self._by_name.get(plain.rpartition("/")[2], ()) if p.endswith(end)]
        if len(fits) > 1:
            raise SettingsError(
                f"{table.name} names {name!r}, which fits {len(fits)} photographs, such as "
                f"{fits[0]} and {fits[1]}. Give more of its path."
            )
        return self._photos[fits[0]] if fits else None
