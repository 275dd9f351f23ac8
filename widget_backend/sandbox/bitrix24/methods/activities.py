"""To-dos, other activities and timeline comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.entities import NAMES
from widget_backend.sandbox.bitrix24.crm.values import flag, moment, to_int
from widget_backend.sandbox.bitrix24.delivery import fire
from widget_backend.sandbox.bitrix24.envelope import RestError, iso, legacy
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method

TYPES_BY_NAME = {name: entity_type for entity_type, (_, name, _) in NAMES.items()}

CHANGEABLE = ("SUBJECT", "DESCRIPTION", "RESPONSIBLE_ID", "PRIORITY", "LOCATION", "STATUS")
TIMES = ("DEADLINE", "START_TIME", "END_TIME")


@method("crm.activity.todo.add", write=True)
def todo_add(call: Call) -> Any:
    entity_type, number = call.required_int("ownerTypeId"), call.required_int("ownerId")
    deadline = moment(call.required("deadline"))
    if number not in call.portal.items[entity_type]:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
    if not call.caller.user.crm:
        raise RestError("ACCESS_DENIED", "Access denied")
    if deadline is None:
        raise RestError("WRONG_DATETIME_FORMAT", "Wrong date format")
    responsible = to_int(call.get("responsibleId")) or call.caller.user.id
    texts = (str(call.get("title") or ""), str(call.get("description") or ""))
    row = _activity(call, (entity_type, number), texts, deadline, responsible)
    row |= {"_color": str(call.get("colorId") or ""), "_pings": call.get("pingOffsets") or []}
    fire(call.portal, "ONCRMACTIVITYADD", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return {"id": row["ID"]}


@method("crm.activity.list")
def list_(call: Call) -> Any:
    def reader(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda row: row.get(name)

    def known(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return reader(name) if any(name in row for row in call.portal.activities.values()) else None

    rows = list(call.portal.activities.values()) if call.caller.user.crm else []
    rows = [row for row in rows if filters.matches(row, call.mapping("filter"), known)]
    for name, direction in reversed(list((call.mapping("order") or {"ID": "ASC"}).items())):
        rows.sort(key=lambda row: filters.comparable(row.get(name)), reverse=str(direction).upper() == "DESC")
    select = {str(name) for name in call.mapping("select").values()} - {"*"}
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: _shown(row, select))


@method("crm.activity.get")
def get(call: Call) -> Any:
    return _shown(_found(call), set())


@method("crm.activity.update", write=True)
def update(call: Call) -> Any:
    row, given = _found(call), call.array("fields")
    before = dict(row)
    row |= {name: given[name] for name in CHANGEABLE if name in given}
    row |= {name: read for name in TIMES if name in given and (read := moment(given[name]))}
    if "COMPLETED" in given:
        row["COMPLETED"] = flag(given["COMPLETED"])
        row["STATUS"] = "2" if row["COMPLETED"] == "Y" else "1"
    if row != before:
        row["LAST_UPDATED"], row["EDITOR_ID"] = iso(call.portal.clock()), call.caller.user.id
        fire(call.portal, "ONCRMACTIVITYUPDATE", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return True


@method("crm.activity.delete", write=True)
def delete(call: Call) -> Any:
    row = _found(call)
    del call.portal.activities[row["ID"]]
    fire(call.portal, "ONCRMACTIVITYDELETE", {"FIELDS": {"ID": row["ID"]}}, call.caller)
    return True


@method("crm.timeline.comment.add", write=True)
def comment_add(call: Call) -> Any:
    given = enumerate_map(call.required("fields"))
    missing = next((name for name in ("ENTITY_ID", "ENTITY_TYPE") if not given.get(name)), None)
    if missing:
        raise RestError("100", f"Could not find value for parameter {{{missing}}}")
    entity_type = TYPES_BY_NAME.get(str(given["ENTITY_TYPE"]).lower(), 0)
    if to_int(given["ENTITY_ID"]) not in call.portal.items[entity_type]:
        raise RestError("OWNER_NOT_FOUND", "Owner was not found")
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
    names = ("ID", "ENTITY_ID", "ENTITY_TYPE", "COMMENT", "AUTHOR_ID", "CREATED")

    def reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
        return (lambda row: row[name]) if name in names else None

    rows = [row for row in call.portal.comments.values() if filters.matches(row, call.mapping("filter"), reader)]
    return filters.paged(rows, call.any_case("start"), True, show=lambda row: _shown(row, set()))


def _activity(
    call: Call, owner: tuple[int, int], texts: tuple[str, str], deadline: str, responsible: int
) -> dict[str, Any]:
    """A to-do as the list of activities writes it, with numbers not yet text."""
    number, now, user = call.portal.number("activity", 999), iso(call.portal.clock()), call.caller.user.id
    row: dict[str, Any] = {"ID": number, "OWNER_ID": owner[1], "OWNER_TYPE_ID": owner[0], "TYPE_ID": 6}
    row |= {"PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO", "PROVIDER_GROUP_ID": None}
    row |= {"SUBJECT": texts[0], "DESCRIPTION": texts[1], "DESCRIPTION_TYPE": 1, "ASSOCIATED_ENTITY_ID": 0}
    row |= {"CREATED": now, "LAST_UPDATED": now, "START_TIME": now, "END_TIME": deadline, "DEADLINE": deadline}
    row |= {"COMPLETED": "N", "STATUS": "1", "RESPONSIBLE_ID": responsible, "PRIORITY": 2, "DIRECTION": 0}
    row |= {"AUTHOR_ID": user, "EDITOR_ID": user, "SETTINGS": [], "ORIGINATOR_ID": None, "ORIGIN_ID": None}
    call.portal.activities[number] = row
    return row


def _shown(row: dict[str, Any], select: set[str]) -> dict[str, Any]:
    """A row with its numbers as text."""
    wanted = {name: value for name, value in row.items() if name[0] != "_" and (not select or name in select)}
    return {name: str(value) if isinstance(value, int) else value for name, value in wanted.items()}


def _found(call: Call) -> dict[str, Any]:
    row = call.portal.activities.get(to_int(call.any_case("id")))
    if row is None:
        raise legacy("Activity is not found.")
    return row
