"""How far a run is: numbered, so that who looks again is told only what is new. Read from the run and the journal's steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from installer import journal, wording
from installer.wizard import runs
from installer.wizard.listing import pipeline_of
from installer.wizard.runs import WizardRun
from installer.wizard.words import plan as words
from widget_backend.clock import now
from widget_backend.crm.model import WRITES, Action, Kind
from widget_backend.texts import Text

_WRITING = {action.value for action in WRITES}


@dataclass(frozen=True, slots=True)
class Item:
    """One row being carried out. ``id``: of its step; ``within``: how many refused rows rest on it."""

    id: int
    kind: Text
    title: Text | str
    verb: Text
    error: Text | None = None
    within: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """``number`` changes whenever something has happened. ``seconds``: since the beginning; ``left``: what is guessed."""

    run: WizardRun
    number: str
    done: int
    total: int
    seconds: int
    left: int | None
    current: Item | None
    failed: tuple[Item, ...]
    groups: tuple[tuple[Text, int, int], ...]


def read(session: Session) -> Progress | None:
    """The progress of the newest run in scope."""
    run = runs.latest(session)
    if run is None:
        return None
    steps = _approved(run, [s for s in journal.steps_after(session, run.after_run) if s.action in _WRITING])
    newest = max((step.run_id for step in steps), default=0)
    last = {step.address: step for step in steps}
    made = {a for a, step in last.items() if step.state == "done" or _was_found(step, newest, run)}
    total = max(run.total, len(last))
    done = total if run.state == "done" else len(made)
    planned = [step for step in last.values() if step.state == "planned" and step.address not in made]
    current = _item(planned[0]) if planned and run.state == "running" else None
    return Progress(
        run,
        f"{run.id}-{run.turn}",
        done,
        total,
        int(((run.finished_at or now()) - run.started_at).total_seconds()),
        _left(planned, [step for step in steps if step.run_id == newest], run),
        current,
        _failed([step for step in last.values() if step.state == "failed"]),
        _groups(list(last.values()), made),
    )


def _approved(run: WizardRun, steps: Sequence[journal.Step]) -> list[journal.Step]:
    """The rows a person agreed to: those announced first, whenever they were carried out. What the CRM made by itself, and a
    later attempt tidies up, is no part of the number that was shown."""
    first = min((step.run_id for step in steps), default=0)
    agreed = {step.address for step in [step for step in steps if step.run_id == first][: run.total]}
    return [step for step in steps if step.address in agreed]


def _failed(steps: Sequence[journal.Step]) -> tuple[Item, ...]:
    """The refused rows; those of a refused pipeline are told with it."""
    homes = Counter(home for step in steps if (home := home_of(step)) != step.address)
    refused = {step.address for step in steps}
    return tuple(
        replace(_item(step), within=homes[step.address])
        for step in steps
        if home_of(step) not in refused or home_of(step) == step.address
    )


def home_of(step: journal.Step) -> str:
    """The address of the pipeline a step's row stands under."""
    return pipeline_of(Kind(step.kind), step.address)


def _was_found(step: journal.Step, newest: int, run: WizardRun) -> bool:
    """Announced by a run that was cut off and not announced again: it was there already."""
    return step.state == "planned" and (step.run_id < newest or run.state == "done")


def _left(planned: Sequence[journal.Step], steps: Sequence[journal.Step], run: WizardRun) -> int | None:
    """Seconds to go at the pace of the present attempt; unknown before its first answer."""
    finished = [step for step in steps if step.state != "planned"]
    if not planned or not finished or run.state != "running":
        return None
    begun: datetime = min(step.at for step in planned)
    pace = (max(step.at for step in finished) - begun).total_seconds() / len(finished)
    return max(1, round(pace * len(planned)))


def _groups(steps: Sequence[journal.Step], made: set[str]) -> tuple[tuple[Text, int, int], ...]:
    """Kind in words, how many are done, how many there are; in the order of the work."""
    listed = []
    for kind in Kind:
        own = [step for step in steps if step.kind == kind.value]
        if own:
            listed.append((wording.PLURALS[kind], sum(step.address in made for step in own), len(own)))
    return tuple(listed)


def _item(step: journal.Step) -> Item:
    error = Text(step.error_ru or step.error, step.error) if step.state == "failed" else None
    return Item(
        step.id,
        wording.KINDS[Kind(step.kind)],
        words.NAMELESS.get(step.address, step.title or step.address),
        wording.ACTIONS[Action(step.action)],
        error,
    )
