"""The request rate: sliding windows of one second per client and per account, and the block after too many refusals."""

from __future__ import annotations

from collections import defaultdict, deque

WINDOW_SECONDS = 1.0
REFUSALS_SECONDS = 60.0


class Rate:
    """Admitted requests of the last second, by client and altogether, and the refusals of the last minute."""

    def __init__(self) -> None:
        self._clients: dict[str, deque[float]] = defaultdict(deque)
        self._account: deque[float] = deque()
        self._refusals: deque[float] = deque()

    def admits(self, now: float, client: str, per_client: int, per_account: int) -> bool:
        """Count one request, or refuse it; a refused one does not count."""
        own = self._clients[client]
        for window in (own, self._account):
            _forget(window, now - WINDOW_SECONDS)
        if len(own) >= per_client or len(self._account) >= per_account:
            self._refusals.append(now)
            return False
        own.append(now)
        self._account.append(now)
        return True

    def refusals(self, now: float) -> int:
        """How many were refused within a minute."""
        _forget(self._refusals, now - REFUSALS_SECONDS)
        return len(self._refusals)


def _forget(window: deque[float], before: float) -> None:
    while window and window[0] <= before:
        window.popleft()
