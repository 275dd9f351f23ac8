"""``crm.activity.binding.*``: the items that an activity hangs on."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.registry import Call, method


@method("crm.activity.binding.list")
def list_(call: Call) -> Any:
    return [{"entityTypeId": kind, "entityId": number} for kind, number in _found(call)["_bindings"]]


@method("crm.activity.binding.add", write=True)
def add(call: Call) -> Any:
    row, place = _found(call), _place(call)
    if place in row["_bindings"]:
        raise RestError("ACTIVITY_IS_ALREADY_BOUND", "Activity is already bound to this item")
    row["_bindings"].append(place)
    return True


@method("crm.activity.binding.delete", write=True)
def delete(call: Call) -> Any:
    row, place = _found(call), _place(call)
    if place not in row["_bindings"]:
        raise RestError("BINDING_NOT_FOUND", "Activity is not bound to this item")
    if len(row["_bindings"]) == 1:
        raise RestError("LAST_BINDING_CANNOT_BE_DELETED", "Cannot delete the only binding")
    row["_bindings"].remove(place)
    row["OWNER_TYPE_ID"], row["OWNER_ID"] = row["_bindings"][0]
    return True


def _found(call: Call) -> dict[str, Any]:
    row = call.portal.activities.get(call.required_int("activityId"))
    if row is None:
        raise RestError("NOT_FOUND", "Element not found")
    if not call.caller.user.crm:
        raise RestError("ACCESS_DENIED", "Access denied")
    return row


def _place(call: Call) -> tuple[int, int]:
    place = (call.required_int("entityTypeId"), call.required_int("entityId"))
    if place[1] not in call.portal.items[place[0]]:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    return place
