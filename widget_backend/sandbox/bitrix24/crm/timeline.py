"""The timeline's own rows: comments of people, and log messages of applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.envelope import iso
from widget_backend.sandbox.bitrix24.events import fire

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

TYPES_BY_NAME = {name: entity_type for entity_type, (_, name, _) in NAMES.items()}


def comment(portal: Portal, caller: Caller, place: tuple[int, int], text: str) -> int:
    """A person's comment on an item; answers its id."""
    number = portal.number("comment", 991)
    portal.comments[number] = {
        "ID": number,
        "ENTITY_ID": place[1],
        "ENTITY_TYPE": NAMES[place[0]][1],
        "COMMENT": text,
        "AUTHOR_ID": caller.user.id,
        "CREATED": iso(portal.clock()),
        "FILES": {},
        "_at": portal.clock(),
    }
    tell_comment(portal, caller, "ADD", number)
    return number


def tell_comment(portal: Portal, caller: Caller, what: str, number: int) -> None:
    """Tell of a comment that was added, changed or deleted."""
    fire(portal, f"ONCRMTIMELINECOMMENT{what}", {"FIELDS": {"ID": number}}, caller)


def comments_of(portal: Portal, place: tuple[int, int]) -> list[dict[str, Any]]:
    """The comments on an item, in the order they came."""
    where = (NAMES[place[0]][1], place[1])
    return [row for row in portal.comments.values() if (row["ENTITY_TYPE"], row["ENTITY_ID"]) == where]


def logged_on(portal: Portal, place: tuple[int, int]) -> list[dict[str, Any]]:
    """The log messages on an item, in the order they came."""
    rows = portal.log_messages.values()
    return [row for row in rows if (row["entityTypeId"], row["entityId"]) == place]


def release(portal: Portal, place: tuple[int, int]) -> None:
    """An item is gone, and with it what was written on it."""
    for row in comments_of(portal, place):
        del portal.comments[row["ID"]]
    for row in logged_on(portal, place):
        del portal.log_messages[row["id"]]
