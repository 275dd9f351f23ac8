"""``/leads/loss_reasons``: one list for all pipelines."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.state import LEADS, LossReason
from widget_backend.sandbox.amocrm.wire.hal import listing, whole
from widget_backend.sandbox.amocrm.wire.problems import not_found
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, optional, shaped, single, validated

SHAPE = {"name": "string*", "sort": "int"}

SORT = 100_000

BASE = "/leads/loss_reasons"
ONE = BASE + "/<int:reason_id>"


@route("GET", BASE)
def get_all(call: Call) -> Answer:
    """All reasons."""
    rows = sorted(call.account.loss_reasons.values(), key=lambda each: (each.sort, each.id))
    return listing(call, "loss_reasons", rows, lambda each: model(call, each), total=True)


@route("GET", ONE)
def get(call: Call, reason_id: int) -> Answer:
    """One reason."""
    return Answer(model(call, _reason_of(call, reason_id)))


@route("POST", BASE, admin=True)
def add(call: Call) -> Answer:
    """Add reasons; the same name twice is two reasons."""
    rows = batch(call)
    validated(rows, lambda item: shaped(item, SHAPE))
    made = [(row.request_id, _create(call, row.item)) for row in rows]
    return whole(call, "loss_reasons", [model(call, reason) | {"request_id": key} for key, reason in made])


@route("PATCH", ONE, admin=True)
def change(call: Call, reason_id: int) -> Answer:
    """Change a reason."""
    reason = _reason_of(call, reason_id)
    row = single(call)
    validated([row], lambda item: shaped(item, optional(SHAPE)))
    reason.name = row.item.get("name", reason.name)
    reason.sort = row.item.get("sort", reason.sort)
    reason.updated_at = int(call.account.now())
    return Answer(model(call, reason))


@route("DELETE", ONE, admin=True)
def delete(call: Call, reason_id: int) -> Answer:
    """Delete a reason; leads lost for it are lost without one."""
    del call.account.loss_reasons[_reason_of(call, reason_id).id]
    for lead in call.account.records[LEADS].values():
        if lead.own["loss_reason_id"] == reason_id:
            lead.own["loss_reason_id"] = None
    return NOTHING


def model(call: Call, reason: LossReason) -> dict[str, Any]:
    """A reason, also as a lead embeds it."""
    return {**vars(reason), "_links": call.href(f"/leads/loss_reasons/{reason.id}")}


def _reason_of(call: Call, reason_id: int) -> LossReason:
    found = call.account.loss_reasons.get(reason_id)
    if found is None:
        raise not_found("Loss reason not found")
    return found


def _create(call: Call, item: dict[str, Any]) -> LossReason:
    now = int(call.account.now())
    reason = LossReason(call.account.number("loss_reason", 5001, 2), item["name"], item.get("sort", SORT), now, now)
    call.account.loss_reasons[reason.id] = reason
    return reason
