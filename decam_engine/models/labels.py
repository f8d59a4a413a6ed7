"""Class names, and finding the class that a user means."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Sequence
from pathlib import Path

from decam_engine.errors import ModelError, SettingsError

MAX_LABEL_BYTES = 20_000_000


def read_labels(path: str | Path) -> tuple[str, ...]:
    """Class names from a UTF-8 text file, one a line, in the order of the model's output.

    Raises:
        ModelError: missing, unreadable or not text.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MAX_LABEL_BYTES:
            raise ModelError(f"The label file {file} is too large to be a list of names.")
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The label file {file} could not be read ({error}). Expected UTF-8 text, one class "
            "name a line."
        ) from None
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(line.strip() for line in lines)


def find_class(target: int | str, labels: Sequence[str] | None, count: int) -> int:
    """The class index that ``target`` (an index, or a label's name) means.

    A name is compared exactly first, then without regard to case; a number in quotes is
    an index.

    Raises:
        SettingsError: out of range, unknown (the nearest names are suggested) or ambiguous.
    """
    if isinstance(target, str):
        return _by_name(target, labels, count)
    try:
        index = operator.index(target)
    except TypeError:
        raise SettingsError(
            f"The target must be a class index or a class name, found {target!r}."
        ) from None
    if isinstance(target, bool):
        raise SettingsError(
            "The target must be a class index or a class name, found a truth value."
        )
    if not 0 <= index < count:
        raise SettingsError(
            f"The target index must lie in 0..{count - 1} for this model of {count} classes, "
            f"found {index}."
        )
    return index


def _by_name(name: str, labels: Sequence[str] | None, count: int) -> int:
    wanted = name.strip()
    names = list(labels or ())
    for matches in (
        [i for i, label in enumerate(names) if label == wanted],
        [i for i, label in enumerate(names) if label.casefold() == wanted.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            indices = ", ".join(str(i) for i in matches)
            raise SettingsError(
                f"The model has {len(matches)} classes named {wanted!r} (indices {indices}). "
                "Give the index instead."
            )
    if re.fullmatch(r"-?[0-9]{1,9}", wanted):
        return find_class(int(wanted), labels, count)
    if not names:
        raise SettingsError(
            f"The class names of this model are not known, so {wanted!r} cannot be found: expected "
            f"an index in 0..{count - 1}, or labels given with the model."
        )
    folded = {label.casefold(): label for label in names}
    near = difflib.get_close_matches(wanted.casefold(), folded, n=3, cutoff=0.5)
    near += [key for key in folded if wanted.casefold() in key and key not in near][:3]
    hint = (
        "Did you mean " + " or ".join(repr(folded[key]) for key in near[:3]) + "?"
        if near
        else "List the model's answer with: decam predict IMAGE --model MODEL"
    )
    raise SettingsError(f"The model has no class named {wanted!r} among its {count}. {hint}")
