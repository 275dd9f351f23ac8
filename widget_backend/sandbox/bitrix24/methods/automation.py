"""Application triggers and robots: registering them; what a robot answers, what a trigger moves."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from widget_backend.sandbox.bitrix24 import robots
from widget_backend.sandbox.bitrix24.crm import records
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError, access_denied, argument_missing, legacy
from widget_backend.sandbox.bitrix24.methods.subscriptions import check_url
from widget_backend.sandbox.bitrix24.registry import Call, method
from widget_backend.sandbox.bitrix24.state import DEAL, Robot

PROPERTY_TYPES = frozenset(["bool", "date", "datetime", "double", "file", "int", "select", "string", "text", "user"])

ROBOT_KEYS = [
    "HANDLER",
    "AUTH_USER_ID",
    "USE_SUBSCRIPTION",
    "NAME",
    "DESCRIPTION",
    "PROPERTIES",
    "RETURN_PROPERTIES",
    "DOCUMENT_TYPE",
    "FILTER",
    "USE_PLACEMENT",
    "PLACEMENT_HANDLER",
]


@method("crm.automation.trigger.add", app=True, admin=True, write=True)
def trigger_add(call: Call) -> Any:
    """A known code is renamed: safe to repeat."""
    code, name = _trigger_code(call), str(call.any_case("NAME") or "")
    if not name:
        raise legacy("Empty trigger name!")
    call.portal.triggers[(call.app.client_id, code)] = name
    return True


@method("crm.automation.trigger.list", app=True, admin=True)
def trigger_list(call: Call) -> Any:
    rows = call.portal.triggers.items()
    return [{"NAME": name, "CODE": code} for (client_id, code), name in rows if client_id == call.app.client_id]


@method("crm.automation.trigger.delete", app=True, admin=True, write=True)
def trigger_delete(call: Call) -> Any:
    key = (call.app.client_id, _trigger_code(call))
    if key not in call.portal.triggers:
        raise legacy("Trigger not found")
    del call.portal.triggers[key]
    return True


@method("crm.automation.trigger.execute", app=True, admin=True, write=True)
def trigger_execute(call: Call) -> Any:
    """Accepted either way; moves the deal only where an admin has placed the trigger."""
    key = (call.app.client_id, _trigger_code(call))
    if key not in call.portal.triggers:
        raise legacy("Trigger not found")
    deal = call.portal.items[DEAL].get(to_int(call.any_case("OWNER_ID")))
    if to_int(call.any_case("OWNER_TYPE_ID")) != DEAL or deal is None:
        raise legacy("Incorrect owner!")
    _pull(call, key, deal)
    return True


@method("crm.automation.trigger", write=True)
def trigger(call: Call) -> Any:
    match = re.fullmatch(r"DEAL_(\d+)", str(call.any_case("target") or ""))
    deal = call.portal.items[DEAL].get(int(match[1])) if match else None
    if deal is None:
        raise legacy("Target is not found")
    _pull(call, ("", str(call.any_case("code") or "")), deal)
    return True


@method("bizproc.robot.add", "bizproc", app=True, admin=True, write=True)
def robot_add(call: Call) -> Any:
    code = str(call.any_case("CODE") or "")
    fields = {key: value for key in ROBOT_KEYS if (value := call.any_case(key)) is not None}
    _check_robot(code, fields)
    if _robot(call, code) is not None:
        raise RestError("ERROR_ACTIVITY_ALREADY_INSTALLED", "Activity or Robot already installed!")
    _check_page(call, code, fields)
    call.portal.robots.append(Robot(call.app.client_id, code, fields))
    return True


@method("bizproc.robot.update", "bizproc", app=True, admin=True, write=True)
def robot_update(call: Call) -> Any:
    robot, given = _known_robot(call), call.mapping("FIELDS")
    if not given:
        raise RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", "No fields to update")
    changed = robot.fields | {key: value for key, value in given.items() if key in ROBOT_KEYS}
    _check_robot(robot.code, changed)
    _check_page(call, robot.code, changed)
    robot.fields = changed
    return True


@method("bizproc.robot.delete", "bizproc", app=True, admin=True, write=True)
def robot_delete(call: Call) -> Any:
    call.portal.robots.remove(_known_robot(call))
    return True


@method("bizproc.robot.list", "bizproc", app=True, admin=True)
def robot_list(call: Call) -> Any:
    return [robot.code for robot in call.portal.robots if robot.client_id == call.app.client_id]


@method("bizproc.event.send", "bizproc", app=True, write=True)
def event_send(call: Call) -> Any:
    """Only a bad signature is refused; an answer that nobody waits for has no effect."""
    token = str(call.any_case("EVENT_TOKEN") or "")
    if not robots.is_signed(call.portal, token):
        raise access_denied()
    if waiting := robots.answered(call.portal, token):
        robot = _robot(call, waiting.code)
        known = {key.lower(): key for key in (robot.fields.get("RETURN_PROPERTIES") or {})} if robot else {}
        given = call.mapping("RETURN_VALUES").items()
        answer: dict[str, Any] = {"code": waiting.code, "deal": waiting.deal, "log": call.any_case("LOG_MESSAGE")}
        answer["values"] = {known[key.lower()]: value for key, value in given if key.lower() in known}
        call.portal.robot_answers.append(answer)
    return True


@method("bizproc.activity.log", "bizproc", app=True, write=True)
def activity_log(call: Call) -> Any:
    """A line in the log of a robot's run."""
    for name in ("EVENT_TOKEN", "LOG_MESSAGE"):
        if not call.any_case(name):
            raise argument_missing(name)
    if not robots.is_signed(call.portal, str(call.any_case("EVENT_TOKEN"))):
        raise access_denied()
    return True


