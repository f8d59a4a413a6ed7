"""The process that tries a model file out, so that the application never has to find out.

Started by :mod:`decam_engine.models.probing`. It reads one JSON request from standard input,
limits its own memory and time, reads the graph, opens the model, runs it once and writes one
JSON answer to standard output: facts, or a sentence. Whatever else happens here (a crash in
native code, a loop without end, memory that runs out) happens to this process alone.

It imports nothing that it does not need: it is started once for every new model.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from decam_engine.errors import ModelError
from decam_engine.models.beginning import beginning
from decam_engine.models.ending import ending, steps
from decam_engine.models.external import check_external
from decam_engine.models.foreign import recognise
from decam_engine.models.graph import GraphReader
from decam_engine.models.wire import WireError

ARGUMENT = "--decam-probe"
# Sizes tried, in this order, for an input that leaves its size open.
SIZES = ((224, 224), (256, 256), (299, 299), (384, 384), (128, 128), (64, 64), (32, 32), (28, 28))
TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
}
CPU = "CPUExecutionProvider"
CHANNELS = (3, 1, 4)
CHANNEL_NAMES = re.compile(
    r"^(c|ch|chan|chans|(num_?|n_)?channels?|colou?rs?|depth)$", re.IGNORECASE
)
# Outputs of which it is looked up which is computed from which.
MOST_COMPARED = 16
# A model that names this many values is no classifier, and its answer no answer.
MAX_VALUES = 1000


def main() -> int:
    """Answer one request; always 0, a failed process is told by its absence of an answer."""
    # Native libraries may print; the answer goes out on a descriptor of its own.
    out = os.dup(1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer = _answer(request)
    except ModelError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"memory": True}
    data = json.dumps(answer).encode()
    while data:
        data = data[os.write(out, data) :]
    # Not through the interpreter's end: a damaged session may crash while it is torn down.
    os._exit(0)


def limit(memory: int | None, seconds: int) -> None:
    """Bound this process's memory (bytes; None = not) and processor time, where possible."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    wanted: list[tuple[int, int | None]] = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
    ]
    if sys.platform == "linux":
        # Elsewhere the address space is not limited, or shared libraries count in full.
        wanted.append((resource.RLIMIT_AS, memory))
    for kind, value in wanted:
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            wide = hard == resource.RLIM_INFINITY
            soft = hard if value is None else value if wide else min(value, hard)
            resource.setrlimit(kind, (soft, hard))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    spare, copies = request["spare_memory"], request["copies"]
    # Mapping the file into memory takes as much of the address space.
    weights = path.stat().st_size
    limit(spare + weights, request["cpu_seconds"])
    facts, endings = _read(path)
    weights += sum(file.stat().st_size for file in check_external(path, facts["external"]))
    # Drivers of graphics cards map far more of the address space than there is memory.
    alone = request["providers"] == [CPU]
    limit(spare + copies * weights if alone else None, request["cpu_seconds"])
    # Only now: files that are no models never get as far as the runtime.
    from decam_engine.models.runtime import open_session  # noqa: PLC0415

    session = open_session(path, request["providers"], 1)
    facts["inputs"] = [_value(i) for i in session.get_inputs()]
    facts["outputs"] = [_value(o) | endings[o.name] for o in session.get_outputs()[:MAX_VALUES]]
    facts["ran"] = _run(session, request.get("size"))
    if not facts["inputs"][:1] or facts["inputs"][0]["shape"]:
        return facts
    # No number of dimensions is stated, and images are taken nevertheless.
    if "input" in (facts["ran"] or {}):
        facts["inputs"][0]["shape"] = [None] * 4
    return facts


