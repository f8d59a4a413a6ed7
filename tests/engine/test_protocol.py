"""The bytes of the inference protocol: what is sent, and whatever may come back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decam_engine.models.protocol import (
    DTYPES,
    LENGTH_HEADER,
    MalformedError,
    Tensor,
    decode,
    encode,
    input_bytes,
    read_json,
    read_tensors,
)

HEADER = LENGTH_HEADER.lower()


def answer(data: Any, shape: list[Any], datatype: Any = "FP32", **more: Any) -> bytes:
    output = {"name": "y", "datatype": datatype, "shape": shape, "data": data, **more}
    return json.dumps({"outputs": [output]}).encode()


@pytest.mark.parametrize("datatype", sorted(DTYPES))
@pytest.mark.parametrize("binary", [True, False])
def test_a_request_holds_the_same_numbers(datatype: str, binary: bool) -> None:
    dtype = np.dtype(DTYPES[datatype])
    rng = np.random.default_rng(0)
    if dtype.kind == "f":
        batch = (rng.standard_normal((3, 2, 4, 5)) * 10.0 ** rng.integers(-4, 4)).astype(dtype)
        batch[0, 0, 0, :2] = np.finfo(dtype).max, -np.finfo(dtype).tiny
    else:
        limits = np.iinfo(dtype)
        batch = rng.integers(limits.min, limits.max + 1, (3, 2, 4, 5)).astype(dtype)
    # A name that looks like what surrounds the numbers.
    name = 'x"data": [],'
    body, headers = encode(batch, Tensor(name, datatype, (None,) * 4), "y", binary=binary)
    length = int(headers.get(LENGTH_HEADER, len(body)))
    record = json.loads(body[:length])
    (tensor,) = record["inputs"]
    assert (tensor["name"], tensor["datatype"], tensor["shape"]) == (name, datatype, [3, 2, 4, 5])
    assert record["outputs"][0]["name"] == "y"
    if binary:
        assert tensor["parameters"]["binary_data_size"] == len(body) - length
        found = np.frombuffer(body[length:], dtype.newbyteorder("<"))
    else:
        found = np.asarray(tensor["data"]).astype(dtype)
    assert np.array_equal(found.reshape(batch.shape), batch)
    size = len(body) - length if binary else len(body)
    assert size <= 3 * input_bytes(40, datatype, binary=binary) + 300


def test_answers_in_every_form() -> None:
    expected = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    for body in (
        answer([0.25, 0.75, 1, 0], [2, 2]),
        answer([[0.25, 0.75], [1, 0]], [2, 2]),
        answer([0.25, 0.75, 1, 0], [2, 2, 1, 1], "FP16"),
    ):
        assert np.array_equal(decode(body, {}, "y", 2)[0], expected)
    first = {"name": "x", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": 8}}
    second = {
        "name": "y",
        "datatype": "FP32",
        "shape": [2, 2],
        "parameters": {"binary_data_size": 16},
    }
    text = json.dumps({"outputs": [first, second], "model_version": "7"}).encode()
    body = text + b"\0" * 8 + expected.tobytes()
    scores, version = decode(body, {HEADER: str(len(text))}, "y", 2)
    assert np.array_equal(scores, expected)
    assert version == "7"
    assert np.isnan(decode(answer([None, 1.0], [1, 2]), {}, "y", 1)[0][0, 0])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"outputs": [' + b"[" * 900 + b"]" * 900 + b"]}",
        b'{"outputs": {}}',
        b'{"outputs": []}',
        b'{"outputs": [3]}',
        answer([1.0], [1, 2]),
        answer([1.0, 2.0], [2, 1]),
        answer([1.0, 2.0], [2]),
        answer([], [1, 0]),
        answer(["1", "2"], [1, 2]),
        answer([True, False], [1, 2]),
        answer([[1.0], [2.0, 3.0]], [1, 3]),
        answer({"a": 1}, [1, 1]),
        answer("ab", [1, 2]),
        answer([1.0, 2.0], [1, 10**400]),
        answer([1.0, 2.0], [1, 2.0]),
        answer([1.0, 2.0], [1, "2"]),
        answer([1.0, 2.0], [1, 2], "BYTES"),
        answer([1.0, 2.0], [1, 2], None),
        answer([10**400, 1], [1, 2]),
        answer(None, [1, 2], parameters={"binary_data_size": 8}),
        answer(None, [1, 2], parameters={"binary_data_size": -8}),
        answer(None, [1, 2], parameters={"binary_data_size": True}),
        answer([1.0, 2.0], [1, 2]).replace(b'"y"', b'"z"'),
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(MalformedError, match="expected"):
        decode(body, {}, "y", 1)


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "", "99999999", "\u0663"])
def test_a_length_that_cannot_be(length: str) -> None:
    with pytest.raises(MalformedError, match="expected the length"):
        decode(answer([1.0, 2.0], [1, 2]), {HEADER: length}, "y", 1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "datatype", "shape", "data", "parameters", "outputs", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
output_like = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["y", "z"]) | anything,
        "datatype": st.sampled_from(["FP32", "FP16", "INT64"]) | anything,
        "shape": st.lists(st.integers(-2, 3), max_size=4) | anything,
    },
    optional={
        "data": st.lists(st.floats() | st.none(), max_size=4) | anything,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 20)}) | anything,
    },
)


@settings(max_examples=400, deadline=None)
@given(outputs=st.lists(output_like, max_size=3) | anything, tail=st.binary(max_size=16))
def test_whatever_comes_back_is_scores_or_a_sentence(outputs: Any, tail: bytes) -> None:
    text = json.dumps({"outputs": outputs}).encode()
    try:
        scores, _ = decode(text + tail, {HEADER: str(len(text))}, "y", 2)
    except MalformedError as error:
        assert str(error).isprintable()
    else:
        assert scores.shape[0] == 2
        assert scores.dtype.kind == "f"


@settings(max_examples=200, deadline=None)
@given(tensors=st.lists(output_like, max_size=3) | anything)
def test_whatever_the_metadata_holds_is_tensors_or_a_sentence(tensors: Any) -> None:
    record = read_json(json.dumps({"inputs": tensors}).encode(), "metadata")
    try:
        found = read_tensors(record, "inputs")
    except MalformedError as error:
        assert str(error).isprintable()
    else:
        assert all(d is None or 0 < d <= 2**31 for t in found for d in t.shape)
