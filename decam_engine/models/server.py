"""Backend: a model on a server that speaks the Open Inference Protocol (v2) over HTTP."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError, ModelRunError
from decam_engine.models.preprocessing import as_dtype
from decam_engine.models.protocol import (
    OVERHEAD,
    MalformedError,
    decode,
    encode,
    input_bytes,
    read_json,
    read_tensors,
)
from decam_engine.models.served import choose_output, read_input, wholes
from decam_engine.models.transport import Reply, Transport, clean, parse_address
from decam_engine.models.whole import describe, fractions

Array = npt.NDArray[np.float32]

MAX_METADATA = 1_000_000
# Bytes of an answer: 128 inputs of 21,843 classes, as the longest numbers in JSON.
MAX_ANSWER = 80_000_000
_OK = 200
_NOT_FOUND = (404, 405, 501)
_DENIED = (401, 403)
_NOT_HASHABLE = "not hashable: what a server runs can change without notice"


@dataclass(frozen=True)
class ServerOptions:
    """How a model server is talked to.

    Attributes:
        in_flight: requests at a time, 1..64.
        timeout: seconds that one answer may take.
        request_mb: megabytes (10^6 bytes) that a request stays under; batches are cut to fit,
            and an input that is larger than that by itself is refused.
        attempts: how often a request is sent before it counts as failed, 1..10.
    """

    in_flight: int = 2
    timeout: float = 30.0
    request_mb: float = 8.0
    attempts: int = 3

    def __post_init__(self) -> None:
        for name, low, high in (
            ("in_flight", 1, 64),
            ("timeout", 0.01, 3600),
            ("request_mb", 0.01, 1000),
            ("attempts", 1, 10),
        ):
            value = getattr(self, name)
            # Written so that NaN is refused as well.
            if not low <= value <= high:
                raise ModelError(
                    f"The {name} of a model server must lie in {low}..{high}, found {value}."
                )


class ServerRefusedError(ModelRunError):
    """The server answered with an error instead of scores."""


class ServerBackend:
    """One served model; several threads may call :meth:`run`.

    Attributes:
        input: what the model takes, as a file's would be described.
        per_request: inputs that go into one request.
    """

    def __init__(
        self, url: str, options: ServerOptions | None = None, output: str | None = None
    ) -> None:
        """Ask the server what it is, whether the model is ready, and what it takes.

        Three small requests; nothing is scored.

        Args:
            url: of the model.
            options: None = the defaults.
            output: the one with the class scores; None = the first that may be.

        Raises:
            ModelError: no such server, model or output, not ready, or no classifier of one image.
        """
        self.options = options if options is not None else ServerOptions()
        self.address = parse_address(url)
        self.name = clean(self.address.model)
        self._transport = Transport(
            self.address,
            timeout=self.options.timeout,
            attempts=self.options.attempts,
            at_once=self.options.in_flight,
        )
        record = self._metadata()
        self._check_ready()
        self.server = self._server_facts()
        self.platform = _text(record.get("platform"))
        self.versions = [_text(v) for v in _list(record.get("versions"))[:10]]
        try:
            self._tensor, self.input = read_input(read_tensors(record, "inputs"), self.name)
            outputs = read_tensors(record, "outputs")
        except MalformedError as error:
            raise ModelError(self._wrong(error)) from None
        self._output, self.output_names = choose_output(outputs, self.name, output)
        self.wholes = wholes(self._output)
        self.output_name = clean(self._output.name)
        # None until the first answer shows whether the server reads binary tensors.
        self.binary: bool | None = None
        self.served_version = ""
        self.per_request = 1
        # Inputs that were scored to open the model; requests, with those for metadata.
        self.opened_with = {"requests": self._transport.requests, "inputs": 0}

    # --- batches -----------------------------------------------------------------------

    def fit_batch(self, wanted: int, size: tuple[int, int], channels: int) -> int:
        """The inputs per request: as wanted, or fixed by the model, and under the limit.

        Raises:
            ModelError: not even one input (or the model's fixed batch) fits.
        """
        numbers = size[0] * size[1] * channels
        # As long as nobody knows how tensors must travel, they are assumed to be binary.
        one = input_bytes(numbers, self._tensor.datatype, binary=self.binary is not False)
        most = int((self.options.request_mb * 1e6 - OVERHEAD) // one)
        fixed = self.input.batch
        # Numbers in JSON are mostly shorter than they may be: what is sent shows whether it fits.
        if most < (fixed or 1) and self.binary is not False:
            raise ModelError(self._too_large((fixed or 1) * one, fixed or 1))
        self.per_request = fixed or max(1, min(wanted, most))
        return self.per_request

    def request_bytes(self, size: tuple[int, int], channels: int) -> int:
        """Most bytes that a request of ``per_request`` inputs has."""
        numbers = size[0] * size[1] * channels
        one = input_bytes(numbers, self._tensor.datatype, binary=self.binary is not False)
        return self.per_request * one + OVERHEAD

    def opened(self, inputs: int) -> None:
        """Note that opening is over, and how many inputs were scored for it."""
        self.opened_with = {"requests": self._transport.requests, "inputs": inputs}

    def opening(self) -> str:
        """What opening the model cost the server, in words."""
        o = self.opened_with
        return (
            f"The server at {self.address.host} was asked {o['requests']} times to open the model, "
            f"and scored {o['inputs']} made-up inputs for it."
        )

    def announce(self, inputs: int, size: tuple[int, int], channels: int) -> str:
        """What scoring so many inputs sends to the server, in words."""
        requests = -(-inputs // self.per_request)
        one = self.request_bytes(size, channels) / 1e6
        return (
            f"Up to {inputs:,} inputs, in about {requests:,} requests of up to {one:.2g} MB, will "
            f"be sent to {self.address.host}, {self.options.in_flight} at a time."
        )

    # --- running -----------------------------------------------------------------------

    def run(self, inputs: Array) -> npt.NDArray[Any]:
        """See :class:`decam_engine.models.blackbox.Backend`."""
        batch = as_dtype(inputs, self.input.dtype)
        size = self.per_request
        parts = []
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            missing = size - len(part) if self.input.batch is not None else 0
            if missing:
                # The model fixes the batch: fill it up and drop what was added.
                part = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)])
            parts.append(self._infer(part)[: len(part) - missing])
        return np.concatenate(parts)

    def _infer(self, batch: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """One request; the first also finds out how tensors may travel."""
        if self.binary is not None:
            return self._ask(batch, self.binary)
        try:
            scores = self._ask(batch, True)
            self.binary = True
        except ServerRefusedError:
            # A server without the extension cannot read the request at all.
            scores = self._ask(batch, False)
            self.binary = False
        return scores

    def _ask(self, batch: npt.NDArray[Any], binary: bool) -> npt.NDArray[Any]:
        body, headers = encode(batch, self._tensor, self._output.name, binary=binary)
        if len(body) >= self.options.request_mb * 1e6:
            if len(batch) == 1 or self.input.batch is not None:
                raise ModelError(self._too_large(len(body), len(batch)))
            # Numbers in JSON vary in length.
            half = len(batch) // 2
            return np.concatenate([self._ask(p, binary) for p in (batch[:half], batch[half:])])
        path = f"{self.address.path}/infer"
        reply = self._transport.request(path, body=body, headers=headers, limit=MAX_ANSWER)
        if reply.status != _OK:
            raise ServerRefusedError(self._refused(reply, f"{len(batch)} inputs"))
        try:
            scores, version = decode(reply.body, reply.headers, self._output.name, len(batch))
        except MalformedError as error:
            raise ModelRunError(self._wrong(error)) from None
        classes = self._output.shape[1]
        if classes is not None and scores.shape[1] != classes:
            raise ModelRunError(
                f"The model server at {self.address.host} answered wrongly: expected {classes} "
                f"classes as its metadata says, found {scores.shape[1]}."
            )
        self._check_version(version)
        if (scores.dtype.kind in "iu") != (self.wholes is not None):
            raise ModelRunError(
                f"The model server at {self.address.host} answered wrongly: expected scores of "
                f"type {clean(self._output.datatype)} as its metadata says, found {scores.dtype}."
            )
        return fractions(self.wholes, scores)

    def _check_version(self, version: str) -> None:
        """One explanation is of one model."""
        if version and self.served_version and version != self.served_version:
            raise ModelRunError(
                f"The model server at {self.address.host} answered with version {version} of "
                f"{self.name}, before with {self.served_version}: the model was exchanged. Open "
                "it again, with /versions/ in its address."
            )
        self.served_version = version or self.served_version

    def describe(self) -> Mapping[str, Any]:
        """See :class:`decam_engine.models.blackbox.Backend`."""
        return {
            "kind": "server",
            "url": self.address.url,
            "sha256": None,
            "identity": _NOT_HASHABLE,
            "version": self.address.version or self.served_version or None,
            "versions": self.versions,
            "platform": self.platform,
            "server": self.server,
            "encoding": {True: "binary", False: "json", None: None}[self.binary],
            "input": clean(self._tensor.name),
            "datatype": self._tensor.datatype,
            "output": self.output_name,
            "outputs": self.output_names,
            **describe(self.wholes),
            "opened_with": self.opened_with,
            **{k: v for k, v in dataclasses.asdict(self.options).items() if k != "in_flight"},
        }

    # --- opening -----------------------------------------------------------------------

    def _metadata(self) -> dict[str, Any]:
        reply = self._transport.request(self.address.path, limit=MAX_METADATA)
        if reply.status != _OK:
            raise ModelError(self._refused(reply, "the model's metadata"))
        try:
            return read_json(reply.body, "the model's metadata")
        except MalformedError as error:
            raise ModelError(self._wrong(error)) from None

    def _check_ready(self) -> None:
        reply = self._transport.request(f"{self.address.path}/ready", limit=MAX_METADATA)
        ready = reply.status == _OK
        if ready and reply.body:
            try:
                ready = read_json(reply.body, "readiness").get("ready") is not False
            except MalformedError:
                ready = True
        # Not every server has this question.
        if not ready and reply.status not in _NOT_FOUND:
            raise ModelError(
                f"The model {self.name} on the server at {self.address.host} is not ready (HTTP "
                f"{reply.status}{self._said(reply)}). Wait until it is loaded, or ask whoever runs "
                "the server."
            )

    def _server_facts(self) -> dict[str, Any]:
        """Name, version and extensions, as far as the server tells them."""
        reply = self._transport.request("/v2", limit=MAX_METADATA)
        record: dict[str, Any] = {}
        if reply.status == _OK:
            try:
                record = read_json(reply.body, "the server's metadata")
            except MalformedError:
                record = {}
        return {
            "name": _text(record.get("name")),
            "version": _text(record.get("version")),
            "extensions": [_text(e) for e in _list(record.get("extensions"))[:50]],
        }

    # --- sentences ---------------------------------------------------------------------

    def _refused(self, reply: Reply, what: str) -> str:
        host, said = self.address.host, self._said(reply)
        if reply.status in _DENIED:
            return (
                f"The model server at {host} refuses access (HTTP {reply.status}{said}). Put the "
                "credentials into the address: http://USER:PASSWORD@HOST:PORT/..."
            )
        if reply.status in _NOT_FOUND:
            return (
                f"The model server at {host} knows no model {self.name} at "
                f"{self.address.path} (HTTP {reply.status}{said}). Check name and version."
            )
        return (
            f"The model server at {host} answered {what} with an error (HTTP "
            f"{reply.status}{said}). Check the input size and the batch size, and the server's log."
        )

    def _said(self, reply: Reply) -> str:
        """The error that the protocol lets a server state, or how its answer begins."""
        try:
            error = read_json(reply.body, "an error").get("error")
            text = error if isinstance(error, str) else ""
        except MalformedError:
            text = reply.body[:100].decode("utf-8", "replace")
        return f": {clean(text)}" if clean(text) else ""

    def _wrong(self, error: MalformedError) -> str:
        return f"The model server at {self.address.host} answered wrongly: {error}."

    def _too_large(self, size: int, inputs: int) -> str:
        what = "One input" if inputs == 1 else f"The fixed batch of {inputs} inputs"
        return (
            f"{what} of {self.name} takes {size / 1e6:.3g} MB, more than the "
            f"{self.options.request_mb:g} MB that a request may have. Allow more (--max-request "
            f"{math.ceil((size + OVERHEAD) / 1e6) + 1}) if the server takes it."
        )


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
