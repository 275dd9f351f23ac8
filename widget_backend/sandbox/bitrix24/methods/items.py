"""``crm.item.*``: the universal methods for deals, contacts, leads and companies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters, records
from widget_backend.sandbox.bitrix24.crm.entities import STANDARD, Standard, check_type, uf_entity, upper
from widget_backend.sandbox.bitrix24.crm.incoming import item_values
from widget_backend.sandbox.bitrix24.crm.names import shown_names
from widget_backend.sandbox.bitrix24.crm.outgoing import item_shown
from widget_backend.sandbox.bitrix24.crm.values import EMPTY
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import UserField


@method("crm.item.fields")
def fields(call: Call) -> Any:
    entity_type = check_type(call.required_int("entityTypeId"))
    own = {field.name: field for field in call.portal.fields_of(uf_entity(entity_type))}
    shown = shown_names(own, call.get("useOriginalUfNames"))
    rows = {name: _described(field) for name, field in STANDARD[entity_type].items()}
    return {"fields": rows | {shown[name]: _described_own(call, field) for name, field in own.items()}}


@method("crm.item.get")
def get(call: Call) -> Any:
    return {"item": _shown(call, found(call))}


@method("crm.item.list")
def list_(call: Call) -> Any:
    entity_type = check_type(call.required_int("entityTypeId"))
    reader = _reader(call, entity_type)
    rows = list(call.portal.items[entity_type].values()) if call.caller.user.crm else []
    conditions = enumerate_map(call.get("filter"))
    filters.check(conditions, reader)
    rows = [row for row in rows if filters.matches(row, conditions, reader)]
    filters.sort(rows, enumerate_map(call.get("order")) or {"id": "ASC"}, reader)
    select = [str(name) for name in enumerate_map(call.get("select")).values()] or ["*"]
    original = call.get("useOriginalUfNames")
    return filters.paged(
        rows, call.get("start"), False, "items", lambda row: item_shown(call.portal, row, original, select)
    )


@method("crm.item.add", write=True)
def add(call: Call) -> Any:
    entity_type = check_type(call.required_int("entityTypeId"))
    check_access(call)
    values = item_values(call.portal, entity_type, _fields(call), call.get("useOriginalUfNames"))
    _check_required(call, entity_type, values)
    return {"item": _shown(call, records.create(call.portal, call.caller, entity_type, values))}


@method("crm.item.update", write=True)
def update(call: Call) -> Any:
    item = found(call)
    values = item_values(call.portal, item["entityTypeId"], _fields(call), call.get("useOriginalUfNames"))
    if values.get("stageId", item.get("stageId")) != item.get("stageId"):
        _check_required(call, item["entityTypeId"], item | values)
    records.update(call.portal, call.caller, item, values)
    return {"item": _shown(call, item)}


@method("crm.item.delete", write=True)
def delete(call: Call) -> Any:
    records.delete(call.portal, call.caller, found(call))
    return []


def found(call: Call) -> dict[str, Any]:
    """The item a call names."""
    entity_type = check_type(call.required_int("entityTypeId"))
    check_access(call)
    item = call.portal.items[entity_type].get(call.required_int("id"))
    if item is None:
        raise RestError("NOT_FOUND", "Element not found")
    return item


def check_access(call: Call) -> None:
    """Refuse a user who may not see the CRM."""
    if not call.caller.user.crm:
        raise RestError("ACCESS_DENIED", "Access denied")


def _fields(call: Call) -> dict[str, Any]:
    return enumerate_map(call.required("fields"))


def _check_required(call: Call, entity_type: int, values: dict[str, Any]) -> None:
    """Mandatory user fields are asked for only where the portal is set to."""
    if not call.portal.settings.check_required:
        return
    for field in call.portal.fields_of(uf_entity(entity_type)):
        if field.flags["MANDATORY"] == "Y" and values.get(field.name) in EMPTY:
            text = call.portal.say(
                f"Обязательное поле «{field.name}» не заполнено", f"Field '{field.name}' is required"
            )
            raise RestError("CRM_FIELD_ERROR_REQUIRED", text)


def _shown(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    return item_shown(call.portal, item, call.get("useOriginalUfNames"))


def _reader(call: Call, entity_type: int) -> filters.Reader:
    """How a filter reads a field, by either spelling; boolean user fields are held against 1 and 0."""
    standard = {spelling: name for name in STANDARD[entity_type] for spelling in (name, upper(name))}
    own = {field.name: field for field in call.portal.fields_of(uf_entity(entity_type))}
    shown = {name: own[key] for key, name in shown_names(own, call.get("useOriginalUfNames")).items()}

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        if name in standard:
            return lambda row: row.get(standard[name])
        return read_own(shown[name]) if name in shown else None

    return reader


def read_own(field: UserField) -> Callable[[dict[str, Any]], Any]:
    """How a filter reads a user field."""
    if field.type == "boolean":
        return lambda row: 1 if row.get(field.name) == "Y" else 0
    return lambda row: row.get(field.name)


def _described(field: Standard) -> dict[str, Any]:
    return {
        "type": field.type,
        "isRequired": False,
        "isReadOnly": field.read_only,
        "isImmutable": False,
        "isMultiple": field.multiple,
        "isDynamic": False,
        "title": field.title,
        "upperName": upper(field.name),
    }


def _described_own(call: Call, field: UserField) -> dict[str, Any]:
    labels = field.labels.get("EDIT_FORM_LABEL", {})
    row: dict[str, Any] = {
        "type": field.type,
        "isRequired": field.flags["MANDATORY"] == "Y",
        "isReadOnly": False,
        "isImmutable": False,
        "isMultiple": field.multiple,
        "isDynamic": True,
        "title": labels.get(call.portal.settings.lang) or field.name,
        "upperName": field.name,
        "settings": field.settings,
    }
    if field.type == "enumeration":
        row["items"] = [{"ID": str(option.id), "VALUE": option.value} for option in field.options]
    return row
