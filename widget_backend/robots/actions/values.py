"""Values that steps write: plain ones and those taken from the deal, the visit and the clock, made to fit their field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue
from widget_backend.robots import grammar, naming
from widget_backend.robots.actions.work import Work
from widget_backend.robots.facts import BRANCH, MINOR, VISIT_AT
from widget_backend.robots.happenings import Reported
from widget_backend.robots.rule import Scalar
from widget_backend.worktime import Hours

#: where a deal says which doctor its visit is with
DOCTORS: Final = ("field.deal.doctor", "field.deal.visit_doctor")


def resolve(work: Work, value: Scalar, target: ChartField) -> FieldValue:
    """What to write into a field; ``None`` where there is nothing to write."""
    if isinstance(value, str) and value in grammar.VALUES:
        found = taken(work, value)
        return None if found is None else _fitted(found, target, work.hours)
    return _plain(value, target.type)


def taken(work: Work, word: str) -> FieldValue:
    """What a word of ``grammar.VALUES`` stands for: what the clinic's system has told goes before what the deal says."""
    happening = work.firing.happening
    given = happening.given.get(word, "") if isinstance(happening, Reported) else ""
    if given:
        return _told(given, grammar.VALUES[word].sort)
    found: FieldValue = _TAKEN[word](work) if word in _TAKEN else None
    return found


def _told(given: str, sort: grammar.Sort) -> FieldValue:
    if sort == "time":
        return datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)
    return Decimal(given) if sort == "number" else given


def _plain(value: Scalar, of_type: str) -> FieldValue:
    """A value as the rule says it: money in whole units of the currency."""
    if isinstance(value, bool) or value is None:
        return value
    if of_type == "money":
        return int(Decimal(value) * MINOR)
    return Decimal(value) if of_type == "number" else str(value)


def _fitted(value: FieldValue, target: ChartField, hours: Hours) -> FieldValue:
    """A value taken from elsewhere; an amount comes in whole units of its currency, an option by its label."""
    of_type = target.type
    if of_type == "list":
        return next((one.key for one in target.options if value in (one.label, one.key)), None)
    if of_type == "money":
        return int(value * MINOR) if isinstance(value, Decimal) else None
    if of_type == "date":
        return hours.day(value) if isinstance(value, datetime) else value
    if of_type == "datetime":
        return value if isinstance(value, datetime) else hours.dawn(value) if isinstance(value, date) else None
    if of_type == "number":
        return value if isinstance(value, Decimal) else None
    if of_type in ("text", "long_text"):
        return said(value, hours)
    return value


def said(value: FieldValue, hours: Hours) -> str:
    """As people read it."""
    if isinstance(value, datetime):
        return f"{hours.wall(value):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _visit_date(work: Work) -> date:
    """The booked day, unless that is still ahead: then the patient came earlier."""
    booked = work.facts.deal.fields.get(VISIT_AT)
    today = work.hours.day(work.at)
    day = work.hours.day(booked) if isinstance(booked, datetime) else booked
    return day if isinstance(day, date) and day <= today else today


def _doctor(work: Work) -> FieldValue:
    found = ((name, work.facts.deal.fields.get(name)) for name in DOCTORS)
    said = [naming.option(work.clinic.chart, name, value) for name, value in found if isinstance(value, str) and value]
    return said[0] if said else None


def _pipeline(work: Work) -> str:
    pipelines = work.clinic.chart.pipelines
    return next((one.name for one in pipelines if one.id == work.facts.deal.pipeline), "")


def _amount(work: Work) -> Decimal | None:
    amount = work.facts.deal.amount
    return None if amount is None else Decimal(amount) / MINOR


def _branch(work: Work) -> FieldValue:
    value = work.facts.deal.fields.get(BRANCH)
    return naming.option(work.clinic.chart, BRANCH, value) if isinstance(value, str) else None


_TAKEN: Final[Mapping[str, Callable[[Work], Any]]] = {
    "today": lambda work: work.hours.day(work.at),
    "now": lambda work: work.at,
    "visit.date": _visit_date,
    "visit.start": lambda work: work.facts.deal.fields.get(VISIT_AT),
    "visit.doctor": _doctor,
    "visit.branch": _branch,
    "deal.amount": _amount,
    "deal.pipeline": _pipeline,
}
"""The others only the clinic's system tells."""
