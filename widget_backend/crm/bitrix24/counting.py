"""How many deals stand in a stage, how many records hold a value: 50 counts a request (bitrix24.md §3.5, §4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import BATCH, Client, Inner, Replies, as_map, rows
from widget_backend.crm.bitrix24.known import REFUSALS
from widget_backend.crm.model import Kind, Remote

#: what holds a source
_SOURCE_HOLDERS = (words.DEAL, words.CONTACT, words.LEAD)
#: what a filled field answers to. An unticked box is stored as a no, and compares with numbers only (§10, 3)
_NOT_EMPTY = ("!=", "")
_HELD: Mapping[str, tuple[str, str | int]] = {
    "boolean": ("=", 1),
    "number": (">=", -(10**12)),
    "date": (">", "1900-01-01"),
    "datetime": (">", "1900-01-01"),
}


class Counter:
    """Counts by the totals of lists."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """Stage id -> number of deals; at least 1 where the portal does not tell."""
        return self._totals([(stage.id, _count(words.DEAL, {"=stageId": stage.id})) for stage in stages])

    def values(self, holders: Sequence[Remote]) -> Mapping[str, int]:
        """Field or source id -> number of records that hold it; at least 1 where the portal does not tell."""
        return self._totals([(remote.id, inner) for remote in holders for inner in _holding(remote)])

    def _totals(self, asked: Sequence[tuple[str, Inner]]) -> dict[str, int]:
        counted = {remote_id: 0 for remote_id, _ in asked}
        for start in range(0, len(asked), BATCH):
            part = asked[start : start + BATCH]
            replies = self._client.batch({f"n{place}": inner for place, (_, inner) in enumerate(part)})
            for place, (remote_id, inner) in enumerate(part):
                counted[remote_id] += _told(f"n{place}", inner, replies)
        return counted


def _holding(remote: Remote) -> Iterator[Inner]:
    if remote.kind is Kind.SOURCE:
        yield from (_count(entity, {"=sourceId": remote.id}) for entity in _SOURCE_HOLDERS)
    else:
        prefix, value = _HELD.get(str(remote.attributes.get("type")), _NOT_EMPTY)
        yield _count(words.ENTITY_TYPES[remote.entity], {prefix + remote.id: value})


def _count(entity_type: int, condition: Mapping[str, Any]) -> Inner:
    params = {"entityTypeId": entity_type, "select": ["id"], "filter": condition, "start": 0, "useOriginalUfNames": "Y"}
    return Inner("crm.item.list", params)


def _told(key: str, inner: Inner, replies: Replies) -> int:
    """A refused count of leads is none: many portals work without them. Any other stands for one record."""
    refusal = replies.errors.get(key)
    if refusal is not None and not isinstance(refusal, REFUSALS):
        raise refusal
    if key not in replies.values:
        return int(inner.params["entityTypeId"] != words.LEAD)
    return replies.totals.get(key, len(rows(as_map(replies.values[key]).get("items"))))
