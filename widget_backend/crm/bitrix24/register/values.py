"""Values of fields: as a portal has them, and as we have them (bitrix24.md §4.5, §10). Pure.

=====================  ======================================================================================
number, money          5.5, ``"5.50"`` · ``"12000|RUB"``
boolean                ``Y``/``N``; some portals and versions say ``"1"``/``"0"`` or true/false: all are read
date, datetime         see ``moments``
list                   ids of options, numbers or text; an empty one is null, ``""``, ``false`` or ``[]``
=====================  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from widget_backend.crm.bitrix24.judge import VENDOR
from widget_backend.crm.bitrix24.register.moments import day, moment, spoken
from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue
from widget_backend.errors import Unsupported
from widget_backend.texts import Text

#: clears a field of any type
CLEARED = ""
_TRUE = frozenset({"y", "1", "true"})
_NO_OPTION = Text(
    "В поле «{field}» нет варианта «{option}». Ничего не записано; добавьте вариант на портале или измените правило.",
    "The field “{field}” has no option “{option}”. Nothing was written; add the option on the portal or change the rule.",
)


def read(field: ChartField, value: object) -> FieldValue:
    """A value off the wire; several as a tuple of text where the field takes several."""
    reader = _READERS.get(field.type, _text)
    items = [found for item in _items(value) if (found := _held(field, item, reader)) is not None]
    if not items:
        return None
    return tuple(_spelled(item) for item in items) if field.multiple else items[0]


def write(field: ChartField, value: FieldValue, currency: str) -> Any:
    """A value for the wire. Raises :class:`Unsupported` for an option the field does not have."""
    writer = _WRITERS.get(field.type, _plain)
    if value is None or value == ():
        return CLEARED
    if isinstance(value, tuple):
        return [writer(field, item, currency) for item in value]
    return writer(field, value, currency)


def empty(value: object) -> bool:
    """Whether it is one of the ways to say «nothing» (§10, 4). A zero is something."""
    return value is None or value is False or value in ("", [], {})


def identity(value: object) -> str:
    """An id, as text; empty where there is none, and for 0, which no record has."""
    return "" if empty(value) or str(value) == "0" else str(value)


def decimal(value: object) -> Decimal | None:
    """A number out of 5.5 or ``"5.50"``; ``None`` for anything else."""
    try:
        found = Decimal(str(value).replace(",", ".").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def minor(value: object) -> int | None:
    """An amount in minor units, of 12000, ``"12000.50"`` or ``"12000|RUB"``."""
    amount = decimal(str(value).rpartition("|")[0] or value)
    return None if amount is None else int(amount.scaleb(2).to_integral_value())


def major(amount: int) -> str:
    """Minor units as the portal counts: ``12000`` or ``12000.5``."""
    return format(Decimal(amount).scaleb(-2).normalize(), "f")


def _held(field: ChartField, item: object, reader: Callable[[ChartField, object], FieldValue]) -> FieldValue:
    nothing = empty(item) and not (item is False and field.type == "boolean")
    return None if nothing else reader(field, item)


def _items(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def _spelled(value: FieldValue) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(field: ChartField, value: object) -> FieldValue:
    return str(value)


def _number(field: ChartField, value: object) -> FieldValue:
    return decimal(value)


def _money(field: ChartField, value: object) -> FieldValue:
    return minor(value)


def _boolean(field: ChartField, value: object) -> FieldValue:
    return str(value).lower() in _TRUE


def _date(field: ChartField, value: object) -> FieldValue:
    return day(value)


def _datetime(field: ChartField, value: object) -> FieldValue:
    return moment(value)


def _list(field: ChartField, value: object) -> FieldValue:
    return None if str(value) == "0" else field.option_key(str(value))


def _plain(field: ChartField, value: FieldValue, currency: str) -> Any:
    return str(value)


def _counted(field: ChartField, value: FieldValue, currency: str) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _priced(field: ChartField, value: FieldValue, currency: str) -> Any:
    amount = major(int(str(value)))
    return amount if field.system else f"{amount}|{currency}"


def _ticked(field: ChartField, value: FieldValue, currency: str) -> Any:
    # 1 would be a no (§4.5)
    return "Y" if value else "N"


def _dated(field: ChartField, value: FieldValue, currency: str) -> Any:
    """Without a time: with one, the portal's zone could make another day of it."""
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _timed(field: ChartField, value: FieldValue, currency: str) -> Any:
    if isinstance(value, datetime):
        return spoken(value)
    return spoken(datetime.combine(value, time(), UTC)) if isinstance(value, date) else str(value)


def _chosen(field: ChartField, value: FieldValue, currency: str) -> Any:
    found = field.option_id(str(value))
    if not found:
        text = _NO_OPTION.format(field=field.name, option=str(value))
        raise Unsupported(text, vendor=VENDOR, code="no_option", words=str(value))
    return found


_READERS: Mapping[str, Callable[[ChartField, object], FieldValue]] = {
    **dict.fromkeys(("text", "long_text", "url"), _text),
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "list": _list,
}
_WRITERS: Mapping[str, Callable[[ChartField, FieldValue, str], Any]] = {
    **dict.fromkeys(("text", "long_text", "url"), _plain),
    "number": _counted,
    "money": _priced,
    "boolean": _ticked,
    "date": _dated,
    "datetime": _timed,
    "list": _chosen,
}
