"""Backend: ONNX Runtime."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError, ModelRunError
from decam_engine.machine import processor, usable_cores
from decam_engine.models import runtime, whole
from decam_engine.models.external import digest, identity_of
from decam_engine.models.preprocessing import as_dtype
from decam_engine.models.probing import probe
from decam_engine.models.reading import OnnxInput, OnnxOutput, read_input, read_output

Array = npt.NDArray[np.float32]


class OnnxBackend:
    """One session per model, opened once; several threads may call :meth:`run`."""

    def __init__(
        self,
        path: str | Path,
        *,
        providers: Sequence[str] | None = None,
        threads: int | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Try the file out in a process of its own; :meth:`open` opens it here.

        Args:
            path: the ``.onnx`` file.
            providers: execution providers by name; None = the processor.
            threads: of the runtime; None = all cores this process may use.
            size: ``(h, w)`` that is known for an input that leaves it open.

        Raises:
            ModelError: not a model, damaged, dangerous, not of one image, unknown provider.
        """
        file = Path(path)
        self.path = file
        self.name = file.name
        self.sha256 = _hash(file)
        self.threads = threads if threads is not None else usable_cores()
        self.providers = runtime.choose_providers(providers)
        self.facts = probe(file, self.sha256, self.providers, size)
        self.external: dict[str, str] = self.facts["external"]
        self.input: OnnxInput = read_input(self.facts, self.name)
        self.output: OnnxOutput = read_output(self.facts, self.name)
        self._opening = threading.Lock()
        self._open_session: Any = None

    @property
    def identity(self) -> str:
        """Hash of the model with its external weights: what a remembered fact belongs to."""
        return identity_of(self.sha256, self.external)

    def choose_output(self, wanted: str | None, labels: int | None) -> None:
        """Read another output: the one named, or the one that fits so many names best.

        Raises:
            ModelError: no such output.
        """
        self.output = read_output(self.facts, self.name, wanted, labels)

    def open(self, threads: int | None = None) -> None:
        """Open the session, with another number of threads if one is given.

        Raises:
            ModelError: ONNX Runtime refuses the file.
        """
        with self._opening:
            self.threads = self.threads if threads is None else threads
            self._open_session = self._opened()

    def _opened(self) -> Any:
        return runtime.open_session(self.path, self.providers, self.threads)

    @property
    def _session(self) -> Any:
        """The session, when it is not just being opened anew."""
        with self._opening:
            if self._open_session is None:
                self._open_session = self._opened()
            return self._open_session

    @property
    def used_providers(self) -> list[str]:
        """The execution providers that the open session really has, in its order."""
        return list(self._session.get_providers())

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
                self._open_session = self._opened()
            except ModelError:
                self.threads = before
                self._open_session = self._opened()
                raise

    def snapshot(self) -> Callable[[Array], npt.NDArray[Any]]:
        """A function that runs the session that is open now, whatever is opened later."""
        session = self._session
        return lambda inputs: self._run(as_dtype(inputs, self.input.dtype), session)

    def key(self, size: tuple[int, int]) -> str:
        """What the fastest configuration depends on; ``size`` is the input's ``(h, w)``."""
        parts = (
            self.identity,
            processor(),
            str(usable_cores()),
            ",".join(self.providers),
            runtime.VERSION,
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
            "external_data": dict(self.external),
            "runtime": f"onnxruntime {runtime.VERSION}",
            "providers": self.used_providers,
            "threads": self.threads,
            "input": self.input.name,
            "output": self.output.name,
            "outputs": list(self.output.others),
            "opsets": self.facts["opsets"],
            "quantisation": self.facts["quantisation"],
            **whole.describe(self.output.wholes),
        }

    def _run(self, batch: npt.NDArray[Any], session: Any) -> npt.NDArray[Any]:
        try:
            (output,) = session.run([self.output.name], {self.input.name: batch})
        except runtime.RUNTIME_ERRORS as error:
            raise ModelRunError(
                f"{self.name} failed on an input of shape {batch.shape} and type {batch.dtype}: "
                f"{runtime.first_line(error)} Check the input size and the pre-processing."
            ) from None
        return self._rows(output, len(batch))

    def _rows(self, output: Any, count: int) -> npt.NDArray[Any]:
        """What came out as ``(N, K)``: maps by their keys, sides of one pixel dropped."""
        if isinstance(output, list):
            keys = self.output.keys or ()
            try:
                rows = [[row[key] for key in keys] for row in output]
            except (KeyError, TypeError):
                raise ModelError(
                    f"{self.name} answered with other classes than it did at first; expected a "
                    f"score for each of {len(keys)} classes. Choose another output."
                ) from None
            return np.asarray(rows, dtype=np.float32)
        array = whole.fractions(self.output.wholes, np.asarray(output))
        wide = [side for side in array.shape[1:] if side != 1]
        if array.ndim == 1 and count == 1 and len(array) != 1:
            return array[None]
        if array.ndim in (1, 3, 4) and len(wide) <= 1 and array.shape[0] == count:
            return array.reshape(count, wide[0] if wide else 1)
        return array


def _hash(file: Path) -> str:
    try:
        if file.is_dir():
            raise ModelError(f"{file} is a folder; expected an .onnx file. Name the file in it.")
        if file.stat().st_size == 0:
            raise ModelError(f"{file.name} is empty (0 bytes); expected an .onnx file.")
    except FileNotFoundError:
        raise ModelError(
            f"The model {file} does not exist (any more). Check the name and the folder."
        ) from None
    except OSError as error:
        raise ModelError(f"The model {file} could not be read ({error}).") from None
    return digest(file)
