"""Models as black boxes: opening them, feeding them, naming their classes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.machine import usable_cores
from decam_engine.models.blackbox import (
    ACTIVATIONS,
    DEFAULT_BATCH,
    Assumption,
    BlackBox,
    Prediction,
)
from decam_engine.models.function import FunctionBackend
from decam_engine.models.labels import read_labels
from decam_engine.models.onnx import OnnxBackend, OnnxInput
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.server import ServerBackend, ServerOptions, ServerRefusedError
from decam_engine.models.sidecar import read_sidecar
from decam_engine.models.sockets import close_servers
from decam_engine.models.transport import is_server_url, parse_address
from decam_engine.models.tuning import BATCHES, Configuration, measure, recall, remember

__all__ = [
    "ACTIVATIONS",
    "Assumption",
    "BlackBox",
    "Prediction",
    "Preprocessing",
    "ServerBackend",
    "ServerOptions",
    "check_server_url",
    "close_servers",
    "is_server_url",
    "load_model",
]

DEFAULT_SIZE = (224, 224)
# Smaller inputs are digits and icons, trained on the whole image in 0..1.
SMALL_SIDE = 64
# Largest batch size and number of threads that anybody can mean.
MOST = 1024
# Least difference of black and white that an integer input is given.
INTEGER_RANGE = 100


def load_model(
    model: str | Path | Callable[..., Any],
    *,
    preprocessing: Preprocessing | None = None,
    labels: Sequence[str] | str | Path | None = None,
    providers: Sequence[str] | None = None,
    threads: int | None = None,
    batch_size: int | None = None,
    activation: str | None = None,
    tune: bool = True,
    server: ServerOptions | None = None,
) -> BlackBox:
    """Open a model.

    Args:
        model: an ``.onnx`` file, the URL of a served one (``http://HOST:PORT/v2/models/NAME``,
            see :class:`ServerOptions`), or a function of a float32 batch ``(N, c, h, w)`` that
            returns ``(N, K)``.
        preprocessing: how photographs are fed; None = the sidecar file beside the model,
            else a guess that is listed in ``BlackBox.assumptions``.
        labels: class names, or a text file with one a line; None = the sidecar's, if any.
        providers: ONNX Runtime's execution providers in order of preference; None = CPU.
        threads: of the runtime; None = all cores this process may use.
        batch_size: inputs per run; None = 8.
        tune: unless threads or batch_size are given, measure the fastest configuration of
            an ONNX model at its first explanation and remember it. False for maps that are
            the same bit for bit wherever threads and batches are.
        activation: ``none``, ``softmax`` or ``sigmoid``, applied to the output; None = told
            from its values (outside 0..1 means logits).
        server: how a model server is talked to; None = the defaults. A server is asked for
            its metadata and scores four made-up inputs, and is never measured.

    Raises:
        ModelError: the model cannot be opened, is no classifier, or does not fit the
            pre-processing or the labels.
    """
    for name, value in (("batch_size", batch_size), ("threads", threads)):
        if value is not None and not 1 <= value <= MOST:
            raise ModelError(f"The {name} must lie in 1..{MOST}, found {value}.")
    names = read_labels(labels) if isinstance(labels, str | Path) else labels
    size = batch_size if batch_size is not None else DEFAULT_BATCH
    if callable(model):
        return _load_function(model, preprocessing, names, activation, size)
    if is_server_url(model):
        if providers is not None or threads is not None:
            raise ModelError(
                "A model server chooses its own threads and providers; leave them out."
            )
        served = ServerBackend(str(model), server)
        return _load_server(served, preprocessing, names, activation, batch_size)
    if server is not None:
        raise ModelError(f"{model} is no URL of a model server; leave its options out.")
    backend = OnnxBackend(model, providers=providers, threads=threads)
    sidecar = read_sidecar(backend.path, backend.sha256)
    assumptions: list[Assumption] = []
    source = "given"
    if preprocessing is None and sidecar is not None and sidecar.preprocessing is not None:
        preprocessing, source = sidecar.preprocessing, "sidecar"
    if preprocessing is None:
        preprocessing, source = _guess(backend.input), "assumed"
        assumptions.append(_spell_out(preprocessing))
    if names is None and sidecar is not None:
        names = sidecar.labels
    if len(backend.output_names) > 1:
        assumptions.append(
            Assumption(
                "output",
                f"Output {backend.output_name!r} taken, of {', '.join(backend.output_names)}.",
            )
        )
    complete = _complete(preprocessing, backend.input, backend.name, assumptions)
    given = batch_size is not None or threads is not None
    configuration = Configuration(
        backend.input.batch or size, backend.threads, 1, "given" if given else "default"
    )
    box = BlackBox(
        backend,
        complete,
        preprocessing_source=source,
        labels=names,
        activation=activation,
        assumptions=assumptions,
        configuration=configuration,
        tuner=_tuner(backend) if tune and not given else None,
    )
    alone = _probe(box)
    if alone:
        backend.input = dataclasses.replace(backend.input, batch=1)
        box.configuration = dataclasses.replace(box.configuration, batch_size=1)
        box.assumptions += alone
    return box


def _load_function(
    function: Callable[..., Any],
    preprocessing: Preprocessing | None,
    labels: Sequence[str] | None,
    activation: str | None,
    batch_size: int,
) -> BlackBox:
    assumptions: list[Assumption] = []
    source = "given"
    if preprocessing is None:
        preprocessing, source = Preprocessing.unit(), "assumed"
        assumptions.append(_spell_out(preprocessing))
    if preprocessing.size is None:
        preprocessing = dataclasses.replace(preprocessing, size=DEFAULT_SIZE)
        assumptions.append(_assumed_size(DEFAULT_SIZE))
    return BlackBox(
        FunctionBackend(function, preprocessing.dtype),
        preprocessing,
        preprocessing_source=source,
        labels=labels,
        activation=activation,
        assumptions=assumptions,
        configuration=Configuration(batch_size, 1),
    )


def check_server_url(url: str) -> None:
    """Raise ``ModelError`` if this is no URL of a served model; nothing is sent."""
    parse_address(url)


def _load_server(
    backend: ServerBackend,
    preprocessing: Preprocessing | None,
    labels: Sequence[str] | None,
    activation: str | None,
    batch_size: int | None,
) -> BlackBox:
    """As from a file, but that nothing lies beside it and nothing is measured."""
    assumptions: list[Assumption] = []
    source = "given"
    if preprocessing is None:
        preprocessing, source = _guess(backend.input), "assumed"
        assumptions.append(_spell_out(preprocessing))
    if len(backend.output_names) > 1:
        assumptions.append(
            Assumption(
                "output",
                f"Output {backend.output_name!r} taken, of {', '.join(backend.output_names)}.",
            )
        )
    complete = _complete(preprocessing, backend.input, backend.name, assumptions)
    shape = (complete.fixed_size(), complete.channel_count)
    given = "default" if batch_size is None else "given"
    backend.fit_batch(batch_size or DEFAULT_BATCH, *shape)
    box = BlackBox(
        backend,
        complete,
        preprocessing_source=source,
        labels=labels,
        activation=activation,
        assumptions=assumptions,
    )
    inputs = _probe_inputs(box)
    try:
        box.scores(inputs)
    except ServerRefusedError:
        if backend.input.batch is not None or backend.per_request == 1:
            raise
        backend.input = dataclasses.replace(backend.input, batch=1)
        backend.fit_batch(1, *shape)
        box.scores(inputs)
        box.assumptions += (_one_at_a_time(),)
    box.calls = 0
    backend.opened(len(inputs))
    # Only now is it known how tensors travel, and with it how many fit.
    batch = backend.fit_batch(batch_size or DEFAULT_BATCH, *shape)
    if batch_size is not None and batch < batch_size:
        box.assumptions += (
            Assumption("batch", f"Batches of {batch} inputs: a request must not be larger."),
        )
    if (insecure := backend.address.insecure) is not None:
        box.assumptions += (Assumption("connection", insecure),)
    box.configuration = Configuration(batch, 1, backend.options.in_flight, given)
    return box


def _guess(found: OnnxInput) -> Preprocessing:
    """The commonest convention for an input like this; always shown as assumed."""
    if found.dtype == "uint8":
        return Preprocessing.raw()
    if found.dtype == "int8":
        return dataclasses.replace(Preprocessing.raw(), mean=(128.0,))
    sides = [s for s in found.size if s is not None]
    if found.channels == 1 or (sides and max(sides) < SMALL_SIDE):
        return Preprocessing.unit()
    return Preprocessing.imagenet()


def _complete(
    preprocessing: Preprocessing,
    found: OnnxInput,
    name: str,
    assumptions: list[Assumption],
) -> Preprocessing:
    """Fill in what the file states and refuse what contradicts it."""
    if found.layout_known:
        if preprocessing.layout not in (None, found.layout):
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes {found.layout}, the "
                f"pre-processing says {preprocessing.layout}."
            )
        layout = found.layout
    else:
        layout = preprocessing.layout or "NCHW"
        if preprocessing.layout is None:
            assumptions.append(Assumption("layout", "Layout assumed: channels first (NCHW)."))
    size = preprocessing.size
    stated = found.size
    if size is None:
        h, w = (s if s is not None else d for s, d in zip(stated, DEFAULT_SIZE, strict=True))
        size = (h, w)
        if None in stated:
            assumptions.append(_assumed_size(size))
    elif any(s is not None and s != p for s, p in zip(stated, size, strict=True)):
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes {_pixels(stated)} pixels "
            f"(height x width), the pre-processing says {_pixels(size)}."
        )
    channels = preprocessing.channels
    if found.channels == 1 and channels != "L":
        if len(preprocessing.mean) > 1 or len(preprocessing.std) > 1:
            raise ModelError(
                f"The pre-processing does not fit {name}: the model takes 1 channel, the "
                f"pre-processing makes {preprocessing.channel_count}."
            )
        channels = "L"
    if found.channels == 3 and channels == "L":
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes 3 channels, the "
            "pre-processing makes 1."
        )
    complete = dataclasses.replace(
        preprocessing, size=size, layout=layout, channels=channels, dtype=found.dtype
    )
    _check_integers(complete, name)
    return complete


def _check_integers(preprocessing: Preprocessing, name: str) -> None:
    """An integer input must be given its whole range: 0..1 would round to black and white."""
    if preprocessing.dtype not in ("uint8", "int8"):
        return
    low, high = (float(preprocessing.normalise(grey).mean()) for grey in (0.0, 255.0))
    limits = np.iinfo(preprocessing.dtype)
    if low < limits.min - 1 or high > limits.max + 1 or high - low < INTEGER_RANGE:
        raise ModelError(
            f"The pre-processing does not fit {name}: the model takes {preprocessing.dtype} "
            f"({limits.min}..{limits.max}), the pre-processing makes {low:.3g}..{high:.3g}. For "
            "uint8 use scale 1, mean 0, std 1; for int8 the same with mean 128."
        )


def _probe(box: BlackBox) -> tuple[Assumption, ...]:
    """Score made-up inputs: the model runs, is a classifier, and its activation is known.

    They are no part of any explanation, so they do not count as calls. A model whose file
    promises any batch but takes only one input at a time is found here, and run so.
    """
    inputs = _probe_inputs(box)
    found: tuple[Assumption, ...] = ()
    try:
        box.scores(inputs)
    except ModelError:
        for single in np.split(inputs, len(inputs)):
            box.scores(single)
        found = (_one_at_a_time(),)
    box.calls = 0
    return found


def _probe_inputs(box: BlackBox) -> npt.NDArray[np.float32]:
    """Four made-up inputs: noise, noise, black, white."""
    inputs = np.concatenate([_noise(box, 2), _noise(box, 2)])
    # Black and white, besides noise: logits that look like probabilities for a grey input
    # seldom do for these.
    for row, grey in ((2, 0.0), (3, 255.0)):
        channels = box.preprocessing.normalise(grey)
        last = box.preprocessing.layout == "NHWC"
        inputs[row] = channels if last else channels[:, None, None]
    return inputs


def _one_at_a_time() -> Assumption:
    return Assumption("batch", "This model takes one input at a time; it is run so.")


def _noise(box: BlackBox, count: int) -> npt.NDArray[np.float32]:
    """Random inputs ``(count, ...)`` in the range of prepared photographs."""
    h, w = box.input_size
    c = box.preprocessing.channel_count
    shape = (h, w, c) if box.preprocessing.layout == "NHWC" else (c, h, w)
    low, high = box.preprocessing.normalise(0.0).min(), box.preprocessing.normalise(255.0).max()
    return np.random.default_rng(0).uniform(low, high, (count, *shape)).astype(np.float32)


def _tuner(backend: OnnxBackend) -> Callable[[BlackBox], Configuration]:
    """Measures, or remembers, how an ONNX model runs fastest on this machine."""

    def open_run(threads: int) -> Callable[[npt.NDArray[np.float32]], Any]:
        backend.set_threads(threads)
        return backend.snapshot()

    def tune(box: BlackBox) -> Configuration:
        key = backend.key(box.input_size)
        found = recall(key)
        try:
            if found is None:
                fixed = backend.input.batch
                found = measure(
                    open_run,
                    lambda n: _noise(box, n),
                    usable_cores(),
                    (fixed,) if fixed is not None else BATCHES,
                )
                remember(key, found)
            backend.set_threads(found.threads)
        except ModelError:
            # The file is gone or was changed since: the model that is open goes on as it is.
            return dataclasses.replace(box.configuration, threads=backend.threads)
        return found

    return tune


def _spell_out(p: Preprocessing) -> Assumption:
    value = "pixel / 255" if math.isclose(p.scale, 1 / 255) else f"pixel x {p.scale:g}"
    mean, std = ", ".join(f"{m:g}" for m in p.mean), ", ".join(f"{s:g}" for s in p.std)
    return Assumption(
        "pre-processing",
        f"Pre-processing assumed: {p.channels}, {p.resize}, ({value} - ({mean})) / ({std}).",
    )


def _assumed_size(size: tuple[int, int]) -> Assumption:
    return Assumption("size", f"Input size assumed: {_pixels(size)} pixels (height x width).")


def _pixels(size: tuple[int | None, int | None]) -> str:
    return " x ".join("?" if s is None else str(s) for s in size)
