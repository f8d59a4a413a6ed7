"""Files that are models of another kind, or none: what they are, and the way to an ONNX file.

Told by how a file begins, then by its name; nothing of it is opened, and nothing unpickled.
"""

from __future__ import annotations

from pathlib import Path

_TORCH = ("a file of PyTorch", "Export the network with torch.onnx.export.")
_KERAS = ("a model of Keras", 'Export it with model.export(..., format="onnx") or tf2onnx.')
_TENSORFLOW = ("a graph of TensorFlow", "Convert it with tf2onnx.")
_LITE = (
    "a model of TensorFlow Lite",
    "Convert it with tf2onnx (--tflite, and --dequantize if it is quantised).",
)
_PICKLE = ("a pickle, which is never opened", "Export it with torch.onnx.export or skl2onnx.")
_LFS = ("a pointer of Git LFS in place of the file", "Fetch the file with git lfs pull.")
_PAGE = ("a web page", "The download went wrong; fetch the file itself.")
_PICTURE = ("a picture", "Give the .onnx file as the model, and the picture as the photograph.")
_TEXT = ("a text file", "Give the .onnx file itself.")
_GZIP = ("a compressed file", "Unpack it first.")
_ARCHIVE = ("an archive", "Unpack it; a file of PyTorch is exported with torch.onnx.export.")

# (place, bytes) at which such files begin.
_BEGINNINGS = (
    (0, b"version https://git-lfs", _LFS),
    (0, b"<!DOCTYPE html", _PAGE),
    (0, b"<!doctype html", _PAGE),
    (0, b"<html", _PAGE),
    (0, b"\x89PNG", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"%PDF", ("a PDF document", "Give the .onnx file itself.")),
    (0, b"\x89HDF\r\n", _KERAS),
    (4, b"TFL3", _LITE),
    (0, b"\x1f\x8b", _GZIP),
)
_PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
# Printable ASCII and the ends of lines; a model's first bytes are none of these.
_LETTERS = frozenset({9, 10, 13, *range(32, 127)})
_ZIPPED = b"PK\x03\x04"
_SUFFIXES = {
    **dict.fromkeys((".pt", ".pth", ".ckpt"), _TORCH),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), _KERAS),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), _PICKLE),
    ".pb": _TENSORFLOW,
    ".tflite": _LITE,
    ".safetensors": (
        "weights without their network",
        "Load them into the network, and export that with torch.onnx.export.",
    ),
    ".xml": (
        "a model of OpenVINO",
        "Give the ONNX file it was made from, or the URL of an OpenVINO Model Server.",
    ),
    **dict.fromkeys(
        (".engine", ".plan", ".trt"),
        ("an engine of TensorRT", "Give the ONNX file it was made from, or a Triton server's URL."),
    ),
    **dict.fromkeys(
        (".mlmodel", ".mlpackage"),
        ("a model of Core ML", "Give the ONNX file, or export the network it was made from."),
    ),
    ".ort": (
        "a model in ONNX Runtime's own format",
        "Give the .onnx file it was made from.",
    ),
    ".mar": ("an archive of TorchServe", "Serve it, and give the URL of the served model."),
    ".pdmodel": ("a model of PaddlePaddle", "Convert it with paddle2onnx."),
}

# Files with these names are models, so that a window can tell them from photographs.
FOREIGN_SUFFIXES = tuple(_SUFFIXES)


def recognise(path: Path) -> tuple[str, str] | None:
    """What a file that is no ONNX model is, and what to do; None where nobody can tell."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        start = b""
    for place, mark, told in _BEGINNINGS:
        if start[place:].startswith(mark):
            return told
    found = _SUFFIXES.get(path.suffix.casefold())
    if found is None and start.startswith(_ZIPPED):
        return _ARCHIVE
    if found is None and start.startswith(_PICKLED):
        return _PICKLE
    if found is None and start and all(byte in _LETTERS for byte in start):
        return _TEXT
    return found
