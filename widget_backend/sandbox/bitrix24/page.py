"""The pages for people: pipelines as boards, fields, applications' parts, and a deal's card as its pipeline shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template

from widget_backend.sandbox.bitrix24.crm.entities import STANDARD, by_legacy_name
from widget_backend.sandbox.bitrix24.crm.fields import TYPES
from widget_backend.sandbox.bitrix24.crm.stock import directory_name
from widget_backend.sandbox.bitrix24.state import CONTACT, DEAL, Robot, Status, UserField

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from widget_backend.sandbox.bitrix24.portal import Portal

TEMPLATES = Path(__file__).parents[3] / "templates"

KINDS = {"S": "успех", "F": "провал"}

#: codes of the card that are no field's name
EDITOR_CODES = {
    "OPPORTUNITY_WITH_CURRENCY": "Сумма и валюта",
    "CLIENT": "Клиент",
    "OBSERVER": "Наблюдатели",
    "UTM": "UTM-метки",
}

#: what a card shows while nobody has set a layout
STOCK_LAYOUT = [
    {
        "name": "main",
        "title": "О сделке",
        "elements": [
            {"name": name} for name in ("TITLE", "STAGE_ID", "OPPORTUNITY_WITH_CURRENCY", "CLIENT", "CLOSEDATE")
        ],
    },
    {
        "name": "additional",
        "title": "Дополнительно",
        "elements": [{"name": name} for name in ("TYPE_ID", "SOURCE_ID", "ASSIGNED_BY_ID", "COMMENTS")],
    },
]

SHOWN_DIRECTORIES = ("SOURCE", "DEAL_TYPE", "CONTACT_TYPE")

#: placement of a tab on a deal's card
DEAL_TAB = "CRM_DEAL_DETAIL_TAB"

SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$"}


def routes(portal: Portal) -> Blueprint:
    """The pages of one portal."""
    blueprint = Blueprint("page", __name__)

    @blueprint.get("/")
    def index() -> str:
        return render(portal, 0)

    @blueprint.get("/crm/deal/")
    @blueprint.get("/crm/deal/kanban/")
    def deals() -> Response:
        return redirect("/crm/deal/kanban/category/0/")

    @blueprint.get("/crm/deal/kanban/category/<int:category_id>/")
    def board(category_id: int) -> str:
        return render(portal, category_id)

    @blueprint.get("/crm/deal/details/<int:deal_id>/")
    def card(deal_id: int) -> str:
        deal = portal.items[DEAL].get(deal_id)
        if deal is None:
            abort(404)
        return render(portal, deal["categoryId"], deal)

    return blueprint


def render(portal: Portal, category_id: int, deal: dict[str, Any] | None = None) -> str:
    """One page: a pipeline, or a deal of it."""
    with portal.lock:
        if category_id not in portal.categories:
            abort(404)
        shown = view(portal, category_id) | {"deal": deal, "deal_values": deal_values(portal, deal) if deal else {}}
        return render_template("sandbox/bitrix24.html", **shown)


def view(portal: Portal, category_id: int) -> dict[str, Any]:
    """What the template shows of a pipeline."""
    deals = [deal for deal in portal.items[DEAL].values() if deal["categoryId"] == category_id]
    return {
        "pipelines": sorted(portal.categories.values(), key=lambda row: (row.sort, row.id)),
        "counts": {key: _count(portal, key) for key in portal.categories},
        "current": portal.categories[category_id],
        "stages": [_column(portal, stage, deals) for stage in portal.stages(category_id)],
        "sections": _sections(portal, category_id),
        "is_stock_layout": (DEAL, category_id, 0) not in portal.layouts,
        "field_lists": [
            ("Поля сделки", _fields(portal, "CRM_DEAL")),
            ("Поля контакта", _fields(portal, "CRM_CONTACT")),
        ],
        "contact_sections": portal.layouts.get((CONTACT, 0, 0), []),
        "directories": [(directory_name(portal, key), portal.directory(key)) for key in SHOWN_DIRECTORIES],
        "parts": _parts(portal),
        "tabs": [row for row in portal.placements if row.placement == DEAL_TAB],
        "labels": _labels(portal, DEAL),
        "contact_labels": _labels(portal, CONTACT),
    }


def deal_values(portal: Portal, deal: dict[str, Any]) -> dict[str, Any]:
    """Field code -> what the deal's card says."""
    names = {status.status_id: status.name for status in portal.statuses.values()}
    values = {field.legacy: deal.get(name) for name, field in STANDARD[DEAL].items()}
    for field in portal.fields_of("CRM_DEAL"):
        held = deal.get(field.name)
        options = {option.id: option.value for option in field.options}
        chosen = held if isinstance(held, list) else [held]
        values[field.name] = ", ".join(str(options.get(each, each)) for each in chosen if each is not None)
    contacts = [portal.items[CONTACT][each] for each in deal["contactIds"] if each in portal.items[CONTACT]]
    values["CLIENT"] = ", ".join(map(_person, contacts))
    values["OPPORTUNITY_WITH_CURRENCY"] = _money(deal["opportunity"], deal["currencyId"])
    user = portal.users.get(deal["assignedById"])
    values["ASSIGNED_BY_ID"] = f"{user.name} {user.last_name}" if user else ""
    values |= {code: names.get(str(values[code]), values[code]) for code in ("STAGE_ID", "SOURCE_ID", "TYPE_ID")}
    return {code: value if value not in (None, "", []) else "—" for code, value in values.items()}


