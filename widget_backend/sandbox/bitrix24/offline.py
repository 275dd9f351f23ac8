"""The offline queue: an application reads it itself, one row for an object and event, always the latest state."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import iso

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Handler

#: the online event that says the queue has something
PING = "ONOFFLINEEVENT"


def keep(portal: Portal, handler: Handler, event: str, data: dict[str, Any], user_id: int) -> None:
    """Add a row, in place of an older one that nobody has reserved."""
    same = (handler.client_id, handler.connector, event, data, "")
    portal.offline_events = [row for row in portal.offline_events if _identity(row) != same]
    portal.offline_events.append(
        {
            "id": portal.number("offline", 1, 1),
            "client_id": handler.client_id,
            "connector": handler.connector,
            "event": event,
            "data": data,
            "user_id": str(user_id),
            "at": iso(portal.clock()),
            "message_id": secrets.token_hex(16),
            "process_id": "",
            "error": 0,
        }
    )


def to_ping(portal: Portal, handler: Handler) -> list[Handler]:
    """The online handlers to be told, each at most once within its ``minTimeout``."""
    now = portal.clock()
    due = [
        row
        for row in portal.handlers
        if (row.client_id, row.event, row.offline) == (handler.client_id, PING, False)
        and now - portal.pinged.get(row.id, float("-inf")) >= row.min_timeout
    ]
    portal.pinged |= dict.fromkeys((row.id for row in due), now)
    return due


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["client_id"], row["connector"], row["event"], row["data"], row["process_id"]
