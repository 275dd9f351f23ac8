"""Reading the timeline: all sources of one patient, put in order. A new source is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from widget_backend.deals import deal_state
from widget_backend.panel import words
from widget_backend.panel.known import RUNS, Known, names_of
from widget_backend.panel.timeline import copies, decisions, moves, runs, visits
from widget_backend.panel.timeline.event import MOST, Event, Patient, Source
from widget_backend.robots import firing_log
from widget_backend.texts import Text

SOURCES: Final[tuple[Source, ...]] = (
    visits.SOURCE,
    moves.SOURCE,
    decisions.SOURCE,
    runs.SOURCE,
    copies.SOURCE,
)
#: what can be shown alone -> its name
FILTERS: Final[Mapping[str, Text]] = {"all": words.ALL_SHOWN, **{source.key: source.name for source in SOURCES}}
#: deals of a patient that are looked at
DEALS: Final = 8
#: after an event others follow: robots answer, decisions are made
FRESH: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Timeline:
    """``events``: with the key of each one's source; ``deals``: whose events these are; ``patient``: whether a patient is
    known; ``is_fresh``: more may follow right now; ``is_cut``: there are older ones."""

    events: tuple[tuple[str, Event], ...]
    deals: tuple[str, ...]
    patient: bool
    shown: str
    is_fresh: bool
    is_cut: bool


def read(session: Any, known: Known, show: str = "all", *, may: bool = True) -> Timeline:
    """The events of the deal, its family and the patient's other deals, in scope. ``show``: a key of :data:`FILTERS`, another
    word means all; ``may``: see :class:`Patient`."""
    shown, patient = show if show in FILTERS else "all", _patient(session, known, may)
    told = [(source.key, event) for source in SOURCES for event in source.of(session, patient)]
    wanted = [(key, event) for key, event in told if shown in ("all", key)]
    newest = sorted(wanted, key=lambda one: one[1].at, reverse=True)
    is_fresh = any(known.at - event.at < FRESH for _, event in told)
    return Timeline(
        tuple(newest[:MOST]), tuple(patient.deals), bool(patient.contact), shown, is_fresh, len(newest) > MOST
    )


def _patient(session: Any, known: Known, may: bool) -> Patient:
    contact = known.state.contact if known.state else ""
    others = deal_state.deals_of(session, contact, DEALS) if contact else ()
    deals = tuple(dict.fromkeys([known.deal, *(one.deal for one in others), *known.family.deals]))[: DEALS * 2]
    run = {deal: firing_log.runs(session, deal=deal, limit=RUNS) for deal in deals if deal != known.deal}
    named = names_of(session, [each for found in run.values() for each in found])
    return Patient(known, contact, deals, {known.deal: known.runs, **run}, {**known.named, **named}, may)
