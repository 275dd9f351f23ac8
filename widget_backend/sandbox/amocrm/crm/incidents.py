"""What comes from a patient by himself: messages of a chat, and calls.

Somebody without an open lead becomes an incoming request when he writes.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.bots import running
from widget_backend.sandbox.amocrm.crm import unsorted
from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.talking import ORIGIN, open_talk, say, talk_about
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.live import Talk
from widget_backend.sandbox.amocrm.state import CLOSED, CONTACTS, LEADS, Note

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account


def wrote(account: Account, contact_id: int, text: str, lead_id: int = 0, origin: str = ORIGIN) -> Talk:
    """A contact has written: in the talk of his lead (``lead_id`` while it is open, else his youngest open one).

    Without an open lead his message makes an incoming request of the category "chats".
    """
    contact = account.records[CONTACTS][contact_id]
    number = open_lead(account, contact_id, lead_id)
    if number is None:
        number = unsorted.from_chat(account, contact, text, origin).lead_id
    talk = talk_about(account, contact_id, number)
    action = "update" if talk else "add"
    talk = talk or open_talk(account, contact_id, number, origin)
    account.change(Change("talks", action, talk.id, 0))
    say(account, talk, text, contact.own["name"], incoming=True)
    flush(account)
    running.answered(account, LEADS, number, text)
    flush(account)
    return talk


def called(account: Account, lead_id: int, phone: str = "", duration: int = 60, link: str = "") -> Note:
    """A patient has called about a lead: telephony notes it there; a call of no length was missed."""
    params: dict[str, Any] = {"uniq": uuid.uuid4().hex, "duration": duration, "source": "sandbox_phone", "link": link}
    params |= {"phone": phone or phone_of(account, lead_id)}
    owner = account.records[LEADS][lead_id].responsible_user_id
    now, number = int(account.now()), account.number("note", 401_001, 2)
    note = Note(number, LEADS, lead_id, "call_in", params, 0, 0, owner, now, now)
    account.notes[number] = note
    account.change(Change(LEADS, "note", lead_id, 0, body={"note_id": number}))
    flush(account)
    return note


def open_lead(account: Account, contact_id: int, preferred: int = 0) -> int | None:
    """The preferred lead of a contact while it is open, else his youngest open one."""
    leads = linked(account, account.records[CONTACTS][contact_id], LEADS)
    of_him = [number for number in leads if account.records[LEADS][number].own["status_id"] not in CLOSED]
    return preferred if preferred in of_him else max(of_him, default=None)


def phone_of(account: Account, lead_id: int) -> str:
    """The first phone of a lead's contacts, empty if there is none."""
    fields = account.fields[CONTACTS]
    for number in linked(account, account.records[LEADS][lead_id], CONTACTS):
        for field_id, held in account.records[CONTACTS][number].values.items():
            if field_id in fields and fields[field_id].code == "PHONE":
                return str(held[0]["value"])
    return ""
