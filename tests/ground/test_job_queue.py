"""Jobs: part of the caller's transaction, in order per lock, patient with vendors, and never silently gone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from ground.clinic_rows import Row, raw
from sqlalchemy import select, text

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.db import Database, OutOfScope
from widget_backend.errors import AccessLost, NotFound, RateLimited, Unavailable
from widget_backend.jobs import Letter, Task, queue
from widget_backend.jobs.worker import connections, drain, hands
from widget_backend.tenancy.tokens import TokenRow
from widget_backend.texts import Text

#: a session of this database stands still until another one's transaction ends
WAITS_FOR_ANOTHER = """
    SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'
"""
AWAY = Text("CRM не отвечает.", "The CRM does not answer.")


class Doings:
    """What tasks have done, and what they are told to raise."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.raises: list[Exception] = []

    def note(self, what: Any = None, installation_id: int = 0) -> None:
        self.done.append(what)
        if self.raises:
            raise self.raises.pop(0)

    def task(self, attempts: int = 10) -> Task:
        return Task("note", self.note, attempts=attempts)


@pytest.fixture
def doings() -> Doings:
    """Nothing done yet."""
    return Doings()


def enqueue(database: Database, **named: Any) -> int:
    with database.transaction() as session:
        return jobs.enqueue(session, "note", **named)


def letters(database: Database, installation_id: int | None = None) -> list[Letter]:
    with database.transaction() as session:
        return list(jobs.dead(session, installation_id))


def address(database: Database) -> str:
    return database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def waits_for(database: Database, condition: str) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until = time.monotonic() + 20
        while not connection.execute(text(condition)).scalar_one():
            assert time.monotonic() < until, "it does not come to pass"


