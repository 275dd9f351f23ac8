"""Visits: that the patient booked, came, did not come or that it was taken back, as the journal of visits knows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from widget_backend.deals import visits
from widget_backend.deals.visits import Visit
from widget_backend.panel import telling, words
from widget_backend.panel.timeline.event import MOST, Event, Patient, Source
from widget_backend.robots import naming
from widget_backend.robots.facts import Facts
from widget_backend.texts import Text

#: what of a visit stands in its deal's fields, of whichever preset
FIELDS: Final = ("field.deal.branch", "field.deal.doctor", "field.deal.visit_doctor", "field.deal.service")


def read(session: Any, patient: Patient) -> Iterator[Event]:
    """Visits of the patient, and of his deals while nobody knows whose they are. What two sources tell of one visit is shown
    twice, each with its source."""
    contacts = [patient.contact] if patient.contact else []
    # one more than a page holds, so that it is known whether there are older ones
    told = visits.latest(session, contacts, patient.deals, MOST + 1)
    yield from (_visit(patient, one) for one in told)


def _visit(patient: Patient, one: Visit) -> Event:
    at = _moment(one)
    return Event(at, patient.when(at), one.deal, words.VISIT[one.outcome], tuple(_details(patient, one)))


def _moment(one: Visit) -> datetime:
    """A visit that is over stands at its own time, a booking at the time it was made."""
    is_over = one.outcome in ("completed", "missed")
    return min(one.at, one.told_at) if one.at and is_over else one.told_at


def _details(patient: Patient, one: Visit) -> Iterator[Text]:
    if one.at:
        yield words.VISIT_AT.format(at=patient.when(one.at))
    if patient.may:
        yield from _fields(patient, one)
    if one.insured:
        yield words.INSURED
    yield words.TOLD_BY[one.source]


def _fields(patient: Patient, one: Visit) -> Iterator[Text]:
    """What stood in the deal's fields when it told of the visit: what robots looked at then, which is kept for two weeks."""
    runs = (run for run in patient.runs.get(one.deal, ()) if run.facts and run.happening.at == one.told_at)
    seen = next((Facts.of(run.facts).deal.fields for run in runs if run.facts), {})
    for address in FIELDS:
        if seen.get(address) not in (None, "", ()):
            name = naming.field(patient.chart, address)
            value = telling.value(seen[address], address, patient.chart, patient.known.zone)
            yield Text(f"{name}: {value.ru}", f"{name}: {value.en}")


SOURCE = Source("visits", words.VISITS_SHOWN, read)
