"""A cloud portal's two limits: the leaky bucket per source address, and working time per application and method."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

BUCKET_SECONDS = 60
BUCKETS = 10

#: calls up to this long are not counted
COUNTED_ABOVE = 0.1

#: plan family -> (leak per second, capacity)
RATES = {"ent": (5.0, 250.0)}
RATE_OF_OTHERS = (2.0, 50.0)


def rate_of(plan: str) -> tuple[float, float]:
    """Leak and capacity of a plan such as ``std`` or ``ent250``."""
    return next((rate for family, rate in RATES.items() if plan.startswith(family)), RATE_OF_OTHERS)


@dataclass
class LeakyBucket:
    """Requests of one source address; one more is let in as long as it fits."""

    level: float = 0.0
    seen_at: float = 0.0

    def admits(self, now: float, leak: float, capacity: float) -> bool:
        """Whether a request may pass; a refused one adds nothing."""
        self.level = max(0.0, self.level - max(0.0, now - self.seen_at) * leak)
        self.seen_at = now
        if self.level + 1 > capacity:
            return False
        self.level += 1
        return True


@dataclass
class Operating:
    """Working seconds by (application, method) and minute."""

    spent: dict[tuple[str, str], dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, key: tuple[str, str], now: float, seconds: float) -> None:
        """Count a finished call, if it was long enough to be counted."""
        if seconds > COUNTED_ABOVE:
            minute = int(now // BUCKET_SECONDS)
            self.spent[key][minute] = self.spent[key].get(minute, 0.0) + seconds

    def total(self, key: tuple[str, str], now: float) -> float:
        """Seconds spent within the last ten buckets."""
        return sum(self._current(key, now).values())

    def reset_at(self, key: tuple[str, str], now: float) -> int:
        """When the oldest counted bucket is forgotten."""
        oldest = min(self._current(key, now), default=int(now // BUCKET_SECONDS))
        return (oldest + BUCKETS) * BUCKET_SECONDS

    def _current(self, key: tuple[str, str], now: float) -> dict[int, float]:
        first = int(now // BUCKET_SECONDS) - BUCKETS + 1
        self.spent[key] = {minute: spent for minute, spent in self.spent[key].items() if minute >= first}
        return self.spent[key]
