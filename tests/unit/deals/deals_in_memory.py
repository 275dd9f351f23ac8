"""A small clinic: two pipelines, a few fields, one patient with a deal; and its CRM in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from records_in_memory import MemoryRecords

from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.crm.records import Contact, Deal, Note, Product, Task
from widget_backend.db import Database
from widget_backend.deals.clinic import Clinic
from widget_backend.tenancy import installations

VISITS, BASE, COORD = "10", "20", "30"
STAGES = (
    ChartStage("stage.visits.new", "11", "pipeline.visits", VISITS, "open", "Новая заявка", 1),
    ChartStage("stage.visits.booked", "12", "pipeline.visits", VISITS, "open", "Запись сформирована", 2),
    ChartStage("stage.visits.came", "13", "pipeline.visits", VISITS, "won", "Пациент пришёл", 3),
    ChartStage("stage.visits.missed", "14", "pipeline.visits", VISITS, "lost", "Пациент не пришёл", 4),
    ChartStage("stage.base.base", "21", "pipeline.base", BASE, "open", "База пациентов", 1),
    ChartStage("stage.base.ready", "22", "pipeline.base", BASE, "won", "Подбираем время", 2),
    ChartStage("stage.base.refused", "23", "pipeline.base", BASE, "lost", "Отказ", 3),
    ChartStage("stage.coord.new", "31", "pipeline.coord", COORD, "open", "База на проработку", 1),
    ChartStage("", "32", "pipeline.coord", COORD, "open", "Свой этап", 2),
    ChartStage("stage.coord.refused", "33", "pipeline.coord", COORD, "lost", "Отказ", 3),
)
CLOSED = frozenset(stage.id for stage in STAGES if stage.kind != "open")
BRANCHES = (Option("north", "Север", "501"), Option("south", "Юг", "502"))
REASONS = (Option("expensive", "Дорого", "601"), Option("time", "Неудобное время", "602"))
FIELDS = (
    ChartField("field.deal.branch", "UF_1", "list", "Филиал", options=BRANCHES),
    ChartField("field.deal.other_branch", "UF_2", "list", "Другой филиал", options=BRANCHES[1:]),
    ChartField("field.deal.branches", "UF_3", "list", "Филиалы", multiple=True, options=BRANCHES),
    ChartField("field.deal.visit_at", "UF_4", "datetime", "Дата записи", required_at=("stage.visits.booked",)),
    ChartField("field.deal.doctor", "UF_5", "text", "Врач"),
    ChartField("field.deal.comment", "COMMENTS", "long_text", "Комментарий", system=True),
    ChartField("field.deal.link", "UF_6", "url", "Ссылка"),
    ChartField("field.deal.paid", "UF_7", "money", "Оплачено"),
    ChartField("field.deal.due", "UF_8", "money", "К оплате"),
    ChartField("field.deal.visits", "UF_9", "number", "Визитов"),
    ChartField("field.deal.urgent", "UF_10", "boolean", "Срочно"),
    ChartField("field.deal.loss_reason", "UF_11", "list", "Причина отказа", options=REASONS),
    ChartField("field.deal.at_visits_new", "UF_12", "date", "Дата: Приемы / Новая заявка"),
    ChartField("field.deal.at_base_base", "UF_13", "date", "Дата: База / База пациентов"),
    ChartField("field.contact.birth_date", "BIRTHDATE", "date", "Дата рождения", system=True),
)
CHART = Chart(
    "ru",
    STAGES,
    (
        ChartPipeline("pipeline.visits", VISITS, "Приемы", 1),
        ChartPipeline("pipeline.base", BASE, "База пациентов", 2),
        ChartPipeline("pipeline.coord", COORD, "Координаторы", 3),
    ),
    FIELDS,
    {"task_type.call": "7"},
    "RUB",
)
DEAL = Deal(
    "759",
    "Приём: Иванова",
    VISITS,
    "13",
    contacts=("301", "302"),
    responsible="5",
    amount=1200000,
    currency="RUB",
    company="401",
    observers=("8",),
    tags=("сайт",),
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    fields={
        "field.deal.branch": "north",
        "field.deal.visit_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "field.deal.doctor": "Петров",
        "field.deal.at_visits_new": date(2026, 11, 1),
        "field.deal.comment": None,
    },
    own={"UF_CRM_OWN": "своё"},
)
GOODS = (Product({"name": "Осмотр", "price": 12000}),)


class BOOK:
    """What the clinic's CRM holds in the morning."""

    @staticmethod
    def crm() -> MemoryRecords:
        return MemoryRecords(
            closed=CLOSED,
            deals={DEAL.id: DEAL},
            contacts={"301": Contact("301", "Иванова Мария"), "302": Contact("302", "Иванов Пётр")},
            tasks={
                "51": Task("51", "759", "Перезвонить\nУзнать о снимке", "5", datetime(2026, 11, 26, 9, tzinfo=UTC), "7")
            },
            notes={"61": Note("61", "759", "Просила утром", datetime(2026, 11, 2, 9, tzinfo=UTC))},
            goods={"759": GOODS},
        )


def clinic_of(database: Database, records: MemoryRecords, name: str, **settings: Any) -> Clinic:
    """An installed clinic, over these records."""
    with database.transaction() as session:
        number = installations.ensure(session, "bitrix24", name, f"{name}.example")
    return opened(number, database, records, settings)


def opened(number: int, database: Database, records: MemoryRecords, settings: Mapping[str, Any]) -> Clinic:
    zone = ZoneInfo("Europe/Moscow")
    hours = ("mon-fri 09:00-20:00",)
    return Clinic(number, "bitrix24", "ru", zone, hours, (), "1", CHART, records, database, settings)
