"""A zoo of odd and broken model files: one factory each, with what must be read or said.

Unless a factory says otherwise, its model has 64 x 64 pixels and two classes: class 0 grows
with the brightness of ``fakes.BRIGHT``, class 1 with that of ``fakes.OTHER``, so that class 0
is the right answer for ``fakes.bright_photo()`` however brightness is scaled.
"""

from __future__ import annotations

import gzip
import pickle
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from decam_engine import demo_model, demo_photos
from tests.fakes import BRIGHT, OTHER, SIZE, Box
from tests.onnx_models import Dim, rectangle_weights

F32, F16, F64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE
U8, I8, I64 = TensorProto.UINT8, TensorProto.INT8, TensorProto.INT64
GAIN = 10.0


@dataclass(frozen=True)
class Animal:
    """One model file and how it must be read.

    Attributes:
        build: makes the file (and what lies beside it) in an empty folder.
        options: for ``load_model``.
        size, layout, channels, dtype, activation, top, classes, labels: as read; None = not
            looked at.
        assumed: topics of the assumptions there must be, besides the pre-processing's.
        error: pattern of the sentence, for a file that must be refused.
    """

    build: Callable[[Path], Path]
    options: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = SIZE
    layout: str = "NCHW"
    channels: str = "RGB"
    dtype: str = "float32"
    activation: str | None = "softmax"
    activation_source: str | None = None
    source: str = "assumed"
    top: int = 0
    classes: int = 2
    labels: tuple[str, ...] | None = None
    labels_source: str | None = None
    assumed: tuple[str, ...] = ()
    error: str | None = None


ZOO: dict[str, Animal] = {}


def sound(**expected: Any) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Register a factory of a model that can be explained."""

    def add(build: Callable[[Path], Path]) -> Callable[[Path], Path]:
        ZOO[build.__name__] = Animal(build, **expected)
        return build

    return add


def broken(
    error: str, **options: Any
) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Register a factory of a file that must be refused with a sentence."""

    def add(build: Callable[[Path], Path]) -> Callable[[Path], Path]:
        ZOO[build.__name__] = Animal(build, options, error=error)
        return build

    return add


# --- parts -------------------------------------------------------------------------------


def tensor(name: str, values: npt.ArrayLike, dtype: Any = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype=dtype, order="C"), name)


def info(name: str, kind: int, shape: Sequence[Dim] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def save(
    folder: Path,
    graph: onnx.GraphProto,
    *,
    name: str = "net.onnx",
    opset: int = 17,
    domains: Sequence[tuple[str, int]] = (),
    ir: int = 8,
    functions: Sequence[onnx.FunctionProto] = (),
    metadata: dict[str, str] | None = None,
) -> Path:
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(d, v) for d, v in (("", opset), *domains)],
        ir_version=ir,
        functions=list(functions),
    )
    if metadata:
        helper.set_model_props(model, metadata)
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def network(
    folder: Path,
    tail: Sequence[onnx.NodeProto] = (),
    *,
    outputs: Sequence[onnx.ValueInfoProto] | None = None,
    batch: Dim = "N",
    size: tuple[int, int] = SIZE,
    declared: Sequence[Dim] | None = None,
    channels: int = 3,
    layout: str = "NCHW",
    kind: int = F32,
    gain: float = GAIN,
    boxes: Sequence[Box] = (BRIGHT, OTHER),
    extra: Sequence[onnx.TensorProto] = (),
    weights: npt.NDArray[Any] | None = None,
    **saving: Any,
) -> Path:
    """image -> Cast -> Flatten -> Gemm -> ``logits``, then ``tail``; the output is ``scores``."""
    if weights is None:
        weights = rectangle_weights(size, boxes, channels=channels, layout=layout, gain=gain)
    shape = [batch, channels, *size] if layout == "NCHW" else [batch, *size, channels]
    nodes = [
        node("Cast", "image", "cast", to=F32),
        node("Flatten", "cast", "flat", axis=1),
        node("Gemm", "flat weights bias", "logits"),
        *(tail or [node("Identity", "logits", "scores")]),
    ]
    count = weights.shape[1]
    graph = helper.make_graph(
        nodes,
        "net",
        [info("image", kind, declared or shape)],
        list(outputs or [info("scores", F32, [batch, count])]),
        [tensor("weights", weights), tensor("bias", np.zeros(count)), *extra],
    )
    return save(folder, graph, **saving)


def pool(folder: Path, shape: Sequence[Dim], layout: str = "NCHW", **saving: Any) -> Path:
    """Any size: class 0 is dark, class 1 bright."""
    axes = [1, 2, 3]
    graph = helper.make_graph(
        [
            # A convolution of 3 channels, so that the layout matters.
            *([node("Transpose", "image", "first", perm=[0, 3, 1, 2])] if layout == "NHWC" else []),
            node("Conv", "image kernel" if layout == "NCHW" else "first kernel", "mixed"),
            node("ReduceMean", "mixed", "mean", axes=axes, keepdims=0),
            node("Unsqueeze", "mean axis", "column"),
            node("Neg", "column", "dark"),
            node("Concat", "dark column", "scores", axis=1),
        ],
        "pool",
        [info("image", F32, shape)],
        [info("scores", F32, [shape[0], 2])],
        [tensor("kernel", np.full((1, 3, 1, 1), GAIN / 3)), tensor("axis", [1], np.int64)],
    )
    return save(folder, graph, **saving)


# --- inputs ------------------------------------------------------------------------------


@sound()
def channels_first(folder: Path) -> Path:
    return network(folder)


@sound(layout="NHWC")
def channels_last(folder: Path) -> Path:
    return network(folder, layout="NHWC")


