"""Answering: what was seen of a deal is what robots may answer, and when their timers come."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.deals import routing, visits
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox.office import Seen
from widget_backend.robots import firings, rules, timers
from widget_backend.robots.happenings import Happening, Incoming, of_changes, of_transition
from widget_backend.robots.moments import needs_contact


def answer(session: Session, clinic: Clinic, seen: Seen) -> int:
    """In scope, in the caller's transaction; how many robots it sets off. Safe to repeat."""
    visits.follow(session, clinic.id, clinic.chart, seen.deal, seen.observed.transitions)
    changed = [address for change in seen.changes for address in change.fields]
    # before the robots, under the same lock: they may ask what was decided
    routing.watch(session, clinic.id, clinic.chart, seen.deal, seen.observed, changed)
    fired = firings.raise_all(session, clinic.id, seen.deal, tuple(happenings(seen)))
    patient = seen.patient.fields if seen.patient else None
    timers.derive(session, clinic, seen.deal, patient, seen.observed.entered_at)
    return fired


def gone(session: Session, clinic: Clinic, deal: str) -> None:
    """A deal was deleted, or is not shown to us any more: nothing of it is waited for."""
    timers.drop(session, deal)


def asks_patient(session: Session) -> bool:
    """Whether timers of this clinic depend on fields of the patient."""
    return any(needs_contact(rule) for rule in rules.load(session).rules)


def happenings(seen: Seen) -> Iterator[Happening]:
    """All that is new, in the order it came about as far as that is known."""
    observed = seen.observed
    for transition in observed.transitions:
        yield from of_transition(transition)
    yield from of_changes(observed.changed, observed.stamp, seen.deal.updated_at or now())
    for change in seen.changes:
        yield from of_changes(change.fields, change.stamp, change.at)
    for touch in seen.touches:
        yield Incoming(cause=f"a:{touch.name}"[:120], at=touch.at, channel=touch.channel)
