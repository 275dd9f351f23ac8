"""Alignment: what a CRM remembers of a deal, and what was seen of it, as one row of steps, each once. Pure.

A step that was seen before the CRM's memory tells of it is provisional: the memory confirms it later, and corrects its moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from widget_backend.crm.records import Deal, Move

#: how far two moments of the same change may lie apart: the CRM writes them one after the other
APART: Final = timedelta(seconds=5)
#: between two steps whose order is known and whose moments are not
STEP: Final = timedelta(microseconds=1)
#: stands for the memory of a deal's birth where the CRM keeps none of its own, or until it tells
BORN: Final = "born"

Kind = Literal["created", "moved"]
#: what is known of when a step was made that was only seen: then, at the latest then, or nothing
Moment = Literal["exact", "latest", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """A deal came to a stage. ``number``: of its row, 0 for a new one. ``memory``: by what the CRM remembers it, empty while
    it was only seen."""

    kind: Kind
    from_stage: str
    to_stage: str
    pipeline: str
    at: datetime
    mover: str = ""
    memory: str = ""
    moment: Moment = "exact"
    number: int = 0

    @property
    def place(self) -> tuple[datetime, int]:
        """Rows are ordered by it: those of one moment as they were told."""
        return (self.at, self.number)


@dataclass(frozen=True, slots=True)
class Aligned:
    """``steps``: all, in order. ``new`` have no row yet; ``corrected`` have one that says something else."""

    steps: tuple[Step, ...]
    new: tuple[Step, ...]
    corrected: tuple[Step, ...]


def key(move: Move) -> str:
    """By what a move is known again."""
    return move.id or f"{move.at.isoformat()} {move.stage}"


def align(
    known: Sequence[Step], moves: Sequence[Move], deal: Deal | None, since: datetime, anchor: str = ""
) -> Aligned:
    """The steps, with what the CRM remembers and what is seen of the deal.

    ``known``: the deal's steps so far; ``moves``: its moves, in any number and repetition; ``deal``: as read after ``moves``
    were, ``None`` where it was not; what was before ``since`` is not told; ``anchor``: the stage at which the deal
    was first seen, if no step told of that.
    """
    work = _Work(known, since, anchor)
    work.remember(moves)
    if deal is not None:
        work.be_born(deal)
        work.see(deal)
    return work.done(known)


def unremembered(known: Sequence[Step], moves: Sequence[Move], since: datetime) -> tuple[Move, ...]:
    """The moves that no step tells of, not even a provisional one."""
    new = {step.memory for step in align(known, moves, None, since).new}
    return tuple({key(move): move for move in moves if key(move) in new}.values())


class _Work:
    def __init__(self, known: Sequence[Step], since: datetime, anchor: str) -> None:
        self._steps = sorted(known, key=lambda step: step.place)
        self._since = since
        self._anchor = anchor

    def remember(self, moves: Sequence[Move]) -> None:
        """The CRM's memory: each move is known, or confirms what was seen, or is new."""
        known = {step.memory for step in self._steps}
        told = [step for step in _told(moves) if step.at >= self._since and step.memory not in known]
        for step in self._doubt_birth(told):
            place = next((n for n, seen in enumerate(self._steps) if _confirms(step, seen)), None)
            if place is None:
                self._steps.append(step)
            else:
                self._steps[place] = _confirmed(self._steps[place], step)
            self._steps.sort(key=lambda step: step.at)
        self._born_first()

    def be_born(self, deal: Deal) -> None:
        """The first step of a deal that came into being before our eyes."""
        born = deal.created_at
        if born is None or born < self._since or self._anchor or any(step.kind == "created" for step in self._steps):
            return
        first = self._steps[0] if self._steps else None
        if first is None:
            if deal.moved_at is None or deal.moved_at <= born + APART:
                self._steps = [Step("created", "", deal.stage, deal.pipeline, born)]
        elif first.from_stage:
            self._steps.insert(0, _birth(first, born))
        elif first.at <= born + APART:
            self._steps[0] = replace(first, kind="created")

    def see(self, deal: Deal) -> None:
        """The stage where the deal stands, if no step led there."""
        last = self._steps[-1] if self._steps else None
        stage = last.to_stage if last else self._anchor
        moved = deal.moved_at or deal.updated_at or self._since
        was_known = bool(stage) or (deal.moved_at is not None and moved >= self._since)
        if was_known and deal.stage != stage:
            at = max(moved, last.at + STEP) if last else moved
            moment: Moment = "exact" if deal.moved_at else "latest"
            self._steps.append(Step("moved", stage, deal.stage, deal.pipeline, at, deal.mover, moment=moment))

    def done(self, known: Sequence[Step]) -> Aligned:
        """The steps, each with where it came from, and which of them are new or not as they were."""
        before = sorted(known, key=lambda step: step.place)
        derived = {step.number: left for step, left in zip(before, self._left(before), strict=True)}
        linked = []
        for step, left in zip(self._steps, self._left(self._steps), strict=True):
            is_told = step.from_stage and step.from_stage != derived.get(step.number)
            linked.append(step if is_told or step.kind == "created" else replace(step, from_stage=left))
        was = {step.number: step for step in known}
        return Aligned(
            tuple(linked),
            tuple(step for step in linked if not step.number),
            tuple(step for step in linked if step.number and step != was[step.number]),
        )

    def _born_first(self) -> None:
        """What comes before the step thought to be a deal's first was its first."""
        if any(step.kind == "created" for step in self._steps[1:]):
            first, *others = self._steps
            self._steps = [replace(first, kind="created", from_stage=""), *(replace(s, kind="moved") for s in others)]

    def _left(self, steps: Sequence[Step]) -> list[str]:
        """For each step the stage of the one before it."""
        return [self._anchor, *(step.to_stage for step in steps)][: len(steps)]

    def _doubt_birth(self, told: list[Step]) -> list[Step]:
        """A deal that was only seen may have been moved before: what the CRM remembers first tells where it was born. What is
        left to be remembered."""
        if not told or not self._steps or self._steps[0].kind != "created" or any(step.memory for step in self._steps):
            return told
        seen, *others = self._steps
        first = told[0]
        is_birth = not first.from_stage and first.at <= seen.at + APART
        stage = first.to_stage if is_birth else first.from_stage
        if stage == seen.to_stage:
            self._steps = [seen if is_birth else replace(seen, memory=BORN), *others]
            return told
        if not stage:
            return told
        born = replace(first, kind="created") if is_birth else _birth(first, seen.at)
        arrival = next((step.at for step in told if step.to_stage == seen.to_stage), told[-1].at + STEP)
        self._steps = [born, replace(seen, kind="moved", at=arrival, moment="unknown"), *others]
        return told[1:] if is_birth else told


