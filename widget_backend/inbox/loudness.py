"""Loudness: accounts that tell much more than others stand in a queue of their own. Of one process; asks no database.

Somebody imports ten thousand deals: the clinics beside him must not notice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from widget_backend.jobs import LOUD, ORDINARY
from widget_backend.jobs.queue import of_queue

#: what an account may tell, and so is worked on in its turn: a second, and how many at once
RATE: Final = 2.0
BURST: Final = 60
#: accounts that are remembered
MOST: Final = 20_000


def of_many(count: int) -> AbstractContextManager[None]:
    """For the jobs of so many records of one account that nobody tells of one by one: beyond a burst they are loud too."""
    return of_queue(LOUD) if count > BURST else nullcontext()


class Loudness:
    """Counts what each account tells, as a budget that fills up again (GCRA). Used by threads at once: a lost count does not
    matter."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[int, float] = {}

    def queue(self, installation_id: int, count: int = 1) -> str:
        """That of the jobs for what the account tells now, of so many records."""
        now = self._clock()
        if len(self._full_at) >= MOST:
            self._full_at.clear()
        full_at = max(self._full_at.get(installation_id, now), now) + count / RATE
        if full_at - now > BURST / RATE:
            return LOUD
        self._full_at[installation_id] = full_at
        return ORDINARY
