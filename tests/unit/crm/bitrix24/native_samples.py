"""A portal's chart with its real ids, and rules that its robots are to say."""

from __future__ import annotations

from typing import Any

from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.crm.native import Ground
from widget_backend.robots.rule import Condition, Rule, Step, TaskTemplate, Trigger
from widget_backend.texts import Text

#: the default pipeline's codes have no prefix; 0 is a pipeline like others
STAGES = (
    ChartStage("stage.visits.new", "C5:NEW", "pipeline.visits", "5", "open", "Новая", 1),
    ChartStage("stage.visits.booked", "C5:DENT_BOOKED", "pipeline.visits", "5", "open", "Запись", 2),
    ChartStage("stage.visits.came", "C5:WON", "pipeline.visits", "5", "won", "Пришёл", 3),
    ChartStage("stage.base.base", "C9:NEW", "pipeline.base", "9", "open", "База", 1),
    ChartStage("", "NEW", "", "0", "open", "Чужая", 1),
)
PIPELINES = (
    ChartPipeline("pipeline.visits", "5", "Приемы", 1),
    ChartPipeline("pipeline.base", "9", "База пациентов", 2),
    ChartPipeline("", "0", "Общая", 3),
)
CHANNEL = (Option("site", "Сайт", "41"), Option("phone", "Телефон", "42"))
FIELDS = (
    ChartField("field.deal.at_new", "UF_CRM_DEAL_AT_NEW", "date", "Дата: Новая"),
    ChartField("field.deal.visit_at", "UF_CRM_DEAL_VISIT_AT", "datetime", "Дата визита"),
    ChartField("field.deal.channel", "UF_CRM_DEAL_CHANNEL", "list", "Канал", options=CHANNEL),
    ChartField("field.deal.theirs", "UF_CRM_1598", "list", "Их список", options=CHANNEL),
    ChartField("field.deal.urgent", "UF_CRM_DEAL_URGENT", "boolean", "Срочно"),
    ChartField("field.deal.budget", "UF_CRM_DEAL_BUDGET", "money", "Бюджет"),
    ChartField("field.deal.amount", "OPPORTUNITY_WITH_CURRENCY", "money", "Сумма", system=True),
    ChartField("field.deal.source", "SOURCE_ID", "list", "Источник", system=True),
    ChartField("field.contact.ltv", "UF_CRM_CONTACT_LTV", "money", "Выручка"),
)
CALL = TaskTemplate("call", Text("Позвонить", "Call"), Text("Позвоните пациенту", "Call the patient"), "4h")
TALK = TaskTemplate("talk", Text("Обсудить", "Talk"), Text("Обсудите план", "Talk it over"), "1d", who="head")
TASKS = {"task.call": CALL, "task.talk": TALK}
CLIENT = "app.6a1b2c3d4e5f60.12345678"


def chart(**changed: Any) -> Chart:
    names = {"robot.copy_deal": "copy_deal"}
    return Chart(
        **{"stages": STAGES, "pipelines": PIPELINES, "fields": FIELDS, "names": names, "currency": "RUB", **changed}
    )


def ground(**changed: Any) -> Ground:
    return Ground(**{"chart": chart(), "tasks": TASKS, "client": CLIENT, **changed})


def rule(
    *do: Step,
    on: str = "entered",
    stages: tuple[str, ...] = ("stage.visits.new",),
    conditions: tuple[Condition, ...] = (),
    key: str = "call",
    name: str = "Позвонить",
    **when: Any,
) -> Rule:
    return Rule(
        key, Text(name, "Call"), Trigger(on, stages, **when), do or (Step("create_task", task="task.call"),), conditions
    )


def note(ru: str = "Внимание") -> Step:
    return Step("add_note", text=Text(ru, "Look"))