@sound()
def batch_fixed_at_one(folder: Path) -> Path:
    return network(folder, batch=1)


@sound()
def batch_fixed_at_four(folder: Path) -> Path:
    return network(folder, batch=4)


@sound()
def batch_of_minus_one(folder: Path) -> Path:
    return network(folder, batch=-1)


@sound(size=(224, 224), assumed=("size",))
def symbolic_sizes(folder: Path) -> Path:
    return pool(folder, ["N", 3, "height", "width"])


@sound(size=(224, 224), assumed=("size",))
def sizes_of_minus_one(folder: Path) -> Path:
    return pool(folder, [-1, 3, -1, -1])


@sound(assumed=("size",))
def size_open_but_only_one_works(folder: Path) -> Path:
    return network(folder, declared=["N", 3, "h", "w"])


@sound(layout="NHWC", assumed=("size",))
def every_side_symbolic_with_names(folder: Path) -> Path:
    return network(folder, layout="NHWC", declared=["batch", "height", "width", "channels"])


@sound(size=(224, 224), assumed=("size",))
def names_as_hugging_face_writes_them(folder: Path) -> Path:
    return pool(folder, ["batch_size", "num_channels", "height", "width"])


@sound(layout="NHWC", size=(224, 224), assumed=("layout", "size"))
def every_side_open_channels_last_works(folder: Path) -> Path:
    return pool(folder, [None, None, None, None], layout="NHWC")


@sound(size=(224, 224), assumed=("layout", "size"))
def every_side_open(folder: Path) -> Path:
    return pool(folder, ["a", "b", "d", "e"])


@sound(size=(224, 224), assumed=("layout", "size"))
def number_of_sides_open(folder: Path) -> Path:
    path = pool(folder, ["N", 3, 64, 64])
    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.ClearField("shape")
    path.write_bytes(model.SerializeToString())
    return path


@sound(size=(48, 96))
def not_square(folder: Path) -> Path:
    return network(folder, size=(48, 96), boxes=[(9, 50, 21, 79), (30, 12, 42, 36)])


@sound(size=(28, 28), channels="L", top=1)
def digits(folder: Path) -> Path:
    # Squashed onto 28 x 28: the bright rectangle is lower right of the first box.
    boxes = [(0, 0, 4, 4), (6, 16, 11, 22)]
    return network(folder, size=(28, 28), channels=1, boxes=boxes)


@sound(size=(1024, 1024))
def large_input(folder: Path) -> Path:
    return pool(folder, ["N", 3, 1024, 1024])


@sound(layout="NHWC", channels="L")
def grey_channels_last(folder: Path) -> Path:
    return network(folder, channels=1, layout="NHWC")


@sound(channels="RGBA", assumed=("channels",))
def four_channels(folder: Path) -> Path:
    return network(folder, channels=4)


@sound(channels="RGBA", layout="NHWC", assumed=("channels",))
def four_channels_last(folder: Path) -> Path:
    return network(folder, channels=4, layout="NHWC")


@sound(dtype="float16")
def half_precision(folder: Path) -> Path:
    tail = [node("Cast", "logits", "scores", to=F16)]
    return network(folder, tail, kind=F16, outputs=[info("scores", F16, ["N", 2])])


@sound(dtype="float64")
def double_precision(folder: Path) -> Path:
    tail = [node("Cast", "logits", "scores", to=F64)]
    return network(folder, tail, kind=F64, outputs=[info("scores", F64, ["N", 2])])


@sound(dtype="uint8")
def bytes_in(folder: Path) -> Path:
    return network(folder, kind=U8, gain=GAIN / 50)


@sound(dtype="uint8", layout="NHWC")
def bytes_in_channels_last(folder: Path) -> Path:
    return network(folder, kind=U8, gain=GAIN / 50, layout="NHWC")


@sound(dtype="int8")
def signed_bytes_in(folder: Path) -> Path:
    return network(folder, kind=I8, gain=GAIN / 50)


@sound()
def weights_listed_as_inputs(folder: Path) -> Path:
    """As files of IR version 3 do."""
    path = network(folder, ir=3, opset=9)
    model = onnx.load(path)
    for t in model.graph.initializer:
        model.graph.input.append(info(t.name, t.data_type, t.dims))
    path.write_bytes(model.SerializeToString())
    return path


@sound(assumed=("batch",))
def promises_any_batch_takes_one(folder: Path) -> Path:
    tail = [
        node("Reshape", "logits two", "flat2"),
        node("Reshape", "flat2 row", "scores"),
    ]
    extra = [tensor("two", [2], np.int64), tensor("row", [1, 2], np.int64)]
    return network(folder, tail, extra=extra)


# --- outputs -----------------------------------------------------------------------------


@sound(activation="none", activation_source="graph")
def softmax_inside(folder: Path) -> Path:
    return network(folder, [node("Softmax", "logits", "scores", axis=1)])


@sound(activation="none", activation_source="graph")
def softmax_then_casts_and_reshapes(folder: Path) -> Path:
    tail = [
        node("Softmax", "logits", "p", axis=1),
        node("Cast", "p", "half", to=F16),
        node("Reshape", "half shape", "shaped"),
        node("Identity", "shaped", "scores"),
    ]
    return network(
        folder,
        tail,
        outputs=[info("scores", F16, ["N", 2])],
        extra=[tensor("shape", [-1, 2], np.int64)],
    )


@sound(activation="exp", activation_source="graph")
def log_probabilities(folder: Path) -> Path:
    return network(folder, [node("LogSoftmax", "logits", "scores", axis=1)])


@sound(activation="exp", activation_source="graph")
def log_of_softmax(folder: Path) -> Path:
    return network(folder, [node("Softmax", "logits", "p", axis=1), node("Log", "p", "scores")])


