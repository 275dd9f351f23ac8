"""``/events``: the account's log, newest first."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from widget_backend.sandbox.amocrm.hooks.eventlog import TYPES
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.query import numbers, span, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route

MOST = 100

FILTERS = ("id", "created_at", "created_by", "entity", "entity_id", "type", "value_before", "value_after")


@route("GET", "/events")
def get_all(call: Call) -> Answer:
    """A page of events."""
    call.expect(FILTERS, ())
    tests = _tests(call)
    rows = [event for event in reversed(call.account.events.values()) if all(test(event) for test in tests)]
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
    return event | {"_links": call.href(f"/events/{event['id']}"), "_embedded": {"entity": entity}}


Test = Callable[[dict[str, Any]], bool]


def _tests(call: Call) -> list[Test]:
    given = call.filter
    low, high = span(given.get("created_at")) or (None, None)
    tests: list[Test] = [lambda event: (low or 0) <= event["created_at"] <= (high or inf)]
    for key, name in (("id", "id"), ("entity", "entity_type"), ("type", "type")):
        words = frozenset(part for text in values(given.get(key)) for part in text.split(","))
        tests += [_one_of(name, words)] if words else []
    for key in ("entity_id", "created_by"):
        ids = numbers(given.get(key))
        tests += [_one_of(key, ids)] if ids else []
    for side in ("value_before", "value_after"):
        pairs = _stages(given.get(side))
        tests += [_on_stage(side, pairs)] if pairs else []
    return tests


def _one_of(key: str, wanted: frozenset[Any]) -> Test:
    return lambda event: event[key] in wanted


def _on_stage(side: str, pairs: set[tuple[int, int]]) -> Test:
    return lambda event: _stage_of(event[side]) in pairs


def _stages(given: Any) -> set[tuple[int, int]]:
    rows = given.get("leads_statuses", {}).values() if isinstance(given, dict) else ()
    return {(int(row["pipeline_id"]), int(row["status_id"])) for row in rows if isinstance(row, dict)}


def _stage_of(value: list[dict[str, Any]]) -> tuple[int, int] | None:
    status = value[0].get("lead_status") if value else None
    return (status["pipeline_id"], status["id"]) if status else None
