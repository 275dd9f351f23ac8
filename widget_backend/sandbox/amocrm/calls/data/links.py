"""Links between records: of one record, and of many at once."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.linking import PAIRS, link, linked, unlink
from widget_backend.sandbox.amocrm.state import CONTACTS, Record
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, Problem, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.query import numbers, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, batch, is_kind, shaped, validated

BASE = "/<any(leads, contacts, companies):entity>"
ONE = BASE + "/<int:record_id>"

SHAPE = {"to_entity_id": "int*", "to_entity_type": "string*", "metadata": "object?"}


@route("GET", ONE + "/links")
def get(call: Call, entity: str, record_id: int) -> Answer:
    """What a record is linked to."""
    rows = _links(call, _record(call, entity, record_id))
    return listing(call, "links", rows, lambda row: row, total=True)


@route("GET", BASE + "/links")
def get_many(call: Call, entity: str) -> Answer:
    """What the records of ``filter[entity_id]`` are linked to."""
    known = call.account.records[entity]
    owners = [known[number] for number in sorted(numbers(call.filter.get("entity_id"))) if number in known]
    rows = [row | {"entity_id": owner.id, "entity_type": entity} for owner in owners for row in _links(call, owner)]
    return listing(call, "links", rows, lambda row: row, total=True)


@route("POST", ONE + "/link")
def join(call: Call, entity: str, record_id: int) -> Answer:
    """Link a record to others."""
    owner = _record(call, entity, record_id)
    rows = batch(call)
    validated(rows, lambda item: _issues(call, owner, item))
    return whole(call, "links", [_join(call, owner, row) for row in rows])


@route("POST", BASE + "/link")
def join_many(call: Call, entity: str) -> Answer:
    """Link several records; every item names its own."""
    rows = batch(call)
    validated(rows, lambda item: _owned_issues(call, entity, item))
    return whole(call, "links", [_join(call, call.account.records[entity][row.item["entity_id"]], row) for row in rows])


@route("POST", ONE + "/unlink")
def part(call: Call, entity: str, record_id: int) -> Answer:
    """Undo links of a record."""
    owner = _record(call, entity, record_id)
    rows = batch(call)
    validated(rows, lambda item: _issues(call, owner, item))
    for row in rows:
        unlink(call.account, owner, _other(call, row.item), call.caller.user.id)
    return NOTHING


@route("POST", BASE + "/unlink")
def part_many(call: Call, entity: str) -> Answer:
    """Undo links of several records."""
    rows = batch(call)
    validated(rows, lambda item: _owned_issues(call, entity, item))
    for row in rows:
        owner = call.account.records[entity][row.item["entity_id"]]
        unlink(call.account, owner, _other(call, row.item), call.caller.user.id)
    return NOTHING


def _record(call: Call, entity: str, record_id: int) -> Record:
    found = call.account.records[entity].get(record_id)
    if found is None or found.is_deleted:
        raise not_found("Entity not found")
    return found


def _links(call: Call, owner: Record) -> list[dict[str, Any]]:
    kinds = values(call.filter.get("to_entity_type")) or PAIRS[owner.entity]
    ids = numbers(call.filter.get("to_entity_id"))
    return [
        {"to_entity_id": number, "to_entity_type": kind, "metadata": about or None}
        for kind in PAIRS[owner.entity]
        if kind in kinds
        for number, about in linked(call.account, owner, kind).items()
        if not ids or number in ids
    ]


def _join(call: Call, owner: Record, row: Row) -> dict[str, Any]:
    other, about = _other(call, row.item), row.item.get("metadata") or {}
    if call.account.settings.relink_fails and other.id in linked(call.account, owner, other.entity):
        raise Problem(500, "Internal Server Error")
    by = about.get("updated_by", call.caller.user.id)
    link(call.account, owner, other, by, about.get("is_main"))
    kept = linked(call.account, owner, other.entity)[other.id] if CONTACTS in (owner.entity, other.entity) else {}
    return {
        "entity_id": owner.id,
        "entity_type": owner.entity,
        "to_entity_id": other.id,
        "to_entity_type": other.entity,
        "metadata": kept or None,
    }


def _other(call: Call, item: dict[str, Any]) -> Record:
    return call.account.records[item["to_entity_type"]][item["to_entity_id"]]


def _issues(call: Call, owner: Record, item: dict[str, Any]) -> list[Issue]:
    found = shaped(item, SHAPE)
    if found:
        return found
    if item["to_entity_type"] not in PAIRS[owner.entity]:
        return [not_a_choice("to_entity_type")]
    other = call.account.records[item["to_entity_type"]].get(item["to_entity_id"])
    return [] if other and not other.is_deleted else [not_a_choice("to_entity_id")]


def _owned_issues(call: Call, entity: str, item: dict[str, Any]) -> list[Issue]:
    number = item.get("entity_id")
    owner = call.account.records[entity].get(number) if is_kind(number, "int") and number else None
    return _issues(call, owner, item) if owner and not owner.is_deleted else [not_a_choice("entity_id")]
