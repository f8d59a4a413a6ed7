"""Masks + photograph + fills + black box -> scores: the one place that batches model calls."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.fills import make_fill
from decam_engine.masks import MaskSource
from decam_engine.models import BlackBox

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ScoredBatch:
    """Scores ``(stop - start, K)`` of the masks start..stop of a source."""

    start: int
    stop: int
    scores: F32


class Objective:
    """Scores masked versions of one photograph; use it as a context manager.

    While the model works on one batch, the masks of the next are rendered and blended into
    the other of two buffers, which are reused from batch to batch.

    Attributes:
        calls: how many inputs were handed to the model.
    """

    def __init__(self, model: BlackBox, prepared: F32) -> None:
        self.model = model
        self.prepared = prepared
        self._last = model.preprocessing.layout == "NHWC"
        self._photo = self._flat(prepared)
        self._fills = self._photo[None]
        h, w = model.input_size
        size = model.batch_size
        self._masks = [np.empty((size, h, w), dtype=np.float32) for _ in range(2)]
        self._inputs = [np.empty((size, *prepared.shape), dtype=np.float32) for _ in range(2)]
        self.calls = 0
        self._runner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decam-model")

    def __enter__(self) -> Objective:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the batch under way and let the thread go."""
        self._runner.shutdown(wait=True, cancel_futures=True)

    def use_fills(self, names: Sequence[str]) -> None:
        """Make the fills that the masks refer to by number."""
        stack = [make_fill(name, self.prepared, self.model.preprocessing) for name in names]
        self._fills = np.stack([self._flat(fill) for fill in stack])

    def score_photo(self) -> F32:
        """Scores ``(K,)`` of the untouched photograph; one call."""
        self.calls += 1
        return np.asarray(self.model.scores(self.prepared[None])[0])

    def score(self, source: MaskSource) -> Generator[ScoredBatch, None, None]:
        """Score the masks of a source in order, batch by batch.

        The next batch is already with the model when one is yielded. Closing the iterator
        early waits for it, so ``calls`` is exact afterwards.
        """
        total, size = len(source), self.model.batch_size
        pending: tuple[int, int, Future[F32]] | None = None
        try:
            for number, start in enumerate(range(0, total, size)):
                stop = min(start + size, total)
                inputs = self._render(source, start, stop, number % 2)
                done = None if pending is None else self._finish(pending)
                self.calls += stop - start
                pending = (start, stop, self._runner.submit(self.model.scores, inputs))
                if done is not None:
                    yield done
            if pending is not None:
                last, pending = pending, None
                yield self._finish(last)
        finally:
            if pending is not None:
                pending[2].exception()

    def _finish(self, pending: tuple[int, int, Future[F32]]) -> ScoredBatch:
        start, stop, future = pending
        return ScoredBatch(start, stop, future.result())

    def _render(self, source: MaskSource, start: int, stop: int, buffer: int) -> F32:
        count = stop - start
        masks = self._masks[buffer][:count]
        inputs = self._inputs[buffer][:count]
        source.render(start, stop, masks)
        flat_masks = masks.reshape(count, -1)
        which = source.fills[start:stop]
        if self._last:
            out = inputs.reshape(count, -1, inputs.shape[-1])
            kernels.blend_channels_last(self._photo, self._fills, which, flat_masks, out)
        else:
            out = inputs.reshape(count, inputs.shape[1], -1)
            kernels.blend_channels_first(self._photo, self._fills, which, flat_masks, out)
        return inputs

    def _flat(self, image: F32) -> F32:
        if self._last:
            return np.ascontiguousarray(image.reshape(-1, image.shape[-1]))
        return np.ascontiguousarray(image.reshape(image.shape[0], -1))
