"""``/leads/pipelines``: created in a batch with their stages, changed and deleted one by one."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.amocrm.crm.stages import (
    COLORS,
    MOST_PIPELINES,
    MOST_STATUSES,
    PIPELINE,
    STATUS,
    forget_statuses,
    leads_in,
    make_main,
    pipeline_model,
    pipeline_of,
    place,
    renumber,
    renumber_pipelines,
    status_issues,
)
from widget_backend.sandbox.amocrm.state import CLOSED, Pipeline
from widget_backend.sandbox.amocrm.stock import add_stage, new_pipeline
from widget_backend.sandbox.amocrm.wire.hal import whole
from widget_backend.sandbox.amocrm.wire.problems import (
    Issue,
    impossible,
    invalid,
    missing,
    not_a_choice,
    too_long,
    wrong_type,
)
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer, Call, route
from widget_backend.sandbox.amocrm.wire.validation import batch, optional, shaped, single, validated

#: stages that come without being asked for
SYSTEM_STATUSES = 3


@route("GET", "/leads/pipelines")
def get_all(call: Call) -> Answer:
    """All pipelines, whatever page and limit say."""
    return whole(call, "pipelines", [pipeline_model(call, each) for each in call.account.ordered_pipelines])


@route("GET", "/leads/pipelines/<int:pipeline_id>")
def get(call: Call, pipeline_id: int) -> Answer:
    """One pipeline."""
    return Answer(pipeline_model(call, pipeline_of(call, pipeline_id)))


@route("POST", "/leads/pipelines", admin=True)
def add(call: Call) -> Answer:
    """Create pipelines; each has the incoming and the two closed stages besides those of the body."""
    rows = batch(call)
    validated(rows, lambda item: _issues(call, item))
    if len(call.account.pipelines) + len(rows) > MOST_PIPELINES:
        raise impossible(f"Limit {MOST_PIPELINES} pipelines per account", call.account.settings.cap_status)
    made = [(row.request_id, _create(call, row.item)) for row in rows]
    renumber_pipelines(call.account)
    models = [pipeline_model(call, pipeline) | {"request_id": request_id} for request_id, pipeline in made]
    return whole(call, "pipelines", models)


@route("PATCH", "/leads/pipelines/<int:pipeline_id>", admin=True)
def change(call: Call, pipeline_id: int) -> Answer:
    """Change a pipeline's own keys; its stages have their own addresses."""
    pipeline = pipeline_of(call, pipeline_id)
    row = single(call)
    validated([row], lambda item: shaped(item, optional(PIPELINE)) or _nothing_given(item))
    pipeline.name = row.item.get("name", pipeline.name)
    pipeline.is_unsorted_on = row.item.get("is_unsorted_on", pipeline.is_unsorted_on)
    if "sort" in row.item:
        place(call.account, pipeline, row.item["sort"])
    if row.item.get("is_main") and call.account.settings.main_moves:
        make_main(call.account, pipeline)
    return Answer(pipeline_model(call, pipeline, hide_unsorted=True))


@route("DELETE", "/leads/pipelines/<int:pipeline_id>", admin=True)
def delete(call: Call, pipeline_id: int) -> Answer:
    """Delete a pipeline without leads; the last one stays."""
    account = call.account
    pipeline = account.pipelines.get(pipeline_id)
    if pipeline is None:
        raise invalid([("0", [not_a_choice("id")])])
    if len(account.pipelines) == 1:
        raise impossible("The last pipeline can not be deleted")
    if leads_in(account, pipeline_id):
        raise impossible("The pipeline has leads")
    del account.pipelines[pipeline_id]
    forget_statuses(account, pipeline_id)
    renumber_pipelines(account)
    if pipeline.is_main:
        make_main(account, account.ordered_pipelines[0])
    return NOTHING


def _issues(call: Call, item: dict[str, Any]) -> list[Issue]:
    issues = shaped(item, PIPELINE)
    stages = _stages(item)
    if not isinstance(stages, list):
        return [*issues, wrong_type("_embedded.statuses", "array")]
    for index, stage in enumerate(stages):
        path = f"_embedded.statuses.{index}"
        if not isinstance(stage, dict):
            issues.append(wrong_type(path, "object"))
            continue
        if "id" in stage and stage["id"] not in CLOSED:
            issues.append(not_a_choice(f"{path}.id"))
        shape = {**STATUS, "sort": "int"}
        issues += [issue.under(path) for issue in status_issues(call.account, stage, shape)]
    if sum("id" not in stage for stage in stages if isinstance(stage, dict)) + SYSTEM_STATUSES > MOST_STATUSES:
        issues.append(too_long("_embedded.statuses", MOST_STATUSES))
    return issues


def _nothing_given(item: dict[str, Any]) -> list[Issue]:
    return [] if item.keys() & PIPELINE.keys() else [missing("name")]


def _create(call: Call, item: dict[str, Any]) -> Pipeline:
    pipeline = new_pipeline(call.account, item["name"], item["sort"])
    pipeline.is_unsorted_on = item["is_unsorted_on"]
    for index, stage in enumerate(_stages(item), start=2):
        if "id" in stage:
            pipeline.statuses[stage["id"]].name = stage["name"]
        else:
            made = add_stage(
                call.account, pipeline, stage["name"], stage.get("sort", index * 10), stage.get("color", COLORS[0])
            )
            made.descriptions = stage.get("descriptions", [])
    renumber(pipeline)
    if item["is_main"] and call.account.settings.main_moves:
        make_main(call.account, pipeline)
    return pipeline


def _stages(item: dict[str, Any]) -> Any:
    embedded = item.get("_embedded") or {}
    return embedded.get("statuses") or [] if isinstance(embedded, dict) else embedded
