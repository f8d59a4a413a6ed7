"""The application's icon in every size and format asked for: ``python icons.py SVG FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def main(source: Path, folder: Path) -> int:
    """Write PNG files, an .ico and an .icns into the folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication([])
    renderer = QSvgRenderer(str(source))
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(folder / f"{size}.png"))
    del application
    with Image.open(folder / "256.png") as icon:
        icon.save(folder / "decam-studio.ico", sizes=[(s, s) for s in SIZES if s <= 256])
    with Image.open(folder / "512.png") as icon:
        icon.save(folder / "decam-studio.icns")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
