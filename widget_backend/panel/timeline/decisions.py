"""Decisions: whether a patient was new or a returning one, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from widget_backend.deals import routing
from widget_backend.deals.routing import Decision
from widget_backend.panel import words
from widget_backend.panel.timeline.event import Event, Patient, Source


def read(session: Any, patient: Patient) -> Iterator[Event]:
    """What was decided of each deal."""
    for deal in patient.deals:
        known = patient.known
        made = known.decisions if deal == known.deal else routing.decisions(session, deal)
        yield from (_decision(patient, deal, one) for one in made)


def _decision(patient: Patient, deal: str, one: Decision) -> Event:
    title = words.DECIDED.format(kind=words.DECISION[one.routed.kind])
    bad = one.routed.kind == "unsure" or bool(one.refused)
    return Event(one.made_at, patient.when(one.made_at), deal, title, (one.routed.reason,), bad=bad)


SOURCE = Source("decisions", words.DECISIONS_SHOWN, read)
