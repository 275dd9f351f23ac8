"""The worker: runs jobs in threads until it is told to stop, and comes back by itself when the database was away."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, Final

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.clock import now
from widget_backend.db import CONNECTIONS, Database, scope
from widget_backend.errors import AppError
from widget_backend.jobs import letters
from widget_backend.jobs.pulse import HEARTBEAT, STALLED, Pulse
from widget_backend.jobs.queue import LOUD, ORDINARY, of_queue, quiet
from widget_backend.jobs.task import Task, arguments, counts, pause
from widget_backend.texts import Text

#: jobs at once
THREADS: Final = 12
#: connections of the pool: a job may hold one for all its turns, and one for a transaction; the pulse holds one
OF_JOB: Final = 2
OF_PULSE: Final = 1
#: the hands for what loud accounts tell are so many times fewer
FEWER: Final = 4
POLL: Final = 1.0
#: seconds before a worker that lost the database tries again
COME_BACK: Final = 2.0

UNEXPECTED = Text(
    "Непредвиденная ошибка {code}. Сделанное сохранено; повторите задание, оно ничего не задвоит. Если повторится, пришлите "
    "нам этот код.",
    "Unexpected error {code}. What is done is kept; repeat the job, it doubles nothing. If it happens again, send us this "
    "code.",
)

#: what the engine would fetch: due, and the first of its lock
_DUE = text(
    """
    SELECT 1 FROM procrastinate_jobs job
     WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() AND NOT EXISTS (
           SELECT 1 FROM procrastinate_jobs other
            WHERE other.lock = job.lock AND (other.status = 'doing' OR (other.status = 'todo' AND other.id < job.id)))
     LIMIT 1
    """
)

log = logging.getLogger(__name__)


class Later(Exception):
    """The job is to be tried again in so many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"again in {wait:.0f} s")
        self.wait = wait


def hands(threads: int) -> Mapping[str, int]:
    """Queue -> how many of its jobs run at once."""
    return {ORDINARY: threads, LOUD: max(1, threads // FEWER)}


def connections(threads: int) -> int:
    """How many a worker needs, so that jobs do not wait for each other's."""
    return max(CONNECTIONS, OF_JOB * sum(hands(threads).values()) + OF_PULSE)


def work(
    database: Database, tasks: Sequence[Task], threads: int = THREADS, ready: Callable[[], None] = lambda: None
) -> None:
    """Run jobs and schedules until SIGTERM or SIGINT, then end with the jobs in hand. A second signal ends at once:
    another worker takes the jobs in hand back within ten seconds. ``ready`` is called when signals are heeded."""
    quiet()
    in_hand: set[int] = set()
    with Pulse(database, in_hand):
        asyncio.run(_Serving(database, tasks, threads, in_hand).run(ready))


def drain(database: Database, tasks: Sequence[Task], threads: int = THREADS) -> None:
    """Run what is due now, and what that enqueues, and return: for tests and one-shot commands. No schedules.

    In a thread of its own, as the caller's may be running a loop already."""
    quiet()
    with ThreadPoolExecutor(max_workers=1) as own:
        while _is_due(database):
            own.submit(lambda: asyncio.run(_once(database, tasks, threads))).result()


class _Serving:
    """One process's worker: an engine for each queue, so that none waits for another's jobs to come back. ``_turns``: are set
    when something happened that a running engine has to end for."""

    def __init__(self, database: Database, tasks: Sequence[Task], threads: int, in_hand: set[int]) -> None:
        self._database = database
        self._tasks = tasks
        self._hands = hands(threads)
        self._in_hand = in_hand
        self._turns = {queue: asyncio.Event() for queue in self._hands}
        self._stopping = False

    async def run(self, ready: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(2 * sum(self._hands.values()), thread_name_prefix="job"))
        # the engine's only sign that the end of a job could not be stored: a new worker number frees the job
        loop.set_exception_handler(self._lost)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop)
        ready()
        await asyncio.gather(*map(self._serve, self._hands))

    async def _serve(self, queue: str) -> None:
        while not self._stopping:
            self._turns[queue].clear()
            try:
                await self._engine(queue)
            except (ConnectorException, psycopg.OperationalError) as fault:
                log.warning("the database is away, the worker comes back: %s", type(fault).__name__)
            if not self._stopping:
                await asyncio.sleep(COME_BACK)

    async def _engine(self, queue: str) -> None:
        app = _app(self._database, self._tasks, self._in_hand, schedules=queue == ORDINARY)
        async with app.open_async():
            running = asyncio.create_task(_run(app, self._hands[queue], queues=[queue]))
            turned = asyncio.create_task(self._turns[queue].wait())
            await asyncio.wait({running, turned}, return_when=asyncio.FIRST_COMPLETED)
            turned.cancel()
            running.cancel()  # ends with the jobs in hand
            await asyncio.gather(turned, return_exceptions=True)
            try:
                await running
            except asyncio.CancelledError:
                log.info("worker stopped queue=%s", queue)

    def _stop(self) -> None:
        if self._stopping:
            os._exit(1)
        self._stopping = True
        self._turn()

    def _lost(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.warning("the engine lost a job's end, the worker starts anew", exc_info=context.get("exception"))
        self._turn()

    def _turn(self) -> None:
        for turn in self._turns.values():
            turn.set()


async def _once(database: Database, tasks: Sequence[Task], threads: int) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads))
    app = _app(database, tasks, set(), schedules=False)
    async with app.open_async():
        await _run(app, threads, wait=False)


