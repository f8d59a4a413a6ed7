"""Backend: ONNX Runtime. The only file that imports it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from decam_engine.errors import ModelError, ModelRunError
from decam_engine.machine import processor, usable_cores
from decam_engine.models.preprocessing import as_dtype

Array = npt.NDArray[np.float32]

_RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    *(
        getattr(runtime_errors, name)
        for name in (
            "EPFail",
            "Fail",
            "InvalidArgument",
            "InvalidGraph",
            "InvalidProtobuf",
            "ModelLoaded",
            "NoModel",
            "NoSuchFile",
            "NotImplemented",
            "RuntimeException",
        )
        if hasattr(runtime_errors, name)
    ),
)
_NUMPY_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
}
_CHANNELS = (1, 3)


@dataclass(frozen=True)
class OnnxInput:
    """What the model's only input looks like.

    ``batch``, ``size`` entries and ``channels`` are None where the file leaves them open.
    """

    name: str
    dtype: str
    layout: str
    layout_known: bool
    batch: int | None
    channels: int | None
    size: tuple[int | None, int | None]


class OnnxBackend:
    """One session per model, opened once; several threads may call :meth:`run`."""

    def __init__(
        self,
        path: str | Path,
        *,
        providers: Sequence[str] | None = None,
        threads: int | None = None,
    ) -> None:
        """Open the file.

        Raises:
            ModelError: not a model, damaged, not a classifier of one image, unknown provider.
        """
        file = Path(path)
        self.path = file
        self.name = file.name
        data_hash = _hash(file)
        self.sha256 = data_hash
        self.threads = threads if threads is not None else usable_cores()
        self.providers = _choose_providers(providers)
        self._opening = threading.Lock()
        self._open_session = self._open()
        self.input = _read_input(self._session, self.name)
        self.output_name, self.output_names = _choose_output(self._session, self.name)

    def _open(self) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # its errors reach the user as ours, once
        # Spinning burns the cores that render the next masks.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(
                str(self.path), sess_options=options, providers=self.providers
            )
        except _RUNTIME_ERRORS as error:
            raise ModelError(
                f"{self.name} could not be opened as an ONNX model: expected a complete .onnx file "
                f"that ONNX Runtime {onnxruntime.__version__} reads, found: {_first_line(error)} "
                "Export or copy it again."
            ) from None

    def set_threads(self, threads: int) -> None:
        """Open the model again with another number of threads.

        Raises:
            ModelError: the file is gone or was changed; the open session stays as it is.
        """
        with self._opening:
            if threads == self.threads:
                return
            if _hash(self.path) != self.sha256:
                raise ModelError(f"The model {self.path} was changed while it was in use.")
            before, self.threads = self.threads, threads
            # Two sessions would need the model's memory twice.
            self._open_session = None
            try:
                self._open_session = self._open()
            except ModelError:
                self.threads = before
                self._open_session = self._open()
                raise

    @property
    def _session(self) -> Any:
        """The session, when it is not just being opened anew."""
        with self._opening:
            if self._open_session is None:
                self._open_session = self._open()
            return self._open_session

    def snapshot(self) -> Callable[[Array], npt.NDArray[Any]]:
        """A function that runs the session that is open now, whatever is opened later."""
        session = self._session
        return lambda inputs: self._run(as_dtype(inputs, self.input.dtype), session)

    def key(self, size: tuple[int, int]) -> str:
        """What the fastest configuration depends on; ``size`` is the input's ``(h, w)``."""
        parts = (
            self.sha256,
            processor(),
            str(usable_cores()),
            ",".join(self.providers),
            onnxruntime.__version__,
            f"{size[0]} x {size[1]}",
        )
        return "|".join(parts)

    def run(self, inputs: Array) -> npt.NDArray[Any]:
        """See :class:`decam_engine.models.blackbox.Backend`."""
        batch = as_dtype(inputs, self.input.dtype)
        session = self._session
        if self.input.batch is None:
            return self._run(batch, session)
        # The file fixes the batch: fill the last group up and drop what was added.
        size, parts = self.input.batch, []
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            missing = size - len(part)
            if missing:
                part = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)])
            parts.append(self._run(part, session)[: size - missing])
        return np.concatenate(parts)

    def describe(self) -> Mapping[str, Any]:
        """See :class:`decam_engine.models.blackbox.Backend`."""
        return {
            "kind": "onnx",
            "path": str(self.path.absolute()),
            "sha256": self.sha256,
            "runtime": f"onnxruntime {onnxruntime.__version__}",
            "providers": list(self._session.get_providers()),
            "threads": self.threads,
            "input": self.input.name,
            "output": self.output_name,
        }

    def _run(self, batch: npt.NDArray[Any], session: Any) -> npt.NDArray[Any]:
        try:
            (output,) = session.run([self.output_name], {self.input.name: batch})
        except _RUNTIME_ERRORS as error:
            raise ModelRunError(
                f"{self.name} failed on an input of shape {batch.shape} and type {batch.dtype}: "
                f"{_first_line(error)} Check the input size and the pre-processing."
            ) from None
        return np.asarray(output)


