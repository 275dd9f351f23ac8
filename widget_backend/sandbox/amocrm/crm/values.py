"""Values of custom fields: what each type takes, how it is kept, and how it is read back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.state import CustomField, Enum
from widget_backend.sandbox.amocrm.wire.problems import Issue, missing, not_a_choice, wrong_type

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

ZONE = timezone(timedelta(hours=3))

ENUMS = frozenset({"select", "multiselect", "radiobutton", "multitext"})
ONE_VALUE = frozenset({"select", "radiobutton"})

ADDRESS_PARTS = ("address_line_1", "address_line_2", "city", "state", "zip", "country")

#: what a checked item of ``values`` becomes, or what is wrong with it
Kept = dict[str, Any] | Issue


def field_of(account: Account, entity: str, given: dict[str, Any]) -> CustomField | None:
    """The field that an entry of ``custom_fields_values`` names, by id or by code."""
    fields = account.fields[entity]
    if given.get("field_id") is not None:
        return fields.get(given["field_id"]) if isinstance(given["field_id"], int) else None
    code = given.get("field_code")
    return next((field for field in fields.values() if code and field.code == code), None)


def read(account: Account, entity: str, given: Any) -> tuple[dict[int, list[dict[str, Any]]], list[Issue]]:
    """``custom_fields_values`` as values by field id (empty to clear), and everything wrong with it."""
    kept: dict[int, list[dict[str, Any]]] = {}
    issues: list[Issue] = []
    if given is None:
        return kept, issues
    if not isinstance(given, list):
        return kept, [wrong_type("custom_fields_values", "array")]
    for index, entry in enumerate(given):
        path = f"custom_fields_values.{index}"
        field = field_of(account, entity, entry) if isinstance(entry, dict) else None
        if field is None:
            by_code = isinstance(entry, dict) and entry.get("field_id") is None and "field_code" in entry
            issues.append(not_a_choice(f"{path}.{'field_code' if by_code else 'field_id'}"))
            continue
        values, wrong = _values(field, entry)
        kept[field.id] = values
        issues += [issue.under(path) for issue in wrong]
    return kept, issues


def shown(field: CustomField, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept values as the API reads them; options that are gone are left out."""
    if field.type not in ENUMS:
        return stored
    rows = []
    for each in stored:
        enum = field.enums.get(each["enum_id"])
        if enum is not None:
            value = each["value"] if field.type == "multitext" else enum.value
            rows.append({"value": value, "enum_id": enum.id, "enum_code": enum.code})
    return rows


def _values(field: CustomField, entry: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Issue]]:
    given = entry.get("values")
    if "values" not in entry:
        return [], [missing("values")]
    if given is None:
        return [], []
    if not isinstance(given, list):
        return [], [wrong_type("values", "array")]
    if field.type in ONE_VALUE and len(given) > 1:
        return [], [Issue("TooManyElements", "values", "This collection should contain 1 element or less.")]
    kept: list[dict[str, Any]] = []
    issues: list[Issue] = []
    for index, item in enumerate(given):
        done = _READERS.get(field.type, _text)(field, item) if isinstance(item, dict) else wrong_type("value", "object")
        if isinstance(done, Issue):
            issues.append(done.under(f"values.{index}"))
        else:
            kept.append(done)
    return kept, issues


def _text(_: CustomField, item: dict[str, Any]) -> Kept:
    value = item.get("value")
    return {"value": value} if isinstance(value, str) else wrong_type("value", "string")


def _number(_: CustomField, item: dict[str, Any]) -> Kept:
    value = item.get("value")
    text = str(value).strip().replace(",", ".")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return wrong_type("value", "numeric")
    try:
        float(text)
    except ValueError:
        return wrong_type("value", "numeric")
    return {"value": text}


def _flag(_: CustomField, item: dict[str, Any]) -> Kept:
    value = item.get("value")
    return {"value": value} if isinstance(value, bool) else wrong_type("value", "bool")


def _moment(field: CustomField, item: dict[str, Any]) -> Kept:
    """Seconds or RFC 3339; a date is kept as the midnight that begins it in the account's zone."""
    value = item.get("value")
    try:
        seconds = int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else value
    except ValueError:
        return wrong_type("value", "timestamp")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return wrong_type("value", "timestamp")
    if field.type == "date_time":
        return {"value": int(seconds)}
    day = datetime.fromtimestamp(seconds, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"value": int(day.timestamp())}


def _choice(field: CustomField, item: dict[str, Any]) -> Kept:
    """An option by its id, its code or its text, in this order."""
    for key, held in (("enum_id", "id"), ("enum_code", "code"), ("value", "value")):
        if item.get(key) is not None:
            found = next((enum for enum in field.enums.values() if getattr(enum, held) == item[key]), None)
            return {"enum_id": found.id} if found else not_a_choice(key)
    return missing("value")


def _multitext(field: CustomField, item: dict[str, Any]) -> Kept:
    value = item.get("value")
    if not isinstance(value, str):
        return wrong_type("value", "string")
    key = "enum_id" if item.get("enum_id") is not None else "enum_code"
    wanted = item.get(key, next(iter(field.enums.values())).code)
    found: Enum | None = next(
        (enum for enum in field.enums.values() if (enum.id if key == "enum_id" else enum.code) == wanted), None
    )
    return {"value": value, "enum_id": found.id} if found else not_a_choice(key)


def _address(_: CustomField, item: dict[str, Any]) -> Kept:
    if not isinstance(item.get("value"), str):
        return wrong_type("value", "string")
    number, code = item.get("enum_id", 0), item.get("enum_code")
    if code in ADDRESS_PARTS:
        number = ADDRESS_PARTS.index(code) + 1
    if number not in range(1, len(ADDRESS_PARTS) + 1):
        return not_a_choice("enum_id")
    return {"value": item["value"], "enum_id": number, "enum_code": ADDRESS_PARTS[number - 1]}


def _legal(_: CustomField, item: dict[str, Any]) -> Kept:
    value = item.get("value")
    if not isinstance(value, dict):
        return wrong_type("value", "object")
    return {"value": value} if value.get("name") else missing("value.name")


def _object(_: CustomField, item: dict[str, Any]) -> Kept:
    return {"value": item["value"]} if isinstance(item.get("value"), dict) else wrong_type("value", "object")


def _chained(_: CustomField, item: dict[str, Any]) -> Kept:
    kept = {key: item.get(key) for key in ("catalog_id", "catalog_element_id")}
    return kept if all(isinstance(value, int) for value in kept.values()) else wrong_type("catalog_element_id", "int")


_READERS: dict[str, Callable[[CustomField, dict[str, Any]], Kept]] = {
    "numeric": _number,
    "monetary": _number,
    "checkbox": _flag,
    "date": _moment,
    "birthday": _moment,
    "date_time": _moment,
    "select": _choice,
    "radiobutton": _choice,
    "multiselect": _choice,
    "multitext": _multitext,
    "smart_address": _address,
    "legal_entity": _legal,
    "file": _object,
    "chained_list": _chained,
}