@sound(activation="exp", activation_source="values")
def log_probabilities_told_from_values(folder: Path) -> Path:
    tail = [
        node("ReduceLogSumExp", "logits", "sum", axes=[1], keepdims=1),
        node("Sub", "logits sum", "scores"),
    ]
    return network(folder, tail)


@sound(activation="none", activation_source="graph")
def many_labels_at_once(folder: Path) -> Path:
    return network(folder, [node("Sigmoid", "logits", "scores")])


@sound(activation="sigmoid", options={"activation": "sigmoid"}, activation_source="given")
def many_labels_as_logits(folder: Path) -> Path:
    return network(folder)


@sound(activation="none", activation_source="graph")
def softmax_of_one_pixel_maps(folder: Path) -> Path:
    tail = [
        node("Softmax", "logits", "p", axis=1),
        node("Unsqueeze", "p axes", "scores"),
    ]
    return network(
        folder,
        tail,
        outputs=[info("scores", F32, ["N", 2, 1, 1])],
        extra=[tensor("axes", [2, 3], np.int64)],
    )


@sound()
def logits_channels_last_of_one_pixel(folder: Path) -> Path:
    tail = [node("Unsqueeze", "logits axes", "scores")]
    return network(
        folder,
        tail,
        outputs=[info("scores", F32, ["N", 1, 1, 2])],
        extra=[tensor("axes", [1, 2], np.int64)],
    )


@sound(classes=1, activation="sigmoid", assumed=("classes",))
def one_logit(folder: Path) -> Path:
    return network(folder, boxes=[BRIGHT], gain=30.0)


@sound(
    classes=2, top=1, activation="sigmoid", assumed=("labels",), labels=("no", "yes"),
    options={"labels": ["no", "yes"]}, labels_source="given",
)  # fmt: skip
def one_logit_with_two_names(folder: Path) -> Path:
    return network(folder, boxes=[BRIGHT], gain=30.0)


@sound(classes=1, activation="none", assumed=("classes",))
def one_probability_without_a_column(folder: Path) -> Path:
    tail = [node("Sigmoid", "logits", "p"), node("Squeeze", "p axis", "scores")]
    return network(
        folder,
        tail,
        boxes=[BRIGHT],
        outputs=[info("scores", F32, ["N"])],
        extra=[tensor("axis", [1], np.int64)],
    )


@sound(classes=1, activation="none", assumed=("classes",))
def one_class_that_is_always_certain(folder: Path) -> Path:
    return network(folder, [node("Softmax", "logits", "scores", axis=1)], boxes=[BRIGHT])


def zip_map(**keys: Any) -> list[onnx.NodeProto]:
    return [
        node("Softmax", "logits", "p", axis=1),
        node("ZipMap", "p", "scores", domain="ai.onnx.ml", **keys),
    ]


def map_output(key: int) -> onnx.ValueInfoProto:
    value = helper.make_tensor_type_proto(F32, [])
    kind = helper.make_sequence_type_proto(helper.make_map_type_proto(key, value))
    return helper.make_value_info("scores", kind)


ML = (("ai.onnx.ml", 3),)


@sound(activation="none", activation_source="graph")
def maps_with_numbers(folder: Path) -> Path:
    tail = zip_map(classlabels_int64s=[0, 1])
    return network(folder, tail, outputs=[map_output(I64)], domains=ML)


@sound(activation="none", labels=("zebra", "ant"), labels_source="output (class map)")
def maps_with_names(folder: Path) -> Path:
    tail = zip_map(classlabels_strings=["zebra", "ant"])
    return network(folder, tail, outputs=[map_output(TensorProto.STRING)], domains=ML)


@sound(activation="none", labels=("7", "3"))
def a_class_number_and_maps(folder: Path) -> Path:
    """As scikit-learn's exports: the label first, then the probabilities."""
    tail = [*zip_map(classlabels_int64s=[7, 3]), node("ArgMax", "p", "label", axis=1, keepdims=0)]
    outputs = [info("label", I64, ["N"]), map_output(I64)]
    return network(folder, tail, outputs=outputs, domains=ML)


@sound(activation="none", assumed=("output",))
def features_logits_and_probabilities(folder: Path) -> Path:
    tail = [node("Softmax", "logits", "answer", axis=1)]
    outputs = [
        info("flat", F32, ["N", 3 * SIZE[0] * SIZE[1]]),
        info("logits", F32, ["N", 2]),
        info("answer", F32, ["N", 2]),
    ]
    return network(folder, tail, outputs=outputs)


@sound(assumed=("output",))
def auxiliary_logits_first(folder: Path) -> Path:
    tail = [node("Neg", "logits", "aux_logits"), node("Identity", "logits", "scores")]
    outputs = [info("aux_logits", F32, ["N", 2]), info("scores", F32, ["N", 2])]
    return network(folder, tail, outputs=outputs)


@sound(options={"output": "second"}, top=1)
def output_named_by_the_user(folder: Path) -> Path:
    tail = [node("Identity", "logits", "first"), node("Neg", "logits", "second")]
    return network(folder, tail, outputs=[info(n, F32, ["N", 2]) for n in ("first", "second")])


@sound(options={"labels": ["a", "b"]}, assumed=("output",))
def output_found_by_the_number_of_names(folder: Path) -> Path:
    tail = [node("Concat", "logits logits", "long", axis=1), node("Identity", "logits", "short")]
    outputs = [info("long", F32, ["N", 4]), info("short", F32, ["N", 2])]
    return network(folder, tail, outputs=outputs)


