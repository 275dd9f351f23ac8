"""Dry run: what a rule would have done lately («что было бы за прошлую неделю»). Reads and writes nothing to the CRM.

The moments are those of the past; conditions are asked of deals and patients as they are now, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend import worktime
from widget_backend.clock import now
from widget_backend.crm.records import Deal
from widget_backend.db import scope
from widget_backend.deals import stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.stage_history import Transition, TransitionRow
from widget_backend.errors import Missing
from widget_backend.robots import conditions, cycles, facts, matching, naming, rules, sentences
from widget_backend.robots.facts import Facts, Subject, Witness
from widget_backend.robots.happenings import of_transition
from widget_backend.robots.rule import Rule
from widget_backend.texts import Text

#: moments that are looked at for one answer
MOST: Final = 200
#: how long before a deal may have come to the stage it is stuck at
LONGEST: Final = timedelta(days=60)

UNKEPT = Text(
    "Для этого события прошлое не хранится: проверьте правило на новых сделках.",
    "The past of this event is not kept: try the rule on new deals.",
)
DELETED = Text("сделки больше нет в CRM", "the deal is no longer in the CRM")
STAYED = Text("сделка стояла дольше срока на этапе {stage}", "the deal stayed too long at {stage}")


@dataclass(frozen=True, slots=True)
class Row:
    """One time the rule would have answered. ``would``: whether it would act, by what is known now; ``why``: what happened,
    or which condition does not hold."""

    deal: str
    at: datetime
    would: bool
    why: Text


@dataclass(frozen=True, slots=True)
class Backtest:
    """``rows``: the newest first; ``left_out``: moments beyond the most that are looked at; ``hint``: why there are none."""

    rows: tuple[Row, ...]
    left_out: int = 0
    hint: Text | None = None


def backtest(clinic: Clinic, rule: Rule, since: datetime, most: int = MOST) -> Backtest:
    """What the rule would have done since then, by its latest moments, ``most`` of them. Raises :class:`VendorError`. No
    transaction may be open."""
    if rule.when.on not in (*cycles.INSTANT, "stuck"):
        return Backtest((), hint=UNKEPT)
    with scope(clinic.id):
        with clinic.database.transaction() as session:
            found, settings = _history(session, rule, since), rules.load(session).settings
        times = sorted(_times(clinic, rule, found, since), key=lambda time: time[1], reverse=True)
        known: dict[str, Facts | None] = {}
        rows = []
        for deal, at, why in times[:most]:
            if deal not in known:
                known[deal] = _facts(clinic, rule, deal)
            rows.append(_row(clinic, rule, settings, known[deal], deal, at, why))
        return Backtest(tuple(rows), max(0, len(times) - most))


def _history(session: Session, rule: Rule, since: datetime) -> Mapping[str, Sequence[Transition]]:
    """All steps of the deals that may tell something. One that is stuck now may have come long before."""
    back = LONGEST if rule.when.on == "stuck" else timedelta()
    deals = select(TransitionRow.deal).where(TransitionRow.at >= since - back).distinct().order_by(TransitionRow.deal)
    return {deal: stage_history.history(session, deal) for deal in session.execute(deals).scalars()}


def _times(
    clinic: Clinic, rule: Rule, found: Mapping[str, Sequence[Transition]], since: datetime
) -> Iterator[tuple[str, datetime, Text]]:
    """When the rule would have answered, by the steps of each deal."""
    for deal, steps in found.items():
        stays = zip(steps, [*(step.at for step in steps[1:]), now()], strict=True)
        if rule.when.on == "stuck":
            yield from _overstayed(clinic, rule, deal, list(stays), since)
            continue
        for step in steps:
            blank = Deal(deal, "", step.pipeline, step.to_stage)
            for happening in of_transition(step) if step.at >= since else ():
                if matching.match((rule,), happening, blank, clinic.chart):
                    yield deal, step.at, sentences.happened(happening, blank, clinic.chart, rule)


def _overstayed(
    clinic: Clinic, rule: Rule, deal: str, stays: Sequence[tuple[Transition, datetime]], since: datetime
) -> Iterator[tuple[str, datetime, Text]]:
    hours = worktime.hours(clinic.hours, clinic.zone)
    count = hours.after if rule.when.working_hours else hours.later
    for step, left_at in stays:
        place = clinic.chart.stage_of_id.get(step.to_stage)
        due = count(step.at, rule.when.span) if matching.covers(rule.when, place) else left_at
        if since <= due < left_at:
            yield deal, due, STAYED.format(stage=naming.quoted(naming.stage(clinic.chart, step.to_stage)))


def _facts(clinic: Clinic, rule: Rule, deal: str) -> Facts | None:
    try:
        return facts.gather(clinic, Subject(deal), facts.needs((rule,)), now())
    except Missing:
        return None


def _row(
    clinic: Clinic, rule: Rule, settings: Mapping[str, object], known: Facts | None, deal: str, at: datetime, why: Text
) -> Row:
    if known is None:
        return Row(deal, at, would=False, why=DELETED)
    failing = conditions.failing(rule.conditions, Witness(known, clinic.chart, settings))  # type: ignore[arg-type]
    if failing is not None:
        return Row(deal, at, would=False, why=sentences.condition(failing, clinic.chart))
    return Row(deal, at, would=True, why=why)
