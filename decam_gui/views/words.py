"""How a model is fed, in words: sources, layouts, activations, providers."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLocale

from decam_engine import Preprocessing

# Runs nothing by itself: it hands operators of its own over to a cloud service. ONNX Runtime lists
# it on every machine.
NO_DEVICE = "AzureExecutionProvider"


def source(name: str) -> str:
    """Where a fact comes from."""
    told = re.fullmatch(r"metadata \((.+)\)", name)
    if told:
        return _tr("from the model's metadata ({0})").format(told[1])
    told = re.fullmatch(r"file (.+)", name)
    if told:
        return _tr("from {0}").format(told[1])
    words = {
        "given": _tr("set by you"),
        "chosen": _tr("chosen by you"),
        "sidecar": _tr("from the sidecar file"),
        "metadata": _tr("from the model's metadata"),
        "graph": _tr("told from the graph"),
        "values": _tr("told from the values"),
        "output (class map)": _tr("from the model's output"),
        "assumed": _tr("assumed"),
        "none": _tr("without names"),
    }
    return words.get(name, name)


def channels(p: Preprocessing) -> str:
    """Order of the colours."""
    return _tr("grey") if p.channels == "L" else p.channels


def layout(p: Preprocessing) -> str:
    """Where the channels lie among the input's dimensions."""
    if p.layout == "NHWC":
        return _tr("channels last (NHWC)")
    return _tr("channels first (NCHW)")


def fitting(p: Preprocessing) -> str:
    """How a photograph comes to the input's size."""
    words = {
        "squash": _tr("whole photo, squashed"),
        "crop": _tr("centre crop, {0:g} %").format(p.crop_fraction * 100),
        "letterbox": _tr("whole photo, padded"),
    }
    return words.get(p.resize, p.resize)


def scaling(p: Preprocessing) -> str:
    """What becomes of a pixel, by the name of the convention where there is a usual one."""
    imagenet = Preprocessing.imagenet()
    turned = slice(None, None, -1 if p.channels == "BGR" else 1)
    if (p.scale, p.mean[turned], p.std[turned]) == (imagenet.scale, imagenet.mean, imagenet.std):
        return _tr("ImageNet's mean and deviation")
    if (p.scale, set(p.mean), set(p.std)) == (1 / 255, {0.0}, {1.0}):
        return _tr("0..1")
    if (p.scale, set(p.mean), set(p.std)) == (1.0, {127.5}, {127.5}):
        return _tr("−1..1")
    if (p.scale, set(p.mean), set(p.std)) == (1.0, {0.0}, {1.0}):
        return _tr("0..255, unchanged")
    return formula(p)


def formula(p: Preprocessing) -> str:
    """What becomes of a pixel p, in numbers."""
    pixel = "p" if p.scale == 1 else f"p / {1 / p.scale:g}"
    mean, std = _numbers(p.mean), _numbers(p.std)
    shifted = pixel if mean == "0" else f"{pixel} − {mean}"
    return shifted if std == "1" else f"({shifted}) / {std}"


def activation(name: str) -> str:
    """What is done to the model's output."""
    words = {
        "none": _tr("none (probabilities)"),
        "softmax": _tr("softmax (one class)"),
        "sigmoid": _tr("sigmoid (several labels)"),
        "exp": _tr("exp (log-probabilities)"),
    }
    return words.get(name, name)


def provider(name: str) -> str:
    """A device of ONNX Runtime as people call it."""
    short = name.removesuffix("ExecutionProvider")
    words = {"CPU": _tr("CPU (processor)"), "CUDA": _tr("CUDA (NVIDIA)"), "Dml": "DirectML"}
    return words.get(short, short)


def method(name: str) -> str:
    """A search by its name."""
    words = {
        "de": _tr("DE-CAM (evolution)"),
        "rise": _tr("RISE (random masks)"),
        "occlusion": _tr("Occlusion (sliding patch)"),
    }
    return words.get(name, name)


def preset(name: str) -> str:
    """A budget by its name."""
    words = {
        "quick": _tr("Quick"),
        "balanced": _tr("Balanced"),
        "thorough": _tr("Thorough"),
        "until-stable": _tr("Until stable"),
    }
    return words.get(name, name)


def fill(name: str) -> str:
    """What a removed pixel becomes."""
    words = {
        "blur": _tr("Blur"),
        "strong-blur": _tr("Strong blur"),
        "mean": _tr("Mean colour"),
        "black": _tr("Black"),
    }
    return words.get(name, name)


def file_size(count: int) -> str:
    """Bytes as people read them."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def _numbers(values: tuple[float, ...]) -> str:
    """One number, or all of them in brackets."""
    if len(set(values)) == 1:
        return f"{values[0]:g}"
    return "[" + ", ".join(f"{v:.3g}" for v in values) + "]"


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)
