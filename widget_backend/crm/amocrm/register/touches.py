"""What else than deals' changes an account remembers: patients who got in touch, contacts changed, deals deleted
(amocrm.md §4.7). Letters are in no event that the vendor names: one that no webhook told of is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from widget_backend.clock import now
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.register.changes import Changes
from widget_backend.crm.amocrm.register.events import Events, at
from widget_backend.crm.amocrm.register.satellites import TALK
from widget_backend.crm.amocrm.register.values import moment
from widget_backend.crm.records import Activity, Touched

#: calls and messages that are noted at a record
NOTED: Final = ("incoming_call", "incoming_sms")
CHAT: Final = "incoming_chat_message"
DELETED: Final = "lead_deleted"
#: what an event is about -> the list its notes hang on
LISTS: Final[Mapping[str, str]] = {"lead": "leads", "contact": "contacts"}


class Touches:
    """Reads them of one account."""

    def __init__(self, client: Client, *, clock: Callable[[], datetime] = now) -> None:
        self._contacts = Changes(client, "contacts")
        self._events = Events(client, (*NOTED, CHAT, DELETED), clock=clock)

    def since(self, start: datetime) -> Iterator[Sequence[Touched]]:
        """Page by page. Raises :class:`VendorError`."""
        for rows in self._contacts.since(start):
            yield tuple(Touched("contact", str(row["id"]), "updated", moment(row.get("updated_at"))) for row in rows)
        for events in self._events.since(start):
            found = (READS[str(row["type"])](row) for row in events)
            told = sorted((one for one in found if one is not None), key=lambda one: (one.at or start, one.id))
            if told:
                yield tuple(told)


def _noted(row: Row) -> Touched | None:
    path, note = LISTS.get(str(row.get("entity_type"))), _of(row, "note").get("id")
    return Touched("activity", f"{path}:{note}", "added", _moment(row)) if path and note else None


def _chat(row: Row) -> Touched | None:
    """The message cannot be read, so what the event tells is all there is. Its conversation has the same name as in a
    webhook, where the event tells it."""
    message = _of(row, "message")
    number = f"{TALK}:{message['talk_id']}" if message.get("talk_id") else f"message:{message.get('id')}"
    about, is_deal = str(row.get("entity_id") or ""), row.get("entity_type") == "lead"
    contact = str(row.get("linked_talk_contact_id") or "") if is_deal else about
    if not about or number == "message:None":
        return None
    deals, contacts = (about,) if is_deal else (), (contact,) if contact else ()
    told = Activity("", "message", incoming=True, at=_moment(row), deals=deals, contacts=contacts)
    return Touched("activity", number, "added", _moment(row), told)


def _deleted(row: Row) -> Touched | None:
    return Touched("deal", str(row["entity_id"]), "deleted", _moment(row)) if row.get("entity_id") else None


def _of(row: Row, name: str) -> Mapping[str, Any]:
    """What the event says of one thing after it."""
    for change in row.get("value_after") or ():
        found = change.get(name) if isinstance(change, dict) else None
        if isinstance(found, dict):
            return found
    return {}


def _moment(row: Row) -> datetime:
    return datetime.fromtimestamp(at(row), UTC)


READS: Final[Mapping[str, Callable[[Row], Touched | None]]] = {
    **dict.fromkeys(NOTED, _noted),
    CHAT: _chat,
    DELETED: _deleted,
}
