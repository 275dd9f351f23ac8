"""``/talks`` and ``/contacts/chats``: talks of contacts, closed once; and which chat belongs to whom."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.live import Talk
from widget_backend.sandbox.amocrm.state import CONTACTS
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, impossible, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.query import numbers, values
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, shaped, validated

CHAT = {"chat_id": "string*", "contact_id": "int*"}


@route("GET", "/talks")
def get_all(call: Call) -> Answer:
    """A page of talks, by contact if one is named."""
    contacts = numbers(call.filter.get("contact_id"))
    rows = [talk for talk in call.account.talks.values() if not contacts or talk.contact_id in contacts]
    return listing(call, "talks", rows, lambda talk: model(call, talk))


@route("GET", "/talks/<int:talk_id>")
def get(call: Call, talk_id: int) -> Answer:
    """One talk."""
    return Answer(model(call, _talk(call, talk_id)))


@route("POST", "/talks/<int:talk_id>/close")
def close(call: Call, talk_id: int) -> Answer:
    """Close a talk; a closed one is not closed again."""
    talk = _talk(call, talk_id)
    if not talk.is_in_work:
        raise impossible("Talk is already closed")
    talk.is_in_work, talk.is_read, talk.updated_at = False, True, int(call.account.now())
    call.account.change(Change("talks", "update", talk.id, call.caller.user.id))
    return Answer(None, 202)


@route("GET", "/contacts/chats")
def get_chats(call: Call) -> Answer:
    """Chats of the contacts, or of the chats, that the query names."""
    wanted = numbers(call.query.get("contact_id")), values(call.query.get("chat_id"))
    rows = [
        {"chat_id": chat, "contact_id": contact}
        for chat, contact in call.account.chats.items()
        if (not wanted[0] or contact in wanted[0]) and (not wanted[1] or chat in wanted[1])
    ]
    return listing(call, "chats", rows, lambda row: row, total=True)


@route("POST", "/contacts/chats")
def tie(call: Call) -> Answer:
    """Tie chats to contacts."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, item))
    models = []
    for row in rows:
        chat, contact = row.item["chat_id"], row.item["contact_id"]
        call.account.chats[chat] = contact
        models.append({"chat_id": chat, "contact_id": contact, "id": contact, "request_id": row.request_id})
    return whole(call, "chats", models)


def model(call: Call, talk: Talk) -> dict[str, Any]:
    """A talk."""
    lead = call.account.records["leads"].get(talk.lead_id or 0)
    leads = [lead] if lead and not lead.is_deleted else []
    return {
        "talk_id": talk.id,
        "created_at": talk.created_at,
        "updated_at": talk.updated_at,
        "rate": 0,
        "contact_id": talk.contact_id,
        "chat_id": talk.chat_id,
        "entity_id": talk.lead_id if leads else None,
        "entity_type": "lead" if leads else None,
        "is_in_work": talk.is_in_work,
        "is_read": talk.is_read,
        "origin": talk.origin,
        "missed_at": None,
        "account_id": call.account.id,
        "_links": call.href(f"/talks/{talk.id}"),
        "_embedded": {
            "contacts": [{"id": talk.contact_id, "_links": call.href(f"/contacts/{talk.contact_id}")}],
            "leads": [{"id": lead.id, "_links": call.href(f"/leads/{lead.id}")} for lead in leads],
            "customers": [],
        },
    }


def _talk(call: Call, talk_id: int) -> Talk:
    talk = call.account.talks.get(talk_id)
    if talk is None:
        raise not_found("Talk not found")
    return talk


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    found = shaped(item, CHAT)
    if not found and item["contact_id"] not in call.account.records[CONTACTS]:
        found.append(not_a_choice("contact_id"))
    return found
