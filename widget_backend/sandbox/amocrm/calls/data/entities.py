"""Leads, contacts and companies: lists, single ones, batches; nothing of them can be deleted over the API."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm import filters, incoming, rights
from widget_backend.sandbox.amocrm.crm.outgoing import model
from widget_backend.sandbox.amocrm.state import Record
from widget_backend.sandbox.amocrm.wire.hal import listing, written
from widget_backend.sandbox.amocrm.wire.problems import Issue, invalid, missing, not_a_choice
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, batch, is_kind, single, validated

BASE = "/<any(leads, contacts, companies):entity>"
ONE = BASE + "/<int:record_id>"


@route("GET", BASE)
def get_all(call: Call, entity: str) -> Answer:
    """A page of records."""
    return listing(call, entity, filters.found(call, entity), lambda record: model(call, record))


@route("GET", ONE)
def get(call: Call, entity: str, record_id: int) -> Answer:
    """One record; one that is not there, or in the trash, is no content."""
    record = filters.seen(call, entity, record_id)
    return Answer(model(call, record)) if record else NOTHING


@route("POST", BASE)
def add(call: Call, entity: str) -> Answer:
    """Create records; answers ids only."""
    rights.check(call, "add", entity)
    rows = batch(call)
    validated(rows, lambda item: incoming.issues(call, entity, item, None))
    made = [(row, incoming.create(call, entity, row.item)) for row in rows]
    return written(call, entity, [_created(call, row, record) for row, record in made])


@route("PATCH", BASE)
def change_many(call: Call, entity: str) -> Answer:
    """Change records by the ids in the body; answers ids and times."""
    rows = batch(call)
    known = call.account.records[entity]

    def check(item: dict[str, Any]) -> list[Issue]:
        if not is_kind(item.get("id"), "int"):
            return [missing("id")]
        record = known.get(item["id"])
        if record is None or record.is_deleted:
            return [not_a_choice("id")]
        return incoming.issues(call, entity, item, record)

    validated(rows, check)
    rights.check(call, "edit", entity, *(known[row.item["id"]] for row in rows))
    for row in rows:
        incoming.change(call, known[row.item["id"]], row.item)
    return written(call, entity, [_changed(call, known[row.item["id"]], row) for row in rows])


@route("PATCH", ONE)
def change(call: Call, entity: str, record_id: int) -> Answer:
    """Change one record."""
    record = call.account.records[entity].get(record_id)
    if record is None or record.is_deleted:
        raise invalid([("0", [not_a_choice("id")])])
    row = single(call)
    validated([row], lambda item: incoming.issues(call, entity, item, record))
    rights.check(call, "edit", entity, record)
    incoming.change(call, record, row.item)
    return Answer(_changed(call, record))


def _created(call: Call, row: Row, record: Record) -> dict[str, Any]:
    links = call.href(f"/{record.entity}/{record.id}")
    return {"id": record.id, "request_id": row.request_id, "_links": links}


def _changed(call: Call, record: Record, row: Row | None = None) -> dict[str, Any]:
    name = {"name": record.own["name"]} if record.entity != "leads" else {}
    echo = {"request_id": row.request_id} if row and "request_id" in row.item else {}
    links = call.href(f"/{record.entity}/{record.id}")
    return {"id": record.id, **name, "updated_at": record.updated_at, **echo, "_links": links}
