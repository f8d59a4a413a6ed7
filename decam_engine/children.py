"""A frozen application is its own interpreter: some of its starts are child processes.

Both programs of a bundle ask here first, before they import what such a child does not need.
"""

from __future__ import annotations

from collections.abc import Sequence

from decam_engine.decoders import dicom_frame
from decam_engine.models import probe_child


def run_as_child(arguments: Sequence[str]) -> int | None:
    """Exit code of the child that these arguments ask for; None: an ordinary start."""
    match list(arguments):
        case [probe_child.ARGUMENT]:
            return probe_child.main()
        case [dicom_frame.ARGUMENT]:
            return dicom_frame.main()
        case _:
            return None
