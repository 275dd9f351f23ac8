"""Clinics whose enquiries are routed: the stages of a whole preset, a team at the front desk, and a CRM in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from records_in_memory import MemoryRecords

from installer import preset
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.crm.records import Contact, Deal
from widget_backend.db import Database
from widget_backend.deals.clinic import Clinic, Member
from widget_backend.tenancy import installations

ALWAYS = ("mon-sun 00:00-24:00",)
PHONE = "+79005550101"
OLGA, VERA, NINA = "11", "12", "13"
TEAM = (Member(OLGA, roles=("administrator",)), Member(VERA, roles=("administrator",)))
KINDS = (Option("primary", "Первичный", "71"), Option("repeat", "Повторный", "72"))
FIELDS = (
    ChartField("field.deal.visit_type", "UF_TYPE", "list", "Тип приема", options=KINDS),
    ChartField("field.deal.visit_at", "UF_AT", "datetime", "Дата и время записи"),
    ChartField(
        "field.deal.loss_reason", "UF_LOSS", "list", "Причина отказа", options=(Option("duplicate", "Дубль", "81"),)
    ),
    ChartField("field.contact.visit_count", "UF_COUNT", "number", "Количество визитов"),
    ChartField("field.contact.completed_visits", "UF_DONE", "number", "Завершено"),
    ChartField("field.contact.last_visit", "UF_LAST", "date", "Дата последнего визита"),
    ChartField("field.contact.birth_date", "BIRTHDATE", "date", "Дата рождения", system=True),
    ChartField("field.contact.ident_number", "UF_IDENT", "text", "Номер пациента в IDENT"),
)


@cache
def chart_of(key: str) -> Chart:
    """Every pipeline of the preset, switched on."""
    pipelines = preset.find(key).pipelines
    return Chart(
        "ru",
        tuple(_stages(key)),
        tuple(ChartPipeline(one.address, str(n * 10), one.name.ru, n) for n, one in enumerate(pipelines, 1)),
        FIELDS,
        {"task_type.contact": "7"},
        "RUB",
    )


def _stages(key: str) -> Iterator[ChartStage]:
    for n, one in enumerate(preset.find(key).pipelines, 1):
        for position, stage in enumerate(one.stages, 1):
            address = one.stage_address(stage)
            yield ChartStage(
                address, f"{n * 10}:{stage.key}", one.address, str(n * 10), stage.kind, stage.name.ru, position
            )


def crm_of(key: str) -> MemoryRecords:
    return MemoryRecords(closed=frozenset(stage.id for stage in chart_of(key).stages if stage.kind != "open"))


def clinic_of(
    database: Database,
    crm: MemoryRecords,
    key: str,
    name: str = "boris",
    team: tuple[Member, ...] = TEAM,
    **settings: Any,
) -> Clinic:
    """An installed clinic that works round the clock."""
    with database.transaction() as session:
        number = installations.ensure(session, "bitrix24", name, f"{name}.example")
    zone = ZoneInfo("Europe/Moscow")
    return Clinic(number, "bitrix24", "ru", zone, ALWAYS, team, "1", chart_of(key), crm, database, settings)


def contact(number: str, name: str = "", phone: str = PHONE, born: date | None = None, **fields: Any) -> Contact:
    """Somebody with a phone; ``fields``: «visit_count» and the like."""
    told = {
        f"field.contact.{key}": Decimal(value) if isinstance(value, int) else value for key, value in fields.items()
    }
    return Contact(number, name, (phone,) if phone else (), fields={"field.contact.birth_date": born, **told})


def deal(key: str, number: str, stage: str, patient: str = "", **more: Any) -> Deal:
    """A deal of the preset at this stage (address)."""
    at = chart_of(key).stage[stage]
    return Deal(
        number,
        f"Сделка {number}",
        at.pipeline_id,
        at.id,
        contacts=(patient,) if patient else (),
        responsible="1",
        created_at=datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=int(number)),
        **more,
    )


def comes(crm: MemoryRecords, *these: Deal | Contact) -> None:
    """Put these into the CRM."""
    for one in these:
        kept: dict[str, Any] = crm.deals if isinstance(one, Deal) else crm.contacts  # type: ignore[assignment]
        kept[one.id] = one


def stands(clinic: Clinic, crm: MemoryRecords, number: str) -> str:
    """The address of the stage a deal is at."""
    return clinic.chart.stage_of_id[crm.deals[number].stage].address


def moved(clinic: Clinic, crm: MemoryRecords, number: str, stage: str) -> None:
    """Somebody drags the card."""
    at = clinic.chart.stage[stage]
    crm.deals[number] = replace(crm.deals[number], stage=at.id, pipeline=at.pipeline_id)
