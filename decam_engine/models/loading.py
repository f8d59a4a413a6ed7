"""Opening a model: what is known of it, from whom, in which order of trust.

Pre-processing and class names are taken from the first of these that states them: the caller;
the sidecar file; the user's remembered choice; the metadata in the model; the files beside it;
a guess. Whatever was guessed or interpreted becomes an assumption.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.machine import usable_cores
from decam_engine.models import whole
from decam_engine.models.beside import read_beside
from decam_engine.models.blackbox import DEFAULT_BATCH, Assumption, BlackBox
from decam_engine.models.completing import DEFAULT_SIZE, assumed, assumed_size, complete, guess
from decam_engine.models.function import FunctionBackend
from decam_engine.models.labels import read_labels
from decam_engine.models.made_up import noise, one_at_a_time, probe_inputs, unsettled
from decam_engine.models.metadata import Told, read_metadata
from decam_engine.models.onnx import OnnxBackend
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.remembered import recall_choice
from decam_engine.models.server import ServerOptions
from decam_engine.models.serving import load_server
from decam_engine.models.sidecar import Sidecar, read_sidecar
from decam_engine.models.transport import is_server_url
from decam_engine.models.tuning import BATCHES, Configuration, measure, recall, remember
from decam_engine.resources import imagenet_labels

# Largest batch size and number of threads that anybody can mean.
MOST = 1024
BACKGROUND = "background"


def load_model(
    model: str | Path | Callable[..., Any],
    *,
    preprocessing: Preprocessing | None = None,
    labels: Sequence[str] | str | Path | None = None,
    providers: Sequence[str] | None = None,
    threads: int | None = None,
    batch_size: int | None = None,
    activation: str | None = None,
    output: str | None = None,
    tune: bool = True,
    server: ServerOptions | None = None,
) -> BlackBox:
    """Open a model.

    A file is first opened and run in a process of its own, with limits on time and memory.

    Args:
        model: an ``.onnx`` file, the URL of a served one (``http://HOST:PORT/v2/models/NAME``,
            see :class:`ServerOptions`), or a function of a float32 batch ``(N, c, h, w)`` that
            returns ``(N, K)``.
        preprocessing: how photographs are fed; None = the sidecar file beside the model, a
            remembered choice, the model's metadata, the files beside it, or else a guess that
            is listed in ``BlackBox.assumptions``.
        labels: class names, or a text file with one a line; None = looked for in the same
            places. 1,000 names for 1,001 classes get "background" in front.
        providers: ONNX Runtime's execution providers in order of preference, by name or by
            short name (``cuda``); None = CPU.
        threads: of the runtime; None = as many as the remembered configuration has (see
            ``tune``), or else all cores this process may use.
        batch_size: inputs per run; None = 8.
        activation: ``none``, ``softmax``, ``sigmoid`` or ``exp``, applied to the output; None =
            told from the graph's last operators, or else from the output's values.
        output: name of the output that holds class scores; None = the likeliest.
        tune: unless threads or batch_size are given, measure the fastest configuration of
            an ONNX model at its first explanation and remember it. False for maps that are
            the same bit for bit wherever threads and batches are.
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
        return load_server(str(model), server, preprocessing, names, activation, output, batch_size)
    if server is not None:
        raise ModelError(f"{model} is no URL of a model server; leave its options out.")
    given = Sidecar(preprocessing, None if names is None else tuple(names), activation, output)
    fixed = batch_size is not None or threads is not None
    return _load_file(Path(model), given, providers, threads, size, fixed, tune)


