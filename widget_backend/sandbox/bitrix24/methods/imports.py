"""``crm.item.import`` and ``crm.item.batchImport``: no robots, own times for admins, faults row by row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from widget_backend.sandbox.bitrix24.crm import records
from widget_backend.sandbox.bitrix24.crm.entities import check_type
from widget_backend.sandbox.bitrix24.crm.incoming import IMPORTABLE, item_values, multi_rows
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method

LARGEST = 20


@method("crm.item.import", write=True)
def import_(call: Call) -> Any:
    entity_type = _admitted(call)
    return {"item": {"id": _import(call, entity_type, enumerate_map(call.required("fields")))}}


@method("crm.item.batchImport", write=True)
def batch_import(call: Call) -> Any:
    entity_type = _admitted(call)
    data = list(enumerate_map(call.required("data")).values())
    if len(data) > LARGEST:
        raise RestError("MAX_IMPORT_BATCH_SIZE_EXCEEDED", f"You cannot import more than {LARGEST} items")
    return {"items": [_row(call, entity_type, enumerate_map(given)) for given in data]}


def _row(call: Call, entity_type: int, given: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"item": {"id": _import(call, entity_type, given)}}
    except RestError as error:
        return error.body()


def _import(call: Call, entity_type: int, given: dict[str, Any]) -> int:
    if IMPORTABLE & given.keys() and not call.caller.user.admin:
        name = sorted(IMPORTABLE & given.keys())[0]
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{name}"')
    values = item_values(call.portal, entity_type, given, call.get("useOriginalUfNames"), IMPORTABLE)
    values |= {"fm": rows} if (rows := multi_rows(given)) else {}
    newest = max((row["createdTime"] for row in call.portal.items[entity_type].values()), key=_instant, default=None)
    if newest and values.get("createdTime") and _instant(values["createdTime"]) < _instant(newest):
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", 'Invalid value for field "createdTime"')
    return int(records.create(call.portal, call.caller, entity_type, values, imported=True)["id"])


def _admitted(call: Call) -> int:
    entity_type = check_type(call.required_int("entityTypeId"))
    if not (call.caller.user.crm and (call.caller.user.can_import or call.caller.user.admin)):
        raise RestError("ACCESS_DENIED", "Access denied")
    return entity_type


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