def thousand(folder: Path, first: int) -> Path:
    weights = np.zeros((3 * SIZE[0] * SIZE[1], first + 1000), dtype=np.float32)
    weights[:, [first, first + 1]] = rectangle_weights(SIZE, gain=GAIN)
    return network(folder, weights=weights[:, : first + 1000])


@sound(classes=1001, top=1, assumed=("labels",), options={"labels": [str(i) for i in range(1000)]})
def background_first(folder: Path) -> Path:
    return thousand(folder, 1)


@sound(classes=1000, assumed=("labels",), labels_source="assumed")
def a_thousand_classes_without_names(folder: Path) -> Path:
    return thousand(folder, 0)


@sound(assumed=("output",))
def logits_made_of_another_output(folder: Path) -> Path:
    """Features first, both without a name that tells."""
    tail = [node("Concat", "logits logits logits", "output_0", axis=1)]
    tail += [node("Split", "output_0 parts", "output_1 rest", axis=1)]
    outputs = [info("output_0", F32, ["N", 6]), info("output_1", F32, ["N", 2])]
    return network(folder, tail, outputs=outputs, extra=[tensor("parts", [2, 4], np.int64)])


@sound(assumed=("output",))
def logits_and_how_sure_they_are(folder: Path) -> Path:
    tail = [node("Identity", "logits", "first"), node("ReduceMax", "first", "second", axes=[1])]
    outputs = [info("first", F32, ["N", 2]), info("second", F32, ["N", 1])]
    return network(folder, tail, outputs=outputs)


# --- scores as whole numbers --------------------------------------------------------------


def whole_numbers(
    folder: Path, kind: int, scale: float, zero: int, tail: Sequence[onnx.NodeProto], **more: Any
) -> Path:
    """``tail`` makes ``x``, which is stored as ``x / scale + zero``."""
    dtype = np.uint8 if kind == U8 else np.int8
    extra = [tensor("scale", scale), tensor("zero", zero, dtype)]
    quantise = node("QuantizeLinear", "x scale zero", "scores")
    outputs = [info("scores", kind, ["N", 2])]
    return network(folder, [*tail, quantise], outputs=outputs, extra=extra, **more)


SOFTMAX = node("Softmax", "logits", "x", axis=1)


@sound(activation="none", activation_source="graph", assumed=("output",))
def bytes_out(folder: Path) -> Path:
    """As tf2onnx makes of TensorFlow Lite's quantised classifiers."""
    return whole_numbers(folder, U8, 1 / 256, 0, [SOFTMAX])


@sound(activation="none", activation_source="graph", assumed=("output",))
def signed_bytes_out(folder: Path) -> Path:
    return whole_numbers(folder, I8, 1 / 256, -128, [SOFTMAX])


@sound(activation="softmax", activation_source="values", assumed=("output",))
def logits_as_bytes(folder: Path) -> Path:
    return whole_numbers(folder, U8, 0.1, 120, [node("Identity", "logits", "x")])


@sound(
    layout="NHWC", dtype="uint8", activation="none", activation_source="graph",
    assumed=("output",),
)  # fmt: skip
def bytes_in_and_out(folder: Path) -> Path:
    """Pre-processing inside, channels last, quantised softmax of the runtime's own."""
    extra = {"kind": U8, "layout": "NHWC", "gain": GAIN / 50}
    tail = [
        node("QuantizeLinear", "logits scale zero", "q"),
        node(
            "QLinearSoftmax", "q scale zero step least", "soft", domain="com.microsoft", axis=1,
            opset=13,
        ),
        node("Identity", "soft", "scores"),
    ]  # fmt: skip
    tensors = [
        tensor("scale", 0.1), tensor("zero", 120, np.uint8), tensor("step", 1 / 256),
        tensor("least", 0, np.uint8),
    ]  # fmt: skip
    return network(
        folder, tail, outputs=[info("scores", U8, ["N", 2])], extra=tensors,
        domains=[("com.microsoft", 1)], **extra,
    )  # fmt: skip


def cast_to_bytes(folder: Path, nodes: Sequence[onnx.NodeProto], kind: int = U8) -> Path:
    """``nodes`` make ``x``; the file does not say that 255 steps of it are 1."""
    tail = [
        *nodes, node("Mul", "x most", "many"), node("Add", "many least", "scaled"),
        node("Cast", "scaled", "scores", to=kind),
    ]  # fmt: skip
    extra = [tensor("most", 255.4), tensor("least", 0 if kind == U8 else -128)]
    return network(folder, tail, outputs=[info("scores", kind, ["N", 2])], extra=extra)


@sound(activation="none", activation_source="values", assumed=("output",))
def probabilities_as_bytes_without_a_scale(folder: Path) -> Path:
    return cast_to_bytes(folder, [SOFTMAX])


@sound(activation="none", activation_source="values", assumed=("output",))
def probabilities_as_signed_bytes_without_a_scale(folder: Path) -> Path:
    return cast_to_bytes(folder, [SOFTMAX], I8)


@sound(
    activation="none", activation_source="given", assumed=("output",),
    options={"activation": "none"},
)  # fmt: skip
def many_labels_as_bytes_without_a_scale(folder: Path) -> Path:
    return cast_to_bytes(folder, [node("Sigmoid", "logits", "x")])


@sound(assumed=("output",))
def fractions_beside_whole_numbers(folder: Path) -> Path:
    tail = [node("Cast", "logits", "class_scores", to=U8), node("Identity", "logits", "other")]
    outputs = [info("class_scores", U8, ["N", 2]), info("other", F32, ["N", 2])]
    return network(folder, tail, outputs=outputs)


@broken(r"whole numbers \(uint8\) without a scale, .* about 255 steps.*--dequantize.*\"none\"")
def logits_as_bytes_without_a_scale(folder: Path) -> Path:
    return cast_to_bytes(folder, [node("Sigmoid", "logits", "x")])


