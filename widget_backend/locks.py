"""One at a time, for all processes: a PostgreSQL advisory lock that dies with its holder."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.db import Database
from widget_backend.errors import Conflict
from widget_backend.texts import Text


class Busy(Conflict):
    """Another process holds it."""


@contextmanager
def exclusive(database: Database, name: str) -> Iterator[None]:
    """Hold ``name`` while the block runs. Raises :class:`Busy` if another process holds it."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            raise Busy(
                Text(
                    "Другой запуск уже настраивает этот аккаунт. Ничего не сделано: дождитесь его конца и повторите.",
                    "Another run is setting up this account. Nothing was done: wait for its end and repeat.",
                )
            )
        try:
            yield
        finally:
            # of a database that was started anew the lock is gone already, and what was done under it stands
            with suppress(OperationalError, InterfaceError):
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


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
