"""The Open Inference Protocol (v2) over HTTP: what requests and answers look like as bytes.

Tensors travel as bytes behind the JSON (the binary tensor extension), or as numbers in it,
which every server of the protocol reads. Nothing here touches the network, and nothing that
a server says is trusted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.models.transport import clean

# The protocol's name of a type, and numpy's.
DTYPES = {
    "FP32": "float32",
    "FP16": "float16",
    "FP64": "float64",
    "UINT8": "uint8",
    "INT8": "int8",
}
SCORE_TYPES = ("FP32", "FP16", "FP64", "UINT8", "INT8")
# As many digits as give the same number back; in a request, and at most in bytes a number.
_DIGITS = {"FP32": "%.9g,", "FP16": "%.5g,", "FP64": "%.17g,", "UINT8": "%d,", "INT8": "%d,"}
_LONGEST = {"FP32": 16, "FP16": 12, "FP64": 25, "UINT8": 4, "INT8": 5}
LENGTH_HEADER = "Inference-Header-Content-Length"
# Bytes of a request beside its tensor.
OVERHEAD = 4096
MOST_TENSORS = 1000
# Of any dimension; a longer one is no image and no list of classes.
LONGEST_SIDE = 2**31


class MalformedError(Exception):
    """A server's answer is not what the protocol says; ``str(error)``: expected, found."""


@dataclass(frozen=True)
class Tensor:
    """A model's input or output; dimensions are None where they are open."""

    name: str
    datatype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        shape = ", ".join("?" if d is None else str(d) for d in self.shape)
        return f"{clean(self.name)} {clean(self.datatype)} ({shape})"