@broken(r"whole numbers \(int8\).* expected one for the activation 'softmax'", activation="softmax")
def a_softmax_of_bytes_without_a_scale(folder: Path) -> Path:
    return cast_to_bytes(folder, [SOFTMAX], I8)


@broken(r"no image classifier.*label tensor\(uint8\)")
def class_number_as_a_byte(folder: Path) -> Path:
    tail = [node("ArgMax", "logits", "number", axis=1), node("Cast", "number", "label", to=U8)]
    return network(folder, tail, outputs=[info("label", U8, ["N", 1])])


# --- weights and graphs ------------------------------------------------------------------


def quantised(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    scale = float(np.abs(weights).max() / 127)
    return np.rint(weights / scale).astype(np.int8), scale


@sound()
def quantised_qdq(folder: Path) -> Path:
    q, scale = quantised(rectangle_weights(SIZE, gain=GAIN))
    graph = helper.make_graph(
        [
            node("Flatten", "image", "flat", axis=1),
            node("QuantizeLinear", "flat in_scale zero", "q"),
            node("DequantizeLinear", "q in_scale zero", "x"),
            node("DequantizeLinear", "weights w_scale w_zero", "w"),
            node("MatMul", "x w", "scores"),
        ],
        "qdq",
        [info("image", F32, ["N", 3, *SIZE])],
        [info("scores", F32, ["N", 2])],
        [
            tensor("weights", q, np.int8),
            tensor("w_scale", scale),
            tensor("in_scale", 0.03),
            tensor("zero", 120, np.uint8),
            tensor("w_zero", 0, np.int8),
        ],
    )
    return save(folder, graph)


@sound()
def quantised_operators(folder: Path) -> Path:
    q, scale = quantised(rectangle_weights(SIZE, gain=GAIN))
    graph = helper.make_graph(
        [
            node("Flatten", "image", "flat", axis=1),
            node("QuantizeLinear", "flat in_scale zero", "q"),
            node(
                "QLinearMatMul",
                "q in_scale zero weights w_scale w_zero out_scale zero",
                "answer",
            ),
            node("DequantizeLinear", "answer out_scale zero", "scores"),
        ],
        "qoperator",
        [info("image", F32, ["N", 3, *SIZE])],
        [info("scores", F32, ["N", 2])],
        [
            tensor("weights", q, np.int8),
            tensor("w_scale", scale),
            tensor("in_scale", 0.03),
            tensor("out_scale", 0.25),
            tensor("zero", 120, np.uint8),
            tensor("w_zero", 0, np.int8),
        ],
    )
    return save(folder, graph)


@sound()
def weights_in_half_precision(folder: Path) -> Path:
    path = network(folder)
    model = onnx.load(path)
    old = next(t for t in model.graph.initializer if t.name == "weights")
    half = tensor("stored", numpy_helper.to_array(old), np.float16)
    model.graph.initializer.remove(old)
    model.graph.initializer.append(half)
    model.graph.node.insert(0, node("Cast", "stored", "weights", to=F32))
    path.write_bytes(model.SerializeToString())
    return path


def outside(folder: Path, location: str, data: Path | None, **entries: str) -> Path:
    """Weights in ``location``; the bytes are written to ``data``."""
    path = network(folder)
    model = onnx.load(path)
    weights = next(t for t in model.graph.initializer if t.name == "weights")
    raw = weights.raw_data
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "length": str(len(raw)), **entries}.items():
        weights.external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    if data is not None:
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_bytes(raw)
    return path


@sound()
def weights_in_another_file(folder: Path) -> Path:
    return outside(folder, "net.onnx.data", folder / "net.onnx.data")


@sound()
def weights_in_a_folder_below(folder: Path) -> Path:
    return outside(folder, "weights/w.bin", folder / "weights" / "w.bin")


@sound()
def oldest_operators(folder: Path) -> Path:
    return network(folder, [node("Dropout", "logits", "scores")], opset=7, ir=3)


@sound(activation="none")
def newest_operators(folder: Path) -> Path:
    return network(folder, [node("Softmax", "logits", "scores", axis=-1)], opset=28, ir=11)


@sound()
def functions_of_its_own(folder: Path) -> Path:
    """As PyTorch's newer exporter writes them."""
    function = helper.make_function(
        "pkg.local", "Twice", ["x"], ["y"], [node("Add", "x x", "y")], [helper.make_opsetid("", 17)]
    )
    tail = [node("Twice", "logits", "scores", domain="pkg.local")]
    return network(folder, tail, functions=[function], domains=[("pkg.local", 1)])


@sound()
def operators_of_the_runtime(folder: Path) -> Path:
    tail = [node("QuickGelu", "logits", "scores", domain="com.microsoft", alpha=1.702)]
    return network(folder, tail, domains=[("com.microsoft", 1)])


@sound()
def a_branch(folder: Path) -> Path:
    branches = {
        f"{word}_branch": helper.make_graph(
            [node(op, "logits", f"{word}_out")], word, [], [info(f"{word}_out", F32, ["N", 2])]
        )
        for word, op in (("then", "Identity"), ("else", "Neg"))
    }
    tail = [node("If", "yes", "scores", **branches)]
    return network(folder, tail, extra=[tensor("yes", True, np.bool_)])


@sound(
    source="metadata (Ultralytics)", labels=("it's", 'a "dog"'), labels_source="metadata (names)"
)
def metadata_of_ultralytics(folder: Path) -> Path:
    names = str({0: "it's", 1: 'a "dog"'})
    return network(folder, metadata={"names": names, "imgsz": "[64, 64]", "task": "classify"})


