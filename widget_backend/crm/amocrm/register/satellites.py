"""What hangs on deals and contacts: tasks, notes, calls, letters, conversations; and users. Rows to our values, pure.

amocrm.md §4.5 (notes), §4.6 (tasks), §4.8 (users), §4.10 (talks). An activity's id says where it is read: ``leads:77`` and
``contacts:77`` are notes, ``talk:117`` is a conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.crm.amocrm.client import Row, embedded
from widget_backend.crm.amocrm.register.values import moment
from widget_backend.crm.records import Activity, Channel, Note, Task, User

TALK: Final = "talk"
#: lists that notes hang on -> whether they are deals
NOTED: Final[Mapping[str, bool]] = {"leads": True, "contacts": False}
#: type of a note -> channel, and whether the patient began; a letter tells that itself
COMMUNICATION: Final[Mapping[str, tuple[Channel, bool]]] = {
    "call_in": ("call", True),
    "call_out": ("call", False),
    "sms_in": ("message", True),
    "sms_out": ("message", False),
    "amomail_message": ("email", False),
}


def task(row: Row) -> Task:
    """A task at a deal."""
    return Task(
        id=str(row["id"]),
        deal=str(row.get("entity_id")),
        text=str(row.get("text") or ""),
        responsible=str(row.get("responsible_user_id") or ""),
        deadline=moment(row.get("complete_till")),
        type=str(row.get("task_type_id") or ""),
        done=bool(row.get("is_completed")),
    )


def note(row: Row, deal: str) -> Note:
    """A note at a deal; calls and the like have no text."""
    return Note(str(row["id"]), deal, str(params(row).get("text") or ""), moment(row.get("created_at")))


def params(row: Row) -> Row:
    """The properties of a note."""
    said = row.get("params")
    return said if isinstance(said, dict) else {}


def communication(row: Row, path: str) -> Activity | None:
    """A call, message or letter told by a note; ``None`` for any other note."""
    kind = COMMUNICATION.get(str(row.get("note_type")))
    if kind is None:
        return None
    channel, incoming = kind
    about = (str(row.get("entity_id")),)
    return Activity(
        id=f"{path}:{row['id']}",
        channel=channel,
        incoming=bool(params(row).get("income")) if channel == "email" else incoming,
        at=moment(row.get("created_at")),
        deals=about if NOTED[path] else (),
        contacts=() if NOTED[path] else about,
    )


def talk(row: Row) -> Activity:
    """A conversation. The vendor does not say who wrote last: what nobody has read yet came from the patient."""
    at_deal = str(row.get("entity_type")) in ("lead", "leads") and row.get("entity_id")
    deals = {str(row["entity_id"])} if at_deal else {str(deal["id"]) for deal in embedded(row, "leads")}
    return Activity(
        id=f"{TALK}:{row.get('talk_id') or row.get('id')}",
        channel="message",
        incoming=not row.get("is_read"),
        at=moment(row.get("updated_at")),
        deals=tuple(sorted(deals)),
        contacts=(str(row["contact_id"]),) if row.get("contact_id") else (),
    )


def user(row: Row) -> User:
    """Somebody who works there. Who heads whom the vendor does not say; what he does, the name of his role or group."""
    rights = row.get("rights") if isinstance(row.get("rights"), dict) else {}
    assert isinstance(rights, dict)
    active = rights.get("is_active", True) is not False
    named = (str(one.get("name") or "") for kind in ("roles", "groups") for one in embedded(row, kind))
    position = ", ".join(name for name in named if name)
    return User(str(row["id"]), str(row.get("name") or ""), active, rights.get("is_admin") is True, position=position)
