"""A worker as a process of its own, with one task that says where it is and stops at a gate the test holds shut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import text

from widget_backend.db import Database

GATE = 4242
WAIT = 60.0

TABLES = """
CREATE TABLE trial_guard (key text PRIMARY KEY, open boolean NOT NULL DEFAULT true);
CREATE TABLE trial_effect (key text NOT NULL);
INSERT INTO trial_guard (key) VALUES ('deal');
"""


def _task(database: Database) -> Callable[..., None]:
    def say(word: str) -> None:
        with database.engine.begin() as connection:
            connection.execute(text("SELECT pg_notify('ground', :said)"), {"said": f"{word} {os.getpid()}"})

    def gate() -> None:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock_shared(:gate)"), {"gate": GATE})

    def effect() -> None:
        with database.engine.begin() as connection:
            closed = connection.execute(text("UPDATE trial_guard SET open = false WHERE key = 'deal' AND open"))
            if closed.rowcount:
                connection.execute(text("INSERT INTO trial_effect VALUES ('deal')"))

    def run(stops: str) -> None:
        say("started")
        if stops == "before":
            gate()
        effect()
        say("effect")
        if stops == "after":
            gate()
        say("finished")

    return run


def main(url: str) -> None:
    from widget_backend.jobs import Task
    from widget_backend.jobs.worker import work

    database = Database(url)
    work(database, [Task("effect", _task(database))])
    database.close()


class Watch:
    """Hears what the workers say, and holds the gate."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._connection.execute("LISTEN ground")
        self._connection.execute(TABLES)

    def shut(self) -> None:
        self._connection.execute(f"SELECT pg_advisory_lock({GATE})")

    def open(self) -> None:
        self._connection.execute(f"SELECT pg_advisory_unlock({GATE})")

    def hear(self, word: str) -> int:
        """The number of the process that says this next."""
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            for said in self._connection.notifies(timeout=deadline - time.monotonic(), stop_after=1):
                heard, number = said.payload.split()
                if heard == word:
                    return int(number)
        raise AssertionError(f"nobody said «{word}»")

    def effects(self) -> int:
        return self.number("SELECT count(*) FROM trial_effect")

    def number(self, statement: str) -> int:
        found = self._connection.execute(statement).fetchone()
        assert found is not None
        return int(found[0])

    def cut_all_others_off(self) -> int:
        """End every other connection to this database; how many."""
        return self.number(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def until(self, statement: str, wanted: int) -> None:
        """Ask the database until it says so."""
        deadline = time.monotonic() + WAIT
        while self.number(statement) != wanted:
            assert time.monotonic() < deadline, f"{statement} is {self.number(statement)}"


@contextmanager
def watching(database: Database) -> Iterator[Watch]:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield Watch(connection)


@contextmanager
def worker(database: Database) -> Iterator[subprocess.Popen[bytes]]:
    url = database.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, __file__, url])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
