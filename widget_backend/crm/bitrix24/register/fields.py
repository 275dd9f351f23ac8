"""Fields of deals and contacts by our addresses: all of a record off the wire, some for the wire (bitrix24.md §4.3–§4.5).
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.bitrix24.register import values
from widget_backend.crm.chart import Chart, ChartField
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.errors import Unsupported
from widget_backend.texts import Text

#: built-in fields as cards call them -> as items do
KEYS: Mapping[str, Mapping[str, str]] = {
    "deal": {
        "TITLE": "title",
        "OPPORTUNITY_WITH_CURRENCY": "opportunity",
        "ASSIGNED_BY_ID": "assignedById",
        "COMMENTS": "comments",
        "SOURCE_ID": "sourceId",
        "SOURCE_DESCRIPTION": "sourceDescription",
    },
    "contact": {
        "LAST_NAME": "lastName",
        "NAME": "name",
        "SECOND_NAME": "secondName",
        "BIRTHDATE": "birthdate",
        "ASSIGNED_BY_ID": "assignedById",
        "COMMENTS": "comments",
    },
}
#: the five parts of «UTM», by their names in an address
UTM: Mapping[str, str] = {
    "utm_source": "utmSource",
    "utm_medium": "utmMedium",
    "utm_campaign": "utmCampaign",
    "utm_content": "utmContent",
    "utm_term": "utmTerm",
}
#: built-in fields that are records of their own, and no plain value
PARTS = frozenset({"CLIENT", "PHONE", "EMAIL"})

_NO_FIELD = Text(
    "Поля «{field}» на этом портале нет, или записать его нельзя. Ничего не записано; запустите проверку настройки.",
    "This portal has no field “{field}”, or it cannot be written. Nothing was written; run the check of the set-up.",
)


def read(chart: Chart, entity: str, item: Mapping[str, Any]) -> dict[str, FieldValue]:
    """All the chart knows of; a field that the portal no longer has is absent. UTM is text, ``utm_source=…&utm_medium=…``."""
    found: dict[str, FieldValue] = {}
    for field in chart.fields_of(entity):
        if field.system and field.id == "UTM":
            found[field.address] = _campaign(item)
        elif (key := _key(field)) in item:
            found[field.address] = values.read(field, item[key])
    return found


def write(chart: Chart, given: FieldValues, currency: str) -> dict[str, Any]:
    """For the wire. Raises :class:`Unsupported` for a field or option that is not there."""
    said: dict[str, Any] = {}
    for address, value in given.items():
        said |= _said(chart, address, value, currency)
    return said


def costs_currency(chart: Chart, given: FieldValues) -> bool:
    """Whether an amount among these has to name its currency."""
    named = (chart.field.get(address) for address, value in given.items() if value is not None)
    return any(field is not None and field.type == "money" and not field.system for field in named)


def taken(chart: Chart, entity: str) -> frozenset[str]:
    """The item's keys that the chart knows of."""
    return frozenset(key for field in chart.fields_of(entity) for key in _keys(field))


def _said(chart: Chart, address: str, value: FieldValue, currency: str) -> dict[str, Any]:
    field = chart.field.get(address)
    if field is None or (field.system and field.id in PARTS):
        raise Unsupported(_NO_FIELD.format(field=address), vendor=VENDOR, code="no_field", words=address)
    if field.system and field.id == "UTM":
        return _parts(str(value or ""))
    key = _key(field)
    # an amount that was set is not the sum of the goods
    manual = {"isManualOpportunity": "Y"} if key == "opportunity" else {}
    return {key: values.write(field, value, currency), **manual}


def _key(field: ChartField) -> str:
    return KEYS[field.entity].get(field.id, "") if field.system else field.id


def _keys(field: ChartField) -> Iterator[str]:
    yield from UTM.values() if field.system and field.id == "UTM" else (_key(field),)


def _campaign(item: Mapping[str, Any]) -> str | None:
    parts = {name: str(item[key]) for name, key in UTM.items() if item.get(key)}
    return urlencode(parts) or None


def _parts(text: str) -> dict[str, Any]:
    """All five, so that nothing of another campaign stays; a text that names no parts is a source."""
    named = {name: value for name, value in parse_qsl(text) if name in UTM}
    named = named or ({"utm_source": text} if text else {})
    return {key: named.get(name, values.CLEARED) for name, key in UTM.items()}
