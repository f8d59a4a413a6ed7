"""Images in the window: pages and windows are chosen, what the model never saw is hatched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from decam_gui.main_window import MainWindow
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

PAGES = 3


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three 16-bit pages, the second of which is brighter where the tiny model looks."""
    frames = []
    for number in range(PAGES):
        values = np.random.default_rng(number).integers(0, 900, (72, 96)).astype(np.uint16)
        values[14:32, 51:78] = 3000 if number == 1 else 300
        frames.append(Image.fromarray(values))
    path = tmp_path / "scan.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def opened(qtbot, window: MainWindow, space: Workspace, *paths: Path) -> None:
    window.open(list(paths))
    wait(qtbot, space.session.can_run)


def reread(qtbot, space: Workspace, page: int) -> None:
    wait(qtbot, lambda: space.session.can_run() and not space.session.loading_photos)
    photo = space.session.photo()
    assert photo is not None
    assert photo.photo.reading["page"] == page


def test_the_card_tells_what_was_done_and_hides_when_nothing_was(
    qtbot, window: MainWindow, space: Workspace, scan: Path, photo_files, rectangle_onnx: Path
) -> None:
    opened(qtbot, window, space, scan, rectangle_onnx)
    assert space.image.isVisible()
    assert "Page 1 of 3 used." in space.image.notes.text()
    assert "windowed" in space.image.notes.text()
    assert space.image.page.maximum() == PAGES
    assert space.image.page.suffix() == " of 3"
    opened(qtbot, window, space, photo_files[0])
    wait(qtbot, lambda: space.session.current == photo_files[0])
    assert not space.image.isVisible()


def test_another_page_brings_other_predictions_and_no_old_map(
    qtbot, window: MainWindow, space: Workspace, scan: Path, rectangle_onnx: Path
) -> None:
    opened(qtbot, window, space, scan, rectangle_onnx)
    first = space.session.state().scores.copy()
    space.session.change_settings(space.run.settings.__class__(calls=60))
    space.session.run()
    assert not space.image.page.isEnabled()
    wait(qtbot, lambda: space.session.job is None)
    assert space.image.page.isEnabled()
    assert space.session.result() is not None
    space.image.page.setFocus()
    QTest.keyClick(space.image.page, Qt.Key.Key_Up)
    reread(qtbot, space, 2)
    assert space.session.result() is None
    assert not space.viewer.canvas.has_map
    assert not np.allclose(space.session.state().scores, first)
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    result = space.session.result()
    assert result is not None
    assert result.photo.reading["page"] == 2
    assert result.manifest()["photo"]["reading"]["options"]["page"] == 2


def test_only_the_last_of_many_pages_counts(
    qtbot, window: MainWindow, space: Workspace, scan: Path, rectangle_onnx: Path
) -> None:
    opened(qtbot, window, space, scan, rectangle_onnx)
    shown: list[int] = []
    space.session.photo_changed.connect(
        lambda: shown.append(
            0 if space.session.photo() is None else space.session.photo().photo.reading["page"]
        )
    )
    for page in (2, 3, 2, 3):
        space.image.page.setValue(page)
        space.image.changed.emit({"page": page, "window": None, "background": [255, 255, 255]})
    reread(qtbot, space, 3)
    assert 2 not in shown
    box, photo = space.session.box(), space.session.photo().photo
    np.testing.assert_allclose(
        space.session.state().scores, box.scores(box.prepare(photo)[None])[0], atol=1e-6
    )


