"""What a board shows: pipelines, stages as columns, deals as tiles; and below it what was set up for the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.crm.fields import TYPES
from widget_backend.sandbox.bitrix24.crm.stock import directory_name
from widget_backend.sandbox.bitrix24.pages import card, timeline, wording
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, Robot, Status

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Category

KINDS = {"S": "успех", "F": "провал"}

SHOWN_DIRECTORIES = ("SOURCE", "DEAL_TYPE", "CONTACT_TYPE")

#: so many tiles of a column are shown
TILES = 20


def view(portal: Portal, category_id: int) -> dict[str, Any]:
    """What the template shows of a pipeline."""
    return {
        "current": portal.categories[category_id],
        "counts": {key: _count(portal, key) for key in portal.categories},
        "columns": columns(portal, category_id),
        "sections": card.sections(portal, DEAL, category_id),
        "is_stock_layout": (DEAL, category_id, 0) not in portal.layouts,
        "field_lists": [
            ("Поля сделки", _fields(portal, "CRM_DEAL")),
            ("Поля контакта", _fields(portal, "CRM_CONTACT")),
        ],
        "contact_sections": portal.layouts.get((CONTACT, 0, 0), []),
        "directories": [(directory_name(portal, key), portal.directory(key)) for key in SHOWN_DIRECTORIES],
        "parts": _parts(portal),
        "labels": wording.labels(portal, DEAL),
        "contact_labels": wording.labels(portal, CONTACT),
        "sources": portal.directory("SOURCE"),
        "tiles": TILES,
    }


def pipelines(portal: Portal) -> list[Category]:
    """The pipelines in their order."""
    return sorted(portal.categories.values(), key=lambda row: (row.sort, row.id))


def ways(portal: Portal) -> list[tuple[Category, list[Status]]]:
    """Where a deal can be moved: every pipeline with its stages."""
    return [(pipeline, portal.stages(pipeline.id)) for pipeline in pipelines(portal)]


def columns(portal: Portal, category_id: int) -> list[dict[str, Any]]:
    """The stages of a pipeline, each with its deals, the last moved on top."""
    held: dict[str, list[dict[str, Any]]] = {}
    for deal in portal.items[DEAL].values():
        if deal["categoryId"] == category_id:
            held.setdefault(deal["stageId"], []).append(deal)
    waiting = {waiting.deal for waiting in portal.waiting_robots.values()}
    todo: dict[int, list[timeline.Duty]] = {}
    for duty in timeline.duties(portal):
        if duty.place[0] == DEAL and not duty.done:
            todo.setdefault(duty.place[1], []).append(duty)
    return [
        _column(portal, stage, held.get(stage.status_id, []), todo, waiting) for stage in portal.stages(category_id)
    ]


def _count(portal: Portal, category_id: int) -> int:
    return sum(deal["categoryId"] == category_id for deal in portal.items[DEAL].values())


def _column(
    portal: Portal, stage: Status, deals: list[dict[str, Any]], todo: dict[int, list[timeline.Duty]], waiting: set[int]
) -> dict[str, Any]:
    newest = sorted(deals, key=lambda deal: (deal["movedTime"] or "", deal["id"]), reverse=True)[:TILES]
    return {
        "stage": stage,
        "kind": KINDS.get(stage.semantics or "", ""),
        "count": len(deals),
        "deals": [_tile(portal, deal, todo.get(deal["id"], []), deal["id"] in waiting) for deal in newest],
        "total": wording.money(sum(deal["opportunity"] or 0 for deal in deals), portal.currency),
        "ink": wording.ink(stage.color),
    }


def _tile(portal: Portal, deal: dict[str, Any], duties: list[timeline.Duty], waits: bool) -> dict[str, Any]:
    client = portal.items[CONTACT].get(deal["contactId"] or 0)
    return {
        "id": deal["id"],
        "title": deal["title"],
        "client": wording.person(client) if client else "",
        "amount": wording.money(deal["opportunity"], deal["currencyId"]) if deal["opportunity"] else "",
        "who": wording.user_name(portal, deal["assignedById"]),
        "todo": len(duties),
        "late": any(duty.late for duty in duties),
        "waits": waits,
    }


def _fields(portal: Portal, entity_id: str) -> list[dict[str, Any]]:
    return [
        {"label": wording.label(portal, field), "field": field, "type": TYPES.get(field.type, (field.type, {}))[0]}
        for field in portal.fields_of(entity_id)
    ]


def _parts(portal: Portal) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What applications have brought: by kind, rows of name, code, and where it stands or whom it calls."""
    names = {code: stage.name for code, stage in portal.deal_stages().items()}
    placed: dict[str, list[str]] = {}
    for each in portal.placed_robots:
        placed.setdefault(each.code, []).append(names.get(each.stage_id, each.stage_id))
    return [
        ("Роботы", [(robot_name(portal, row), row.code, _stands(placed.get(row.code, []))) for row in portal.robots]),
        ("Триггеры", [(name, code, "") for (_, code), name in portal.triggers.items()]),
        ("Виджеты", [(row.title or "Без названия", row.placement, row.handler) for row in portal.placements]),
        ("Подписки на события", [(row.event, "", row.url or "очередь офлайн-событий") for row in portal.handlers]),
    ]


def robot_name(portal: Portal, robot: Robot) -> str:
    """A robot's name in the portal's language."""
    return in_language(portal, robot.fields["NAME"])


def in_language(portal: Portal, name: Any) -> str:
    """A text that may come in several languages."""
    return str(name.get(portal.settings.lang) or next(iter(name.values()))) if isinstance(name, dict) else str(name)


def _stands(stages: list[str]) -> str:
    return "на стадиях: " + ", ".join(stages) if stages else "не размещён на стадиях"
