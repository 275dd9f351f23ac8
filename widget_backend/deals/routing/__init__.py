"""Routing: primary, repeat or not sure; which open deal takes an enquiry; who takes the deal; and why."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.deals import rota, visits
from widget_backend.deals.routing import arrivals, decision_log
from widget_backend.deals.routing.arrivals import Arrived, Enquiry, take
from widget_backend.deals.routing.choice import Kind, Routed, choose
from widget_backend.deals.routing.decision_log import Decision, decisions, latest
from widget_backend.deals.routing.history import PatientHistory
from widget_backend.deals.routing.knowing import completed_visits, undecided
from widget_backend.deals.routing.routing import route
from widget_backend.deals.routing.watching import SHUT, TASK, run, watch

__all__ = [
    "SHUT",
    "TASK",
    "Arrived",
    "Decision",
    "Enquiry",
    "Kind",
    "PatientHistory",
    "Routed",
    "choose",
    "completed_visits",
    "decisions",
    "forget",
    "latest",
    "route",
    "run",
    "take",
    "undecided",
    "watch",
]

_WIPED: Final[tuple[Callable[[Session], dict[str, int]], ...]] = (
    visits.forget,
    rota.forget,
    arrivals.forget,
    decision_log.forget,
)


def forget(session: Session) -> dict[str, int]:
    """Drop visits, turns, arrivals and decisions of the installation in scope; how many rows of each table there were."""
    return {name: count for wipe in _WIPED for name, count in wipe(session).items()}
