"""Mask sources: what is painted, what is rendered, and what is measured of it, agree."""

from __future__ import annotations

import threading
import time
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from decam_engine import Preprocessing, load_model
from decam_engine.canvas import Canvas
from decam_engine.masks import (
    BoxMasks,
    CellShares,
    NestedMasks,
    PaintedMasks,
    SaliencyMasks,
    ShiftedGridMasks,
    SingleMasks,
    UniformMasks,
    decode,
    pixel_counts,
    shift_limits,
)
from decam_engine.objective import Objective
from tests import naive

F32 = npt.NDArray[np.float32]

SIZE, GRID = (23, 31), (4, 4)


def grids(rng: np.random.Generator, count: int, shares: CellShares | None) -> ShiftedGridMasks:
    pairs = (count + 1) // 2
    limits = shift_limits(SIZE, GRID)
    return ShiftedGridMasks(
        (rng.random((pairs, 5, 5)) < 0.5).astype(np.float32),
        np.stack([rng.integers(0, limit, pairs) for limit in limits], axis=1),
        SIZE,
        cells=GRID,
        fill=1,
        antithetic=True,
        count=count,
        shares=shares,
    )


def make(kind: str, shares: CellShares | None = None) -> Any:
    """Seven or eight masks of a kind, always the same."""
    rng = np.random.default_rng(3)
    genomes = rng.normal(size=(7, 16)).astype(np.float32)
    remove, fills = rng.random(7) < 0.5, rng.integers(0, 3, 7)
    counts = rng.integers(1, SIZE[0] * SIZE[1], 7)
    if kind == "grids":
        return grids(rng, 7, shares)
    if kind == "nested":
        return NestedMasks(genomes[:2], GRID, (0.1, 0.5), SIZE, 1, 2, shares)
    if kind == "single":
        return SingleMasks(genomes, GRID, SIZE, counts, remove, fills, shares)
    return SaliencyMasks(rng.normal(size=SIZE), counts, remove, fills)


MEASURED = ("grids", "nested", "single")
PAINTED = (*MEASURED, "saliency")


def rendered(source: Any, batch: int = 100) -> F32:
    masks = np.full((len(source), *SIZE), np.nan, dtype=np.float32)
    for start in range(0, len(source), batch):
        stop = min(start + batch, len(source))
        source.render(start, stop, masks[start:stop])
    return masks


@pytest.mark.parametrize("kind", PAINTED)
def test_masks_do_not_depend_on_the_batch_or_the_order(kind: str) -> None:
    whole = rendered(make(kind))
    assert whole.min() >= 0.0
    assert whole.max() <= 1.0
    for batch in (1, 3):
        np.testing.assert_array_equal(rendered(make(kind), batch), whole)
    source, single = make(kind), np.empty((1, *SIZE), dtype=np.float32)
    for k in reversed(range(len(source))):
        source.render(k, k + 1, single)
        np.testing.assert_array_equal(single[0], whole[k])


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", PAINTED)
def test_painted_inputs_are_the_photo_and_the_fill_by_the_mask(
    kind: str, channels: int, last: bool
) -> None:
    rng = np.random.default_rng(1)
    shape = (*SIZE, channels) if last else (channels, *SIZE)
    photo, *fills = rng.normal(size=(4, *shape)).astype(np.float32)
    source = make(kind)
    out = np.full((len(source), *shape), np.nan, dtype=np.float32)
    canvas = Canvas(photo, fills, channels_last=last)
    for start in range(0, len(source), 3):
        part = out[start : start + 3]
        source.paint(start, start + len(part), canvas, canvas.planes(part))
    masks = rendered(make(kind))
    masks = masks[..., None] if last else masks[:, None]
    expected = masks * photo + (1 - masks) * np.array(fills)[source.fills]
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_two_sources_may_share_a_canvas() -> None:
    photo = np.ones((1, *SIZE), dtype=np.float32)
    canvas = Canvas(photo, [0 * photo] * 3, channels_last=False)
    sources, out = [make("nested"), make("single")], np.empty((1, 1, SIZE[0] * SIZE[1]), np.float32)
    for k in range(7):
        for source in sources:
            source.paint(k, k + 1, canvas, out)
            np.testing.assert_array_equal(out.reshape(SIZE), rendered(source)[k])


