"""``/leads/pipelines/{id}/statuses``: added in a batch, changed and deleted one by one."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.stages import (
    COLORS,
    MOST_STATUSES,
    STATUS,
    forget_statuses,
    leads_in,
    pipeline_of,
    place_stage,
    renumber,
    status_issues,
    status_model,
)
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.state import LEADS, Pipeline, Status
from widget_backend.sandbox.amocrm.stock import add_stage
from widget_backend.sandbox.amocrm.wire.hal import whole
from widget_backend.sandbox.amocrm.wire.problems import Issue, impossible, invalid, missing, not_a_choice, not_found
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, optional, single, validated

BASE = "/leads/pipelines/<int:pipeline_id>/statuses"
ONE = BASE + "/<int:status_id>"


@route("GET", BASE)
def get_all(call: Call, pipeline_id: int) -> Answer:
    """The stages of a pipeline."""
    pipeline = pipeline_of(call, pipeline_id)
    hidden = call.account.settings.hide_unsorted and not pipeline.is_unsorted_on
    shown = [status for status in pipeline.ordered if not (hidden and status.type == 1)]
    return whole(call, "statuses", [status_model(call, status) for status in shown])


@route("GET", ONE)
def get(call: Call, pipeline_id: int, status_id: int) -> Answer:
    """One stage."""
    return Answer(status_model(call, _status_of(call, pipeline_id, status_id)))


@route("POST", BASE, admin=True)
def add(call: Call, pipeline_id: int) -> Answer:
    """Add stages between the incoming and the closed ones."""
    pipeline = pipeline_of(call, pipeline_id)
    rows = batch(call)
    validated(rows, lambda item: status_issues(call.account, item, STATUS))
    if len(pipeline.statuses) + len(rows) > MOST_STATUSES:
        raise impossible(f"Limit {MOST_STATUSES} statuses per pipeline", call.account.settings.cap_status)
    made = [(row.request_id, _create(call, pipeline, row.item)) for row in rows]
    renumber(pipeline)
    return whole(call, "statuses", [status_model(call, status) | {"request_id": key} for key, status in made])


@route("PATCH", ONE, admin=True)
def change(call: Call, pipeline_id: int, status_id: int) -> Answer:
    """Change a stage; of the closed ones only the name is taken."""
    status = _status_of(call, pipeline_id, status_id)
    if status.type == 1 and not call.account.settings.unsorted_editable:
        raise invalid([("0", [not_a_choice("id")])])
    row = single(call)
    validated([row], lambda item: status_issues(call.account, item, optional(STATUS)) or _nothing_given(item))
    status.name = row.item.get("name", status.name)
    if status.is_working:
        status.color = row.item.get("color", status.color)
    status.descriptions = row.item.get("descriptions", status.descriptions)
    if "sort" in row.item and status.is_working:
        place_stage(call.account.pipelines[pipeline_id], status, row.item["sort"])
    return Answer(status_model(call, status))


@route("DELETE", ONE, admin=True)
def delete(call: Call, pipeline_id: int, status_id: int) -> Answer:
    """Delete a working stage; its leads fall to the first stage that is left."""
    pipeline = pipeline_of(call, pipeline_id)
    status = pipeline.statuses.get(status_id)
    if status is None:
        raise invalid([("0", [not_a_choice("id")])])
    if not status.is_working:
        raise impossible("The system status can not be deleted")
    working = sum(each.is_working for each in pipeline.statuses.values())
    if working == 1 and not call.account.settings.last_stage_deletable:
        raise impossible("The last status can not be deleted")
    del pipeline.statuses[status_id]
    for lead in leads_in(call.account, pipeline_id, status_id):
        before = {"status_id": status_id, "pipeline_id": pipeline_id}
        lead.own["status_id"] = pipeline.first.id
        lead.updated_at = int(call.account.now())
        call.account.change(Change(LEADS, "status", lead.id, call.caller.user.id, before))
    forget_statuses(call.account, pipeline_id, status_id)
    renumber(pipeline)
    return NOTHING


def _status_of(call: Call, pipeline_id: int, status_id: int) -> Status:
    found = pipeline_of(call, pipeline_id).statuses.get(status_id)
    if found is None:
        raise not_found("Status not found")
    return found


def _nothing_given(item: dict[str, Any]) -> list[Issue]:
    return [] if item.keys() & STATUS.keys() else [missing("name")]


def _create(call: Call, pipeline: Pipeline, item: dict[str, Any]) -> Status:
    status = add_stage(call.account, pipeline, item["name"], item["sort"], item.get("color", COLORS[0]))
    status.descriptions = item.get("descriptions", [])
    return status
