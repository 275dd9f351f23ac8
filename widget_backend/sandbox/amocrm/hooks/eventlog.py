"""The account's event log: one entry for what people would see, with the values before and after."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.words import SINGULAR
from widget_backend.sandbox.amocrm.state import LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change

#: type of the event, values after, values before
Entry = tuple[str, list[dict[str, Any]], list[dict[str, Any]]]

NOTE_EVENTS = {
    "common": "common_note_added",
    "call_in": "incoming_call",
    "call_out": "outgoing_call",
    "service_message": "service_note_added",
    "extended_service_message": "service_note_added",
    "message_cashier": "message_to_cashier_note_added",
    "geolocation": "geo_note_added",
    "sms_in": "incoming_sms",
    "sms_out": "outgoing_sms",
    "attachment": "attachment_note_added",
}

TYPES = [
    "lead_added",
    "lead_deleted",
    "lead_restored",
    "lead_status_changed",
    "lead_linked",
    "lead_unlinked",
    "contact_added",
    "contact_deleted",
    "contact_linked",
    "contact_unlinked",
    "company_added",
    "company_deleted",
    "company_linked",
    "company_unlinked",
    "entity_tag_added",
    "entity_tag_deleted",
    "entity_responsible_changed",
    "sale_field_changed",
    "name_field_changed",
    "task_added",
    "task_completed",
    "common_note_added",
    "incoming_call",
    "outgoing_call",
    "incoming_sms",
    "outgoing_sms",
    "service_note_added",
]


def append(account: Account, change: Change) -> None:
    """Log a change; most are one entry, an update is one for every value that it changed."""
    for kind, after, before in entries(account, change):
        number = account.number("event", 1, 1)
        key = f"01{int(account.now()):08x}{number:08x}{secrets.token_hex(4)}"
        entity = "task" if change.entity == "tasks" else SINGULAR[change.entity]
        account.events[key] = {
            "id": key,
            "type": kind,
            "entity_id": change.id,
            "entity_type": entity,
            "created_by": change.by,
            "created_at": int(account.now()),
            "value_after": after,
            "value_before": before,
            "account_id": account.id,
        }


def entries(account: Account, change: Change) -> Iterator[Entry]:
    """The entries of one change."""
    name, before = SINGULAR[change.entity], change.before
    if change.action in ("link", "unlink"):
        yield f"{SINGULAR[change.body['entity']]}_{change.action}ed", *_sides(_link(change), change.action == "unlink")
    elif change.action == "note":
        note = account.notes[change.body["note_id"]]
        yield NOTE_EVENTS.get(note.note_type, "common_note_added"), [{"note": {"id": note.id}}], []
    elif change.entity == "tasks":
        done = change.action == "update" and account.tasks[change.id].is_completed and not before["is_completed"]
        if change.action == "add" or done:
            yield "task_completed" if done else "task_added", [], []
    elif change.action in ("add", "delete", "restore"):
        yield f"{name}_{ {'add': 'added', 'delete': 'deleted', 'restore': 'restored'}[change.action] }", [], []
    elif change.action == "status":
        own = account.records[LEADS][change.id].own
        yield "lead_status_changed", [_status(own)], [_status(before)]
    elif change.action == "responsible":
        now = account.records[change.entity][change.id].responsible_user_id
        yield "entity_responsible_changed", [_responsible(now)], [_responsible(before["responsible_user_id"])]
    elif change.action == "update":
        yield from _updated(account, change)


def _updated(account: Account, change: Change) -> Iterator[Entry]:
    record, before = account.records[change.entity][change.id], change.before
    if "price" in before:
        yield "sale_field_changed", [_sale(record.own["price"])], [_sale(before["price"])]
    if "name" in before:
        yield "name_field_changed", [_name(record.own["name"])], [_name(before["name"])]
    for number, old in before.get("values", {}).items():
        now = record.values.get(number, [])
        yield f"custom_field_{number}_value_changed", _values(number, now), _values(number, old)
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


def _values(number: int, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"custom_field_value": {"field_id": number, "enum_id": each.get("enum_id"), "text": each.get("value")}}
        for each in stored
    ]