def _read(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The facts that the file's bytes tell, and those on each output.

    Raises:
        ModelError: no model, or one that must not be opened.
    """
    try:
        reader = GraphReader(path)
    except WireError as error:
        told, remedy = recognise(path) or (str(error), "Export or copy it again.")
        raise ModelError(
            f"{path.name} could not be opened as an ONNX model: expected a complete .onnx file, "
            f"found {told}. {remedy}"
        ) from None
    try:
        graph = reader.graph
        foreign = graph.foreign()
        if foreign:
            shown = ", ".join(name[:80] for name in foreign[:3])
            more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
            raise ModelError(
                f"{path.name} needs operators that ONNX Runtime does not have: expected only those "
                f"of ONNX itself, found {shown}{more}. A library of custom operators is never "
                "loaded; export the model without them."
            )
        endings: dict[str, dict[str, Any]] = {}
        further = steps(reader, graph.outputs[:MOST_COMPARED])
        for name in graph.outputs[:MAX_VALUES]:
            found = ending(reader, name)
            endings[name] = {
                "operator": found.operator,
                "activation": found.activation,
                "sums_to_one": found.sums_to_one,
                "keys": None if found.keys is None else list(found.keys),
                "quantum": None if found.quantum is None else list(found.quantum),
                "leads_to": further.get(name, []),
            }
        facts = {
            "ir_version": graph.ir_version,
            "opsets": graph.opsets,
            "producer": graph.producer[:200],
            "operators": sum(graph.operators.values()),
            "quantisation": graph.quantisation(),
            "metadata": graph.metadata,
            "external": graph.external,
            "beginning": None,
        }
        if len(graph.inputs) == 1 and (first := beginning(reader, graph.inputs[0])) is not None:
            facts["beginning"] = dataclasses.asdict(first)
        return facts, endings
    except WireError as error:
        raise ModelError(f"{path.name} could not be read: {error}. Export it again.") from None
    finally:
        reader.close()


def _value(info: Any) -> dict[str, Any]:
    shape = [d if isinstance(d, int) else None if d is None else str(d)[:80] for d in info.shape]
    return {"name": info.name, "type": info.type, "shape": shape}


def _run(session: Any, hint: list[int] | None) -> dict[str, Any] | None:
    """Run the model once, trying the usual sizes for what it leaves open.

    Returns the input shape that worked and what came out, an ``error``, or None for a model
    that takes no single image.
    """
    import numpy as np  # noqa: PLC0415

    from decam_engine.models.runtime import RUNTIME_ERRORS, first_line  # noqa: PLC0415

    inputs = session.get_inputs()
    if len(inputs) != 1 or len(inputs[0].shape) not in (0, 4) or inputs[0].type not in TYPES:
        return None
    names = [o.name for o in session.get_outputs()]
    first = ""
    for shape in _shapes(inputs[0].shape or [None] * 4, hint):
        batch = np.random.default_rng(0).random(shape)
        if TYPES[inputs[0].type] in ("uint8", "int8"):
            batch *= 127
        try:
            found = session.run(names, {inputs[0].name: batch.astype(TYPES[inputs[0].type])})
        except RUNTIME_ERRORS as error:
            text = first_line(error)
            if "allocate" in text.casefold() or "bad_alloc" in text.casefold():
                raise MemoryError from None
            first = first or text
            continue
        outputs = {n: _result(v) for n, v in zip(names, found, strict=True)}
        return {"input": list(shape), "outputs": outputs}
    return {"error": first}


def _shapes(declared: list[Any], hint: list[int] | None) -> list[tuple[int, ...]]:
    """Input shapes to try: what is declared, and the usual values where that is open."""
    known = [d if isinstance(d, int) and d > 0 else None for d in declared]
    batch = known[0] or 1
    sizes = ([(hint[0], hint[1])] if hint else []) + list(SIZES)
    found: list[tuple[int, ...]] = []
    orders = tuple(last for last in (False, True) if not _named(declared[1 if last else 3]))
    for (h, w), last in itertools.product(sizes, orders or (False, True)):
        usual = (h, w, 3) if last else (3, h, w)
        tried = tuple(k or u for k, u in zip(known[1:], usual, strict=True))
        channel = tried[2] if last else tried[0]
        if channel in CHANNELS and (batch, *tried) not in found:
            found.append((batch, *tried))
    return found


def _named(dimension: Any) -> bool:
    """Whether a dimension's name says that it counts channels."""
    return isinstance(dimension, str) and CHANNEL_NAMES.match(dimension) is not None


def _result(value: Any) -> dict[str, Any]:
    """Shape of an array, or the class keys of a sequence of maps."""
    if isinstance(value, list):
        row = value[0] if value and isinstance(value[0], dict) else {}
        return {"shape": [len(value), len(row)], "keys": list(row)}
    return {"shape": list(getattr(value, "shape", ())), "keys": None}


if __name__ == "__main__":
    sys.exit(main())
