"""Every kernel against its plain-numpy twin; also run with NUMBA_DISABLE_JIT=1."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from decam_engine import kernels
from decam_engine.masks import least_levels
from tests import naive

F32 = npt.NDArray[np.float32]
Arguments = tuple[Any, ...]

quick = settings(deadline=None, max_examples=60, derandomize=True)
greys = st.floats(-4.0, 4.0, width=32)
# Few different values, so that ties (and both zeros) are common.
tied = st.sampled_from([-2.0, -0.5, -0.0, 0.0, 0.25, 1.5])


def random_repeat(rng: np.random.Generator) -> Arguments:
    m, repeats = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    return f32(rng.normal(size=m)), repeats, f32(np.full(m * repeats, np.nan))


def random_images(rng: np.random.Generator, n: int, pixels: int, repeats: int) -> Arguments:
    """photo, fills, which, and a place for the result: channels first or last."""
    planes, f = 1 if repeats > 1 else int(rng.integers(1, 4)), int(rng.integers(1, 4))
    shape = (planes, pixels * repeats)
    return (
        f32(rng.normal(size=shape)),
        f32(rng.normal(size=(f, *shape))),
        rng.integers(0, f, n),
        f32(np.full((n, *shape), np.nan)),
    )


def random_blend(rng: np.random.Generator) -> Arguments:
    n, pixels, repeats = int(rng.integers(1, 6)), int(rng.choice([1, 37, 1500])), rng.integers(1, 5)
    *images, out = random_images(rng, n, pixels, int(repeats))
    return *images, f32(rng.random((n, pixels))), out


def random_grids(rng: np.random.Generator) -> Arguments:
    h, w, repeats, step = (int(rng.integers(1, k)) for k in (9, 9, 5, 3))
    gh, gw, first = (int(rng.integers(1, 4)) for _ in range(3))
    n = int(rng.integers(1, 6))
    *images, out = random_images(rng, n, h * w, repeats)
    shifts = np.stack([rng.integers(0, 3, first + n), rng.integers(0, 4, first + n)], axis=1)
    row_weights, column_weights = rng.random((h + 2, 2)), rng.random(((w + 3) * repeats, 2))
    return (
        *images,
        f32(rng.integers(0, 2, (first + n, gh, gw))),
        shifts,
        first,
        step,
        h,
        repeats,
        rng.integers(0, gh, (h + 2, 2)),
        f32(row_weights),
        rng.integers(0, gw, ((w + 3) * repeats, 2)),
        f32(column_weights),
        out,
    )


def random_enlarge(rng: np.random.Generator) -> Arguments:
    gh, gw, h, w = (int(rng.integers(1, k)) for k in (5, 5, 12, 12))
    return (
        f32(rng.normal(size=(gh, gw))),
        rng.integers(0, gh, (h, 4)),
        f32(rng.normal(size=(h, 4))),
        rng.integers(0, gw, (w, 4)),
        f32(rng.normal(size=(w, 4))),
        f32(np.full((h, w), np.nan)),
    )


def random_bins(rng: np.random.Generator) -> Arguments:
    # Multiples of a power of two: no rounding decides on which side of a border a value lies.
    m = int(rng.choice([1, 63, 64, 200]))
    values = np.r_[0.0, 64.0, rng.integers(0, 257, m) / 4]
    return f32(values), int(rng.choice([1, 33, 65])), np.empty(m + 2, dtype=np.uint16)


def random_largest(rng: np.random.Generator) -> Arguments:
    m = int(rng.integers(1, 60))
    values = rng.normal(size=m) if rng.random() < 0.5 else rng.integers(-2, 3, m)
    return f32(values), int(rng.integers(0, m + 1)), np.full(m, 99, dtype=np.uint8)


def random_nested(rng: np.random.Generator) -> Arguments:
    p = int(rng.choice([1, 3, 64, 65, 79, 5000]))
    counts = np.sort(rng.integers(0, p + 1, 4))
    bins, level = np.empty(p, dtype=np.uint16), np.full(p, 99, dtype=np.uint8)
    return f32(rng.normal(size=p)), counts, bins, level


def random_salient(rng: np.random.Generator) -> Arguments:
    saliency, counts, bins, level = random_nested(rng)
    p = len(saliency)
    # Noise, something smooth, few values, and what the sample of every 17th pixel knows nothing of.
    values = rng.choice(
        [
            saliency,
            f32(np.sin(np.arange(p) / 40.0)),
            f32(saliency > 0.5),
            f32(np.where(np.arange(p) % 17 == 0, 0.0, saliency)),
        ]
    )
    return values, int(rng.choice(counts)), bins, level


def random_levels(rng: np.random.Generator) -> Arguments:
    n, pixels, repeats = int(rng.integers(1, 6)), int(rng.choice([1, 37, 1500])), rng.integers(1, 5)
    *images, out = random_images(rng, n, pixels, int(repeats))
    levels = rng.integers(0, 4, (2, pixels)).astype(np.uint8)
    drawing = rng.integers(0, 2, n)
    return *images, levels, drawing, rng.integers(0, 5, n), rng.random(n) < 0.5, out


def random_drawings(rng: np.random.Generator) -> Arguments:
    cells, *weights, saliency = random_enlarge(rng)
    genomes = np.stack([cells, cells[::-1], -cells])
    counts = rng.integers(0, saliency.size + 1, 3)
    bins = np.empty(saliency.size, dtype=np.uint16)
    return genomes, *weights, counts, saliency, bins, np.empty((3, saliency.size), dtype=np.uint8)


def random_shares(rng: np.random.Generator) -> Arguments:
    h, w = rng.integers(4, 13, 2)
    rows, columns = (
        np.r_[0, np.sort(rng.choice(np.arange(1, side), 2, replace=False)), side] for side in (h, w)
    )
    levels = rng.integers(0, 4, (2, h, w)).astype(np.uint8)
    drawing, least = rng.integers(0, 2, 3), rng.integers(0, 5, 3)
    return levels, drawing, least, rows, columns, f32(np.full((3, 9), np.nan))


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


def random_rows(rng: np.random.Generator) -> Arguments:
    values = f32(rng.normal(3.0, 2.0, (int(rng.integers(1, 9)), int(rng.integers(1, 90)))))
    # One that is constant.
    values[0] = 2.0
    return values, np.full_like(values, np.nan)


# Arguments that are room to work in, by kernel.
ROOM = {
    "nested_levels": (2,),
    "exponentials": (1,),
    "drawn_levels": (6, 7),
    "mark_most_salient": (2,),
}


# kernel -> random arguments; the last one is written to. A new kernel needs a line here and a
# twin in tests/naive.py.
def random_exponents(rng: np.random.Generator) -> Arguments:
    count = int(rng.integers(1, 90))
    values = f32(-np.abs(rng.normal(0.0, 30.0, count)))
    return values, np.empty(count, dtype=np.int32), np.empty(count, dtype=np.float32)


def random_ranks(rng: np.random.Generator) -> Arguments:
    n, d = int(rng.integers(1, 5)), int(rng.integers(1, 300))
    # Some that tie, some of either sign, zeros of either sign.
    values = f32(rng.choice([rng.standard_normal((n, d)), rng.integers(-2, 3, (n, d)) * -0.5]))
    return values, np.empty((n, d), dtype=np.int32)


def random_fitness(rng: np.random.Generator, least: int = 4) -> Arguments:
    n, d, blocks = (int(rng.integers(low, high)) for low, high in ((1, 6), (least, 40), (1, 4)))
    counts = np.unique(rng.integers(1, d + 1, 4))
    shares, relevance = rng.random((blocks, d, kernels.ROWS)), f32(rng.uniform(0.01, 0.2, d))
    unit = np.float32(relevance.max() / 255)
    weighted = np.rint(relevance[:, None] * shares / unit).astype(np.uint8)
    # Of the rounded rows, so that distances are whole squares.
    rounded = weighted * float(unit)
    return (
        f32(rng.standard_normal((n, d))),
        counts,
        relevance,
        weighted,
        unit,
        f32((rounded**2 / relevance[:, None].astype(np.float64)).sum(axis=1)),
        f32(rng.normal(0.0, 0.1, (blocks, kernels.ROWS))),
        int(rng.integers(0, blocks + 1)),
        f32(rng.standard_normal(d)),
        np.float32(rng.normal()),
        np.float32(rng.normal()),
        np.empty(n, dtype=np.float32),
    )


def random_generations(rng: np.random.Generator) -> Arguments:
    # Many cells and much noise: no trial shows what its member shows, which would be a tie.
    genomes, *learnt, _ = random_fitness(rng, least=30)
    learnt[0] = np.array([8, 15, 22])
    n, d = genomes.shape
    shape = int(rng.integers(0, 4)), n
    return (
        genomes,
        rng.integers(0, n, shape),
        rng.integers(0, n, shape),
        rng.integers(0, n, shape),
        f32(rng.uniform(0.2, 0.6, shape)),
        f32(rng.random(n)),
        f32(rng.random((*shape, d))),
        rng.integers(0, d, shape),
        f32(rng.standard_normal((7, d))),
        rng.integers(0, 7, shape),
        f32(rng.uniform(0.5, 1.0, shape)),
        *learnt,
        np.full_like(genomes, np.nan),
    )


ARGUMENTS: dict[str, Any] = {
    "repeat_pixels": random_repeat,
    "blend": random_blend,
    "blend_grids": random_grids,
    "enlarge": random_enlarge,
    "sort_into_bins": random_bins,
    "mark_largest": random_largest,
    "nested_levels": random_nested,
    "mark_most_salient": random_salient,
    "drawn_levels": random_drawings,
    "blend_levels": random_levels,
    "level_shares": random_shares,
    "add_weighted": random_sum,
    "trial_vectors": random_trials,
    "standardise": random_rows,
    "predicted_gains": random_gains,
    "exponentials": random_exponents,
    "rank_descending": random_ranks,
    "predicted_fitness": random_fitness,
    "evolve_generations": random_generations,
}


def f32(values: npt.ArrayLike) -> F32:
    return np.ascontiguousarray(values, dtype=np.float32)


def copies(arguments: Arguments) -> Arguments:
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)


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
    before = copies(arguments)
    expected = naive.TWINS[name](*copies(arguments))
    getattr(kernels, name)(*arguments)
    assert np.all(np.isfinite(arguments[-1]))
    np.testing.assert_allclose(arguments[-1], expected, rtol=1e-5, atol=1e-5)
    for place, (given_, kept) in enumerate(zip(arguments[:-1], before[:-1], strict=True)):
        if place not in ROOM.get(name, ()):
            np.testing.assert_array_equal(given_, kept)


@pytest.mark.parametrize("name", ["blend", "blend_levels"])
def test_images_larger_than_a_block(name: str) -> None:
    rng = np.random.default_rng(0)
    pixels = kernels._BLOCK + 37
    photo, fills, which, out = random_images(rng, 2, pixels, 1)
    arguments: Arguments = (photo, fills, which, f32(rng.random((2, pixels))), out)
    if name == "blend_levels":
        levels = rng.integers(0, 4, (2, pixels)).astype(np.uint8)
        remove = np.array([True, False])
        arguments = photo, fills, which, levels, np.arange(2), np.array([1, 2]), remove, out
    expected = naive.TWINS[name](*copies(arguments))
    getattr(kernels, name)(*arguments)
    np.testing.assert_allclose(arguments[-1], expected, rtol=1e-5, atol=1e-5)


def test_a_trial_as_good_as_its_member_takes_its_place() -> None:
    arguments = list(random_generations(np.random.default_rng(1)))
    names = list(inspect.signature(naive.predicted_fitness).parameters)
    assert len(arguments[1]) > 0, "some generations"
    # Nothing was learnt: all are as good as each other.
    for name in ("alphas", "weights"):
        place = names.index(name) - len(names)
        arguments[place] = np.zeros_like(arguments[place])
    expected = naive.TWINS["evolve_generations"](*copies(tuple(arguments)))
    kernels.evolve_generations(*arguments)
    np.testing.assert_allclose(arguments[-1], expected, rtol=1e-5, atol=1e-5)
    assert not np.any(np.all(arguments[-1] == arguments[0], axis=1))


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_kernel_repeats_itself(name: str) -> None:
    arguments = ARGUMENTS[name](np.random.default_rng(5))
    again = copies(arguments)
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


COUNT_COMPILATIONS = """
import sys
from decam_engine import Photo, Preprocessing, explain, insertion_deletion, kernels, load_model
import numpy as np

