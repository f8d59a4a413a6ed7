"""Masks + photograph + fills + black box -> scores: the one place that batches model calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import numpy.typing as npt

from decam_engine.canvas import Canvas
from decam_engine.fills import make_fill
from decam_engine.masks import MaskSource, PaintedMasks
from decam_engine.models import BlackBox
from decam_engine.models.tuning import WAITING

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ScoredBatch:
    """Scores ``(stop - start, K)`` of the masks start..stop of a source."""

    start: int
    stop: int
    scores: F32


_Pending = tuple[int, int, "Future[F32]"]
_Painted = tuple[int, int, F32]


class Objective:
    """Scores masked versions of one photograph; use it as a context manager.

    While the model works on a batch (or several, see ``Configuration.concurrency``), the next
    ``WAITING`` wait, so that the model goes on while a search thinks, and another one is painted;
    each has a buffer of its own, and the buffers are reused from batch to batch.

    Attributes:
        calls: how many inputs were handed to the model.
    """

    def __init__(self, model: BlackBox, prepared: F32) -> None:
        self.model = model
        self.prepared = prepared
        self._last = model.preprocessing.layout == "NHWC"
        self._canvas = Canvas(prepared, [prepared], channels_last=self._last)
        # Kept: another explanation of the same model must not change it under way.
        self._size = size = model.batch_size
        self._in_flight = model.configuration.concurrency
        self._masks = np.empty((0, *model.input_size), dtype=np.float32)
        self._ahead = self._in_flight + WAITING
        shape = (self._ahead + 1, size, *prepared.shape)
        self._inputs = np.empty(shape, dtype=np.float32)
        self.calls = 0
        self._buffer = 0
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
        self._canvas = Canvas(self.prepared, stack, channels_last=self._last)

    def image(self) -> F32:
        """The prepared photograph with its channels last, float32 ``(h, w, c)``."""
        last = self.prepared if self._last else self.prepared.transpose(1, 2, 0)
        return np.ascontiguousarray(last)

    def score_photo(self) -> F32:
        """Scores ``(K,)`` of the untouched photograph; one call."""
        self.calls += 1
        scores: F32 = self.model.scores(self.prepared[None])[0]
        return scores

    def score(self, source: MaskSource) -> Generator[ScoredBatch, None, None]:
        """Score the masks of a source in order, batch by batch; see :meth:`stream`."""
        sources = iter([source])

        def more() -> tuple[MaskSource, int] | None:
            following = next(sources, None)
            return None if following is None else (following, 0)

        yield from self.stream(more)

    def stream(
        self, more: Callable[[], tuple[MaskSource, int] | None]
    ) -> Generator[ScoredBatch, None, None]:
        """Score the masks of one source after the other, in order, batch by batch.

        The next batches are already with the model when one is yielded. Closing the iterator
        early takes back those that it has not begun and waits for the others, so ``calls`` is
        exact afterwards.

        Args:
            more: the next source and its first mask to score; None = not now. It is asked as
                soon as there is room for another batch, and the stream ends when it has nothing
                while no batch is under way.
        """
        pending: deque[_Pending] = deque()
        batches: Iterator[_Painted] = iter(())
        ready: _Painted | None = None
        try:
            while True:
                while ready is None:
                    ready = next(batches, None)
                    if ready is None:
                        work = more()
                        if work is None:
                            break
                        batches = self._batches(*work)
                if len(pending) < self._ahead and ready is not None:
                    pending.append(self._submit(ready))
                    ready = None
                elif pending:
                    done = _finish(pending.popleft())
                    if ready is not None:
                        # Before anybody looks at the scores: the model shall not wait.
                        pending.append(self._submit(ready))
                        ready = None
                    yield done
                else:
                    return
        finally:
            # The last one first: the model takes the next as soon as it has answered one.
            for start, stop, future in reversed(pending):
                if future.cancel():
                    self.calls -= stop - start
            wait([future for *_, future in pending if not future.cancelled()])

    def _batches(self, source: MaskSource, first: int) -> Iterator[_Painted]:
        for start, stop in self.spans(len(source), first):
            # One buffer is being painted, the others may be with the model.
            self._buffer = (self._buffer + 1) % len(self._inputs)
            yield start, stop, self._paint(source, start, stop, self._buffer)

    def spans(self, total: int, first: int = 0) -> Iterator[tuple[int, int]]:
        """Which masks of a source are scored together, from the first one that is to be scored.

        Full batches; what does not fill as many as run at a time is shared out evenly.
        """
        together = self._in_flight * self._size
        parts = min(self._in_flight, total % together)
        sizes = [self._size] * (total // together * self._in_flight)
        sizes += [(total % together + part) // parts for part in reversed(range(parts))]
        start = 0
        for size in sizes:
            stop = start + size
            if stop > first:
                yield max(start, first), stop
            start = stop

    def _submit(self, painted: _Painted) -> _Pending:
        start, stop, inputs = painted
        self.calls += stop - start
        return start, stop, self._runner.submit(self.model.scores, inputs)

    def render_only(self, source: MaskSource, count: int | None = None) -> None:
        """Go through the masks of a source whose scores are known, for what is measured on them.

        ``count``: at least the first so many; None = all.
        """
        if isinstance(source, PaintedMasks):
            source.measure(self._canvas)
            return
        total = len(source) if count is None else count
        for start in range(0, total, self._size):
            self._rendered(source, start, min(start + self._size, total))

    def _paint(self, source: MaskSource, start: int, stop: int, buffer: int) -> F32:
        inputs: F32 = self._inputs[buffer][: stop - start]
        if isinstance(source, PaintedMasks):
            source.paint(start, stop, self._canvas, self._canvas.planes(inputs))
        else:
            masks = self._rendered(source, start, stop)
            self._canvas.blend(masks, source.fills[start:stop], inputs)
        return inputs

    def _rendered(self, source: MaskSource, start: int, stop: int) -> F32:
        count = stop - start
        if len(self._masks) < count:
            self._masks = np.empty((count, *self.model.input_size), dtype=np.float32)
        masks = self._masks[:count]
        source.render(start, stop, masks)
        return masks


def _finish(pending: _Pending) -> ScoredBatch:
    start, stop, future = pending
    scores: F32 = future.result()
    return ScoredBatch(start, stop, scores)
