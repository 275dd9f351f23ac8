"""Values of custom fields: ours to the vendor's items and back, by the type the chart gives a field (amocrm.md §3.3). Pure.

A date is an instant at the vendor: midnight in the account's zone, which nothing here knows. It is written at 09:00 UTC, which
is the same day in every zone from -9 to +14, and read 14 hours on, which gives the day of any such midnight, and of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from widget_backend.crm.amocrm.judge import VENDOR
from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue
from widget_backend.errors import Rejected
from widget_backend.texts import Text

Item: TypeAlias = Mapping[str, Any]

#: minor units of the currency in one of it
MINOR: Final = 100
#: when a day is written, UTC
DAYTIME: Final = time(9, tzinfo=UTC)
#: by how much later a midnight is surely in its day, whatever its zone
LATER: Final = timedelta(hours=14)

NO_OPTION = Text(
    "В поле «{name}» amoCRM нет такого варианта. Остальное записано; добавьте вариант в поле или исправьте правило.",
    "The amoCRM field “{name}” has no such option. The rest is written; add the option to the field or correct the rule.",
)
NO_VALUE = Text(
    "Это значение нельзя записать в поле «{name}» amoCRM. Остальное записано; исправьте правило.",
    "This value cannot be written to the amoCRM field “{name}”. The rest is written; correct the rule.",
)


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of one type are read from the items of a field, and written as them."""

    read: Callable[[ChartField, Sequence[Item]], FieldValue]
    write: Callable[[ChartField, Any], list[dict[str, Any]]]


def decoded(field: ChartField, items: Sequence[Item]) -> FieldValue:
    """The value of a field; ``None`` where it is empty or cannot be read as its type."""
    try:
        return CODECS.get(field.type, CODECS["text"]).read(field, items) if items else None
    except (ValueError, TypeError, InvalidOperation, OverflowError, LookupError):
        return None


def encoded(field: ChartField, value: FieldValue) -> list[dict[str, Any]] | None:
    """The items of a field; ``None`` clears it (§3.3). Raises :class:`Rejected` for a value the field cannot hold."""
    if value in (None, "", ()):
        return None
    try:
        return CODECS.get(field.type, CODECS["text"]).write(field, value)
    except (ValueError, TypeError, InvalidOperation, AttributeError):
        raise unsayable(NO_VALUE, field) from None


def unsayable(text: Text, field: ChartField) -> Rejected:
    """The refusal of a write that need not be sent; no value in its words, as it may be a patient's."""
    return Rejected(text.format(name=field.name), vendor=VENDOR, code="unsayable", words=field.address)


def moment(stamp: object) -> datetime | None:
    """A Unix time of the vendor; ``None`` for what is none."""
    try:
        return datetime.fromtimestamp(int(str(stamp)), UTC) if stamp else None
    except (ValueError, OverflowError, OSError):
        return None


def minor_units(amount: object) -> int:
    """Roubles as the vendor has them, in kopecks."""
    return int((Decimal(str(amount)) * MINOR).to_integral_value())


def _text(field: ChartField, items: Sequence[Item]) -> FieldValue:
    return str(items[0]["value"])


def _money(field: ChartField, value: Any) -> list[dict[str, Any]]:
    return _plain(format((Decimal(int(value)) / MINOR).normalize(), "f"))


def _is_on(field: ChartField, items: Sequence[Item]) -> FieldValue:
    return str(items[0]["value"]).lower() not in ("", "0", "false", "none")


def _day(field: ChartField, items: Sequence[Item]) -> FieldValue:
    return (datetime.fromtimestamp(int(items[0]["value"]), UTC) + LATER).date()


def _write_day(field: ChartField, value: date) -> list[dict[str, Any]]:
    return _plain(int(datetime.combine(value, DAYTIME).timestamp()))


def _write_moment(field: ChartField, value: datetime) -> list[dict[str, Any]]:
    return _plain(int(value.timestamp()))


def _chosen(field: ChartField, items: Sequence[Item]) -> FieldValue:
    keys = tuple(field.option_key(str(item["enum_id"])) for item in items if item.get("enum_id"))
    return keys if field.multiple else keys[0]


def _choose(field: ChartField, value: Any) -> list[dict[str, Any]]:
    keys = value if isinstance(value, tuple) else (value,)
    ids = [field.option_id(str(key)) for key in keys]
    if not all(ids) or (len(ids) > 1 and not field.multiple):
        raise unsayable(NO_OPTION, field)
    return [{"enum_id": int(option)} for option in ids]


def _plain(value: object) -> list[dict[str, Any]]:
    return [{"value": value}]


_TEXT: Final = Codec(_text, lambda field, value: _plain(str(value)))

#: by our types; a type we have no word for is text
CODECS: Final[Mapping[str, Codec]] = {
    "text": _TEXT,
    "long_text": _TEXT,
    "url": _TEXT,
    # numbers come and go as text (§3.3)
    "number": Codec(
        lambda field, items: Decimal(str(items[0]["value"])),
        lambda field, value: _plain(format(Decimal(str(value)), "f")),
    ),
    "money": Codec(lambda field, items: minor_units(items[0]["value"]), _money),
    "boolean": Codec(_is_on, lambda field, value: _plain(bool(value))),
    "date": Codec(_day, _write_day),
    "datetime": Codec(lambda field, items: moment(items[0]["value"]), _write_moment),
    "list": Codec(_chosen, _choose),
}
