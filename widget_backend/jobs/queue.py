"""The way into the queue: a job is part of the caller's transaction, or it never was."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from procrastinate import App

_WAITING = text(
    "SELECT id FROM procrastinate_jobs WHERE queueing_lock = :name AND status = 'todo' FOR NO KEY UPDATE",
)
_SOONER = text(
    """
    UPDATE procrastinate_jobs SET scheduled_at = CAST(:at AS timestamptz)
     WHERE id = :id AND scheduled_at > coalesce(CAST(:at AS timestamptz), now())
    """
)


#: what accounts tell that tell much more than others is worked on beside the rest, by fewer hands
ORDINARY: Final = "default"
LOUD: Final = "loud"
#: that of the job at work here
_queue: ContextVar[str] = ContextVar("queue", default=ORDINARY)


@contextmanager
def of_queue(queue: str) -> Iterator[None]:
    """Jobs made in the block go to this queue: what follows from a job that can wait can wait."""
    token = _queue.set(queue)
    try:
        yield
    finally:
        _queue.reset(token)


def here() -> str:
    """The queue that jobs made here go to."""
    return _queue.get()


def enqueue(
    session: Session, name: str, *, lock: str = "", queueing_lock: str = "", at: datetime | None = None, **args: Any
) -> int:
    """Put a job of the task ``name`` into the queue; the id of the job.

    ``lock``: jobs of the same lock run one at a time, in the order they came, also while one of them waits for its next
    try. ``queueing_lock``: while one of the same waits, no second is made and that one's id is given; it does not start
    before the caller's transaction ends, so it sees what the caller has written, and it is tried no later than a new one
    would be. ``at``: not before then. ``args`` are JSON and carry ids, never secrets.
    """
    while True:
        if queueing_lock:
            waiting = session.execute(_WAITING, {"name": queueing_lock}).scalar_one_or_none()
            if waiting is not None:
                session.execute(_SOONER, {"id": waiting, "at": at})
                return int(waiting)
        made = _make(session, name, lock, queueing_lock, at, args)
        if made is not None:
            return made


def _make(
    session: Session, name: str, lock: str, queueing_lock: str, at: datetime | None, args: dict[str, Any]
) -> int | None:
    """The new job; nothing where another process was faster with the same queueing lock."""
    from procrastinate.exceptions import AlreadyEnqueued

    try:
        # a refusal must not end the caller's transaction; the savepoint is set when the session is first used in the block
        with session.begin_nested():
            job = _app().configure_task(
                name,
                lock=lock or None,
                queueing_lock=queueing_lock or None,
                schedule_at=at,
                queue=here(),
                connection=session.connection().connection.driver_connection,
            )
            return job.defer(**args)
    except AlreadyEnqueued:
        return None


@functools.cache
def _app() -> App:
    """Only writes jobs, on connections it is given: it never opens one of its own."""
    from procrastinate import App, SyncPsycopgConnector

    quiet()
    return App(connector=SyncPsycopgConnector())


def quiet() -> None:
    """Keep the arguments of jobs out of the log: ours says which job it is."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    outcomes = logging.getLogger("procrastinate.worker")
    outcomes.filters[:] = [_is_no_outcome]


def _is_no_outcome(record: logging.LogRecord) -> bool:
    return not str(getattr(record, "action", "")).startswith("job_")
