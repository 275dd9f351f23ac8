"""What else than deals' changes a portal lists: contacts changed, and patients who called or wrote (bitrix24.md §4.4, §4.8).

Nothing lists what was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.bitrix24.register import timeline
from widget_backend.crm.bitrix24.register.moments import moment, spoken
from widget_backend.crm.bitrix24.register.reader import Reader
from widget_backend.crm.bitrix24.register.talks import PAGE, UNCOUNTED, Talk, paged, together
from widget_backend.crm.records import Touched

_ACTIVITY: Final = (
    *("ID", "TYPE_ID", "PROVIDER_ID", "DIRECTION", "IS_INCOMING_CHANNEL"),
    *("CREATED", "LAST_UPDATED", "START_TIME"),
)


def touched(reader: Reader, since: datetime) -> Iterator[Sequence[Touched]]:
    """The oldest first, all at once: both lists are asked for side by side."""
    listed: list[tuple[Touched, ...]] = reader.hold(together([_contacts(since), _incoming(since)]))
    found = sorted((one for part in listed for one in part), key=lambda one: (one.at or since, one.entity, one.id))
    if found:
        yield tuple(found)


def _contacts(since: datetime) -> Talk[tuple[Touched, ...]]:
    def page(last: str) -> Inner:
        condition = {">=updatedTime": spoken(since), **({">id": last} if last else {})}
        params: dict[str, Any] = {"entityTypeId": words.CONTACT, "select": ["id", "updatedTime"], "filter": condition}
        return Inner("crm.item.list", {**params, "order": {"id": "ASC"}, "start": UNCOUNTED})

    found = yield from paged(page, "items", "id")
    return tuple(Touched("contact", str(row["id"]), "updated", moment(row.get("updatedTime"))) for row in found)


def _incoming(since: datetime) -> Talk[tuple[Touched, ...]]:
    """The newest first, until a page brings an older one: whether a portal keeps to the time that is asked for is not
    said, and all that ever was is never read."""
    told: dict[str, Touched] = {}
    last = ""
    while True:
        (reply,) = yield [_activities(since, last)]
        rows = [row for row in reply.listed() if "ID" in row]
        fresh = [row for row in rows if (moment(row.get("LAST_UPDATED")) or since) >= since]
        for activity in (timeline.activity(row, None) for row in fresh):
            if activity is not None and activity.incoming:
                told[activity.id] = Touched("activity", activity.id, "added", activity.at)
        if len(fresh) < PAGE or str(rows[-1]["ID"]) == last:
            return tuple(told.values())
        last = str(rows[-1]["ID"])


def _activities(since: datetime, last: str) -> Inner:
    condition = {">=LAST_UPDATED": spoken(since), **({"<ID": last} if last else {})}
    params = {"select": list(_ACTIVITY), "filter": condition, "order": {"ID": "DESC"}, "start": UNCOUNTED}
    return Inner("crm.activity.list", params)
