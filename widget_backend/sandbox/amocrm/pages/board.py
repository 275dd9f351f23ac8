"""A pipeline as a board, with the account's fields and dictionaries below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.amocrm.crm.field_types import MAIN_GROUP
from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.pages.words import KINDS, TYPES, money
from widget_backend.sandbox.amocrm.state import CONTACTS, LEADS, CustomField, Pipeline, Record

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account

#: leads of a stage that a board shows
MOST_SHOWN = 20

#: a list field with this in its name says where a patient came from
SOURCE_WORD = "источник"


def view(account: Account, pipeline: Pipeline) -> dict[str, Any]:
    """What the template shows of a pipeline."""
    leads = [lead for lead in account.records[LEADS].values() if not lead.is_deleted]
    counts = dict.fromkeys(account.pipelines, 0)
    for lead in leads:
        counts[lead.own["pipeline_id"]] += 1
    names = {each.id: each.name for each in account.ordered_pipelines}
    return {
        "pipelines": account.ordered_pipelines,
        "counts": counts,
        "current": pipeline,
        "columns": columns(account, pipeline, leads),
        "goals": goals(account),
        "origins": origins(account),
        "field_lists": [
            ("Поля сделки", tabs(account, LEADS, names)),
            ("Поля контакта", tabs(account, CONTACTS, names)),
        ],
        "loss_reasons": sorted(account.loss_reasons.values(), key=lambda each: (each.sort, each.id)),
        "tags": [("Теги сделок", account.tags[LEADS].values()), ("Теги контактов", account.tags[CONTACTS].values())],
        "webhooks": account.webhooks.values(),
        "sources": [(source, names.get(source.pipeline_id, "")) for source in account.sources.values()],
        "most": MOST_SHOWN,
    }


def columns(account: Account, pipeline: Pipeline, leads: list[Record]) -> list[dict[str, Any]]:
    """The stages with their leads, those touched last on top."""
    held: dict[int, list[Record]] = {status.id: [] for status in pipeline.ordered}
    for lead in leads:
        if lead.own["pipeline_id"] == pipeline.id:
            held[lead.own["status_id"]].append(lead)
    unread = {talk.lead_id for talk in account.talks.values() if not talk.is_read}
    rows = []
    for status in pipeline.ordered:
        here = sorted(held[status.id], key=lambda lead: (lead.updated_at, lead.id), reverse=True)
        rows.append(
            {
                "status": status,
                "kind": KINDS.get(status.id, ""),
                "rows": [_row(account, lead, lead.id in unread) for lead in here[:MOST_SHOWN]],
                "count": len(here),
                "total": money(sum(lead.own["price"] or 0 for lead in here)),
            }
        )
    return rows


def goals(account: Account) -> list[tuple[Pipeline, list[Any]]]:
    """Every pipeline with the stages that a lead can be moved to."""
    return [(each, [status for status in each.ordered if status.type == 0]) for each in account.ordered_pipelines]


def origins(account: Account) -> list[tuple[str, str]]:
    """Where a patient may have come from: sources of integrations, and options of a list field that says so."""
    rows = [(f"source-{source.id}", source.name) for source in account.sources.values() if not source.deleted]
    for field in account.fields_of(LEADS):
        if field.type == "select" and SOURCE_WORD in field.name.lower():
            options = sorted(field.enums.values(), key=lambda each: (each.sort, each.id))
            rows += [(f"option-{field.id}-{option.id}", option.value) for option in options]
    return rows


def tabs(account: Account, entity: str, pipelines: dict[int, str]) -> list[dict[str, Any]]:
    """The tabs of a card with their fields; the predefined ones of tracking are only counted."""
    rows = []
    for group in sorted(account.groups[entity].values(), key=lambda each: each.sort):
        fields = [field for field in account.fields_of(entity) if (field.group_id or MAIN_GROUP) == group.id]
        own = [_field(account, field, pipelines) for field in fields if field.type != "tracking_data"]
        rows.append({"group": group, "fields": own, "tracking": len(fields) - len(own)})
    return rows


def _row(account: Account, lead: Record, unread: bool) -> dict[str, Any]:
    names = [account.records[CONTACTS][number].own["name"] for number in linked(account, lead, CONTACTS)]
    late = lead.closest_task_at is not None and lead.closest_task_at < account.now()
    return {
        "lead": lead,
        "who": ", ".join(names),
        "price": money(lead.own["price"]) if lead.own["price"] else "",
        "task": ("late" if late else "due") if lead.closest_task_at else "",
        "unread": unread,
        "tags": [account.tags[LEADS][number] for number in lead.tags],
    }


def _field(account: Account, field: CustomField, pipelines: dict[int, str]) -> dict[str, Any]:
    stages = []
    for pair in field.required_statuses:
        held = account.pipelines.get(pair["pipeline_id"])
        status = held.statuses.get(pair["status_id"]) if held else None
        stages += [f"{pipelines[pair['pipeline_id']]} → {status.name}"] if status else []
    options = sorted(field.enums.values(), key=lambda each: (each.sort, each.id))
    return {
        "field": field,
        "type": TYPES.get(field.type, field.type),
        "options": [option.value for option in options],
        "stages": stages,
    }
