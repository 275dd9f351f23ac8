"""The records of one account, read and written through the door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from widget_backend.crm.amocrm.client import Client
from widget_backend.crm.amocrm.register.changes import Changes
from widget_backend.crm.amocrm.register.deals import WITH, deal
from widget_backend.crm.amocrm.register.moves import Moves
from widget_backend.crm.amocrm.register.questions import Questions
from widget_backend.crm.amocrm.register.sending import Sender
from widget_backend.crm.amocrm.register.shelf import Shelf
from widget_backend.crm.amocrm.register.touches import Touches
from widget_backend.crm.asking import Found, Want, Write, Written
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Deal, Move, Touched
from widget_backend.transport import Door


class AccountRecords:
    """Fulfils :class:`widget_backend.crm.port.Records` for one account."""

    def __init__(self, connection: Connection, door: Door, chart: Chart) -> None:
        self._chart = chart
        self._client = Client(connection, door)
        self._shelf = Shelf(self._client)
        self._sender = Sender(self._client, chart)

    def read(self, *wants: Want[Any]) -> Found:
        """See :class:`Records`: patients, then deals, then the rest."""
        return Questions(self._client, self._shelf, self._chart, wants).answers()

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        """See :class:`Records`. Raises :class:`Forbidden`, with nothing sent, for an answer to a foreign address."""
        return self._sender.send(writes)

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        """See :class:`Records`."""
        return Moves(self._client, self._shelf, deal).since(since)

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        """See :class:`Records`."""
        for rows in Changes(self._client, "leads", WITH).since(since):
            yield tuple(deal(row, self._chart) for row in rows)

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        """See :class:`Records`."""
        return Touches(self._client).since(since)