@sound(source="metadata (OpenVINO)", labels=("hot dog", "cat"), labels_source="metadata (labels)")
def metadata_of_openvino(folder: Path) -> Path:
    pairs = {
        "labels": "['hot dog', 'cat']",
        "model_info mean_values": "123.675 116.28 103.53",
        "model_info scale_values": "58.395 57.12 57.375",
        "model_info reverse_input_channels": "True",
        "model_info resize_type": "standard",
    }
    return network(folder, metadata=pairs)


@sound(labels=None, labels_source="none", assumed=("metadata",))
def metadata_that_is_an_attack(folder: Path) -> Path:
    return network(folder, metadata={"names": "{0: __import__('os').getcwd(), 1: 'b'}"})


@sound(labels=None, labels_source="none", assumed=("metadata",))
def metadata_that_nests(folder: Path) -> Path:
    return network(folder, metadata={"names": "[" * 100_000 + "]" * 100_000})


@sound()
def a_name_in_many_scripts(folder: Path) -> Path:
    return network(folder, name="réseau 猫 \N{CAT FACE}.onnx")


# --- no classifiers of one image ---------------------------------------------------------


@broken(r"expected exactly one input, found 2 \(image, mask\)")
def two_inputs(folder: Path) -> Path:
    path = network(folder, [node("Add", "logits mask", "scores")])
    model = onnx.load(path)
    model.graph.input.append(info("mask", F32, ["N", 2]))
    path.write_bytes(model.SerializeToString())
    return path


@broken("expected exactly one input, found 0")
def no_input(folder: Path) -> Path:
    constant = node("Constant", "", "scores", value=tensor("", [[1, 2]]))
    constant.ClearField("input")
    return save(folder, helper.make_graph([constant], "c", [], [info("scores", F32, [1, 2])]))


@broken("input of 4 dimensions .* found 3 .*single image.*for a batch of 1")
def no_batch(folder: Path) -> Path:
    return network(folder, declared=[3, *SIZE], weights=np.ones((SIZE[0] * SIZE[1], 2)))


@broken("input of 4 dimensions .* found 3 .*grey images without a channel")
def no_channel(folder: Path) -> Path:
    return network(folder, declared=["N", *SIZE], channels=1)


@broken(r"found 2 \(N, 4096\).*rows of 4,096 numbers.*Flatten.*\(batch, 1, 64, 64\)")
def rows_of_numbers(folder: Path) -> Path:
    """As scikit-learn's models are exported."""
    return network(folder, declared=["N", SIZE[0] * SIZE[1]], channels=1)


@broken("input of 4 dimensions .* found 5")
def video(folder: Path) -> Path:
    weights = np.ones((3 * 8 * SIZE[0] * SIZE[1], 2))
    return network(folder, declared=["N", 3, 8, *SIZE], weights=weights)


@broken(r"1, 3 or 4 channels .* \(N, 7, 64, 64\)")
def seven_channels(folder: Path) -> Path:
    return network(folder, channels=7)


@broken(r"takes tensor\(int64\)")
def integers_in(folder: Path) -> Path:
    return network(folder, kind=I64)


@broken(r"takes tensor\(string\)")
def text_in(folder: Path) -> Path:
    graph = helper.make_graph(
        [node("Identity", "image", "scores")],
        "text",
        [info("image", TensorProto.STRING, ["N", 3, 8, 8])],
        [info("scores", TensorProto.STRING, ["N", 3, 8, 8])],
    )
    return save(folder, graph)


@broken(r"no image classifier.*boxes tensor\(float\) \(N, 6, 5\)")
def detector(folder: Path) -> Path:
    tail = [
        node("Unsqueeze", "logits axis", "wide"),
        node("Expand", "wide shape", "boxes"),
    ]
    extra = [tensor("axis", [2], np.int64), tensor("shape", [1, 6, 5], np.int64)]
    weights = np.ones((3 * SIZE[0] * SIZE[1], 6), dtype=np.float32)
    outputs = [info("boxes", F32, ["N", 6, 5])]
    return network(folder, tail, extra=extra, weights=weights, outputs=outputs)


@broken(r"no image classifier.*best tensor\(float\) \(N, 2\) by TopK.*before they are sorted")
def only_the_best(folder: Path) -> Path:
    tail = [node("TopK", "logits two", "best places", axis=1)]
    outputs = [info("best", F32, ["N", 2]), info("places", I64, ["N", 2])]
    return network(folder, tail, outputs=outputs, extra=[tensor("two", [2], np.int64)])


@broken(r"ends in Softmax already: .* found 'softmax', .* a second time", activation="softmax")
def a_second_softmax(folder: Path) -> Path:
    return network(folder, [node("Softmax", "logits", "scores", axis=1)])


@broken(r"ends in Sigmoid already: .* found 'sigmoid', .* a second time", activation="sigmoid")
def a_second_sigmoid(folder: Path) -> Path:
    return network(folder, [node("Sigmoid", "logits", "scores")])


@broken(r"no image classifier.*label tensor\(int64\)")
def class_number_only(folder: Path) -> Path:
    tail = [node("ArgMax", "logits", "label", axis=1, keepdims=0)]
    return network(folder, tail, outputs=[info("label", I64, ["N"])])


@broken(r"no image classifier.*seq\(tensor\(float\)\)")
def sequence_of_tensors(folder: Path) -> Path:
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(F32, None))
    tail = [node("SequenceConstruct", "logits logits", "scores")]
    return network(folder, tail, outputs=[helper.make_value_info("scores", kind)])


@broken(r"output 'third' .* cannot be used.*no such output.*scores", output="third")
def output_that_is_not_there(folder: Path) -> Path:
    return network(folder)


@broken("2 classes, the label list has 3", labels=["a", "b", "c"])
def labels_of_another_model(folder: Path) -> Path:
    return network(folder)


