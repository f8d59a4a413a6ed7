"""Two maps of one photograph, subtracted."""

from __future__ import annotations

import numpy as np
import pytest

from decam_engine import Preprocessing, SettingsError, difference, diverging_table


def ramp(size: tuple[int, int]) -> np.ndarray:
    return np.linspace(0, 1, size[0] * size[1], dtype=np.float32).reshape(size)


def test_a_map_does_not_differ_from_itself() -> None:
    fit = Preprocessing.unit((32, 32)).fit((100, 120))
    found = difference(ramp((32, 32)), fit, ramp((32, 32)), fit)
    assert found.values.shape == (100, 120) and not found.values.any()
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.overlap == 1.0
    assert not found.values.flags.writeable


def test_inputs_of_other_sizes_are_compared_on_the_photograph() -> None:
    """The same ramp on a coarse and on a fine input is nearly the same map."""
    size = (64, 64)
    coarse = Preprocessing(size=(16, 16), resize="squash").fit(size)
    fine = Preprocessing(size=(48, 48), resize="squash").fit(size)
    x16, x48 = (np.tile((np.arange(n, dtype=np.float32) + 0.5) / n, (n, 1)) for n in (16, 48))
    found = difference(x16, coarse, x48, fine)
    assert np.abs(found.values).max() < 0.03
    assert found.rank_correlation > 0.99
    against = difference(x16, coarse, 1 - x48, fine)
    assert against.values[0, 0] < -0.9 and against.values[0, -1] > 0.9
    assert against.rank_correlation < -0.99 and against.overlap == 0.0


def test_only_what_both_see_counts() -> None:
    size = (64, 128)
    crop = Preprocessing(size=(32, 32), crop_fraction=1.0).fit(size)
    whole = Preprocessing(size=(32, 32), resize="squash").fit(size)
    found = difference(np.ones((32, 32), np.float32), crop, np.zeros((32, 32), np.float32), whole)
    assert found.seen.mean() == pytest.approx(0.5, abs=0.02)
    assert found.values[:, 64].min() == 1.0 and not found.values[:, 0].any()


def test_large_photographs_are_compared_on_a_small_grid() -> None:
    fit = Preprocessing.unit((32, 32)).fit((3000, 4000))
    assert difference(ramp((32, 32)), fit, ramp((32, 32)), fit).values.shape == (192, 256)


def test_other_photographs_are_refused() -> None:
    way = Preprocessing.unit((32, 32))
    with pytest.raises(SettingsError, match="one photograph"):
        difference(ramp((32, 32)), way.fit((10, 20)), ramp((32, 32)), way.fit((20, 10)))


def test_the_diverging_colours_are_pale_in_the_middle_and_differ_at_the_ends() -> None:
    table = diverging_table().astype(int)
    assert table.shape == (256, 3)
    assert table[127].min() > 220
    assert table[10, 2] > table[10, 0] and table[-11, 0] > table[-11, 2]
