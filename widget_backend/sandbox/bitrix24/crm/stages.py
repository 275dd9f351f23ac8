"""Where a deal or lead stands: which stage and pipeline a write leads to, and the record of its moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import RestError, iso
from widget_backend.sandbox.bitrix24.state import DEAL, LEAD, Moved, Status

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.registry import Caller

CREATED, MOVED, FINISHED, OTHER_PIPELINE = 1, 2, 3, 5


def settle_new(portal: Portal, entity_type: int, given: dict[str, Any]) -> None:
    """Give a new item its pipeline and stage; a stage that is not of the pipeline counts as none."""
    if entity_type not in (DEAL, LEAD):
        return
    category = _pipeline(portal, entity_type, given.get("categoryId") or 0)
    stages = rows_of(portal, entity_type, category)
    wanted = given.get("stageId")
    stage = next((row for row in stages if row.status_id == wanted), None) or _first(stages, "P")
    _stand(given, stages, stage)
    if entity_type == DEAL:
        given["categoryId"] = category
        given["closed"] = "N" if semantics(stage) == "P" else "Y"


def settle_change(portal: Portal, item: dict[str, Any], given: dict[str, Any]) -> None:
    """Decide what a write of stage or pipeline comes to; without a pipeline a foreign stage is quietly dropped."""
    entity_type = item["entityTypeId"]
    if entity_type not in (DEAL, LEAD) or not given.keys() & {"stageId", "categoryId"}:
        return
    old = item.get("categoryId") or 0
    category = _pipeline(portal, entity_type, given.get("categoryId", old))
    stages = rows_of(portal, entity_type, category)
    wanted = given.pop("stageId", None) if "stageId" in given else None
    stage = next((row for row in stages if row.status_id == wanted), None)
    if stage is None and category != old:
        stage = _first(stages, item["stageSemanticId"])
    if stage is not None:
        _stand(given, stages, stage)
        if entity_type == DEAL:
            given["closed"] = "N" if semantics(stage) == "P" else "Y"
    if entity_type == DEAL:
        given["categoryId"] = category


def entered(portal: Portal, item: dict[str, Any], caller: Caller, kind: int = CREATED) -> None:
    """Write a row of the stage history."""
    if item["entityTypeId"] != DEAL:
        return
    number = portal.number("history", 35, 1)
    where = (item["categoryId"], item["stageId"], item["stageSemanticId"])
    who = (caller.user.id, caller.system, caller.app.client_id if caller.app else "")
    portal.history.append(Moved(number, kind, item["id"], portal.clock(), *where, *who))


def moved(portal: Portal, item: dict[str, Any], before: dict[str, Any], caller: Caller) -> None:
    """Note a change of stage on the item and in its history."""
    item["movedTime"], item["movedBy"] = iso(portal.clock()), caller.user.id
    if item["entityTypeId"] != DEAL:
        return
    item["previousStageId"] = before["stageId"]
    kind = MOVED if item["stageSemanticId"] == "P" else FINISHED
    entered(portal, item, caller, OTHER_PIPELINE if item["categoryId"] != before["categoryId"] else kind)


def rows_of(portal: Portal, entity_type: int, category: int) -> list[Status]:
    """The stages of a pipeline, or of leads."""
    return portal.stages(category) if entity_type == DEAL else portal.directory("STATUS")


def semantics(stage: Status) -> str:
    """``P``, ``S`` or ``F``."""
    return stage.semantics or "P"


def _pipeline(portal: Portal, entity_type: int, category: int) -> int:
    if entity_type == DEAL and category not in portal.categories:
        raise RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", 'Invalid value for field "CATEGORY_ID"')
    return category


def _first(stages: list[Status], kind: str) -> Status:
    return next((row for row in stages if semantics(row) == kind), stages[0])


def _stand(given: dict[str, Any], stages: list[Status], stage: Status) -> None:
    given["stageId"] = stage.status_id
    given["stageSemanticId"] = semantics(stage)
    given["isNew"] = "Y" if stage is _first(stages, "P") else "N"
