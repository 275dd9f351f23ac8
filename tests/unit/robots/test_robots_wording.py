"""A rule in sentences, with the account's own names."""

from __future__ import annotations

from typing import Any

import pytest

from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.robots import wording
from widget_backend.robots.rule import Condition, Rule, Step, TaskTemplate, Trigger
from widget_backend.texts import Text

CHART = Chart(
    stages=tuple(
        ChartStage(f"stage.visits.{key}", f"1:{number}", "pipeline.visits", "1", kind, name, number)
        for number, (key, kind, name) in enumerate(
            [
                ("new", "open", "Заявка"),
                ("taken", "open", "В работе"),
                ("came", "won", "Пришёл"),
                ("lost", "lost", "Нет"),
            ]
        )
    ),
    pipelines=(ChartPipeline("pipeline.visits", "1", "Приемы", 1),),
    fields=(ChartField("field.deal.visit_at", "UF_1", "datetime", "Визит"),),
)
CALL = TaskTemplate("call", Text("Позвонить", "Call"), Text("", ""), "1h", who="head")
TASKS = {"task.call": CALL}


def test_a_rule_is_said_with_the_names_of_the_account() -> None:
    rule = Rule(
        "call",
        Text("Звонок", "Call"),
        Trigger("stuck", ("stage.visits.new",), span="2h"),
        (Step("create_task", task="task.call"), Step("move_deal", to="stage.visits.taken")),
        (Condition("patient.is_primary", value=True),),
    )

    said = wording.said(rule, CHART, TASKS)

    assert said.when.ru == "когда сделка стоит дольше 2 рабочих часа на: «Заявка» (Приемы)"
    assert [one.ru for one in said.asks] == ["пациент первичный"]
    assert [one.ru for one in said.does] == [
        "поставить задачу «Позвонить» (исполнитель: руководитель)",
        "перевести сделку на «В работе» (Приемы)",
    ]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (["any"], "любой этап"),
        (["pipeline.visits"], "любой этап воронки «Приемы»"),
        (["stage.visits.new", "stage.visits.taken"], "любой рабочий этап воронки «Приемы»"),
        (["stage.visits.came", "stage.visits.new"], "«Заявка», «Пришёл» (Приемы)"),
        (["stage.visits.gone"], "«stage.visits.gone»"),
    ],
)
def test_stages_are_said_in_as_few_words_as_can_be(stages: list[str], said: str) -> None:
    assert wording.places(stages, CHART).ru == said


@pytest.mark.parametrize(
    ("span", "russian", "english"),
    [("1m", "1 минута", "1 minute"), ("3h", "3 часа", "3 hours"), ("11d", "11 дней", "11 days"), ("", "", "")],
)
def test_a_span_is_said_with_the_right_form(span: str, russian: str, english: str) -> None:
    said = wording.span(span)

    assert (said.ru, said.en) == (russian, english)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            {"action": "set_field", "field": "field.deal.visit_at", "value": "today"},
            "записать в «Визит» сегодняшнюю дату",
        ),
        ({"action": "copy_deal", "to": "origin"}, "скопировать сделку на воронку, откуда она пришла"),
        ({"action": "close_tasks"}, "закрыть открытые задачи сделки"),
    ],
)
def test_an_action_is_said(step: dict[str, Any], said: str) -> None:
    assert wording.step(Step(**step), CHART, TASKS).ru == said
