"""The set-up of one account: reads it in as few requests as it takes (amocrm.md §10.1), hands writes and counts on."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from widget_backend.crm.amocrm import reading
from widget_backend.crm.amocrm.capabilities import capabilities
from widget_backend.crm.amocrm.client import Client, Row, embedded
from widget_backend.crm.amocrm.counting import Counter
from widget_backend.crm.amocrm.judge import FORBIDDEN
from widget_backend.crm.amocrm.webhooks import destination_prefix
from widget_backend.crm.amocrm.words import ENTITIES
from widget_backend.crm.amocrm.writing.writer import Writer
from widget_backend.crm.model import Access, Capabilities, Change, Kind, Remote, Snapshot
from widget_backend.crm.port import Connection, Outcome
from widget_backend.errors import AccessLost, Missing
from widget_backend.transport import Door

#: seconds for which the account's own answer holds: nothing we write is told in it
ACCOUNT_AGE = 180.0


class AccountStructure:
    """Fulfils :class:`widget_backend.crm.port.Structure` for one account."""

    def __init__(self, connection: Connection, door: Door) -> None:
        self._application = connection.application
        self._client = Client(connection, door)
        self._writer = Writer(self._client, connection.application)
        self._counter = Counter(self._client)
        self._account: Row = {}
        self._account_read = 0.0

    @property
    def capabilities(self) -> Capabilities:
        """What can be said over this connection; costs no request."""
        return capabilities(application=self._application is not None)

    def snapshot(self, kinds: Collection[Kind], known: Mapping[str, str]) -> Snapshot:
        """Read what ``kinds`` need, one request for each list.

        ``known`` holds every address wanted or bound: fields, tabs and tags of an entity it does not name are not read
        (tabs of deals always are). Raises :class:`VendorError`; safe to repeat.
        """
        asked = frozenset(kinds)
        row = self._read_account()
        remotes = [*reading.task_types(row)] if Kind.TASK_TYPE in asked else []
        if asked & {Kind.PIPELINE, Kind.STAGE}:
            remotes += reading.pipelines(self._read_pipelines())
        for entity in ENTITIES:
            remotes += self._fields_and_tabs(entity, asked, known)
        if Kind.LOSS_REASON in asked:
            remotes += map(reading.loss_reason, self._client.rows("leads/loss_reasons", "loss_reasons"))
        remotes += self._of_application(asked)
        return Snapshot(reading.account(row, self._client.origin), tuple(remotes))

    def access(self) -> Access:
        """Whether the key is an administrator's; one request (§1.5, §4.8)."""
        user = self._read_account().get("current_user_id")
        try:
            rights = self._client.get(f"users/{user}").get("rights") if user else None
        except Missing:
            return Access()
        except AccessLost as refusal:
            if refusal.code != FORBIDDEN:
                raise
            return Access(admin=False)
        admin = rights.get("is_admin") if isinstance(rights, dict) else None
        return Access(admin=admin if isinstance(admin, bool) else None)

    def count_deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """Stage id -> how many deals stand in it."""
        return self._counter.deals(stages)

    def count_values(self, fields: Sequence[Remote]) -> Mapping[str, int]:
        """Field, source or loss reason id -> how many records hold it."""
        return self._counter.values(fields)

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Iterator[Sequence[Outcome]]:
        """Carry out the writing changes; outcomes after each request."""
        return self._writer.apply(changes, ids)

    def _read_account(self) -> Row:
        """The account, read again after a while: task types may have been added by hand."""
        if not self._account or time.monotonic() - self._account_read > ACCOUNT_AGE:
            row = self._client.get("account", {"with": "task_types"})
            if "id" not in row:
                raise self._client.unclear("GET", "account", "no id")
            self._account, self._account_read = row, time.monotonic()
        return self._account

    def _read_pipelines(self) -> list[Row]:
        """All pipelines in one answer (§2.5); an account without any does not exist, so an empty answer is a fault."""
        rows = embedded(self._client.get("leads/pipelines"), "pipelines")
        if not rows:
            raise self._client.unclear("GET", "leads/pipelines", "no pipelines")
        return rows

    def _fields_and_tabs(self, entity: str, asked: frozenset[Kind], known: Mapping[str, str]) -> Iterator[Remote]:
        base = ENTITIES[entity]
        fields: list[Row] = []
        tabs: list[Row] = []
        if asked & {Kind.FIELD, Kind.CARD} and _names(known, "field", entity):
            fields = self._client.rows(f"{base}/custom_fields", "custom_fields")
            yield from (reading.field(row, entity) for row in fields)
        if asked & {Kind.GROUP, Kind.CARD} and (entity == "deal" or _has(known, f"group.{entity}.")):
            tabs = self._client.rows(f"{base}/custom_fields/groups", "custom_field_groups")
            yield from reading.groups(tabs, entity)
        if Kind.CARD in asked and fields:
            yield reading.card(entity, fields, tabs)
        if Kind.TAG in asked and _names(known, "tag", entity):
            yield from (reading.tag(row, entity) for row in self._client.rows(f"{base}/tags", "tags"))

    def _of_application(self, asked: frozenset[Kind]) -> Iterator[Remote]:
        if self._application is None:
            return
        if Kind.SUBSCRIPTION in asked:
            ours = destination_prefix(self._application)
            hooks = self._client.rows("webhooks", "webhooks")
            yield from (reading.subscription(h) for h in hooks if str(h.get("destination")).startswith(ours))
        if Kind.SOURCE in asked:
            yield from map(reading.source, self._client.rows("sources", "sources"))


def _names(known: Mapping[str, str], kind: str, entity: str) -> bool:
    """Whether anything of this kind and entity is wanted or bound; a caller that names nothing of the kind wants all."""
    of_kind = [address for address in known if address.startswith(f"{kind}.")]
    return not of_kind or _has(known, f"{kind}.{entity}.")


def _has(known: Mapping[str, str], prefix: str) -> bool:
    return any(address.startswith(prefix) for address in known)
