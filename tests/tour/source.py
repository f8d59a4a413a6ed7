"""A window of another program to drag files from: ``python -m tests.tour.source FILE...``."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Pressed and moved, it offers its files, as a file manager does."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__("\n".join(f.name for f in files))
        self.setWindowTitle("tour files")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.resize(180, 140)
        self._files = files

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin the drag."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(f)) for f in self._files])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


def main() -> int:
    """Show it until it is ended."""
    app = QApplication(sys.argv[:1])
    source = Source([Path(f) for f in sys.argv[1:]])
    source.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
