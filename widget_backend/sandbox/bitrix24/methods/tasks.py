"""``tasks.task.*``: tasks of people, linked to the CRM by a field of theirs; every value is a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from widget_backend.sandbox.bitrix24.crm import filters
from widget_backend.sandbox.bitrix24.crm.values import moment, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Body, Call, method

PENDING, IN_PROGRESS, COMPLETED, DEFERRED = "2", "3", "5", "6"

#: verb of a method -> the status it brings
STATUSES = {"complete": COMPLETED, "renew": PENDING, "start": IN_PROGRESS, "pause": PENDING, "defer": DEFERRED}

#: field of a new task -> what it is called in the answer
TEXTS = {"TITLE": "title", "DESCRIPTION": "description", "GROUP_ID": "groupId", "RESPONSIBLE_ID": "responsibleId"}
TEXTS |= {"PRIORITY": "priority"}
LISTS = {"ACCOMPLICES": "accomplices", "AUDITORS": "auditors", "UF_CRM_TASK": "ufCrmTask"}

#: a filter's or order's name that is not simply the answer's name in capitals
NAMES = {"REAL_STATUS": "status", "STATUS": "status", "UF_CRM_TASK": "ufCrmTask"}


@method("tasks.task.add", "task", write=True)
def add(call: Call) -> Any:
    given = enumerate_map(call.required("fields"))
    if not str(given.get("TITLE") or "").strip():
        raise _refused(call, "Не указано название задачи.", "Task name is not specified.")
    now, user = iso(call.portal.clock()), str(call.caller.user.id)
    row: dict[str, Any] = {"id": str(call.portal.number("task", 3711)), "status": PENDING, "createdBy": user}
    row |= dict.fromkeys(TEXTS.values(), "") | {"groupId": "0", "priority": "1", "deadline": None, "closedDate": None}
    row |= dict.fromkeys(("createdDate", "changedDate", "activityDate"), now) | {"changedBy": user}
    row |= {name: [] for name in LISTS.values()} | _values(call, {"RESPONSIBLE_ID": None} | given)
    call.portal.tasks[int(row["id"])] = row
    fire(call.portal, "ONTASKADD", _changed("undefined", row["id"]), call.caller)
    return {"task": row}


@method("tasks.task.get", "task")
def get(call: Call) -> Any:
    row = call.portal.tasks.get(to_int(call.required("taskId")))
    if row is None:
        raise RestError("ERROR_CORE", call.portal.say("Задача не найдена.", "Task not found."))
    return {"task": row}


@method("tasks.task.list", "task")
def list_(call: Call) -> Any:
    """Links to the CRM are told when ``UF_CRM_TASK`` is asked for by name."""
    rows = [row for row in call.portal.tasks.values() if filters.matches(row, call.mapping("filter"), _reader)]
    for name, direction in reversed(list((call.mapping("order") or {"ID": "desc"}).items())):
        if read := _reader(name):
            rows.sort(key=lambda row: filters.comparable(read(row)), reverse=str(direction).lower() == "desc")
    select = {str(name).upper() for name in call.mapping("select").values()}
    names = {_camel(name) for name in select if name != "*"} | {"id"}

    def show(row: dict[str, Any]) -> dict[str, Any]:
        whole = not select or "*" in select
        hidden = set() if "UF_CRM_TASK" in select else {"ufCrmTask"}
        return {name: value for name, value in row.items() if (whole or name in names) and name not in hidden}

    return filters.paged(rows, call.any_case("start"), True, "tasks", show)


@method("tasks.task.update", "task", write=True)
def update(call: Call) -> Any:
    row, given = _found(call), enumerate_map(call.required("fields"))
    if not given:
        raise RestError("100", "Could not find value for parameter {fields} (internal error)")
    values = _values(call, given)
    if "STATUS" in given:
        if str(given["STATUS"]) not in {*STATUSES.values(), "4"}:
            raise _refused(call, "Неверный статус", "Invalid status")
        values["status"] = str(given["STATUS"])
    return {"task": _change(call, row, values)}


@method("tasks.task.delete", "task", write=True)
def delete(call: Call) -> Any:
    row = _found(call)
    del call.portal.tasks[int(row["id"])]
    fire(call.portal, "ONTASKDELETE", _changed(row["id"], "undefined"), call.caller)
    return {"task": True}


def tasks_of(tasks: dict[int, dict[str, Any]], code: str) -> list[dict[str, Any]]:
    """The tasks on an item such as ``D_15``, in the order they came."""
    return [row for row in tasks.values() if code in row["ufCrmTask"]]


def _register(verb: str, status: str) -> None:
    def body(call: Call) -> Any:
        return {"task": _change(call, _found(call), {"status": status})}

    registered: Body = body
    method(f"tasks.task.{verb}", "task", write=True)(registered)


for _verb, _status in STATUSES.items():
    _register(_verb, _status)


def _values(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """The given fields as a task keeps them."""
    if "RESPONSIBLE_ID" in given and to_int(given["RESPONSIBLE_ID"]) not in call.portal.users:
        raise _refused(call, "Не указан исполнитель задачи.", "Task assignee is not specified.")
    row: dict[str, Any] = {name: str(given[key] or "") for key, name in TEXTS.items() if given.get(key) is not None}
    row |= {
        name: [str(each) for each in enumerate_map(given[key]).values()] for key, name in LISTS.items() if key in given
    }
    return row | ({"deadline": moment(given["DEADLINE"])} if "DEADLINE" in given else {})


def _change(call: Call, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Write what has changed and tell of it; a completed task knows when it was closed."""
    if any(row.get(name) != value for name, value in values.items()):
        now = iso(call.portal.clock())
        if values.get("status", row["status"]) != row["status"]:
            values |= {"closedDate": now if values["status"] == COMPLETED else None}
        row |= values | {"changedDate": now, "activityDate": now, "changedBy": str(call.caller.user.id)}
        fire(call.portal, "ONTASKUPDATE", _changed(row["id"], row["id"]), call.caller)
    return row


def _found(call: Call) -> dict[str, Any]:
    """A task to change; whoever may not change it is told the same as when it does not exist."""
    given = call.required("taskId")
    row = call.portal.tasks.get(to_int(given))
    if not str(given).isdigit():
        raise RestError("0", "wrong task id")
    if row is None:
        raise RestError("0", "Action on the task is not allowed (internal error)")
    return row


def _reader(name: str) -> Callable[[dict[str, Any]], Any] | None:
    return lambda row: row.get(_camel(name))


def _camel(name: str) -> str:
    """``CREATED_DATE`` -> ``createdDate``."""
    upper = name.upper()
    return NAMES.get(upper) or re.sub(r"_([a-z])", lambda match: match[1].upper(), upper.lower())


def _refused(call: Call, in_russian: str, in_english: str) -> RestError:
    return RestError("ERROR_CORE", call.portal.say(in_russian, in_english) + "<br>")


def _changed(before: str, after: str) -> dict[str, Any]:
    """What an event of a task says: the one of the two ids that exists, or both."""
    return {
        "FIELDS_BEFORE": {"ID": before},
        "FIELDS_AFTER": {"ID": after},
        "IS_ACCESSIBLE_BEFORE": "undefined",
        "IS_ACCESSIBLE_AFTER": "undefined",
    }
