"""Notes of records; they can be added and changed, not deleted."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import Note
from widget_backend.sandbox.amocrm.wire.hal import listing, written
from widget_backend.sandbox.amocrm.wire.problems import Issue, missing, not_a_choice
from widget_backend.sandbox.amocrm.wire.query import numbers, order, since, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, batch, is_kind, shaped, single, validated

BASE = "/<any(leads, contacts, companies):entity>/notes"
OWNED = "/<any(leads, contacts, companies):entity>/<int:record_id>/notes"

FILTERS, ORDERS = ("id", "entity_id", "note_type", "updated_at"), ("updated_at", "id")

SHAPE = {
    "note_type": "string*",
    "params": "object",
    "created_by": "int?",
    "responsible_user_id": "int?",
    "created_at": "int?",
    "is_need_to_trigger_digital_pipeline": "bool?",
}

CALL = ("uniq", "duration", "source", "link", "phone")

#: note type -> keys its params need
PARAMS: dict[str, tuple[str, ...]] = {
    "common": ("text",),
    "call_in": CALL,
    "call_out": CALL,
    "service_message": ("service", "text"),
    "extended_service_message": ("service", "text"),
    "message_cashier": ("status", "text"),
    "geolocation": ("text", "address", "longitude", "latitude"),
    "sms_in": ("text", "phone"),
    "sms_out": ("text", "phone"),
    "attachment": ("version_uuid", "file_uuid", "file_name"),
}


@route("GET", BASE)
def get_all(call: Call, entity: str) -> Answer:
    """A page of the notes of an entity."""
    return _listing(call, entity, None)


@route("GET", OWNED)
def get_owned(call: Call, entity: str, record_id: int) -> Answer:
    """A page of the notes of one record."""
    return _listing(call, entity, record_id)


@route("GET", BASE + "/<int:note_id>")
def get(call: Call, entity: str, note_id: int) -> Answer:
    """One note."""
    note = call.account.notes.get(note_id)
    return Answer(model(call, note)) if note and note.entity == entity else NOTHING


@route("GET", OWNED + "/<int:note_id>")
def get_one(call: Call, entity: str, record_id: int, note_id: int) -> Answer:
    """One note by its record."""
    return get(call, entity, note_id)


@route("POST", BASE)
def add(call: Call, entity: str) -> Answer:
    """Add notes; every item names its record."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, entity, item, item.get("entity_id")))
    return written(call, "notes", [_create(call, entity, row, row.item["entity_id"]) for row in rows])


@route("POST", OWNED)
def add_owned(call: Call, entity: str, record_id: int) -> Answer:
    """Add notes to one record."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, entity, item, record_id))
    return written(call, "notes", [_create(call, entity, row, record_id) for row in rows])


@route("PATCH", BASE)
@route("PATCH", OWNED)
def change(call: Call, entity: str, record_id: int | None = None) -> Answer:
    """Change the params of notes."""
    rows = batch(call)
    notes = call.account.notes

    def check(item: dict[str, Any]) -> list[Issue]:
        note = notes.get(item["id"]) if is_kind(item.get("id"), "int") else None
        return _param_issues(note.note_type, item) if note and note.entity == entity else [not_a_choice("id")]

    validated(rows, check)
    return written(call, "notes", [_change(call, notes[row.item["id"]], row) for row in rows])


@route("PATCH", OWNED + "/<int:note_id>")
@route("PATCH", BASE + "/<int:note_id>")
def change_one(call: Call, entity: str, note_id: int, record_id: int | None = None) -> Answer:
    """Change one note."""
    row = single(call)
    note = call.account.notes.get(note_id)
    known = note and note.entity == entity
    validated([row], lambda item: _param_issues(note.note_type, item) if note and known else [not_a_choice("id")])
    return Answer(_change(call, call.account.notes[note_id], row))


def model(call: Call, note: Note) -> dict[str, Any]:
    """A note."""
    return {
        "id": note.id,
        "entity_id": note.entity_id,
        "created_by": note.created_by,
        "updated_by": note.updated_by,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
        "responsible_user_id": note.responsible_user_id,
        "group_id": 0,
        "note_type": note.note_type,
        "params": note.params,
        "account_id": call.account.id,
        "_links": call.href(f"/{note.entity}/{note.entity_id}/notes/{note.id}"),
    }


def _listing(call: Call, entity: str, record_id: int | None) -> Answer:
    call.expect(FILTERS, ORDERS)
    ids, owners = numbers(call.filter.get("id")), numbers(call.filter.get("entity_id"))
    kinds = values(call.filter.get("note_type"))
    low, high = since(call.filter.get("updated_at"))
    rows = [
        note
        for note in call.account.notes.values()
        if note.entity == entity
        and record_id in (None, note.entity_id)
        and (not ids or note.id in ids)
        and (not owners or note.entity_id in owners)
        and (not kinds or note.note_type in kinds)
        and (low is None or note.updated_at >= low)
        and (high is None or note.updated_at <= high)
    ]
    key, downward = order(call.query, ORDERS, ("updated_at", "asc"))
    rows.sort(key=lambda note: (getattr(note, key), note.id), reverse=downward)
    return listing(call, "notes", rows, lambda note: model(call, note))


def _issues(call: Call, entity: str, item: dict[str, Any], record_id: Any) -> list[Issue]:
    found = shaped(item, SHAPE)
    if not is_kind(record_id, "int"):
        return [missing("entity_id"), *found]
    record = call.account.records[entity].get(record_id)
    if record is None or record.is_deleted:
        found.append(not_a_choice("entity_id"))
    kind = item.get("note_type")
    if isinstance(kind, str) and kind not in PARAMS:
        found.append(not_a_choice("note_type"))
    return found or _param_issues(item["note_type"], item)


def _param_issues(kind: str, item: dict[str, Any]) -> list[Issue]:
    params = item.get("params") or {}
    if not isinstance(params, dict):
        return [missing("params")]
    return [missing(f"params.{key}") for key in PARAMS[kind] if key not in params]


def _create(call: Call, entity: str, row: Row, record_id: int) -> dict[str, Any]:
    account, user = call.account, call.caller.user.id
    by = row.item["created_by"] if row.item.get("created_by") is not None else user
    at = row.item.get("created_at") or int(account.now())
    number = account.number("note", 401_001, 2)
    kind, responsible = row.item["note_type"], row.item.get("responsible_user_id") or user
    note = Note(number, entity, record_id, kind, row.item["params"], by, by, responsible, at, at)
    account.notes[number] = note
    quiet = row.item.get("is_need_to_trigger_digital_pipeline") is False
    account.change(Change(entity, "note", record_id, by, body={"note_id": number, "quiet": quiet}))
    links = call.href(f"/{entity}/{record_id}/notes/{number}")
    return {"id": number, "entity_id": record_id, "request_id": row.request_id, "_links": links}


def _change(call: Call, note: Note, row: Row) -> dict[str, Any]:
    note.params = row.item["params"]
    note.updated_at, note.updated_by = int(call.account.now()), call.caller.user.id
    links = call.href(f"/{note.entity}/{note.entity_id}/notes/{note.id}")
    return {"id": note.id, "entity_id": note.entity_id, "updated_at": note.updated_at, "_links": links}
