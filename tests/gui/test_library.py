"""The library: thousands of photographs, lazily; sorted, filtered, pasted, dragged out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QThread, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from decam_gui.core.facts import PhotoState
from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.views.photo_model import KEPT_PICTURES
from decam_gui.workspace import Workspace
from tests.gui.test_window_main_job import drop
from tests.gui.waiting import wait

MANY = 5_000
FEW = RunSettings(calls=100)


@pytest.fixture(scope="module")
def many_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 5,000 photographs in 50 sub-folders; hard links to a few files."""
    folder = tmp_path_factory.mktemp("many")
    originals = []
    for number in range(5):
        pixels = np.random.default_rng(number).integers(0, 60, (72, 96, 3), dtype=np.uint8)
        # Bright in one of two places: two classes.
        rows = slice(14, 32) if number % 2 else slice(50, 68)
        pixels[rows, 51:78] = 240 - 10 * number
        originals.append(folder / f"original {number}.png")
        Image.fromarray(pixels).save(originals[-1])
    for number in range(MANY - len(originals)):
        place = folder / f"{number // 100:02d}"
        place.mkdir(exist_ok=True)
        (place / f"{number:04d}.png").hardlink_to(originals[number % 5])
    return folder


@pytest.fixture
def many(qtbot, window: MainWindow, space: Workspace, many_files: Path) -> Workspace:
    """All of them in the window."""
    assert drop(window, [many_files])
    wait(qtbot, lambda: len(space.session.paths) == MANY)
    wait(qtbot, lambda: not space.session.loading_photos)
    return space


def pictures(space: Workspace) -> int:
    return len(space.photos.rows._pictures)


# --- many --------------------------------------------------------------------------------


