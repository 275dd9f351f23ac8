"""Receiving: what a CRM tells is stored as it came, and the jobs for it are made, in one statement; then it is answered.

Nothing told is believed: a message says which record to look at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import DatabaseError, OperationalError
from psycopg.errors import DeadlockDetected, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from widget_backend import sealed
from widget_backend.crm.records import RobotCall, Touched
from widget_backend.db import SWIFT, Database
from widget_backend.inbox.directory import Sender, storing
from widget_backend.inbox.messages import PACE, TASK, WORKED_ON, Record, lock, pace_lock, queueing_lock
from widget_backend.inbox.told import pack
from widget_backend.jobs import LOUD, ORDINARY
from widget_backend.jobs.together import TOGETHER

#: how often a statement is tried whose connection was cut: once for each that may lie in the pool, and once anew
TRIES: Final = SWIFT + 1
#: entity of a message that tells of no record we look at
OTHER: Final = "other"

#: the statement's name in a connection
NAME: Final = b"accept"

#: of a list with a map for each message; the body lies at the first of those that came in one
_ACCEPT: Final = f"""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (installation_id bigint, entity text, remote_id text,
               verb text, state text, key text, told_at timestamptz, told text, body text, queue text, task text, lock text,
               queueing_lock text, args jsonb)
    ), stored AS (
        INSERT INTO inbox_message (installation_id, entity, remote_id, verb, source, state, key, told_at, told, body)
        SELECT installation_id, entity, remote_id, verb, 'webhook', state, key, told_at, told, body FROM told
            ON CONFLICT (installation_id, key) WHERE key IS NOT NULL DO NOTHING
        RETURNING installation_id, entity, remote_id
    ), wanted AS (
        SELECT DISTINCT queue, task, lock, queueing_lock, args
          FROM told JOIN stored USING (installation_id, entity, remote_id) WHERE lock IS NOT NULL
    ), {TOGETHER}
    SELECT count(*) FROM enqueued
"""


@dataclass(frozen=True, slots=True)
class Slip:
    """One message of a body. ``key``: the same one told twice has the same."""

    entity: str
    remote_id: str
    verb: str
    told_at: datetime | None = None
    told: str | None = None
    key: str | None = None


def slips(touched: Sequence[Touched]) -> list[Slip]:
    """What events tell; one that tells of nothing we look at is kept all the same."""
    found = [
        Slip(one.entity, one.id[:64], one.verb, one.at, None if one.activity is None else pack(one.activity))
        for one in touched
    ]
    return found or [Slip(OTHER, "", "")]


def slip_of(call: RobotCall) -> Slip:
    """What a robot's call tells."""
    return Slip("call", call.deal[:64], "called", call.at, pack(call), f"call:{call.key}"[:140])


def accept(database: Database, sender: Sender, told: Sequence[Slip], body: bytes, queue: str = ORDINARY) -> None:
    """Store, with the jobs to work on it, and return when that is safe. In no scope and no transaction: it has its own.

    ``queue``: of the jobs. Raises :class:`StorageAway`: nothing is stored then.
    """
    values = json.dumps(_rows(sender, told, body, queue)).encode()
    with storing():
        if not any(_sent(database, values) for _ in range(TRIES)):
            raise OperationalError("every connection is cut")


def _sent(database: Database, values: bytes) -> bool:
    """False where it is to be sent again: the connection turned out to be cut, or others held the same jobs in another order.
    By the driver's lowest layer, as this is done thousands of times a minute."""
    pooled = database.swift.raw_connection()
    try:
        connection: Any = pooled.driver_connection
        if not pooled.info.get(NAME):
            pooled.info[NAME] = _checked(connection.pgconn.prepare(NAME, _ACCEPT.encode()))
        return _checked(connection.pgconn.exec_prepared(NAME, [values]))
    except DeadlockDetected:
        return False
    except DatabaseError:
        if not connection.closed:
            raise
        pooled.invalidate()
        return False
    finally:
        pooled.close()


def _checked(result: PGresult) -> bool:
    """Raises what the database says."""
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise error_from_result(result)
    return True


def _rows(sender: Sender, told: Sequence[Slip], body: bytes, queue: str) -> list[dict[str, Any]]:
    rows = [{**_row(sender, slip), **_job(sender, slip, queue)} for slip in told]
    rows[0]["body"] = sealed.seal(body.decode("utf-8", "backslashreplace"))
    return rows


def _row(sender: Sender, slip: Slip) -> dict[str, Any]:
    return {
        "installation_id": sender.id,
        "entity": slip.entity,
        "remote_id": slip.remote_id,
        "verb": slip.verb,
        "state": "new" if slip.entity in WORKED_ON else "done",
        "key": slip.key,
        "told_at": slip.told_at.isoformat() if slip.told_at else None,
        "told": None if slip.told is None else sealed.seal(slip.told),
    }


def _job(sender: Sender, slip: Slip, queue: str) -> dict[str, Any]:
    """What works on it; nothing where nobody does now. A loud account's records get theirs in turn."""
    if slip.entity not in WORKED_ON or not sender.active:
        return {}
    if queue == LOUD:
        name = pace_lock(sender.id)
        return _named(queue, PACE, name, name, installation_id=sender.id)
    record = Record(slip.entity, slip.remote_id)
    names = lock(sender.id, record), queueing_lock(sender.id, record)
    return _named(queue, TASK, *names, installation_id=sender.id, entity=slip.entity, remote_id=slip.remote_id)


def _named(queue: str, task: str, lock: str, queueing_lock: str, **args: Any) -> dict[str, Any]:
    return {"queue": queue, "task": task, "lock": lock, "queueing_lock": queueing_lock, "args": args}
