"""The set-up of one portal: reads it in one request, hands writes and counts on (bitrix24.md §9.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from widget_backend.crm.bitrix24 import inventory
from widget_backend.crm.bitrix24.capabilities import capabilities
from widget_backend.crm.bitrix24.client import Client
from widget_backend.crm.bitrix24.counting import Counter
from widget_backend.crm.bitrix24.inventory import Inventory
from widget_backend.crm.bitrix24.writing import Writer
from widget_backend.crm.model import Access, Capabilities, Change, Kind, Remote, Snapshot
from widget_backend.crm.port import Connection, Outcome
from widget_backend.transport import Door


class PortalStructure:
    """Fulfils :class:`widget_backend.crm.port.Structure` for one portal. Keeps what the last survey found."""

    def __init__(self, connection: Connection, door: Door) -> None:
        parts = urlsplit(connection.url)
        self._client = Client(connection, door)
        self._url = f"{parts.scheme}://{self._client.host}"
        self._application = connection.application
        self._key = connection.account
        self._writer = Writer(self._client, connection.application)
        self._counter = Counter(self._client)
        self._last: Inventory | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What can be said over this connection; after a survey also whether the portal's plan has robots."""
        robots = self._last.access.robots if self._last else None
        return capabilities(application=self._application is not None, robots=robots)

    def snapshot(self, kinds: Collection[Kind], known: Mapping[str, str]) -> Snapshot:
        """Read what ``kinds`` need in one request, cards of pipelines nobody is bound to in one more.

        Raises :class:`VendorError`; safe to repeat.
        """
        self._last = inventory.take(self._client, self._application, self._url, kinds, known)
        return self._keyed(self._last.snapshot)

    def access(self) -> Access:
        """Rights, scopes and plan; costs nothing after a survey."""
        return self._last.access if self._last else inventory.access(self._client, self._application)

    def count_deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """Stage id -> how many deals stand in it."""
        return self._counter.deals(stages)

    def count_values(self, fields: Sequence[Remote]) -> Mapping[str, int]:
        """Field or source id -> how many records hold it."""
        return self._counter.values(fields)

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        """Carry out the writing changes; outcomes after each request."""
        return self._writer.apply(changes, ids, self._last.layouts if self._last else {})

    def _keyed(self, snapshot: Snapshot) -> Snapshot:
        """Under the key the installation knows; a webhook learns no more than the host."""
        account = snapshot.account
        return replace(snapshot, account=replace(account, key=self._key or account.key))