def _told(moves: Sequence[Move]) -> list[Step]:
    """In order, each once. A CRM tells seconds: those of one second keep its order by a microsecond more each."""
    steps: list[Step] = []
    once = {key(move): move for move in moves}
    for move in sorted(once.values(), key=lambda move: move.at):
        tied = bool(steps) and steps[-1].at - move.at < timedelta(seconds=1) and steps[-1].at >= move.at
        at = steps[-1].at + STEP if tied else move.at
        steps.append(Step("moved", move.from_stage, move.stage, move.pipeline, at, move.mover, key(move)))
    return steps


def _confirms(told: Step, step: Step) -> bool:
    """Whether the CRM's memory tells of a step that was only seen."""
    later = told.at - step.at
    if step.memory == BORN:
        return not told.from_stage and told.to_stage == step.to_stage and abs(later) <= APART
    if step.memory or (step.to_stage, step.pipeline) != (told.to_stage, told.pipeline):
        return False
    return {"exact": abs(later) <= APART, "latest": later <= APART, "unknown": True}[step.moment]


def _confirmed(seen: Step, told: Step) -> Step:
    return replace(told, kind=seen.kind, number=seen.number, mover=told.mover or seen.mover)


def _birth(first: Step, born: datetime) -> Step:
    """A deal came into being at the stage that its first step left. The pipeline of that stage is not told."""
    return Step("created", "", first.from_stage, "", min(born, first.at - STEP), memory=BORN)
