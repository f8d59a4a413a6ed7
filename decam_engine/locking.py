"""A lock between processes that goes with the process, however it ends."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Lock:
    """An exclusive lock on a file. The file stays; the lock ends with the process at the latest.

    On file systems that know no locks it is always granted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take it; False when another has it.

        Raises:
            OSError: the file cannot be made.
        """
        stream = self.path.open("ab")
        try:
            if sys.platform == "win32":
                stream.seek(0)
                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            stream.close()
            return False
        except OSError:
            # Some network file systems: better without than not at all.
            pass
        self._stream = stream
        return True

    def release(self) -> None:
        """Let others take it."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
