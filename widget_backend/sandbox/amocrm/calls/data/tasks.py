"""Tasks: of a record or of nothing; they can be completed, not deleted."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.rights import may_edit_task
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import ENTITIES, Task
from widget_backend.sandbox.amocrm.wire.hal import listing, written
from widget_backend.sandbox.amocrm.wire.problems import Issue, forbidden, invalid, missing, not_a_choice
from widget_backend.sandbox.amocrm.wire.query import numbers, order, since, values
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import Row, batch, is_kind, optional, shaped, single, validated

ONE = "/tasks/<int:task_id>"

FILTERS = (
    "responsible_user_id",
    "is_completed",
    "task_type",
    "task_type_id",
    "entity_type",
    "entity_id",
    "id",
    "updated_at",
)
ORDERS = ("id", "created_at", "complete_till")

#: what the event log wants to know of a task before a change
KEPT = ("is_completed", "responsible_user_id", "text", "complete_till", "task_type_id", "result")

SHAPE = {
    "text": "string*",
    "complete_till": "int*",
    "entity_id": "int?",
    "entity_type": "string?",
    "task_type_id": "int?",
    "responsible_user_id": "int?",
    "duration": "int?",
    "result": "object?",
    "is_completed": "bool?",
    "created_by": "int?",
    "created_at": "int?",
}


@route("GET", "/tasks")
def get_all(call: Call) -> Answer:
    """A page of tasks."""
    call.expect(FILTERS, ORDERS)
    rows = [task for task in call.account.tasks.values() if not task.is_deleted and _matches(call, task)]
    key, downward = order(call.query, ORDERS, ("updated_at", "asc"))
    rows.sort(key=lambda task: (getattr(task, key), task.id), reverse=downward)
    return listing(call, "tasks", rows, lambda task: model(call, task))


@route("GET", ONE)
def get(call: Call, task_id: int) -> Answer:
    """One task."""
    task = call.account.tasks.get(task_id)
    return Answer(model(call, task)) if task and not task.is_deleted else NOTHING


@route("POST", "/tasks")
def add(call: Call) -> Answer:
    """Create tasks."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, item, SHAPE))
    return written(call, "tasks", [_create(call, row) for row in rows])


@route("PATCH", "/tasks")
def change_many(call: Call) -> Answer:
    """Change tasks by the ids in the body."""
    rows = batch(call)
    tasks = call.account.tasks

    def check(item: dict[str, Any]) -> list[Issue]:
        if not is_kind(item.get("id"), "int"):
            return [missing("id")]
        return _issues(call, item, optional(SHAPE)) if item["id"] in tasks else [not_a_choice("id")]

    validated(rows, check)
    _check_rights(call, [tasks[row.item["id"]] for row in rows])
    return written(call, "tasks", [_change(call, tasks[row.item["id"]], row) for row in rows])


@route("PATCH", ONE)
def change(call: Call, task_id: int) -> Answer:
    """Change one task."""
    task = call.account.tasks.get(task_id)
    if task is None:
        raise invalid([("0", [not_a_choice("id")])])
    row = single(call)
    validated([row], lambda item: _issues(call, item, optional(SHAPE)))
    _check_rights(call, [task])
    return Answer(_change(call, task, row))


@route("DELETE", ONE)
def delete(call: Call, task_id: int) -> Answer:
    """Refused to everybody, as seen on live accounts."""
    raise forbidden("Invalid scope")


def model(call: Call, task: Task) -> dict[str, Any]:
    """A task; one without a result has an empty list there."""
    return {
        "id": task.id,
        "created_by": task.created_by,
        "updated_by": task.updated_by,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "responsible_user_id": task.responsible_user_id,
        "group_id": 0,
        "entity_id": task.entity_id,
        "entity_type": task.entity_type,
        "duration": task.duration,
        "is_completed": task.is_completed,
        "task_type_id": task.task_type_id,
        "text": task.text,
        "result": {"text": task.result} if task.result else [],
        "complete_till": task.complete_till,
        "account_id": call.account.id,
        "_links": call.href(f"/tasks/{task.id}"),
    }


