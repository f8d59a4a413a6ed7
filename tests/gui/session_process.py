"""A window in a process of its own, to be killed: opens files, queues them, says what is kept.

    python -m tests.gui.session_process MODEL PHOTO...

Writes ``kept N`` whenever the N-th result lies on disk; runs until it is killed.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Until somebody kills it."""
    from decam_gui.app import make_application
    from decam_gui.main_window import MainWindow
    from decam_gui.session import RunSettings

    app = make_application(["session-process"])
    window = MainWindow()
    window.show()
    window.open([Path(p) for p in sys.argv[1:]])
    window.open_workspace()
    space = window.workspace
    assert space is not None
    session = space.session
    photos = len(sys.argv) - 2
    kept = 0

    def begin() -> None:
        if session.queue.entries or len(session.paths) < photos or not session.can_run():
            return
        session.change_settings(RunSettings(calls=120))
        session.run_photos(session.paths[:-1])
        session.change_settings(RunSettings(calls=500_000, seed=7))
        session.run_photos(session.paths[-1:])

    def count(*_: object) -> None:
        nonlocal kept
        kept += 1
        sys.stdout.write(f"kept {kept}\n")
        sys.stdout.flush()

    session.scores_changed.connect(begin)
    session.photos_listed.connect(begin)
    space.workers.keeper.kept.connect(count)
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
