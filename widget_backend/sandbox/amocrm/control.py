"""The control room below ``/_sandbox/``: look at the state, reset it, change settings, add leads, let time pass."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, fields
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from widget_backend.sandbox.amocrm.acting import by_hand
from widget_backend.sandbox.amocrm.crm import incoming
from widget_backend.sandbox.amocrm.hooks.delivery import TIMED_OUT, Delivery, deliver, encoded
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.settings import Settings
from widget_backend.sandbox.amocrm.state import LEADS
from widget_backend.sandbox.amocrm.wire.problems import Problem, invalid

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

FORM = "application/x-www-form-urlencoded"
#: the vendor waits no longer for an answer
ANSWER_SECONDS = 2.0

SETTINGS = frozenset(field.name for field in fields(Settings))


def routes(account: Account) -> Blueprint:
    """The control addresses of one account."""
    blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")

    @blueprint.get("/state")
    def state() -> Response:
        with account.lock:
            return jsonify(dump(account))

    @blueprint.post("/reset")
    def reset() -> Response:
        with account.lock:
            account.reset()
        return jsonify({"reset": True})

    @blueprint.post("/settings")
    def settings() -> tuple[Response, int]:
        given: dict[str, Any] = request.get_json()
        unknown = sorted(given.keys() - SETTINGS)
        if unknown:
            return jsonify({"error": f"unknown settings: {', '.join(unknown)}"}), 400
        with account.lock:
            vars(account.settings).update(given)
        return jsonify(asdict(account.settings)), 200

    @blueprint.errorhandler(Problem)
    def refuse(problem: Problem) -> tuple[Response, int]:
        return jsonify(problem.body()), problem.status

    @blueprint.post("/leads")
    def leads() -> Response:
        with account.lock:
            return jsonify({"ids": [number for row in request.get_json() for number in add_leads(account, row)]})

    @blueprint.post("/clock")
    def clock() -> Response:
        account.skip(float(request.get_json()["advance"]))
        return jsonify({"now": account.now()})

    @blueprint.post("/deliver")
    def hand_out() -> Response:
        return jsonify({"delivered": deliver(account, send), "waiting": len(account.outbox)})

    return blueprint


def add_leads(account: Account, row: dict[str, Any]) -> list[int]:
    """Create ``count`` leads from ``{"status_id", "pipeline_id", "name", …}``; the stage tells the pipeline."""
    item = {key: value for key, value in row.items() if key != "count"}
    if "pipeline_id" not in item:
        holding = (each for each in account.ordered_pipelines if item.get("status_id") in each.statuses)
        item["pipeline_id"] = next(holding, account.main_pipeline).id
    call = by_hand(account)
    wrong = incoming.issues(call, LEADS, item, None)
    if wrong:
        raise invalid([("0", wrong)])
    made = [incoming.create(call, LEADS, dict(item)).id for _ in range(int(row.get("count", 1)))]
    flush(account)
    return made


def dump(account: Account) -> dict[str, Any]:
    """Everything a test may want to look at; no secret and no token."""
    lists: dict[str, Iterable[Any]] = {
        "users": account.users.values(),
        "loss_reasons": account.loss_reasons.values(),
        "sources": account.sources.values(),
        "notes": account.notes.values(),
        "tasks": account.tasks.values(),
        "outbox": account.outbox,
        "sent": account.sent,
        "talks": account.talks.values(),
        "unsorted": account.unsorted.values(),
        "triggers": account.triggers.values(),
        "bots": account.bots.values(),
        "runs": account.runs,
    }
    by_entity: dict[str, Mapping[str, Mapping[Any, Any]]] = {
        "fields": account.fields,
        "field_groups": account.groups,
        "tags": account.tags,
        "records": account.records,
    }
    pipelines = [
        asdict(each) | {"statuses": [asdict(status) for status in each.ordered]} for each in account.ordered_pipelines
    ]
    integrations = [
        asdict(each) | {"client_secret": "", "scopes": sorted(each.scopes)} for each in account.integrations.values()
    ]
    return (
        {name: [asdict(row) for row in rows] for name, rows in lists.items()}
        | {
            name: {entity: [asdict(row) for row in rows.values()] for entity, rows in held.items()}
            for name, held in by_entity.items()
        }
        | {"webhooks": [asdict(each) | {"failures": len(each.failures)} for each in account.webhooks.values()]}
        | {"pipelines": pipelines, "integrations": integrations, "events": list(account.events.values())}
        | {"links": [[*one, *other, about] for one, held in account.links.items() for other, about in held.items()]}
        | {"settings": asdict(account.settings), "continued_bots": account.continued_bots}
        | {"account": {"id": account.id, "subdomain": account.subdomain, "name": account.name}}
    )


def send(delivery: Delivery) -> int:
    """The plain sender: the status that came back, 499 after two seconds, 0 when nobody answered."""
    parts = urlsplit(delivery.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=ANSWER_SECONDS)
    query, body, headers = parts.query, None, {}
    if delivery.method == "GET":
        query = "&".join(part for part in (parts.query, encoded(delivery.form)) if part)
    elif delivery.json is not None:
        body, headers = json.dumps(delivery.json), {"Content-Type": "application/json"}
    else:
        body, headers = encoded(delivery.form), {"Content-Type": FORM}
    target = (parts.path or "/") + (f"?{query}" if query else "")
    with closing(connection):
        try:
            connection.request(delivery.method, target, body, headers)
            answer = connection.getresponse()
            answer.read()
        except TimeoutError:
            return TIMED_OUT
        except (OSError, HTTPException):
            return 0
    return answer.status
