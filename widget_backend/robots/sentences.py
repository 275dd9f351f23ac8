"""Sentences about what happened and what a rule asks, in words an administrator understands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.robots import grammar, matching, naming
from widget_backend.robots.conditions import Unknown
from widget_backend.robots.happenings import Happening
from widget_backend.robots.rule import Condition, Rule
from widget_backend.texts import Text

HAPPENED: Final[Mapping[str, Text]] = {
    "created": Text("сделка создана на этапе {stage}", "the deal was created at {stage}"),
    "entered": Text("сделка перешла на этап {stage}", "the deal came to {stage}"),
    "left": Text("сделка ушла с этапа {stage}", "the deal left {stage}"),
    "changed": Text("изменилось {field}", "{field} has changed"),
    "incoming": Text("пациент обратился сам ({channel})", "the patient got in touch ({channel})"),
    "due": Text("наступил срок правила {rule}", "the time of the rule {rule} has come"),
    "button": Text("нажата кнопка {label}", "the button {label} was pressed"),
    "mis": Text("МИС сообщила: {fact}", "the MIS reports: {fact}"),
    "robot": Text("CRM вызвала робота {robot}", "the CRM called the robot {robot}"),
}
#: a timer's moment, by what the rule waits for
CAME_DUE: Final[Mapping[str, Text]] = {
    "stuck": Text("сделка стоит дольше срока на этапе {stage}", "the deal has stayed too long at {stage}"),
    "before": Text("приближается {field}", "{field} comes near"),
    "after": Text("прошёл срок после {field}", "the time after {field} is over"),
    "reached": Text("наступило {field}", "{field} has come"),
}
YES, NO = Text("да", "yes"), Text("нет", "no")
EMPTY, UNCLEAR = Text("пусто", "empty"), Text("неизвестно", "not known")


def happened(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None = None) -> Text:
    """What happened, as half a sentence. ``rule``: whose time has come."""
    says = CAME_DUE.get(rule.when.on) if rule and happening.on == "due" else None
    words = {name: taken(happening, deal, chart, rule) for name, taken in _WORDS.items()}
    return (says or HAPPENED[happening.on]).format(**words)


def _stage(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None) -> Text:
    return naming.quoted(naming.stage(chart, matching.stage_of(happening, deal)))


def _field(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None) -> Text:
    address = getattr(happening, "field", "") or (rule.when.field if rule else "")
    return naming.quoted(naming.field(chart, address))


def _channel(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None) -> Text:
    return grammar.CHANNELS.get(getattr(happening, "channel", ""), Text("", ""))


def _fact(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None) -> Text:
    return grammar.MIS_FACTS.get(getattr(happening, "fact", ""), Text("", ""))


def _rule(happening: Happening, deal: Deal, chart: Chart, rule: Rule | None) -> Text:
    key = getattr(happening, "rule", "")
    return Text(f"«{rule.name.ru}»", f"“{rule.name.en}”") if rule else naming.quoted(key)


def _plain(name: str) -> Callable[[Happening, Deal, Chart, Rule | None], Text]:
    return lambda happening, deal, chart, rule: naming.quoted(str(getattr(happening, name, "")))


_WORDS: Final[Mapping[str, Callable[[Happening, Deal, Chart, Rule | None], Text]]] = {
    "stage": _stage,
    "field": _field,
    "channel": _channel,
    "rule": _rule,
    "fact": _fact,
    "label": _plain("label"),
    "robot": _plain("robot"),
}


def condition(asked: Condition, chart: Chart) -> Text:
    """What is asked, as half a sentence."""
    if asked.every or asked.some:
        name = "all" if asked.every else "any"
        parts = [condition(part, chart) for part in asked.every or asked.some]
        glue = grammar.GROUPS[name]
        return Text(glue.ru.join(part.ru for part in parts), glue.en.join(part.en for part in parts))
    if asked.denied:
        part, not_ = condition(asked.denied, chart), grammar.GROUPS["not"]
        return Text(not_.ru + part.ru, not_.en + part.en)
    return _comparison(asked, chart)


def _comparison(asked: Condition, chart: Chart) -> Text:
    fact, value = grammar.FACTS.get(asked.what), asked.value
    if fact and fact.denied and isinstance(value, bool):
        return fact.says if value is (asked.op == "equals") else fact.denied
    what = fact.says if fact else naming.quoted(naming.field(chart, asked.what))
    operator = grammar.OPERATORS[asked.op]
    literal = Text("", "") if asked.op in grammar.UNARY else _literal(asked.what, value, chart)
    return Text(f"{what.ru} {operator.ru} {literal.ru}".strip(), f"{what.en} {operator.en} {literal.en}".strip())


def _literal(what: str, value: Any, chart: Chart) -> Text:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str) and value.startswith("pipeline."):
        return naming.quoted(next((one.name for one in chart.pipelines if one.address == value), value))
    words = naming.option(chart, what, value) if isinstance(value, str) else str(value)
    return naming.quoted(words) if isinstance(value, str) else Text(words, words)


def asked(what: str, chart: Chart) -> Text:
    """What is asked: a fact in its own words, a field by its name."""
    fact = grammar.FACTS.get(what)
    return fact.says if fact else naming.quoted(naming.field(chart, what))


def answer(value: Any, what: str, chart: Chart) -> Text:
    """What was found, as people read it."""
    if isinstance(value, Unknown):
        return UNCLEAR
    if isinstance(value, bool):
        return YES if value else NO
    if value is None or value in ("", frozenset()):
        return EMPTY
    values = sorted(value) if isinstance(value, frozenset | tuple) else [value]
    words = [_literal(what, each, chart) if isinstance(each, str) else Text(f"{each}", f"{each}") for each in values]
    return Text(", ".join(each.ru for each in words), ", ".join(each.en for each in words))
