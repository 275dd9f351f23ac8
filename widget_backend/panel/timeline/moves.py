"""Moves: stages that the patient's deals came to, and who brought them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from widget_backend.deals import stage_history
from widget_backend.deals.stage_history import Transition
from widget_backend.panel import telling, words
from widget_backend.panel.timeline.event import Event, Patient, Source
from widget_backend.robots import naming
from widget_backend.texts import Text


def read(session: Any, patient: Patient) -> Iterator[Event]:
    """Every step of every deal."""
    rule_of = {run.id: patient.named[run.rule_id] for runs in patient.runs.values() for run in runs}
    for deal in patient.deals:
        known = patient.known
        steps = known.steps if deal == known.deal else stage_history.history(session, deal)
        yield from (_move(patient, step, rule_of) for step in steps)


def _move(patient: Patient, step: Transition, rule_of: Mapping[int, Text]) -> Event:
    said = words.CREATED if step.kind == "created" else words.MOVED
    title = said.format(stage=naming.stage(patient.chart, step.to_stage))
    rule, team = rule_of.get(step.firing or 0), patient.known.team
    who = words.BY_RULE.format(rule=rule) if rule else telling.person(step.mover, team) if step.mover else None
    return Event(step.at, patient.when(step.at), step.deal, title, (who,) if who else ())


SOURCE = Source("moves", words.MOVES_SHOWN, read)
