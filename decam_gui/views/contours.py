"""Lines of equal height on a map, and the height above which a share of it lies: no painting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

# Smaller side of a map from which lines are drawn of a coarser one.
COARSE_FROM = 160
TOP, RIGHT, BOTTOM, LEFT = 0, 1, 2, 3
# By which corners of a cell lie above the level (1 top left, 2 top right, 4 bottom right, 8 bottom
# left): where a line enters the cell and where it leaves, what is above to its left. So every
# edge is the end of one line and the beginning of the next.
LINES = {
    1: ((LEFT, TOP),), 2: ((TOP, RIGHT),), 3: ((LEFT, RIGHT),), 4: ((RIGHT, BOTTOM),),
    5: ((LEFT, TOP), (RIGHT, BOTTOM)), 6: ((TOP, BOTTOM),), 7: ((LEFT, BOTTOM),),
    8: ((BOTTOM, LEFT),), 9: ((BOTTOM, TOP),), 10: ((TOP, RIGHT), (BOTTOM, LEFT)),
    11: ((BOTTOM, RIGHT),), 12: ((RIGHT, LEFT),), 13: ((RIGHT, TOP),), 14: ((TOP, LEFT),),
}  # fmt: skip


def contours(values: npt.ArrayLike, level: float) -> list[F64]:
    """Closed lines around what lies above a level, by marching squares.

    Args:
        values: ``(h, w)``, at pixel centres.

    Returns:
        Lines ``(n, 2)`` of points x, y, in pixels from the left and the top edge; the last
        point is the first again. What touches the edge is closed along it.
    """
    v = np.asarray(values, dtype=np.float64)
    height, width = v.shape
    padded = np.pad(v, 1, mode="edge")
    border = np.ones(padded.shape, dtype=bool)
    border[1:-1, 1:-1] = False
    # As far below as the edge pixel is above: the line then runs along the edge.
    padded[border] = np.minimum(padded[border], 2 * level - padded[border])
    above = padded > level
    cells = (above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]).astype(
        np.int64
    )
    follows: dict[int, int] = {}
    for code, lines in LINES.items():
        rows, columns = np.nonzero(cells == code)
        for enter, leave in lines:
            starts, ends = (_edge(side, rows, columns, padded.shape) for side in (enter, leave))
            follows.update(zip(starts.tolist(), ends.tolist(), strict=True))
    found = []
    while follows:
        first, here = follows.popitem()
        edges = [first, here]
        while here != first:
            here = follows.pop(here)
            edges.append(here)
        points = _points(np.array(edges), padded, level)
        found.append(np.clip(points, 0.0, (float(width), float(height))))
    return found


def coarse_contours(values: F32, level: float) -> list[F64]:
    """As :func:`contours`, of a map made half as fine where it is large: several times quicker.

    For lines over a photograph, where the difference is less than a line is thick.
    """
    height, width = values.shape
    if min(height, width) < COARSE_FROM:
        return contours(values, level)
    even = values[: height // 2 * 2, : width // 2 * 2]
    halved = even.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    lines = contours(halved, level)
    # An odd last row or column belongs to its neighbour.
    scale = np.array([width / (width // 2), height / (height // 2)])
    return [line * scale for line in lines]


def level_of_share(values: F32, share: float) -> float:
    """The height above which the most salient share of a map ``(h, w)`` lies, ties aside."""
    flat = values.reshape(-1)
    count = min(max(round(share * flat.size), 0), flat.size)
    if count == 0:
        return float(flat.max())
    if count == flat.size:
        return float(flat.min()) - 1.0
    place = flat.size - count
    ordered = np.partition(flat, (place - 1, place))
    return (float(ordered[place - 1]) + float(ordered[place])) / 2


def _edge(side: int, rows: I64, columns: I64, shape: tuple[int, ...]) -> I64:
    """Numbers of the cells' edges: twice their first pixel's, and 1 more if they go down."""
    row = rows + (side == BOTTOM)
    column = columns + (side == RIGHT)
    return 2 * (row * shape[1] + column) + (side in (LEFT, RIGHT))


def _points(edges: I64, padded: F64, level: float) -> F64:
    down = edges % 2
    row, column = np.divmod(edges // 2, padded.shape[1])
    near = padded[row, column]
    far = padded[row + down, column + 1 - down]
    part = (level - near) / (far - near)
    # A pixel's centre lies half a pixel from its corner, and the padding is one pixel wide.
    x = column - 0.5 + part * (1 - down)
    y = row - 0.5 + part * down
    return np.stack([x, y], axis=1)
