"""A rule in the words of the portal's automation: chains of robots on stages, or a trigger. Pure. Raises :class:`Unsaid`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.bitrix24.native import asking, phrases, shapes, steps, words
from widget_backend.crm.bitrix24.native.asking import Item
from widget_backend.crm.bitrix24.native.steps import Robot
from widget_backend.crm.bitrix24.native.unsaid import Unsaid, gathered
from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.crm.native import Ground, Saying
from widget_backend.robots.rule import Rule, Trigger
from widget_backend.texts import Text

#: what a rule may wait for at a stage, and which of it is a wait
_ON_STAGE: Final = frozenset({"entered", "stuck", "before", "after", "reached"})
_WAITS: Final = _ON_STAGE - {"entered"}
_DATED: Final = _WAITS - {"stuck"}


@dataclass(frozen=True, slots=True)
class Chain:
    """What a rule does at one stage: wait (the properties of a pause), ask, act."""

    key: str
    name: str
    stage: ChartStage
    wait: Mapping[str, Any] | None
    asks: tuple[Item, ...]
    robots: tuple[Robot, ...]

    @property
    def moves(self) -> bool:
        """Whether it ends the robots of its stage."""
        return any(robot.moves for robot in self.robots)


@dataclass(frozen=True, slots=True)
class Signal:
    """A trigger that moves deals to ``stage``. ``rules``: its ``APPLY_RULES``."""

    key: str
    name: str
    code: str
    stage: ChartStage
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A rule as the portal says it."""

    chains: tuple[Chain, ...] = ()
    signals: tuple[Signal, ...] = ()
    remarks: tuple[Text, ...] = ()


def said(rule: Rule, ground: Ground) -> Said:
    """The whole rule. Raises :class:`Unsaid` with all reasons at once."""
    if rule.when.on == "changed":
        return _triggered(rule, ground)
    if rule.when.on not in _ON_STAGE:
        raise Unsaid(words.TRIGGERS[rule.when.on])
    places = list(_places(rule.when, ground.chart))
    if not places:
        raise Unsaid(words.NO_STAGE)
    if rule.when.on in _DATED and len(places) > 1:
        raise Unsaid(words.ONE_STAGE)
    chains = gathered((lambda p=place: _chain(rule, p, ground)) for place in places)  # type: ignore[misc]
    return Said(tuple(chains), (), _remarks(rule, chains))


def outlook(rule: Rule, ground: Ground) -> Saying:
    """Which ways there are for a rule, and why there are none."""
    try:
        found = said(rule, ground)
    except Unsaid as unsaid:
        return Saying(rule.key, reasons=unsaid.reasons)
    if rule.when.on in _WAITS and len(found.chains) == 1:
        return Saying(rule.key, ("flow", "robots"), found.remarks)
    return Saying(rule.key, ("robots",), found.remarks)


def _places(when: Trigger, chart: Chart) -> Iterator[ChartStage]:
    named = set(when.stages)
    for place in chart.stages:
        if not named.isdisjoint({"any", place.kind, place.address, place.pipeline} - {""}):
            yield place


def _chain(rule: Rule, place: ChartStage, ground: Ground) -> Chain:
    parts: list[Any] = gathered(
        [
            lambda: phrases.spoken(rule.name, ground.chart),
            lambda: _wait(rule.when, ground.chart),
            lambda: asking.asked(rule.conditions, ground.chart),
            lambda: _robots(rule, place, ground),
        ]
    )
    name, (wait, guard), asks, robots = parts
    if guard and not asking.is_free(asks):
        raise Unsaid(words.MIXED)
    if asking.fields_of(asks) & {robot.wrote for robot in robots[:-1]}:
        raise Unsaid(words.CHANGES_ITSELF)
    return Chain(rule.key, name, place, wait, (*guard, *asks), robots)


def _robots(rule: Rule, place: ChartStage, ground: Ground) -> tuple[Robot, ...]:
    robots = gathered((lambda s=step: steps.robot(s, place, ground)) for step in rule.do)  # type: ignore[misc]
    if any(robot.moves for robot in robots[:-1]):
        raise Unsaid(words.MOVES_ON)
    return tuple(robots)


def _wait(when: Trigger, chart: Chart) -> tuple[Mapping[str, Any] | None, tuple[Item, ...]]:
    """The pause before a rule's robots, and what must hold for it to mean anything."""
    if when.on == "entered":
        return None, ()
    if when.on == "stuck":
        return _until(phrases.shifted(shapes.NOW, when.span, working=when.working_hours)), ()
    dated = phrases.field(chart, when.field)
    base = phrases.moment(dated)
    if when.on == "reached":
        return _until(base), (asking.is_filled(dated),)
    sign = "-" if when.on == "before" else ""
    return _until(phrases.shifted(base, when.span, sign)), (asking.is_filled(dated),)


def _until(moment: str) -> Mapping[str, Any]:
    return {"TimeoutTimeIsLocal": "N", "TimeoutTime": moment}


def _triggered(rule: Rule, ground: Ground) -> Said:
    """The portal's trigger for a changed field moves the deal, and no more."""
    when, chart = rule.when, ground.chart
    if [step.action for step in rule.do] != ["move_deal"] or rule.conditions:
        raise Unsaid(words.ONLY_MOVE)
    to, watched = phrases.stage(chart, rule.do[0].to), phrases.field(chart, when.field)
    places = list(_places(when, chart)) if when.stages else [s for s in chart.stages if s.kind == "open"]
    origins = [place for place in places if place.id != to.id]
    if not origins or any(place.pipeline_id != to.pipeline_id for place in origins):
        raise Unsaid(words.ONLY_MOVE)
    asks = [part for place in origins for part in ({**_PLACE, "value": place.id}, "OR")]
    rules = {
        "fields": [phrases.code(watched)],
        "ALLOW_BACKWARDS": "Y",
        "Condition": {"type": "field", "items": [asks[n : n + 2] for n in range(0, len(asks), 2)]},
    }
    signal = Signal(rule.key, phrases.spoken(rule.name, chart), "FIELD_CHANGED", to, rules)
    return Said((), (signal,))


_PLACE: Final[Mapping[str, str]] = {"field": "STAGE_ID", "operator": "="}


def _remarks(rule: Rule, chains: Sequence[Chain]) -> tuple[Text, ...]:
    found = [remark for chain in chains for robot in chain.robots for remark in robot.remarks]
    if rule.when.on == "stuck" and rule.when.working_hours:
        found.append(words.PORTAL_HOURS)
    if rule.when.on in _DATED:
        found.append(words.DATE_AT_ENTRY)
    return tuple(dict.fromkeys(found))