def _load_file(
    path: Path,
    given: Sidecar,
    providers: Sequence[str] | None,
    threads: int | None,
    batch_size: int,
    fixed: bool,
    tune: bool,
) -> BlackBox:
    known = None if given.preprocessing is None else given.preprocessing.size
    backend = OnnxBackend(path, providers=providers, threads=threads, size=known)
    sidecar = read_sidecar(backend.path, backend.sha256) or Sidecar(None, None)
    assumptions: list[Assumption] = []
    metadata = read_metadata(backend.facts["metadata"])
    stated = given.labels or sidecar.labels or metadata.labels
    output = given.output or sidecar.output
    backend.choose_output(output, None if stated is None else len(stated))
    beside = read_beside(backend.path, backend.output.count)
    labels, labels_source = _labels(backend, given, sidecar, metadata, beside, assumptions)
    source, complete_one = _preprocessing(backend, given, sidecar, metadata, beside, assumptions)
    if backend.output.reason and output is None:
        others = ", ".join(backend.output.others)
        assumptions.append(
            Assumption(
                "output",
                f"Output {backend.output.name!r} taken, of {others}: {backend.output.reason}.",
            )
        )
    remembered = recall(backend.key(complete_one.fixed_size())) if tune and not fixed else None
    # Opened the way it will run: to open it anew takes time and leaves holes in the memory.
    backend.open(None if remembered is None else remembered.threads)
    assumptions += _fallback(backend)
    configuration = Configuration(
        backend.input.batch or batch_size, backend.threads, 1, "given" if fixed else "default"
    )
    box = BlackBox(
        backend,
        complete_one,
        preprocessing_source=source,
        labels=labels,
        labels_source=labels_source,
        **_activation(backend, given, sidecar, metadata),
        assumptions=assumptions,
        configuration=configuration,
        tuner=_tuner(backend) if tune and not fixed else None,
    )
    alone, scores = _probe(box)
    if alone:
        backend.input = dataclasses.replace(backend.input, batch=1)
        box.configuration = dataclasses.replace(box.configuration, batch_size=1)
        box.assumptions += alone
    box.assumptions += whole.check(box, backend.output.wholes, scores)
    box.assumptions += unsettled(box, scores)
    if scores.shape[1] == 1:
        box.assumptions += (
            Assumption("classes", "One output: read as the probability of a single class."),
        )
    return box


def _labels(
    backend: OnnxBackend,
    given: Sidecar,
    sidecar: Sidecar,
    metadata: Told,
    beside: Told,
    assumptions: list[Assumption],
) -> tuple[tuple[str, ...] | None, str]:
    """Class names and their source; names from the metadata that do not fit are left out."""
    count = backend.output.count
    found: tuple[str, ...] | None = None
    source = "none"
    notes = [*metadata.notes, *beside.notes]
    if given.labels is not None:
        found, source, notes = given.labels, "given", []
    elif sidecar.labels is not None:
        found, source, notes = sidecar.labels, "sidecar", []
    elif _key_names(backend) is not None:
        found, source = _key_names(backend), "output (class map)"
    elif metadata.labels is not None and count is not None and not _fit(metadata.labels, count):
        notes.append(
            f"The names in the model's metadata are not used: {len(metadata.labels)} names, "
            f"{count} classes."
        )
    elif metadata.labels is not None:
        found, source = metadata.labels, metadata.labels_source
    if found is None and beside.labels is not None:
        found, source = beside.labels, beside.labels_source
    assumptions += [Assumption("metadata", note) for note in notes]
    if found is None and count in (1000, 1001):
        # Hardly any other set of pictures has so many classes.
        found, source = _imagenet(), "assumed"
        assumptions.append(
            Assumption("labels", f"{count:,} classes without names: assumed to be ImageNet's.")
        )
    if found is not None and (len(found), count) == (1000, 1001):
        found = (BACKGROUND, *found)
        assumptions.append(
            Assumption(
                "labels",
                "1,001 classes and 1,000 names: the first class is assumed to be the background.",
            )
        )
    if found is not None and (len(found), count) == (2, 1):
        assumptions.append(
            Assumption(
                "labels",
                f"One output and two names: read as the probability of {found[1][:60]!r}, the "
                "second.",
            )
        )
    return found, source


def _imagenet() -> tuple[str, ...]:
    return read_labels(imagenet_labels())


def _fit(names: Sequence[str], count: int) -> bool:
    return len(names) == count or (len(names), count) in ((2, 1), (1000, 1001))


def _key_names(backend: OnnxBackend) -> tuple[str, ...] | None:
    """Names from an output that is a map; numbers 0, 1, 2, ... are no names."""
    keys = backend.output.keys
    if keys is None or list(keys) == list(range(len(keys))):
        return None
    return tuple(str(key) for key in keys)


