"""Formats of the table of many results. A new one is one file with a class, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, Protocol

from decam_engine.errors import SettingsError
from decam_engine.reports.parquet import ParquetTable, check_parquet
from decam_engine.reports.table import CsvTable, Row


class Table(Protocol):
    """Rows as they come; the stream is closed by whoever opened it."""

    def add(self, row: Row) -> None:
        """Take a row."""
        ...

    def close(self) -> None:
        """Write what is held back, and the end."""
        ...


def _always() -> None:
    pass


# Name and ending -> (makes a table in a stream from its columns, whether it can be made here).
TABLES: dict[str, tuple[Callable[[IO[bytes], Sequence[str]], Table], Callable[[], None]]] = {
    "csv": (CsvTable, _always),
    "parquet": (ParquetTable, check_parquet),
}


def check_tables(names: Sequence[str]) -> tuple[str, ...]:
    """The formats in order, each once.

    Raises:
        SettingsError: unknown, none, or one that needs what is not installed.
    """
    unknown = [n for n in names if n not in TABLES]
    if unknown or not names:
        raise SettingsError(
            f"The table's format must be one of {', '.join(TABLES)}, found "
            f"{', '.join(repr(n) for n in unknown) or 'none'}."
        )
    for name in names:
        TABLES[name][1]()
    return tuple(dict.fromkeys(names))
