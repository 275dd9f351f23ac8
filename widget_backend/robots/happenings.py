"""Happenings: what a robot may answer. Each knows its cause, by which the same one told twice is the same.

Stages are remote ids, fields addresses. ``hop``: how many robots led here, 0 for what people and patients do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Literal, Protocol

from widget_backend.crm.records import Channel, RobotCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """``cause``: unique text of one installation's deal, up to 120 characters; ``at``: when it was so. ``firing``: whose effect
    it is, where it is ours."""

    on: ClassVar[str] = ""
    cause: str
    at: datetime
    hop: int = 0
    firing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(Happening):
    """A deal appeared at a stage."""

    on: ClassVar[str] = "created"
    stage: str
    mover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Happening):
    """A deal came to a stage, a new one too. ``mover``: see :class:`Deal`; ``robot`` where we moved it ourselves."""

    on: ClassVar[str] = "entered"
    stage: str
    from_stage: str = ""
    mover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Happening):
    """A deal went from a stage. ``to_stage``: where it came to."""

    on: ClassVar[str] = "left"
    stage: str
    to_stage: str = ""
    mover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Happening):
    """Somebody else than we changed a field of the deal or its contact."""

    on: ClassVar[str] = "changed"
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(Happening):
    """The patient got in touch."""

    on: ClassVar[str] = "incoming"
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Happening):
    """The moment of a timer has come. ``rule``: key of the rule that set it."""

    on: ClassVar[str] = "due"
    timer: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Happening):
    """Somebody pressed a button of the card. ``label``: its Russian words."""

    on: ClassVar[str] = "button"
    label: str
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Happening):
    """A robot of ours was called by the CRM. ``robot``: its key; ``reply``: see :class:`RobotCall`."""

    on: ClassVar[str] = "robot"
    robot: str
    given: Mapping[str, str] = field(default_factory=dict)
    reply: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Happening):
    """The clinic's system tells of the patient. ``fact``: of ``grammar.MIS_FACTS``; ``given``: values by the words of
    ``grammar.VALUES`` («visit.start»), and ``deadline``; moments and dates in ISO form."""

    on: ClassVar[str] = "mis"
    fact: str
    given: Mapping[str, str] = field(default_factory=dict, repr=False)


KINDS: Final = {kind.on: kind for kind in (Created, Entered, Left, Changed, Incoming, Due, Pressed, Called, Reported)}


class Moved(Protocol):
    """A transition, as the history of stages tells it."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> Literal["created", "moved"]: ...  # noqa: D102
    @property
    def from_stage(self) -> str: ...  # noqa: D102
    @property
    def to_stage(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def mover(self) -> str: ...  # noqa: D102
    @property
    def hop(self) -> int: ...  # noqa: D102
    @property
    def firing(self) -> int | None: ...  # noqa: D102


def of_transition(moved: Moved) -> tuple[Happening, ...]:
    """What a transition means: a new deal is created at its stage and enters it; another leaves one and enters the next."""
    cause, hop, firing = f"t:{moved.id}", moved.hop, moved.firing
    at, mover, to, before = moved.at, "robot" if firing is not None else moved.mover, moved.to_stage, moved.from_stage
    entered = Entered(cause=cause, at=at, hop=hop, firing=firing, stage=to, from_stage=before, mover=mover)
    if moved.kind == "created":
        return (Created(cause=cause, at=at, hop=hop, firing=firing, stage=to, mover=mover), entered)
    if not before:
        return (entered,)
    return (Left(cause=cause, at=at, hop=hop, firing=firing, stage=before, to_stage=to, mover=mover), entered)


def of_changes(fields: Sequence[str], stamp: str, at: datetime) -> tuple[Happening, ...]:
    """What changed fields mean. ``stamp``: what makes this change another than the next one."""
    return tuple(Changed(cause=f"f:{stamp}"[:120], at=at, field=name) for name in fields)


def of_call(call: RobotCall, at: datetime, hop: int = 0) -> Called:
    """What a call for a robot of ours means. ``hop``: how many robots led the deal to where the robot stands."""
    cause, given = f"r:{call.key}"[:120], dict(call.given)
    return Called(cause=cause, at=call.at or at, hop=hop, robot=call.code, given=given, reply=call.reply)
