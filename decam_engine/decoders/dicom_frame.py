"""Run as a program of its own: one compressed DICOM frame from standard input to standard output.

The libraries that know the medical kinds of JPEG end the whole process on some damaged files,
so they run where nothing is lost but the frame. Imports nothing of this package. In: the number
of the frame in a line, then the file. Out: the frame as ``.npy``; nothing, and an exit code
other than 0, when it could not be decoded.
"""

from __future__ import annotations

import contextlib
import io
import sys

ARGUMENT = "--decam-dicom-frame"
# Bytes of address space: enough for the largest picture that is read, not for a bomb.
MEMORY = 6_000_000_000


def main() -> int:
    """0 when the frame was written."""
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        # The file may hold a patient's data: no copy of the memory is left behind.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import numpy as np  # noqa: PLC0415
    from pydicom import dcmread  # noqa: PLC0415
    from pydicom.pixels.utils import pixel_array  # noqa: PLC0415

    index = int(sys.stdin.buffer.readline())
    dataset = dcmread(io.BytesIO(sys.stdin.buffer.read()), force=True)
    frame = pixel_array(dataset, index=index)
    # numpy would ask a pipe for its position.
    out = io.BytesIO()
    np.save(out, frame, allow_pickle=False)
    sys.stdout.buffer.write(out.getvalue())
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