kernels.warm_up()
photo = Photo.from_array(np.zeros((40, 40, 3), dtype="u1"))
model = load_model(
    lambda batch: np.clip(batch, 0, 1).mean(axis=(2, 3)),
    preprocessing=Preprocessing(size=(32, 32), scale=1 / 255),
)
insertion_deletion(model, photo, explain(model, photo, calls=60).input_saliency, 0)
functions = [f for f in vars(kernels).values() if hasattr(f, "stats")]
print(sum(sum(f.stats.cache_misses.values()) for f in functions))
print(sum(sum(f.stats.cache_hits.values()) for f in functions))
"""


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_a_second_start_compiles_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    found = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", COUNT_COMPILATIONS],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append([int(n) for n in done.stdout.split()])
    (compiled, _), (compiled_again, loaded) = found
    assert compiled >= len(compiled_functions())
    assert compiled_again == 0
    assert loaded >= len(compiled_functions())


# --- thresholds --------------------------------------------------------------------------


def nested_masks(saliency: F32, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Masks of nested areas of different sizes, by the kernel."""
    level = np.full(len(saliency), 99, dtype=np.uint8)
    kernels.nested_levels(saliency, counts, np.empty(len(saliency), dtype=np.uint16), level)
    return np.asarray(level >= least_levels(counts)[:, None])