async def _run(app: App, threads: int, *, wait: bool = True, **chosen: Any) -> None:
    await app.run_worker_async(
        **chosen,
        concurrency=threads,
        wait=wait,
        listen_notify=wait,
        fetch_job_polling_interval=POLL,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED,
        install_signal_handlers=False,
    )


def _app(database: Database, tasks: Sequence[Task], in_hand: set[int], *, schedules: bool) -> App:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4))
    for task in tasks:
        registered = app.task(name=task.name, pass_context=True, retry=_Patience())(_runner(database, task, in_hand))
        if task.schedule and schedules:
            app.periodic(cron=task.schedule)(registered)
    return app


class _Patience(BaseRetryStrategy):
    """The decision was made where the error was; here it is only read."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, Later):
            return RetryDecision(retry_at=now() + timedelta(seconds=exception.wait))
        return None


def _runner(database: Database, task: Task, in_hand: set[int]) -> Callable[..., None]:
    def run(context: JobContext, **args: Any) -> None:
        job_id = context.job.id
        assert job_id is not None
        started = time.monotonic()
        in_hand.add(job_id)
        try:
            with of_queue(context.job.queue), _tenant(args):
                task.run(**arguments(args))
            if context.job.attempts:
                with database.transaction() as session:
                    letters.forget(session, job_id)
        except Exception as error:
            _failed(database, task, job_id, error)
        finally:
            in_hand.discard(job_id)
        log.info("job done name=%s id=%s seconds=%.2f", task.name, job_id, time.monotonic() - started)

    return run


def _tenant(args: dict[str, Any]) -> AbstractContextManager[None]:
    """A job of an installation sees that installation's rows and no others."""
    return scope(args["installation_id"]) if "installation_id" in args else nullcontext()


def _failed(database: Database, task: Task, job_id: int, error: Exception) -> None:
    """Book the failure, and raise what the engine is to make of it."""
    said = error if isinstance(error, AppError) else _unexpected(error)
    try:
        with database.transaction() as session:
            failures = letters.note(session, job_id, type(error).__name__, said.message, counts=counts(error))
    except (OperationalError, InterfaceError) as away:
        # what cannot be booked counts as no failure: the job is tried again when the database is back
        raise Later(COME_BACK) from away
    wait = pause(error, failures, task.attempts)
    log.log(
        logging.ERROR if wait is None else logging.INFO,
        "job failed name=%s id=%s failures=%s again_in=%s error=%s details=%s",
        *(task.name, job_id, failures, wait, type(error).__name__, said.details),
        exc_info=error if wait is None else None,
    )
    if wait is None:
        raise error
    raise Later(wait) from error


def _unexpected(error: Exception) -> AppError:
    code = secrets.token_hex(4)
    return AppError(UNEXPECTED.format(code=code), code=code)


def _is_due(database: Database) -> bool:
    with database.transaction() as session:
        return session.execute(_DUE).scalar_one_or_none() is not None
