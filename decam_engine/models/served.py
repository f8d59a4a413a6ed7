"""What a served model takes and gives, read from its metadata as from a file."""

from __future__ import annotations

from collections.abc import Sequence

from decam_engine.errors import ModelError
from decam_engine.models.protocol import DTYPES, SCORE_TYPES, Tensor
from decam_engine.models.reading import OnnxInput
from decam_engine.models.transport import clean
from decam_engine.models.whole import Wholes

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


def choose_output(
    tensors: Sequence[Tensor], name: str, wanted: str | None = None
) -> tuple[Tensor, list[str]]:
    """The output with the class scores, and the names of all that can be (batch, classes).

    Of several, the one named, or else the first that holds fractions, or else the first.

    Raises:
        ModelError: there is none.
    """
    fitting = [
        t
        for t in tensors
        if t.datatype in SCORE_TYPES
        and len(t.shape) >= 2
        and all(d in (1, None) for d in t.shape[2:])
        # A whole number on its own is a class's number.
        and (wholes(t) is None or t.shape[1] != 1)
    ]
    listed = ", ".join(str(t) for t in tensors[:5])
    names = [clean(t.name) for t in fitting]
    if wanted is not None:
        if wanted not in names:
            raise ModelError(
                f"The output {clean(wanted)!r} of {name} cannot be used: expected one of shape "
                f"(batch, classes), found {listed}."
            )
        return fitting[names.index(wanted)], names
    if not fitting:
        raise ModelError(
            f"{name} is no image classifier: expected an output of shape (batch, classes), found "
            f"{listed}."
        )
    return min(fitting, key=lambda t: wholes(t) is not None), names


def wholes(tensor: Tensor) -> Wholes | None:
    """What is known of an output of whole numbers; the protocol has no word for their scale."""
    dtype = DTYPES.get(tensor.datatype, "")
    return Wholes(dtype) if "int8" in dtype else None
