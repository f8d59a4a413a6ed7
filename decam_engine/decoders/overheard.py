"""What libtiff says on standard error, caught: the user is told in a sentence instead."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator

STANDARD_ERROR = 2
# "ZIPDecode: Decoding error at scanline 0, incorrect data check."
_COMPLAINT = re.compile(rb"^[\w.]+: .*\.$")
_WARNING = re.compile(rb"^[\w.]+: Warning, ")
# The descriptor is the process's: one thread at a time borrows it.
_borrowing = threading.Lock()


@contextlib.contextmanager
def overheard() -> Iterator[list[str]]:
    """Catch libtiff's messages; its errors are in the list that is yielded, once it is over.

    Pillow leaves libtiff's own handlers in place, which write to the process's standard error.
    Lines of another shape, from another thread, are written there afterwards. Where there is no
    standard error (a windowed program), nothing is caught and nothing can be seen either.
    """
    errors: list[str] = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(_borrowing)
        try:
            kept = os.dup(STANDARD_ERROR)
            stack.callback(os.close, kept)
            file = stack.enter_context(tempfile.TemporaryFile())
            os.dup2(file.fileno(), STANDARD_ERROR)
        except OSError:
            yield errors
            return
        try:
            yield errors
        finally:
            os.dup2(kept, STANDARD_ERROR)
            file.seek(0)
            for line in file:
                if not _COMPLAINT.match(line.rstrip()):
                    with contextlib.suppress(OSError):
                        os.write(STANDARD_ERROR, line)
                elif not _WARNING.match(line):
                    errors.append(line.decode("utf-8", "replace").strip())
