"""The worker's pulse: takes back jobs of workers that died, and keeps the planner's statistics of the queue true.

It beats in a thread of its own, not as a job: it must go on where every slot of the worker is taken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from types import TracebackType
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from widget_backend.db import Database
from widget_backend.jobs import letters
from widget_backend.texts import Text

#: seconds between heartbeats of a worker, and after how many without one it counts as dead
HEARTBEAT: Final = 2.0
STALLED: Final = 8.0
BEAT: Final = 1.0
#: how many workers a job may take down with it
DEATHS: Final = 5
ANALYSE_EVERY: Final = 60.0

CUT_OFF = Text(
    "Процесс, который выполнял задание, оборвался. Сделанное сохранено: задание начато снова и ничего не задвоит.",
    "The process that ran the job was cut off. What is done is kept: the job was begun again and doubles nothing.",
)

_SWEEPING = text("SELECT pg_try_advisory_xact_lock(726003)")
_STALLED = text(
    """
    SELECT id FROM procrastinate_jobs job
     WHERE status = 'doing' AND NOT EXISTS (
           SELECT 1 FROM procrastinate_workers worker
            WHERE worker.id = job.worker_id AND worker.last_heartbeat >= now() - make_interval(secs => :seconds))
       FOR UPDATE SKIP LOCKED
    """
)
_ALIVE = text(
    """
    UPDATE procrastinate_workers SET last_heartbeat = now()
     WHERE id IN (SELECT worker_id FROM procrastinate_jobs WHERE id = ANY(:jobs) AND status = 'doing')
    """
)
_AGAIN = text("SELECT procrastinate_retry_job_v2(:id, NULL, NULL, NULL, NULL)")
_GIVE_UP = text("SELECT procrastinate_finish_job_v1(:id, 'failed', false)")
_WAITING = text("SELECT count(*) FROM (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' LIMIT 20000) AS waiting")
_ANALYSE = text("ANALYZE procrastinate_jobs")

log = logging.getLogger(__name__)


class Pulse:
    """Beats while the block runs, and speaks for the jobs in hand: the engine's own heartbeat stops when it is told to end,
    long before a job in hand has ended."""

    def __init__(self, database: Database, in_hand: Collection[int] = (), beat: float = BEAT) -> None:
        self._database = database
        self._in_hand = in_hand
        self._pause = beat
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="jobs-pulse", daemon=True)
        self._analysed_at = -ANALYSE_EVERY
        self._analysed = 0

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while True:
            try:
                self._speak()
                sweep(self._database)
                self._keep_statistics()
            except DBAPIError as fault:
                log.warning("the database is away, the pulse goes on: %s", type(fault.orig).__name__)
            if self._over.wait(self._pause):
                return

    def _speak(self) -> None:
        in_hand = list(self._in_hand)
        if in_hand:
            with self._database.engine.begin() as connection:
                connection.execute(_ALIVE, {"jobs": in_hand})

    def _keep_statistics(self) -> None:
        """At the start, when the queue has doubled, and every minute while jobs wait: without statistics a burst on a
        fresh table runs at a tenth of its speed (engine.md §3.4)."""
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            waiting = connection.execute(_WAITING).scalar_one()
            started = self._analysed_at >= 0
            due = bool(waiting) and time.monotonic() - self._analysed_at >= ANALYSE_EVERY
            if due or not started or waiting > 2 * max(self._analysed, 50):
                connection.execute(_ANALYSE)
                self._analysed_at, self._analysed = time.monotonic(), waiting


def sweep(database: Database, seconds: float = STALLED) -> int:
    """Give jobs of dead workers back to the queue; how many. One that keeps killing its worker becomes a dead letter."""
    with database.transaction() as session:
        if not session.execute(_SWEEPING).scalar_one():
            return 0
        stalled = session.execute(_STALLED, {"seconds": seconds}).scalars().all()
        for job_id in stalled:
            deaths = letters.note(session, job_id, "Killed", CUT_OFF, counts=True)
            session.execute(_AGAIN if deaths < DEATHS else _GIVE_UP, {"id": job_id})
            log.warning("job taken back from a dead worker id=%s deaths=%s", job_id, deaths)
    return len(stalled)
