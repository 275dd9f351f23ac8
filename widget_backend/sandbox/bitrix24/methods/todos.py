"""``crm.activity.todo.*``: the CRM's own to-dos, with a deadline on an item's card."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm import activities
from widget_backend.sandbox.bitrix24.crm.values import moment, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.registry import Body, Call, method

COLORS = frozenset("1234567")

#: what makes an activity a to-do
TODO = {"TYPE_ID": activities.PROVIDER, "PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO"}

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
    call.required("deadline")
    names = ("deadline", "title", "description", "responsibleId", "colorId", "pingOffsets")
    columns = _columns({name: call.get(name) for name in names if call.get(name)})
    row = activities.add(call.portal, call.caller, TODO | columns, [owner])
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
    activities.change(call.portal, call.caller, row, _columns(given))
    return {"id": row["ID"]}


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    """The values of a to-do's parameters as its row keeps them."""
    row: dict[str, Any] = {}
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
    return row


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
