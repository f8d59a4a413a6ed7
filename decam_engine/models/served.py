"""What a served model takes and gives, read from its metadata as from a file."""

from __future__ import annotations

from collections.abc import Sequence

from decam_engine.errors import ModelError
from decam_engine.models.protocol import DTYPES, SCORE_TYPES, Tensor
from decam_engine.models.reading import OnnxInput
from decam_engine.models.transport import clean

_CHANNELS = (1, 3)


def read_input(tensors: Sequence[Tensor], name: str) -> tuple[Tensor, OnnxInput]:
    """The only input, as the server has it and as a file's would be described.

    Raises:
        ModelError: ``name`` takes no batch of images.
    """
    if len(tensors) != 1:
        found = ", ".join(str(t) for t in tensors[:5])
        raise ModelError(
            f"{name} is no classifier of one image: expected exactly one input, found "
            f"{len(tensors)} ({found}). Serve it with the image as its only input."
        )
    tensor = tensors[0]
    if tensor.datatype not in DTYPES:
        raise ModelError(
            f"{name} takes {clean(tensor.datatype)}; expected one of {', '.join(DTYPES)}."
        )
    if len(tensor.shape) != 4:
        raise ModelError(
            f"{name} takes no batch of images: expected an input of 4 dimensions (batch, channels, "
            f"height, width), found {tensor}. Serve the image classifier itself."
        )
    batch, first, second, last = tensor.shape
    if first in _CHANNELS or (first is None and last not in _CHANNELS):
        layout, channels, size = "NCHW", first, (second, last)
    elif last in _CHANNELS:
        layout, channels, size = "NHWC", last, (first, second)
    else:
        raise ModelError(
            f"{name} takes no grey or RGB images: expected 1 or 3 channels first or last, found "
            f"{tensor}."
        )
    known = channels is not None
    dtype = DTYPES[tensor.datatype]
    return tensor, OnnxInput(clean(tensor.name), dtype, layout, known, batch, channels, size)


def choose_output(tensors: Sequence[Tensor], name: str) -> tuple[Tensor, list[str]]:
    """The first output that can be (batch, classes), and the names of all such outputs.

    Raises:
        ModelError: there is none.
    """
    fitting = [
        t
        for t in tensors
        if t.datatype in SCORE_TYPES
        and len(t.shape) >= 2
        and all(d in (1, None) for d in t.shape[2:])
    ]
    if not fitting:
        raise ModelError(
            f"{name} is no image classifier: expected an output of shape (batch, classes), found "
            f"{', '.join(str(t) for t in tensors[:5])}."
        )
    return fitting[0], [clean(t.name) for t in fitting]
