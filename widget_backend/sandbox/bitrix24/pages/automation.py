"""The automation designer: an admin puts applications' robots and triggers on stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24 import robots
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
    """Stages with what stands on them, and what can be put there."""
    return {
        "current": portal.categories[category_id],
        "columns": [
            {
                "stage": stage,
                "robots": [_placed(portal, row) for row in portal.placed_robots if row.stage_id == stage.status_id],
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


def place_robot(portal: Portal, caller: Caller, form: Mapping[str, str], category_id: int) -> str:
    _check(caller)
    robot = robots.find(portal, form.get("client_id", ""), form.get("code", ""))
    if robot is None:
        raise RestError("", "Приложение убрало этого робота. Обновите страницу.")
    given = {key.removeprefix(PROPERTY): value for key, value in form.items() if key.startswith(PROPERTY)}
    portal.place_robot(robot.code, _stage(portal, form), robot.client_id, to_int(form.get("timeout")), **given)
    return ""


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
    return {"id": row.id, "name": name, "properties": row.properties, "timeout": row.timeout}


def _offered(portal: Portal, robot: Robot) -> dict[str, Any]:
    return {
        "code": robot.code,
        "client_id": robot.client_id,
        "name": robot_name(portal, robot),
        "description": in_language(portal, robot.fields.get("DESCRIPTION") or ""),
        "waits": robots.waits(robot),
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
