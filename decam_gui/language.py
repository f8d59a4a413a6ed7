"""The language of the window's texts: English as they are written, or a translation."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from decam_gui.resources import resources_directory

# Each in its own words, because whoever looks for it may understand no other.
LANGUAGES = {"en": "English", "de": "Deutsch"}
SYSTEM = "system"

_installed: list[QTranslator] = []


def resolve(name: str) -> str:
    """A key of ``LANGUAGES`` for a setting: ``system``, or anything else as it is."""
    if name in LANGUAGES:
        return name
    for wanted in QLocale.system().uiLanguages():
        short = wanted.partition("-")[0]
        if short in LANGUAGES:
            return short
    return "en"


def apply(app: QCoreApplication, name: str) -> str:
    """Use a language for every text that is asked for from now on; returns its key.

    Texts that are on show already stay as they are.
    """
    while _installed:
        app.removeTranslator(_installed.pop())
    key = resolve(name)
    QLocale.setDefault(QLocale(key) if name in LANGUAGES else QLocale.system())
    if key == "en":
        return key
    # Qt's own words (standard buttons, file dialogs) first, so that ours come before them.
    for folder, file in (
        (Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), f"qtbase_{key}.qm"),
        (resources_directory() / "translations", f"decam_{key}.qm"),
    ):
        translator = QTranslator(app)
        if translator.load(str(folder / file)):
            app.installTranslator(translator)
            _installed.append(translator)
    return key
