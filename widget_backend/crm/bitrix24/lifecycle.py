"""The events of the application's own life, bound to one address of ours (bitrix24.md §1.3, §2.1)."""

from __future__ import annotations

from widget_backend.crm.bitrix24.application import is_there_already
from widget_backend.crm.bitrix24.client import Client, Inner
from widget_backend.crm.bitrix24.webhook import LIFE
from widget_backend.crm.port import Connection
from widget_backend.transport import Door


def announce(connection: Connection, door: Door) -> None:
    """Have the portal tell us of install, update, payment and removal; one request, safe to repeat.

    Raises :class:`VendorError`; that a handler is bound already is none.
    """
    assert connection.application
    address = f"{connection.application.public_url.rstrip('/')}/events/bitrix24"
    commands = {name.lower(): Inner("event.bind", {"event": name, "handler": address}) for name in LIFE}
    replies = Client(connection, door).batch(commands)
    for error in replies.errors.values():
        if not is_there_already(error.words):
            raise error
