"""Several files at once: all appear, or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from decam_engine.errors import ExportError


def publish(paths: Sequence[Path], write: Callable[[IO[bytes], Path], None]) -> list[Path]:
    """Write files beside their places first, then give all of them their names.

    Existing ones are replaced.

    Args:
        write: puts the content for a path into a stream.

    Raises:
        ExportError: a folder or the disk does not take them.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".decam-", suffix=".part", dir=path.parent)
            staged.append((Path(name), path))
            with os.fdopen(handle, "wb") as stream:
                write(stream, path)
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp makes private files; reports are as readable as the user's other files.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
        for part, path in staged:
            part.replace(path)
    except OSError as error:
        raise ExportError(
            f"The report could not be written to {paths[0].parent}: expected a folder with room "
            f"that may be written to, found: {error.strerror or error}. Choose another folder."
        ) from None
    finally:
        for part, _ in staged:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return list(paths)
