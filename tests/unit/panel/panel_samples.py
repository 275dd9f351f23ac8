"""What is known of a deal, made up: two pipelines, and whatever a test adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from widget_backend.crm.chart import Chart, ChartPipeline, ChartStage
from widget_backend.deals.copying.lineage import Copy, Family
from widget_backend.deals.deal_state import DealState
from widget_backend.deals.routing import Decision, Routed
from widget_backend.deals.stage_history import Transition
from widget_backend.panel.known import Known
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.robots.rules import Entry, Rulebook
from widget_backend.robots.timers import Timer
from widget_backend.texts import Text

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")


def stage(address: str, number: int, name: str, kind: str = "open") -> ChartStage:
    pipeline = address.split(".")[1]
    return ChartStage(address, f"{pipeline}:{number}", f"pipeline.{pipeline}", pipeline, kind, name, number)


CHART = Chart(
    stages=(
        stage("stage.visits.new", 1, "Новая заявка"),
        stage("stage.visits.taken", 2, "Взяли в работу"),
        stage("stage.visits.came", 3, "Пациент пришёл", "won"),
        stage("stage.visits.missed", 4, "Не пришёл", "lost"),
        stage("stage.base.base", 1, "База"),
        stage("stage.base.attention", 2, "Требует внимания"),
        stage("stage.coord.new", 1, "Новый пациент"),
    ),
    pipelines=(
        ChartPipeline("pipeline.visits", "visits", "Приемы", 1),
        ChartPipeline("pipeline.base", "base", "База пациентов", 2),
        ChartPipeline("pipeline.coord", "coord", "Координаторы", 3),
        ChartPipeline("", "own", "Своя воронка", 4),
    ),
)


def at(minutes: int) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def state(deal: str, where: str, kind: str = "open", *, gone: bool = False) -> DealState:
    here = CHART.stage[where]
    return DealState(deal, here.pipeline_id, here.id, kind, ("501",), "7", at(5), at(5), at(5), NOW, gone)


def step(number: int, to: str, minutes: int, **values: Any) -> Transition:
    return Transition(
        number, "759", "moved", values.pop("from_stage", ""), CHART.stage[to].id, "", at(minutes), **values
    )


def tie(number: int, source: str, deal: str, minutes: int = 3, **values: Any) -> Copy:
    made = Copy(
        *(number, source, "stage.coord.new", "panel:1", "copy:1", "done", "copied", deal, "501"),
        *("stage.visits.came", "pipeline.visits", (), 0, "7", at(minutes), at(minutes)),
    )
    return replace(made, **values)


def decision(kind: Any = "repeat", to: str = "", reason: str = "Повторный: визитов 2.") -> Decision:
    said = Text(reason, "Repeat: 2 visits.")
    return Decision(1, Routed(kind, to, "7", said, {}, "counter", "", "759"), "t:1", at(4))


def entry(key: str, on: str, *stages: str, off: bool = False, paused: Text | None = None) -> Entry:
    name = Text(f"Правило {key}", f"Rule {key}")
    return Entry(1, Rule(key, name, Trigger(on, stages), (Step("notify"),)), "preset", "1", off, paused)


def timer(rule: str, minutes: int) -> Timer:
    return Timer(1, "759", rule, NOW, NOW + timedelta(minutes=minutes), False)


def family(*ties: Copy) -> Family:
    return Family(tuple(dict.fromkeys(name for one in ties for name in (one.source, one.deal))), ties)


def known(*states: DealState, **values: Any) -> Known:
    """Deal 759, which stands where ``states`` say."""
    bare = Known(
        *("759", NOW, ZONE, CHART, {one.deal: one for one in states}, (), Family(("759",), ()), (), (), {}, ()),
        *(Rulebook(), {"7": "Ирина Орлова"}),
    )
    return replace(bare, **values)
