"""The clinic's own fields of a deal, carried along by a copy as they are; what cannot be carried is named (amocrm.md §10.2).

Pure. In ``Deal.own``: ``custom_fields_values`` as a write takes them, ``source`` our key of a source of our integration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from widget_backend.crm.amocrm.client import Row
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import LEFT_OUT

VALUES: Final = "custom_fields_values"
SOURCE: Final = "source"

#: type of a field -> the keys of its items that a write takes (§3.3); a type not named here is left out: files, chained lists
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("text", "textarea", "url", "streetaddress", "numeric", "monetary", "checkbox", "tracking_data"), ("value",)
    ),
    **dict.fromkeys(("date", "date_time", "birthday", "legal_entity"), ("value",)),
    **dict.fromkeys(("select", "multiselect", "radiobutton"), ("enum_id",)),
    "smart_address": ("value", "enum_id"),
}


def carried(row: Row, known: Iterable[str], chart: Chart) -> dict[str, Any]:
    """What a copy of this deal takes along. ``known``: ids of fields that go by our addresses."""
    ours = frozenset(known)
    values: list[dict[str, Any]] = []
    left_out: list[str] = []
    for field in row.get("custom_fields_values") or ():
        if str(field.get("field_id")) in ours or not field.get("values"):
            continue
        items = _items(field)
        if items:
            values.append({"field_id": field["field_id"], "values": items})
        else:
            left_out.append(str(field.get("field_name") or field.get("field_id")))
    own = {VALUES: values, LEFT_OUT: left_out, SOURCE: _source(row, chart)}
    return {name: value for name, value in own.items() if value}


def values_of(own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The values of the clinic's own fields, for a write."""
    return [dict(value) for value in own.get(VALUES, ())]


def _items(field: Row) -> list[dict[str, Any]]:
    """The items of one field as a write takes them; none where they cannot be written."""
    keys = KEYS.get(str(field.get("field_type")), ())
    rows = [{key: item[key] for key in keys if item.get(key) is not None} for item in field["values"]]
    return rows if keys and not field.get("is_computed") and all(rows) else []


def _source(row: Row, chart: Chart) -> str:
    """Our key of the deal's source; empty where it is none of our integration, whose alone may be written (§4.10)."""
    source = (row.get("_embedded") or {}).get("source")
    number = str(source.get("id")) if isinstance(source, dict) else ""
    names = (name for name, remote in chart.names.items() if name.startswith("source.") and remote == number)
    return next(names, "").removeprefix("source.")
