"""Pipelines and stages as they are checked, numbered and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.state import LEADS, Pipeline, Record, Status
from widget_backend.sandbox.amocrm.wire.problems import Issue, not_a_choice, not_found, too_long, wrong_type
from widget_backend.sandbox.amocrm.wire.validation import shaped

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.wire.registry import Call

MOST_PIPELINES, MOST_STATUSES = 50, 100

#: what may be written; reading may give others
COLORS = [
    "#fffeb2",
    "#fffd7f",
    "#fff000",
    "#ffeab2",
    "#ffdc7f",
    "#ffce5a",
    "#ffdbdb",
    "#ffc8c8",
    "#ff8f92",
    "#d6eaff",
    "#c1e0ff",
    "#98cbff",
    "#ebffb1",
    "#deff81",
    "#87f2c0",
    "#f9deff",
    "#f3beff",
    "#ccc8f9",
    "#eb93ff",
    "#f2f3f4",
    "#e6e8ea",
]

STATUS = {"name": "string*", "sort": "int*", "color": "string", "descriptions": "array"}
PIPELINE = {"name": "string*", "sort": "int*", "is_main": "bool*", "is_unsorted_on": "bool*"}

LEVELS = ("newbie", "candidate", "master")
MOST_DESCRIPTIONS, MOST_DESCRIPTION = 3, 1000


def pipeline_of(call: Call, pipeline_id: int) -> Pipeline:
    """The pipeline of an address; raises a 404."""
    found = call.account.pipelines.get(pipeline_id)
    if found is None:
        raise not_found("Pipeline not found")
    return found


def status_issues(account: Account, item: dict[str, Any], shape: dict[str, str]) -> list[Issue]:
    """What is wrong with a stage of a body."""
    issues = shaped(item, shape)
    color = item.get("color")
    if account.settings.strict_colors and isinstance(color, str) and color not in COLORS:
        issues.append(not_a_choice("color"))
    given = item.get("descriptions")
    return issues + (_description_issues(given) if isinstance(given, list) else [])


def place(account: Account, pipeline: Pipeline, sort: int) -> None:
    """Give a pipeline a new place and number all of them 1, 2, 3, …."""
    _renumber(list(account.pipelines.values()), 1, pipeline, sort)


def place_stage(pipeline: Pipeline, status: Status, sort: int) -> None:
    """Give a stage a new place and number the working ones on from the incoming one."""
    _renumber([row for row in pipeline.statuses.values() if row.is_working], 10, status, sort, after=10)


def renumber(pipeline: Pipeline) -> None:
    """Number the stages 10, 20, 30, …; the incoming one is first, the closed ones are last."""
    _renumber([row for row in pipeline.statuses.values() if row.is_working], 10, after=10)


def renumber_pipelines(account: Account) -> None:
    """Number the pipelines 1, 2, 3, … in their order."""
    _renumber(list(account.pipelines.values()), 1)


def make_main(account: Account, pipeline: Pipeline) -> None:
    """Move the mark of the main pipeline here."""
    for each in account.pipelines.values():
        each.is_main = each is pipeline


def leads_in(account: Account, pipeline_id: int, status_id: int | None = None) -> list[Record]:
    """The leads of a pipeline, or of one of its stages, without the trash."""
    return [
        lead
        for lead in account.records[LEADS].values()
        if not lead.is_deleted and lead.own["pipeline_id"] == pipeline_id and status_id in (None, lead.own["status_id"])
    ]


def forget_statuses(account: Account, pipeline_id: int, status_id: int | None = None) -> None:
    """Take a pipeline, or a stage of it, out of the fields that are required or hidden there."""
    for fields in account.fields.values():
        for field in fields.values():
            for name in ("required_statuses", "hidden_statuses"):
                pairs = getattr(field, name)
                kept = [
                    pair
                    for pair in pairs
                    if pair["pipeline_id"] != pipeline_id or status_id not in (None, pair["status_id"])
                ]
                setattr(field, name, kept)


def pipeline_model(call: Call, pipeline: Pipeline, *, hide_unsorted: bool = False) -> dict[str, Any]:
    """A pipeline with its stages."""
    hidden = (hide_unsorted or call.account.settings.hide_unsorted) and not pipeline.is_unsorted_on
    shown = [status for status in pipeline.ordered if not (hidden and status.type == 1)]
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "sort": pipeline.sort,
        "is_main": pipeline.is_main,
        "is_unsorted_on": pipeline.is_unsorted_on,
        "is_archive": pipeline.is_archive,
        "account_id": call.account.id,
        "_links": call.href(f"/leads/pipelines/{pipeline.id}"),
        "_embedded": {"statuses": [status_model(call, status) for status in shown]},
    }


def status_model(call: Call, status: Status) -> dict[str, Any]:
    """A stage."""
    body: dict[str, Any] = {
        "id": status.id,
        "name": status.name,
        "sort": status.sort,
        "is_editable": status.is_editable,
        "pipeline_id": status.pipeline_id,
        "color": status.color,
        "type": status.type,
        "account_id": call.account.id,
    }
    body |= {"descriptions": status.descriptions} if "descriptions" in call.with_ else {}
    return body | {"_links": call.href(f"/leads/pipelines/{status.pipeline_id}/statuses/{status.id}")}


def _description_issues(given: list[Any]) -> list[Issue]:
    if len(given) > MOST_DESCRIPTIONS:
        return [too_long("descriptions", MOST_DESCRIPTIONS)]
    issues = []
    for index, each in enumerate(given):
        path = f"descriptions.{index}"
        if not isinstance(each, dict):
            issues.append(wrong_type(path, "object"))
            continue
        issues += [issue.under(path) for issue in shaped(each, {"level": "string*", "description": "string*"})]
        if isinstance(each.get("level"), str) and each["level"] not in LEVELS:
            issues.append(not_a_choice(f"{path}.level"))
        if len(str(each.get("description"))) > MOST_DESCRIPTION:
            issues.append(too_long(f"{path}.description", MOST_DESCRIPTION))
    return issues


def _renumber(
    rows: Sequence[Pipeline | Status], step: int, moved: Pipeline | Status | None = None, sort: int = 0, after: int = 0
) -> None:
    """Number rows by their order; a moved one passes the one whose number it is given."""
    tie = 0
    if moved is not None:
        tie, moved.sort = (1 if sort > moved.sort else -1), sort
    rows = sorted(rows, key=lambda row: (row.sort, tie if row is moved else 0, row.id))
    for index, row in enumerate(rows, start=1):
        row.sort = after + index * step
