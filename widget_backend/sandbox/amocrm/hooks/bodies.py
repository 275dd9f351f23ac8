"""The bodies of account hooks: bracket keys, companies among the contacts, the old stage beside the new one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.values import shown
from widget_backend.sandbox.amocrm.crm.words import ELEMENT_TYPES, SINGULAR
from widget_backend.sandbox.amocrm.hooks import eventlog
from widget_backend.sandbox.amocrm.hooks.delivery import queue
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change

#: items in one request
MOST_ITEMS = 10

#: entity -> first key of a hook
TOP_KEYS = {LEADS: "leads", CONTACTS: "contacts", COMPANIES: "contacts", "tasks": "task"}

#: note type -> its number in hooks
NOTE_NUMBERS = {"common": 4, "call_in": 10, "call_out": 11, "sms_in": 102, "sms_out": 103}
SERVICE_NOTE = 25


def flush(account: Account) -> None:
    """Turn what a request has changed into log entries and waiting hooks."""
    changes, account.changes = account.changes, []
    for change in changes:
        eventlog.append(account, change)
    for hook in account.webhooks.values() if changes else ():
        if hook.disabled:
            continue
        wanted = [change for change in changes if word(change) in hook.settings]
        for start in range(0, len(wanted), MOST_ITEMS):
            part = wanted[start : start + MOST_ITEMS]
            queue(account, hook.destination, word(part[0]), body(account, part), hook.id)


def word(change: Change) -> str:
    """The event's name in a subscription."""
    return f"{change.action}_{SINGULAR[change.entity]}"


def body(account: Account, changes: list[Change]) -> dict[str, Any]:
    """One hook with several changes, and the account at its end."""
    tree: dict[str, Any] = {}
    for change in changes:
        tree.setdefault(TOP_KEYS[change.entity], {}).setdefault(change.action, []).append(_item(account, change))
    who = {"subdomain": account.subdomain, "id": account.id, "_links": {"self": account.base_url}}
    return tree | {"account": who}


def _item(account: Account, change: Change) -> dict[str, Any]:
    if change.entity == "tasks":
        return _task(account, change)
    if change.action == "note":
        return {"note": _note(account, change)}
    record = account.records[change.entity][change.id]
    if change.action == "delete":
        own = record.own
        kind = {"status_id": own["status_id"], "pipeline_id": own["pipeline_id"]} if change.entity == LEADS else {}
        return {"id": record.id, **kind, **_type(change.entity)}
    old = {f"old_{key}": change.before[key] for key in _OLD.get(change.action, ()) if key in change.before}
    return {**_record(account, record), **old}


_OLD = {"status": ("status_id", "pipeline_id"), "responsible": ("responsible_user_id",)}


def _record(account: Account, record: Record) -> dict[str, Any]:
    tree: dict[str, Any] = {"id": record.id, "name": record.own["name"]}
    if record.entity == LEADS:
        tree |= {key: record.own[key] for key in ("status_id", "price", "pipeline_id", "loss_reason_id")}
    tree |= {
        "responsible_user_id": record.responsible_user_id,
        "last_modified": record.updated_at,
        "modified_user_id": record.updated_by,
        "created_user_id": record.created_by,
        "date_create": record.created_at,
        "account_id": account.id,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        **_type(record.entity),
        **_relations(account, record),
    }
    tags = [{"id": number, "name": account.tags[record.entity][number].name} for number in record.tags]
    fields = [_field(account, record, number, values) for number, values in record.values.items()]
    fields = [field for field in fields if field]
    return tree | ({"tags": tags} if tags else {}) | ({"custom_fields": fields} if fields else {})


def _type(entity: str) -> dict[str, str]:
    return {} if entity == LEADS else {"type": SINGULAR[entity]}


def _relations(account: Account, record: Record) -> dict[str, Any]:
    if record.entity == LEADS:
        return {}
    leads = {number: {"ID": number} for number in linked(account, record, LEADS)}
    company = next(iter(linked(account, record, COMPANIES)), None) if record.entity == CONTACTS else None
    tree: dict[str, Any] = {"linked_leads_id": leads} if leads else {}
    if company is not None:
        tree |= {"linked_company_id": company, "company_name": account.records[COMPANIES][company].own["name"]}
    return tree


def _field(account: Account, record: Record, number: int, stored: list[dict[str, Any]]) -> dict[str, Any]:
    field = account.fields[record.entity].get(number)
    values = shown(field, stored) if field else []
    if field is None or not values:
        return {}
    rows = [
        {"value": each.get("value"), **({"enum": each["enum_id"]} if each.get("enum_id") else {})} for each in values
    ]
    return {"id": field.id, "name": field.name, **({"code": field.code} if field.code else {}), "values": rows}


def _task(account: Account, change: Change) -> dict[str, Any]:
    task = account.tasks[change.id]
    result = {"result": {"id": task.id, "text": task.result}} if task.result else {}
    return {
        "id": task.id,
        "element_id": task.entity_id,
        "element_type": ELEMENT_TYPES.get(task.entity_type or "", 0),
        "task_type": task.task_type_id,
        "date_create": _moment(task.created_at),
        "text": task.text,
        "status": int(task.is_completed),
        "account_id": account.id,
        "created_user_id": task.created_by,
        "last_modified": _moment(task.updated_at),
        "responsible_user_id": task.responsible_user_id,
        "complete_till": _moment(task.complete_till),
        "action_close": int(task.is_completed and not change.before.get("is_completed", task.is_completed)),
        **result,
    }


def _note(account: Account, change: Change) -> dict[str, Any]:
    note = account.notes[change.body["note_id"]]
    return {
        "id": note.id,
        "note_type": NOTE_NUMBERS.get(note.note_type, SERVICE_NOTE),
        "text": note.params.get("text", ""),
        "element_id": note.entity_id,
        "element_type": ELEMENT_TYPES[note.entity],
        "created_by": note.created_by,
        "modified_by": note.updated_by,
        "date_create": _moment(note.created_at),
        "responsible_user_id": note.responsible_user_id,
        "account_id": account.id,
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
