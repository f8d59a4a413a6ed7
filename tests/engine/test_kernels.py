"""Every kernel against its plain-numpy twin; also run with NUMBA_DISABLE_JIT=1."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from decam_engine import kernels
from tests import naive

F32 = npt.NDArray[np.float32]
Arguments = tuple[Any, ...]

quick = settings(deadline=None, max_examples=60, derandomize=True)
greys = st.floats(-4.0, 4.0, width=32)
# Few different values, so that ties (and both zeros) are common.
tied = st.sampled_from([-2.0, -0.5, -0.0, 0.0, 0.25, 1.5])


def random_blend(rng: np.random.Generator, last: bool) -> Arguments:
    n, c, p, f = (int(rng.integers(1, k)) for k in (6, 4, 40, 4))
    photo, fills = rng.normal(size=(c, p)), rng.normal(size=(f, c, p))
    out = np.full((n, c, p), np.nan)
    if last:
        photo, fills = photo.T, fills.transpose(0, 2, 1)
        out = out.transpose(0, 2, 1)
    return (
        f32(photo),
        f32(fills),
        rng.integers(0, f, n),
        f32(rng.random((n, p))),
        f32(out),
    )


def random_nested(rng: np.random.Generator) -> Arguments:
    p = int(rng.integers(1, 80))
    counts = np.sort(rng.integers(0, p + 1, 4))
    return f32(rng.normal(size=p)), counts, f32(np.full((4, p), np.nan))


def random_cells(rng: np.random.Generator) -> Arguments:
    h, w = rng.integers(4, 13, 2)
    rows, columns = (
        np.r_[0, np.sort(rng.choice(np.arange(1, side), 2, replace=False)), side] for side in (h, w)
    )
    return f32(rng.random((3, h, w))), rows, columns, f32(np.full((3, 9), np.nan))


def random_sum(rng: np.random.Generator) -> Arguments:
    return f32(rng.random((4, 30))), f32(rng.normal(size=4)), f32(rng.normal(size=30))


def random_trials(rng: np.random.Generator) -> Arguments:
    m, k, n, d = 6, 4, 9, 12
    return (
        f32(rng.normal(size=(m, d))),
        f32(rng.normal(size=(k, d))),
        rng.integers(0, m, n),
        rng.integers(0, k, n),
        rng.integers(0, m, n),
        rng.integers(0, m, n),
        f32(rng.uniform(0.4, 0.9, n)),
        f32(rng.random(n)),
        f32(rng.random((n, d))),
        rng.integers(0, d, n),
        f32(np.full((n, d), np.nan)),
    )


def random_gains(rng: np.random.Generator) -> Arguments:
    n, d = 5, 12
    counts = np.sort(rng.choice(np.arange(1, d + 1), 3, replace=False))
    return f32(rng.normal(size=(n, d))), f32(rng.normal(size=d)), counts, f32(np.full(n, np.nan))


# kernel -> random arguments; the last one is written to. A new kernel needs a line here and a
# twin in tests/naive.py.
ARGUMENTS: dict[str, Any] = {
    "blend_channels_first": lambda rng: random_blend(rng, last=False),
    "blend_channels_last": lambda rng: random_blend(rng, last=True),
    "nested_masks": random_nested,
    "cell_means": random_cells,
    "add_weighted": random_sum,
    "trial_vectors": random_trials,
    "predicted_gains": random_gains,
}


def f32(values: npt.ArrayLike) -> F32:
    return np.ascontiguousarray(values, dtype=np.float32)


def compiled_functions() -> set[str]:
    """Names of the functions in kernels.py with a numba decorator, from the source: without the
    compiler they are ordinary functions."""
    tree = ast.parse(inspect.getsource(kernels))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("njit" in ast.unparse(d) for d in node.decorator_list)
    }


def test_every_kernel_has_a_twin_and_arguments() -> None:
    assert compiled_functions() == set(naive.TWINS) == set(ARGUMENTS)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
@pytest.mark.parametrize("seed", range(12))
def test_kernel_equals_its_twin(name: str, seed: int) -> None:
    arguments = ARGUMENTS[name](np.random.default_rng(seed))
    before = [a.copy() for a in arguments]
    expected = naive.TWINS[name](*[a.copy() for a in arguments])
    getattr(kernels, name)(*arguments)
    assert np.all(np.isfinite(arguments[-1]))
    np.testing.assert_allclose(arguments[-1], expected, rtol=1e-5, atol=1e-5)
    for given_, kept in zip(arguments[:-1], before[:-1], strict=True):
        np.testing.assert_array_equal(given_, kept)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_kernel_repeats_itself(name: str) -> None:
    arguments = ARGUMENTS[name](np.random.default_rng(5))
    again = [a.copy() for a in arguments]
    getattr(kernels, name)(*arguments)
    getattr(kernels, name)(*again)
    np.testing.assert_array_equal(arguments[-1], again[-1])


def test_warm_up_compiles_all_kernels() -> None:
    kernels.warm_up()


ONE_COMPILATION = """
import numpy as np
from decam_engine import METHODS, Photo, Preprocessing, explain, insertion_deletion, kernels
from decam_engine import load_model

