"""``crm.timeline.*``: comments of people, and log messages with an icon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.methods.activities import shown
from widget_backend.sandbox.bitrix24.registry import Call, method

TYPES_BY_NAME = {name: entity_type for entity_type, (_, name, _) in NAMES.items()}

COMMENT = ("ID", "ENTITY_ID", "ENTITY_TYPE", "COMMENT", "AUTHOR_ID", "CREATED")

#: icons that every portal has
ICONS = ("info", "attention", "arrow-up", "bank-card", "call", "cart", "check", "comment", "document", "mail", "task")


@method("crm.timeline.comment.add", write=True)
def comment_add(call: Call) -> Any:
    given = _given(call, "ENTITY_ID", "ENTITY_TYPE")
    _check_owner(call, TYPES_BY_NAME.get(str(given["ENTITY_TYPE"]).lower(), 0), given["ENTITY_ID"])
    text = str(given.get("COMMENT") or "").strip()
    if not text:
        raise RestError("INVALID_ARG_VALUE", "Empty comment")
    number = call.portal.number("comment", 991)
    call.portal.comments[number] = {
        "ID": number,
        "ENTITY_ID": to_int(given["ENTITY_ID"]),
        "ENTITY_TYPE": str(given["ENTITY_TYPE"]).lower(),
        "COMMENT": text,
        "AUTHOR_ID": call.caller.user.id,
        "CREATED": iso(call.portal.clock()),
    }
    fire(call.portal, "ONCRMTIMELINECOMMENTADD", {"FIELDS": {"ID": number}}, call.caller)
    return number


@method("crm.timeline.comment.list")
def comment_list(call: Call) -> Any:
    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (lambda row: row[name]) if name in COMMENT else None

    rows = [row for row in call.portal.comments.values() if filters.matches(row, call.mapping("filter"), reader)]
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: shown(row, set()))


@method("crm.timeline.logmessage.add", write=True)
def log_message_add(call: Call) -> Any:
    given = _given(call, "entityTypeId", "entityId", "title", "text", "iconCode")
    _check_owner(call, to_int(given["entityTypeId"]), given["entityId"])
    if given["iconCode"] not in ICONS:
        raise RestError("INVALID_ARG_VALUE", "Icon not found")
    number = call.portal.number("log message", 1, 1)
    row: dict[str, Any] = {"id": number, "created": iso(call.portal.clock()), "authorId": call.caller.user.id}
    row |= {name: str(given[name]) for name in ("title", "text", "iconCode")}
    call.portal.log_messages[number] = row | {
        "entityTypeId": to_int(given["entityTypeId"]),
        "entityId": to_int(given["entityId"]),
    }
    return {"logMessage": row}


@method("crm.timeline.icon.list")
def icon_list(call: Call) -> Any:
    return {"icons": [{"code": code, "isSystem": True, "fileUri": f"/icons/{code}.svg"} for code in ICONS]}


def _given(call: Call, *needed: str) -> dict[str, Any]:
    """``fields``, by exactly this name, with all that is needed."""
    given = enumerate_map(call.required("fields"))
    missing = next((name for name in needed if not given.get(name)), None)
    if missing:
        raise RestError("100", f"Could not find value for parameter {{{missing}}}")
    return given


def _check_owner(call: Call, entity_type: int, number: Any) -> None:
    if to_int(number) not in call.portal.items[entity_type]:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
