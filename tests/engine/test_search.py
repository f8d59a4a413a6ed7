"""What every search promises, whichever it is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine import FILLS, METHODS, Photo, SettingsError, explain, explain_steps
from decam_engine.bench.ablations import ABLATIONS
from decam_engine.models.tuning import WAITING
from decam_engine.search import SearchTask
from decam_engine.search.differential_evolution import DifferentialEvolution
from decam_engine.search.scouted import TOGETHER
from tests.fakes import (
    BRIGHT,
    OTHER,
    SIZE,
    Constant,
    Rectangles,
    Spoiling,
    box_model,
    bright_photo,
    inside,
)

F32 = npt.NDArray[np.float32]
SIZES = [(28, 28), (32, 48), (64, 64), (224, 224)]
CALLS = 132

ALL = {**METHODS, **ABLATIONS}
methods = pytest.mark.parametrize("method", sorted(METHODS))
# They may leave a few calls: one stands on a square lattice, one asks in pairs.
UNEVEN = ("occlusion", "mask-de")
# The contract holds for the benchmark's rivals as well.
contract = pytest.mark.parametrize("method", sorted(ALL))


def task(size: tuple[int, int] = SIZE, calls: int = CALLS, seed: int = 0) -> SearchTask:
    return SearchTask(size=size, calls=calls, seed=seed, photo_score=1.0)


def visible_share(masks: F32) -> F32:
    """A model of masks: how much of a central-left rectangle is kept."""
    h, w = masks.shape[1:]
    part = masks[:, h // 3 : 2 * h // 3, w // 6 : w // 2]
    return np.asarray(part.mean(axis=(1, 2)), dtype=np.float32)


def drive(search: Any, size: tuple[int, int], batch: int = 8, answer: Any = visible_share) -> int:
    """Ask, render in batches, tell; returns how many masks were scored."""
    spent = 0
    while (source := search.ask()) is not None:
        scores = np.empty(len(source), dtype=np.float32)
        assert source.fills.shape == (len(source),)
        assert set(source.fills.tolist()) <= set(range(len(search.fills)))
        for start in range(0, len(source), batch):
            stop = min(start + batch, len(source))
            masks = np.full((stop - start, *size), np.nan, dtype=np.float32)
            source.render(start, stop, masks)
            assert masks.min() >= 0.0
            assert masks.max() <= 1.0
            scores[start:stop] = answer(masks)
        spent += len(source)
        search.tell(scores)
    return spent


def check_map(values: F32, size: tuple[int, int]) -> None:
    assert values.shape == size
    assert values.dtype == np.float32
    assert np.all(np.isfinite(values))
    assert values.min() >= 0.0
    assert values.max() <= 1.0


# --- one by one --------------------------------------------------------------------------


@contract
@pytest.mark.parametrize("size", SIZES)
def test_map_and_budget(method: str, size: tuple[int, int]) -> None:
    search = ALL[method](task(size))
    check_map(search.saliency(), size)
    spent = drive(search, size, batch=32)
    assert spent <= CALLS
    if method not in UNEVEN:
        assert spent == CALLS
    values = search.saliency()
    check_map(values, size)
    assert values.max() == 1.0
    if method == "mask-de":  # so few calls tell it nothing
        return
    y, x = np.unravel_index(int(np.argmax(values)), size)
    h, w = size
    assert h // 3 - 2 <= y <= 2 * h // 3 + 2
    assert w // 6 - 2 <= x <= w // 2 + 2


@contract
@pytest.mark.parametrize("extra", [0, 1, 2, 3, 5, 7, 13, 24, 59, 100])
def test_the_budget_is_exact_from_the_least_on(method: str, extra: int) -> None:
    calls = ALL[method].least_calls + extra
    search = ALL[method](task((28, 28), calls))
    spent = drive(search, (28, 28))
    assert spent <= calls
    if method not in UNEVEN:
        assert spent == calls
    assert search.ask() is None, "and stays spent"


@contract
def test_wrong_order_says_what_was_due(method: str) -> None:
    search = ALL[method](task())
    with pytest.raises(RuntimeError, match=r"expected ask\(\)"):
        search.tell(np.zeros(1, dtype=np.float32))
    source = search.ask()
    assert source is not None
    # An eager search may be asked once more, not twice.
    following = search.ask() if search.eager else None
    with pytest.raises(RuntimeError, match=rf"expected tell\(\) with {len(source)} scores"):
        search.ask()
    with pytest.raises(RuntimeError, match=r"expected scores of shape"):
        search.tell(np.zeros(len(source) + 1, dtype=np.float32))
    search.tell(np.zeros(len(source), dtype=np.float32))
    if following is not None:
        search.tell(np.zeros(len(following), dtype=np.float32))
    with pytest.raises(RuntimeError, match=r"expected ask\(\)"):
        search.tell(np.zeros(len(source), dtype=np.float32))


@contract
def test_seeds(method: str) -> None:
    maps = []
    for seed in (3, 3, 4):
        search = ALL[method](task(calls=300, seed=seed))
        drive(search, SIZE, batch=32)
        maps.append(search.saliency())
    np.testing.assert_array_equal(maps[0], maps[1])
    if method != "occlusion":  # whose squares stand where they stand
        assert not np.array_equal(maps[0], maps[2])
    # RISE weighs whole random masks and is noisy at so few calls; masks evolve slowly.
    likeness = np.corrcoef(maps[0].ravel(), maps[2].ravel())[0, 1]
    assert likeness > {"rise": 0.3, "mask-de": 0.0}.get(method, 0.5)


@contract
def test_looking_at_the_map_does_not_change_the_search(method: str) -> None:
    plain, watched = (ALL[method](task((28, 28))) for _ in range(2))
    drive(plain, (28, 28))

    def curious(masks: F32) -> F32:
        check_map(watched.saliency(), (28, 28))
        return visible_share(masks)

    drive(watched, (28, 28), answer=curious)
    np.testing.assert_array_equal(plain.saliency(), watched.saliency())


@contract
def test_the_searches_own_random_numbers(method: str) -> None:
    search = ALL[method](task((28, 28)))
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    drive(search, (28, 28))
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.testing.assert_array_equal(state["state"]["key"], after["state"]["key"])


@contract
def test_scores_are_not_changed(method: str) -> None:
    search = ALL[method](task((28, 28)))
    source = search.ask()
    assert source is not None
    scores = np.linspace(0, 1, len(source), dtype=np.float32)
    scores.flags.writeable = False
    search.tell(scores)


@contract
@pytest.mark.parametrize("spoiled", ["some", "all"])
def test_nan_never_wins(method: str, spoiled: str) -> None:
    """Masks that keep a corner are answered with NaN; nothing may come of it."""

    def answer(masks: F32) -> F32:
        scores = visible_share(masks).copy()
        if spoiled == "all":
            scores[:] = np.nan
        else:
            scores[masks[:, -4:, -4:].mean(axis=(1, 2)) > 0.6] = np.nan
        return scores

    search = ALL[method](task(calls=200))
    drive(search, SIZE, answer=answer)
    values = search.saliency()
    check_map(values, SIZE)
    if spoiled == "all":
        assert search.best_fitness is None
        assert values.max() in (0.0, 1.0)
    elif method != "mask-de":  # which knows no cells to leave out
        assert values[-4:, -4:].max() < 0.9
        if search.best_fitness is not None:
            assert np.isfinite(search.best_fitness)


@contract
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_scores_give_a_finite_map(method: str, value: float) -> None:
    search = ALL[method](task((28, 28)))
    drive(search, (28, 28), answer=lambda m: np.full(len(m), value, np.float32))
    check_map(search.saliency(), (28, 28))


@contract
def test_settings_are_json(method: str) -> None:
    search = ALL[method](task())
    record = search.settings()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["fills"] == list(search.fills)
    assert set(search.fills) <= set(FILLS)


@contract
def test_one_fill_for_everything(method: str) -> None:
    search = ALL[method](SearchTask(size=SIZE, calls=CALLS, seed=0, fill="black"))
    assert set(search.fills) == {"black"}


def test_evolution_learns_from_a_few_answers_at_a_time() -> None:
    search = DifferentialEvolution(task(calls=500))
    asked = []
    while (source := search.ask()) is not None:
        asked.append(len(source))
        search.tell(np.full(len(source), 0.5, dtype=np.float32))
        assert asked[-1] <= TOGETHER
    assert sum(asked) == 500


def test_an_input_too_small_for_a_grid() -> None:
    with pytest.raises(SettingsError, match="at least 2 x 2 pixels"):
        METHODS["de"](task((1, 64)))


@contract
@pytest.mark.parametrize("size", [(2, 2), (3, 5), (8, 8), (13, 7)])
def test_small_inputs(method: str, size: tuple[int, int]) -> None:
    calls = max(60, ALL[method].least_calls)
    search = ALL[method](task(size, calls=calls))
    assert drive(search, size, answer=lambda m: m.mean(axis=(1, 2))) <= calls
    check_map(search.saliency(), size)


def test_fitness_never_falls() -> None:
    search = METHODS["de"](task(calls=300))
    seen: list[float] = []

    def answer(masks: F32) -> F32:
        if search.best_fitness is not None:
            seen.append(search.best_fitness)
        return visible_share(masks)

    drive(search, SIZE, answer=answer)
    assert len(seen) > 3
    assert seen == sorted(seen)


# --- through the engine ------------------------------------------------------------------


@methods
def test_the_batch_size_does_not_change_the_map(method: str) -> None:
    """The fake's sums do not depend on the batch, so the maps must be equal bit for bit."""
    photo = bright_photo()
    maps, calls = [], []
    for batch_size in (1, 5, 8, 64):
        function = Rectangles()
        model = box_model(function, batch_size=batch_size)
        result = explain(model, photo, method=method, calls=150, seed=2)
        maps.append(result.input_saliency)
        calls.append(result.calls)
        assert max(function.batches) <= batch_size
        assert function.seen == result.calls
    assert len(set(calls)) == 1
    for other in maps[1:]:
        np.testing.assert_array_equal(maps[0], other)


