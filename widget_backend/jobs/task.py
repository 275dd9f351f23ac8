"""Task: a function with a name, and what becomes of a job of it that failed. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.errors import RateLimited, VendorError

#: longest pause, in seconds, between two tries of a job
LONGEST = 300.0


@dataclass(frozen=True, slots=True)
class Task:
    """``run`` takes the job's arguments by name; with ``installation_id`` among them it runs in that scope.

    ``schedule``: five fields of cron, UTC, for a task without arguments. ``attempts``: how often a job is tried while the
    vendor or the database is away; waits that a rate limit asks for do not count.
    """

    name: str
    run: Callable[..., None]
    schedule: str = ""
    attempts: int = 10


def counts(error: Exception) -> bool:
    """Whether this is a failed try: a wait that a rate limit asks for is none."""
    return not isinstance(error, RateLimited)


def pause(error: Exception, failures: int, attempts: int) -> float | None:
    """Seconds until the next try, ``None`` for never. ``failures``: how many tries have failed, this one included."""
    if isinstance(error, RateLimited):
        return max(1.0, error.wait)
    passing = isinstance(error, VendorError) and error.retry == "later"
    if (passing or isinstance(error, OperationalError | InterfaceError)) and failures < attempts:
        return min(LONGEST, 2.0**failures)
    return None


def arguments(args: dict[str, Any]) -> dict[str, Any]:
    """What the task's function is called with: a schedule's own time stamp is not among it."""
    return {name: value for name, value in args.items() if name != "timestamp"}