def _preprocessing(
    backend: OnnxBackend,
    given: Sidecar,
    sidecar: Sidecar,
    metadata: Told,
    beside: Told,
    assumptions: list[Assumption],
) -> tuple[str, Preprocessing]:
    """The source of the pre-processing and the complete record.

    What the caller, the sidecar or the user's choice say must fit the model; what merely lies
    in its metadata or beside it is left out, with a note, where it does not.
    """
    for stated, source in (
        (given.preprocessing, "given"),
        (sidecar.preprocessing, "sidecar"),
        (recall_choice(backend.identity), "chosen"),
    ):
        if stated is not None:
            return source, complete(stated, backend.input, backend.name, assumptions)
    for told in (metadata, beside):
        if told.preprocessing is None:
            continue
        wanted = told.preprocessing
        if _other_size(wanted, backend):
            # Exported for another size than it was trained at: the rest still holds.
            wanted = dataclasses.replace(wanted, size=None)
            assumptions.append(_size_note(told, backend))
        try:
            done = complete(wanted, backend.input, backend.name, assumptions)
        except ModelError as error:
            assumptions.append(
                Assumption("metadata", f"{told.preprocessing_source} is not used: {error}")
            )
            continue
        return told.preprocessing_source, done
    done = complete(guess(backend.input), backend.input, backend.name, assumptions)
    assumptions.insert(0, assumed(done, backend.input))
    return "assumed", done


def _size_note(told: Told, backend: OnnxBackend) -> Assumption:
    stated = None if told.preprocessing is None else told.preprocessing.size
    sides = " x ".join("?" if s is None else str(s) for s in backend.input.size)
    return Assumption(
        "metadata",
        f"{told.preprocessing_source} speaks of {' x '.join(map(str, stated or ()))} pixels, the "
        f"model takes {sides}: the model's size is used.",
    )


def _other_size(preprocessing: Preprocessing, backend: OnnxBackend) -> bool:
    return preprocessing.size is not None and any(
        s is not None and s != p
        for s, p in zip(backend.input.size, preprocessing.size, strict=True)
    )


def _activation(
    backend: OnnxBackend, given: Sidecar, sidecar: Sidecar, metadata: Told
) -> dict[str, Any]:
    """The activation and its source; None = to be told from the values."""
    stated = given.activation or sidecar.activation
    ends = backend.output.operator
    if stated in ("softmax", "sigmoid") and backend.output.activation == "none":
        raise ModelError(
            f"{backend.name} ends in {ends} already: expected the activation 'none' for its output "
            f"{backend.output.name[:60]!r}, found {stated!r}, which would be applied a second time."
        )
    for value, source in (
        (given.activation, "given"),
        (sidecar.activation, "sidecar"),
        (backend.output.activation, "graph"),
        (metadata.activation, "metadata"),
    ):
        if value is not None:
            return {"activation": value, "activation_source": source}
    return {"activation": None}


def _fallback(backend: OnnxBackend) -> list[Assumption]:
    """Say so when the runtime does not use the provider that was asked for."""
    used = backend.used_providers
    missing = [name for name in backend.providers if name not in used]
    if not missing:
        return []
    return [
        Assumption(
            "provider",
            f"{', '.join(missing)} was asked for and could not be used; the model runs on "
            f"{', '.join(used)}.",
        )
    ]


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


def _probe(box: BlackBox) -> tuple[tuple[Assumption, ...], npt.NDArray[np.float32]]:
    """Score made-up inputs: the model runs, is a classifier, and its activation is known.

    They are no part of any explanation, so they do not count as calls. A model whose file
    promises any batch but takes only one input at a time is found here, and run so. Also
    returns what the model answered, ``(n, K)``.
    """
    inputs = probe_inputs(box)
    found: tuple[Assumption, ...] = ()
    try:
        scores = box.scores(inputs)
    except ModelError:
        scores = np.concatenate([box.scores(single) for single in np.split(inputs, len(inputs))])
        found = (one_at_a_time(),)
    box.calls = 0
    return found, scores


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
