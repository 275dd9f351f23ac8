"""The records of one portal, read and written through the door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from widget_backend.crm.asking import Found, Want, Write, Written
from widget_backend.crm.bitrix24.client import Client
from widget_backend.crm.bitrix24.register import pages, questions, touches
from widget_backend.crm.bitrix24.register.orders import Desk
from widget_backend.crm.bitrix24.register.reader import Reader
from widget_backend.crm.bitrix24.register.talks import together
from widget_backend.crm.bitrix24.register.writer import Writer
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Deal, Move, Touched
from widget_backend.transport import Door


class PortalRecords:
    """See :class:`Records`."""

    def __init__(self, connection: Connection, door: Door, chart: Chart) -> None:
        client = Client(connection, door)
        self._chart = chart
        self._reader = Reader(client)
        self._writer = Writer(client, Desk(client, chart, application=connection.application is not None))

    def read(self, *wants: Want[Any]) -> Found:
        """See :class:`Records`. One request for all that needs no answer of another."""
        talks = [questions.begin(want, self._chart) for want in wants]
        return Found(dict(zip(wants, self._reader.hold(together(talks)), strict=True)))

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        """See :class:`Records`."""
        return self._writer.write(writes)

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        """See :class:`Records`."""
        return pages.moves(self._reader, since, deal)

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        """See :class:`Records`."""
        return pages.changed(self._reader, self._chart, since)

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        """See :class:`Records`."""
        return touches.touched(self._reader, since)
