"""Rules of robots: those in force, their switches, the clinic's own, and what one would have done lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from marshmallow import Schema, fields, validate

from widget_backend import audit
from widget_backend.clock import now
from widget_backend.errors import InvalidInput, NotFound
from widget_backend.robots import dry_run, own_rules, rules
from widget_backend.robots.dry_run import Backtest
from widget_backend.robots.reading.rule_schema import RulePart
from widget_backend.robots.reading.telling import told
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import NO_RULE, Entry
from widget_backend.texts import Text
from widget_backend.web.api.acting import act, clinic
from widget_backend.web.api.bodies import Asked, Count, Said
from widget_backend.web.api.noun import Noun
from widget_backend.web.auth import installation
from widget_backend.web.context import context

#: moments that one answer looks at: each may cost a request to the CRM
MOST: Final = 25

OTHER_KEY = Text(
    "Ключ правила в адресе и в теле разный. Ничего не изменено: сделайте их одинаковыми.",
    "The address and the body name different keys. Nothing was changed: make them the same.",
)

noun = Noun("rules", "What robots answer to, on what conditions, and what they do.")


class Content(fields.Nested):
    """A rule as people write it."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:  # type: ignore[override]  # its bases differ in names
        return told(value)


class HandedShown(Schema):
    """How the CRM's own automation carries a rule out."""

    way = fields.String(required=True, validate=validate.OneOf(["robots", "flow"]))
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True, metadata={"description": "who handed it over, a user's id in the CRM"})


class RuleShown(Schema):
    """A rule in force."""

    key = fields.String(required=True, attribute="rule.key")
    name = Said(required=True, attribute="rule.name")
    origin = fields.String(required=True, validate=validate.OneOf(["preset", "own"]))
    version = fields.String(required=True)
    on = fields.Boolean(required=True)
    paused = Said(required=True, allow_none=True, metadata={"description": "why it cannot work now"})
    handed = fields.Nested(
        HandedShown, required=True, allow_none=True, metadata={"description": "null where the application does"}
    )
    rule = Content(RulePart, required=True)


class RulesShown(Schema):
    """In the order they are answered."""

    rules = fields.List(fields.Nested(RuleShown), required=True)


class Switch(Asked):
    """On or off."""

    on = fields.Boolean(required=True, truthy={True}, falsy={False})


class Span(Asked):
    """How far back to look."""

    days = Count(load_default=7, validate=validate.Range(1, 30))


class Trial(Span):
    """A rule that is not kept yet, and how far back to look."""

    rule = fields.Nested(RulePart, required=True)


class RowShown(Schema):
    """One time the rule would have answered."""

    deal = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    would = fields.Boolean(required=True, metadata={"description": "whether it would act, by what is known now"})
    why = Said(required=True)


class BacktestShown(Schema):
    """The newest first."""

    rows = fields.List(fields.Nested(RowShown), required=True)
    left_out = fields.Integer(required=True, metadata={"description": "earlier times that were not looked at"})
    hint = Said(required=True, allow_none=True, metadata={"description": "why there are none"})


@noun.get("/rules", RulesShown())
def listed() -> dict[str, Any]:
    """All rules in force."""
    with context().database.transaction() as session:
        return {"rules": [_shown(entry) for entry in rules.load(session).entries]}


@noun.get("/rules/<name:key>", RuleShown())
def one(key: str) -> dict[str, Any]:
    """A rule as it may be changed and sent back."""
    return _shown(_entry(key))


@noun.put("/rules/<name:key>", RuleShown(), right="change_rules", takes=RulePart())
def save(rule: Rule, key: str) -> dict[str, Any]:
    """Keep a rule of the clinic's own, in place of the preset's of the same key. One that would set others off without end
    is refused.
    """
    if rule.key != key:
        raise InvalidInput(OTHER_KEY)
    number = installation().id
    with audit.recorded(context().database, number, act("rule.save", f"rule:{key}")) as session:
        own_rules.keep(session, number, rule)
    return _shown(_entry(key))


@noun.drop("/rules/<name:key>", RulesShown(), right="change_rules")
def drop(key: str) -> dict[str, Any]:
    """Take back a rule of the clinic's own; the preset's of the same key is in force again. All rules in force."""
    number = installation().id
    with audit.recorded(context().database, number, act("rule.drop", f"rule:{key}")) as session:
        rules.drop(session, number, key)
    return listed()


@noun.put("/rules/<name:key>/switch", RuleShown(), right="change_rules", takes=Switch())
def switch(asked: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Switch a rule on or off."""
    number, doing = installation().id, "rule.on" if asked["on"] else "rule.off"
    with audit.recorded(context().database, number, act(doing, f"rule:{key}")) as session:
        rules.switch(session, number, key, on=asked["on"])
    return _shown(_entry(key))


@noun.ask("/rules/<name:key>/dry-run", BacktestShown(), right="change_rules", takes=Span())
def dry(asked: Mapping[str, Any], key: str) -> Backtest:
    """What a rule in force would have done lately; nothing is done."""
    return dry_run.backtest(clinic(), _entry(key).rule, now() - timedelta(days=asked["days"]), MOST)


@noun.ask("/rules/dry-run", BacktestShown(), right="change_rules", takes=Trial())
def dry_anew(asked: Mapping[str, Any]) -> Backtest:
    """What a rule that is not kept yet would have done lately; nothing is done."""
    with context().database.transaction() as session:
        own_rules.check(session, asked["rule"])
    return dry_run.backtest(clinic(), asked["rule"], now() - timedelta(days=asked["days"]), MOST)


def _entry(key: str) -> Entry:
    """Raises :class:`NotFound`."""
    with context().database.transaction() as session:
        found = rules.load(session).entry.get(key)
    if found is None:
        raise NotFound(NO_RULE)
    return found


def _shown(entry: Entry) -> dict[str, Any]:
    named = {name: getattr(entry, name) for name in ("rule", "origin", "version", "paused", "handed")}
    return {**named, "on": not entry.off}
