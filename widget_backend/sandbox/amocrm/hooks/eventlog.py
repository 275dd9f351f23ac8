"""The account's event log: one entry for what people would see, with the values before and after."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.words import SINGULAR
from widget_backend.sandbox.amocrm.hooks.event_types import FIELD_NUMBERS, NOTE_EVENTS, RECORD_EVENTS, TASK_EVENTS
from widget_backend.sandbox.amocrm.state import ENTITIES, LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change
    from widget_backend.sandbox.amocrm.state import CustomField

#: type of the event, values after, values before
Entry = tuple[str, list[dict[str, Any]], list[dict[str, Any]]]


def append(account: Account, change: Change) -> None:
    """Log a change; most are one entry, an update is one for every value that it changed."""
    about = subject(account, change)
    for kind, after, before in entries(account, change):
        number = account.number("event", 1, 1)
        key = f"01{int(account.now()):08x}{number:08x}{secrets.token_hex(4)}"
        account.events[key] = {
            "id": key,
            "type": kind,
            **about,
            "created_by": change.by,
            "created_at": int(account.now()),
            "value_after": after,
            "value_before": before,
            "account_id": account.id,
        }


def subject(account: Account, change: Change) -> dict[str, Any]:
    """What an entry is about; a message is told of the lead and found by the contact of its talk."""
    if change.entity != "messages":
        return {"entity_id": change.id, "entity_type": SINGULAR[change.entity]}
    talk = account.talks[change.id]
    lead = account.records[LEADS].get(talk.lead_id or 0)
    if lead is None or lead.is_deleted:
        return {"entity_id": talk.contact_id, "entity_type": "contact"}
    return {"entity_id": lead.id, "entity_type": "lead", "linked_talk_contact_id": talk.contact_id}


def entries(account: Account, change: Change) -> Iterator[Entry]:
    """The entries of one change."""
    if change.action in ("link", "unlink"):
        yield f"{SINGULAR[change.body['entity']]}_{change.action}ed", *_sides(_link(change), change.action == "unlink")
    elif change.action == "responsible":
        yield "entity_responsible_changed", [_responsible(_owner(account, change))], [_responsible(_was(change))]
    elif change.action == "merge":
        yield "entity_merged", [], []
    elif change.entity == "messages":
        word = "incoming" if change.body["incoming"] else "outgoing"
        yield f"{word}_chat_message", [{"message": {"id": change.body["message_id"]}}], []
    elif change.entity == "tasks":
        yield from _task(account, change)
    elif change.entity in ENTITIES:
        yield from _record(account, change)


def _record(account: Account, change: Change) -> Iterator[Entry]:
    if change.action == "note":
        note = account.notes[change.body["note_id"]]
        yield NOTE_EVENTS.get(note.note_type, "common_note_added"), [{"note": {"id": note.id}}], []
    elif change.action in RECORD_EVENTS:
        made = [{"note": {"id": account.number("note", 401_001, 2)}}] if change.action == "add" else []
        yield f"{SINGULAR[change.entity]}_{RECORD_EVENTS[change.action]}", made, []
    elif change.action == "status":
        own = account.records[LEADS][change.id].own
        yield "lead_status_changed", [_status(own)], [_status(change.before)]
    elif change.action == "update":
        yield from _updated(account, change)


def _task(account: Account, change: Change) -> Iterator[Entry]:
    task, before = account.tasks[change.id], change.before
    if change.action in ("add", "delete"):
        yield f"task_{RECORD_EVENTS[change.action]}", [], []
        return
    for key, (kind, (outer, inner)) in TASK_EVENTS.items():
        if key in before and before[key] != getattr(task, key):
            yield kind, [{outer: {inner: getattr(task, key)}}], [{outer: {inner: before[key]}}]
    if task.result and task.result != before.get("result"):
        yield "task_result_added", [{"note": {"id": account.number("note", 401_001, 2)}}], []
    if task.is_completed and not before["is_completed"]:
        yield "task_completed", [], []


def _owner(account: Account, change: Change) -> int:
    held = account.tasks[change.id] if change.entity == "tasks" else account.records[change.entity][change.id]
    return held.responsible_user_id


def _was(change: Change) -> int:
    return int(change.before["responsible_user_id"])


def _updated(account: Account, change: Change) -> Iterator[Entry]:
    record, before = account.records[change.entity][change.id], change.before
    if "price" in before:
        yield "sale_field_changed", [_sale(record.own["price"])], [_sale(before["price"])]
    if "name" in before:
        yield "name_field_changed", [_name(record.own["name"])], [_name(before["name"])]
    for number, old in before.get("values", {}).items():
        now = record.values.get(number, [])
        field = account.fields[change.entity].get(number)
        yield f"custom_field_{number}_value_changed", _values(field, number, now), _values(field, number, old)
    if "tags" in before:
        yield from _tagged(account, change.entity, before["tags"], record.tags)


def _tagged(account: Account, entity: str, before: list[int], after: list[int]) -> Iterator[Entry]:
    tags = account.tags[entity]
    for word, first, second in (("added", after, before), ("deleted", before, after)):
        rows = [{"tag": {"name": tags[number].name}} for number in first if number not in second]
        if rows:
            yield f"entity_tag_{word}", *_sides(rows, word == "deleted")


def _sides(rows: list[dict[str, Any]], gone: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return ([], rows) if gone else (rows, [])


def _link(change: Change) -> list[dict[str, Any]]:
    return [{"link": {"entity": {"type": SINGULAR[change.body["entity"]], "id": change.body["id"]}}}]


def _status(own: dict[str, Any]) -> dict[str, Any]:
    return {"lead_status": {"id": own["status_id"], "pipeline_id": own["pipeline_id"]}}


def _responsible(user_id: int) -> dict[str, Any]:
    return {"responsible_user": {"id": user_id}}


def _sale(price: int | None) -> dict[str, Any]:
    return {"sale_field_value": {"sale": price}}


def _name(name: str) -> dict[str, Any]:
    return {"name_field_value": {"name": name}}


def _values(field: CustomField | None, number: int, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kind = FIELD_NUMBERS.get(field.type) if field else None
    options = {option.id: option.value for option in field.enums.values()} if field else {}
    return [
        {
            "custom_field_value": {
                "field_id": number,
                "field_type": kind,
                "enum_id": each.get("enum_id"),
                "text": each.get("value", options.get(each.get("enum_id", 0))),
            }
        }
        for each in stored
    ]
