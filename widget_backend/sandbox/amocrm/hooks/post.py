"""The vendor's post office: every address is served in a thread of its own, so that a slow one delays nobody else."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, Sender, hand_over, take

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

log = logging.getLogger(__name__)


class Post:
    """Hands out what is due, in order for each address."""

    def __init__(self, account: Account, sender: Sender) -> None:
        self._account = account
        self._sender = sender
        self._busy: set[str] = set()

    def hand_out(self) -> int:
        """Begin to send all that is due, without waiting for it; answers how many deliveries were taken."""
        due = take(self._account, frozenset(self._busy))
        rounds: dict[str, list[Delivery]] = {}
        for delivery in due:
            rounds.setdefault(delivery.url, []).append(delivery)
        for url, deliveries in rounds.items():
            self._busy.add(url)
            threading.Thread(target=self._serve, args=(url, deliveries), name="sandbox:post", daemon=True).start()
        return len(due)

    def _serve(self, url: str, deliveries: list[Delivery]) -> None:
        try:
            for delivery in deliveries:
                hand_over(self._account, delivery, self._sender)
        except Exception:  # the other addresses are served all the same
            log.exception("sandbox could not hand out to one address")
        finally:
            self._busy.discard(url)
