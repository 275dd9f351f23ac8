"""Where a clinic is in the wizard: the screen to open, and the list of steps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.orm import Session

from installer.wizard import draft as drafts
from installer.wizard import plans, runs, tree
from installer.wizard.draft import Draft, Step
from installer.wizard.plans import SavedPlan
from installer.wizard.runs import WizardRun
from installer.wizard.words import general
from widget_backend.texts import Text

#: the five steps in the list on the left
LISTED: Final[Mapping[Step, Text]] = {
    "access": general.ACCESS,
    "choices": general.CHOICES,
    "plan": general.PLAN,
    "apply": general.APPLY,
    "result": general.RESULT,
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One step in the list. ``open``: it may be gone to."""

    key: Step
    name: Text
    state: Literal["done", "now", "later"]
    open: bool


def current(session: Session) -> Step:
    """The screen to open: what is going on first, then where the clinic has got to."""
    run, draft = runs.latest(session), drafts.load(session)
    if run is not None and run.is_alive:
        return "apply"
    if draft.step == "apply":
        return "result" if run is not None and run.state != "stale" else "plan"
    if draft.step == "result" and run is None:
        return "result" if _is_settled(plans.load(session)) else "access"
    return draft.step


def nav(session: Session, shown: str) -> tuple[Stop, ...]:
    """The list on the left."""
    run, saved = runs.latest(session), plans.load(session)
    reached = list(LISTED).index(_reached(run, saved, drafts.load(session)))
    at = list(LISTED).index(shown) if shown in LISTED else reached  # type: ignore[arg-type]
    busy = run is not None and run.is_alive
    stops = []
    for number, (key, name) in enumerate(LISTED.items()):
        passed = number < reached or number == reached == len(LISTED) - 1
        state: Literal["done", "now", "later"] = "now" if number == at else "done" if passed else "later"
        open_ = number <= reached and number != at and (key == "apply" if busy else key != "apply")
        stops.append(Stop(key, name, state, open_))
    return tuple(stops)


def _reached(run: WizardRun | None, saved: SavedPlan, draft: Draft) -> Step:
    if run is not None:
        return "apply" if run.is_alive else "plan" if run.state == "stale" else "result"
    if draft.step in LISTED:
        return draft.step
    return "plan" if saved.content else "access"


def _is_settled(saved: SavedPlan) -> bool:
    return saved.content is not None and not tree.writes(saved)
