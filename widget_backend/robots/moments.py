"""Moments that rules wait for: how long a deal stays, dates of the deal and its patient. Pure.

A moment is derived from a base (when the deal came, or the date itself), and comes once for each base. Spans of ``stuck`` are
working time unless the rule says otherwise; days of the others are days of the clinic's calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal, FieldValues
from widget_backend.robots.matching import TIMED, covers
from widget_backend.robots.rule import Rule, Trigger
from widget_backend.worktime import Hours


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule's time comes for a deal, and what that follows from."""

    rule: str
    base: datetime
    due: datetime


def derive(
    rules: Iterable[Rule],
    deal: Deal,
    contact: FieldValues,
    entered_at: datetime | None,
    chart: Chart,
    hours: Hours,
    at: datetime,
) -> Iterator[Moment]:
    """The moments of a deal where it stands now. ``contact``: fields of its patient; ``entered_at``: when it came there.

    What should have come before a date that is over already comes no more.
    """
    place = chart.stage_of_id.get(deal.stage)
    for rule in rules:
        when = rule.when
        if when.on in TIMED and covers(when, place):
            base = entered_at if when.on == "stuck" else _date(deal, contact, when, hours)
            if base is not None and (when.on != "before" or base > at):
                yield Moment(rule.key, base, _due(when, base, hours))


def needs_contact(rule: Rule) -> bool:
    """Whether a rule waits for a date of the patient."""
    return rule.when.on in TIMED and rule.when.field.startswith("field.contact.")


def _date(deal: Deal, contact: FieldValues, when: Trigger, hours: Hours) -> datetime | None:
    fields = deal.fields if when.field.startswith("field.deal.") else contact
    value = fields.get(when.field)
    if isinstance(value, datetime):
        return value
    return hours.dawn(value) if isinstance(value, date) else None


def _due(when: Trigger, base: datetime, hours: Hours) -> datetime:
    if when.on == "reached":
        return base
    if when.on == "before":
        return hours.earlier(base, when.span)
    return hours.after(base, when.span) if when.on == "stuck" and when.working_hours else hours.later(base, when.span)
