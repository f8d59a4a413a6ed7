"""German in the window, complete; and room for texts that are 40 % longer."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QObject, QSettings, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMenu,
    QScrollArea,
    QWidget,
)

from decam_gui import language
from decam_gui.main_window import SIZE, MainWindow
from decam_gui.session import RunSettings
from decam_gui.trust import Standing
from decam_gui.views.recent import RecentSessions
from tests.gui.waiting import wait

ROOT = Path(__file__).resolve().parents[2]
# Vowels with marks show at a glance what went through tr(), and are wider.
MARKED = str.maketrans("aeiouAEIOU", "åéîøüÅÉÎØÜ")
LONGER = 1.4


@pytest.fixture
def tools() -> ModuleType:
    """The script that keeps translations up to date."""
    spec = importlib.util.spec_from_file_location("translate", ROOT / "build_scripts/translate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    """English again, whatever a test chose."""
    yield
    language.apply(qapp, "en")


def opened(qtbot, files: list[Path]) -> MainWindow:
    """A window of the size most people see first, with a map."""
    made = MainWindow()
    made.resize(*SIZE)
    made.show()
    made.open_workspace()
    assert made.workspace is not None
    session = made.workspace.session
    made.open(files)
    wait(qtbot, session.can_run)
    session.change_settings(RunSettings(calls=100))
    session.run()
    wait(qtbot, lambda: session.job is None)
    # The list says so a moment later.
    wait(qtbot, lambda: any("✓" in text for text in said(made)))
    return made


def test_no_german_text_is_missing(tools: ModuleType) -> None:
    assert tools.overlooked() == []
    assert tools.check("de") == []


def test_the_window_speaks_german(
    qtbot, english: None, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    QSettings().setValue("window/language", "de")
    from decam_gui.app import make_application

    make_application([])
    window = opened(qtbot, [photo_files[0], rectangle_onnx])
    space = window.workspace
    assert space is not None
    assert window.actions_.open.text() == "Ö&ffnen ..."
    assert [m.title() for m in window.menuBar().findChildren(QMenu)][:2] == [
        "&Datei",
        "&Bearbeiten",
    ]
    assert space.run.run_button.text() == "Starten"
    assert space.run.heading.text() == "LAUF"
    assert "etwa" in space.run.time.text().lower()
    assert space.predictions.heading.text() == "VORHERSAGE"
    # Numbers as well.
    assert re.search(r", \d+,\d %", space.predictions.bars[0].accessibleName())
    window.close()
    window.deleteLater()


def said(window: MainWindow) -> list[str]:
    """All texts of a window: shown, pointed at, read aloud; digits may differ."""
    found = []
    recent = window.welcome.findChildren(RecentSessions)
    assert window.workspace is not None
    for thing in (window, *window.findChildren(QObject)):
        if thing is window.workspace.run.time:
            continue  # says how the speed was measured, which differs from window to window
        if any(r.isAncestorOf(thing) for r in recent if isinstance(thing, QWidget)):
            continue  # these differ from window to window
        for name in (
            "text", "title", "toolTip", "accessibleName", "accessibleDescription", "windowTitle",
            "placeholderText", "suffix",
        ):  # fmt: skip
            value = thing.property(name)
            # What is typed or chosen in a field is asked of its parts.
            if isinstance(value, str) and value and not isinstance(thing.parent(), QComboBox):
                found.append(f"{type(thing).__name__}.{name} {value}")
        if isinstance(thing, QComboBox):
            found += [f"{type(thing).__name__} {thing.itemText(i)}" for i in range(thing.count())]
        if isinstance(thing, QAbstractItemView) and thing.model() is not None:
            model = thing.model()
            sides = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)]
            rows = [model.index(r, 0).data() for r in range(model.rowCount())]
            found += [f"{type(thing).__name__} {t}" for t in (*sides, *rows) if isinstance(t, str)]
    zeros = (re.sub(r"[\d.,]+( ms| s| min)?", "0", text) for text in found)
    # Sessions are called by the second; a second one of the same second gets a number.
    return sorted(re.sub(r"0-0-0 0-0-0( 0)?", "now", text) for text in zeros)


def test_another_language_holds_at_once_for_everything_on_show(
    qtbot, qapp: QApplication, english: None, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    window = opened(qtbot, [*photo_files, rectangle_onnx])
    space = window.workspace
    assert space is not None
    wait(qtbot, lambda: space.trust.standing() is Standing.BETTER)
    space.choose_mode("keep")
    wait(qtbot, lambda: "top" in space.viewer.cut.text())
    english_texts, size = said(window), window.size()
    language.apply(qapp, "de")
    wait(qtbot, lambda: space.run.heading.text() == "LAUF")
    # Other words need other room, which they get.
    wait(qtbot, lambda: not cut_off(window))
    assert window.size() == size
    switched = said(window)

    fresh = opened(qtbot, [*photo_files, rectangle_onnx])
    assert fresh.workspace is not None
    wait(qtbot, lambda: fresh.workspace.trust.standing() is Standing.BETTER)
    fresh.workspace.choose_mode("keep")
    wait(qtbot, lambda: bool(fresh.workspace.viewer.cut.text()))
    as_new = said(fresh)
    fresh.close()
    fresh.deleteLater()
    apart = sorted({*switched} ^ {*as_new})
    assert not apart, "\n".join(apart)

    language.apply(qapp, "en")
    wait(qtbot, lambda: space.run.heading.text() == "RUN")
    apart = sorted({*said(window)} ^ {*english_texts})
    assert not apart, "\n".join(apart)
    window.close()
    window.deleteLater()


def test_the_systems_language_is_followed_and_others_are_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Locale:
        languages = ("de-AT", "de", "en")

        def uiLanguages(self) -> tuple[str, ...]:  # noqa: N802
            return self.languages

    class Locales:
        system = staticmethod(Locale)

    monkeypatch.setattr(language, "QLocale", Locales)
    assert language.resolve("system") == "de"
    monkeypatch.setattr(Locale, "languages", ("fi-FI", "sv"))
    assert language.resolve("system") == "en"
    assert language.resolve("de") == "de"


@pytest.fixture
def pseudo(qapp: QApplication, tools: ModuleType, tmp_path: Path) -> Iterator[None]:
    """Every text 40 % longer and marked."""
    tree = ET.parse(tools.ts_file("de"))
    for _, message in tools.messages(tree):
        tools.put(message, longer(message.findtext("source", "")))
    ts, qm = tmp_path / "long.ts", tmp_path / "long.qm"
    tree.write(ts, encoding="utf-8", xml_declaration=True)
    tools.release(ts, qm)
    translator = QTranslator()
    assert translator.load(str(qm))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def longer(text: str) -> str:
    """Marked, and longer by 40 %; what is filled in later stays."""
    parts = re.split(r"(\{[^}]*\})", text)
    words = "".join(p if p.startswith("{") else p.translate(MARKED) for p in parts)
    own = sum(len(p) for p in parts if not p.startswith("{"))
    more = round(own * (LONGER - 1))
    return words + ("~" * more if more < 6 else " " + "wört " * (more // 5))[: more + 1].rstrip()


def cut_off(root: QWidget) -> list[str]:
    """Visible texts that have less room than they need."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QLabel):
            continue
        text = widget.text()
        gives_way = widget.sizePolicy().horizontalPolicy() == widget.sizePolicy().Policy.Ignored
        if not text or gives_way or type(widget).__name__ == "PredictionBar":
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            short = widget.height() < widget.heightForWidth(widget.width()) - 1
        else:
            short = widget.width() < widget.sizeHint().width() - 1
        if short:
            found.append(f"{type(widget).__name__} {text!r}: {widget.width()} of "
                         f"{widget.sizeHint().width()} px")  # fmt: skip
    for area in root.findChildren(QScrollArea):
        inner = area.widget()
        if area.isVisible() and inner is not None:
            wide = inner.minimumSizeHint().width() - area.viewport().width()
            if wide > 0:
                found.append(f"a scrolled column is {wide} px too narrow")
    return found