@quick
@given(data=st.data(), saliency=hnp.arrays(np.float32, st.integers(1, 90), elements=greys))
def test_nested_levels_of_any_values(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


@quick
@given(data=st.data(), saliency=hnp.arrays(np.float32, st.integers(1, 90), elements=tied))
def test_nested_levels_with_ties(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


@quick
@given(
    data=st.data(),
    saliency=hnp.arrays(
        np.float32,
        st.integers(1, 70),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
)
def test_nested_levels_of_extreme_values(data: st.DataObject, saliency: F32) -> None:
    check_nested(data, saliency)


@quick
@given(
    data=st.data(),
    ulps=hnp.arrays(np.int32, st.integers(1, 70), elements=st.integers(0, 3)),
    base=st.sampled_from([0.0, 1e-45, 1e-38, 1.0, 3e38]),
)
def test_nested_levels_of_nearly_equal_values(
    data: st.DataObject, ulps: npt.NDArray[np.int32], base: float
) -> None:
    check_nested(
        data, (np.full(len(ulps), base, dtype=np.float32).view(np.int32) + ulps).view("f4")
    )


@quick
@given(
    values=hnp.arrays(
        np.float32,
        st.integers(1, 70),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    bins=st.sampled_from([1, 2, 256, 4096, 65536]),
)
def test_bins_keep_the_order(values: F32, bins: int) -> None:
    out = np.empty(len(values), dtype=np.uint16)
    kernels.sort_into_bins(values, bins, out)
    assert np.all(np.diff(out[np.argsort(values, kind="stable")].astype(np.int64)) >= 0)
    assert out.max() <= bins - 1
    assert out.min() == 0


def check_nested(data: st.DataObject, saliency: F32) -> None:
    size = len(saliency)
    drawn = data.draw(st.lists(st.integers(0, size), min_size=1, max_size=4))
    counts = np.array(sorted({0, size, *drawn}), dtype=np.int64)
    masks = nested_masks(saliency, counts)
    np.testing.assert_array_equal(masks.sum(axis=1), counts)
    assert np.all(masks[1:] >= masks[:-1]), "a larger mask holds every smaller one"
    np.testing.assert_array_equal(masks, naive.nested_masks(saliency, counts))
    bins, level = np.empty(size, dtype=np.uint16), np.full(size, 99, dtype=np.uint8)
    for mask, count in zip(masks, counts, strict=True):
        kernels.mark_most_salient(saliency, count, bins, level)
        np.testing.assert_array_equal(level, mask)


@pytest.mark.parametrize("spread", [0.0, 1e-30, 1.0, 1e30])
def test_one_far_value_does_not_blur_the_others(spread: float) -> None:
    """All but one value fall into one interval: the order within it decides."""
    rng = np.random.default_rng(2)
    saliency = f32(rng.permutation(200) * spread)
    saliency[7] = 3e38
    counts = np.array([1, 50, 199])
    masks = nested_masks(saliency, counts)
    np.testing.assert_array_equal(masks, naive.nested_masks(saliency, counts))


@pytest.mark.parametrize("value", [0.0, -0.0, 3.5, -3.5])
def test_constant_input_is_cut_by_index(value: float) -> None:
    saliency = np.full(10, value, dtype=np.float32)
    masks = nested_masks(saliency, np.array([0, 4, 10]))
    assert masks.tolist() == [[False] * 10, [True] * 4 + [False] * 6, [True] * 10]


def test_both_zeros_tie() -> None:
    saliency = np.array([-0.0, 0.0, -0.0, 0.0], dtype=np.float32)
    assert nested_masks(saliency, np.array([2]))[0].tolist() == [True, True, False, False]
    assert np.signbit(saliency).tolist() == [True, False, True, False], "the input is left alone"


def test_areas_in_any_order() -> None:
    saliency = np.array([3.0, -1.0, 2.0, 0.0], dtype=np.float32)
    masks = nested_masks(saliency, np.array([3, 1, 2, 1]))
    assert masks.tolist() == [
        [True, False, True, True],
        [True, False, False, False],
        [True, False, True, False],
        [True, False, False, False],
    ]


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
    kernels.blend(photo, fill[None].copy(), which, masks, out)
    slack = 1e-5
    assert np.all(out >= np.minimum(photo, fill) - slack)
    assert np.all(out <= np.maximum(photo, fill) + slack)
    swapped = np.full((4, 1, 15), np.nan, dtype=np.float32)
    last = [np.ascontiguousarray(a.T).reshape(1, 15) for a in (photo, fill)]
    kernels.blend(last[0], last[1][None], which, masks, swapped)
    np.testing.assert_array_equal(swapped.reshape(4, 5, 3).transpose(0, 2, 1), out)


@quick
@given(
    level=hnp.arrays(np.uint8, 6, elements=st.integers(0, 3)),
    least=hnp.arrays(np.int64, 4, elements=st.integers(0, 4)),
    remove=hnp.arrays(np.bool_, 4),
    repeats=st.integers(1, 4),
)
def test_blended_levels_are_the_photo_or_the_fill(
    level: npt.NDArray[np.uint8],
    least: npt.NDArray[np.int64],
    remove: npt.NDArray[np.bool_],
    repeats: int,
) -> None:
    photo = f32(np.arange(6 * repeats)[None])
    fills, which = f32(np.stack([-1 - photo, -100 - photo])), np.array([0, 1, 1, 0])
    out = np.full((4, 1, 6 * repeats), np.nan, dtype=np.float32)
    drawing = np.zeros(4, dtype=np.int64)
    kernels.blend_levels(photo, fills, which, level[None], drawing, least, remove, out)
    shown = np.repeat((level >= least[:, None]) != remove[:, None], repeats, axis=1)[:, None]
    np.testing.assert_array_equal(out, np.where(shown, photo, fills[which]))


@pytest.mark.parametrize("repeats", [1, 3])
def test_whole_masks_show_the_photo_and_empty_ones_the_chosen_fill(repeats: int) -> None:
    rng = np.random.default_rng(1)
    photo, fills = f32(rng.random((2, 7 * repeats))), f32(rng.random((2, 2, 7 * repeats)))
    masks = f32([[1.0] * 7, [0.0] * 7, [0.0] * 7])
    out = np.empty((3, 2, 7 * repeats), dtype=np.float32)
    kernels.blend(photo, fills, np.array([0, 0, 1]), masks, out)
    np.testing.assert_allclose(out[0], photo, rtol=1e-6)
    np.testing.assert_array_equal(out[1], fills[0])
    np.testing.assert_array_equal(out[2], fills[1])


def test_grids_are_the_same_in_pairs_and_one_by_one() -> None:
    arguments = list(random_grids(np.random.default_rng(0)))
    first, step, out = 5, 6, -1
    arguments[first], arguments[step] = 0, 2
    count = 2 * len(arguments[3])
    arguments[2] = np.resize(arguments[2], count)
    arguments[out] = np.resize(arguments[out], (count, *arguments[out].shape[1:]))
    kernels.blend_grids(*arguments)
    for k in range(count):
        single = copies(tuple(arguments))
        alone = [*single[:2], single[2][k : k + 1], *single[3:5], k, *single[6:-1], single[-1][:1]]
        kernels.blend_grids(*alone)
        np.testing.assert_array_equal(alone[-1][0], arguments[out][k])


# --- the others --------------------------------------------------------------------------


@quick
@given(
    level=hnp.arrays(np.uint8, (6, 9), elements=st.integers(0, 3)),
    least=hnp.arrays(np.int64, 2, elements=st.integers(0, 4)),
    cells=st.integers(1, 6),
)
def test_level_shares_are_shares(
    level: npt.NDArray[np.uint8], least: npt.NDArray[np.int64], cells: int
) -> None:
    rows = np.rint(np.linspace(0, 6, cells + 1)).astype(np.int64)
    columns = np.rint(np.linspace(0, 9, cells + 1)).astype(np.int64)
    out = np.full((2, cells * cells), np.nan, dtype=np.float32)
    kernels.level_shares(level[None], np.zeros(2, dtype=np.int64), least, rows, columns, out)
    assert np.all((out >= 0.0) & (out <= 1.0))
    areas = np.outer(np.diff(rows), np.diff(columns)).reshape(-1)
    kept = (level >= least[:, None, None]).sum(axis=(1, 2))
    np.testing.assert_allclose(out @ areas, kept, rtol=1e-4, atol=1e-4)


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


@quick
@given(
    genomes=hnp.arrays(np.float32, (2, 40), elements=tied),
    counts=st.sets(st.integers(1, 40), min_size=1, max_size=4),
)
def test_predicted_gains_with_ties(genomes: F32, counts: set[int]) -> None:
    weights, out = f32(np.arange(40.0) ** 2), np.empty(2, dtype=np.float32)
    chosen = np.array(sorted(counts))
    kernels.predicted_gains(genomes, weights, chosen, out)
    np.testing.assert_allclose(out, naive.predicted_gains(genomes, weights, chosen, out), rtol=1e-5)


def test_predicted_gain_prefers_the_genome_that_ranks_like_the_weights() -> None:
    weights = f32([3.0, 1.0, -1.0, -3.0])
    genomes = f32([weights, -weights, [0.0, 1.0, 2.0, 3.0]])
    out = np.empty(3, dtype=np.float32)
    kernels.predicted_gains(genomes, weights, np.array([1, 3]), out)
    # Top 1 and top 3 cells: 3 + 3, then -3 - 3, then -3 + (1 - 1 - 3).
    assert out.tolist() == [6.0, -6.0, -6.0]


@quick
@given(values=hnp.arrays(np.float32, st.integers(1, 70), elements=st.floats(-500, 0, width=32)))
def test_exponentials_over_their_range(values: F32) -> None:
    out, room = np.empty_like(values), np.empty(len(values), dtype=np.int32)
    kernels.exponentials(values, room, out)
    exact = np.exp(values.astype(np.float64))
    # The polynomial's error, and what rounding the exponent to a float32 makes of it.
    bound = (1e-6 + 1.2e-7 * np.abs(values.astype(np.float64))) * exact + 2e-38
    assert (np.abs(out - exact) <= bound).all()


def test_predicted_fitness_prefers_the_genome_that_shows_the_evidence() -> None:
    weights = f32([4.0, 0.0, 0.0, -4.0])
    genomes = f32([weights, -weights])
    block = np.zeros((1, 4, kernels.ROWS), dtype=np.uint8)
    norms = np.zeros((1, kernels.ROWS), dtype=np.float32)
    out = np.empty(2, dtype=np.float32)
    kernels.predicted_fitness(
        genomes,
        np.array([1]),
        f32(np.ones(4)),
        block,
        np.float32(1.0),
        norms,
        norms,
        1,
        weights,
        np.float32(0.0),
        np.float32(0.0),
        out,
    )
    # logistic(4) - logistic(-4), and the other way round.
    np.testing.assert_allclose(out, [0.964028, -0.964028], atol=1e-5)
