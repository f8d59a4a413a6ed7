"""Set-up for the tests of the window: real widgets, real workers, the real engine."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.gui.waiting import wait

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from decam_gui.main_window import MainWindow
    from decam_gui.workspace import Workspace

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """Ours, so that what only it can do is tested on it."""
    from decam_gui.app import Application

    return Application


if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt is a failure, but for what the offscreen platform cannot do at all."""
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(r"^This plugin does not support"))


@pytest.fixture(autouse=True)
def fresh_settings(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Every test starts with no settings and leaves none; the colours are the application's."""
    monkeypatch.setenv("DECAM_SESSIONS_DIR", str(tmp_path / "sessions"))
    from PySide6.QtCore import QSettings

    from decam_gui.app import make_application

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings")
    )
    make_application([])
    return iter((None,))


@pytest.fixture(autouse=True)
def no_thread_left(qapp: QApplication) -> Iterator[None]:
    """Every worker thread of the window has ended when the test has."""
    yield
    from decam_gui.startup import EngineLoader
    from decam_gui.worker import WorkThread

    qapp.processEvents()
    gc.collect()
    left = [
        o.objectName()
        for o in gc.get_objects()
        if isinstance(o, WorkThread | EngineLoader) and _runs(o)
    ]
    assert not left


def _runs(thread: object) -> bool:
    try:
        return bool(thread.isRunning())  # type: ignore[attr-defined]
    except RuntimeError:  # its C++ half is gone
        return False


@pytest.fixture
def window(qtbot, fresh_settings: None) -> Iterator[MainWindow]:
    """A shown window with the engine, closed at the end."""
    from decam_gui.main_window import MainWindow

    made = MainWindow()
    # Nobody is there to answer; the tests of it ask themselves.
    made.ask_loss = lambda count: True
    made.set_appearance("light")
    made.show()
    made.open_workspace()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    """Its workspace."""
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def photo_files(tmp_path: Path) -> list[Path]:
    """Three photographs with a bright spot where the tiny model looks; 96 x 72."""
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = []
    for number in range(3):
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 60, (72, 96, 3), dtype=np.uint8)
        pixels[14:32, 51:78] = 240 - 20 * number
        paths.append(folder / f"photo {number}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


@pytest.fixture
def ready(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> Workspace:
    """A workspace with three photographs and the tiny model, ready to run."""
    window.open([*photo_files, rectangle_onnx])
    wait(qtbot, lambda: len(space.session.paths) == len(photo_files))
    wait(qtbot, space.session.can_run)
    return space
