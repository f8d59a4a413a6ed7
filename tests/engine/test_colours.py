"""Every colour map of the table can be drawn, and none is like another."""

from __future__ import annotations

import numpy as np
import pytest

from decam_engine import COLOUR_MAPS, colour_table


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_brightness_rises_from_0_to_1(name: str) -> None:
    table = colour_table(name)
    assert table.shape == (256, 3) and table.dtype == np.uint8
    brightness = table @ np.array([0.2126, 0.7152, 0.0722])
    # Dark is little: a step back is no more than what rounding to 8 bits makes.
    assert np.diff(brightness).min() > -1.0
    assert brightness[-1] - brightness[0] > 100


def test_no_two_are_the_same() -> None:
    tables = [colour_table(name).tobytes() for name in COLOUR_MAPS]
    assert len(set(tables)) == len(tables)
