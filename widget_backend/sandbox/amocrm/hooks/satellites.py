"""What hooks say of everything that is no record: notes, tasks, talks, messages, incoming requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.words import ELEMENT_TYPES
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.hooks.changes import Change
    from widget_backend.sandbox.amocrm.live import Unsorted
    from widget_backend.sandbox.amocrm.state import Note

#: note type -> its number in hooks
NOTE_NUMBERS = {"common": 4, "call_in": 10, "call_out": 11, "sms_in": 102, "sms_out": 103}
SERVICE_NOTE = 25

CALLS = frozenset({"call_in", "call_out"})


def note(account: Account, change: Change) -> dict[str, Any]:
    """A note; that of a call has its params as JSON in the text."""
    held = account.notes[change.body["note_id"]]
    return {
        "id": held.id,
        "note_type": NOTE_NUMBERS.get(held.note_type, SERVICE_NOTE),
        "text": _note_text(held),
        "element_id": held.entity_id,
        "element_type": ELEMENT_TYPES[held.entity],
        "created_by": held.created_by,
        "modified_by": held.updated_by,
        "date_create": _moment(held.created_at),
        "responsible_user_id": held.responsible_user_id,
        "account_id": account.id,
    }


def task(account: Account, change: Change) -> dict[str, Any]:
    """A task with dates as texts; a deleted one is its id only."""
    held = account.tasks[change.id]
    if change.action == "delete":
        return {"id": held.id}
    result = {"result": {"id": held.id, "text": held.result}} if held.result else {}
    return {
        "id": held.id,
        "element_id": held.entity_id,
        "element_type": ELEMENT_TYPES.get(held.entity_type or "", 0),
        "task_type": held.task_type_id,
        "date_create": _moment(held.created_at),
        "text": held.text,
        "status": int(held.is_completed),
        "account_id": account.id,
        "created_user_id": held.created_by,
        "last_modified": _moment(held.updated_at),
        "responsible_user_id": held.responsible_user_id,
        "complete_till": _moment(held.complete_till),
        "action_close": int(held.is_completed and not change.before.get("is_completed", held.is_completed)),
        **result,
    }


def talk(account: Account, change: Change) -> dict[str, Any]:
    """A talk, with flags as 1 and 0."""
    held = account.talks[change.id]
    return {
        "talk_id": held.id,
        "created_at": held.created_at,
        "updated_at": held.updated_at,
        "rate": 0,
        "contact_id": held.contact_id,
        "chat_id": held.chat_id,
        "entity_id": held.lead_id,
        "entity_type": "lead",
        "is_in_work": held.is_in_work,
        "is_read": held.is_read,
        "origin": held.origin,
    }


def message(account: Account, change: Change) -> dict[str, Any]:
    """A message of a patient, with the talk and the lead it belongs to."""
    held = account.talks[change.id]
    said = next(each for each in held.messages if each.id == change.body["message_id"])
    return {
        "id": said.id,
        "chat_id": held.chat_id,
        "talk_id": held.id,
        "contact_id": held.contact_id,
        "text": said.text,
        "created_at": said.created_at,
        "element_type": ELEMENT_TYPES[LEADS],
        "entity_type": "lead",
        "element_id": held.lead_id,
        "entity_id": held.lead_id,
        "type": "incoming",
        "author": {"id": held.chat_id, "type": "external", "name": said.author},
        "origin": held.origin,
    }


def unsorted(account: Account, change: Change) -> dict[str, Any]:
    """An incoming request; accepting and declining it are deletions with what came of them."""
    held = account.unsorted[change.body["uid"]]
    if change.action == "delete":
        word = change.body["outcome"]
        gone = {"action": word, "uid": held.uid, "category": held.category, "created_at": held.created_at}
        people = {"contacts": [held.contact_id]} if word == "accept" and held.contact_id else {}
        return gone | {f"{word}_result": {"leads": [held.lead_id], **people}}
    origin = {"source_uid": held.source_uid, "source": held.source_name, "from": held.source_name}
    return {
        "uid": held.uid,
        "category": held.category,
        "account_id": account.id,
        "user_id": change.by,
        "source": held.source_name,
        "pipeline_id": held.pipeline_id,
        "source_data": {**held.metadata, **origin, "date": held.created_at, **_said(account, held)},
        "data": _data(account, held),
        "created_at": held.created_at,
    }


#: entity of a change -> what a hook says of it
ITEMS: dict[str, Callable[[Account, Change], dict[str, Any]]] = {
    "tasks": task,
    "talks": talk,
    "messages": message,
    "unsorted": unsorted,
}


def _note_text(held: Note) -> str:
    if held.note_type not in CALLS:
        return str(held.params.get("text", ""))
    return json.dumps({key.upper(): value for key, value in held.params.items()}, ensure_ascii=False)


def _said(account: Account, held: Unsorted) -> dict[str, Any]:
    """What a patient has written, if the request came by a chat."""
    talk = next((each for each in account.talks.values() if each.lead_id == held.lead_id), None)
    if held.category != "chats" or talk is None:
        return {}
    return {"data": [{"id": said.id, "text": said.text, "date": said.created_at} for said in talk.messages]}


def _data(account: Account, held: Unsorted) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for entity, number in ((LEADS, held.lead_id), (CONTACTS, held.contact_id), (COMPANIES, held.company_id)):
        record = account.records[entity].get(number or 0)
        if record is not None:
            stage = {key: record.own[key] for key in ("status_id", "pipeline_id") if key in record.own}
            about = {"id": record.id, "name": record.own["name"], "date_create": record.created_at}
            rows[entity] = [about | stage | {"created_user_id": record.created_by}]
    return rows


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
