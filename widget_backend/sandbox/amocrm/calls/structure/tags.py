"""``/{entity}/tags``: a dictionary per entity that only grows."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.tagging import named
from widget_backend.sandbox.amocrm.state import LEADS, Tag
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, not_a_choice
from widget_backend.sandbox.amocrm.wire.query import numbers, values
from widget_backend.sandbox.amocrm.wire.registry import Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, shaped, validated

BASE = "/<any(leads, contacts, companies):entity>/tags"

SHAPE = {"name": "string*", "color": "string?"}

COLORS = [
    "EBEBEB",
    "D0D0D0",
    "F2DDF7",
    "D1A4DC",
    "FF8F92",
    "FFC8C8",
    "C7DB8C",
    "DDEBB5",
    "8699DA",
    "AABDFF",
    "FFCE5A",
    "FFE193",
    "90CDB0",
    "C6F4DE",
    "A9A5D7",
    "D8D5FF",
    "86C0FC",
    "832161",
    "6A0F49",
    "0C7C59",
    "10599D",
    "9D2B32",
    "247BA0",
]


@route("GET", BASE)
def get_all(call: Call, entity: str) -> Answer:
    """A page of an entity's tags, also by name, id or a part of the name."""
    call.expect(("id", "name"), ())
    ids, names = numbers(call.filter.get("id")), values(call.filter.get("name"))
    part = str(call.query.get("query", "")).lower()
    rows = [
        tag
        for tag in call.account.tags[entity].values()
        if (not ids or tag.id in ids) and (not names or tag.name in names) and part in tag.name.lower()
    ]
    return listing(call, "tags", rows, model, total=True)


@route("POST", BASE)
def add(call: Call, entity: str) -> Answer:
    """Create tags; a known name answers the known tag."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, entity, item))
    models = []
    for row in rows:
        tag = named(call.account, entity, row.item["name"], row.item.get("color"))
        models.append(model(tag) | {"request_id": row.request_id})
    return whole(call, "tags", models)


def model(tag: Tag) -> dict[str, Any]:
    """A tag, also as a record embeds it."""
    return {"id": tag.id, "name": tag.name, "color": tag.color}


def _issues(call: Call, entity: str, item: dict[str, Any]) -> list[Issue]:
    color = item.get("color")
    wrong = isinstance(color, str) and (entity != LEADS or color not in COLORS)
    return shaped(item, SHAPE) + ([not_a_choice("color")] if wrong else [])
