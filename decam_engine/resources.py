"""Where the bundled demo model, photographs and labels lie."""

from __future__ import annotations

import sys
from pathlib import Path

DEMO_PHOTOS = ("cat.jpg", "coffee.jpg", "rocket.jpg", "astronaut.jpg")
DEMO_MODEL = "efficientnet-lite0.onnx"


def resources_directory() -> Path:
    """The ``resources`` folder of the checkout, the installed package or the frozen app.

    Raises ``FileNotFoundError`` when the installation is damaged.
    """
    here = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [here / "resources", here.parent / "resources"]
    if frozen is not None:
        candidates.insert(0, Path(frozen) / "resources")
    for candidate in candidates:
        if (candidate / "models").is_dir():
            return candidate
    raise FileNotFoundError(f"no resources folder in any of {[str(c) for c in candidates]}")


def demo_model() -> Path:
    """The bundled EfficientNet-Lite0; its sidecar beside it says how it is fed."""
    return resources_directory() / "models" / DEMO_MODEL


def demo_photos() -> list[Path]:
    """The bundled photographs; the first is the one that the demo explains."""
    return [resources_directory() / "photos" / name for name in DEMO_PHOTOS]


def imagenet_labels() -> Path:
    """The names of ImageNet's 1,000 classes, one a line."""
    return resources_directory() / "labels" / "imagenet.txt"
