"""What hangs on a deal, off the wire: to-dos, comments, calls and messages, moves (bitrix24.md §4.3, §4.8). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import number, rows
from widget_backend.crm.bitrix24.register import values
from widget_backend.crm.bitrix24.register.moments import moment
from widget_backend.crm.records import Activity, Channel, Move, Note, Task

Row = Mapping[str, Any]

#: provider of to-dos
TODO = "CRM_TODO"
#: providers of activities -> what they are
CHANNELS: Mapping[str, Channel] = {
    "VOXIMPLANT_CALL": "call",
    "CRM_CALL": "call",
    "IMOPENLINES_SESSION": "message",
    "CRM_SMS": "message",
    "CRM_WHATSAPP": "message",
    "CRM_TELEGRAM": "message",
    "CRM_EMAIL": "email",
}
#: ``TYPE_ID`` of activities of another provider that are one of these all the same
TYPES: Mapping[str, Channel] = {"2": "call", "4": "email"}
INCOMING, OUTGOING = "1", "2"


def task(row: Row, deal: str) -> Task:
    """A to-do of a deal: its title and its words."""
    return Task(
        id=str(row["ID"]),
        deal=deal,
        text="\n".join(part for part in (str(row.get(key) or "") for key in ("SUBJECT", "DESCRIPTION")) if part),
        responsible=values.identity(row.get("RESPONSIBLE_ID")),
        deadline=moment(row.get("DEADLINE")),
        done=row.get("COMPLETED") == "Y",
    )


def note(row: Row, deal: str) -> Note:
    """A comment of a deal's timeline."""
    return Note(str(row["ID"]), deal, str(row.get("COMMENT") or ""), moment(row.get("CREATED")))


def activity(row: Row, bindings: object) -> Activity | None:
    """A call, message or letter; ``None`` for anything else. ``bindings``: as ``crm.activity.binding.list`` tells them.

    An open line's activity lasts as long as its conversation and is updated with each message: its time is that of the last.
    """
    channel = CHANNELS.get(str(row.get("PROVIDER_ID") or "")) or TYPES.get(str(row.get("TYPE_ID") or ""))
    if channel is None:
        return None
    direction = str(row.get("DIRECTION") or "")
    began = direction == INCOMING or (direction != OUTGOING and row.get("IS_INCOMING_CHANNEL") == "Y")
    times = ("LAST_UPDATED", "CREATED") if channel == "message" else ("CREATED", "START_TIME")
    at = next((found for name in times if (found := moment(row.get(name)))), None)
    about = list(_about(row, bindings))
    return Activity(str(row["ID"]), channel, began, at, _of(about, words.DEAL), _of(about, words.CONTACT))


def move(row: Row) -> Move | None:
    """A stage a deal came to; ``None`` for a row without a time."""
    at = moment(row.get("CREATED_TIME"))
    if at is None:
        return None
    return Move(
        deal=str(row["OWNER_ID"]),
        stage=str(row.get("STAGE_ID") or ""),
        pipeline=str(row.get("CATEGORY_ID") or 0),
        at=at,
        id=str(row["ID"]),
    )


def _about(row: Row, bindings: object) -> Iterator[tuple[int, str]]:
    """Type and id of all it is bound to; whose it is comes first."""
    yield number(row.get("OWNER_TYPE_ID")), values.identity(row.get("OWNER_ID"))
    for bound in rows(row.get("BINDINGS")):
        yield number(bound.get("OWNER_TYPE_ID")), values.identity(bound.get("OWNER_ID"))
    for bound in rows(bindings):
        yield number(bound.get("entityTypeId")), values.identity(bound.get("entityId"))
    for whom in rows(row.get("COMMUNICATIONS")):
        yield number(whom.get("ENTITY_TYPE_ID")), values.identity(whom.get("ENTITY_ID"))


def _of(about: list[tuple[int, str]], entity: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number_ for kind, number_ in about if kind == entity and number_))