def _matches(call: Call, task: Task) -> bool:
    given = call.filter
    for key, name in (("id", "id"), ("entity_id", "entity_id"), ("responsible_user_id", "responsible_user_id")):
        if key in given and getattr(task, name) not in numbers(given[key]):
            return False
    kinds = numbers(given.get("task_type_id")) | numbers(given.get("task_type"))
    if kinds and task.task_type_id not in kinds:
        return False
    if "entity_type" in given and task.entity_type not in values(given["entity_type"]):
        return False
    if "is_completed" in given and task.is_completed != ("1" in values(given["is_completed"])):
        return False
    low, high = since(given.get("updated_at"))
    return (low is None or task.updated_at >= low) and (high is None or task.updated_at <= high)


def _check_rights(call: Call, tasks: list[Task]) -> None:
    if not all(may_edit_task(call, task.responsible_user_id) for task in tasks):
        raise forbidden()


def _issues(call: Call, item: dict[str, Any], shape: dict[str, str]) -> list[Issue]:
    found = shaped(item, shape)
    if found:
        return found
    account, kind, number = call.account, item.get("entity_type"), item.get("entity_id")
    if kind is not None and kind not in ENTITIES:
        found.append(not_a_choice("entity_type"))
    elif number is not None and (kind is None or number not in account.records[kind]):
        found.append(not_a_choice("entity_id"))
    if item.get("task_type_id") and item["task_type_id"] not in [each["id"] for each in account.task_types]:
        found.append(not_a_choice("task_type_id"))
    if item.get("responsible_user_id") and item["responsible_user_id"] not in account.users:
        found.append(not_a_choice("responsible_user_id"))
    return found


def _create(call: Call, row: Row) -> dict[str, Any]:
    account, user, item = call.account, call.caller.user.id, row.item
    number, now = account.number("task", 501_001, 2), item.get("created_at") or int(account.now())
    by = item["created_by"] if item.get("created_by") is not None else user
    responsible = item.get("responsible_user_id") or user
    task = Task(number, item["text"], item["complete_till"], by, by, responsible, now, now)
    _apply(task, item)
    account.tasks[number] = task
    _remind(call, task)
    account.change(Change("tasks", "add", number, by))
    return {"id": number, "request_id": row.request_id, "_links": call.href(f"/tasks/{number}")}


def _change(call: Call, task: Task, row: Row) -> dict[str, Any]:
    before = {key: getattr(task, key) for key in KEPT}
    task.text = row.item.get("text", task.text)
    task.complete_till = row.item.get("complete_till", task.complete_till)
    task.responsible_user_id = row.item.get("responsible_user_id") or task.responsible_user_id
    _apply(task, row.item)
    task.updated_at, task.updated_by = int(call.account.now()), call.caller.user.id
    _remind(call, task)
    if before["responsible_user_id"] != task.responsible_user_id:
        call.account.change(Change("tasks", "responsible", task.id, task.updated_by, before))
    call.account.change(Change("tasks", "update", task.id, task.updated_by, before))
    return {"id": task.id, "updated_at": task.updated_at, "_links": call.href(f"/tasks/{task.id}")}


def _apply(task: Task, item: dict[str, Any]) -> None:
    if item.get("entity_id") is not None:
        task.entity_id, task.entity_type = item["entity_id"], item["entity_type"]
    task.task_type_id = item.get("task_type_id") or task.task_type_id
    task.duration = item.get("duration") or task.duration
    task.is_completed = bool(item.get("is_completed", task.is_completed))
    task.result = (item.get("result") or {}).get("text", task.result)


def _remind(call: Call, task: Task) -> None:
    """Tell the task's record when its next task is due."""
    if task.entity_id is None or task.entity_type is None:
        return
    place = (task.entity_type, task.entity_id)
    tasks = call.account.tasks.values()
    open_ones = [each for each in tasks if not (each.is_completed or each.is_deleted)]
    due = [each.complete_till for each in open_ones if (each.entity_type, each.entity_id) == place]
    call.account.records[task.entity_type][task.entity_id].closest_task_at = min(due, default=None)
