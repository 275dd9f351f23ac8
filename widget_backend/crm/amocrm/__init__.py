"""amoCRM (and Kommo): the set-up of one account over API v4, with a long-lived or an application's token."""

from __future__ import annotations

from widget_backend.crm.amocrm.structure import AccountStructure
from widget_backend.crm.port import Connection, Structure
from widget_backend.transport import Door


def structure(connection: Connection, door: Door) -> Structure:
    """The set-up of the account at the other end of ``connection``; sends nothing yet."""
    return AccountStructure(connection, door)
