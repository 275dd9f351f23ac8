"""Fields by our addresses, built-in and of the preset: read from a row, put into a body (amocrm.md §3.3, §4.1, §4.3).

Pure. A built-in field is told by the vendor's own name of it, the rest by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from widget_backend.crm.amocrm.client import Row, embedded
from widget_backend.crm.amocrm.judge import VENDOR
from widget_backend.crm.amocrm.register.values import (
    MINOR,
    NO_OPTION,
    NO_VALUE,
    decoded,
    encoded,
    minor_units,
    unsayable,
)
from widget_backend.crm.amocrm.words import TRACKING
from widget_backend.crm.chart import Chart, ChartField
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.errors import Unsupported
from widget_backend.phones import e164
from widget_backend.texts import Text

Body: TypeAlias = dict[str, Any]

#: the text field that holds what a deal was created with; amoCRM itself has no place for that
MARKER: Final = "field.deal.copy_of"
VALUES: Final = "custom_fields_values"
#: the tracking marks that every account has
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

FIXED = Text(
    "Поле «{name}» amoCRM через API так не меняется: прежние значения пропали бы. Остальное записано; измените его в карточке.",
    "The amoCRM field “{name}” is not changed like this through the API: its earlier values would be lost. The rest is "
    "written; change it in the card.",
)


def fields_of(row: Row, chart: Chart, entity: str) -> dict[str, FieldValue]:
    """All fields the chart has of this entity; the marker is none of them."""
    held = {str(one.get("field_id")): one.get("values") or () for one in row.get(VALUES) or ()}
    return {field.address: _read(row, held, field, chart) for field in shown(chart, entity)}


def shown(chart: Chart, entity: str) -> Iterable[ChartField]:
    """The fields of an entity that have a value of their own."""
    return (field for field in chart.fields_of(entity) if field.id and field.address != MARKER)


def known_ids(chart: Chart, row: Row) -> set[str]:
    """Ids of the custom fields of a deal that go by our addresses, the marker and tracking marks among them."""
    ids = {field.id for field in chart.fields_of("deal")}
    if TRACKING not in ids:
        return ids
    return ids | {str(one.get("field_id")) for one in row.get(VALUES) or () if _is_tracked(one)}


def marker_of(row: Row, chart: Chart) -> str:
    """What the deal was created with; empty where the account has no field for it, or the deal was made by others."""
    field = chart.field.get(MARKER)
    held = (one.get("values") for one in row.get(VALUES) or () if field and str(one.get("field_id")) == field.id)
    return next((str(items[0].get("value") or "") for items in held if items), "")


def put(body: Body, values: FieldValues, chart: Chart, *, new: bool = False) -> None:
    """Put the values into a body of a write; a new record takes neither empty ones nor those of fields that are gone.

    Raises :class:`Rejected` or :class:`Unsupported` for what cannot be said.
    """
    for address, value in values.items():
        field = chart.field.get(address)
        if address == MARKER or (new and (value in (None, "", ()) or field is None or not field.id)):
            continue
        if field is None or not field.id:
            raise unsayable(NO_VALUE, field or ChartField(address, "", "", address))
        custom = _write_custom if field.id.isdecimal() else _refuse
        WRITES.get((field.entity, field.id), custom)(body, field, value, chart)


def add_value(body: Body, name: str, key: object, items: list[Mapping[str, Any]] | list[dict[str, Any]] | None) -> None:
    """One custom field of a body; ``name``: ``field_id`` or ``field_code``."""
    body.setdefault(VALUES, []).append({name: key, "values": items})


def _read(row: Row, held: Mapping[str, Any], field: ChartField, chart: Chart) -> FieldValue:
    read = READS.get((field.entity, field.id))
    return read(row, field, chart) if read else decoded(field, held.get(field.id, ()))


# reading what is built in


def _amount(row: Row, field: ChartField, chart: Chart) -> FieldValue:
    return amount_of(row)


def amount_of(row: Row) -> int | None:
    """The budget in minor units; some accounts tell it with kopecks beside."""
    exact = row.get("price_with_minor_units")
    price = row.get("price") if exact is None else exact
    return None if price is None else minor_units(price)


def _main_contact(row: Row, field: ChartField, chart: Chart) -> FieldValue:
    return next(iter(contact_ids(row)), None)


def contact_ids(row: Row) -> tuple[str, ...]:
    """The contacts of a deal, the main one first."""
    rows = sorted(embedded(row, "contacts"), key=lambda contact: not contact.get("is_main"))
    return tuple(str(contact["id"]) for contact in rows)


def _named(name: str) -> Callable[[Row, ChartField, Chart], FieldValue]:
    return lambda row, field, chart: str(row[name]) if row.get(name) else None


def _marks(row: Row, field: ChartField, chart: Chart) -> FieldValue:
    """Tracking marks as one query, ``utm_source=…&utm_medium=…``; those without a code are the clinic's own."""
    rows = [one for one in row.get(VALUES) or () if _is_tracked(one) and one.get("values")]
    return urlencode({str(one["field_code"]).lower(): str(one["values"][0].get("value", "")) for one in rows}) or None


