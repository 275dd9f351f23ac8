"""The shape of rules: trigger, conditions, actions. Each trigger, operator and action has parts of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validates_schema

from widget_backend.robots import grammar, rule
from widget_backend.robots.reading.blocks import (
    NAME,
    SOME,
    Address,
    Pairs,
    Part,
    Scalar,
    Tuple,
    addresses,
    flag,
    key,
    many,
    sources,
    text,
    word,
)
from widget_backend.texts import Text

#: lists and parts within each other in what a rule asks, and steps of what it does
DEEPEST, MOST = 20, 50

NEEDED = Text("обязательно для «{owner}»", "“{owner}” needs it")
MISPLACED = Text("у «{owner}» этого не бывает; бывает: {parts}", "“{owner}” cannot have it; it has: {parts}")
ONE_OF = Text("нужно одно из: what, all, any, not", "one of these is needed: what, all, any, not")
NO_VALUE = Text(
    "«{operator}» не с чем сравнить: нужно value", "“{operator}” has nothing to compare with: a value is needed"
)
NEEDS_NUMBER = Text("«{operator}» сравнивает числа", "“{operator}” compares numbers")
TOO_DEEP = Text("условия вложены слишком глубоко", "the conditions are nested too deeply")
TOO_MANY = Text("больше {most} шагов: разделите правило", "more than {most} steps: divide the rule")
VALUE_IDLE = Text("«{operator}» не нужен value", "“{operator}” needs no value")


class TriggerPart(Part):
    """What a rule waits for."""

    makes = rule.Trigger
    on = word(*grammar.TRIGGERS, required=True)
    stages = addresses("stage", "pipeline", also=tuple(grammar.STAGE_WORDS))
    channels = Tuple(word(*grammar.CHANNELS), validate=SOME)
    span = Address("setting", words=(grammar.OF_STAGE,), form=grammar.SPAN)
    working_hours = flag()
    field = Address("field")
    fact = word(*grammar.MIS_FACTS)
    robot = Address("robot")
    label = text(NAME)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_complete(self, _: Any, given: Any, **__: Any) -> None:
        """Each trigger has parts of its own."""
        fits(grammar.TRIGGERS, given, "on")


def _condition() -> Part:
    """A condition may hold conditions."""
    return ConditionPart()


class ConditionPart(Part):
    """What must hold: a comparison, or a group of conditions."""

    makes = rule.Condition
    what = Address("field", "setting", words=tuple(grammar.FACTS))
    op = word(*grammar.OPERATORS, data_key="is")
    value = Scalar()
    every = many(_condition, some=True, data_key="all")
    some = many(_condition, some=True, data_key="any")
    denied = fields.Nested(_condition, data_key="not")

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_complete(self, _: Any, given: Any, **__: Any) -> None:
        """A group compares nothing; each operator has its own needs."""
        if not isinstance(given, Mapping):
            return
        chosen = given.keys() & {"what", *grammar.GROUPS}
        if len(chosen) != 1 or ("what" not in chosen and given.keys() & {"is", "value"}):
            raise ValidationError([ONE_OF])
        if "what" in chosen:
            _compares(given)


class StepPart(Part):
    """What to do."""

    makes = rule.Step
    action = word(*grammar.ACTIONS, required=True)
    to = Address("stage", "setting", words=(grammar.ORIGIN,))
    out_of = addresses("stage")
    who = word(*grammar.ROLES)
    task = Address("task", words=(grammar.OF_STAGE,))
    field = Address("field")
    value = Scalar()
    text = text()
    bot = Address("setting")
    once_per_patient = flag()
    filled = Pairs(keys=Address("field"), values=Scalar(), data_key="set")
    returns = Pairs(keys=fields.String(), values=Scalar())

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_complete(self, _: Any, given: Any, **__: Any) -> None:
        """Each action has parts of its own."""
        fits(grammar.ACTIONS, given, "action")


def _compares(given: Mapping[str, Any]) -> None:
    operator = str(given.get("is", "equals"))
    if operator in grammar.UNARY:
        complaint = VALUE_IDLE if "value" in given else None
    elif given.get("value") is None:
        complaint = NO_VALUE
    else:
        is_number = isinstance(given["value"], int) and not isinstance(given["value"], bool)
        complaint = NEEDS_NUMBER if operator in grammar.ORDERED and not is_number else None
    if complaint:
        raise ValidationError({"value": [complaint.format(operator=operator)]})


def fits(shapes: Mapping[str, grammar.Shape], given: Any, itself: str) -> None:
    """Complain of parts a trigger or action lacks, or cannot have."""
    owner = given.get(itself) if isinstance(given, Mapping) else None
    shape = shapes.get(owner) if isinstance(owner, str) else None
    if shape is None:
        return
    there = given.keys() - {itself}
    known = ", ".join([*sorted(shape.needs), *sorted(shape.may)])
    wrong = {
        **{name: [NEEDED.format(owner=owner)] for name in shape.needs - there},
        **{name: [MISPLACED.format(owner=owner, parts=known)] for name in there - shape.needs - shape.may},
    }
    if wrong:
        raise ValidationError({name: list(words) for name, words in wrong.items()})


class RulePart(Part):
    """A robot."""

    makes = rule.Rule
    key = key()
    name = text(NAME, required=True)
    when = fields.Nested(TriggerPart, required=True)
    conditions = many(ConditionPart, data_key="if")
    do = many(StepPart, some=True, required=True)
    only_if = fields.String()
    per_stage = flag()
    source = sources()

    @pre_load
    def is_no_maze(self, given: Any, **_: Any) -> Any:
        """Seen before it is read: what is nested without end would be read without end."""
        if isinstance(given, Mapping) and _is_deep(given.get("if")):
            raise ValidationError({"if": [TOO_DEEP]})
        if isinstance(given, Mapping) and isinstance(given.get("do"), list) and len(given["do"]) > MOST:
            raise ValidationError({"do": [TOO_MANY.format(most=MOST)]})
        return given


def _is_deep(conditions: Any) -> bool:
    level = [conditions]
    for _ in range(DEEPEST):
        lists = [one.values() if isinstance(one, Mapping) else one for one in level]
        level = [inner for one in lists if not isinstance(one, str | int | float | None) for inner in one]
    return bool(level)
