"""Deals, contacts and what hangs on them, as Alice's account tells them, and the chart to read them by. No real people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from widget_backend.crm.asking import Want
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.crm.port import Records

T = TypeVar("T")

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STAMP = int(AT.timestamp())

NEW, TAKEN, WON, LOST = "9001:70002", "9001:70003", "9001:142", "9001:143"
BASE = "9002:70020"
MARKER_ID = 99

FIELDS = (
    ChartField("field.deal.title", "name", "text", "Название", system=True),
    ChartField("field.deal.amount", "price", "money", "Сумма", system=True),
    ChartField("field.deal.client", "contacts", "text", "Клиент", system=True),
    ChartField("field.deal.responsible", "responsible_user_id", "text", "Ответственный", system=True),
    ChartField("field.deal.utm", "tracking_data", "text", "UTM-метки", system=True),
    ChartField("field.deal.loss_reason", "loss_reason_id", "list", "Причина отказа", system=True),
    ChartField(
        "field.deal.branch",
        "31",
        "list",
        "Филиал",
        options=(Option("north", "Северный", "3101"), Option("south", "Южный", "3102")),
    ),
    ChartField(
        "field.deal.services",
        "32",
        "list",
        "Услуги",
        multiple=True,
        options=(Option("cleaning", "Гигиена", "3201"), Option("implant", "Имплантация", "3202")),
    ),
    ChartField("field.deal.visit_at", "33", "datetime", "Дата и время записи"),
    ChartField("field.deal.doctor", "34", "text", "Врач"),
    ChartField("field.deal.at_came", "35", "date", "Дата: Пациент пришёл"),
    ChartField("field.deal.plan_sum", "36", "money", "Сумма плана"),
    ChartField("field.deal.score", "37", "number", "Оценка"),
    ChartField("field.deal.urgent", "38", "boolean", "Срочно"),
    ChartField("field.deal.gone", "", "text", "Удалённое поле"),
    ChartField("field.contact.last_name", "last_name", "text", "Фамилия", system=True),
    ChartField("field.contact.first_name", "first_name", "text", "Имя", system=True),
    ChartField("field.contact.phone", "PHONE", "text", "Телефон", system=True),
    ChartField("field.contact.email", "EMAIL", "text", "E-mail", system=True),
    ChartField("field.contact.responsible", "responsible_user_id", "text", "Ответственный", system=True),
    ChartField("field.contact.visit_count", "41", "number", "Количество визитов"),
    ChartField("field.contact.in_treatment", "42", "boolean", "На лечении"),
)
MARKER_FIELD = ChartField("field.deal.copy_of", str(MARKER_ID), "text", "Откуда копия")

#: an account whose preset has no field for markers
BARE = Chart(
    "ru",
    (
        ChartStage("stage.visits.new", NEW, "pipeline.visits", "9001", "open", "Новая заявка", 1),
        ChartStage("stage.visits.taken", TAKEN, "pipeline.visits", "9001", "open", "Взято в работу", 2),
        ChartStage("stage.visits.came", WON, "pipeline.visits", "9001", "won", "Пациент пришёл", 3),
        ChartStage("stage.visits.missed", LOST, "pipeline.visits", "9001", "lost", "Не пришёл", 4),
        ChartStage("stage.base.base", BASE, "pipeline.base", "9002", "open", "База пациентов", 1),
    ),
    (ChartPipeline("pipeline.visits", "9001", "Приемы"), ChartPipeline("pipeline.base", "9002", "База пациентов")),
    FIELDS,
    {"loss_reason.expensive": "5001", "task_type.confirm": "9101", "source.site": "6001"},
    "RUB",
)
CHART = Chart(BARE.language, BARE.stages, BARE.pipelines, (*FIELDS, MARKER_FIELD), BARE.names, BARE.currency)


def value(field_id: int, *items: Any, kind: str = "text", name: str = "", code: str | None = None, **more: Any) -> Any:
    """One filled field of a row; an item that is no map is its value."""
    values = [item if isinstance(item, dict) else {"value": item} for item in items]
    named = {"field_id": field_id, "field_name": name or f"поле {field_id}", "field_code": code, "field_type": kind}
    return {**named, "is_computed": False, "values": values, **more}


def enum(enum_id: int, label: str = "вариант") -> dict[str, Any]:
    return {"value": label, "enum_id": enum_id, "enum_code": None}


def lead(number: int, stage: str = NEW, values: Any = None, inside: Any = None, **more: Any) -> dict[str, Any]:
    pipeline, _, status = stage.partition(":")
    return {
        "id": number,
        "name": "Анна Берёзкина",
        "price": 4500,
        "responsible_user_id": 500,
        "group_id": 0,
        "status_id": int(status),
        "pipeline_id": int(pipeline),
        "loss_reason_id": None,
        "created_by": 500,
        "updated_by": 500,
        "created_at": STAMP - 3600,
        "updated_at": STAMP,
        "closed_at": None,
        "is_deleted": False,
        "custom_fields_values": values,
        "account_id": 777001,
        "_embedded": {"tags": [], "companies": [], "contacts": [{"id": 301, "is_main": True}], **(inside or {})},
        **more,
    }


def person(number: int, *phones: str, leads: tuple[int, ...] = (), values: Any = (), **more: Any) -> dict[str, Any]:
    items = [{"value": phone, "enum_id": 1, "enum_code": "WORK"} for phone in phones]
    listed = [value(21, *items, kind="multitext", code="PHONE")] if items else []
    return {
        "id": number,
        "name": "Анна Берёзкина",
        "first_name": "Анна",
        "last_name": "Берёзкина",
        "responsible_user_id": 500,
        "updated_at": STAMP,
        "custom_fields_values": [*listed, *values] or None,
        "_embedded": {"tags": [], "companies": [], "leads": [{"id": one} for one in leads]},
        **more,
    }


def note(number: int, kind: str, entity: int = 101, **params: Any) -> dict[str, Any]:
    return {"id": number, "entity_id": entity, "note_type": kind, "params": params, "created_at": STAMP}


def task(number: int, deal: int = 101, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "entity_id": deal,
        "entity_type": "leads",
        "text": "Перезвонить",
        "responsible_user_id": 500,
        "complete_till": STAMP,
        "task_type_id": 9101,
        "is_completed": False,
        **more,
    }


def event(
    number: str, deal: int, kind: str, at: int, before: str = "", after: str = "", by: int = 500
) -> dict[str, Any]:
    def side(stage: str) -> list[dict[str, Any]]:
        pipeline, _, status = stage.partition(":")
        return [{"lead_status": {"id": int(status), "pipeline_id": int(pipeline)}}] if stage else []

    told = side(after) if kind == "lead_status_changed" else [{"note": {"id": 1}}]
    named = {"id": number, "type": kind, "entity_id": deal, "entity_type": "lead", "created_by": by, "created_at": at}
    return {**named, "value_after": told, "value_before": side(before)}


def ask(records: Records, want: Want[T]) -> T:
    """One question, and its answer."""
    return records.read(want)[want]