@methods
@pytest.mark.parametrize("size", SIZES[:3])
def test_sizes_through_the_engine(method: str, size: tuple[int, int]) -> None:
    h, w = size
    box = (h // 3, w // 6, 2 * h // 3, w // 2)
    photo = bright_photo(box, size=size)
    result = explain(box_model(Rectangles(box), size), photo, method=method, calls=200)
    check_map(result.input_saliency, size)
    assert inside(int(np.argmax(result.input_saliency)), box, size)


@methods
def test_nan_answers_through_the_engine(method: str) -> None:
    model = box_model(Spoiling(every=5))
    result = explain(model, bright_photo(), target=0, method=method, calls=250)
    assert inside(int(np.argmax(result.input_saliency)), BRIGHT, margin=2)
    assert any("not numbers" in w for w in result.warnings)


@methods
def test_cancel_at_every_stage(method: str) -> None:
    total = 0
    photo = bright_photo()
    while True:
        function = Rectangles()
        model = box_model(function, batch_size=16)
        left = total

        def stop(_: object) -> bool:
            nonlocal left
            left -= 1
            return left < 0

        result = explain(model, photo, method=method, calls=140, on_progress=stop)
        assert function.seen == result.calls <= 140
        check_map(result.input_saliency, SIZE)
        if not result.cancelled:
            break
        # At most what the model was given before the stop comes on top of those reported.
        assert result.calls <= 1 + 16 * (total + 1 + 1 + WAITING)
        total += 1
    assert total >= 5


@methods
def test_two_searches_at_once_do_not_mix(method: str) -> None:
    photo = bright_photo(BRIGHT, OTHER)
    alone = [
        explain(box_model(Rectangles(b)), photo, method=method, calls=60) for b in (BRIGHT, OTHER)
    ]
    runs = [
        explain_steps(box_model(Rectangles(b)), photo, method=method, calls=60)
        for b in (BRIGHT, OTHER)
    ]
    results: list[Any] = [None, None]
    while any(r is None for r in results):
        for k, run in enumerate(runs):
            if results[k] is None:
                try:
                    next(run)
                except StopIteration as end:
                    results[k] = end.value
    for one, two in zip(alone, results, strict=True):
        np.testing.assert_array_equal(one.input_saliency, two.input_saliency)


@methods
def test_a_constant_model_has_no_map(method: str) -> None:
    photo = Photo.from_array(np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype("u1"))
    result = explain(box_model(Constant()), photo, method=method, calls=60)
    assert not result.input_saliency.any()
