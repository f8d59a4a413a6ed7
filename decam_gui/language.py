"""The language of the window's texts: English as they are written, or a translation.

Whatever is translated is noted, so that a text on show can be said again in another language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from decam_gui.resources import resources_directory

# Each in its own words, because whoever looks for it may understand no other.
LANGUAGES = {"en": "English", "de": "Deutsch"}
SYSTEM = "system"
# Contexts of texts that are said by no widget.
COMMON = (
    "Actions", "words", "commands", "Comparing", "Cutting", "Editing", "Queueing",
    "SessionCommands", "PhotoModel",
)  # fmt: skip
_FIELD = re.compile(r"\{(\d+)(?:[:!][^}]*)?\}")
# Texts within texts ("Quick" in "Quick: 500 calls") are looked up to this depth.
_DEPTH = 2


class _Noting(QTranslator):
    """Asks the translations in turn, and notes under which text each source was shown."""

    def __init__(self, parent: QCoreApplication) -> None:
        super().__init__(parent)
        self.sources: tuple[QTranslator, ...] = ()

    def isEmpty(self) -> bool:  # noqa: N802
        """It has something to do in English as well."""
        return False

    def translate(  # type: ignore[override]
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """The first translation that is there, else the source."""
        text = source
        for translator in self.sources:
            found = translator.translate(context, source, disambiguation, n)
            if found:
                text = found
                break
        if n < 0:
            _note(text, context, source)
            if "&" in text:
                # A caption names its field as well, without the mark of its key.
                _note(text.replace("&", ""), context, source)
        return text


def _note(text: str, context: str, source: str) -> None:
    known = _shown.setdefault(text, {})
    if context not in known:
        known[context] = source
        _templates.cache_clear()


# Context, and the text in English.
Source = tuple[str, str]
# Text on show -> context -> what it is a translation of.
_shown: dict[str, dict[str, str]] = {}
_installed: list[_Noting] = []


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

    Texts that are on show already stay as they are: see :mod:`decam_gui.retranslation`.
    """
    key = resolve(name)
    # Numbers as the texts around them.
    system, spoken = QLocale.system(), QLocale(key)
    QLocale.setDefault(system if system.language() == spoken.language() else spoken)
    noting = _Noting(app)
    if key != "en":
        noting.sources = tuple(_translations(app, key))
    while _installed:
        old = _installed.pop()
        app.removeTranslator(old)
        old.deleteLater()
    app.installTranslator(noting)
    _installed.append(noting)
    return key


def _translations(app: QCoreApplication, key: str) -> Iterable[QTranslator]:
    """Ours first, then Qt's own words (standard buttons, file dialogs)."""
    for folder, file in (
        (resources_directory() / "translations", f"decam_{key}.qm"),
        (Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), f"qtbase_{key}.qm"),
    ):
        translator = QTranslator(app)
        if translator.load(str(folder / file)):
            yield translator


def again(text: str, contexts: Sequence[str], depth: int = _DEPTH) -> str:
    """A text that was shown in some language, in the one of now; itself where it is none of ours.

    Args:
        contexts: whose texts it may be, the likeliest first; names of classes, or of ``COMMON``.
    """
    if not text:
        return text
    known = _shown.get(text, {})
    if any(context in known for context in contexts):
        said = _translated([(c, known[c]) for c in contexts if c in known])
        return said if "&" in text else said.replace("&", "")
    if "\n" in text:
        return "\n".join(again(line, contexts, depth) for line in text.split("\n"))
    if depth == 0:
        return text
    # The one with the most words of its own says best what it is.
    for pattern, fields, sources in _templates(tuple(contexts)):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        said = {
            field: again(part, contexts, depth - 1)
            for field, part in zip(fields, match.groups(), strict=True)
        }
        return _FIELD.sub(lambda m, s=said: s[m.group(1)], _translated(sources))
    return text


@lru_cache(maxsize=256)
def _templates(
    contexts: tuple[str, ...],
) -> tuple[tuple[re.Pattern[str], tuple[str, ...], list[Source]], ...]:
    """Texts with fields as patterns: (pattern, fields in order, what they may be of)."""
    found = []
    for text, known in _shown.items():
        if "{" not in text or not _FIELD.sub("", text).strip(" ,:()"):
            continue
        sources = [(c, known[c]) for c in contexts if c in known]
        if not sources:
            continue
        parts = _FIELD.split(text)
        literal = sum(map(len, parts[::2]))
        pattern = "(.+?)".join(re.escape(p) for p in parts[::2])
        found.append((literal, re.compile(pattern, re.DOTALL), tuple(parts[1::2]), sources))
    found.sort(key=lambda f: -f[0])
    return tuple(f[1:] for f in found)


def _translated(sources: Sequence[Source]) -> str:
    """A text is asked for under the names of all its speaker's classes: one of them has it."""
    for context, source in sources if _installed else ():
        text = _installed[-1].translate(context, source)
        if text != source:
            return text
    return sources[0][1]
