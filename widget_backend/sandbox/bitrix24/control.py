"""The control room below ``/_sandbox/``: look at the state, reset it, change settings, put deals on stages."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import asdict, fields
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, request

from widget_backend.sandbox.bitrix24.crm import records
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.bitrix24.registry import Caller
from widget_backend.sandbox.bitrix24.settings import Settings
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES, DEAL

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal

FORM = "application/x-www-form-urlencoded"
HANDLER_SECONDS = 10.0

SETTINGS = frozenset(field.name for field in fields(Settings))


def routes(portal: Portal) -> Blueprint:
    """The control addresses of one portal."""
    blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")

    @blueprint.get("/state")
    def state() -> Response:
        with portal.lock:
            return jsonify(dump(portal))

    @blueprint.get("/calls")
    def calls() -> Response:
        with portal.lock:
            return jsonify([asdict(call) for call in portal.calls])

    @blueprint.post("/reset")
    def reset() -> Response:
        with portal.lock:
            portal.reset()
        return jsonify({"reset": True})

    @blueprint.post("/settings")
    def settings() -> tuple[Response, int]:
        given: dict[str, Any] = request.get_json()
        unknown = sorted(given.keys() - SETTINGS)
        if unknown:
            return jsonify({"error": f"unknown settings: {', '.join(unknown)}"}), 400
        with portal.lock:
            vars(portal.settings).update(given)
        return jsonify(asdict(portal.settings)), 200

    @blueprint.post("/deals")
    def deals() -> Response:
        with portal.lock:
            return jsonify({"ids": [number for row in request.get_json() for number in add_deals(portal, row)]})

    @blueprint.post("/deliver")
    def hand_out() -> Response:
        return jsonify({"delivered": deliver(portal, post)})

    return blueprint


def add_deals(portal: Portal, row: dict[str, Any]) -> list[int]:
    """Create ``count`` deals from ``{"stageId", "categoryId", "count", "title", …}``; the stage tells the pipeline."""
    values = {key: value for key, value in row.items() if key != "count"}
    stage = portal.deal_stages().get(str(values.get("stageId")))
    if stage:
        values.setdefault("categoryId", stage.category_id or 0)
    caller = Caller(portal.users[1], None, ALL_SCOPES, "sandbox")
    return [records.create(portal, caller, DEAL, dict(values))["id"] for _ in range(int(row.get("count", 1)))]


def dump(portal: Portal) -> dict[str, Any]:
    """Everything a test may want to look at."""
    rows: dict[str, Iterable[Any]] = {
        "pipelines": portal.categories.values(),
        "stages": portal.statuses.values(),
        "fields": portal.fields.values(),
        "handlers": portal.handlers,
        "placements": portal.placements,
        "robots": portal.robots,
        "placed_robots": portal.placed_robots,
        "user_field_types": portal.user_field_types,
    }
    entities = {"leads": 1, "deals": 2, "contacts": 3, "companies": 4}
    layouts = [
        {"entityTypeId": kind, "categoryId": category, "userId": user, "scope": "P" if user else "C", "data": data}
        for (kind, category, user), data in portal.layouts.items()
    ]
    return (
        {name: [asdict(row) for row in values] for name, values in rows.items()}
        | {name: list(portal.items[kind].values()) for name, kind in entities.items()}
        | {"layouts": layouts, "settings": asdict(portal.settings)}
        | {"triggers": [{"client_id": c, "code": k, "name": n} for (c, k), n in portal.triggers.items()]}
        | {"fired_triggers": portal.fired_triggers, "robot_answers": portal.robot_answers}
        | {
            "notices": list(portal.notices.values()),
            "departments": [asdict(row) for row in portal.departments.values()],
        }
        | {"log_messages": list(portal.log_messages.values()), "tasks": list(portal.tasks.values())}
        | {"activities": list(portal.activities.values()), "comments": list(portal.comments.values())}
        | {"outbox": [asdict(row) for row in portal.outbox], "offline_events": portal.offline_events}
        | {"product_rows": [row for rows in portal.product_rows.values() for row in rows]}
        | {
            "apps": [
                asdict(app) | {"client_secret": "", "scopes": sorted(app.scopes), "users": None}
                for app in portal.apps.values()
            ]
        }
    )


def post(url: str, form: dict[str, str]) -> int | None:
    """The plain sender: one form-encoded POST, whatever comes of it; the handler's status, or None for no answer."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=HANDLER_SECONDS)
    target = parts.path + ("?" + parts.query if parts.query else "")
    with suppress(OSError, HTTPException), closing(connection):
        connection.request("POST", target or "/", urlencode(form), {"Content-Type": FORM})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    return None
