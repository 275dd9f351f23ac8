"""Rules that an engine could carry out: values fit their fields, spans are spans, deals go only to stages that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from installer.preset.reading.references import dangling, declared, each
from installer.preset.reading.setting_checks import settings_of
from widget_backend.robots import grammar
from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

NOT_PER_STAGE = Text(
    "of_stage бывает только в правиле с per_stage: true", "of_stage belongs to a rule with per_stage: true"
)
SETTING_TYPE = Text("нужна настройка типа {type}", "a setting of type {type} is needed")
DATE_FIELD = Text("нужно поле с датой", "a date field is needed")
NUMBER_FIELD = Text("прибавлять можно только к полю с числом", "only a number field can be added to")
NO_OPTION = Text(
    "у поля нет варианта «{value}»; есть: {options}", "the field has no option “{value}”; it has: {options}"
)
BAD_VALUE = Text("«{value}» сюда не подходит, нужно: {wanted}", "“{value}” does not fit here, needed: {wanted}")
NO_ORDER = Text("сравнивать больше и меньше можно только числа", "only numbers can be more or less")
TIMELESS = Text("у даты проверяется только filled или empty", "a date can only be filled or empty")
SWITCHED_OFF = Text(
    "воронка этого этапа включается настройкой: правилу нужно only_if: {switch}",
    "a setting switches the pipeline of this stage: the rule needs only_if: {switch}",
)
NO_PLACEHOLDER = Text(
    "нет подстановки {{{name}}}; есть: {known}", "there is no placeholder {{{name}}}; there are: {known}"
)
NO_RETURN = Text("робот не возвращает «{name}»", "the robot does not return “{name}”")

Found = Iterator[tuple[Path, Text]]

SORTS: dict[str, grammar.Sort] = {
    "text": "text",
    "long_text": "text",
    "url": "text",
    "list": "text",
    "number": "number",
    "money": "number",
    "boolean": "flag",
    "date": "time",
    "datetime": "time",
}
WANTED = {
    "flag": Text("true или false", "true or false"),
    "number": Text("целое число", "a whole number"),
    "time": Text("{words}", "{words}"),
    "text": Text("текст", "a text"),
    "pipeline": Text("pipeline.ключ", "pipeline.key"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules of a file may speak of: addresses, settings, sorts and options of fields, switched pipelines."""

    addresses: set[str]
    settings: dict[str, dict[str, Any]]
    sorts: dict[str, grammar.Sort]
    options: dict[str, list[str]]
    switches: dict[str, str]
    returns: dict[str, set[str]]


def rule_problems(data: Any) -> Found:
    """Everything wrong with the values in rules and task templates, as far as a schema cannot see it."""
    known = _known(data)
    for path, rule in each(data, "rules"):
        for place, trigger in each(rule, "when", path=path):
            yield from _trigger(trigger, rule, known, place)
        for place, condition in _conditions(rule.get("if"), (*path, "if")):
            yield from _condition(condition, known, place)
        for place, step in each(rule, "do", path=path):
            yield from _step(step, rule, known, place)
    for path, task in each(data, "task_templates"):
        yield from _typed(task.get("deadline"), known, (*path, "deadline"))
        yield from _placeholders(task.get("text"), (*path, "text"))


def _known(data: Any) -> Known:
    specs = {f"field.{e}.{s.get('key')}": s for e in ("deal", "contact") for _, s in each(data, "fields", e)}
    labels = {name: [str(part.get("key")) for _, part in each(data, name)] for name in ("loss_reasons", "sources")}
    options = {address: [str(o.get("key")) for _, o in each(spec, "options")] for address, spec in specs.items()}
    options |= {a: labels[origin] for a, s in specs.items() if (origin := str(s.get("options_from"))) in labels}
    robots = [robot for _, robot in each(data, "application", "robots")]
    return Known(
        addresses=declared(data),
        settings=settings_of(data),
        sorts={address: SORTS.get(str(spec.get("type")), "") for address, spec in specs.items()},
        options=options,
        switches={str(p.get("key")): str(p["only_if"]) for _, p in each(data, "pipelines") if "only_if" in p},
        returns={f"robot.{r.get('key')}": {str(part.get("key")) for _, part in each(r, "returns")} for r in robots},
    )


def _trigger(trigger: dict[str, Any], rule: dict[str, Any], known: Known, path: Path) -> Found:
    span = trigger.get("span")
    if span == grammar.OF_STAGE and rule.get("per_stage") is not True:
        yield (*path, "span"), NOT_PER_STAGE
    yield from _typed(span, known, (*path, "span"))
    dated = trigger.get("on") in ("before", "after", "reached")
    if dated and known.sorts.get(str(trigger.get("field")), "time") not in ("time", ""):
        yield (*path, "field"), DATE_FIELD


def _typed(word: Any, known: Known, path: Path) -> Found:
    """A span taken from elsewhere: a span setting, or (a deadline) a date field."""
    if isinstance(word, str) and word.startswith("setting."):
        if known.settings.get(word.removeprefix("setting."), {"type": "span"}).get("type") != "span":
            yield path, SETTING_TYPE.format(type="span")
    elif isinstance(word, str) and known.sorts.get(word, "time") not in ("time", ""):
        yield path, DATE_FIELD


