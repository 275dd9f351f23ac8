"""Many real processes ask for an access token at the moment it ends."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from ground.loopback_oauth import LoopbackOAuth, TokenServer
from sqlalchemy import text

from widget_backend import sealed
from widget_backend.db import Database
from widget_backend.tenancy import tokens

KEYS = ("Zmlyc3QgbWFkZS11cCBrZXkgb2YgdGhlc2UgdGVzdHM=", "YW5vdGhlciBtYWRlLXVwIGtleSBvZiB0aGUgdGVzdHM=")
WAIT = 120.0
#: imported once for all processes
HEAVY = ["widget_backend.tenancy.tokens", "widget_backend.security.sealing", "sqlalchemy.dialects.postgresql.psycopg"]


@dataclass(frozen=True)
class Round:
    """``refreshes``: how often the vendor was asked; ``answers``: the different tokens that the processes got."""

    refreshes: int
    answers: frozenset[str]
    newest: str
    seconds: float


def contest(database: Database, installation_id: int, server: TokenServer, processes: int, rounds: int) -> list[Round]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(HEAVY)
    barrier = context.Barrier(processes + 1, timeout=WAIT)
    answers: Queue[str] = context.Queue()
    url = database.engine.url.render_as_string(hide_password=False)
    run = (url, server.oauth, installation_id, barrier, rounds, answers)
    children = [context.Process(target=_contestant, args=run, daemon=True) for _ in range(processes)]
    for child in children:
        child.start()
    results = [_round(database, installation_id, server, barrier, processes, answers) for _ in range(rounds)]
    for child in children:
        child.join(WAIT)
    return results


def expire(database: Database, installation_id: int) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE token SET expires_at = now() WHERE installation_id = :i"), {"i": installation_id}
        )


def _round(
    database: Database, installation_id: int, server: TokenServer, barrier: Barrier, processes: int, answers: Queue[str]
) -> Round:
    expire(database, installation_id)
    before = server.asked
    barrier.wait()
    started = time.monotonic()
    got = frozenset(answers.get(timeout=WAIT) for _ in range(processes))
    return Round(server.asked - before, got, server.access(), time.monotonic() - started)


def _contestant(
    url: str, oauth: LoopbackOAuth, installation_id: int, barrier: Barrier, rounds: int, answers: Queue[str]
) -> None:
    sealed.use(KEYS)
    database = Database(url)
    for _ in range(rounds):
        barrier.wait()
        try:
            answers.put(tokens.fresh(database, oauth, installation_id))
        except Exception as error:
            answers.put(type(error).__name__)
    database.close()


def ask_once(url: str, oauth: LoopbackOAuth, installation_id: int) -> None:
    """One process that asks and ends, for those that are to be killed on the way."""
    sealed.use(KEYS)
    tokens.fresh(Database(url), oauth, installation_id)
