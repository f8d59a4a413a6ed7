"""Models as black boxes: opening them, feeding them, naming their classes."""

from __future__ import annotations

import dataclasses
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
from decam_engine.models.completing import DEFAULT_SIZE, assumed, assumed_size, complete, guess
from decam_engine.models.function import FunctionBackend
from decam_engine.models.labels import read_labels
from decam_engine.models.made_up import noise, one_at_a_time, probe_inputs
from decam_engine.models.onnx import OnnxBackend
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.server import ServerBackend, ServerOptions
from decam_engine.models.serving import check_server_url, load_server
from decam_engine.models.sidecar import read_sidecar
from decam_engine.models.sockets import close_servers
from decam_engine.models.transport import is_server_url
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

# Largest batch size and number of threads that anybody can mean.
MOST = 1024


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
        return load_server(str(model), server, preprocessing, names, activation, batch_size)
    if server is not None:
        raise ModelError(f"{model} is no URL of a model server; leave its options out.")
    backend = OnnxBackend(model, providers=providers, threads=threads)
    sidecar = read_sidecar(backend.path, backend.sha256)
    assumptions: list[Assumption] = []
    source = "given"
    if preprocessing is None and sidecar is not None and sidecar.preprocessing is not None:
        preprocessing, source = sidecar.preprocessing, "sidecar"
    if preprocessing is None:
        preprocessing, source = guess(backend.input), "assumed"
        assumptions.append(assumed(preprocessing))
    if names is None and sidecar is not None:
        names = sidecar.labels
    if len(backend.output_names) > 1:
        assumptions.append(
            Assumption(
                "output",
                f"Output {backend.output_name!r} taken, of {', '.join(backend.output_names)}.",
            )
        )
    completed = complete(preprocessing, backend.input, backend.name, assumptions)
    given = batch_size is not None or threads is not None
    configuration = Configuration(
        backend.input.batch or size, backend.threads, 1, "given" if given else "default"
    )
    box = BlackBox(
        backend,
        completed,
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
        assumptions.append(assumed(preprocessing))
    if preprocessing.size is None:
        preprocessing = dataclasses.replace(preprocessing, size=DEFAULT_SIZE)
        assumptions.append(assumed_size(DEFAULT_SIZE))
    return BlackBox(
        FunctionBackend(function, preprocessing.dtype),
        preprocessing,
        preprocessing_source=source,
        labels=labels,
        activation=activation,
        assumptions=assumptions,
        configuration=Configuration(batch_size, 1),
    )


def _probe(box: BlackBox) -> tuple[Assumption, ...]:
    """Score made-up inputs: the model runs, is a classifier, and its activation is known.

    They are no part of any explanation, so they do not count as calls. A model whose file
    promises any batch but takes only one input at a time is found here, and run so.
    """
    inputs = probe_inputs(box)
    found: tuple[Assumption, ...] = ()
    try:
        box.scores(inputs)
    except ModelError:
        for single in np.split(inputs, len(inputs)):
            box.scores(single)
        found = (one_at_a_time(),)
    box.calls = 0
    return found


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
                    lambda n: np.repeat(noise(box, 1), n, axis=0),
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