kernels.warm_up()
names = [n for n in vars(kernels) if hasattr(getattr(kernels, n), "signatures")]
before = {n: getattr(kernels, n).signatures[:] for n in names}
assert len(names) >= 6
photo = Photo.from_array(np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype("u1"))
for layout, axes in (("NCHW", (2, 3)), ("NHWC", (1, 2))):
    model = load_model(
        lambda batch, axes=axes: np.clip(batch, 0, 1).mean(axis=axes),
        preprocessing=Preprocessing(size=(32, 32), scale=1 / 255, layout=layout),
        batch_size=5,
    )
    for method in METHODS:
        result = explain(model, photo, calls=250, method=method)
        insertion_deletion(model, photo, result.input_saliency, 0)
for n in names:
    assert getattr(kernels, n).signatures == before[n], (n, getattr(kernels, n).signatures)
"""


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_warm_up_leaves_nothing_to_compile_for_a_run() -> None:
    """A second compilation in the midst of a run would hold the interpreter lock for seconds."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_COMPILATION], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# --- thresholds --------------------------------------------------------------------------


@quick
@given(data=st.data(), saliency=hnp.arrays(np.float32, st.integers(1, 60), elements=greys))
def test_nested_masks_of_any_values(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


@quick
@given(data=st.data(), saliency=hnp.arrays(np.float32, st.integers(1, 60), elements=tied))
def test_nested_masks_with_ties(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


@quick
@given(
    data=st.data(),
    saliency=hnp.arrays(
        np.float32,
        st.integers(1, 40),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
)
def test_nested_masks_of_extreme_values(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


def check_nested(data: st.DataObject, saliency: F32) -> None:
    size = len(saliency)
    drawn = data.draw(st.lists(st.integers(0, size), min_size=1, max_size=4))
    counts = np.array(sorted({0, size, *drawn}), dtype=np.int64)
    masks = np.full((len(counts), size), np.nan, dtype=np.float32)
    kernels.nested_masks(saliency, counts, masks)
    assert set(np.unique(masks)) <= {0.0, 1.0}
    np.testing.assert_array_equal(masks.sum(axis=1), counts)
    assert np.all(np.diff(masks, axis=0) >= 0), "a larger mask holds every smaller one"
    np.testing.assert_array_equal(masks, naive.nested_masks(saliency, counts, masks))


@pytest.mark.parametrize("value", [0.0, -0.0, 3.5, -3.5])
def test_constant_input_is_cut_by_index(value: float) -> None:
    masks = np.empty((3, 10), dtype=np.float32)
    saliency = np.full(10, value, dtype=np.float32)
    kernels.nested_masks(saliency, np.array([0, 4, 10]), masks)
    assert masks.tolist() == [[0.0] * 10, [1.0] * 4 + [0.0] * 6, [1.0] * 10]


def test_both_zeros_tie() -> None:
    saliency = np.array([-0.0, 0.0, -0.0, 0.0], dtype=np.float32)
    masks = np.empty((1, 4), dtype=np.float32)
    kernels.nested_masks(saliency, np.array([2]), masks)
    assert masks[0].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert np.signbit(saliency).tolist() == [True, False, True, False], "the input is left alone"


def test_areas_in_any_order() -> None:
    saliency = np.array([3.0, -1.0, 2.0, 0.0], dtype=np.float32)
    masks = np.empty((3, 4), dtype=np.float32)
    kernels.nested_masks(saliency, np.array([3, 1, 2]), masks)
    assert masks.tolist() == [[1, 0, 1, 1], [1, 0, 0, 0], [1, 0, 1, 0]]


# --- blending ----------------------------------------------------------------------------


@quick
@given(
    values=hnp.arrays(np.float32, (2, 3, 5), elements=greys),
    masks=hnp.arrays(np.float32, (4, 5), elements=st.floats(0.0, 1.0, width=32)),
    which=hnp.arrays(np.int64, 4, elements=st.just(0)),
)
def test_blend_stays_between_photo_and_fill(
    values: F32, masks: F32, which: npt.NDArray[np.int64]
) -> None:
    photo, fill = values
    out = np.full((4, 3, 5), np.nan, dtype=np.float32)
    kernels.blend_channels_first(photo, fill[None], which, masks, out)
    slack = 1e-5
    assert np.all(out >= np.minimum(photo, fill) - slack)
    assert np.all(out <= np.maximum(photo, fill) + slack)
    swapped = np.full((4, 5, 3), np.nan, dtype=np.float32)
    last = [np.ascontiguousarray(a.T) for a in (photo, fill)]
    kernels.blend_channels_last(last[0], last[1][None], which, masks, swapped)
    np.testing.assert_array_equal(swapped.transpose(0, 2, 1), out)


@pytest.mark.parametrize("layout", ["first", "last"])
def test_whole_masks_show_the_photo_and_empty_ones_the_chosen_fill(layout: str) -> None:
    rng = np.random.default_rng(1)
    photo, fills = f32(rng.random((3, 7))), f32(rng.random((2, 3, 7)))
    masks = f32([[1.0] * 7, [0.0] * 7, [0.0] * 7])
    which = np.array([0, 0, 1])
    out = np.empty((3, 3, 7), dtype=np.float32)
    if layout == "first":
        kernels.blend_channels_first(photo, fills, which, masks, out)
    else:
        turned = np.empty((3, 7, 3), dtype=np.float32)
        kernels.blend_channels_last(
            f32(photo.T), f32(fills.transpose(0, 2, 1)), which, masks, turned
        )
        out = turned.transpose(0, 2, 1)
    np.testing.assert_allclose(out[0], photo, rtol=1e-6)
    np.testing.assert_array_equal(out[1], fills[0])
    np.testing.assert_array_equal(out[2], fills[1])


# --- the others --------------------------------------------------------------------------


@quick
@given(
    masks=hnp.arrays(np.float32, (2, 6, 9), elements=st.floats(0.0, 1.0, width=32)),
    cells=st.integers(1, 6),
)
def test_cell_means_are_means(masks: F32, cells: int) -> None:
    rows = np.rint(np.linspace(0, 6, cells + 1)).astype(np.int64)
    columns = np.rint(np.linspace(0, 9, cells + 1)).astype(np.int64)
    out = np.full((2, cells * cells), np.nan, dtype=np.float32)
    kernels.cell_means(masks, rows, columns, out)
    assert np.all((out >= 0.0) & (out <= 1.0))
    areas = np.outer(np.diff(rows), np.diff(columns)).reshape(-1)
    np.testing.assert_allclose(out @ areas, masks.sum(axis=(1, 2)), rtol=1e-4, atol=1e-4)


@quick
@given(
    masks=hnp.arrays(np.float32, (3, 8), elements=greys),
    weights=hnp.arrays(np.float32, 3, elements=greys),
)
def test_add_weighted_is_linear(masks: F32, weights: F32) -> None:
    once, parts = np.zeros(8, dtype=np.float32), np.zeros(8, dtype=np.float32)
    kernels.add_weighted(masks, weights, once)
    for k in range(3):
        kernels.add_weighted(masks[k : k + 1], weights[k : k + 1], parts)
    np.testing.assert_array_equal(once, parts)
    np.testing.assert_allclose(once, weights @ masks, rtol=1e-4, atol=1e-4)


# Places in the arguments of trial_vectors.
POPULATION, ATTRACTORS, PARENT, FIRST, SECOND, RATES, FORCED, OUT = 0, 1, 2, 4, 5, 7, 9, 10


@pytest.mark.parametrize(("rate", "changed"), [(0.0, 1), (1.0, 12)])
def test_crossover_rate_bounds(rate: float, changed: int) -> None:
    arguments = list(random_trials(np.random.default_rng(3)))
    n, m = len(arguments[PARENT]), len(arguments[POPULATION])
    i = np.arange(n)
    # Three different genomes, so that every mutated gene differs from the old one.
    arguments[PARENT], arguments[FIRST], arguments[SECOND] = i % m, (i + 1) % m, (i + 2) % m
    arguments[RATES] = np.full(n, rate, dtype=np.float32)
    kernels.trial_vectors(*arguments)
    different = arguments[OUT] != arguments[POPULATION][arguments[PARENT]]
    np.testing.assert_array_equal(different.sum(axis=1), changed)
    assert np.all(different[i, arguments[FORCED]])


def test_identical_parents_breed_themselves() -> None:
    arguments = list(random_trials(np.random.default_rng(4)))
    for place in (POPULATION, ATTRACTORS):
        shape = arguments[place].shape
        arguments[place] = f32(np.broadcast_to(np.arange(shape[1]), shape))
    kernels.trial_vectors(*arguments)
    np.testing.assert_array_equal(arguments[OUT], np.tile(np.arange(12.0), (9, 1)))


def test_predicted_gain_prefers_the_genome_that_ranks_like_the_weights() -> None:
    weights = f32([3.0, 1.0, -1.0, -3.0])
    genomes = f32([weights, -weights, [0.0, 1.0, 2.0, 3.0]])
    out = np.empty(3, dtype=np.float32)
    kernels.predicted_gains(genomes, weights, np.array([1, 3]), out)
    # Top 1 and top 3 cells: 3 + 3, then -3 - 3, then -3 + (1 - 1 - 3).
    assert out.tolist() == [6.0, -6.0, -6.0]
