"""The standalone application checks its own files: has the download, or the disk, changed them?"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from decam_engine.errors import DecamError

SUMS = "SHA256SUMS"
# Problems named in full; of more only the number is said.
MOST_NAMED = 10


class BundleError(DecamError):
    """The standalone application is not as it was built, or this is none."""


def check_bundle() -> str:
    """Compare every file of the application with the sums it was built with.

    Returns:
        one sentence that says how many files are as they were built.

    Raises:
        BundleError: files are changed, missing or added; or this is no standalone application.
    """
    inside = getattr(sys, "_MEIPASS", None)
    if inside is None:
        raise BundleError(
            "--check compares the files of the standalone application with its sums; this is an "
            "ordinary installation, whose files pip records."
        )
    sums = Path(inside) / SUMS
    # The programs lie above the inner folder; in an app of macOS everything lies elsewhere.
    return compare(sums.parent.parent, sums)


def compare(folder: Path, sums: Path) -> str:
    """Compare the files below ``folder`` with those that ``sums`` lists.

    Raises:
        BundleError: as above.
    """
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BundleError(
            f"The list of sums {sums} cannot be read ({error.strerror}). Download the application "
            "again."
        ) from None
    wanted = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if (path.is_file() or path.is_symlink()) and path != sums
    }
    wrong = [f"{name} is missing" for name in wanted.keys() - found.keys()]
    wrong += [f"{name} was added" for name in found.keys() - wanted.keys()]
    wrong += [
        f"{name} was changed"
        for name in wanted.keys() & found.keys()
        if _digest(found[name]) != wanted[name]
    ]
    if wrong:
        named = "; ".join(sorted(wrong)[:MOST_NAMED])
        more = f"; and {len(wrong) - MOST_NAMED:,} more" if len(wrong) > MOST_NAMED else ""
        raise BundleError(
            f"The application in {folder} is not as it was built: {named}{more}. Download it "
            "again and compare the sum of the download."
        )
    return f"All {len(wanted):,} files are as they were built."


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
