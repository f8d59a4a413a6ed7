"""Files from results. A new format is one file with a function, and one line in ``FORMATS``."""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from decam_engine.errors import ExportError, SettingsError
from decam_engine.reports.arrays import input_file, npy_file, npz_file
from decam_engine.reports.figure import figure_file
from decam_engine.reports.html import html_file
from decam_engine.reports.images import png_files
from decam_engine.reports.manifest import fingerprint, json_file, sealed
from decam_engine.reports.template import Template, read_logo, read_template

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "Template",
    "check_formats",
    "read_logo",
    "read_template",
    "save",
]

# A writer returns the files it makes: (what follows the base name, content).
Writer = Callable[["Explanation", Template], list[tuple[str, bytes]]]


def _pdf_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """Loads the libraries of PDF files, which are large, when the first one is written."""
    from decam_engine.reports.pdf import pdf_file  # noqa: PLC0415 - large

    return pdf_file(explanation, template)


FORMATS: dict[str, Writer] = {
    "png": png_files,
    "npy": npy_file,
    "json": json_file,
    "npz": npz_file,
    "input": input_file,
    "figure": figure_file,
    "html": html_file,
    "pdf": _pdf_file,
}
_MANIFEST = ".json"
DEFAULT_FORMATS = ("png", "npy", "json")
# Bytes of UTF-8: file systems allow 255 for the whole name.
MAX_NAME = 90
MAX_NUMBERED = 10_000


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats in order, each once.

    Raises:
        SettingsError: unknown, or none.
    """
    if isinstance(formats, str):
        formats = [formats]
    unknown = [f for f in formats if f not in FORMATS]
    if unknown or not formats:
        raise SettingsError(
            f"The format must be one of {', '.join(FORMATS)}, found "
            f"{', '.join(repr(f) for f in unknown) or 'none'}."
        )
    return tuple(dict.fromkeys(formats))


def save(
    explanation: Explanation,
    directory: Path,
    formats: Sequence[str],
    template: Template | None = None,
) -> list[Path]:
    """See :meth:`decam_engine.explanation.Explanation.save`."""
    chosen = check_formats(formats)
    used = Template() if template is None else template
    files = [file for name in chosen for file in FORMATS[name](explanation, used)]
    others = {suffix: content for suffix, content in files if suffix != _MANIFEST}
    # The manifest answers for the files of its save.
    files = [(s, sealed(data, others) if s == _MANIFEST else data) for s, data in files]
    suffixes = [suffix for suffix, _ in files]
    staged: list[Path] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for _, content in files:
            staged.append(_stage(directory, content))
        for base, mine in _bases(explanation, directory, suffixes):
            finals = [directory / (base + suffix) for suffix in suffixes]
            if _publish(staged, finals, mine):
                return finals
        raise OSError(f"{MAX_NUMBERED} results of this name exist")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(
            f"The result could not be written to {directory}: expected a folder with room that may "
            f"be written to, found: {reason}. The result is still in memory; choose another folder."
        ) from None
    finally:
        for part in staged:
            part.unlink(missing_ok=True)


def _stage(directory: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=".decam-", suffix=".part", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes private files; results are as readable as the user's other files.
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)
    except BaseException:  # an interruption, too, must not leave the file behind
        path.unlink(missing_ok=True)
        raise
    return path


def _publish(staged: Sequence[Path], finals: Sequence[Path], mine: bool) -> bool:
    """Give the staged files their names, all or none.

    Where the names are ``mine`` (an older save of the same result) they are replaced;
    otherwise they must be free: False when somebody else took one in the meantime.
    """
    done: list[Path] = []
    try:
        for part, final in zip(staged, finals, strict=True):
            if mine:
                part.replace(final)
            else:
                _name(part, final)
            done.append(final)
    except FileExistsError:
        for final in done:
            final.unlink(missing_ok=True)
        return False
    except BaseException:
        if not mine:
            for final in done:
                final.unlink(missing_ok=True)
        raise
    return True


def _name(part: Path, final: Path) -> None:
    """Name a staged file without ever overwriting; the staged name is removed by the caller."""
    try:
        os.link(part, final)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (FAT on a USB stick).
        if final.exists():
            raise FileExistsError(final) from None
        part.replace(final)


def _bases(
    explanation: Explanation, directory: Path, suffixes: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    """Base names whose files are missing (False), or belong to the same result (True)."""
    method = str(explanation.settings["method"])
    stem = safe_name(Path(explanation.photo.name).stem)
    base = f"{stem}.{safe_name(explanation.target.label)}.{method}"
    mine = fingerprint(explanation)
    for number in range(1, MAX_NUMBERED):
        name = base if number == 1 else f"{base}-{number}"
        # A manifest of another result keeps the name, whatever formats are saved: files of
        # one name belong together.
        taken = [s for s in (_MANIFEST, *suffixes) if (directory / (name + s)).exists()]
        if not taken:
            yield name, False
        elif _same_result(directory / f"{name}{_MANIFEST}", mine):
            yield name, True


def is_result(manifest: Path, explanation: Explanation) -> bool:
    """Whether a manifest is of this result: the same map of the same question."""
    return _same_result(manifest, fingerprint(explanation))


def _same_result(path: Path, mine: str) -> bool:
    try:
        other = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return False
    return isinstance(other, dict) and other.get("fingerprint") == mine


def safe_name(text: str) -> str:
    """A file name part that every system takes: letters of any script, digits, ``-`` and ``_``."""
    plain = unicodedata.normalize("NFC", text)
    name = re.sub(r"[^\w-]+", "_", plain).strip("_")
    name = name.encode("utf-8", "ignore")[:MAX_NAME].decode("utf-8", "ignore")
    # Names that Windows keeps for devices.
    if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", name):
        name += "_"
    return name or "unnamed"
