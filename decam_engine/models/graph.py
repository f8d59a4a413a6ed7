"""What an ONNX file says about itself: operators, shapes, metadata, where its weights lie.

Read from the file's bytes alone, so that a model's domains and external files are known before
any runtime touches it. The field numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from decam_engine.models.wire import BYTES, Field, Wire, WireError, signed

MAX_NAME = 100_000
MAX_METADATA = 5_000_000
MAX_DEPTH = 20
# Operator sets that come with ONNX Runtime itself. Anything else needs a library of its own,
# and loading a stranger's library is running a stranger's program.
KNOWN_DOMAINS = (
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.preview",
    "com.microsoft",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
)
_EXTERNAL = 1
# Types of scales, zero points, means and deviations, as they are stored in bytes.
_NUMBERS = {1: "<f", 2: "<B", 3: "<b", 6: "<i", 7: "<q", 10: "<e", 11: "<d"}
_MOST_NUMBERS = 4
_HALF = 10


@dataclass(frozen=True)
class Node:
    """One operator; ``span`` is where its message lies in the file."""

    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    span: tuple[int, int]


@dataclass
class Graph:
    """What was read.

    Attributes:
        nodes: of the main graph, in file order.
        operators: how often each ``domain:operator`` occurs, subgraphs and functions included.
        functions: ``(domain, name)`` of the functions that the file itself defines.
        opsets: domain -> version.
        inputs, outputs, initializers: names; inputs without those that have a value.
        metadata: the model's own key-value pairs.
        external: files that hold weights, as the model names them.
    """

    nodes: list[Node] = field(default_factory=list)
    operators: Counter[str] = field(default_factory=Counter)
    functions: set[tuple[str, str]] = field(default_factory=set)
    opsets: dict[str, int] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    initializers: set[str] = field(default_factory=set)
    metadata: dict[str, str] = field(default_factory=dict)
    external: list[str] = field(default_factory=list)
    ir_version: int = 0
    producer: str = ""

    def foreign(self) -> list[str]:
        """``domain:operator`` of what ONNX Runtime itself does not have, sorted."""
        return sorted(
            name
            for name in self.operators
            if name.rpartition(":")[0] not in KNOWN_DOMAINS
            and (name.rpartition(":")[0], name.rpartition(":")[2]) not in self.functions
        )

    def quantisation(self) -> str | None:
        """``QDQ``, ``QOperator`` or None."""
        ops = {name.rpartition(":")[2] for name in self.operators}
        if ops & {"QLinearConv", "QLinearMatMul", "QGemm", "ConvInteger", "MatMulInteger"}:
            return "QOperator"
        return "QDQ" if "DequantizeLinear" in ops else None


class GraphReader:
    """Reads a :class:`Graph` from a file and, later, the attributes of single nodes."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory; close with :meth:`close`.

        Raises:
            OSError: unreadable.
            WireError: empty, or no ONNX model.
        """
        with path.open("rb") as stream:
            try:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise WireError("an empty file") from None
        self._wire = Wire(self._map)
        self._tensors: dict[str, tuple[int, int]] = {}
        self.graph = Graph()
        try:
            self._model()
        except WireError:
            self._map.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def attributes(self, node: Node) -> dict[str, object]:
        """The node's attributes: int, str, or a list of one of them; others are left out."""
        found: dict[str, object] = {}
        for f in self._wire.fields(*node.span):
            if f.number != 5 or f.kind != BYTES:
                continue
            name = ""
            value: int | str | None = None
            numbers: list[int] = []
            texts: list[str] = []
            for a in self._wire.fields(f.start, f.end):
                if a.number == 1:
                    name = self._wire.text(a, MAX_NAME)
                elif a.number == 3:
                    value = signed(a)
                elif a.number == 4:
                    value = self._wire.text(a, MAX_METADATA)
                elif a.number == 8:
                    numbers += self._wire.integers(a)
                elif a.number == 9:
                    texts.append(self._wire.text(a, MAX_NAME))
            found[name] = value if value is not None else texts or numbers
        return found

    def scalar(self, name: str) -> float | None:
        """The only number of a constant; None where there is none, or more than one."""
        found = self.numbers(name)
        return found[0] if found is not None and len(found) == 1 else None

    def numbers(self, name: str) -> list[float] | None:
        """The numbers of a constant; None where there is none, or more than four."""
        span = self._tensors.get(name)
        if span is None:
            return None
        kind, sides, raw = 0, [1], (0, 0)
        found: list[float] = []
        for f in self._wire.fields(*span):
            if f.number == 1:
                sides += self._wire.integers(f)
            elif f.number == 2:
                kind = f.value
            elif f.number in (4, 5, 7) and f.end - f.start <= _MOST_NUMBERS * 10:
                found += self._wire.floats(f) if f.number == 4 else self._wire.integers(f)
            elif f.number == 9 and f.kind == BYTES:
                raw = (f.start, f.end)
        count = math.prod(sides)
        if kind not in _NUMBERS or not 1 <= count <= _MOST_NUMBERS:
            return None
        form = f"<{count}{_NUMBERS[kind][1]}"
        if raw[1] - raw[0] == struct.calcsize(form):
            found += struct.unpack(form, self._wire.data[slice(*raw)])
        # Half precision outside raw bytes is stored as the integers of its bits.
        halves = kind == _HALF and raw == (0, 0)
        return found if count == len(found) and not halves else None

    # --- the messages ------------------------------------------------------------------

    def _model(self) -> None:
        graph, wire, found = self.graph, self._wire, False
        for f in wire.fields():
            if f.number == 1:
                graph.ir_version = signed(f)
            elif f.number == 2:
                graph.producer = wire.text(f, MAX_NAME)
            elif f.number == 7 and f.kind == BYTES:
                found = True
                self._graph(f, main=True, depth=0)
            elif f.number == 8 and f.kind == BYTES:
                self._opset(f)
            elif f.number == 14 and f.kind == BYTES:
                key, value = self._pair(f)
                graph.metadata[key] = value
            elif f.number == 25 and f.kind == BYTES:
                self._function(f)
        if not found:
            raise WireError("no graph")
        graph.inputs = [n for n in graph.inputs if n not in graph.initializers]
        graph.external = sorted(set(graph.external))

    def _graph(self, span: Field, *, main: bool, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise WireError(f"graphs within graphs, {MAX_DEPTH} deep")
        graph, wire = self.graph, self._wire
        for f in wire.fields(span.start, span.end):
            if f.kind != BYTES:
                continue
            if f.number == 1:
                node = self._node(f, depth, main)
                if main:
                    graph.nodes.append(node)
            elif f.number == 5:
                name = self._tensor(f)
                if main:
                    graph.initializers.add(name)
                    self._tensors[name] = (f.start, f.end)
            elif f.number == 15:
                self._sparse(f)
            elif main and f.number in (11, 12):
                names = graph.inputs if f.number == 11 else graph.outputs
                names.append(self._first_text(f, 1))

    def _node(self, span: Field, depth: int, main: bool = False) -> Node:
        wire, constant = self._wire, None
        inputs, outputs, op, domain = [], [], "", ""
        for f in wire.fields(span.start, span.end):
            if f.number == 1:
                inputs.append(wire.text(f, MAX_NAME))
            elif f.number == 2:
                outputs.append(wire.text(f, MAX_NAME))
            elif f.number == 4:
                op = wire.text(f, MAX_NAME)
            elif f.number == 7:
                domain = wire.text(f, MAX_NAME)
            elif f.number == 5 and f.kind == BYTES:
                constant = self._attribute(f, depth) or constant
        self.graph.operators[f"{domain}:{op}"] += 1
        if main and op == "Constant" and outputs and constant is not None:
            self._tensors[outputs[0]] = constant
        return Node(op, domain, tuple(inputs), tuple(outputs), (span.start, span.end))

    def _attribute(self, span: Field, depth: int) -> tuple[int, int] | None:
        """Note what an attribute needs; where its last tensor lies."""
        found = None
        for f in self._wire.fields(span.start, span.end):
            if f.kind != BYTES:
                continue
            if f.number in (5, 10):
                self._tensor(f)
                found = (f.start, f.end)
            elif f.number in (6, 11):
                self._graph(f, main=False, depth=depth + 1)
            elif f.number in (22, 23):
                self._sparse(f)
        return found

    def _sparse(self, span: Field) -> None:
        for f in self._wire.fields(span.start, span.end):
            if f.number in (1, 2) and f.kind == BYTES:
                self._tensor(f)

    def _tensor(self, span: Field) -> str:
        """Its name; where its data lies in another file, that file is noted."""
        name, elsewhere, pairs = "", False, []
        for f in self._wire.fields(span.start, span.end):
            if f.number == 8 and f.kind == BYTES:
                name = self._wire.text(f, MAX_NAME)
            elif f.number == 13 and f.kind == BYTES:
                pairs.append(self._pair(f))
            elif f.number == 14:
                elsewhere = f.value == _EXTERNAL
        if elsewhere or pairs:
            self.graph.external += [value for key, value in pairs if key == "location"] or [""]
        return name

    def _function(self, span: Field) -> None:
        name = domain = ""
        for f in self._wire.fields(span.start, span.end):
            if f.kind != BYTES:
                continue
            if f.number == 1:
                name = self._wire.text(f, MAX_NAME)
            elif f.number == 10:
                domain = self._wire.text(f, MAX_NAME)
            elif f.number == 7:
                self._node(f, 0)
        self.graph.functions.add((domain, name))

    def _opset(self, span: Field) -> None:
        domain, version = "", 0
        for f in self._wire.fields(span.start, span.end):
            if f.number == 1:
                domain = self._wire.text(f, MAX_NAME)
            elif f.number == 2:
                version = signed(f)
        self.graph.opsets[domain] = version

    def _pair(self, span: Field) -> tuple[str, str]:
        key = value = ""
        for f in self._wire.fields(span.start, span.end):
            if f.number == 1:
                key = self._wire.text(f, MAX_NAME)
            elif f.number == 2:
                value = self._wire.text(f, MAX_METADATA)
        return key, value

    def _first_text(self, span: Field, number: int) -> str:
        for f in self._wire.fields(span.start, span.end):
            if f.number == number:
                return self._wire.text(f, MAX_NAME)
        return ""