def _conditions(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Comparisons, however deep in groups."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _conditions(item, (*path, index))
    elif isinstance(value, dict):
        if "what" in value:
            yield path, value
        for name in grammar.GROUPS:
            yield from _conditions(value.get(name), (*path, name))


def _condition(condition: dict[str, Any], known: Known, path: Path) -> Found:
    what, operator, value = str(condition["what"]), str(condition.get("is", "equals")), condition.get("value")
    fact = grammar.FACTS.get(what)
    sort = fact.sort if fact else known.sorts.get(what, "")
    if value is None or operator in grammar.UNARY:
        return
    if isinstance(value, str) and value.startswith(("pipeline.", "stage.", "field.")) and value not in known.addresses:
        yield (*path, "value"), dangling(value, known.addresses)
    elif sort == "time":
        yield (*path, "is"), TIMELESS
    elif operator in grammar.ORDERED:
        if sort not in ("number", ""):
            yield (*path, "is"), NO_ORDER
    elif sort != "pipeline" or not str(value).startswith("pipeline."):
        yield from _value(value, sort, known.options.get(what, []), (*path, "value"))


def _step(step: dict[str, Any], rule: dict[str, Any], known: Known, path: Path) -> Found:
    if step.get("task") == grammar.OF_STAGE and rule.get("per_stage") is not True:
        yield (*path, "task"), NOT_PER_STAGE
    for name, kind in (("to", "stage"), ("bot", "text")):
        word = str(step.get(name))
        setting = known.settings.get(word.removeprefix("setting."), {}) if word.startswith("setting.") else {}
        if setting and setting.get("type") != kind:
            yield (*path, name), SETTING_TYPE.format(type=kind)
    yield from _targets(step, rule, known, path)
    if step.get("action") == "increase_field" and known.sorts.get(str(step.get("field")), "") not in ("number", ""):
        yield (*path, "field"), NUMBER_FIELD
    else:
        yield from _written(step.get("field"), step.get("value"), known, (*path, "value"))
    filled = step.get("set")
    for field, value in filled.items() if isinstance(filled, dict) else ():
        yield from _written(field, value, known, (*path, "set", field))
    yield from _returned(step, rule, known, path)
    yield from _placeholders(step.get("text"), (*path, "text"))


def _targets(step: dict[str, Any], rule: dict[str, Any], known: Known, path: Path) -> Found:
    """A rule that is always on must not send a deal into a pipeline that may be off."""
    stages = step.get("out_of")
    places: list[tuple[Path, Any]] = [((*path, "to"), step.get("to"))]
    places += [((*path, "out_of", i), s) for i, s in enumerate(stages if isinstance(stages, list) else ())]
    for place, address in places:
        parts = str(address).split(".")
        switch = known.switches.get(parts[1]) if len(parts) == 3 and parts[0] == "stage" else None
        if switch and rule.get("only_if") != switch:
            yield place, SWITCHED_OFF.format(switch=switch)


def _written(field: Any, value: Any, known: Known, path: Path) -> Found:
    if isinstance(field, str) and value is not None:
        yield from _value(value, known.sorts.get(field, ""), known.options.get(field, []), path)


def _value(value: Any, sort: grammar.Sort, options: list[str], path: Path) -> Found:
    """Whether a value may stand where something of that sort is written or compared."""
    taken = grammar.VALUES.get(value) if isinstance(value, str) else None
    if not sort or isinstance(value, list | dict):
        return  # built-in fields decide themselves; another shape is the schema's to refuse
    if taken:
        fits = sort in (taken.sort, "text")
    else:
        shapes: dict[str, type] = {"flag": bool, "number": int, "text": str}
        fits = sort in shapes and isinstance(value, shapes[sort]) and isinstance(value, bool) == (sort == "flag")
    if not fits:
        words = ", ".join(word for word, known in grammar.VALUES.items() if known.sort == "time")
        yield path, BAD_VALUE.format(value=value, wanted=WANTED[sort].format(words=words))
    elif options and not taken and value not in options:
        yield path, NO_OPTION.format(value=value, options=", ".join(options))


def _returned(step: dict[str, Any], rule: dict[str, Any], known: Known, path: Path) -> Found:
    trigger, returned = rule.get("when"), step.get("returns")
    robot = str(trigger.get("robot")) if isinstance(trigger, Mapping) else ""
    for name in returned if isinstance(returned, Mapping) and robot in known.returns else ():
        if name not in known.returns[robot]:
            yield (*path, "returns", name), NO_RETURN.format(name=name)


def _placeholders(words: Any, path: Path) -> Found:
    for language, sentence in words.items() if isinstance(words, dict) else ():
        for name in re.findall(r"\{(.*?)\}", str(sentence)):
            if name not in grammar.PLACEHOLDERS:
                known = ", ".join(f"{{{word}}}" for word in sorted(grammar.PLACEHOLDERS))
                yield (*path, language), NO_PLACEHOLDER.format(name=name, known=known)
