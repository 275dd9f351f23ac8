"""``crm.timeline.*``: comments of people, and log messages with an icon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters, timeline
from widget_backend.sandbox.bitrix24.crm.timeline import TYPES_BY_NAME
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, iso, legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.methods.activities import shown
from widget_backend.sandbox.bitrix24.registry import Call, method

COMMENT = ("ID", "ENTITY_ID", "ENTITY_TYPE", "COMMENT", "AUTHOR_ID", "CREATED")

LOG_MESSAGE = ("id", "created", "authorId", "title", "text", "iconCode")
LOG_PAGE = 10

#: icons that every portal has
ICONS = ("info", "attention", "arrow-up", "bank-card", "call", "cart", "check", "comment", "document", "mail", "task")


@method("crm.timeline.comment.add", write=True)
def comment_add(call: Call) -> Any:
    given = _given(call, "ENTITY_ID", "ENTITY_TYPE")
    _check_owner(call, TYPES_BY_NAME.get(str(given["ENTITY_TYPE"]).lower(), 0), given["ENTITY_ID"])
    text = str(given.get("COMMENT") or "").strip()
    if not text:
        raise RestError("INVALID_ARG_VALUE", "Empty comment")
    place = (TYPES_BY_NAME[str(given["ENTITY_TYPE"]).lower()], to_int(given["ENTITY_ID"]))
    return timeline.comment(call.portal, call.caller, place, text)


@method("crm.timeline.comment.get")
def comment_get(call: Call) -> Any:
    if to_int(call.any_case("id")) <= 0:
        raise legacy("ID is not defined or invalid.")
    row = call.portal.comments.get(to_int(call.any_case("id")))
    if row is None:
        raise legacy("Not found.")
    return shown(row, set())


@method("crm.timeline.comment.update", write=True)
def comment_update(call: Call) -> Any:
    row, given = _comment(call), enumerate_map(call.required("fields"))
    text = str(given.get("COMMENT", row["COMMENT"]) or "").strip()
    if not text:
        raise RestError("INVALID_ARG_VALUE", "Empty comment")
    row["COMMENT"] = text
    timeline.tell_comment(call.portal, call.caller, "UPDATE", row["ID"])
    return row["ID"]


@method("crm.timeline.comment.delete", write=True)
def comment_delete(call: Call) -> Any:
    row = _comment(call)
    del call.portal.comments[row["ID"]]
    timeline.tell_comment(call.portal, call.caller, "DELETE", row["ID"])
    return True


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
        "_client_id": _client(call),
        "_at": call.portal.clock(),
    }
    return {"logMessage": row}


@method("crm.timeline.logmessage.get")
def log_message_get(call: Call) -> Any:
    return {"logMessage": _log_shown(_log_message(call))}


@method("crm.timeline.logmessage.list")
def log_message_list(call: Call) -> Any:
    """Ten a page, the newest first."""
    place = (call.required_int("entityTypeId"), call.required_int("entityId"))
    rows = timeline.logged_on(call.portal, place)
    order = {str(name): str(way).lower() for name, way in enumerate_map(call.get("order")).items()} or {"id": "desc"}
    for name, way in reversed(order.items()):
        if name in ("id", "created"):
            rows.sort(key=lambda row: row[name], reverse=way != "asc")
    offset = max(0, to_int(call.get("start"))) // LOG_PAGE * LOG_PAGE
    after = offset + LOG_PAGE
    shown_rows = [_log_shown(row) for row in rows[offset:after]]
    return Page(shown_rows, len(rows), after if after < len(rows) else None)


@method("crm.timeline.logmessage.delete", write=True)
def log_message_delete(call: Call) -> Any:
    row = _log_message(call)
    if row["_client_id"] != _client(call):
        raise RestError("REMOVING_DISABLED", "Removing disabled")
    del call.portal.log_messages[row["id"]]
    return True


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


def _comment(call: Call) -> dict[str, Any]:
    row = call.portal.comments.get(call.required_int("id"))
    if row is None:
        raise RestError("NOT_FOUND", "Not found.")
    if not call.caller.user.crm:
        raise RestError("ACCESS_DENIED", "Access denied")
    return row


def _log_message(call: Call) -> dict[str, Any]:
    number = call.required_int("id")
    if number not in call.portal.log_messages:
        raise RestError("NOT_FOUND", f"Timeline logmessage not found for id {number}")
    return call.portal.log_messages[number]


def _log_shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in LOG_MESSAGE}


def _client(call: Call) -> str:
    return call.caller.app.client_id if call.caller.app else ""
