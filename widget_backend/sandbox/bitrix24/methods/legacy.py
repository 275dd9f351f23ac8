"""``crm.deal.*``, ``crm.contact.*`` and their like: the older methods, upper-case names, text for numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters, records
from widget_backend.sandbox.bitrix24.crm.entities import MULTI, NAMES, WITH_MULTI, by_legacy_name, uf_entity
from widget_backend.sandbox.bitrix24.crm.incoming import legacy_values
from widget_backend.sandbox.bitrix24.crm.outgoing import legacy_shown
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, legacy
from widget_backend.sandbox.bitrix24.methods.items import read_own
from widget_backend.sandbox.bitrix24.registry import Body, Call, method
from widget_backend.sandbox.bitrix24.state import DEAL


def _register(entity_type: int, name: str) -> None:
    def fields(call: Call) -> Any:
        return _fields(call, entity_type)

    def get(call: Call) -> Any:
        return legacy_shown(call.portal, found(call, entity_type))

    def list_(call: Call) -> Any:
        return _list(call, entity_type)

    def add(call: Call) -> Any:
        return _add(call, entity_type)

    def update(call: Call) -> Any:
        return _update(call, entity_type)

    def delete(call: Call) -> Any:
        records.delete(call.portal, call.caller, found(call, entity_type))
        return True

    bodies: dict[str, tuple[Body, bool]] = {"fields": (fields, False), "get": (get, False), "list": (list_, False)}
    bodies |= {"add": (add, True), "update": (update, True), "delete": (delete, True)}
    for verb, (body, write) in bodies.items():
        method(f"crm.{name}.{verb}", write=write)(body)


def found(call: Call, entity_type: int) -> dict[str, Any]:
    """The item a call names by ``id`` in any case."""
    number = to_int(call.any_case("id"))
    if number <= 0:
        raise legacy("ID is not defined or invalid.")
    _check_access(call)
    item = call.portal.items[entity_type].get(number)
    if item is None:
        raise legacy("Not found")
    return item


def _add(call: Call, entity_type: int) -> int:
    values = legacy_values(call.portal, entity_type, call.array("fields"))
    _check_access(call)
    if entity_type == DEAL and values.get("categoryId") not in (None, *call.portal.categories):
        values["categoryId"] = 0
    return int(records.create(call.portal, call.caller, entity_type, values)["id"])


def _update(call: Call, entity_type: int) -> bool:
    """The pipeline cannot be changed this way, and a stage of another one is dropped: both without a word."""
    item = found(call, entity_type)
    values = legacy_values(call.portal, entity_type, call.array("fields"))
    values.pop("categoryId", None)
    records.update(call.portal, call.caller, item, values)
    return True


def _list(call: Call, entity_type: int) -> Any:
    reader = _reader(call, entity_type)
    rows = list(call.portal.items[entity_type].values()) if call.caller.user.crm else []
    rows = [row for row in rows if filters.matches(row, call.mapping("filter"), reader)]
    for name, direction in reversed(list((call.mapping("order") or {"ID": "ASC"}).items())):
        if (read := reader(name)) is not None:
            rows.sort(key=lambda row: filters.comparable(read(row)), reverse=str(direction).upper() == "DESC")
    select = [str(name) for name in call.mapping("select").values()]
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: legacy_shown(call.portal, row, select))


def _reader(call: Call, entity_type: int) -> filters.Reader:
    standard = by_legacy_name(entity_type)
    own = {field.name: field for field in call.portal.fields_of(uf_entity(entity_type))}

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        if name in standard:
            return lambda row: row.get(standard[name].name)
        if name in MULTI and entity_type in WITH_MULTI:
            return lambda row: [each["value"] for each in row["fm"] if each["typeId"] == name]
        return read_own(own[name]) if name in own else None

    return reader


def _fields(call: Call, entity_type: int) -> dict[str, Any]:
    rows = {name: _row(field.type, field.title, field.read_only) for name, field in by_legacy_name(entity_type).items()}
    if entity_type == DEAL:
        rows["CATEGORY_ID"]["isImmutable"] = True
        rows["STAGE_ID"]["statusType"] = "DEAL_STAGE"
    for kind in MULTI if entity_type in WITH_MULTI else ():
        rows[kind] = _row("crm_multifield", kind) | {"isMultiple": True}
    for field in call.portal.fields_of(uf_entity(entity_type)):
        rows[field.name] = _row(field.type, field.name) | {
            "isMultiple": field.multiple,
            "isDynamic": True,
            "isRequired": field.flags["MANDATORY"] == "Y",
            "listLabel": field.labels.get("LIST_COLUMN_LABEL", {}).get(call.portal.settings.lang),
            "formLabel": field.labels.get("EDIT_FORM_LABEL", {}).get(call.portal.settings.lang),
            "filterLabel": field.labels.get("LIST_FILTER_LABEL", {}).get(call.portal.settings.lang),
            "settings": field.settings,
            "items": [{"ID": str(option.id), "VALUE": option.value} for option in field.options],
        }
    return rows


def _row(kind: str, title: str, read_only: bool = False) -> dict[str, Any]:
    return {
        "type": kind,
        "isRequired": False,
        "isReadOnly": read_only,
        "isImmutable": False,
        "isMultiple": False,
        "isDynamic": False,
        "title": title,
    }


def _check_access(call: Call) -> None:
    if not call.caller.user.crm:
        raise RestError("", "Access denied.")


for _type, (_, _name, _) in NAMES.items():
    _register(_type, _name)
