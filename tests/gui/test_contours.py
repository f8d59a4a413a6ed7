"""Lines on a map: where they run, and that they enclose just what lies above."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine import Region
from decam_gui.views.contours import coarse_contours, contours, level_of_share


def enclosed_area(lines: list[npt.NDArray[np.float64]]) -> float:
    """By the shoelace formula; holes run the other way round and count against it."""
    total = 0.0
    for line in lines:
        x, y = line[:, 0], line[:, 1]
        total += float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2
    return -total


def test_a_circle_is_one_line_of_its_radius() -> None:
    y, x = np.mgrid[0:60, 0:80] + 0.5
    lines = contours(20.0 - np.hypot(x - 40, y - 30), 5.0)
    assert len(lines) == 1
    assert np.hypot(lines[0][:, 0] - 40, lines[0][:, 1] - 30) == pytest.approx(15.0, abs=0.05)
    assert np.array_equal(lines[0][0], lines[0][-1])


def test_what_touches_the_edge_is_closed_along_it() -> None:
    values = np.zeros((10, 12))
    values[:4, :5] = 1.0
    (line,) = contours(values, 0.5)
    assert line.min() == 0.0
    assert enclosed_area([line]) == pytest.approx(20.0, abs=1.0)


def test_a_hole_runs_the_other_way_round() -> None:
    values = np.zeros((20, 20))
    values[4:16, 4:16] = 1.0
    values[8:12, 8:12] = 0.0
    lines = contours(values, 0.5)
    assert len(lines) == 2
    assert enclosed_area(lines) == pytest.approx(144 - 16, abs=3.0)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_noise_encloses_about_what_lies_above(level: float) -> None:
    values = np.random.default_rng(0).random((40, 30))
    lines = contours(values, level)
    assert all(np.array_equal(line[0], line[-1]) for line in lines)
    share = enclosed_area(lines) / values.size
    assert share == pytest.approx(1 - level, abs=0.12)


@pytest.mark.parametrize("values", [np.zeros((5, 4)), np.ones((5, 4))])
def test_a_flat_map_has_no_line_inside(values: npt.NDArray[np.float64]) -> None:
    lines = contours(values, 0.5)
    assert enclosed_area(lines) == pytest.approx(values.sum(), abs=0.6)


@pytest.mark.parametrize("share", [0.01, 0.12, 0.5, 1.0])
def test_the_height_of_a_share_is_that_of_the_engines_region(share: float) -> None:
    values = np.random.default_rng(1).random((24, 31)).astype(np.float32)
    inside = Region(share, 0.0, 0).mask(values)
    assert np.array_equal(values > level_of_share(values, share), inside)


def test_large_maps_are_drawn_coarser_but_in_the_same_place() -> None:
    y, x = np.mgrid[0:201, 0:240].astype(np.float32) + 0.5
    (line,) = coarse_contours(60.0 - np.hypot(x - 120, y - 100), 20.0)
    assert np.hypot(line[:, 0] - 120, line[:, 1] - 100) == pytest.approx(40.0, abs=1.2)
