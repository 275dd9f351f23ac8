"""Standing: whether a rule can do its work in an account, or has to pause until somebody chooses what is gone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from widget_backend.crm.chart import Chart
from widget_backend.robots import grammar, matching
from widget_backend.robots.rule import Condition, Rule
from widget_backend.texts import Text

NO_WATCHED = Text(
    "Приостановлено, выберите этап: этапов, за которыми следит правило, в CRM больше нет.",
    "Paused, choose a stage: the stages this rule watches are no longer in the CRM.",
)
NO_TARGET = Text(
    "Приостановлено, выберите этап: этапа «{address}», с которым работает правило, в CRM больше нет.",
    "Paused, choose a stage: the stage “{address}” this rule works with is no longer in the CRM.",
)
NO_FIELD = Text(
    "Приостановлено, выберите поле: поля «{address}», которое проверяет правило, в CRM нет.",
    "Paused, choose a field: the field “{address}” this rule looks at is not in the CRM.",
)

#: what deals and contacts have as parts of their own, whatever the CRM's fields are
PARTS = frozenset({"title", "amount", "client", "responsible", "phone", "email"})


def lack(rule: Rule, chart: Chart) -> Text | None:
    """Why the rule cannot work here, ``None`` where it can.

    A field that a step would write and the CRM does not have is no reason: the step is passed over (``FieldSpec.mode``).
    """
    if rule.when.stages and not any(matching.covers(rule.when, stage) for stage in chart.stages):
        return NO_WATCHED
    for step in rule.do:
        places = [step.to] if step.to not in ("", grammar.ORIGIN) else []
        places += step.out_of if step.out_of and not any(each in chart.stage for each in step.out_of) else ()
        for address in places:
            if address not in chart.stage:
                return NO_TARGET.format(address=address)
    for address in looked_at(rule):
        if address not in chart.field and address.rpartition(".")[2] not in PARTS:
            return NO_FIELD.format(address=address)
    return None


def looked_at(rule: Rule) -> Iterator[str]:
    """The fields that a rule's trigger and conditions read."""
    if rule.when.field:
        yield rule.when.field
    yield from (what for condition in rule.conditions for what in asked(condition) if what.startswith("field."))


def asked(condition: Condition) -> Iterator[str]:
    """Everything a condition asks, however deep in groups."""
    if condition.what:
        yield condition.what
    for part in (*condition.every, *condition.some, *([condition.denied] if condition.denied else ())):
        yield from asked(part)