def _hash(file: Path) -> str:
    try:
        if file.is_dir():
            raise ModelError(f"{file} is a folder; expected an .onnx file. Name the file in it.")
        if file.stat().st_size == 0:
            raise ModelError(f"{file.name} is empty (0 bytes); expected an .onnx file.")
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(
            f"The model {file} does not exist (any more). Check the name and the folder."
        ) from None
    except OSError as error:
        raise ModelError(f"The model {file} could not be read ({error}).") from None


def _choose_providers(wanted: Sequence[str] | None) -> list[str]:
    available = onnxruntime.get_available_providers()
    if wanted is None:
        return ["CPUExecutionProvider"]
    unknown = [name for name in wanted if name not in available]
    if unknown or not wanted:
        raise ModelError(
            f"The execution provider {', '.join(unknown) or '(none named)'} is not available: "
            f"expected some of {', '.join(available)}."
        )
    return list(wanted)


def _read_input(session: Any, name: str) -> OnnxInput:
    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(i.name for i in inputs) or "none"
        raise ModelError(
            f"{name} is no classifier of one image: expected exactly one input, found "
            f"{len(inputs)} ({names}). Export it with the image as its only input."
        )
    node = inputs[0]
    shape = [d if isinstance(d, int) and d > 0 else None for d in node.shape]
    if len(shape) != 4:
        raise ModelError(
            f"{name} takes no batch of images: expected an input of 4 dimensions (batch, channels, "
            f"height, width), found {len(shape)} ({_shape_text(node.shape)}). Export the "
            "image classifier itself."
        )
    if node.type not in _NUMPY_TYPES:
        raise ModelError(f"{name} takes {node.type}; expected one of {', '.join(_NUMPY_TYPES)}.")
    batch, first, second, last = shape
    if first in _CHANNELS:
        layout, known, channels, size = "NCHW", True, first, (second, last)
    elif last in _CHANNELS:
        layout, known, channels, size = "NHWC", True, last, (first, second)
    elif first is None:
        layout, known, channels, size = "NCHW", False, None, (second, last)
    else:
        raise ModelError(
            f"{name} takes no grey or RGB images: expected 1 or 3 channels first or last, found "
            f"the input shape ({_shape_text(node.shape)})."
        )
    return OnnxInput(node.name, _NUMPY_TYPES[node.type], layout, known, batch, channels, size)


def _choose_output(session: Any, name: str) -> tuple[str, list[str]]:
    """The first output that can be (batch, classes), and the names of all such outputs."""
    outputs = session.get_outputs()
    fitting = [
        o.name
        for o in outputs
        if o.type in ("tensor(float)", "tensor(float16)", "tensor(double)")
        and (len(o.shape) == 2 or not o.shape)
    ]
    if not fitting:
        found = ", ".join(f"{o.name} {o.type} ({_shape_text(o.shape)})" for o in outputs)
        raise ModelError(
            f"{name} is no image classifier: expected an output of shape (batch, classes), found "
            f"{found or 'none'}."
        )
    return fitting[0], fitting


def _shape_text(shape: Sequence[Any]) -> str:
    return ", ".join("?" if d is None else str(d) for d in shape)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    line = text[0].split(" : ", 2)[-1].strip() if text else type(error).__name__
    line = line[:300]
    return line if line.endswith(".") else line + "."
