"""The surrogate and the evolution on it: they find what an analytic model rewards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine.search.calibration import log_odds
from decam_engine.search.evolution import EvolutionSettings, evolve, smooth_noise
from decam_engine.search.surrogate import (
    KEPT,
    REMOVED,
    SCOUTING,
    Fitted,
    Surrogate,
    SurrogateSettings,
    conjugate_gradient,
    logistic,
)
from tests import naive

F32 = npt.NDArray[np.float32]

CELLS = 36
TRUTH = np.where(np.arange(CELLS) % 6 == 0, 3.0, -0.2)


def score(shares: F32) -> F32:
    """Six cells matter, and any two of the first three do as well as all."""
    evidence = shares @ TRUTH - 4.0 * np.maximum(shares[:, [0, 6, 12]].sum(axis=1) - 2.0, 0.0)
    return np.asarray(logistic(evidence - 6.0), dtype=np.float32)


def add(surrogate: Surrogate, kind: int, shares: F32, scores: F32) -> None:
    surrogate.add(np.full(len(scores), kind), shares, scores)


def learnt(rows: int = 300, settings: SurrogateSettings | None = None) -> Surrogate:
    rng = np.random.default_rng(0)
    surrogate = Surrogate(np.eye(CELLS), np.eye(CELLS), settings or SurrogateSettings())
    for kind in (SCOUTING, KEPT, REMOVED):
        shares = rng.random((rows // 3, CELLS)).round().astype(np.float32)
        add(surrogate, kind, shares, score(shares))
    return surrogate


def fitness(genomes: F32, areas: tuple[float, ...]) -> F32:
    """What the surrogate is to predict: kept minus removed, mean over areas."""
    order = np.argsort(-genomes, axis=1, kind="stable")
    total = np.zeros(len(genomes))
    for area in areas:
        kept = np.zeros(genomes.shape, dtype=np.float32)
        np.put_along_axis(kept, order[:, : round(area * CELLS)], 1.0, axis=1)
        total += score(kept) - score(1.0 - kept)
    return np.asarray(total / len(areas), dtype=np.float32)


def test_predictions_follow_the_true_fitness() -> None:
    settings = SurrogateSettings(areas=(0.1, 0.25, 0.5))
    genomes = np.random.default_rng(1).standard_normal((200, CELLS)).astype(np.float32)
    genomes += 0.5 * TRUTH.astype(np.float32)
    predicted = learnt(settings=settings).fit().predict(genomes)
    assert np.corrcoef(predicted, fitness(genomes, settings.areas))[0, 1] > 0.8


@pytest.mark.parametrize("rows", [1, 5, 300])
def test_conjugate_gradients_solve_what_factors_solve(rows: int) -> None:
    rng = np.random.default_rng(rows)
    places = rng.standard_normal((rows, 8))
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    matrix = (np.exp(-squares / 8) + 0.2 * np.eye(rows)).astype(np.float32)
    values = rng.standard_normal(rows).astype(np.float32)
    found = conjugate_gradient(matrix, values)
    exact = np.linalg.solve(matrix.astype(np.float64), values)
    assert np.linalg.norm(found - exact) < 0.03 * np.linalg.norm(exact)


def test_nothing_to_explain_is_solved_by_nothing() -> None:
    nothing = np.zeros(3, dtype=np.float32)
    assert np.array_equal(conjugate_gradient(np.eye(3, dtype=np.float32), nothing), nothing)


def test_same_rows_same_predictions() -> None:
    genomes = np.random.default_rng(1).standard_normal((5, CELLS)).astype(np.float32)
    assert np.array_equal(learnt().fit().predict(genomes), learnt().fit().predict(genomes))


def test_rows_without_a_score_are_left_out() -> None:
    genomes = np.random.default_rng(1).standard_normal((5, CELLS)).astype(np.float32)
    spoiled = learnt()
    nothing = np.full(3, np.nan, dtype=np.float32)
    add(spoiled, KEPT, np.ones((3, CELLS), dtype=np.float32), nothing)
    assert np.array_equal(spoiled.fit().predict(genomes), learnt().fit().predict(genomes))


def test_only_the_latest_rows_are_kept() -> None:
    genomes = np.random.default_rng(1).standard_normal((5, CELLS)).astype(np.float32)
    few = SurrogateSettings(rows=90)
    rng = np.random.default_rng(2)
    first, second = (
        Surrogate(np.eye(CELLS), np.eye(CELLS), few),
        Surrogate(np.eye(CELLS), np.eye(CELLS), few),
    )
    old = rng.random((200, CELLS)).astype(np.float32)
    add(first, SCOUTING, old, np.ones(200, dtype=np.float32))
    for kind in (SCOUTING, KEPT, REMOVED):
        shares = rng.random((30, CELLS)).astype(np.float32)
        add(first, kind, shares, score(shares))
        add(second, kind, shares, score(shares))
    np.testing.assert_allclose(
        first.fit().predict(genomes), second.fit().predict(genomes), rtol=1e-3, atol=1e-3
    )


def test_it_is_ready_when_kept_and_removed_parts_were_scored() -> None:
    surrogate = Surrogate(np.eye(CELLS), np.eye(CELLS), SurrogateSettings())
    shares, scores = np.ones((2, CELLS), dtype=np.float32), np.ones(2, dtype=np.float32)
    for kind, ready in ((SCOUTING, False), (KEPT, False), (REMOVED, True)):
        add(surrogate, kind, shares, scores)
        assert surrogate.ready is ready


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_scores_predict_no_difference(value: float) -> None:
    surrogate = Surrogate(np.eye(CELLS), np.eye(CELLS), SurrogateSettings())
    rng = np.random.default_rng(0)
    for kind in (SCOUTING, KEPT, REMOVED):
        shares = rng.random((40, CELLS)).astype(np.float32)
        add(surrogate, kind, shares, np.full(40, value, dtype=np.float32))
    predicted = surrogate.fit().predict(rng.standard_normal((9, CELLS)).astype(np.float32))
    assert np.all(np.isfinite(predicted))
    assert np.abs(predicted).max() < 0.05


def test_evolution_improves_what_is_predicted_and_what_is_true() -> None:
    settings = SurrogateSettings(areas=(0.1, 0.25, 0.5))
    fitted = learnt(settings=settings).fit()
    start = np.random.default_rng(3).standard_normal((12, CELLS)).astype(np.float32)
    found = evolved(start, fitted)
    best = found[:12].mean(axis=0, dtype=np.float32)[None]
    assert np.all(np.diff(fitted.predict(found)) <= 0.0)
    assert fitted.predict(best)[0] > fitted.predict(start).max()
    assert fitness(best, settings.areas)[0] > fitness(start, settings.areas).max()


@pytest.mark.parametrize("cells", [16, 196, 1600])
def test_what_it_has_learnt_fits_the_kernels_numbers(cells: int) -> None:
    rng = np.random.default_rng(0)
    surrogate = Surrogate(np.eye(cells), np.eye(cells), SurrogateSettings())
    for kind in (SCOUTING, KEPT, REMOVED):
        shares = rng.random((60, cells)).astype(np.float32)
        # All cells alike, so that none stands out and all have many units.
        add(surrogate, kind, shares, shares.mean(axis=1))
    fitted = surrogate.fit()
    # Even a row of which all cells are kept does not run over.
    assert int(fitted.weighted.astype(np.int64).sum(axis=1).max()) <= np.iinfo(np.uint16).max
    assert float((fitted.relevance / fitted.unit).sum()) + cells / 2 <= np.iinfo(np.uint16).max
    genomes = rng.standard_normal((6, cells)).astype(np.float32)
    expected = naive.predicted_fitness(genomes, *fitted, np.empty(6, dtype=np.float32))
    np.testing.assert_allclose(fitted.predict(genomes), expected, atol=0.01)


def test_rows_are_rounded_to_the_nearest_unit() -> None:
    rng = np.random.default_rng(0)
    rows, left = rng.random((80, CELLS), np.float32), rng.standard_normal(80).astype(np.float32)
    relevance = rng.uniform(0.01, 0.2, CELLS).astype(np.float32)
    unit = np.float32(relevance.max() / 255)
    weighted, norms, _ = learnt()._part(rows, left, relevance, unit)
    turned = weighted.transpose(0, 2, 1).reshape(-1, CELLS)[: len(rows)]
    assert np.abs(turned * unit - rows * relevance).max() <= 0.501 * unit
    np.testing.assert_allclose(norms.reshape(-1)[:80], (rows**2) @ relevance, rtol=1e-5)


def evolved(start: F32, fitted: Fitted) -> F32:
    rng = np.random.default_rng(0)
    noise = smooth_noise(200, np.eye(CELLS, dtype=np.float32), rng)
    return evolve(start, fitted, 40, noise, EvolutionSettings(), rng)


def test_evolution_leaves_its_start_alone() -> None:
    start = np.random.default_rng(3).standard_normal((12, CELLS)).astype(np.float32)
    before = start.copy()
    evolved(start, learnt().fit())
    assert np.array_equal(start, before)


def test_log_odds_end_where_probabilities_say_no_more() -> None:
    found = log_odds(np.array([0.0, 1e-9, 0.5, 1.0, np.nan], dtype=np.float32))
    assert found[0] == found[1] == pytest.approx(-found[3], abs=1e-3)
    assert found[2] == 0.0
    assert np.isnan(found[4])
