"""What became of jobs: failures, dead letters and their replay, counts, and the clearing away of what is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Integer, String, delete, text
from sqlalchemy import Text as Words
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base
from widget_backend.errors import NotFound
from widget_backend.jobs.queue import ORDINARY, here
from widget_backend.texts import Text

#: how long a finished job is kept; a dead one stays until somebody looks at it
KEPT: Final = timedelta(days=3)

GONE = Text(
    "Этого задания нет среди остановленных: его уже повторили или удалили. Ничего не сделано: обновите список.",
    "This job is not among the stopped ones: it was repeated or removed already. Nothing was done: reload the list.",
)

_DEAD = text(
    """
    SELECT job.id, job.task_name, job.args, coalesce(fault.failures, 0) AS failures, coalesce(fault.kind, '') AS kind,
           coalesce(fault.message_ru, '') AS message_ru, coalesce(fault.message_en, '') AS message_en, fault.at
      FROM procrastinate_jobs job LEFT JOIN job_fault fault ON fault.job_id = job.id
     WHERE job.status = 'failed'
       AND (CAST(:installation_id AS bigint) IS NULL OR job.args ->> 'installation_id' = CAST(:installation_id AS text))
     ORDER BY job.id DESC
    """
)
_REPLAY = text(
    """
    UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = NULL, queueing_lock = NULL,
           queue_name = CASE WHEN queue_name = :ordinary THEN :queue ELSE queue_name END
     WHERE id = :id AND status = 'failed' RETURNING id
    """
)
_STATS = text(
    """
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting, count(*) FILTER (WHERE status = 'doing') AS running,
           count(*) FILTER (WHERE status = 'failed') AS dead,
           (SELECT extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at)))
              FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
             WHERE job.status = 'todo' AND event.type = 'deferred' AND coalesce(job.scheduled_at, now()) <= now()) AS oldest
      FROM procrastinate_jobs
    """
)
_OWN = text(
    """
    SELECT count(*) FILTER (WHERE job.status = 'todo') AS waiting, count(*) FILTER (WHERE job.status = 'doing') AS running,
           extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at)) FILTER (WHERE job.status = 'todo')) AS oldest
      FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
     WHERE job.status IN ('todo', 'doing') AND coalesce(job.scheduled_at, now()) <= now()
       AND job.args ->> 'installation_id' = CAST(:installation_id AS text)
    """
)
#: those that wait for a day far away are not counted
_IN_HAND = text(
    """
    SELECT DISTINCT lock FROM procrastinate_jobs
     WHERE status IN ('todo', 'doing') AND lock IS NOT NULL AND coalesce(scheduled_at, now()) < now() + interval '1 minute'
       AND args ->> 'installation_id' = CAST(:installation_id AS text)
    """
)
_BEAT = text("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
_DONE = text(
    """
    DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'cancelled', 'aborted') AND NOT EXISTS
        (SELECT 1 FROM procrastinate_events event WHERE event.job_id = procrastinate_jobs.id AND event.at >= :before)
    RETURNING id
    """
)


class JobFault(Base):
    """Why a job has not succeeded yet. ``failures``: tries that failed; waits for a rate limit are none."""

    __tablename__ = "job_fault"

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(100))
    message_ru: Mapped[str] = mapped_column(Words)
    message_en: Mapped[str] = mapped_column(Words)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead job: what it was to do, why it could not, when it gave up."""

    job_id: int
    task: str
    args: dict[str, Any]
    failures: int
    kind: str
    message: Text
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Stats:
    """Jobs by state, and how many seconds the oldest that is due has waited."""

    waiting: int
    running: int
    dead: int
    oldest_wait: float


@dataclass(frozen=True, slots=True)
class Queue:
    """One installation's jobs that are due. ``oldest_wait``: seconds; ``beat``: seconds since any worker was last heard of,
    ``None`` where there is none."""

    waiting: int
    running: int
    oldest_wait: float
    beat: float | None


def note(session: Session, job_id: int, kind: str, message: Text, *, counts: bool) -> int:
    """Remember why a try ended; how many tries have failed now."""
    row = insert(JobFault).values(
        job_id=job_id,
        failures=int(counts),
        kind=kind,
        message_ru=message.ru,
        message_en=message.en,
        at=now(),
    )
    kept: dict[str, Any] = {name: row.excluded[name] for name in ("kind", "message_ru", "message_en", "at")}
    kept["failures"] = JobFault.failures + int(counts)
    noted = row.on_conflict_do_update(index_elements=["job_id"], set_=kept).returning(JobFault.failures)
    return session.execute(noted).scalar_one()


def forget(session: Session, job_id: int) -> None:
    """It succeeded after all."""
    session.execute(delete(JobFault).where(JobFault.job_id == job_id), execution_options={"synchronize_session": False})


def dead(session: Session, installation_id: int | None = None) -> Sequence[Letter]:
    """The dead letters, of one installation or of all, the newest first."""
    return [
        Letter(row.id, row.task_name, row.args, row.failures, row.kind, Text(row.message_ru, row.message_en), row.at)
        for row in session.execute(_DEAD, {"installation_id": installation_id})
    ]


def replay(session: Session, job_id: int) -> None:
    """Put a dead job back into its queue with its failures forgiven; in a block ``of_queue``, an ordinary one into that. Raises
    :class:`NotFound` if it is not dead."""
    told = {"id": job_id, "ordinary": ORDINARY, "queue": here()}
    if session.execute(_REPLAY, told).scalar_one_or_none() is None:
        raise NotFound(GONE)
    forget(session, job_id)


def stats(session: Session) -> Stats:
    """Counts of this moment, for the monitoring."""
    row = session.execute(_STATS).one()
    return Stats(row.waiting, row.running, row.dead, float(row.oldest or 0.0))


def standing(session: Session, installation_id: int) -> Queue:
    """What an installation waits for at this moment."""
    row, beat = session.execute(_OWN, {"installation_id": installation_id}).one(), session.execute(_BEAT).scalar()
    return Queue(row.waiting, row.running, float(row.oldest or 0.0), None if beat is None else float(beat))


def in_hand(session: Session, installation_id: int) -> frozenset[str]:
    """Locks of an installation's jobs that run, or are due within a minute."""
    return frozenset(session.execute(_IN_HAND, {"installation_id": installation_id}).scalars())


def housekeep(session: Session) -> int:
    """Clear away jobs that ended well long enough ago; how many."""
    return len(session.execute(_DONE, {"before": now() - KEPT}).all())
