"""``/events``: the account's log, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from math import inf
from typing import Any

from widget_backend.sandbox.amocrm.hooks.event_types import ANY_FIELD, TYPES
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, not_a_choice, too_long
from widget_backend.sandbox.amocrm.wire.query import since, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, validated

MOST = 100
#: users or records that one filter may name
MOST_IDS = 10

_NUMBERED = re.compile(r"custom_field_\d+_value_changed")

FILTERS = ("id", "created_at", "created_by", "entity", "entity_id", "type", "value_before", "value_after")


@route("GET", "/events")
def get_all(call: Call) -> Answer:
    """A page of events."""
    call.expect(FILTERS, ())
    validated([Row("0", call.filter)], _issues)
    tests = _tests(call.filter)
    low, high = since(call.filter.get("created_at"))
    newest = reversed(call.account.events.values())
    recent = takewhile(lambda event: event["created_at"] >= (low or 0), newest)
    rows = [event for event in recent if event["created_at"] <= (high or inf) and all(test(event) for test in tests)]
    return listing(call, "events", rows, lambda event: _model(call, event), most=MOST)


@route("GET", "/events/types")
def types(call: Call) -> Answer:
    """The words that ``filter[type]`` knows."""
    return whole(call, "events_types", [{"key": kind, "type": 1, "lang": kind} for kind in TYPES])


@route("GET", "/events/<string:event_id>")
def get(call: Call, event_id: str) -> Answer:
    """One event."""
    event = call.account.events.get(event_id)
    return Answer(_model(call, event)) if event else NOTHING


def _model(call: Call, event: dict[str, Any]) -> dict[str, Any]:
    plural = {"company": "companies"}.get(event["entity_type"], event["entity_type"] + "s")
    entity = {"id": event["entity_id"], "_links": call.href(f"/{plural}/{event['entity_id']}")}
    record = call.account.records.get(plural, {}).get(event["entity_id"])
    if record and f"{event['entity_type']}_name" in call.with_:
        entity |= {"name": record.own["name"]}
    return event | {"_links": call.href(f"/events/{event['id']}"), "_embedded": {"entity": entity}}


Test = Callable[[dict[str, Any]], bool]


def _issues(given: dict[str, Any]) -> list[Issue]:
    """What the vendor's page sets as limits; a filter by records names exactly one kind of them."""
    found = [
        too_long(f"filter.{key}", MOST_IDS) for key in ("created_by", "entity_id") if len(_ids(given, key)) > MOST_IDS
    ]
    if _ids(given, "entity_id") and len(_words(given, "entity")) != 1:
        found.append(not_a_choice("filter.entity"))
    types = _words(given, "type")
    if len(types) > 1 and any(_NUMBERED.fullmatch(kind) for kind in types):
        found.append(not_a_choice("filter.type"))
    return found


def _tests(given: dict[str, Any]) -> list[Test]:
    asked: list[tuple[frozenset[Any], Callable[[dict[str, Any]], frozenset[Any]]]] = [
        (_words(given, "id"), lambda event: frozenset({event["id"]})),
        (_words(given, "type"), lambda event: frozenset({event["type"], _NUMBERED.sub(ANY_FIELD, event["type"])})),
        (_ids(given, "created_by"), lambda event: frozenset({event["created_by"]})),
        (_words(given, "entity"), lambda event: frozenset({_found_as(event)[0]})),
        (_ids(given, "entity_id"), lambda event: frozenset({_found_as(event)[1]})),
    ]
    tests = [_meets(wanted, read) for wanted, read in asked if wanted]
    for side in ("value_before", "value_after"):
        sides = given.get(side)
        if isinstance(sides, dict):
            tests += [make(side, sides[key]) for key, make in VALUE_TESTS.items() if key in sides]
    return tests


def _found_as(event: dict[str, Any]) -> tuple[str, int]:
    """A message is found by its contact, whatever the entry says: the vendor's own remark."""
    if "linked_talk_contact_id" in event:
        return "contact", event["linked_talk_contact_id"]
    return event["entity_type"], event["entity_id"]


def _meets(wanted: frozenset[Any], read: Callable[[dict[str, Any]], frozenset[Any]]) -> Test:
    return lambda event: bool(wanted & read(event))


def _words(given: dict[str, Any], key: str) -> frozenset[str]:
    """A word, several with commas, or a list of them."""
    return frozenset(part for text in values(given.get(key)) for part in text.split(","))


def _ids(given: dict[str, Any], key: str) -> frozenset[int]:
    return frozenset(int(word) for word in _words(given, key) if word.isdigit())


def _on_stage(side: str, asked: Any) -> Test:
    rows = asked.values() if isinstance(asked, dict) else ()
    pairs = {(str(row.get("pipeline_id")), str(row.get("status_id"))) for row in rows if isinstance(row, dict)}

    def test(event: dict[str, Any]) -> bool:
        places = [each["lead_status"] for each in event[side] if "lead_status" in each]
        return any((str(place["pipeline_id"]), str(place["id"])) in pairs for place in places)

    return test


def _holding(side: str, asked: Any, *path: str) -> Test:
    wanted = _words({"asked": asked}, "asked")

    def test(event: dict[str, Any]) -> bool:
        return any(str(_at(each, path)) in wanted for each in event[side])

    return test


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _of_value(side: str, asked: Any) -> Test:
    """An exact value: of the budget, of the name, of a field."""
    tests = [
        _holding(side, asked, "sale_field_value", "sale"),
        _holding(side, asked, "name_field_value", "name"),
        _holding(side, asked, "custom_field_value", "text"),
    ]
    return lambda event: any(test(event) for test in tests)


#: key of ``filter[value_before]`` and ``filter[value_after]`` -> its test
VALUE_TESTS: dict[str, Callable[[str, Any], Test]] = {
    "leads_statuses": _on_stage,
    "responsible_user_id": lambda side, asked: _holding(side, asked, "responsible_user", "id"),
    "custom_field_values": lambda side, asked: _holding(side, asked, "custom_field_value", "enum_id"),
    "value": _of_value,
}
