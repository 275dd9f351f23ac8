"""Matching: which rules answer a happening of a deal. Pure.

A transition is judged by its own stage, whatever the deal did since; all else by the stage the deal stands at.
"""

from __future__ import annotations

from collections.abc import Iterable

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.crm.records import Deal
from widget_backend.robots.happenings import (
    Called,
    Changed,
    Created,
    Due,
    Entered,
    Happening,
    Incoming,
    Left,
    Pressed,
    Reported,
)
from widget_backend.robots.rule import Rule, Trigger

#: triggers whose moment a timer keeps
TIMED = frozenset({"stuck", "before", "after", "reached"})


def match(rules: Iterable[Rule], happening: Happening, deal: Deal, chart: Chart) -> tuple[Rule, ...]:
    """The rules that answer, in the order of ``rules``."""
    place = chart.stage_of_id.get(stage_of(happening, deal))
    return tuple(rule for rule in rules if _answers(rule, happening) and covers(rule.when, place))


def stage_of(happening: Happening, deal: Deal) -> str:
    """The stage a happening is about."""
    return happening.stage if isinstance(happening, Created | Entered | Left) else deal.stage


def covers(when: Trigger, place: ChartStage | None) -> bool:
    """Whether a stage is among those the trigger names; one that names none takes any."""
    if not when.stages:
        return True
    return place is not None and not {"any", place.kind, place.address, place.pipeline}.isdisjoint(when.stages)


def _answers(rule: Rule, happening: Happening) -> bool:
    when = rule.when
    match happening:
        case Due():
            return when.on in TIMED and rule.key == happening.rule
        case Changed():
            return when.on == "changed" and when.field == happening.field
        case Incoming():
            return when.on == "incoming" and happening.channel in when.channels
        case Pressed():
            return when.on == "button" and when.label is not None and when.label.ru == happening.label
        case Called():
            return when.on == "robot" and when.robot.removeprefix("robot.") == happening.robot
        case Reported():
            return when.on == "mis" and when.fact == happening.fact
        case _:
            return when.on == happening.on