def _count(portal: Portal, category_id: int) -> int:
    return sum(deal["categoryId"] == category_id for deal in portal.items[DEAL].values())


def _column(portal: Portal, stage: Status, deals: list[dict[str, Any]]) -> dict[str, Any]:
    held = [deal for deal in deals if deal["stageId"] == stage.status_id]
    return {
        "stage": stage,
        "kind": KINDS.get(stage.semantics or "", ""),
        "deals": [_tile(portal, deal) for deal in held],
        "total": _money(sum(deal["opportunity"] or 0 for deal in held), portal.currency),
        "ink": _ink(stage.color),
    }


def _tile(portal: Portal, deal: dict[str, Any]) -> dict[str, Any]:
    client = portal.items[CONTACT].get(deal["contactId"] or 0)
    amount = _money(deal["opportunity"], deal["currencyId"]) if deal["opportunity"] else ""
    return {"id": deal["id"], "title": deal["title"], "amount": amount, "client": _person(client) if client else ""}


def _person(contact: dict[str, Any]) -> str:
    return f"{contact['lastName'] or ''} {contact['name'] or ''}".strip()


def _money(amount: float | None, currency: str) -> str:
    """``12 500 ₽``, with spaces that do not break."""
    whole = f"{amount or 0:,.2f}".removesuffix(".00").replace(",", "\u00a0").replace(".", ",")
    return f"{whole}\u00a0{SIGNS.get(currency, currency)}"


def _parts(portal: Portal) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What applications have brought: by kind, rows of name, code, and where it stands or whom it calls."""
    names = {status.status_id: status.name for status in portal.statuses.values()}
    placed: dict[str, list[str]] = {}
    for each in portal.placed_robots:
        placed.setdefault(each.code, []).append(names.get(each.stage_id, each.stage_id))
    return [
        ("Роботы", [(_robot_name(portal, row), row.code, _stands(placed.get(row.code, []))) for row in portal.robots]),
        ("Триггеры", [(name, code, "") for (_, code), name in portal.triggers.items()]),
        ("Виджеты", [(row.title or "Без названия", row.placement, row.handler) for row in portal.placements]),
        ("Подписки на события", [(row.event, "", row.url or "очередь офлайн-событий") for row in portal.handlers]),
    ]


def _robot_name(portal: Portal, robot: Robot) -> str:
    name = robot.fields["NAME"]
    return str(name.get(portal.settings.lang) or next(iter(name.values()))) if isinstance(name, dict) else str(name)


def _stands(stages: list[str]) -> str:
    return "на стадиях: " + ", ".join(stages) if stages else "не размещён на стадиях"


def _ink(color: str | None) -> str:
    """Black or white, whichever reads better on a stage's colour."""
    digits = (color or "").lstrip("#")
    if len(digits) != 6:
        return "#1f2933"
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return "#1f2933" if red * 299 + green * 587 + blue * 114 > 120_000 else "#ffffff"


def _sections(portal: Portal, category_id: int) -> list[dict[str, Any]]:
    return portal.layouts.get((DEAL, category_id, 0), STOCK_LAYOUT)


def _fields(portal: Portal, entity_id: str) -> list[dict[str, Any]]:
    return [
        {"label": _label(portal, field), "field": field, "type": TYPES.get(field.type, (field.type, {}))[0]}
        for field in portal.fields_of(entity_id)
    ]


def _label(portal: Portal, field: UserField) -> str:
    labels = field.labels.get("EDIT_FORM_LABEL", {})
    return labels.get(portal.settings.lang) or next((text for text in labels.values() if text), field.name)


def _labels(portal: Portal, entity_type: int) -> dict[str, str]:
    """Field code -> what a card calls it."""
    entity_id = "CRM_DEAL" if entity_type == DEAL else "CRM_CONTACT"
    own = {field.name: _label(portal, field) for field in portal.fields_of(entity_id)}
    return {name: field.title for name, field in by_legacy_name(entity_type).items()} | EDITOR_CODES | own
