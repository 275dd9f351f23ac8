"""Receiving: what a CRM tells is stored as it came, and the jobs for it are made, in one statement; then it is answered.

Nothing told is believed: a message says which record to look at. What several requests bring at once goes in one statement:
while one is under way, those that come wait for the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Final

from psycopg import InterfaceError, OperationalError

from widget_backend import sealed
from widget_backend.crm.records import RobotCall, Touched
from widget_backend.db import Database
from widget_backend.inbox.directory import Sender, storing
from widget_backend.inbox.messages import TASK, WORKED_ON, Record, lock, queueing_lock
from widget_backend.inbox.told import pack
from widget_backend.jobs.together import TOGETHER

#: how often a statement is tried whose connection was cut
TRIES: Final = 5
#: entity of a message that tells of no record we look at
OTHER: Final = "other"

#: ``rows``: a map for each message; the body lies at the first of those that came in one
_ACCEPT: Final = f"""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (installation_id bigint, entity text, remote_id text,
               verb text, state text, key text, told_at timestamptz, told text, body text, lock text, queueing_lock text)
    ), stored AS (
        INSERT INTO inbox_message (installation_id, entity, remote_id, verb, source, state, key, told_at, told, body)
        SELECT installation_id, entity, remote_id, verb, 'webhook', state, key, told_at, told, body FROM told
            ON CONFLICT (installation_id, key) WHERE key IS NOT NULL DO NOTHING
        RETURNING installation_id, entity, remote_id
    ), wanted AS (
        SELECT DISTINCT '{TASK}' AS task, lock, queueing_lock, jsonb_build_object('installation_id', installation_id,
               'entity', entity, 'remote_id', remote_id) AS args
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


@dataclass(slots=True)
class _Delivery:
    rows: list[dict[str, Any]]
    stored: bool = False
    error: Exception | None = field(default=None)


class Reception:
    """Of one process; its threads bring what they have got."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Delivery] = []
        self._queue = Lock()
        self._turn = Lock()

    def accept(self, sender: Sender, told: Sequence[Slip], body: bytes) -> None:
        """Store, with the jobs to work on it, and return when that is safe. In no scope and no transaction: it has its own.

        Raises :class:`StorageAway`: nothing is stored then.
        """
        delivery = _Delivery(_rows(sender, told, body))
        with self._queue:
            self._waiting.append(delivery)
        with self._turn:
            if not delivery.stored and delivery.error is None:
                with self._queue:
                    together, self._waiting = self._waiting, []
                self._store(together)
        if delivery.error is not None:
            with storing():
                raise delivery.error

    def _store(self, together: Sequence[_Delivery]) -> None:
        try:
            self._send([row for delivery in together for row in delivery.rows])
        except Exception as error:
            if len(together) > 1 and not isinstance(error, OperationalError | InterfaceError):
                for delivery in together:  # what is wrong with one is not to harm the others
                    self._store([delivery])
                return
            for delivery in together:
                delivery.error = error
        else:
            for delivery in together:
                delivery.stored = True

    def _send(self, rows: Sequence[dict[str, Any]]) -> None:
        values = {"rows": json.dumps(rows)}
        for attempt in range(1, TRIES + 1):
            # by the driver itself: this is done thousands of times a minute
            try:
                pooled = self._database.swift.raw_connection()
                connection: Any = pooled.driver_connection
                try:
                    connection.execute(_ACCEPT, values, prepare=True)
                finally:
                    pooled.close()
                return
            except (OperationalError, InterfaceError):
                # all connections may have been cut
                self._database.swift.dispose()
                if attempt == TRIES:
                    raise


def _rows(sender: Sender, told: Sequence[Slip], body: bytes) -> list[dict[str, Any]]:
    rows = [_row(sender, slip) for slip in told]
    rows[0]["body"] = sealed.seal(body.decode("utf-8", "backslashreplace"))
    return rows


def _row(sender: Sender, slip: Slip) -> dict[str, Any]:
    record = Record(slip.entity, slip.remote_id)
    worked_on = slip.entity in WORKED_ON
    has_job = worked_on and sender.active
    return {
        "installation_id": sender.id,
        "entity": slip.entity,
        "remote_id": slip.remote_id,
        "verb": slip.verb,
        "state": "new" if worked_on else "done",
        "key": slip.key,
        "told_at": slip.told_at.isoformat() if slip.told_at else None,
        "told": None if slip.told is None else sealed.seal(slip.told),
        "lock": lock(sender.id, record) if has_job else None,
        "queueing_lock": queueing_lock(sender.id, record) if has_job else None,
    }
