"""How faithful a saliency map is: insertion, deletion, pointing game, energy in the box."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.canvas import Canvas
from decam_engine.errors import ModelError, SettingsError
from decam_engine.fills import gaussian_blur
from decam_engine.geometry import Fit, to_input
from decam_engine.images import Photo
from decam_engine.masks import SaliencyMasks
from decam_engine.models import BlackBox

F32 = npt.NDArray[np.float32]

STEPS = 56
BLUR_KERNEL, BLUR_SIGMA = 11, 5.0


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """Areas under the insertion and deletion curves.

    Attributes:
        insertion: higher is better, 0..1.
        deletion: lower is better, 0..1.
        insertion_curve, deletion_curve: float32 ``(steps + 1,)`` target probabilities, from no
            pixel to all pixels put back (taken away).
    """

    insertion: float
    deletion: float
    insertion_curve: F32
    deletion_curve: F32

    @property
    def difference(self) -> float:
        """Insertion minus deletion, the figure that maps are compared by."""
        return self.insertion - self.deletion


def insertion_deletion(
    model: BlackBox,
    photo: Photo,
    saliency: npt.ArrayLike,
    target: int | str,
    steps: int = STEPS,
) -> Faithfulness:
    """Insertion and deletion after RISE (Petsiuk et al. 2018, section 4).

    Pixels of the model's input are ranked by saliency (stable sort). Insertion puts them
    back into the blurred photograph (11 x 11, sigma 5), most salient first; deletion
    replaces them by 0 in normalised space. ``steps + 1`` points at equal pixel counts, area
    by the trapezoid rule over the unit interval.

    Args:
        saliency: ``(h, w)`` on the model's input, or ``(H, W)`` on the photograph; where both
            are of one size, it is taken to be on the model's input.
        target: class index or name.

    Raises:
        SettingsError: a map of another shape or with NaN, or an unusable target or steps.
        ModelError: the model failed, or answered with NaN.
    """
    measuring = insertion_deletion_steps(model, photo, saliency, target, steps)
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            found: Faithfulness = end.value
            return found


def insertion_deletion_steps(
    model: BlackBox,
    photo: Photo,
    saliency: npt.ArrayLike,
    target: int | str,
    steps: int = STEPS,
) -> Generator[int, None, Faithfulness]:
    """As :func:`insertion_deletion`; yields how many calls each batch was, after it."""
    if steps < 1:
        raise SettingsError(f"The number of steps must be 1 or more, found {steps}.")
    prepared = model.prepare(photo)
    placed = _on_input(model, photo, saliency)
    last = model.preprocessing.layout == "NHWC"
    image = np.ascontiguousarray(prepared if last else prepared.transpose(1, 2, 0))
    blurred = gaussian_blur(image, BLUR_KERNEL, BLUR_SIGMA)
    fills = [blurred if last else blurred.transpose(2, 0, 1), np.zeros_like(prepared)]
    canvas = Canvas(prepared, fills, channels_last=last)
    counts = np.rint(np.linspace(0, placed.size, steps + 1)).astype(np.int64)
    inputs = np.empty((model.batch_size, *prepared.shape), dtype=np.float32)
    curves = []
    index: int | None = None
    for fill, inserting in ((0, True), (1, False)):
        remove = np.full(len(counts), not inserting)
        masks = SaliencyMasks(placed, counts, remove, np.full(len(counts), fill))
        curve = np.empty(steps + 1, dtype=np.float32)
        for start in range(0, steps + 1, model.batch_size):
            some = slice(start, min(start + model.batch_size, steps + 1))
            batch = inputs[: some.stop - start]
            masks.paint(start, some.stop, canvas, canvas.planes(batch))
            scores = model.scores(batch)
            if index is None:
                index = model.resolve_target(target, scores.shape[1])
            curve[some] = scores[:, index]
            yield len(batch)
        if not np.all(np.isfinite(curve)):
            raise ModelError(
                f"{model.name} answered partly hidden inputs with values that are not numbers (NaN "
                "or infinite), so insertion and deletion cannot be measured. Check the model file."
            )
        curves.append(curve)
    insertion, deletion = (float(np.trapezoid(c) / steps) for c in curves)
    return Faithfulness(insertion, deletion, curves[0], curves[1])


def pointing_game(saliency: F32, inside: npt.NDArray[np.bool_]) -> bool:
    """Whether the most salient pixel lies inside the object, ``inside`` bool ``(h, w)``."""
    return bool(inside.reshape(-1)[int(np.argmax(saliency))])


def energy_in_box(saliency: F32, inside: npt.NDArray[np.bool_]) -> float:
    """Share of ``max(S - median(S), 0)`` that lies inside the object, 0..1; NaN for a flat map."""
    energy = np.maximum(saliency - np.median(saliency), 0.0)
    total = float(energy.sum(dtype=np.float64))
    return float(energy[inside].sum(dtype=np.float64)) / total if total > 0 else float("nan")


def boxes_on_input(boxes: Sequence[Sequence[float]], placed: Fit) -> npt.NDArray[np.bool_]:
    """Boxes ``[xmin, ymin, xmax, ymax]``, photo pixels -> bool ``(h, w)`` on the input."""
    inside = np.zeros(placed.input_size, dtype=bool)
    (sy, sx), (dy, dx) = placed.scale, placed.offset
    for xmin, ymin, xmax, ymax in boxes:
        top, bottom = (max(0, round(y * sy + dy)) for y in (ymin, ymax))
        left, right = (max(0, round(x * sx + dx)) for x in (xmin, xmax))
        inside[top:bottom, left:right] = True
    return inside


def rank_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Spearman's correlation of two maps of the same shape; NaN when one is constant."""
    ranks = [_average_ranks(np.asarray(m, dtype=np.float64).reshape(-1)) for m in (first, second)]
    a, b = (r - r.mean() for r in ranks)
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else float("nan")


def _average_ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks with ties averaged, as Spearman's correlation wants them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[inverse.reshape(-1)])


def _on_input(model: BlackBox, photo: Photo, saliency: npt.ArrayLike) -> F32:
    values = np.asarray(saliency, dtype=np.float32)
    if not np.all(np.isfinite(values)):
        raise SettingsError("The saliency map holds NaN or infinite values; expected finite ones.")
    if values.shape == model.input_size:
        return values
    if values.shape == photo.size:
        return to_input(values, model.preprocessing.fit(photo.size))
    raise SettingsError(
        f"The saliency map must have the shape of the model's input {model.input_size} or of the "
        f"photograph {photo.size}, found {values.shape}."
    )
