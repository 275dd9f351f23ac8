"""One at a time, for all processes: a PostgreSQL advisory lock that dies with its holder."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.db import Database
from widget_backend.errors import Conflict
from widget_backend.texts import Text

BUSY: Final = Text(
    "Другой запуск уже настраивает этот аккаунт. Ничего не сделано: дождитесь его конца и повторите.",
    "Another run is setting up this account. Nothing was done: wait for its end and repeat.",
)


class Busy(Conflict):
    """Another process holds it."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held here, and by which connection."""

    database: Database
    connection: Connection
    names: frozenset[str]


_held: ContextVar[_Held | None] = ContextVar("held", default=None)


@contextmanager
def exclusive(database: Database, name: str) -> Iterator[None]:
    """Hold ``name`` while the block runs. Raises :class:`Busy` if another process holds it."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with _holder(database, name) as connection:
        if not _asked(connection, "pg_try_advisory_lock", key):
            raise Busy(BUSY)
        try:
            yield
        finally:
            # of a database that was started anew the lock is gone already, and what was done under it stands
            with suppress(OperationalError, InterfaceError):
                _asked(connection, "pg_advisory_unlock", key)


@contextmanager
def awaited(database: Database, name: str, patience: float) -> Iterator[None]:
    """Hold ``name``, after whoever holds it now; no connection is held meanwhile. ``patience``: in seconds. Raises
    :class:`Busy` where the others take longer."""
    until = time.monotonic() + patience
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(exclusive(database, name))
                break
            except Busy:
                if time.monotonic() > until:
                    raise
            time.sleep(0.05 + 0.05 * random.random())  # noqa: S311
        yield


@contextmanager
def _holder(database: Database, name: str) -> Iterator[Connection]:
    """The connection that holds what is held here: one for all of it, or jobs that hold much would starve each other."""
    around = _held.get()
    if around is None or around.database is not database:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield from _holding(_Held(database, connection, frozenset({name})))
        return
    if name in around.names:
        raise Busy(BUSY)
    yield from _holding(_Held(database, around.connection, around.names | {name}))


def _holding(held: _Held) -> Iterator[Connection]:
    token = _held.set(held)
    try:
        yield held.connection
    finally:
        _held.reset(token)


def _asked(connection: Connection, function: str, key: int) -> bool:
    """The answer. Nothing is left open, so that a connection that was cut is made anew by the next question."""
    try:
        return bool(connection.execute(text(f"SELECT {function}(:key)"), {"key": key}).scalar())
    finally:
        connection.rollback()
