"""Activities: to-dos, calls, messages, letters; each hangs on one item or more, the first of which owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import iso
from widget_backend.sandbox.bitrix24.events import fire

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

Row = dict[str, Any]

#: an item: entity type and id
Place = tuple[int, int]

MEETING, CALL, TASK, EMAIL, PROVIDER = 1, 2, 3, 4, 6
INCOMING, OUTGOING = 1, 2

#: every column with what stands there while nobody has said anything; names with ``_`` are not shown
BLANK: Row = {
    **dict.fromkeys(("OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "ASSOCIATED_ENTITY_ID", "DIRECTION"), 0),
    **dict.fromkeys(("PROVIDER_ID", "PROVIDER_TYPE_ID", "PROVIDER_GROUP_ID", "PROVIDER_DATA"), None),
    **dict.fromkeys(("ORIGINATOR_ID", "ORIGIN_ID"), None),
    **dict.fromkeys(("SUBJECT", "DESCRIPTION", "LOCATION"), ""),
    **{"COMPLETED": "N", "STATUS": "1", "PRIORITY": 2, "DESCRIPTION_TYPE": 1, "NOTIFY_TYPE": 0, "NOTIFY_VALUE": 0},
    **{"IS_INCOMING_CHANNEL": "N", "SETTINGS": [], "PROVIDER_PARAMS": []},
    **{"START_TIME": None, "END_TIME": None, "DEADLINE": None},
    **{"_bindings": [], "_communications": [], "_color": "", "_pings": []},
}
COLUMNS = frozenset(
    {name for name in BLANK if name[0] != "_"}
    | {"ID", "CREATED", "LAST_UPDATED", "RESPONSIBLE_ID", "AUTHOR_ID", "EDITOR_ID"}
)


def add(portal: Portal, caller: Caller | None, values: Row, places: list[Place]) -> Row:
    """One more activity on these items; without a caller it came from outside, by nobody who works here."""
    now, owner = iso(portal.clock()), places[0]
    user = caller.user.id if caller else responsible(portal, owner)
    row = BLANK | {"ID": portal.number("activity", 999), "OWNER_TYPE_ID": owner[0], "OWNER_ID": owner[1]}
    row |= {"CREATED": now, "LAST_UPDATED": now, "START_TIME": now, "END_TIME": now, "RESPONSIBLE_ID": user}
    row |= {"AUTHOR_ID": user, "EDITOR_ID": user} | values
    row |= {"_bindings": list(dict.fromkeys(places)), "_at": portal.clock()}
    portal.activities[row["ID"]] = row
    for place in row["_bindings"]:
        _touch(portal, place, user)
    fire(portal, "ONCRMACTIVITYADD", {"FIELDS": {"ID": row["ID"]}}, caller)
    return row


def change(portal: Portal, caller: Caller | None, row: Row, values: Row) -> None:
    """Write what has changed; what changes nothing tells nobody."""
    if all(row.get(name) == value for name, value in values.items()):
        return
    row |= values
    row["LAST_UPDATED"] = iso(portal.clock())
    if caller:
        row["EDITOR_ID"] = caller.user.id
    fire(portal, "ONCRMACTIVITYUPDATE", {"FIELDS": {"ID": row["ID"]}}, caller)


def remove(portal: Portal, caller: Caller | None, row: Row) -> None:
    """Delete an activity."""
    del portal.activities[row["ID"]]
    fire(portal, "ONCRMACTIVITYDELETE", {"FIELDS": {"ID": row["ID"]}}, caller)


def release(portal: Portal, caller: Caller, place: Place) -> None:
    """An item is gone: what hung on it alone goes too, the rest belongs to the next item."""
    for row in list(portal.activities.values()):
        if place not in row["_bindings"]:
            continue
        row["_bindings"] = [each for each in row["_bindings"] if each != place]
        if not row["_bindings"]:
            remove(portal, caller, row)
        elif (row["OWNER_TYPE_ID"], row["OWNER_ID"]) == place:
            row["OWNER_TYPE_ID"], row["OWNER_ID"] = row["_bindings"][0]


def of_item(portal: Portal, place: Place) -> list[Row]:
    """Everything that hangs on an item, in the order it came."""
    return [row for row in portal.activities.values() if place in row["_bindings"]]


def responsible(portal: Portal, place: Place) -> int:
    """Who is responsible for an item."""
    return int(portal.items[place[0]][place[1]]["assignedById"])


def _touch(portal: Portal, place: Place, user_id: int) -> None:
    item = portal.items[place[0]].get(place[1])
    if item is not None:
        item["lastActivityTime"], item["lastActivityBy"] = iso(portal.clock()), user_id
