"""Watching: an enquiry that appears where enquiries arrive is routed by itself, and again when a question is answered."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.deals.clinic import Clinics
from widget_backend.deals.routing.history import VISIT_TYPE
from widget_backend.deals.routing.knowing import undecided
from widget_backend.deals.routing.layouts import layout_of
from widget_backend.deals.routing.routing import route
from widget_backend.deals.stage_history import Observed
from widget_backend.errors import AccessLost, NotFound
from widget_backend.tenancy import installations
from widget_backend.tenancy.standing import HeldUp

TASK: Final = "deals.route"
#: how soon an account that is shut to us is tried again
SHUT: Final = timedelta(minutes=1)
#: what a person changes to say who the patient is, or whether he has been here
ANSWERS: Final = frozenset(
    {
        *("field.deal.client", VISIT_TYPE, "field.contact.name", "field.contact.phone"),
        *("field.contact.birth_date", "field.contact.ident_number"),
    }
)

log = logging.getLogger(__name__)


def watch(
    session: Session,
    installation_id: int,
    chart: Chart,
    deal: Deal,
    observed: Observed,
    changed: Collection[str] = (),
) -> int:
    """Enqueue the routing that an observation of a deal asks for; how many jobs. ``changed``: addresses of the patient's
    fields that people changed.

    In scope, in the caller's transaction, before the robots' jobs are made: those of one deal run in the order they came.
    """
    causes = [*_births(chart, observed), *_answers(session, chart, deal, observed, changed)]
    for cause in causes:
        _enqueue(session, installation_id, deal.id, cause)
    return len(causes)


def _births(chart: Chart, observed: Observed) -> Iterator[str]:
    for step in observed.transitions:
        stage = chart.stage_of_id.get(step.to_stage)
        layout = layout_of(chart, stage.address) if stage and stage.address else None
        if step.kind == "created" and stage and layout and stage.address in layout.arrivals:
            yield f"t:{step.id}"


def _answers(session: Session, chart: Chart, deal: Deal, observed: Observed, changed: Collection[str]) -> Iterator[str]:
    if not ANSWERS.isdisjoint((*observed.changed, *changed)) and undecided(session, chart, deal):
        yield f"o:{observed.stamp}"


def run(clinics: Clinics, installation_id: int, deal: str, cause: str) -> None:
    """The job. A deal that is gone needs no routing; one in an account that is shut to us waits until it opens."""
    try:
        route(clinics.open(installation_id), deal, cause)
    except NotFound:
        log.info("deal gone before it was routed installation=%s deal=%s", installation_id, deal)
    except (HeldUp, AccessLost):
        with clinics.database.transaction() as session:
            if installations.get(session, installation_id).status != "closed":
                _enqueue(session, installation_id, deal, cause, now() + SHUT)


def _enqueue(session: Session, installation_id: int, deal: str, cause: str, at: datetime | None = None) -> None:
    lock = f"{installation_id}:deal:{deal}"
    jobs.enqueue(session, TASK, lock=lock, at=at, installation_id=installation_id, deal=deal, cause=cause)
