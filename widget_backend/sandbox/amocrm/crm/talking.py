"""Talks: the chat of a contact about a lead, and what is said in it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.live import Message, Talk
from widget_backend.sandbox.amocrm.state import CONTACTS, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

ORIGIN = "telegram"


def talk_about(account: Account, contact_id: int, lead_id: int | None) -> Talk | None:
    """The talk with a contact about a lead that nobody has closed."""
    of_him = (each for each in account.talks.values() if (each.contact_id, each.lead_id) == (contact_id, lead_id))
    return next((each for each in of_him if each.is_in_work), None)


def talk_of_lead(account: Account, lead: Record) -> Talk | None:
    """The talk of any contact of a lead: where a bot writes to."""
    talks = (talk_about(account, number, lead.id) for number in linked(account, lead, CONTACTS))
    return next((talk for talk in talks if talk), None)


def open_talk(account: Account, contact_id: int, lead_id: int | None, origin: str = ORIGIN) -> Talk:
    """A talk in the chat of a contact, who has one chat for each origin."""
    known = (each.chat_id for each in account.talks.values() if (each.contact_id, each.origin) == (contact_id, origin))
    chat, now = next(known, None) or str(uuid.uuid4()), int(account.now())
    talk = Talk(account.number("talk", 117, 1), chat, contact_id, lead_id, origin, now, now)
    account.talks[talk.id] = talk
    account.chats.setdefault(chat, contact_id)
    return talk


def say(account: Account, talk: Talk, text: str, author: str, *, incoming: bool, by: int = 0) -> None:
    """Add a message to a talk; the patient's one leaves it unread."""
    message = Message(str(uuid.uuid4()), text, int(account.now()), incoming, author)
    talk.messages.append(message)
    talk.is_read, talk.updated_at = not incoming, message.created_at
    body = {"message_id": message.id, "incoming": incoming}
    account.change(Change("messages", "add" if incoming else "answer", talk.id, by, body=body))
