"""Walking through the protobuf wire format of a file without loading it.

A model file is mostly weights, up to two gigabytes of them. Reading only what lies between
them needs no copy, no generated classes and no package besides the standard library; what is
of interest is looked up by field number in :mod:`decam_engine.models.graph`.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# More fields than any sound model has outside its weights; a file that is made of nothing but
# fields would keep us busy for minutes.
MAX_FIELDS = 20_000_000
# A 64-bit number takes at most ten bytes of seven bits.
_LONGEST_VARINT = 10


class WireError(Exception):
    """The bytes are no protobuf message; the text says where and why."""


class Field(NamedTuple):
    """One field: ``value`` of a number, else the ``start`` and ``end`` of its bytes."""

    number: int
    kind: int
    value: int
    start: int
    end: int


class Wire:
    """A message in memory, with a bound on the work that is spent on it."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self.data = data
        self._left = MAX_FIELDS

    def fields(self, start: int = 0, end: int | None = None) -> Iterator[Field]:
        """The fields of the message between two offsets, in file order.

        Raises:
            WireError: cut off, or no protobuf.
        """
        end = len(self.data) if end is None else end
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise WireError(f"more than {MAX_FIELDS:,} fields")
            key, at = self._varint(at, end)
            number, kind = key >> 3, key & 7
            value = 0
            first = at
            if kind == VARINT:
                value, at = self._varint(at, end)
            elif kind == BYTES:
                length, first = self._varint(at, end)
                at = first + length
            elif kind in (FIXED32, FIXED64):
                at += 4 if kind == FIXED32 else 8
            else:
                raise WireError(f"a field of unknown kind {kind} at byte {at}")
            if number == 0 or at > end:
                raise WireError(f"a field that ends outside its message, at byte {first}")
            yield Field(number, kind, value, first, at)

    def text(self, field: Field, limit: int) -> str:
        """A field as text of at most ``limit`` bytes.

        Raises:
            WireError: no text field, or too long.
        """
        if field.kind != BYTES or field.end - field.start > limit:
            raise WireError(
                f"text of at most {limit:,} bytes expected at byte {field.start}, found "
                f"{field.end - field.start:,}"
            )
        return bytes(self.data[field.start : field.end]).decode("utf-8", errors="replace")

    def integers(self, field: Field) -> list[int]:
        """A repeated integer field: one number, or many that are packed."""
        if field.kind == VARINT:
            return [_signed(field.value)]
        found, at = [], field.start
        while at < field.end:
            value, at = self._varint(at, field.end)
            found.append(_signed(value))
        return found

    def floats(self, field: Field) -> list[float]:
        """A repeated float field: one number, or many that are packed."""
        data = bytes(self.data[field.start : field.end])
        return [v for (v,) in struct.iter_unpack("<f", data[: len(data) // 4 * 4])]

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        value = 0
        for shift in range(_LONGEST_VARINT):
            if at >= end:
                raise WireError(f"the file ends within a number, at byte {at}")
            byte = self.data[at]
            at += 1
            value |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                return value, at
        raise WireError(f"a number that never ends, at byte {at}")


def signed(field: Field) -> int:
    """An integer field that may be negative."""
    return _signed(field.value)


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