def read_json(body: bytes, what: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        MalformedError: it is none.
    """
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        start = clean(body[:60].decode("utf-8", "replace"))
        raise MalformedError(f"expected {what} as a JSON object, found {start or 'nothing'!r}")
    return record


def read_tensors(record: Mapping[str, Any], key: str) -> tuple[Tensor, ...]:
    """The ``inputs`` or ``outputs`` of a model's metadata.

    Raises:
        MalformedError: missing, or not as the protocol has them.
    """
    found = record.get(key)
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_TENSORS:
        raise MalformedError(
            f"expected the model's {key} in its metadata, found none; the server must be told "
            "them (in Triton and MLServer in the model's configuration)"
        )
    return tuple(_tensor(t, key) for t in found)


def _tensor(record: Any, key: str) -> Tensor:
    fields = record if isinstance(record, dict) else {}
    name, datatype, shape = (fields.get(k) for k in ("name", "datatype", "shape"))
    if not isinstance(name, str) or not isinstance(datatype, str) or not isinstance(shape, list):
        raise MalformedError(
            f"expected each of the model's {key} with name, datatype and shape, found "
            f"{_shown(record)}"
        )
    numbers = [int(d) if _is_count(d) or d == -1 else -2 for d in shape]
    if -2 in numbers or max(numbers, default=0) > LONGEST_SIDE:
        raise MalformedError(
            f"expected whole numbers as the shape of {clean(name)}, found {_shown(shape)}"
        )
    return Tensor(name, datatype, tuple(d if d > 0 else None for d in numbers))


def encode(
    batch: npt.NDArray[Any], target: Tensor, output: str, *, binary: bool
) -> tuple[bytes, dict[str, str]]:
    """An inference request: its body and its headers.

    Args:
        batch: ``(N, ...)`` of the type that ``target.datatype`` names.
        target: the model's input.
        output: the one output that is asked for.
        binary: whether tensors travel as bytes.
    """
    tensor: dict[str, Any] = {
        "name": target.name,
        "shape": list(batch.shape),
        "datatype": target.datatype,
    }
    wanted: dict[str, Any] = {"name": output}
    if not binary:
        tensor["data"] = []
        # A name cannot hold this mark: JSON escapes its quotation marks.
        mark = '"data": ['
        head, tail = json.dumps({"inputs": [tensor], "outputs": [wanted]}).split(mark, 1)
        numbers = (_DIGITS[target.datatype] * batch.size) % tuple(batch.reshape(-1).tolist())
        body = f"{head}{mark}{numbers[:-1]}{tail}".encode()
        return body, {"Content-Type": "application/json"}
    data = np.ascontiguousarray(batch, dtype=batch.dtype.newbyteorder("<")).tobytes()
    tensor["parameters"] = {"binary_data_size": len(data)}
    wanted["parameters"] = {"binary_data": True}
    text = json.dumps({"inputs": [tensor], "outputs": [wanted]}).encode()
    return text + data, {
        "Content-Type": "application/octet-stream",
        LENGTH_HEADER: str(len(text)),
    }


def input_bytes(numbers: int, datatype: str, *, binary: bool) -> int:
    """Most bytes that one input of so many numbers takes in a request."""
    size = np.dtype(DTYPES[datatype]).itemsize if binary else _LONGEST[datatype]
    return numbers * size


def decode(
    body: bytes, headers: Mapping[str, str], output: str, rows: int
) -> tuple[npt.NDArray[Any], str]:
    """The scores ``(rows, K)`` of an inference answer, and the model version it names.

    Raises:
        MalformedError: not JSON, another output, type, shape or number of values.
    """
    length = headers.get(LENGTH_HEADER.lower())
    rest = b""
    if length is not None:
        if not (length.isascii() and length.isdigit() and int(length) <= len(body)):
            raise MalformedError(f"expected the length of its JSON, found {clean(length)!r}")
        body, rest = body[: int(length)], body[int(length) :]
    record = read_json(body, "an inference answer")
    version = record.get("model_version")
    found, data = _find_output(record.get("outputs"), output, rest)
    if found.datatype not in SCORE_TYPES:
        raise MalformedError(
            f"expected scores of type {', '.join(SCORE_TYPES)}, found {clean(found.datatype)}"
        )
    shape = [0 if d is None else d for d in found.shape]
    if len(shape) < 2 or shape[0] != rows or shape[1] < 1 or any(d != 1 for d in shape[2:]):
        raise MalformedError(f"expected an output of shape ({rows}, classes), found {found}")
    values = _values(data, found)
    if values.size != math.prod(shape):
        raise MalformedError(f"expected the values of {found}, found {values.size} of them")
    return values.reshape(rows, shape[1]), clean(version) if isinstance(version, str) else ""


def _find_output(outputs: Any, name: str, rest: bytes) -> tuple[Tensor, Any]:
    """The output of this name and its data: bytes, or what the JSON holds."""
    if not isinstance(outputs, list) or len(outputs) > MOST_TENSORS:
        raise MalformedError(f"expected a list of outputs, found {_shown(outputs)}")
    start = 0
    result: tuple[Tensor, Any] | None = None
    for record in outputs:
        tensor = _tensor(record, "outputs")
        parameters = record.get("parameters")
        size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
        data = record.get("data")
        if size is not None:
            if not _is_count(size) or start + size > len(rest):
                raise MalformedError(
                    f"expected {_shown(size)} bytes of {tensor}, found {len(rest) - start}"
                )
            data = rest[start : start + size]
            start += size
        if tensor.name == name and result is None:
            result = tensor, data
    if result is None:
        names = ", ".join(clean(r["name"]) for r in outputs[:5]) or "none"
        raise MalformedError(f"expected the output {clean(name)}, found {names}")
    if start != len(rest):
        raise MalformedError(f"expected {start} bytes behind its JSON, found {len(rest)}")
    return result


def _values(data: Any, found: Tensor) -> npt.NDArray[Any]:
    dtype = np.dtype(DTYPES[found.datatype])
    try:
        if isinstance(data, bytes):
            return np.frombuffer(data, dtype=dtype.newbyteorder("<")).astype(dtype)
        values = np.asarray(data)
        # JSON has no NaN: servers write null.
        if values.dtype.kind == "O" or values.size == 0:
            values = np.asarray(data, dtype=np.float64)
        if values.dtype.kind not in "fiu":
            raise ValueError
        with np.errstate(over="ignore"):
            return values.astype(dtype)
    except (ValueError, TypeError, OverflowError):
        raise MalformedError(f"expected numbers for {found}, found something else") from None


def _shown(value: Any) -> str:
    try:
        return clean(str(value))
    except RecursionError:
        return "lists within lists"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