def test_five_thousand_rows_scroll_and_only_what_is_in_sight_is_decoded(
    qtbot, many: Workspace
) -> None:
    view, rows = many.photos.list, many.photos.rows
    assert rows.rowCount() == MANY
    assert "5,000" in many.photos.heading.text()
    gui = QThread.currentThread()
    threads: list[bool] = []
    many.workers.thumbnailer.ready.connect(
        lambda *_: threads.append(QThread.currentThread() is gui),
        Qt.ConnectionType.DirectConnection,
    )
    before = pictures(many)
    assert before < 60
    bar = view.verticalScrollBar()
    for place in np.linspace(0, bar.maximum(), 40).astype(int):
        bar.setValue(int(place))
        QApplication.processEvents()
    last = rows.index(MANY - 1)
    assert view.visualRect(last).intersects(view.viewport().rect())
    wait(qtbot, lambda: rows.path_at(last) in rows._pictures)
    assert pictures(many) < 600
    assert threads and not any(threads)
    # What was scrolled past and not decoded is decoded when it is seen again.
    bar.setValue(bar.maximum() // 2)
    middle = view.indexAt(view.viewport().rect().center())
    wait(qtbot, lambda: rows.path_at(middle) in rows._pictures)


def test_pictures_that_were_scrolled_away_leave_the_memory(qtbot, many: Workspace) -> None:
    rows = many.photos.rows
    image = QImage(96, 72, QImage.Format.Format_RGB888)
    image.fill(0)
    for path in many.session.paths[: KEPT_PICTURES + 100]:
        rows.put(path, image, "")
    assert pictures(many) == KEPT_PICTURES


def test_a_row_that_was_not_decoded_is_shown_when_it_is_chosen(qtbot, many: Workspace) -> None:
    path = many.session.paths[3_210]
    assert many.session.library.decoded(path) is None
    many.photos.list.setCurrentIndex(many.photos.rows.index(3_210))
    wait(qtbot, lambda: many.session.photo() is not None)
    assert many.session.current == path
    QTest.keyClick(many.photos.list, Qt.Key.Key_Down)
    wait(qtbot, lambda: many.session.photo() is not None)
    assert many.session.current == many.session.paths[3_211]


def test_all_of_them_leave_and_come_back(qtbot, window: MainWindow, many: Workspace) -> None:
    paths = list(many.session.paths)
    many.photos.list.setFocus()
    many.photos.list.selectAll()
    QTest.keyClick(many.photos.list, Qt.Key.Key_Delete)
    assert many.session.paths == [] and many.photos.rows.rowCount() == 0
    window.actions_.undo.trigger()
    assert many.session.paths == paths and many.photos.rows.rowCount() == MANY
    wait(qtbot, lambda: many.session.photo() is not None)


def test_all_of_them_can_be_queued(qtbot, many: Workspace, rectangle_onnx: Path) -> None:
    many.session.open([rectangle_onnx])
    wait(qtbot, many.session.can_run)
    many.session.change_settings(FEW)
    many.session.queue.pause()
    assert many.session.run_photos() == MANY
    assert many.queue.rows.rowCount() == MANY
    many.queue.open_table(True)
    many.queue.table.scrollToBottom()
    many.session.queue.resume()
    wait(qtbot, lambda: many.session.queue.totals()[0] >= 2)
    many.session.queue.cancel_all()
    wait(qtbot, lambda: many.session.job is None)


# --- sorting and filtering ---------------------------------------------------------------


@pytest.fixture
def ten(
    qtbot, window: MainWindow, space: Workspace, many_files: Path, rectangle_onnx: Path
) -> Workspace:
    """Ten photographs of two classes, with a model."""
    files = sorted((many_files / "00").iterdir())[:10]
    window.open([*files, rectangle_onnx])
    wait(qtbot, lambda: len(space.session.paths) == 10 and space.session.can_run())
    return space


def classified(qtbot, space: Workspace) -> None:
    wait(qtbot, space.photos.classify.isVisible)
    assert space.photos.classify.text().startswith("Ask the model about")
    calls = space.session.box().calls
    left = len(space.session.unclassified())
    QTest.mouseClick(space.photos.classify, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: not space.session.unclassified())
    assert space.session.box().calls - calls == left
    wait(qtbot, lambda: not space.photos.classify.isVisible())


def names(space: Workspace) -> list[str]:
    rows = space.photos.rows
    paths = [rows.path_at(rows.index(row)) for row in range(rows.rowCount())]
    return [p.name for p in paths if p is not None]


def pick(box, value: object) -> None:
    """Choose an entry as a user does."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_photos_are_sorted_by_class_and_confidence(qtbot, ten: Workspace) -> None:
    assert ten.photos.filters.isVisible()
    classified(qtbot, ten)
    facts = [ten.session.facts(p) for p in ten.session.paths]
    assert {f.label for f in facts} == {"bright spot", "other place"}
    pick(ten.photos.order, "class")
    by_name = dict(zip((p.name for p in ten.session.paths), facts, strict=True))
    labels = sorted(f.label for f in facts)
    wait(qtbot, lambda: [by_name[n].label for n in names(ten)] == labels)
    assert "bright spot" in str(ten.photos.rows.index(0).data())
    pick(ten.photos.order, "confidence")
    sure = sorted((f.confidence for f in facts), reverse=True)
    wait(qtbot, lambda: [by_name[n].confidence for n in names(ten)] == sure)
    # The one on show stays chosen.
    assert ten.photos.rows.path_at(ten.photos.list.currentIndex()) == ten.session.current
    pick(ten.photos.order, "added")
    assert names(ten) == [p.name for p in ten.session.paths]


def test_photos_are_filtered_by_name_class_and_state(qtbot, ten: Workspace) -> None:
    classified(qtbot, ten)
    QTest.keyClicks(ten.photos.search, "0003")
    QTest.keyClick(ten.photos.search, Qt.Key.Key_Return)
    assert names(ten) == ["0003.png"]
    assert "1 of 10" in ten.photos.heading.text()
    ten.photos.search.setText("other")
    QTest.keyClick(ten.photos.search, Qt.Key.Key_Return)

    def labels() -> set[str]:
        """Of the photographs on show; the list hears of answers a little later."""
        return {ten.session.facts(p).label for p in ten.session.paths if p.name in names(ten)}

    wait(qtbot, lambda: labels() == {"other place"})
    ten.photos.search.clear()
    QTest.keyClick(ten.photos.search, Qt.Key.Key_Return)
    ten.session.change_settings(FEW)
    ten.session.run()
    wait(qtbot, lambda: ten.session.job is None)
    pick(ten.photos.state, PhotoState.EXPLAINED.value)
    wait(qtbot, lambda: names(ten) == [ten.session.current.name])
    pick(ten.photos.state, PhotoState.FAILED.value)
    assert names(ten) == [] and ten.photos._none.isVisible()


def test_asking_about_all_can_be_stopped(qtbot, many: Workspace, rectangle_onnx: Path) -> None:
    many.session.open([rectangle_onnx])
    wait(qtbot, many.session.can_run)
    wait(qtbot, many.photos.classify.isVisible)
    many.photos.classify.click()
    wait(qtbot, lambda: "Stop asking" in many.photos.classify.text())
    wait(qtbot, lambda: len(many.session.unclassified()) < MANY - 3)
    many.photos.classify.click()
    wait(qtbot, lambda: "Ask the model" in many.photos.classify.text())
    assert len(many.session.unclassified()) > 0


def test_a_broken_file_is_marked_when_it_comes_into_sight(
    qtbot, window: MainWindow, space: Workspace, tmp_path: Path, many_files: Path
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    good = (many_files / "original 0.png").read_bytes()
    for number in range(12):
        data = good[:100] if number == 11 else good
        (folder / f"{number:02d}.png").write_bytes(data)
    drop(window, [folder])
    wait(qtbot, lambda: len(space.session.paths) == 12)
    space.photos.list.scrollToBottom()
    wait(qtbot, lambda: len(space.session.problems) == 1)
    wait(qtbot, lambda: "cannot be read" in str(space.photos.rows.index(11).data()))


def test_states_are_shown_as_they_change(qtbot, ten: Workspace) -> None:
    session = ten.session
    session.change_settings(RunSettings(calls=200_000))
    session.run()
    session.run_photos(session.paths[1:2])
    rows = ten.photos.rows

    def says(row: int, sign: str, word: str) -> bool:
        index = rows.index(row)
        spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
        return str(index.data()).startswith(sign) and word in spoken

    wait(qtbot, lambda: says(0, "▶", "running"))
    wait(qtbot, lambda: says(1, "◷", "waiting"))
    session.queue.cancel_all()
    wait(qtbot, lambda: says(0, "■", "stopped"))
    assert session.facts(session.paths[1]).state is PhotoState.NEW


# --- models ------------------------------------------------------------------------------


def test_several_models_are_listed_with_how_surely_they_are_fed(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    from tests.onnx_models import linear_model, rectangle_weights

    plain = linear_model(tmp_path / "plain.onnx", rectangle_weights((64, 64)))
    assert not ready.models.isVisible()
    window.open([plain])
    wait(qtbot, ready.models.isVisible)
    first, second = (ready.models.list.item(row).text() for row in range(2))
    assert first == "rectangle.onnx\n64 × 64 · 2 classes"
    assert second.startswith("plain.onnx\n⚠ assumed · 64 × 64")
    assert ready.session.model.path == plain
    ready.models.list.setCurrentRow(0)
    assert ready.session.model.title == "rectangle.onnx"


# --- in and out --------------------------------------------------------------------------


def test_an_image_of_the_clipboard_becomes_a_file_of_the_session(
    qtbot, window: MainWindow, ready: Workspace
) -> None:
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, lambda: len(ready.session.paths) == 4)
    path = ready.session.paths[-1]
    wait(qtbot, lambda: ready.session.current == path and ready.session.photo() is not None)
    assert path.parent.parent == ready.keeping.folder and path.suffix == ".png"
    assert ready.session.photo().photo.pixels[0, 0].tolist() == [0x33, 0x66, 0x99]
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, lambda: len(ready.session.paths) == 5)
    assert ready.session.paths[-1].name != path.name


def test_files_of_the_clipboard_are_opened(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path]
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(p)) for p in photo_files])
    QGuiApplication.clipboard().setMimeData(data)
    window.actions_.paste.trigger()
    wait(qtbot, lambda: space.session.paths == photo_files)


def test_words_in_the_clipboard_are_answered(window: MainWindow, ready: Workspace) -> None:
    QGuiApplication.clipboard().setText("a word")
    window.actions_.paste.trigger()
    assert "holds no picture" in ready.photos.banner.text
    assert len(ready.session.paths) == 3


def mouse(kind: QEvent.Type, place: QPoint, widget) -> QMouseEvent:
    return QMouseEvent(
        kind,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def test_a_heat_map_is_dragged_out_as_a_file(
    qtbot, window: MainWindow, ready: Workspace, monkeypatch
) -> None:
    session = ready.session
    session.change_settings(FEW)
    session.run()
    wait(qtbot, lambda: session.job is None)
    button = ready.viewer.save_button
    dragged: list[Path] = []
    window.commands.drag.dragged.connect(dragged.append)
    # The desktop's part of a drag waits for a real mouse.
    monkeypatch.setattr("decam_gui.views.drag_out.QDrag.exec", lambda *_: None)
    start = button.rect().center()
    QApplication.sendEvent(button, mouse(QEvent.Type.MouseButtonPress, start, button))
    far = start + QPoint(0, 3 * QApplication.startDragDistance())
    QApplication.sendEvent(button, mouse(QEvent.Type.MouseMove, far, button))
    wait(qtbot, lambda: bool(dragged))
    path = dragged[0]
    assert path.name.endswith(".overlay.png")
    with Image.open(path) as picture:
        assert picture.size[0] >= 96
    data = window.commands.drag.mime(path)
    assert [Path(u.toLocalFile()) for u in data.urls()] == [path]
    # Dropped on the window itself, it is no new photograph.
    assert not drop_data(window, data)
    window.close()
    assert not path.exists()


def drop_data(window: MainWindow, data: QMimeData) -> bool:
    """Whether the window would take this."""
    from PySide6.QtGui import QDragEnterEvent

    event = QDragEnterEvent(
        QPoint(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_a_click_on_the_button_still_exports(qtbot, window: MainWindow, ready: Workspace) -> None:
    ready.session.change_settings(FEW)
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    QTest.mouseClick(ready.viewer.save_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: ready.exporting.dialog is not None and ready.exporting.dialog.isVisible())
    ready.exporting.dialog.close()
