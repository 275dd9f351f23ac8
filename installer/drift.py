"""Drift: what the clinic has changed since we last wrote, and what the preset has moved on to. Pure, read from a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    @property
    def told(self) -> Change:
        """The change as a person tells it: an edit of the clinic from what we wrote to what is there, a removal without
        attributes, anything else from what is there to what the preset wants."""
        match self.cause:
            case "edited":
                return replace(self.change, before=self.change.after, after=self.change.before)
            case "removed":
                return replace(self.change, before={}, after={})
            case _:
                return self.change


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
        return "removed" if change.note in (wording.REMOVED, wording.PARENT_REMOVED) else "question"
    if change.action is Action.KEEP and change.note == wording.EDITED:
        return "edited"
    if change.writes:
        return "pending"
    return None