# --- hostile -----------------------------------------------------------------------------


@broken("does not have.*my.lab:Frobnicate.*never loaded")
def custom_operator(folder: Path) -> Path:
    tail = [node("Frobnicate", "logits", "scores", domain="my.lab")]
    return network(folder, tail, domains=[("my.lab", 1)])


@broken("does not have.*my.lab:Hidden")
def custom_operator_in_a_branch(folder: Path) -> Path:
    branches = {
        f"{word}_branch": helper.make_graph(
            [node("Hidden", "logits", f"{word}_out", domain="my.lab")],
            word,
            [],
            [info(f"{word}_out", F32, ["N", 2])],
        )
        for word in ("then", "else")
    }
    tail = [node("If", "yes", "scores", **branches)]
    extra = [tensor("yes", True, np.bool_)]
    return network(folder, tail, extra=extra, domains=[("my.lab", 1)])


@broken("does not have.*evil:Op")
def custom_operator_in_a_function(folder: Path) -> Path:
    function = helper.make_function(
        "pkg.local", "Twice", ["x"], ["y"], [node("Op", "x", "y", domain="evil")],
        [helper.make_opsetid("", 17), helper.make_opsetid("evil", 1)],
    )  # fmt: skip
    tail = [node("Twice", "logits", "scores", domain="pkg.local")]
    domains = [("pkg.local", 1), ("evil", 1)]
    return network(folder, tail, functions=[function], domains=domains)


@broken("could not be opened as an ONNX model")
def operator_that_nobody_knows(folder: Path) -> Path:
    return network(folder, [node("NoSuchOperator", "logits", "scores")])


@broken("'/etc/hostname'.*place outside")
def weights_by_absolute_path(folder: Path) -> Path:
    return outside(folder, "/etc/hostname", None)


@broken(r"place outside")
def weights_on_a_drive(folder: Path) -> Path:
    return outside(folder, "C:\\weights.bin", None)


@broken(r"'\.\./secret\.bin'.*place outside")
def weights_above(folder: Path) -> Path:
    inner = folder / "inner"
    inner.mkdir()
    return outside(inner, "../secret.bin", folder / "secret.bin")


@broken("'link.bin'.*place outside")
def weights_through_a_link(folder: Path) -> Path:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.bin").symlink_to(folder / "secret.bin")
    return outside(inner, "link.bin", folder / "secret.bin")


@broken("'gone.bin'.*no such file")
def weights_that_are_missing(folder: Path) -> Path:
    return outside(folder, "gone.bin", None)


@broken("could not be opened as an ONNX model")
def weights_that_are_cut_off(folder: Path) -> Path:
    path = outside(folder, "w.bin", folder / "w.bin")
    (folder / "w.bin").write_bytes(b"\0" * 100)
    return path


@broken("more memory|could not be opened|failed on an input")
def constant_of_ten_thousand_million(folder: Path) -> Path:
    tail = [
        node("ConstantOfShape", "shape", "bomb"),
        node("ReduceSum", "bomb", "sum", keepdims=0),
        node("Add", "logits sum", "scores"),
    ]
    return network(folder, tail, extra=[tensor("shape", [100_000, 100_000], np.int64)])


@broken("more memory|could not be opened|failed on an input")
def expansion_of_a_pixel(folder: Path) -> Path:
    tail = [
        node("ReduceMean", "cast", "mean", axes=[1, 2, 3], keepdims=1),
        node("Expand", "mean shape", "bomb"),
        node("Exp", "bomb", "more"),
        node("ReduceSum", "more", "sum", keepdims=0),
        node("Add", "logits sum", "scores"),
    ]
    return network(folder, tail, extra=[tensor("shape", [1, 1, 100_000, 100_000], np.int64)])


@broken("did not answer in time")
def loop_without_end(folder: Path) -> Path:
    body = helper.make_graph(
        [node("Identity", "go", "go_on"), node("Identity", "value", "value_out")],
        "body",
        [info("i", I64, []), info("go", TensorProto.BOOL, []), info("value", F32, ["N", 2])],
        [info("go_on", TensorProto.BOOL, []), info("value_out", F32, ["N", 2])],
    )
    loop = helper.make_node("Loop", ["", "yes", "logits"], ["scores"], body=body)
    return network(folder, [loop], extra=[tensor("yes", True, np.bool_)])


@broken("graphs within graphs")
def graphs_within_graphs(folder: Path) -> Path:
    inner = helper.make_graph(
        [node("Identity", "logits", "out")], "leaf", [], [info("out", F32, ["N", 2])]
    )
    for _ in range(24):
        branch = node("If", "yes", "out", then_branch=inner, else_branch=inner)
        branch.attribute.pop()
        inner = helper.make_graph([branch], "deeper", [], [info("out", F32, ["N", 2])])
    tail = [node("If", "yes", "scores", then_branch=inner, else_branch=inner)]
    return network(folder, tail, extra=[tensor("yes", True, np.bool_)])