def _is_tracked(one: Row) -> bool:
    return one.get("field_type") == TRACKING and bool(one.get("field_code"))


def _loss_reason(row: Row, field: ChartField, chart: Chart) -> FieldValue:
    told = row.get("loss_reason_id") or next((reason.get("id") for reason in embedded(row, "loss_reason")), None)
    if not told:
        return None
    key = field.option_key(str(told))
    ours = (name for name, remote in chart.names.items() if name.startswith("loss_reason.") and remote == str(told))
    return next(ours, key).removeprefix("loss_reason.") if key.startswith("#") else key


def typed(row: Row, code: str) -> tuple[str, ...]:
    """The values of a contact's phones or addresses, as they were typed."""
    held = (one.get("values") or () for one in row.get(VALUES) or () if one.get("field_code") == code)
    return tuple(str(item["value"]) for items in held for item in items if item.get("value"))


def phones_of(row: Row) -> tuple[str, ...]:
    """The phones of a contact, each once."""
    return tuple(dict.fromkeys(e164(phone) for phone in typed(row, "PHONE")))


READS: Final[Mapping[tuple[str, str], Callable[[Row, ChartField, Chart], FieldValue]]] = {
    ("deal", "name"): _named("name"),
    ("deal", "price"): _amount,
    ("deal", "contacts"): _main_contact,
    ("deal", "responsible_user_id"): _named("responsible_user_id"),
    ("deal", TRACKING): _marks,
    ("deal", "loss_reason_id"): _loss_reason,
    ("contact", "last_name"): _named("last_name"),
    ("contact", "first_name"): _named("first_name"),
    ("contact", "PHONE"): lambda row, field, chart: next(iter(phones_of(row)), None),
    ("contact", "EMAIL"): lambda row, field, chart: next(iter(typed(row, "EMAIL")), None),
    ("contact", "responsible_user_id"): _named("responsible_user_id"),
}


# writing it


def _write_custom(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    add_value(body, "field_id", int(field.id), encoded(field, value))


def _write_text(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    body[field.id] = str(value or "")


def _write_amount(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    body["price"] = price(int(str(value or 0)))


def price(amount: int) -> int:
    """Minor units in whole roubles: the budget has no kopecks (§4.1)."""
    return (amount + MINOR // 2) // MINOR


def _write_user(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    if not str(value or "").isdecimal():
        raise unsayable(NO_VALUE, field)
    body[field.id] = int(str(value))


def _write_marks(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    """Text that is no query is where the patient came from. Of an old deal the marks that are not named are cleared."""
    text = str(value or "")
    marks = dict(parse_qsl(text)) if "=" in text else {UTM[0]: text}
    cleared = dict.fromkeys(UTM if "id" in body else (), "")
    for code, mark in {**cleared, **marks}.items():
        if mark or "id" in body:
            add_value(body, "field_code", code.upper(), [{"value": mark}] if mark else None)


def _write_loss_reason(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    key = str(value or "")
    remote = field.option_id(key) or chart.names.get(f"loss_reason.{key}", "")
    if key and not remote:
        raise unsayable(NO_OPTION, field)
    body[field.id] = int(remote) if remote else None


def _skip_if_new(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    """The contacts of a new deal are said by the draft; those of an old one are not changed as a field."""
    if "id" in body:
        _refuse(body, field, value, chart)


def _refuse(body: Body, field: ChartField, value: FieldValue, chart: Chart) -> None:
    raise Unsupported(FIXED.format(name=field.name), vendor=VENDOR, code="fixed", words=field.address)


WRITES: Final[Mapping[tuple[str, str], Callable[[Body, ChartField, FieldValue, Chart], None]]] = {
    ("deal", "name"): _write_text,
    ("deal", "price"): _write_amount,
    ("deal", "contacts"): _skip_if_new,
    ("deal", "responsible_user_id"): _write_user,
    ("deal", TRACKING): _write_marks,
    ("deal", "loss_reason_id"): _write_loss_reason,
    ("contact", "last_name"): _write_text,
    ("contact", "first_name"): _write_text,
    ("contact", "responsible_user_id"): _write_user,
    # a value would take the place of all the patient's other numbers and addresses
    ("contact", "PHONE"): _refuse,
    ("contact", "EMAIL"): _refuse,
}
