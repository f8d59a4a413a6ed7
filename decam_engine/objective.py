"""Masks + photograph + fills + black box -> scores: the one place that batches model calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
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


_Pending = tuple[int, int, "Future[F32]"]


class Objective:
    """Scores masked versions of one photograph; use it as a context manager.

    While the model works on a batch (or several, see ``Configuration.concurrency``), the
    masks of the next are rendered and blended into a buffer of their own; the buffers are
    reused from batch to batch.

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
        # Kept: another explanation of the same model must not change it under way.
        self._size = size = model.batch_size
        self._in_flight = model.configuration.concurrency
        self._masks = np.empty((size, h, w), dtype=np.float32)
        shape = (self._in_flight + 1, size, *prepared.shape)
        self._inputs = np.empty(shape, dtype=np.float32)
        self.calls = 0
        self._runner = ThreadPoolExecutor(self._in_flight, thread_name_prefix="decam-model")

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

    def image(self) -> F32:
        """The prepared photograph with its channels last, float32 ``(h, w, c)``."""
        last = self.prepared if self._last else self.prepared.transpose(1, 2, 0)
        return np.ascontiguousarray(last)

    def score_photo(self) -> F32:
        """Scores ``(K,)`` of the untouched photograph; one call."""
        self.calls += 1
        scores: F32 = self.model.scores(self.prepared[None])[0]
        return scores

    def score(self, source: MaskSource, first: int = 0) -> Generator[ScoredBatch, None, None]:
        """Score the masks ``first``.. of a source in order, batch by batch.

        The next batches are already with the model when one is yielded. Closing the
        iterator early waits for them, so ``calls`` is exact afterwards.
        """
        total, size = len(source), self._size
        pending: deque[_Pending] = deque()
        try:
            for number, start in enumerate(range(first, total, size)):
                stop = min(start + size, total)
                inputs = self._render(source, start, stop, number % len(self._inputs))
                done = _finish(pending.popleft()) if len(pending) == self._in_flight else None
                self.calls += stop - start
                pending.append((start, stop, self._runner.submit(self.model.scores, inputs)))
                if done is not None:
                    yield done
            while pending:
                yield _finish(pending.popleft())
        finally:
            for _, _, future in pending:
                wait([future])

    def render_only(self, source: MaskSource, count: int | None = None) -> None:
        """Render the masks of a source whose scores are known, for what is measured on them.

        ``count``: only the first so many; None = all.
        """
        total = len(source) if count is None else count
        for start in range(0, total, self._size):
            stop = min(start + self._size, total)
            source.render(start, stop, self._masks[: stop - start])

    def _render(self, source: MaskSource, start: int, stop: int, buffer: int) -> F32:
        count = stop - start
        masks = self._masks[:count]
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
        return np.asarray(inputs)

    def _flat(self, image: F32) -> F32:
        if self._last:
            return np.ascontiguousarray(image.reshape(-1, image.shape[-1]))
        return np.ascontiguousarray(image.reshape(image.shape[0], -1))


def _finish(pending: _Pending) -> ScoredBatch:
    start, stop, future = pending
    scores: F32 = future.result()
    return ScoredBatch(start, stop, scores)
