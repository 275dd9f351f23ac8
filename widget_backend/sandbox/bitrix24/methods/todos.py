"""``crm.activity.todo.*``: the CRM's own to-dos, with a deadline on an item's card."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import moment, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.registry import Body, Call, method

COLORS = frozenset("1234567")

#: method of one change -> its parameter, and the parameter of ``crm.activity.todo.update`` that it stands for
ONE_VALUE = {
    "updateDeadline": ("value", "deadline"),
    "updateDescription": ("value", "description"),
    "updateResponsibleUser": ("responsibleId", "responsibleId"),
    "updateColor": ("colorId", "colorId"),
}


@method("crm.activity.todo.add", write=True)
def add(call: Call) -> Any:
    owner = _owner(call)
    deadline = _deadline(call.required("deadline"))
    texts = (str(call.get("title") or ""), str(call.get("description") or ""))
    row = _activity(call, owner, texts, deadline)
    _apply(row, {name: call.get(name) for name in ("responsibleId", "colorId", "pingOffsets") if call.get(name)})
    fire(call.portal, "ONCRMACTIVITYADD", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return {"id": row["ID"]}


@method("crm.activity.todo.update", write=True)
def update(call: Call) -> Any:
    call.required("deadline")
    names = ("deadline", "title", "description", "responsibleId", "colorId", "pingOffsets")
    return _change(call, {name: call.get(name) for name in names if name in call.params})


def _register(verb: str, given: str, name: str) -> None:
    def body(call: Call) -> Any:
        return _change(call, {name: call.required(given)})

    registered: Body = body
    method(f"crm.activity.todo.{verb}", write=True)(registered)


for _verb, _names in ONE_VALUE.items():
    _register(_verb, *_names)


def _change(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    owner, row = _owner(call), call.portal.activities.get(call.required_int("id"))
    if row is None or (row["OWNER_TYPE_ID"], row["OWNER_ID"]) != owner:
        raise RestError("NOT_FOUND", "Not found")
    _apply(row, given)
    row["LAST_UPDATED"], row["EDITOR_ID"] = iso(call.portal.clock()), call.caller.user.id
    fire(call.portal, "ONCRMACTIVITYUPDATE", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return {"id": row["ID"]}


def _apply(row: dict[str, Any], given: dict[str, Any]) -> None:
    """Write the values of a to-do's parameters into its row."""
    if "deadline" in given:
        row["DEADLINE"] = row["END_TIME"] = _deadline(given["deadline"])
    for name, column in (("title", "SUBJECT"), ("description", "DESCRIPTION")):
        if name in given:
            row[column] = str(given[name] or "")
    if to_int(given.get("responsibleId")):
        row["RESPONSIBLE_ID"] = to_int(given["responsibleId"])
    if str(given.get("colorId")) in COLORS:
        row["_color"] = str(given["colorId"])
    if "pingOffsets" in given:
        row["_pings"] = given["pingOffsets"]


def _owner(call: Call) -> tuple[int, int]:
    entity_type, number = call.required_int("ownerTypeId"), call.required_int("ownerId")
    if number not in call.portal.items[entity_type]:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not call.caller.user.crm:
        raise RestError("ACCESS_DENIED", "Access denied")
    return entity_type, number


def _deadline(given: Any) -> str:
    deadline = moment(given)
    if deadline is None:
        raise RestError("WRONG_DATETIME_FORMAT", "Wrong date format")
    return deadline


def _activity(call: Call, owner: tuple[int, int], texts: tuple[str, str], deadline: str) -> dict[str, Any]:
    """A to-do as the list of activities writes it, with numbers not yet text."""
    number, now, user = call.portal.number("activity", 999), iso(call.portal.clock()), call.caller.user.id
    row: dict[str, Any] = {"ID": number, "OWNER_ID": owner[1], "OWNER_TYPE_ID": owner[0], "TYPE_ID": 6}
    row |= {"PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO", "PROVIDER_GROUP_ID": None}
    row |= {"SUBJECT": texts[0], "DESCRIPTION": texts[1], "DESCRIPTION_TYPE": 1, "ASSOCIATED_ENTITY_ID": 0}
    row |= {"CREATED": now, "LAST_UPDATED": now, "START_TIME": now, "END_TIME": deadline, "DEADLINE": deadline}
    row |= {"COMPLETED": "N", "STATUS": "1", "RESPONSIBLE_ID": user, "PRIORITY": 2, "DIRECTION": 0}
    row |= {"AUTHOR_ID": user, "EDITOR_ID": user, "SETTINGS": [], "ORIGINATOR_ID": None, "ORIGIN_ID": None}
    row |= {"_color": "", "_pings": []}
    call.portal.activities[number] = row
    return row
