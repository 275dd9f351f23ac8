"""Workers that die, are stopped, or lose the database: the job is done, and its effect is there once."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from ground.clinic_rows import raw
from ground.worker_process import WAIT, Watch, watching, worker

from widget_backend import jobs
from widget_backend.db import Database
from widget_backend.jobs.pulse import DEATHS, Pulse, sweep

AT_THE_GATE = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
#: the connection by which workers hear of new loud jobs
OF_LOUD = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%loud%' AND pid <> pg_backend_pid()"
LISTENING = f"SELECT count(*) {OF_LOUD}"
CUT_LOUD = f"SELECT count(pg_terminate_backend(pid)) {OF_LOUD}"
RUNNING = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    """Somebody who hears the workers."""
    with watching(database) as heard:
        yield heard


def enqueue(database: Database, stops: str = "", lock: str = "7:deal:759") -> None:
    with database.transaction() as session:
        jobs.enqueue(session, "effect", lock=lock, stops=stops)


@pytest.mark.parametrize("stops", ["before", "after"])
def test_a_job_of_a_killed_worker_is_done_by_another_and_its_effect_is_there_once(
    database: Database, watch: Watch, stops: str
) -> None:
    watch.shut()
    enqueue(database, stops)
    with worker(database) as first, worker(database) as second:
        begun = watch.hear("started")
        killed, other = (first, second) if begun == first.pid else (second, first)
        if stops == "after":
            watch.hear("effect")
        killed.send_signal(signal.SIGKILL)
        started = time.monotonic()
        again = watch.hear("started")
        seconds = time.monotonic() - started
        watch.open()
        watch.hear("finished")
        watch.until(RUNNING, 0)

    assert again == other.pid
    assert seconds < 15
    assert watch.effects() == 1


def test_a_worker_told_to_stop_ends_the_job_in_hand(database: Database, watch: Watch) -> None:
    watch.shut()
    enqueue(database, "before")
    with worker(database) as told:
        watch.hear("started")
        told.send_signal(signal.SIGTERM)
        watch.open()
        exit_code = told.wait(WAIT)

    assert exit_code == 0
    assert (watch.effects(), watch.number(RUNNING)) == (1, 0)


def test_a_worker_told_twice_ends_at_once_and_the_job_comes_back(database: Database, watch: Watch) -> None:
    watch.shut()
    enqueue(database, "before")
    with worker(database) as told:
        watch.hear("started")
        told.send_signal(signal.SIGTERM)
        watch.until("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%procrastinate%'", 0)
        told.send_signal(signal.SIGTERM)
        exit_code = told.wait(WAIT)
    with worker(database):
        watch.hear("started")
        watch.open()
        watch.until(RUNNING, 0)

    assert exit_code == 1
    assert watch.effects() == 1


def test_an_idle_worker_that_lost_the_database_comes_back(database: Database, watch: Watch) -> None:
    with worker(database):
        enqueue(database)
        watch.hear("finished")
        watch.until(RUNNING, 0)
        lost = watch.cut_all_others_off()
        enqueue(database)
        watch.hear("finished")
        watch.until(RUNNING, 0)

    assert lost >= 2


def test_a_worker_that_lost_the_database_with_a_job_in_hand_does_it_again(database: Database, watch: Watch) -> None:
    watch.shut()
    enqueue(database, "before")
    with worker(database) as same:
        watch.hear("started")
        watch.until(AT_THE_GATE, 1)
        watch.cut_all_others_off()
        again = watch.hear("started")
        watch.open()
        watch.until(RUNNING, 0)

    assert again == same.pid
    assert watch.effects() == 1


def test_a_job_whose_end_could_not_be_stored_does_not_block_its_lock(database: Database, watch: Watch) -> None:
    raw(database, "ALTER FUNCTION procrastinate_finish_job_v1 RENAME TO out_of_reach")
    enqueue(database)
    with worker(database):
        first = watch.hear("finished")
        watch.until("SELECT count(*) FROM procrastinate_workers WHERE id = 1", 0)
        raw(database, "ALTER FUNCTION out_of_reach RENAME TO procrastinate_finish_job_v1")
        again = watch.hear("finished")
        watch.until(RUNNING, 0)

    assert again == first
    assert watch.effects() == 1


def test_a_queue_that_lost_its_connection_does_not_wait_for_anothers_jobs(database: Database, watch: Watch) -> None:
    watch.shut()
    enqueue(database, "before")
    with worker(database):
        watch.hear("started")
        watch.until(LISTENING, 1)
        watch.number(CUT_LOUD)
        watch.until(LISTENING, 0)

        watch.until(LISTENING, 1)
        enqueue(database, lock="8:deal:1")
        watch.hear("finished")
        watch.open()
        watch.until(RUNNING, 0)

    assert watch.effects() == 1


def doing(database: Database, heartbeat: str) -> int:
    """A job in the hands of a worker whose heart last beat then."""
    enqueue(database)
    ((number,),) = raw(
        database,
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - CAST(:age AS interval)) RETURNING id",
        age=heartbeat,
    )
    ((job,),) = raw(database, "SELECT id FROM procrastinate_fetch_job_v2(NULL, :worker)", worker=number)
    return int(str(job))


def status(database: Database, job: int) -> str:
    ((found,),) = raw(database, "SELECT CAST(status AS text) FROM procrastinate_jobs WHERE id = :job", job=job)
    return str(found)


def test_a_living_worker_keeps_its_job(database: Database) -> None:
    job = doing(database, "5 seconds")

    assert (sweep(database), status(database, job)) == (0, "doing")


def test_a_job_in_hand_is_spoken_for_when_the_engine_has_stopped_its_own_heartbeat(database: Database) -> None:
    job = doing(database, "9 seconds")

    with Pulse(database, in_hand={job}):
        pass

    assert status(database, job) == "doing"


def test_a_dead_workers_job_is_taken_back_once(database: Database) -> None:
    job = doing(database, "9 seconds")

    with ThreadPoolExecutor(4) as sweepers:
        taken = sum(sweepers.map(lambda _: sweep(database), range(8)))

    assert (taken, status(database, job)) == (1, "todo")


def test_a_job_that_kills_its_workers_ends_as_a_dead_letter(database: Database) -> None:
    job = doing(database, "9 seconds")

    for _ in range(DEATHS):
        sweep(database)
        raw(database, "UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")

    with database.transaction() as session:
        (letter,) = jobs.dead(session)
    assert status(database, job) == "failed"
    assert (letter.kind, letter.failures) == ("Killed", DEATHS)


ANALYSED = "SELECT reltuples FROM pg_class WHERE relname = 'procrastinate_jobs'"


def test_the_queue_is_analysed_when_a_worker_starts(database: Database, watch: Watch) -> None:
    before = watch.number(ANALYSED)
    enqueue(database)

    with Pulse(database):
        pass

    assert (before, watch.number(ANALYSED)) == (-1, 1)


def test_the_queue_is_analysed_when_it_has_grown(database: Database, watch: Watch) -> None:
    with Pulse(database, beat=0.05):
        watch.until(ANALYSED, 0)
        with database.transaction() as session:
            for number in range(150):
                jobs.enqueue(session, "effect", lock=str(number))

        watch.until(ANALYSED, 150)