def local_functions(folder: Path, bodies: dict[str, list[onnx.NodeProto]]) -> Path:
    """A model that applies the last of some functions ``x -> y`` of its own to its logits."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("pkg", 1)]
    functions = [
        helper.make_function("pkg", name, ["x"], ["y"], nodes, opsets)
        for name, nodes in bodies.items()
    ]
    tail = [node(list(bodies)[-1], "logits", "scores", domain="pkg")]
    return network(folder, tail, functions=functions, domains=[("pkg", 1)])


@broken("could not be opened as an ONNX model")
def a_function_that_calls_itself(folder: Path) -> Path:
    return local_functions(folder, {"Again": [node("Again", "x", "y", domain="pkg")]})


@broken("did not answer in time|more memory")
def functions_that_double_each_other(folder: Path) -> Path:
    """A few lines that become 2^27 operators."""
    bodies = {"F0": [node("Neg", "x", "y")]}
    for k in range(1, 28):
        before = f"F{k - 1}"
        bodies[f"F{k}"] = [
            node(before, "x", "middle", domain="pkg"),
            node(before, "middle", "y", domain="pkg"),
        ]
    return local_functions(folder, bodies)


@broken("more memory|could not be opened|failed on an input")
def padding_of_a_terabyte(folder: Path) -> Path:
    pads = tensor("pads", [0, 1 << 38, 0, 1 << 38], np.int64)
    return network(folder, [node("Pad", "logits pads", "scores")], extra=[pads])


class _Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


@broken("ONNX model.*found a pickle, which is never opened")
def a_pickle(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(pickle.dumps(_Bomb(folder / "unpickled")))
    return path


@broken("ONNX model.*found an archive.*torch.onnx.export")
def a_zip_with_a_pickle(folder: Path) -> Path:
    """As PyTorch saves its models."""
    path = folder / "net.onnx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", pickle.dumps(_Bomb(folder / "unpickled")))
    return path


# --- broken ------------------------------------------------------------------------------


@broken(r"is empty \(0 bytes\)")
def empty(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.touch()
    return path


@broken("ONNX model.*found a pointer of Git LFS.*git lfs pull")
def a_pointer(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_text("version https://git-lfs.github.com/spec/v1\nsize 9302722\n", "utf-8")
    return path


@broken("could not be opened as an ONNX model.*found a picture. Give the .onnx file as the model")
def a_photograph(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(demo_photos()[0].read_bytes())
    return path


@broken("ONNX model.*found a compressed file. Unpack it")
def compressed(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(gzip.compress(demo_model().read_bytes()[:100_000]))
    return path


def begins_with(folder: Path, name: str, start: bytes) -> Path:
    path = folder / name
    path.write_bytes(start + bytes(100))
    return path


@broken("net.pt could not be opened as an ONNX model.*found a file of PyTorch.*torch.onnx.export")
def a_file_of_pytorch(folder: Path) -> Path:
    return begins_with(folder, "net.pt", b"PK\x03\x04")


@broken("net.h5 could not be opened as an ONNX model.*found a model of Keras.*tf2onnx")
def a_file_of_keras(folder: Path) -> Path:
    return begins_with(folder, "net.h5", b"\x89HDF\r\n\x1a\n")


@broken("found a model of TensorFlow Lite.*--tflite")
def a_file_of_tensorflow_lite_by_another_name(folder: Path) -> Path:
    return begins_with(folder, "net.onnx", b"\x1c\0\0\0TFL3")


@broken("net.xml .*found a model of OpenVINO.*URL of an OpenVINO Model Server")
def a_file_of_openvino(folder: Path) -> Path:
    return begins_with(folder, "net.xml", b'<?xml version="1.0"?><net>')


@broken("found a text file. Give the .onnx file itself")
def a_text_file(folder: Path) -> Path:
    path = folder / "notes.onnx"
    path.write_text("The model lies on the other disk.\r\n", encoding="ascii")
    return path


@broken("found a web page.*download went wrong")
def a_web_page(folder: Path) -> Path:
    return begins_with(folder, "net.onnx", b"<!DOCTYPE html><html>Sign in")


@broken("could not be opened as an ONNX model")
def cut_off(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(demo_model().read_bytes()[:5_000_000])
    return path


@broken("could not be opened as an ONNX model")
def zeros(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(bytes(100_000))
    return path


@broken("could not be opened as an ONNX model.*no graph")
def no_graph(folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(onnx.ModelProto(ir_version=8).SerializeToString())
    return path


@broken("could not be opened as an ONNX model")
def operators_of_the_far_future(folder: Path) -> Path:
    return network(folder, opset=999)


@broken("could not be opened as an ONNX model")
def format_of_the_far_future(folder: Path) -> Path:
    return network(folder, ir=999)


@broken("could not be opened as an ONNX model")
def a_circle(folder: Path) -> Path:
    tail = [node("Add", "logits b", "a"), node("Identity", "a", "b"), node("Neg", "b", "scores")]
    return network(folder, tail)


@broken("could not be opened as an ONNX model")
def a_loose_end(folder: Path) -> Path:
    return network(folder, [node("Add", "logits nowhere", "scores")])


@broken("could not be opened as an ONNX model")
def two_makers_of_one_value(folder: Path) -> Path:
    tail = [node("Neg", "logits", "scores"), node("Abs", "logits", "scores")]
    return network(folder, tail)


@broken("could not be opened as an ONNX model")
def weights_of_the_wrong_length(folder: Path) -> Path:
    path = network(folder)
    model = onnx.load(path)
    model.graph.initializer[0].raw_data = b"\0" * 16
    path.write_bytes(model.SerializeToString())
    return path


@broken("could not be opened as an ONNX model|failed on an input")
def weights_of_the_wrong_shape(folder: Path) -> Path:
    return network(folder, weights=np.ones((5, 2), dtype=np.float32))


@broken("no image classifier|could not be opened")
def no_output(folder: Path) -> Path:
    path = network(folder)
    model = onnx.load(path)
    del model.graph.output[:]
    path.write_bytes(model.SerializeToString())
    return path


@broken("no image classifier|found")
def no_classes(folder: Path) -> Path:
    tail = [node("Slice", "logits zero zero one", "scores")]
    extra = [tensor("zero", [0], np.int64), tensor("one", [1], np.int64)]
    return network(folder, tail, extra=extra, outputs=[info("scores", F32, ["N", 0])])
