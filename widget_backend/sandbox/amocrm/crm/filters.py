"""Which records a list shows and in which order; keys the vendor does not know change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.rights import may
from widget_backend.sandbox.amocrm.crm.values import ENUMS
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record
from widget_backend.sandbox.amocrm.wire.query import numbers, order, span, values

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.wire.registry import Call

Test = Callable[[Record], bool]

COMMON_KEYS = (
    "id",
    "name",
    "created_by",
    "updated_by",
    "responsible_user_id",
    "created_at",
    "updated_at",
    "closest_task_at",
)
KEYS = {
    LEADS: (*COMMON_KEYS, "price", "statuses", "pipeline_id", "closed_at", "custom_fields_values"),
    CONTACTS: (*COMMON_KEYS, "custom_fields_values"),
    COMPANIES: (*COMMON_KEYS, "custom_fields_values"),
}

#: measured on a live account
ORDERS = {
    LEADS: ("id", "updated_at", "created_at"),
    CONTACTS: ("id", "updated_at", "name"),
    COMPANIES: ("id", "updated_at", "name"),
}
DEFAULT_ORDER = ("updated_at", "asc")

RANGES = frozenset({"created_at", "updated_at", "closed_at", "closest_task_at", "price"})
BY_VALUE = frozenset({"text", "url", "textarea", "streetaddress", "numeric", "tracking_data", "monetary"})
BY_RANGE = frozenset({"date", "date_time", "birthday", "numeric", "monetary"})
UNFILTERABLE = frozenset({"multitext"})


def found(call: Call, entity: str) -> list[Record]:
    """The records of an entity that a list call asks for, in its order."""
    call.expect(KEYS[entity], ORDERS[entity])
    deleted = "only_deleted" in call.with_
    records: Iterable[Record] = call.account.records[entity].values()
    tests: list[Test] = []
    if call.account.settings.api_filter:
        records = _by_id(call, entity, records)
        tests = [test for key in KEYS[entity] if key in call.filter for test in _tests(call, entity, key)]
    text = call.query.get("query")
    if isinstance(text, str) and text.strip():
        tests.append(_text(text.strip().lower(), call.account.settings.phone_search == "digits"))
    rows = [record for record in records if record.is_deleted == deleted and all(test(record) for test in tests)]
    rows = [record for record in rows if not record.is_unsorted and may(call, "view", entity, record)]
    key, downward = order(call.query, ORDERS[entity], DEFAULT_ORDER)
    rows.sort(key=lambda record: (value_of(record, key), record.id), reverse=downward)
    return rows


def seen(call: Call, entity: str, record_id: int) -> Record | None:
    """A record that is there, and that the caller may see."""
    record = call.account.records[entity].get(record_id)
    hidden = record is None or record.is_deleted or record.is_unsorted or not may(call, "view", entity, record)
    return None if hidden else record


def value_of(record: Record, key: str) -> Any:
    """A plain value of a record, wherever it is kept."""
    return record.own[key] if key in record.own else getattr(record, key)


def _by_id(call: Call, entity: str, every: Iterable[Record]) -> Iterable[Record]:
    ids = numbers(call.filter.get("id"))
    known = call.account.records[entity]
    return [known[number] for number in ids if number in known] if ids else every


def _tests(call: Call, entity: str, key: str) -> list[Test]:
    given = call.filter[key]
    if key == "id":
        return []
    if key == "statuses":
        return [_stages(given)] if isinstance(given, dict) else []
    if key == "custom_fields_values":
        return _field_tests(call, entity, given) if isinstance(given, dict) else []
    if key in RANGES and (ends := span(given)) is not None:
        return [_within(lambda record: value_of(record, key), *ends)]
    wanted = frozenset(values(given))
    return [lambda record: str(value_of(record, key)) in wanted]


def _stages(given: dict[str, Any]) -> Test:
    pairs = {
        (str(pair.get("pipeline_id")), str(pair.get("status_id"))) for pair in given.values() if isinstance(pair, dict)
    }
    return lambda lead: (str(lead.own["pipeline_id"]), str(lead.own["status_id"])) in pairs


def _within(read: Callable[[Record], Any], low: int | None, high: int | None) -> Test:
    def test(record: Record) -> bool:
        value = read(record)
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    return test


def _field_tests(call: Call, entity: str, given: dict[str, Any]) -> list[Test]:
    tests = []
    for number, asked in given.items():
        field = call.account.fields[entity].get(int(number)) if number.isdigit() else None
        if field is None or field.type in UNFILTERABLE:
            continue
        ends = span(asked) if field.type in BY_RANGE else None
        if ends is not None:
            tests.append(_within(_number(field.id), *ends))
        elif field.type in BY_VALUE | ENUMS | {"checkbox"}:
            tests.append(_one_of(field.id, frozenset(values(asked))))
    return tests


def _number(field_id: int) -> Callable[[Record], Any]:
    def read(record: Record) -> Any:
        held = record.values.get(field_id)
        return float(held[0]["value"]) if held else None

    return read


def _one_of(field_id: int, wanted: frozenset[str]) -> Test:
    """An option by its id, a flag as 1 or 0, anything else by its value."""

    def test(record: Record) -> bool:
        held = record.values.get(field_id, [])
        return any(str(int(v) if isinstance(v := _key(each), bool) else v) in wanted for each in held)

    return test


def _key(stored: dict[str, Any]) -> Any:
    return stored.get("enum_id", stored.get("value"))


def _text(part: str, by_digits: bool) -> Test:
    """Free text over names and values; digits are also looked for in the digits of a value."""
    digits = "".join(letter for letter in part if letter.isdigit())
    plain = by_digits and not part.strip("+()- 0123456789") and len(digits) > 3

    def test(record: Record) -> bool:
        texts = [str(record.own["name"]), *(str(_value) for held in record.values.values() for _value in _texts(held))]
        if any(part in text.lower() for text in texts):
            return True
        return plain and any(digits in "".join(letter for letter in text if letter.isdigit()) for text in texts)

    return test


def _texts(held: list[dict[str, Any]]) -> list[Any]:
    return [each["value"] for each in held if "value" in each]
