"""The ridge regression against a solution of all its rows at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine.search.regression import MOST_WAITING, RidgeRegression, likeness_prior

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Rows = tuple[I64, F32, F32]
CELLS, STRENGTH = 9, 0.2


def rows(count: int, seed: int) -> Rows:
    """Kinds, shares and values, each kind about a mean of its own."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 5, count)
    shares = (rng.random((count, CELLS)) + 0.3 * kinds[:, None]).astype(np.float32)
    values = shares[:, :2] - shares[:, 2:4] + 0.1 * rng.standard_normal((count, 2)) + kinds[:, None]
    return kinds, shares, values.astype(np.float32)


def solved(kinds: I64, shares: F32, values: F32) -> npt.NDArray[np.float64]:
    x, y = shares.astype(np.float64), values.astype(np.float64)
    for kind in np.unique(kinds):
        x[kinds == kind] -= x[kinds == kind].mean(axis=0)
        y[kinds == kind] -= y[kinds == kind].mean(axis=0)
    prior = likeness_prior((3, 3), None, 1.5, 1.0, 0.8)
    normal = x.T @ x
    ridge = STRENGTH * float(np.vdot(normal, prior)) / CELLS
    return np.asarray(np.linalg.solve(normal + ridge * np.linalg.inv(prior), x.T @ y))


def regression() -> RidgeRegression:
    prior = likeness_prior((3, 3), None, 1.5, 1.0, 0.8)
    return RidgeRegression(CELLS, STRENGTH, prior, values=2)


@pytest.mark.parametrize("at_a_time", [1, 7, 40, MOST_WAITING + 200])
@pytest.mark.parametrize("asked", [False, True], ids=["asked at the end", "asked after each"])
def test_rows_in_parts_give_what_all_of_them_give(at_a_time: int, asked: bool) -> None:
    kinds, shares, values = rows(MOST_WAITING + 200, 0)
    found = regression()
    for start in range(0, len(kinds), at_a_time):
        part = slice(start, start + at_a_time)
        found.add(kinds[part], shares[part], values[part])
        if asked and at_a_time > 1:
            found.weights()
    np.testing.assert_allclose(found.weights(), solved(kinds, shares, values), rtol=1e-6, atol=1e-9)


def test_rows_that_are_no_numbers_are_left_out() -> None:
    kinds, shares, values = rows(60, 1)
    spoiled = values.copy()
    spoiled[::3, 0] = np.nan
    found = regression()
    found.add(kinds, shares, spoiled)
    good = np.arange(60) % 3 != 0
    assert found.rows == 40
    expected = solved(kinds[good], shares[good], values[good])
    np.testing.assert_allclose(found.weights(), expected, rtol=1e-6, atol=1e-9)


def test_nothing_to_learn_from_gives_zeros() -> None:
    found = regression()
    assert not found.weights().any()
    found.add(
        np.zeros(3, dtype=np.int64), np.ones((3, CELLS), np.float32), np.ones((3, 2), np.float32)
    )
    assert not found.weights().any()
