"""The shape of rules: trigger, conditions, actions. Each trigger and action has parts of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from installer.preset import grammar, parts
from installer.preset.reading.blocks import (
    NAME,
    Address,
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


class TriggerPart(Part):
    """What a rule waits for."""

    makes = parts.Trigger
    on = word(*grammar.TRIGGERS, required=True)
    stages = addresses("stage", "pipeline", also=("open", "any"))
    channels = Tuple(word(*grammar.CHANNELS))
    span = fields.String()
    field = Address("field")
    fact = word(*grammar.MIS_FACTS)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_complete(self, _: Any, given: Any, **__: Any) -> None:
        """Each trigger has parts of its own."""
        fits(grammar.TRIGGERS, given, "on")


class ConditionPart(Part):
    """What must hold."""

    makes = parts.Condition
    what = Address("field", "setting", words=tuple(grammar.FACTS), required=True)
    op = word(*grammar.OPERATORS, data_key="is")
    value = Scalar()


class StepPart(Part):
    """What to do."""

    makes = parts.Step
    action = word(*grammar.ACTIONS, required=True)
    to = Address("stage", "setting", words=(grammar.ORIGIN,))
    out_of = addresses("stage")
    who = word(*grammar.ROLES)
    task = Address("task", words=(grammar.OF_STAGE,))
    field = Address("field")
    value = Scalar()
    text = text()
    once_per_patient = flag()

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def is_complete(self, _: Any, given: Any, **__: Any) -> None:
        """Each action has parts of its own."""
        fits(grammar.ACTIONS, given, "action")


def fits(shapes: Mapping[str, grammar.Shape], given: Any, itself: str) -> None:
    """Complain of parts a trigger or action lacks, or cannot have."""
    shape = shapes.get(str(given.get(itself))) if isinstance(given, Mapping) else None
    if shape is None:
        return
    parts_ = given.keys() - {itself}
    wrong = {
        **{name: [Text("здесь обязательно", "is required here")] for name in shape.needs - parts_},
        **{name: [Text("здесь не бывает", "has no place here")] for name in parts_ - shape.needs - shape.may},
    }
    if wrong:
        raise ValidationError({name: list(words) for name, words in wrong.items()})


class RulePart(Part):
    """A robot."""

    makes = parts.Rule
    key = key()
    name = text(NAME, required=True)
    when = fields.Nested(TriggerPart, required=True)
    conditions = many(ConditionPart, data_key="if")
    do = many(StepPart, required=True)
    only_if = fields.String()
    per_stage = flag()
    source = sources()
