"""Opening a model on a server: as from a file, as far as a server tells what a file does."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from decam_engine.models.blackbox import DEFAULT_BATCH, Assumption, BlackBox
from decam_engine.models.completing import assumed, complete, guess
from decam_engine.models.made_up import one_at_a_time, probe_inputs, unsettled
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.server import ServerBackend, ServerOptions, ServerRefusedError
from decam_engine.models.transport import parse_address
from decam_engine.models.tuning import Configuration
from decam_engine.models.whole import check


def check_server_url(url: str) -> None:
    """Raise ``ModelError`` if this is no URL of a served model; nothing is sent."""
    parse_address(url)


def load_server(
    url: str,
    options: ServerOptions | None,
    preprocessing: Preprocessing | None,
    labels: Sequence[str] | None,
    activation: str | None,
    output: str | None,
    batch_size: int | None,
) -> BlackBox:
    """Ask for the metadata, then score four made-up inputs; nothing is measured.

    Arguments and errors as of ``load_model``.
    """
    backend = ServerBackend(url, options, output)
    assumptions: list[Assumption] = []
    source = "given"
    if preprocessing is None:
        preprocessing, source = guess(backend.input), "assumed"
        assumptions.append(assumed(preprocessing))
    if len(backend.output_names) > 1 and output is None:
        assumptions.append(
            Assumption(
                "output",
                f"Output {backend.output_name!r} taken, of {', '.join(backend.output_names)}.",
            )
        )
    completed = complete(preprocessing, backend.input, backend.name, assumptions)
    shape = (completed.fixed_size(), completed.channel_count)
    given = "default" if batch_size is None else "given"
    backend.fit_batch(batch_size or DEFAULT_BATCH, *shape)
    box = BlackBox(
        backend,
        completed,
        preprocessing_source=source,
        labels=labels,
        activation=activation,
        assumptions=assumptions,
    )
    inputs = probe_inputs(box)
    try:
        scores = box.scores(inputs)
    except ServerRefusedError:
        if backend.input.batch is not None or backend.per_request == 1:
            raise
        backend.input = dataclasses.replace(backend.input, batch=1)
        backend.fit_batch(1, *shape)
        scores = box.scores(inputs)
        box.assumptions += (one_at_a_time(),)
    box.assumptions += check(box, backend.wholes, scores)
    box.assumptions += unsettled(box, scores)
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
