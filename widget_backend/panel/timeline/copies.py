"""Copies: what was copied from what, by whom, and what was not carried over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from widget_backend.deals.copying.lineage import Copy
from widget_backend.panel import telling, words
from widget_backend.panel.timeline.event import Event, Patient, Source
from widget_backend.robots import naming
from widget_backend.texts import Text


def read(session: Any, patient: Patient) -> Iterator[Event]:
    """Those of the deal's family."""
    for tie in patient.known.family.ties:
        if tie.made_at is not None and tie.source in patient.deals:
            yield _copy(patient, tie, tie.made_at)


def _copy(patient: Patient, tie: Copy, at: datetime) -> Event:
    said = words.COPIED["undone" if tie.state == "undone" else tie.how]
    where = naming.place(patient.chart, tie.target)
    by = words.BY_ROBOT if tie.asked_by == "system" else telling.person(tie.asked_by, patient.known.team)
    details = (Text(f"{where} · {by.ru}", f"{where} · {by.en}"), *tie.lost)
    return Event(at, patient.when(at), tie.source, said.format(deal=tie.deal), details)


SOURCE = Source("copies", words.COPIES_SHOWN, read)