def test_a_window_is_chosen_and_typed(
    qtbot, window: MainWindow, space: Workspace, scan: Path, rectangle_onnx: Path
) -> None:
    opened(qtbot, window, space, scan, rectangle_onnx)
    card = space.image
    before = space.session.photo().photo.pixels.copy()
    card.window_rule.setCurrentIndex(card.window_rule.findData("full"))
    card.window_rule.activated.emit(card.window_rule.currentIndex())
    reread(qtbot, space, 1)
    assert space.session.photo().photo.reading["window"]["rule"] == "full"
    assert space.session.photo().photo.pixels.max() < before.max()
    card.window_rule.setCurrentIndex(card.window_rule.findData("given"))
    card.window_rule.activated.emit(card.window_rule.currentIndex())
    reread(qtbot, space, 1)
    assert card.low.isVisible()
    assert (card.low.value(), card.high.value()) == (0, 65535)
    card.high.selectAll()
    QTest.keyClicks(card.high, "1200")
    QTest.keyClick(card.high, Qt.Key.Key_Return)
    reread(qtbot, space, 1)
    assert space.session.photo().photo.reading["options"]["window"] == [0, 1200]
    card.low.selectAll()
    # Nonsense is not sent: black must lie below white.
    QTest.keyClicks(card.low, "5000")
    QTest.keyClick(card.low, Qt.Key.Key_Return)
    assert not space.session.loading_photos
    assert space.session.photo().photo.reading["options"]["window"] == [0, 1200]


def test_a_saved_result_comes_back_on_its_own_page(
    qtbot, window: MainWindow, space: Workspace, scan: Path, rectangle_onnx: Path, tmp_path: Path
) -> None:
    opened(qtbot, window, space, scan, rectangle_onnx)
    space.image.page.setValue(3)
    reread(qtbot, space, 3)
    space.session.change_settings(space.run.settings.__class__(calls=60))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    manifest = space.session.result().save(tmp_path / "out")[-1]
    space.image.page.setValue(1)
    reread(qtbot, space, 1)
    assert space.session.result() is None
    window.open([manifest])
    wait(qtbot, lambda: space.session.result() is not None)
    reread(qtbot, space, 3)
    assert space.viewer.canvas.has_map
    assert space.image.page.value() == 3


# --- hatching ----------------------------------------------------------------------------


@pytest.fixture
def crop_onnx(tmp_path: Path) -> Path:
    """The tiny model, fed the centre of the photograph."""
    path = tmp_path / "crop.onnx"
    linear_model(path, rectangle_weights((64, 64)), batch="N", size=(64, 64))
    feed = {"size": [64, 64], "resize": "crop", "crop_fraction": 0.875, "scale": 1 / 255}
    write_sidecar(path, labels=["bright spot", "other place"], preprocessing=feed)
    return path


@pytest.fixture
def panorama(tmp_path: Path) -> Path:
    path = tmp_path / "panorama.png"
    Image.new("RGB", (600, 200), (90, 160, 120)).save(path)
    return path


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_what_the_model_never_saw_is_hatched(
    qtbot, window: MainWindow, space: Workspace, crop_onnx: Path, panorama: Path, appearance: str
) -> None:
    window.set_appearance(appearance)
    opened(qtbot, window, space, panorama, crop_onnx)
    canvas = space.viewer.canvas
    assert canvas.partly_seen
    assert space.viewer.pointed.text() == "Hatched: not seen by the model"
    image = canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    middle = canvas.height() // 2

    def levels(x: int) -> np.ndarray:
        """Green along a column of the photograph."""
        half = int(canvas.width() / 600 * 200 * 0.3)
        ys = range(int((middle - half) * ratio), int((middle + half) * ratio))
        return np.array([image.pixelColor(int(x * ratio), y).green() for y in ys])

    left = levels(40)
    base = np.median(left)
    assert (left < base - 20).any()
    assert (left > base + 15).any()
    assert np.ptp(levels(canvas.width() // 2)) == 0


def test_the_cursor_is_told_where_the_model_never_looked(
    qtbot, window: MainWindow, space: Workspace, crop_onnx: Path, panorama: Path
) -> None:
    opened(qtbot, window, space, panorama, crop_onnx)
    space.session.change_settings(space.run.settings.__class__(calls=60))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    canvas = space.viewer.canvas
    QTest.mouseMove(canvas, QPoint(40, canvas.height() // 2))
    wait(qtbot, lambda: "not seen by the model" in space.viewer.pointed.text())
    assert canvas.toolTip() == "Not seen by the model"
    QTest.mouseMove(canvas, canvas.rect().center())
    wait(qtbot, lambda: "saliency" in space.viewer.pointed.text())
    assert canvas.toolTip() == ""
