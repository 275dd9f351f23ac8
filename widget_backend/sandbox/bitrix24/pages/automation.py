"""The automation designer: an admin puts applications' robots and triggers on stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import abort

from widget_backend.sandbox.bitrix24 import frames, robots
from widget_backend.sandbox.bitrix24.crm.values import to_int
from widget_backend.sandbox.bitrix24.envelope import RestError
from widget_backend.sandbox.bitrix24.pages.board import in_language, robot_name

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller
    from widget_backend.sandbox.bitrix24.state import Robot

#: in front of a property's name in the form
PROPERTY = "property."


def view(portal: Portal, category_id: int) -> dict[str, Any]:
    """Stages with what stands on them, and what can be put there. Looking alone gives each stage a row of its own."""
    portal.automated_stages.update(stage.status_id for stage in portal.stages(category_id))
    return {
        "current": portal.categories[category_id],
        "columns": [
            {
                "stage": stage,
                "robots": [_placed(portal, row) for row in portal.placed_robots if row.stage_id == stage.status_id],
                "native": [row for row in portal.native_robots if row.stage_id == stage.status_id],
                "triggers": [
                    {"name": portal.triggers.get(key, key[1]), "client_id": key[0], "code": key[1]}
                    for key, stage_id in portal.placed_triggers.items()
                    if stage_id == stage.status_id
                ],
            }
            for stage in portal.stages(category_id)
        ],
        "robots": [_offered(portal, row) for row in portal.robots],
        "triggers": [
            {"client_id": client, "code": code, "name": name} for (client, code), name in portal.triggers.items()
        ],
        "answers": portal.robot_answers[-20:][::-1],
    }


def dialog(portal: Portal, category_id: int, client_id: str, code: str, number: int) -> dict[str, Any]:
    """The settings of a robot that has a page for them: on a stage already (by its number), or about to be put there."""
    robot = robots.find(portal, client_id, code) or abort(404)
    placed = next((row for row in portal.placed_robots if row.id == number), None)
    offered, values = _offered(portal, robot), placed.properties if placed else {}
    described = robot.fields.get("PROPERTIES") or {}
    current = {key: values.get(key, row.get("Default") or "") for key, row in described.items()}
    options = {
        "code": code,
        "activity_name": f"A{10000 + number}_10000_10000_10000",
        "properties": {key: {"Id": key, **row} for key, row in described.items()} or [],
        "current_values": current or [],
        "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
        "document_fields": {"ID": {"Id": "ID", "Type": "int", "Name": "ID"}},
        "template": [],
    }
    shown = {"robot": offered, "placed": placed, "current_values": {PROPERTY + key: v for key, v in current.items()}}
    stages = portal.stages(category_id)
    opening = frames.open_dialog(portal, robot, frames.acting(portal).id, options)
    return shown | {"current": portal.categories[category_id], "stages": stages, "opening": opening}


def place_robot(portal: Portal, caller: Caller, form: Mapping[str, str], category_id: int) -> str:
    """On a stage, in place of the one it was before."""
    _check(caller)
    number = to_int(form.get("placed"))
    portal.placed_robots = [row for row in portal.placed_robots if not number or row.id != number]
    robot = robots.find(portal, form.get("client_id", ""), form.get("code", ""))
    if robot is None:
        raise RestError("", "Приложение убрало этого робота. Обновите страницу.")
    given = {key.removeprefix(PROPERTY): value for key, value in form.items() if key.startswith(PROPERTY)}
    portal.place_robot(robot.code, _stage(portal, form), robot.client_id, to_int(form.get("timeout")), **given)
    return f"/crm/deal/automation/{category_id}/" if "dialog" in form else ""


def place_trigger(portal: Portal, caller: Caller, form: Mapping[str, str], category_id: int) -> str:
    _check(caller)
    portal.place_trigger(form.get("code", ""), _stage(portal, form), form.get("client_id", ""))
    return ""


def take_away(portal: Portal, caller: Caller, form: Mapping[str, str], category_id: int) -> str:
    _check(caller)
    number = to_int(form.get("robot"))
    portal.placed_robots = [row for row in portal.placed_robots if row.id != number]
    portal.placed_triggers.pop((form.get("client_id", ""), form.get("trigger", "")), None)
    return ""


DEEDS: dict[str, Any] = {
    "/crm/deal/automation/<int:category_id>/robot": place_robot,
    "/crm/deal/automation/<int:category_id>/trigger": place_trigger,
    "/crm/deal/automation/<int:category_id>/remove": take_away,
}


def _check(caller: Caller) -> None:
    if not caller.user.admin:
        raise RestError("", "Роботов и триггеры ставит администратор. Выберите его в списке «Я».")


def _stage(portal: Portal, form: Mapping[str, str]) -> str:
    stage = form.get("stage", "")
    if stage not in portal.deal_stages():
        raise RestError("", "Выберите стадию.")
    return stage


def _placed(portal: Portal, row: Any) -> dict[str, Any]:
    robot = robots.find(portal, row.client_id, row.code)
    name = robot_name(portal, robot) if robot else f"{row.code} (приложения нет, робот стоит)"
    whose = {"client_id": row.client_id, "code": row.code}
    own_page = robot is not None and robot.fields.get("USE_PLACEMENT") == "Y"
    return {
        "id": row.id,
        "name": name,
        "properties": row.properties,
        "timeout": row.timeout,
        "own_page": own_page,
    } | whose


def _offered(portal: Portal, robot: Robot) -> dict[str, Any]:
    return {
        "code": robot.code,
        "client_id": robot.client_id,
        "name": robot_name(portal, robot),
        "description": in_language(portal, robot.fields.get("DESCRIPTION") or ""),
        "waits": robots.waits(robot),
        "own_page": robot.fields.get("USE_PLACEMENT") == "Y",
        "properties": [_property(portal, key, row) for key, row in (robot.fields.get("PROPERTIES") or {}).items()],
    }


def _property(portal: Portal, key: str, row: dict[str, Any]) -> dict[str, Any]:
    options = row.get("Options") or {}
    pairs = options.items() if isinstance(options, dict) else ((each, each) for each in options)
    return {
        "key": PROPERTY + key,
        "name": in_language(portal, row.get("Name") or key),
        "type": row.get("Type", "string"),
        "default": row.get("Default") or "",
        "options": [(str(value), in_language(portal, name)) for value, name in pairs],
    }
