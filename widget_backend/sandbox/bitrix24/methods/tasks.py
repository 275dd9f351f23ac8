"""``tasks.task.*``: tasks of people, linked to the CRM by a field of theirs; every value is a text."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import moment, to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.events import fire
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.registry import Call, method

PENDING = "2"

#: field of a new task -> what it is called in the answer
TEXTS = {"TITLE": "title", "DESCRIPTION": "description", "GROUP_ID": "groupId", "RESPONSIBLE_ID": "responsibleId"}


@method("tasks.task.add", "task", write=True)
def add(call: Call) -> Any:
    given = enumerate_map(call.required("fields"))
    if not str(given.get("TITLE") or "").strip():
        raise RestError(
            "ERROR_CORE", call.portal.say("Не указано название задачи.<br>", "Task name is not specified.<br>")
        )
    if to_int(given.get("RESPONSIBLE_ID")) not in call.portal.users:
        text = call.portal.say("Не указан исполнитель задачи.<br>", "Task assignee is not specified.<br>")
        raise RestError("ERROR_CORE", text)
    row = _task(call, given)
    call.portal.tasks[int(row["id"])] = row
    fire(call.portal, "ONTASKADD", _changed("undefined", row["id"]), call.caller)
    return {"task": row}


@method("tasks.task.get", "task")
def get(call: Call) -> Any:
    row = call.portal.tasks.get(to_int(call.required("taskId")))
    if row is None:
        raise RestError("ERROR_CORE", call.portal.say("Задача не найдена.", "Task not found."))
    return {"task": row}


def _task(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    now, user = iso(call.portal.clock()), str(call.caller.user.id)
    row: dict[str, Any] = {"id": str(call.portal.number("task", 3711)), "status": PENDING, "createdBy": user}
    row |= {answered: str(given.get(name) or "") for name, answered in TEXTS.items()}
    row["groupId"] = row["groupId"] or "0"
    row |= {"createdDate": now, "changedDate": now, "changedBy": user, "deadline": moment(given.get("DEADLINE"))}
    lists = {"ACCOMPLICES": "accomplices", "AUDITORS": "auditors", "UF_CRM_TASK": "ufCrmTask"}
    for name, answered in lists.items():
        row[answered] = [str(each) for each in enumerate_map(given.get(name)).values()]
    return row


def _changed(before: str, after: str) -> dict[str, Any]:
    """What an event of a task says: the one of the two ids that exists."""
    return {
        "FIELDS_BEFORE": {"ID": before},
        "FIELDS_AFTER": {"ID": after},
        "IS_ACCESSIBLE_BEFORE": "undefined",
        "IS_ACCESSIBLE_AFTER": "undefined",
    }
