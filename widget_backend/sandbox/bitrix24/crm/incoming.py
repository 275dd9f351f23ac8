"""What a caller writes, turned into clean values with canonical names; unknown keys are ignored, as the vendor does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import MULTI, STANDARD, Standard, by_legacy_name, uf_entity
from widget_backend.sandbox.bitrix24.crm.names import shown_names
from widget_backend.sandbox.bitrix24.crm.values import (
    EMPTY,
    ITEM_YES,
    LEGACY_YES,
    day,
    flag,
    moment,
    to_float,
    to_int,
    uf_from,
)
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

NUMBERS = frozenset({"integer", "user", "crm_contact", "crm_company", "crm_category", "crm_lead", "crm_quote"})

#: read-only fields that an admin may set in an import
IMPORTABLE = frozenset({"createdTime", "updatedTime", "movedTime", "createdBy", "updatedBy", "movedBy"})

DROPPED = object()


def item_values(
    portal: Portal, entity_type: int, given: dict[str, Any], original: Any, extra: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The values of ``crm.item.*``; ``extra`` names read-only fields that may be written this time."""
    values: dict[str, Any] = {}
    for field in STANDARD[entity_type].values():
        if field.name in given and (not field.read_only or field.name in extra):
            values[field.name] = _standard(field, given[field.name], ITEM_YES, strict=True)
    fields = {field.name: field for field in portal.fields_of(uf_entity(entity_type))}
    for name, shown in shown_names(fields, original).items():
        if shown in given:
            values[name] = uf_from(fields[name], given[shown], item_api=True)
    if "fm" in given:
        values["fm"] = {key: enumerate_map(row) for key, row in enumerate_map(given["fm"]).items()}
    return {name: value for name, value in values.items() if value is not DROPPED}


def legacy_values(portal: Portal, entity_type: int, given: dict[str, Any]) -> dict[str, Any]:
    """The values of ``crm.deal.*`` and its like."""
    values: dict[str, Any] = {}
    for name, field in by_legacy_name(entity_type).items():
        if name in given and not field.read_only:
            values[field.name] = _standard(field, given[name], LEGACY_YES, strict=False)
    for uf in portal.fields_of(uf_entity(entity_type)):
        if uf.name in given:
            values[uf.name] = uf_from(uf, given[uf.name], item_api=False)
    rows = multi_rows(given)
    if rows:
        values["fm"] = rows
    return {name: value for name, value in values.items() if value is not DROPPED}


def multi_rows(given: dict[str, Any]) -> dict[str, Any]:
    """``PHONE: [{VALUE, VALUE_TYPE, ID?, DELETE?}]`` as rows by id; a row without an id is a new one."""
    rows: dict[str, Any] = {}
    for kind in MULTI:
        for place, row in enumerate(map(enumerate_map, enumerate_map(given.get(kind)).values())):
            deleted = flag(row.get("DELETE")) == "Y"
            key = str(row["ID"]) if row.get("ID") else f"n{kind}{place}"
            value = "" if deleted else row.get("VALUE")
            rows[key] = {"typeId": kind, "valueType": row.get("VALUE_TYPE"), "value": value}
    return rows


def _standard(field: Standard, value: Any, yes: tuple[Any, ...], strict: bool) -> Any:
    """A standard field's value; a date that cannot be read is dropped."""
    if field.multiple:
        return _list(value, strict)
    if field.type == "boolean":
        return flag(value, yes)
    if field.type in ("date", "datetime"):
        read = day(value) if field.type == "date" else moment(value)
        return read if read or value in EMPTY else DROPPED
    if field.type in NUMBERS:
        return to_int(value) if value not in (None, "") or field.type.startswith("crm_") else None
    if field.type == "double":
        return to_float(value) or 0
    return None if value is None or isinstance(value, dict | list) else str(value)


def _list(value: Any, strict: bool) -> list[int]:
    if value in EMPTY:
        return []
    if not isinstance(value, dict | list):
        if strict:
            kind = type(value).__name__
            raise RestError("100", f"Expected iterable value for multiple field, but got {kind} instead")
        value = [value]
    return [to_int(each) for each in enumerate_map(value).values()]
