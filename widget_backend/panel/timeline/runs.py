"""Runs: what robots did with the patient's deals, or could not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from widget_backend.panel import words
from widget_backend.panel.timeline.event import Event, Patient, Source
from widget_backend.robots import why
from widget_backend.robots.firing_log import STUCK, Firing


def read(session: Any, patient: Patient) -> Iterator[Event]:
    """A rule whose conditions did not hold has done nothing."""
    for runs in patient.runs.values():
        yield from (_run(patient, run) for run in runs if run.state != "passed")


def _run(patient: Patient, run: Firing) -> Event:
    at, bad, state = run.done_at or run.made_at, run.state in STUCK, words.RUN[run.state]
    details = (state, *run.said) if bad else run.said or (state,)
    title = words.RULE.format(rule=patient.named[run.rule_id])
    return Event(at, patient.when(at), run.deal, title, details, why.code_of(run.cause_id), bad)


SOURCE = Source("robots", words.ROBOTS_SHOWN, read)
