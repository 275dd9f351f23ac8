"""Drift: what the clinic has changed since we last wrote, and what the preset has moved on to. Pure, read from a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from installer import wording
from installer.plan import Plan
from widget_backend.crm.model import Action, Bindings, Change

#: edited   the clinic's own edit, kept · removed  the clinic removed it · question  both sides changed it
#: pending  the preset wants something that was never written
Cause = Literal["edited", "removed", "question", "pending"]


@dataclass(frozen=True, slots=True)
class Drifted:
    """One difference between the three copies."""

    cause: Cause
    change: Change


def drift(plan: Plan, bindings: Bindings) -> tuple[Drifted, ...]:
    """The differences in a survey's rows: preset, last applied and CRM, as the planner compared them."""
    found = []
    for change in plan.changes:
        cause = _cause(change, bindings)
        if cause is not None:
            found.append(Drifted(cause, change))
    return tuple(found)


def _cause(change: Change, bindings: Bindings) -> Cause | None:
    if change.action is Action.CONFLICT:
        return "removed" if change.note == wording.REMOVED else "question"
    if change.action is Action.KEEP and change.note == wording.EDITED:
        return "edited"
    if change.writes:
        return "pending"
    return None
