"""Values as they are written and read: numbers, flags, dates, and user field values in both APIs."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime, time
from typing import Any

from widget_backend.sandbox.bitrix24.envelope import PORTAL_ZONE, RestError
from widget_backend.sandbox.bitrix24.state import UserField

#: the only spellings of yes in ``crm.item.*``; ``1`` means no there
ITEM_YES = (True, "true", "y", "Y")
LEGACY_YES = (*ITEM_YES, "1", 1, "Yes")

EMPTY: tuple[Any, ...] = (None, "", False, [], {})

WHOLE = frozenset({"integer", "enumeration", "employee", "iblock_section", "iblock_element", "user"})


def to_int(value: Any, default: int = 0) -> int:
    """A number the way PHP casts it."""
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return default


def to_float(value: Any) -> float | None:
    """A number or nothing."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def flag(value: Any, yes: tuple[Any, ...] = LEGACY_YES) -> str:
    """``Y`` or ``N``."""
    return "Y" if any(value is each or (type(value) is type(each) and value == each) for each in yes) else "N"


def moment(value: Any) -> str | None:
    """A date with time as the portal writes it; what cannot be read is dropped without a word."""
    found = _parsed(value)
    return found.isoformat(timespec="seconds") if found else None


def day(value: Any) -> str | None:
    """A date: midnight in the portal's zone."""
    found = _parsed(value)
    return datetime.combine(found.date(), time(), PORTAL_ZONE).isoformat() if found else None


def uf_from(field: UserField, value: Any, item_api: bool) -> Any:
    """A user field's value as stored; the item API wants a list for a multiple field."""
    if not field.multiple:
        return _one(field, value, item_api)
    if value in EMPTY:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        if item_api:
            kind = type(value).__name__
            raise RestError("100", f"Expected iterable value for multiple field, but got {kind} instead")
        value = [value]
    stored = [_one(field, each, item_api) for each in value]
    return [each for each in stored if each is not None]


def uf_item(field: UserField, value: Any) -> Any:
    """A stored value as ``crm.item.*`` writes it."""
    if field.multiple:
        return value or []
    if field.type == "boolean":
        return value or "N"
    return value


def uf_legacy(field: UserField, value: Any) -> Any:
    """A stored value as the older methods write it: text, and ``false`` for an empty list."""
    if field.multiple:
        return list(value) if value else False
    if field.type == "boolean":
        return "1" if value == "Y" else "0"
    if value is None:
        return None if field.type in ("file", "crm", "employee") else ""
    return value if isinstance(value, dict) else number_text(value)


def number_text(value: Any) -> str:
    """A number as text, whole ones without a fraction."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _one(field: UserField, value: Any, item_api: bool) -> Any:
    if field.type == "boolean":
        return flag(value, ITEM_YES if item_api else LEGACY_YES)
    if value in EMPTY and value is not False:
        return None
    if field.type == "enumeration":
        number = to_int(value)
        return number if any(option.id == number for option in field.options) else None
    if field.type in WHOLE:
        return to_int(value)
    if field.type == "double":
        return to_float(value)
    if field.type in ("date", "datetime"):
        return day(value) if field.type == "date" else moment(value)
    return _file(value) if field.type == "file" else str(value)


def _file(value: Any) -> dict[str, Any] | None:
    """A file arrives as ``[name, base64]``."""
    if isinstance(value, dict):
        value = value.get("fileData") or list(value.values())
    if not isinstance(value, list) or len(value) != 2:
        return None
    try:
        size = len(base64.b64decode(str(value[1]), validate=True))
    except (binascii.Error, ValueError):
        return None
    return {"id": size, "name": str(value[0]), "size": size, "url": f"/bitrix/components/file/{value[0]}"}


def _parsed(value: Any) -> datetime | None:
    text = str(value or "").strip().replace(" ", "T", 1)
    for shape in (datetime.fromisoformat, lambda each: datetime.combine(date.fromisoformat(each), time()), _dotted):
        try:
            found = shape(text)
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=PORTAL_ZONE)).astimezone(PORTAL_ZONE)
    return None


def _dotted(text: str) -> datetime:
    shape = "%d.%m.%Y" if len(text) == 10 else "%d.%m.%YT%H:%M:%S"
    return datetime.strptime(text, shape).replace(tzinfo=PORTAL_ZONE)
