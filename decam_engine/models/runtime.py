"""ONNX Runtime: sessions, its errors, its execution providers. The only file that imports it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Since 1.32 it reports its use to its maker over the network, and keeps an identifier of the device
# in the user's home. Nothing leaves the computer from here: this must be said before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from decam_engine.errors import ModelError

onnxruntime.disable_telemetry_events()
VERSION: str = onnxruntime.__version__
CPU = "CPUExecutionProvider"

RUNTIME_ERRORS: tuple[type[Exception], ...] = (
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


def open_session(path: Path, providers: Sequence[str], threads: int) -> Any:
    """A session on a model file.

    Raises:
        ModelError: ONNX Runtime refuses the file.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # its errors reach the user as ours, once
    # Spinning burns the cores that render the next masks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=list(providers)
        )
    except RUNTIME_ERRORS as error:
        raise ModelError(unreadable(path.name, first_line(error))) from None


def unreadable(name: str, found: str) -> str:
    """The sentence for a file that is no ONNX model."""
    return (
        f"{name} could not be opened as an ONNX model: expected a complete .onnx file that ONNX "
        f"Runtime {VERSION} reads, found: {found} Export or copy it again."
    )


def available_providers() -> list[str]:
    """The execution providers of the installed runtime, fastest first as it sees them."""
    return list(onnxruntime.get_available_providers())


def choose_providers(wanted: Sequence[str] | None) -> list[str]:
    """Execution providers by name, or by short name (``cuda`` for CUDAExecutionProvider).

    The processor stands behind every other provider, for operators it does not have.

    Raises:
        ModelError: one is not available.
    """
    available = available_providers()
    if wanted is None:
        return [CPU]
    short = {name.removesuffix("ExecutionProvider").casefold(): name for name in available}
    short |= {alias: short[name] for alias, name in (("directml", "dml"),) if name in short}
    found = [short.get(name.removesuffix("ExecutionProvider").casefold()) for name in wanted]
    unknown = [name for name, match in zip(wanted, found, strict=True) if match is None]
    if unknown or not wanted:
        raise ModelError(
            f"The execution provider {', '.join(unknown) or '(none named)'} is not available: "
            f"expected some of {', '.join(available)}."
        )
    chosen = [name for name in found if name is not None]
    return chosen if CPU in chosen else [*chosen, CPU]


def first_line(error: Exception) -> str:
    """The gist of one of the runtime's errors, one sentence."""
    text = str(error).strip().splitlines()
    line = text[0].split(" : ", 2)[-1].strip() if text else type(error).__name__
    line = "".join(c if c.isprintable() else "?" for c in line)[:300]
    return line if line.endswith(".") else line + "."
