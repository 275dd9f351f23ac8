"""Knowing: what the decisions on a deal say to whoever asks later: the robots' conditions, the panel."""

from __future__ import annotations

from sqlalchemy.orm import Session

from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.deals.routing import decision_log
from widget_backend.deals.routing.decision_log import Decision


def undecided(session: Session, chart: Chart, deal: Deal) -> bool:
    """Whether a person was asked about this deal's patient and has not answered: while it stands where it stood then, nobody
    knows whether he is primary or repeat. In scope."""
    latest = decision_log.latest(session, deal.id)
    return latest is not None and _is_open(latest, chart, deal)


def completed_visits(session: Session, chart: Chart, deal: Deal, counted: int) -> int | None:
    """How many visits the patient had, ``None`` while nobody knows. ``counted``: by what is read of his contact alone; who was
    found to have been here under another contact had one at least. In scope."""
    latest = decision_log.latest(session, deal.id)
    if latest is None:
        return counted
    if _is_open(latest, chart, deal):
        return None
    return max(counted, 1) if latest.routed.kind == "repeat" else counted


def _is_open(latest: Decision, chart: Chart, deal: Deal) -> bool:
    stage = chart.stage_of_id.get(deal.stage)
    return latest.routed.kind == "unsure" and latest.facts.get("stage") == (stage.address if stage else "")
