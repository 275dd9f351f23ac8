"""The pages for people: pipelines as boards, the card of a lead, fields by tab, and the account's dictionaries."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template

from widget_backend.sandbox.amocrm.crm.field_types import MAIN_GROUP
from widget_backend.sandbox.amocrm.crm.linking import linked
from widget_backend.sandbox.amocrm.crm.values import ZONE, shown
from widget_backend.sandbox.amocrm.state import COMPANIES, CONTACTS, LEADS, LOST, WON, CustomField, Pipeline, Record

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from widget_backend.sandbox.amocrm.account import Account

TEMPLATES = Path(__file__).parents[3] / "templates"

KINDS = {WON: "успех", LOST: "отказ"}

TYPES = {
    "text": "Текст",
    "numeric": "Число",
    "textarea": "Текстовая область",
    "url": "Ссылка",
    "checkbox": "Флаг",
    "select": "Список",
    "multiselect": "Мультисписок",
    "radiobutton": "Переключатель",
    "date": "Дата",
    "date_time": "Дата и время",
    "streetaddress": "Короткий адрес",
    "smart_address": "Адрес",
    "birthday": "День рождения",
    "legal_entity": "Юр. лицо",
    "monetary": "Денежное",
    "file": "Файл",
    "tracking_data": "Отслеживаемые данные",
    "chained_list": "Каталоги и списки",
    "multitext": "Телефон или email",
}

MOMENTS = {"date": "%d.%m.%Y", "birthday": "%d.%m.%Y", "date_time": "%d.%m.%Y %H:%M"}
FLAGS = {True: "да", False: "нет"}

#: leads of a stage that a board shows
MOST_SHOWN = 20


def routes(account: Account) -> Blueprint:
    """The pages of one account."""
    blueprint = Blueprint("page", __name__)

    @blueprint.get("/")
    def index() -> str:
        return render(account, account.main_pipeline.id)

    @blueprint.get("/leads/")
    @blueprint.get("/leads/pipeline/")
    def leads() -> Response:
        return redirect("/")

    @blueprint.get("/leads/pipeline/<int:pipeline_id>/")
    def board(pipeline_id: int) -> str:
        return render(account, pipeline_id)

    @blueprint.get("/leads/detail/<int:lead_id>")
    def card(lead_id: int) -> str:
        lead = account.records[LEADS].get(lead_id)
        if lead is None or lead.is_deleted:
            abort(404)
        return render(account, lead.own["pipeline_id"], lead)

    return blueprint


def render(account: Account, pipeline_id: int, lead: Record | None = None) -> str:
    """One page: a pipeline with the dictionaries below it, or a lead."""
    with account.lock:
        if pipeline_id not in account.pipelines:
            abort(404)
        pipeline = account.pipelines[pipeline_id]
        about = card_of(account, lead) if lead else {}
        return render_template("sandbox/amocrm.html", **view(account, pipeline), lead=lead, card=about)


def view(account: Account, pipeline: Pipeline) -> dict[str, Any]:
    """What the template shows beside a lead."""
    leads = [lead for lead in account.records[LEADS].values() if not lead.is_deleted]
    counts = {each: sum(lead.own["pipeline_id"] == each for lead in leads) for each in account.pipelines}
    names = {each.id: each.name for each in account.ordered_pipelines}
    return {
        "account": account,
        "pipelines": account.ordered_pipelines,
        "counts": counts,
        "current": pipeline,
        "columns": _columns(account, pipeline, leads),
        "field_lists": [
            ("Поля сделки", tabs(account, LEADS, names)),
            ("Поля контакта", tabs(account, CONTACTS, names)),
        ],
        "loss_reasons": sorted(account.loss_reasons.values(), key=lambda each: (each.sort, each.id)),
        "tags": [("Теги сделок", account.tags[LEADS].values()), ("Теги контактов", account.tags[CONTACTS].values())],
        "webhooks": account.webhooks.values(),
        "sources": [(source, names.get(source.pipeline_id, "")) for source in account.sources.values()],
        "users": account.users.values(),
        "most": MOST_SHOWN,
    }


def tabs(account: Account, entity: str, pipelines: dict[int, str]) -> list[dict[str, Any]]:
    """The tabs of a card with their fields; the predefined ones of tracking are only counted."""
    rows = []
    for group in sorted(account.groups[entity].values(), key=lambda each: each.sort):
        fields = [field for field in account.fields_of(entity) if (field.group_id or MAIN_GROUP) == group.id]
        own = [_field(account, field, pipelines) for field in fields if field.type != "tracking_data"]
        rows.append({"group": group, "fields": own, "tracking": len(fields) - len(own)})
    return rows


def card_of(account: Account, lead: Record) -> dict[str, Any]:
    """What the card of a lead says, tab by tab."""
    contacts = linked(account, lead, CONTACTS)
    companies = linked(account, lead, COMPANIES)
    reason = account.loss_reasons.get(lead.own["loss_reason_id"] or 0)
    user = account.users.get(lead.responsible_user_id)
    tabs_of = []
    for group in sorted(account.groups[LEADS].values(), key=lambda each: each.sort):
        fields = [field for field in account.fields_of(LEADS) if (field.group_id or MAIN_GROUP) == group.id]
        rows = [
            (field.name, _text(field, lead)) for field in fields if field.type != "tracking_data" or _text(field, lead)
        ]
        tabs_of.append((group.name, rows))
    return {
        "tabs": tabs_of,
        "price": f"{lead.own['price']:,}".replace(",", " ") + " ₽",
        "responsible": user.name if user else "—",
        "reason": reason.name if reason else "",
        "tags": [account.tags[LEADS][number] for number in lead.tags],
        "contacts": [_person(account, account.records[CONTACTS][number]) for number in contacts],
        "companies": [account.records[COMPANIES][number].own["name"] for number in companies],
        "notes": [note for note in account.notes.values() if (note.entity, note.entity_id) == (LEADS, lead.id)],
        "tasks": [task for task in account.tasks.values() if (task.entity_type, task.entity_id) == (LEADS, lead.id)],
    }


def _columns(account: Account, pipeline: Pipeline, leads: list[Record]) -> list[dict[str, Any]]:
    names = {number: record.own["name"] for number, record in account.records[CONTACTS].items()}
    columns = []
    for status in pipeline.ordered:
        place = (pipeline.id, status.id)
        held = [lead for lead in leads if (lead.own["pipeline_id"], lead.own["status_id"]) == place]
        rows = [
            {"lead": lead, "who": ", ".join(names[number] for number in linked(account, lead, CONTACTS))}
            for lead in held[:MOST_SHOWN]
        ]
        total = f"{sum(lead.own['price'] or 0 for lead in held):,}".replace(",", " ")
        columns.append(
            {"status": status, "kind": KINDS.get(status.id, ""), "rows": rows, "count": len(held), "total": total}
        )
    return columns


def _field(account: Account, field: CustomField, pipelines: dict[int, str]) -> dict[str, Any]:
    stages = []
    for pair in field.required_statuses:
        status = account.pipelines[pair["pipeline_id"]].statuses[pair["status_id"]]
        stages.append(f"{pipelines[pair['pipeline_id']]} → {status.name}")
    options = sorted(field.enums.values(), key=lambda each: (each.sort, each.id))
    return {
        "field": field,
        "type": TYPES.get(field.type, field.type),
        "options": [option.value for option in options],
        "stages": stages,
    }


def _text(field: CustomField, record: Record) -> str:
    return ", ".join(_word(field, each) for each in shown(field, record.values.get(field.id, [])))


def _word(field: CustomField, each: dict[str, Any]) -> str:
    value = each.get("value", each.get("catalog_element_id"))
    if field.type in MOMENTS:
        return datetime.fromtimestamp(int(value or 0), ZONE).strftime(MOMENTS[field.type])
    if isinstance(value, bool):
        return FLAGS[value]
    return str(value.get("name") or value.get("file_name", "")) if isinstance(value, dict) else str(value)


def _person(account: Account, contact: Record) -> dict[str, Any]:
    fields = account.fields[CONTACTS]
    filled = [(fields[number].name, _text(fields[number], contact)) for number in contact.values if number in fields]
    return {"name": contact.own["name"], "fields": filled}
