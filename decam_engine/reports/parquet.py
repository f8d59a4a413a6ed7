"""A table as Parquet, typed column by column (``decam-studio[parquet]``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from decam_engine.errors import SettingsError
from decam_engine.reports.table import INTEGERS, NUMBERS, Row

# Rows that are held back to be written together.
GROUP = 10_000


class ParquetTable:
    """Rows as they come, in groups, so that memory stays flat however many there are."""

    def __init__(self, stream: IO[bytes], columns: Sequence[str]) -> None:
        """See :data:`decam_engine.reports.tables.TABLES`."""
        self._arrow, parquet = _pyarrow()
        kinds = {
            **dict.fromkeys(INTEGERS, self._arrow.int64()),
            **dict.fromkeys(NUMBERS, self._arrow.float64()),
        }
        fields = [(name, kinds.get(name, self._arrow.string())) for name in columns]
        self._schema = self._arrow.schema(fields)
        self._writer = parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._rows: list[dict[str, object]] = []

    def add(self, row: Row) -> None:
        """Take a row; columns that it lacks are null."""
        self._rows.append({name: _cell(name, row.get(name)) for name in self._schema.names})
        if len(self._rows) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is held back, and the end."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
            self._writer.write_table(table)
            self._rows = []


def check_parquet() -> None:
    """Whether Parquet can be written here.

    Raises:
        SettingsError: pyarrow is not installed.
    """
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError(
            "A table in Parquet needs pyarrow, which is not installed. Install "
            "decam-studio[parquet], or choose csv."
        ) from None
    return pyarrow, parquet


def _cell(name: str, value: object) -> object:
    if value is None or name in INTEGERS or name in NUMBERS:
        return value
    # Names of files may hold what UTF-8 cannot; in the CSV it is written out in the same way.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
