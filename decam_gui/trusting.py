"""Shows in the card what is known of the map, and passes on what is asked for there."""

from __future__ import annotations

from PySide6.QtCore import QObject

from decam_gui.session import Session
from decam_gui.trust import Standing, Trust
from decam_gui.views.trust_card import TrustCard


class Trusting(QObject):
    """Between the trust and its card."""

    def __init__(self, session: Session, trust: Trust, card: TrustCard, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._trust, self._card = session, trust, card
        card.set_auto(trust.auto)
        card.check_requested.connect(trust.check)
        card.second_requested.connect(trust.search_again)
        card.stop_requested.connect(trust.stop)
        card.auto_changed.connect(trust.set_auto)
        trust.changed.connect(self._show)
        trust.progressed.connect(self._progress)
        self._show()

    def say_again(self) -> None:
        """In another language."""
        self._show()

    def _show(self) -> None:
        trust, card = self._trust, self._card
        standing, result, record = trust.standing(), trust.result, trust.record()
        can = trust.can_assess()
        if result is None or standing is Standing.NONE:
            card.show_empty()
            return
        if standing is Standing.RUNNING:
            card.show_checking()
        elif standing is Standing.UNCHECKED:
            card.show_unchecked(can_check=can)
        elif standing is Standing.FAILED:
            card.show_failed(record.problem, can_check=can)
        else:
            card.show_checked(result, standing is Standing.BETTER, can_check=can)
            if record.problem:
                card.add_warnings((record.problem,))
        if result.stability is not None:
            card.add_stability(result.stability)
        running = trust.running
        mine = running is not None and running.result is result
        card.show_running(mine, 0, running.calls if running is not None else 0)

    def _progress(self, calls: int, of: int) -> None:
        running = self._trust.running
        if running is not None and running.result is self._trust.result:
            self._card.show_running(True, calls, of)
