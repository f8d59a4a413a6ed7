"""Foreign text made fit to be shown: names, labels and metadata may hold anything.

What a reader cannot see, or what reorders what a reader sees (control characters, bidi overrides,
lone surrogates), is written out as ``<U+202E>``. What remains keeps its own direction, because it
stands between isolates, which the writers of the formats turn into their own.
"""

from __future__ import annotations

import re
import shlex
import unicodedata

# First strong isolate ... pop directional isolate.
OPEN, CLOSE = "\u2068", "\u2069"
MOST = 160
# Joiners are part of Persian, Indic and emoji spelling, and reorder nothing.
_JOINERS = "\u200c\u200d"
# Runs of Hebrew, Arabic, Syriac, ... words.
_R = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_LEFTWARD = re.compile(f"[{_R}](?:[{_R} ]*[{_R}])?")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def plain(text: object, most: int = MOST) -> str:
    """One line without hidden characters, at most about ``most`` characters of the original."""
    whole = str(text)
    shown = "".join(_visible(c) for c in whole[:most])
    if len(whole) > most:
        shown += f"\u2026 ({len(whole):,} characters)"
    return shown


def foreign(text: object, most: int = MOST) -> str:
    """As :func:`plain`, between isolates: to stand within our own sentences."""
    return f"{OPEN}{plain(text, most)}{CLOSE}"


def quoted(text: object, most: int = MOST) -> str:
    """As :func:`foreign`, in quotation marks."""
    return f"\u201c{foreign(text, most)}\u201d"


def without_isolates(text: str) -> str:
    """For formats that order right-to-left text by its letters alone."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def steadied(text: str) -> str:
    """For writers that order text run by run and know no isolates.

    A mark after each run of right-to-left letters keeps the signs and numbers after it where they
    are read, and one at the start of the line keeps its direction.
    """
    bare = without_isolates(text)
    strong = [w for c in bare if (w := unicodedata.bidirectional(c)) in ("L", "R", "AL")]
    if "L" not in strong:
        return bare
    marked = _LEFTWARD.sub(lambda m: f"{m[0]}\u200e", bare)
    return marked if strong[0] == "L" else f"\u200e{marked}"


def _visible(c: str) -> str:
    if c in _JOINERS or unicodedata.category(c) not in _HIDDEN:
        return c
    return f"<U+{ord(c):04X}>"


def for_shell(text: object) -> str:
    """A word of a command line, quoted for a POSIX shell; hidden characters as escapes."""
    whole = str(text)
    if all(_visible(c) == c for c in whole):
        return shlex.quote(whole)
    data = whole.encode("utf-8", "surrogateescape" if _escaped(whole) else "surrogatepass")
    inner = "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in data)
    return f"$'{inner}'"


def _escaped(text: str) -> bool:
    return all(0xDC80 <= ord(c) <= 0xDCFF for c in text if unicodedata.category(c) == "Cs")


def percent(fraction: float) -> str:
    """``22.3 %``: three digits, never 0 or 100 for what is not."""
    value = 100.0 * fraction
    digits = 1 if value >= 0.1 or value == 0 else 2
    text = f"{value:.{digits}f}"
    if fraction < 1 and text == "100.0":
        text = "99.9"
    return f"{text}\u00a0%"


def number(value: float | None) -> str:
    """A probability or an area: three decimals."""
    return "not a number" if value is None else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference: three decimals, with a true minus sign."""
    return f"{value:.3f}".replace("-", "\u2212")
