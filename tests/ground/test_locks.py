"""What one job holds: by one connection, however much it is; seen by all others; gone with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from widget_backend.config import Settings
from widget_backend.db import Database
from widget_backend.locks import Busy, awaited, exclusive
from widget_backend.storage import open_database


@pytest.fixture
def other(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """Another process before the same database."""
    opened = open_database(Settings(tmp_path, database_url))
    yield opened
    opened.close()


def is_free(database: Database, name: str) -> bool:
    try:
        with exclusive(database, name):
            return True
    except Busy:
        return False


def test_however_much_is_held_one_connection_holds_it(database: Database) -> None:
    with ExitStack() as held:
        for name in range(40):
            held.enter_context(awaited(database, f"patient:{name}", 1))

        assert database.engine.pool.checkedout() == 1


def test_others_wait_for_each_of_it_until_it_is_let_go(database: Database, other: Database) -> None:
    with exclusive(database, "outer"):
        with exclusive(database, "inner"):
            both = (is_free(other, "outer"), is_free(other, "inner"))
        one = (is_free(other, "outer"), is_free(other, "inner"))

    assert (both, one) == ((False, False), (False, True))
    assert is_free(other, "outer")


def test_what_is_held_is_not_given_twice(database: Database) -> None:
    with exclusive(database, "turn"), pytest.raises(Busy), exclusive(database, "turn"):
        pass

    assert is_free(database, "turn")


def test_a_connection_that_is_cut_while_it_holds_does_no_harm(database: Database, other: Database) -> None:
    with exclusive(database, "outer"):
        with other.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        with pytest.raises(Exception, match="terminat"), exclusive(database, "inner"):
            pass

    assert is_free(database, "outer")
    assert is_free(other, "inner")