def test_texts_that_are_40_percent_longer_have_room(
    qtbot, pseudo: None, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    window = opened(qtbot, [photo_files[0], rectangle_onnx])
    space = window.workspace
    assert space is not None
    assert "Rüñ".replace("ñ", "n") in space.run.run_button.text()
    space.run.expert_button.setChecked(True)
    qtbot.wait(50)
    assert (window.width(), window.height()) == SIZE, "the window grew"
    problems = cut_off(window)
    for action in (
        window.actions_.export, window.actions_.settings, window.actions_.shortcuts,
        window.actions_.about,
    ):  # fmt: skip
        action.trigger()
        qtbot.wait(50)
        dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
        assert dialog.width() <= SIZE[0] and dialog.height() <= SIZE[1]
        problems += [f"{dialog.windowTitle()}: {p}" for p in cut_off(dialog)]
        dialog.close()
        qtbot.wait(10)
    window.close()
    window.deleteLater()
    assert not problems, "\n".join(problems)


def test_a_missing_translation_is_noticed(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tools.ts_file("de").read_text(encoding="utf-8")
    whole = "<translation>Starten</translation>"
    (tmp_path / "decam_de.ts").write_text(
        text.replace(whole, '<translation type="unfinished"></translation>', 1), encoding="utf-8"
    )
    monkeypatch.setattr(tools, "FOLDER", tmp_path)
    problems = tools.check("de")
    assert any("no translation of" in p for p in problems)
    assert any("run release" in p for p in problems)


def test_a_lost_field_is_refused(tools: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "decam_de.ts"
    copy.write_bytes(tools.ts_file("de").read_bytes())
    with pytest.raises(SystemExit, match="expected the fields"):
        tools.fill(copy, {"ModelCard": {"Loading {0}...": "wird geladen"}})
