"""Wording: a rule in sentences, with the account's own names of stages and fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.robots import grammar, naming, sentences
from widget_backend.robots.rule import Rule, Scalar, Step, TaskTemplate, Trigger
from widget_backend.texts import Text

ALL_OF = Text("любой этап воронки «{pipeline}»", "any stage of “{pipeline}”")
OPEN_OF = Text("любой рабочий этап воронки «{pipeline}»", "any open stage of “{pipeline}”")
WHILE_AT = Text(" (сделка на: {stages})", " (the deal is at {stages})")
ORIGIN = Text("воронку, откуда она пришла", "the pipeline it came from")
ONCE = Text(", если открытой там ещё нет", ", unless one is open there already")
FOR = Text(" (исполнитель: {who})", " (for {who})")
FILLED = Text("; в новой сделке: {fields}", "; in the new deal: {fields}")
NO_WHOM = Text("ответственного", "the responsible person")
TASKS = Text("«{title}»", "“{title}”")

#: (one, two to four, five and more) in Russian; (one, more) in English
UNITS: Final[Mapping[str, tuple[tuple[str, str, str], tuple[str, str]]]] = {
    "m": (("минута", "минуты", "минут"), ("minute", "minutes")),
    "h": (("час", "часа", "часов"), ("hour", "hours")),
    "d": (("день", "дня", "дней"), ("day", "days")),
}
WORKING: Final[Mapping[str, tuple[tuple[str, str, str], tuple[str, str]]]] = {
    "m": (("рабочая минута", "рабочие минуты", "рабочих минут"), ("working minute", "working minutes")),
    "h": (("рабочий час", "рабочих часа", "рабочих часов"), ("working hour", "working hours")),
    "d": (("рабочий день", "рабочих дня", "рабочих дней"), ("working day", "working days")),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in sentences. ``asks``: each must hold; ``does``: in this order."""

    when: Text
    asks: tuple[Text, ...]
    does: tuple[Text, ...]


def said(rule: Rule, chart: Chart, tasks: Mapping[str, TaskTemplate]) -> Said:
    """``tasks``: the task templates of the clinic, by address."""
    return Said(
        trigger(rule.when, chart),
        tuple(sentences.condition(one, chart) for one in rule.conditions),
        tuple(step(one, chart, tasks) for one in rule.do),
    )


def trigger(when: Trigger, chart: Chart) -> Text:
    """What the rule waits for, as half a sentence."""
    shape, stages = grammar.TRIGGERS[when.on], places(when.stages, chart)
    words = shape.says.format(
        stages=stages,
        span=span(when.span, working=when.on == "stuck" and when.working_hours),
        channels=_listed([grammar.CHANNELS[one] for one in when.channels]),
        field=naming.field(chart, when.field),
        fact=grammar.MIS_FACTS.get(when.fact, when.fact),
        robot=when.robot.removeprefix("robot."),
        label=when.label or "",
    )
    return _joined(words, WHILE_AT.format(stages=stages)) if when.stages and "stages" in shape.may else words


def step(one: Step, chart: Chart, tasks: Mapping[str, TaskTemplate]) -> Text:
    """What is done, as half a sentence."""
    words = grammar.ACTIONS[one.action].says.format(
        to=ORIGIN if one.to == grammar.ORIGIN else places((one.to,), chart) if one.to else "",
        out_of=places(one.out_of, chart),
        whom=grammar.ROLES[one.who].whom if one.who else NO_WHOM,
        task=_task(one, tasks),
        field=naming.field(chart, one.field),
        value=value(one.value, one.field, chart),
        text=one.text or "",
        bot=one.bot,
        returns=_listed([_pair(name, value(given, "", chart)) for name, given in one.returns]),
    )
    filled = _listed([_pair(f"«{naming.field(chart, name)}»", value(given, name, chart)) for name, given in one.filled])
    words = _joined(words, ONCE) if one.once_per_patient else words
    return _joined(words, FILLED.format(fields=filled)) if one.filled else words


def places(addresses: Sequence[str], chart: Chart) -> Text:
    """Stages by pipeline: «Новая заявка», «Взято в работу» (Приемы); all of a pipeline in one word."""
    parts = [grammar.STAGE_WORDS[one] for one in addresses if one in grammar.STAGE_WORDS]
    left = [one for one in addresses if one not in grammar.STAGE_WORDS]
    for pipeline in sorted(chart.pipelines, key=lambda one: one.position):
        stages = [stage for stage in chart.stages if stage.pipeline_id == pipeline.id and stage.address]
        ours = [stage for stage in stages if stage.address in left]
        if pipeline.address and pipeline.address in left:
            ours = stages
        if ours:
            parts.append(_stages(ours, stages, pipeline.name))
            left = [one for one in left if one != pipeline.address and one not in {stage.address for stage in ours}]
    return _listed([*parts, *(naming.quoted(naming.place(chart, one)) for one in left)])


def span(words: str, *, working: bool = False) -> Text:
    """«15m» as «15 минут»."""
    count, unit = words[:-1], words[-1:]
    if not count.isdecimal() or unit not in UNITS:
        return Text(words, words)
    russian, english = (WORKING if working else UNITS)[unit]
    number = int(count)
    return Text(f"{number} {russian[form(number)]}", f"{number} {english[0 if number == 1 else 1]}")


def value(given: Scalar, field: str, chart: Chart) -> Text:
    """What is written into a field, as people read it."""
    if isinstance(given, str) and given in grammar.VALUES:
        return grammar.VALUES[given].says
    return sentences.answer(given, field, chart)


def _stages(ours: Sequence[ChartStage], stages: Sequence[ChartStage], pipeline: str) -> Text:
    if len(ours) == len(stages) > 1:
        return ALL_OF.format(pipeline=pipeline)
    if len(ours) > 1 and {one.id for one in ours} == {one.id for one in stages if one.kind == "open"}:
        return OPEN_OF.format(pipeline=pipeline)
    words = _listed([naming.quoted(one.name) for one in ours])
    return Text(f"{words.ru} ({pipeline})", f"{words.en} ({pipeline})")


def _task(one: Step, tasks: Mapping[str, TaskTemplate]) -> Text:
    template = tasks.get(one.task)
    title = Text(f"«{template.title.ru}»", f"“{template.title.en}”") if template else naming.quoted(one.task)
    who = one.who or (template.who if template else "")
    return title if who in ("", "responsible") else _joined(title, FOR.format(who=grammar.ROLES[who].says))


def _pair(name: str, told: Text) -> Text:
    return Text(f"{name}: {told.ru}", f"{name.replace('«', '“').replace('»', '”')}: {told.en}")


def _joined(*parts: Text) -> Text:
    return Text("".join(one.ru for one in parts), "".join(one.en for one in parts))


def _listed(parts: Sequence[Text]) -> Text:
    return Text(", ".join(one.ru for one in parts), ", ".join(one.en for one in parts))


def form(count: int) -> int:
    """Which Russian form a number takes."""
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else 2
