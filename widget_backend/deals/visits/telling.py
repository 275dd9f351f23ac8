"""What a deal's way tells of visits: which stages mean that the patient is booked, came, or did not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.deals.stage_history import Transition
from widget_backend.deals.visits import journal
from widget_backend.deals.visits.journal import Outcome, Visit

#: what it means that a deal stands there (S0-40, S0-42, S1-20…S1-23)
MEANS: Final[Mapping[str, Outcome]] = {
    "stage.visits.booked": "booked",
    "stage.visits.confirmed": "booked",
    "stage.visits.came": "completed",
    "stage.visits.missed": "missed",
    "stage.primary.booked": "booked",
    "stage.primary.visited": "completed",
    "stage.primary.won": "completed",
    "stage.repeat.booked": "booked",
    "stage.repeat.visited": "completed",
    "stage.repeat.won": "completed",
}
#: a visit's own time, as a deal has it
VISIT_AT: Final = "field.deal.visit_at"
LOSS_REASON: Final = "field.deal.loss_reason"
#: closed for a reason that says nothing of a visit
NO_VISIT: Final = frozenset({"duplicate", "spam"})


def follow(session: Session, installation_id: int, chart: Chart, deal: Deal, steps: Sequence[Transition]) -> bool:
    """Keep what these transitions of a deal tell, and whose visit it is; whether anything was news. Safe to repeat."""
    visits = [visit for step in steps if (visit := told_by(chart, deal, step))]
    news = [journal.note(session, installation_id, visit) for visit in visits]
    known = journal.told(session, "deal", deal.id)
    if known and deal.contact and known.contact != deal.contact:
        since = max(deal.updated_at or now(), known.told_at)
        news.append(journal.note(session, installation_id, replace(known, contact=deal.contact, told_at=since)))
    return any(news)


def told_by(chart: Chart, deal: Deal, step: Transition) -> Visit | None:
    """What one transition says, ``None`` for nothing. Pure."""
    outcome = _outcome(chart, deal, step)
    at = deal.fields.get(VISIT_AT)
    if outcome is None:
        return None
    return Visit(deal.contact, "deal", deal.id, outcome, step.at, at if isinstance(at, datetime) else None, deal.id)


def _outcome(chart: Chart, deal: Deal, step: Transition) -> Outcome | None:
    to, before = chart.stage_of_id.get(step.to_stage), chart.stage_of_id.get(step.from_stage)
    if to is None or (to.kind == "lost" and deal.fields.get(LOSS_REASON) in NO_VISIT):
        return None
    if to.address in MEANS:
        return MEANS[to.address]
    taken_back = before is not None and before.address in MEANS and before.pipeline_id == to.pipeline_id
    return "cancelled" if taken_back and to.kind == "open" else None