def make_due(database: Database) -> None:
    raw(database, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def test_a_job_is_run_with_its_arguments(database: Database, doings: Doings) -> None:
    enqueue(database, what={"deal": 759})

    drain(database, [doings.task()])

    assert doings.done == [{"deal": 759}]


def test_a_job_of_a_transaction_that_failed_never_was(database: Database, doings: Doings) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        jobs.enqueue(session, "note", what="lost")
        _ = 1 // 0
    drain(database, [doings.task()])

    assert doings.done == []
    assert raw(database, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_workers_are_woken_where_a_job_waits_for_the_lock_of_one_that_ends(database: Database, doings: Doings) -> None:
    for what in ("first", "second"):
        enqueue(database, lock="7:deal:1", what=what)

    with psycopg.connect(address(database), autocommit=True) as listener:
        listener.execute("LISTEN procrastinate_any_queue_v1")
        drain(database, [doings.task()])
        told = [json.loads(each.payload)["type"] for each in listener.notifies(timeout=0)]

    assert (doings.done, told) == (["first", "second"], ["job_inserted"])


def test_jobs_of_one_lock_run_in_the_order_they_came(database: Database, doings: Doings) -> None:
    for number in range(12):
        enqueue(database, lock="7:deal:759", what=number)

    drain(database, [doings.task()])

    assert doings.done == list(range(12))


def test_what_follows_from_a_loud_job_is_loud(database: Database) -> None:
    loud = Task("told", lambda: enqueue(database, what="what follows") and None)
    with database.transaction() as session, queue.of_queue(jobs.LOUD):
        jobs.enqueue(session, "told")
    enqueue(database, what="somebody else's")

    drain(database, [loud, Task("note", print)])

    queues = dict(raw(database, "SELECT args->>'what', queue_name FROM procrastinate_jobs WHERE task_name = 'note'"))
    assert queues == {"what follows": "loud", "somebody else's": "default"}


@pytest.mark.parametrize(
    ("made_in", "replayed_in", "ends_in"),
    [("default", "default", "default"), ("default", "loud", "loud"), ("loud", "default", "loud")],
)
def test_a_dead_job_of_a_loud_account_stays_loud(
    database: Database, doings: Doings, made_in: str, replayed_in: str, ends_in: str
) -> None:
    doings.raises = [NotFound(AWAY)]
    with queue.of_queue(made_in):
        number = enqueue(database)
    drain(database, [doings.task()])

    with database.transaction() as session, queue.of_queue(replayed_in):
        jobs.replay(session, number)

    assert raw(database, "SELECT status::text, queue_name FROM procrastinate_jobs") == [("todo", ends_in)]


def takes_all(database: Database) -> None:
    with ExitStack() as held:
        while True:
            held.enter_context(database.engine.connect())


def test_jobs_in_want_of_a_connection_are_tried_again(
    database: Database, doings: Doings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget_backend.db.PATIENCE", 0.01)
    small = Database(address(database).replace("postgresql:", "postgresql+psycopg:"), connections=5)
    enqueue(database)

    drain(small, [Task("note", lambda: takes_all(small))])
    small.close()
    make_due(database)
    drain(database, [doings.task()])

    assert (letters(database), doings.done) == ([], [None])


@pytest.mark.parametrize("threads", [1, 12, 32])
def test_a_worker_has_two_connections_for_each_of_its_jobs_and_one_for_its_pulse(threads: int) -> None:
    assert connections(threads) > 2 * sum(hands(threads).values())


def test_the_queues_keep_the_order_of_a_lock(database: Database, doings: Doings) -> None:
    with queue.of_queue(jobs.LOUD):
        enqueue(database, lock="7:deal:759", what="first")
    enqueue(database, lock="7:deal:759", what="second")

    drain(database, [doings.task()])

    assert doings.done == ["first", "second"]


def test_a_job_that_waits_for_its_next_try_keeps_its_place(database: Database, doings: Doings) -> None:
    doings.raises = [Unavailable(AWAY)]
    enqueue(database, lock="7:deal:759", what="first")
    enqueue(database, lock="7:deal:759", what="second")
    enqueue(database, lock="8:deal:1", what="another clinic's")

    drain(database, [doings.task()])
    while_waiting = list(doings.done)
    make_due(database)
    drain(database, [doings.task()])

    assert sorted(while_waiting) == ["another clinic's", "first"]
    assert doings.done[2:] == ["first", "second"]


def test_while_one_waits_no_second_is_made(database: Database, doings: Doings) -> None:
    first = enqueue(database, queueing_lock="7:deal:759", what="first")
    second = enqueue(database, queueing_lock="7:deal:759", what="second")
    other = enqueue(database, queueing_lock="7:deal:760", what="other")

    drain(database, [doings.task()])
    third = enqueue(database, queueing_lock="7:deal:759", what="third")

    assert first == second
    assert len({first, other, third}) == 3
    assert sorted(doings.done) == ["first", "other"]


def test_of_two_who_ask_at_once_the_second_finds_the_firsts_and_goes_on_writing(database: Database) -> None:
    with ThreadPoolExecutor() as second, ExitStack() as first:
        session = first.enter_context(database.transaction())
        made = jobs.enqueue(session, "note", queueing_lock="7:deal:759")
        asked = second.submit(enqueue, database, queueing_lock="7:deal:759")
        waits_for(database, WAITS_FOR_ANOTHER)
        first.close()

        assert asked.result() == made


def test_asking_again_brings_forward_what_waits_for_its_next_try(database: Database, doings: Doings) -> None:
    doings.raises.append(Unavailable(AWAY))
    first = enqueue(database, queueing_lock="7:plan", what="first")
    drain(database, [doings.task()])

    again = enqueue(database, queueing_lock="7:plan", what="again")
    drain(database, [doings.task()])

    assert (again, doings.done) == (first, ["first", "first"])


def test_asking_for_later_puts_nothing_off(database: Database, doings: Doings) -> None:
    enqueue(database, queueing_lock="7:farewell", at=now() + timedelta(minutes=10), what="first")
    enqueue(database, queueing_lock="7:farewell", at=now() + timedelta(hours=1), what="later")
    waits = raw(database, "SELECT scheduled_at < now() + interval '11 minutes' FROM procrastinate_jobs")
    enqueue(database, queueing_lock="7:farewell", at=now() + timedelta(minutes=1), what="sooner")

    assert waits == [(True,)]
    assert raw(database, "SELECT scheduled_at < now() + interval '2 minutes' FROM procrastinate_jobs") == [(True,)]


def test_a_job_does_not_start_before_who_counts_on_it_has_written(database: Database, doings: Doings) -> None:
    enqueue(database, queueing_lock="7:deal:759", what="first")

    with database.transaction() as session:
        jobs.enqueue(session, "note", queueing_lock="7:deal:759")
        fetched = raw(database, "SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")

    assert fetched == [(None,)]
    assert raw(database, "SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)") != [(None,)]


def test_a_job_for_later_waits(database: Database, doings: Doings) -> None:
    enqueue(database, at=now() + timedelta(hours=1), what="later")

    drain(database, [doings.task()])

    assert doings.done == []


def test_a_vendor_who_is_away_is_asked_again_later(database: Database, doings: Doings) -> None:
    doings.raises = [Unavailable(AWAY), Unavailable(AWAY)]
    enqueue(database)

    for _ in range(3):
        drain(database, [doings.task()])
        make_due(database)

    assert len(doings.done) == 3
    assert letters(database) == []
    assert raw(database, "SELECT count(*) FROM job_fault") == [(0,)]


def test_the_pauses_grow(database: Database, doings: Doings) -> None:
    doings.raises = [Unavailable(AWAY), Unavailable(AWAY), Unavailable(AWAY)]
    enqueue(database)

    pauses = [_pause(database, doings) for _ in range(3)]

    assert pauses == [2, 4, 8]


def _pause(database: Database, doings: Doings) -> int:
    make_due(database)
    drain(database, [doings.task()])
    return int(
        raw(database, "SELECT round(extract(epoch FROM scheduled_at - now()) + 0.4) FROM procrastinate_jobs")[0][0]
    )  # type: ignore[call-overload]


def test_a_rate_limit_is_a_wait_and_no_failure(database: Database, doings: Doings) -> None:
    doings.raises = [*(RateLimited(AWAY, wait=120.0) for _ in range(6)), Unavailable(AWAY)]
    enqueue(database)

    for _ in range(8):
        make_due(database)
        drain(database, [doings.task(attempts=2)])

    assert len(doings.done) == 8
    assert letters(database) == []


def test_a_rate_limit_waits_as_long_as_it_is_told(database: Database, doings: Doings) -> None:
    doings.raises = [RateLimited(AWAY, wait=120.0)]
    enqueue(database)

    assert _pause(database, doings) == 120


def test_patience_ends_in_a_dead_letter(database: Database, doings: Doings) -> None:
    doings.raises = [Unavailable(AWAY), Unavailable(AWAY), Unavailable(AWAY)]
    enqueue(database, what="deal")

    for _ in range(5):
        make_due(database)
        drain(database, [doings.task(attempts=3)])

    (letter,) = letters(database)
    assert len(doings.done) == 3
    assert (letter.task, letter.args, letter.failures) == ("note", {"what": "deal"}, 3)
    assert (letter.kind, letter.message) == ("Unavailable", AWAY)


def test_a_failure_that_cannot_be_booked_is_no_dead_letter(
    database: Database, doings: Doings, job_faults_out_of_reach: ExitStack
) -> None:
    doings.raises += [AccessLost(AWAY)]
    enqueue(database, what="first")

    drain(database, [doings.task()])
    job_faults_out_of_reach.close()
    make_due(database)
    drain(database, [doings.task()])

    assert doings.done == ["first", "first"]
    assert letters(database) == []


@pytest.fixture
def job_faults_out_of_reach(database: Database) -> Iterator[ExitStack]:
    """As while the database is away: whoever books a failure is told off, until this is closed."""
    name = database.engine.url.database
    raw(database, f"ALTER DATABASE {name} SET lock_timeout = '200ms'")
    database.engine.dispose()
    with ExitStack() as held:
        connection = held.enter_context(database.engine.connect())
        connection.execute(text("LOCK TABLE job_fault"))
        yield held


@pytest.mark.parametrize("error", [AccessLost(AWAY), ZeroDivisionError("Анна Примерова, +7 900 000-00-00")])
def test_what_no_patience_cures_is_dead_at_once(database: Database, doings: Doings, error: Exception) -> None:
    doings.raises = [error]
    enqueue(database, lock="7:deal:759")
    enqueue(database, lock="7:deal:759", what="next")

    drain(database, [doings.task()])

    (letter,) = letters(database)
    assert doings.done == [None, "next"]
    assert letter.kind == type(error).__name__
    assert "Анна" not in letter.message.ru


def test_a_task_nobody_knows_is_a_dead_letter(database: Database) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, "no.such.task")

    drain(database, [])

    assert [letter.task for letter in letters(database)] == ["no.such.task"]


def test_a_dead_job_is_replayed_with_its_failures_forgiven(database: Database, doings: Doings) -> None:
    doings.raises = [AccessLost(AWAY), Unavailable(AWAY)]
    job = enqueue(database, queueing_lock="7:deal:759", what="deal")
    drain(database, [doings.task(attempts=2)])
    enqueue(database, queueing_lock="7:deal:759", what="newer")

    with database.transaction() as session:
        jobs.replay(session, job)
    for _ in range(2):
        make_due(database)
        drain(database, [doings.task(attempts=2)])

    assert doings.done.count("deal") == 3
    assert "newer" in doings.done
    assert letters(database) == []


def test_what_is_not_dead_is_not_replayed(database: Database, doings: Doings) -> None:
    job = enqueue(database)

    with pytest.raises(NotFound), database.transaction() as session:
        jobs.replay(session, job)


def test_clara_sees_only_her_own_dead_letters(database: Database, doings: Doings, boris: Row, clara: Row) -> None:
    doings.raises = [AccessLost(AWAY)]
    enqueue(database, installation_id=boris.id)

    drain(database, [doings.task()])

    assert len(letters(database, boris.id)) == 1
    assert letters(database, clara.id) == []


def test_a_job_of_an_installation_sees_that_one_alone(database: Database, boris: Row, clara: Row) -> None:
    seen: list[int] = []
    enqueue(database, installation_id=clara.id)

    drain(database, [Task("note", lambda installation_id: seen.extend(_owners(database)))])

    assert seen == [clara.id]


def test_a_job_of_no_installation_sees_nobody(database: Database, boris: Row) -> None:
    enqueue(database)

    drain(database, [Task("note", lambda: _refused(database))])

    assert letters(database) == []


def _owners(database: Database) -> list[int]:
    with database.transaction() as session:
        return list(session.execute(select(TokenRow.installation_id)).scalars())


def _refused(database: Database) -> None:
    with pytest.raises(OutOfScope):
        _owners(database)


def test_counts_for_the_monitoring(database: Database, doings: Doings) -> None:
    doings.raises = [AccessLost(AWAY)]
    enqueue(database)
    drain(database, [doings.task()])
    enqueue(database)
    enqueue(database, at=now() + timedelta(hours=1))
    raw(database, "UPDATE procrastinate_events SET at = at - interval '90 seconds'")

    with database.transaction() as session:
        counted = jobs.stats(session)

    assert (counted.waiting, counted.running, counted.dead) == (2, 0, 1)
    assert 90 <= counted.oldest_wait < 120


def test_what_is_done_long_ago_is_cleared_away_and_the_dead_stay(database: Database, doings: Doings) -> None:
    doings.raises = [AccessLost(AWAY)]
    enqueue(database, what="dead")
    drain(database, [doings.task()])
    enqueue(database, what="old")
    drain(database, [doings.task()])
    raw(database, "UPDATE procrastinate_events SET at = at - interval '4 days'")
    enqueue(database, what="new")
    drain(database, [doings.task()])

    with database.transaction() as session:
        cleared = jobs.housekeep(session)

    left = raw(database, "SELECT args ->> 'what' FROM procrastinate_jobs ORDER BY id")
    assert cleared == 1
    assert left == [("dead",), ("new",)]


@pytest.mark.parametrize("run", [lambda what: None, lambda what: 1 // 0])
def test_no_argument_of_a_job_is_written_to_the_log(
    database: Database, caplog: pytest.LogCaptureFixture, run: Callable[..., None]
) -> None:
    with caplog.at_level("DEBUG"):
        enqueue(database, what="code-of-an-authorisation")
        drain(database, [Task("note", run)])

    assert "name=note" in caplog.text
    assert "code-of-an-authorisation" not in caplog.text