@pytest.mark.parametrize("measured_alone", [False, True])
@pytest.mark.parametrize("kind", MEASURED)
def test_shares_are_the_means_of_the_masks(kind: str, measured_alone: bool) -> None:
    count = len(make(kind))
    shares = CellShares(count, GRID, SIZE)
    source = make(kind, shares)
    if measured_alone:
        photo = np.zeros((1, *SIZE), dtype=np.float32)
        source.measure(Canvas(photo, [photo] * 3, channels_last=False))
    masks = rendered(make(kind) if measured_alone else source)
    rows, columns = (np.rint(np.linspace(0, side, 5)).astype(int) for side in SIZE)
    for i in range(4):
        for j in range(4):
            cell = masks[:, rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
            np.testing.assert_allclose(
                shares.values[:, 4 * i + j], cell.mean(axis=(1, 2)), atol=1e-6
            )


def test_a_grid_is_followed_by_its_complement() -> None:
    masks = rendered(make("grids"))
    np.testing.assert_allclose(masks[0:6:2] + masks[1:6:2], 1.0, atol=1e-6)
    assert np.ptp(masks[0]) == 1.0


def test_nested_areas_are_exact_to_one_pixel() -> None:
    areas = (0.1, 0.25, 0.5, 1.0)
    genome = np.random.default_rng(0).normal(size=(1, 16)).astype(np.float32)
    masks = rendered(NestedMasks(genome, GRID, areas, SIZE, 0, 0))
    counts = pixel_counts(areas, SIZE)
    np.testing.assert_array_equal(masks[::2].sum(axis=(1, 2)), counts)
    np.testing.assert_array_equal(masks[1::2], 1.0 - masks[::2])
    smooth = decode(genome[0], GRID, SIZE).reshape(-1)
    np.testing.assert_array_equal(
        masks[::2].reshape(4, -1).astype(bool), naive.nested_masks(smooth, counts)
    )


def test_more_areas_of_one_map_than_a_level_can_count() -> None:
    saliency = np.random.default_rng(0).normal(size=SIZE).astype(np.float32)
    counts = np.arange(1, 601)
    source = SaliencyMasks(saliency, counts, np.zeros(600, dtype=bool), np.zeros(600, dtype=int))
    np.testing.assert_array_equal(rendered(source).sum(axis=(1, 2)), counts)


@pytest.mark.parametrize(
    ("size", "grid"), [((224, 224), (14, 14)), ((9, 40), (3, 7)), (SIZE, (2, 2))]
)
def test_decoding_is_opencvs_bicubic(size: tuple[int, int], grid: tuple[int, int]) -> None:
    genome = np.random.default_rng(0).normal(size=grid[0] * grid[1]).astype(np.float32)
    expected = cv2.resize(genome.reshape(grid), size[::-1], interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(decode(genome, grid, size), expected, atol=1e-5)


@pytest.mark.parametrize("kind", [*PAINTED, "boxes", "uniform"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_the_objective_scores_the_masked_photograph(kind: str, layout: str) -> None:
    """Whether a source paints or renders, in whatever batches: the same inputs are scored."""
    seen: list[F32] = []

    def model(batch: F32) -> F32:
        seen.extend(batch.copy())
        return np.clip(batch.reshape(len(batch), -1)[:, :2], 0, 1)

    channels = (0.485, 0.456, 0.406)
    box = load_model(
        model,
        preprocessing=Preprocessing(size=SIZE, scale=1 / 255, layout=layout, mean=channels),
        batch_size=3,
    )
    shape = (*SIZE, 3) if layout == "NHWC" else (3, *SIZE)
    prepared = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    source: Any = make(kind) if kind in PAINTED else UniformMasks((0.25, 1.0), (1, 2))
    if kind == "boxes":
        source = BoxMasks(np.array([(0, 0, 5, 5), (2, 3, 20, 30)]), SIZE)
    masks = rendered(source)
    with Objective(box, prepared) as objective:
        objective.use_fills(["black", "mean", "mean"])
        seen.clear()
        batches = list(objective.score(source))
        assert [b.stop - b.start for b in batches[:-1]] == [3] * (len(batches) - 1)
        assert objective.calls == len(source) == len(seen)
    black = -np.array(channels, dtype=np.float32)
    black = black if layout == "NHWC" else black[:, None, None]
    for image, mask, fill in zip(seen, masks, source.fills, strict=True):
        shown = mask[..., None] if layout == "NHWC" else mask
        hidden = black if fill == 0 else 0.0
        np.testing.assert_allclose(image, shown * prepared + (1 - shown) * hidden, atol=1e-5)


def test_painting_sources_are_told_from_rendering_ones() -> None:
    assert all(isinstance(make(kind), PaintedMasks) for kind in PAINTED)


def test_nothing_that_waits_is_begun_after_a_stop() -> None:
    begun, may_answer = threading.Semaphore(0), threading.Semaphore(0)

    def model(batch: F32) -> F32:
        begun.release()
        assert may_answer.acquire(timeout=60)
        return batch.mean(axis=(2, 3))

    box = load_model(model, preprocessing=Preprocessing(size=SIZE, scale=1 / 255), batch_size=3)
    source = UniformMasks([0.5] * 18, [0] * 18)
    with Objective(box, np.zeros((3, *SIZE), np.float32)) as objective:
        objective.use_fills(["black"])
        stream = objective.score(source)
        may_answer.release()
        next(stream)
        assert begun.acquire(timeout=60) and begun.acquire(timeout=60)
        handed_over = objective.calls
        closing = threading.Thread(target=stream.close)
        closing.start()
        deadline = time.monotonic() + 60
        # Those that wait are taken back although one is still under way.
        while objective.calls > 2 * 3 and time.monotonic() < deadline:
            time.sleep(0.001)
        may_answer.release()
        closing.join()
        assert handed_over > objective.calls == 2 * 3
    assert not begun.acquire(blocking=False)