def _pull(call: Call, key: tuple[str, str], deal: dict[str, Any]) -> None:
    call.portal.fired_triggers.append({"client_id": key[0], "code": key[1], "deal": deal["id"]})
    if stage := call.portal.placed_triggers.get(key):
        records.update(call.portal, replace(call.caller, system=True), deal, {"stageId": stage})


def _trigger_code(call: Call) -> str:
    code = str(call.any_case("CODE") or "")
    if not code:
        raise legacy("Empty trigger code!")
    if not re.fullmatch(r"[a-z0-9.\-_]+", code, re.IGNORECASE):
        raise legacy("Wrong trigger code!")
    return code


def _check_robot(code: str, fields: dict[str, Any]) -> None:
    if not re.fullmatch(r"[A-Za-z0-9.\-_]+", code):
        raise RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", "Wrong activity code!")
    check_url(str(fields.get("HANDLER") or ""))
    if not fields.get("NAME"):
        raise RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", "Empty activity NAME!")
    for kind in ("PROPERTIES", "RETURN_PROPERTIES"):
        given = fields.get(kind) or {}
        if not isinstance(given, dict):
            raise RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", f"Wrong {kind}!")
        for name, described in given.items():
            wrong = not isinstance(described, dict) or described.get("Type", "string") not in PROPERTY_TYPES
            if wrong or not re.fullmatch(r"[A-Za-z]\w*", name):
                raise RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", f"Wrong property {name}!")


def _check_page(call: Call, code: str, fields: dict[str, Any]) -> None:
    """A page for a robot's settings belongs to that robot alone."""
    if fields.get("USE_PLACEMENT") != "Y":
        return
    page = str(fields.get("PLACEMENT_HANDLER") or "")
    check_url(page)
    others = (row for row in call.portal.robots if row.client_id == call.app.client_id and row.code != code)
    if any(row.fields.get("USE_PLACEMENT") == "Y" and row.fields.get("PLACEMENT_HANDLER") == page for row in others):
        said = "Unable to set placement handler: You should use unique placement handler for each CODE!"
        raise RestError("ERROR_CORE", said)


def _robot(call: Call, code: str) -> Robot | None:
    return robots.find(call.portal, call.app.client_id, code)


def _known_robot(call: Call) -> Robot:
    robot = _robot(call, str(call.any_case("CODE") or ""))
    if robot is None:
        raise RestError("ERROR_ACTIVITY_NOT_FOUND", "Activity or Robot not found!")
    return robot
