"""Whether a rule of the clinic's own can be carried out in its account: what it names is there, and values fit. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from widget_backend.crm.chart import Chart, ChartField
from widget_backend.robots import cycles, grammar, standing
from widget_backend.robots.rule import Condition, Rule, Scalar, Step
from widget_backend.texts import Text

OF_PRESET = Text(
    "настройки и «of_stage» бывают только в правилах пресета: назовите этап, срок или задачу прямо",
    "settings and “of_stage” belong to a preset's rules: name the stage, span or task itself",
)
NO_STAGE = Text("этапа «{name}» в CRM нет", "there is no stage “{name}” in the CRM")
NO_FIELD = Text("поля «{name}» в CRM нет", "there is no field “{name}” in the CRM")
NO_TASK = Text("задачи «{name}» нет", "there is no task “{name}”")
NO_PIPELINE = Text("воронки «{name}» в CRM нет", "there is no pipeline “{name}” in the CRM")
DATE_FIELD = Text("«{name}»: нужно поле с датой", "“{name}”: a date field is needed")
NUMBER_FIELD = Text("«{name}»: прибавлять можно только к числу", "“{name}”: only a number can be added to")
BAD_VALUE = Text("значение не подходит полю «{name}»", "the value does not fit the field “{name}”")
NO_OPTION = Text("у поля «{name}» нет такого варианта", "the field “{name}” has no such option")
NO_ORDER = Text("«{name}»: больше и меньше бывают только числа", "“{name}”: only numbers can be more or less")
BAD_BOT = Text("бота называют его номером в CRM, а не «{name}»", "a bot goes by its number in the CRM, not by “{name}”")
MIS_FACT = Text(
    "это правило ждёт данных МИС, а она не подключена",
    "this rule waits for the clinic's system, which is not connected",
)
ENDLESS = Text(
    "правила запускают друг друга по кругу: {rules}. Уберите одно из них или смените этап",
    "these rules set each other off without end: {rules}. Take one of them away, or choose another stage",
)

BOT: Final = re.compile(r"[1-9][0-9]{0,17}")
SORTS: Final[Mapping[str, grammar.Sort]] = {
    **dict.fromkeys(("text", "long_text", "url", "list"), "text"),
    **dict.fromkeys(("number", "money"), "number"),
    "boolean": "flag",
    **dict.fromkeys(("date", "datetime"), "time"),
}


def problems(rule: Rule, chart: Chart, tasks: Collection[str], others: Sequence[Rule] = ()) -> tuple[Text, ...]:
    """All that is wrong with it. ``tasks``: addresses of the task templates; ``others``: the rules it will work beside."""
    found = [*_preset_words(rule), *_trigger(rule, chart)]
    for condition in rule.conditions:
        found += _condition(condition, chart)
    for step in rule.do:
        found += _step(step, chart, tasks)
    return tuple(dict.fromkeys(found)) or tuple(_endless(rule, chart, others))


def _endless(rule: Rule, chart: Chart, others: Sequence[Rule]) -> Iterator[Text]:
    """Loops that were there without it are not its fault."""
    beside = [other for other in others if other.key != rule.key]
    before = set(cycles.looping(beside, chart))
    together = [*beside, rule]
    keys = [key for key in cycles.looping(together, chart) if key not in before or key == rule.key]
    if rule.key in keys:
        names = [one.name for one in together if one.key in keys]
        listed = Text(", ".join(f"«{n.ru}»" for n in names), ", ".join(f"“{n.en}”" for n in names))
        yield ENDLESS.format(rules=listed)


def _preset_words(rule: Rule) -> Iterator[Text]:
    words = [rule.when.span, *(word for step in rule.do for word in (step.to, step.task))]
    asked = [what for condition in rule.conditions for what in standing.asked(condition)]
    of_preset = any(word == grammar.OF_STAGE or word.startswith("setting.") for word in [*words, *asked])
    if of_preset or rule.per_stage or rule.only_if:
        yield OF_PRESET


def _trigger(rule: Rule, chart: Chart) -> Iterator[Text]:
    when = rule.when
    pipelines = {one.address for one in chart.pipelines}
    for name in when.stages:
        if name not in chart.stage and name not in pipelines and name not in grammar.STAGE_WORDS:
            yield NO_STAGE.format(name=name)
    if when.field and when.field not in chart.field:
        yield NO_FIELD.format(name=when.field)
    elif when.field and when.on in ("before", "after", "reached") and SORTS[chart.field[when.field].type] != "time":
        yield DATE_FIELD.format(name=chart.field[when.field].name)
    if when.on == "mis":
        yield MIS_FACT


def _condition(condition: Condition, chart: Chart) -> Iterator[Text]:
    for part in (*condition.every, *condition.some, *([condition.denied] if condition.denied else ())):
        yield from _condition(part, chart)
    what, value = condition.what, condition.value
    fact = grammar.FACTS.get(what)
    if isinstance(value, str) and value.startswith("pipeline."):
        if not chart.pipeline_id(value):
            yield NO_PIPELINE.format(name=value)
        return
    if not what.startswith("field."):
        if fact and condition.op in grammar.ORDERED and fact.sort != "number":
            yield NO_ORDER.format(name=fact.says)
        return
    field = chart.field.get(what)
    if field is None:
        if what.rpartition(".")[2] not in standing.PARTS:
            yield NO_FIELD.format(name=what)
    elif condition.op in grammar.ORDERED and SORTS.get(field.type) != "number":
        yield NO_ORDER.format(name=field.name)
    elif condition.op not in grammar.UNARY:
        yield from _fits(value, field)


def _step(step: Step, chart: Chart, tasks: Collection[str]) -> Iterator[Text]:
    places = [step.to] if step.to not in ("", grammar.ORIGIN) and not step.to.startswith("setting.") else []
    for name in (*places, *step.out_of):
        if name not in chart.stage:
            yield NO_STAGE.format(name=name)
    if step.task and step.task != grammar.OF_STAGE and step.task not in tasks:
        yield NO_TASK.format(name=step.task)
    if step.bot and not BOT.fullmatch(step.bot):
        yield BAD_BOT.format(name=step.bot)
    written = [(step.field, step.value)] if step.field else []
    for name, value in (*written, *step.filled):
        field = chart.field.get(name)
        if field is None:
            yield NO_FIELD.format(name=name)
        elif step.action == "increase_field" and SORTS.get(field.type) != "number":
            yield NUMBER_FIELD.format(name=field.name)
        elif value is not None:
            yield from _fits(value, field)
    yield from _placeholders(step.text)


def _fits(value: Scalar, field: ChartField) -> Iterator[Text]:
    sort = SORTS.get(field.type, "text")
    taken = grammar.VALUES.get(value) if isinstance(value, str) else None
    if taken:
        fits = sort in (taken.sort, "text")
    else:
        shapes: dict[str, type] = {"flag": bool, "number": int, "text": str}
        fits = sort in shapes and isinstance(value, shapes[sort]) and isinstance(value, bool) == (sort == "flag")
    if not fits:
        yield BAD_VALUE.format(name=field.name)
    elif field.type == "list" and not taken and isinstance(value, str) and not field.option_id(value):
        yield NO_OPTION.format(name=field.name)


def _placeholders(text: Text | None) -> Iterator[Text]:
    for name in re.findall(r"\{(.*?)\}", f"{text.ru} {text.en}" if text else ""):
        if name not in grammar.PLACEHOLDERS:
            yield NO_PLACEHOLDER.format(name=name)


NO_PLACEHOLDER = Text("подстановки «{name}» нет", "there is no placeholder “{name}”")
