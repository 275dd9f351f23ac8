"""People: who of a clinic's team takes a deal, by shift, branch, direction, load and turn. Pure; somebody is always found.

Nobody who is away or outside his hours is chosen while somebody of the same role is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from widget_backend import worktime
from widget_backend.deals.clinic import Member
from widget_backend.texts import Text

IN_TURN = Text("по очереди и загрузке", "by turn and load")
FROM_ELSEWHERE = Text(
    "в филиале и воронке никого нет на месте, по очереди из остальных",
    "nobody of the branch is in; by turn of the others",
)
NEXT_IN = Text(
    "кто первым выйдет на смену, сейчас на месте никого нет", "whoever comes on duty first, as nobody is in now"
)
OWNER = Text(
    "владелец, в команде нет никого с этой ролью", "the owner of the account, as nobody of the team has this role"
)
STAYS = Text("прежний", "as before")
NOBODY = Text("команда не настроена: ответственный прежний", "no team is set up: the responsible person stays")


class Staff(Protocol):
    """A clinic as far as its people go."""

    @property
    def team(self) -> tuple[Member, ...]:
        """Everybody who takes deals."""
        ...

    @property
    def owner(self) -> str:
        """Who takes what nobody else does."""
        ...

    @property
    def hours(self) -> tuple[str, ...]:
        """When the clinic is open."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """Where it is."""
        ...


@dataclass(frozen=True, slots=True)
class Seat:
    """What somebody is wanted for. Empty: any. ``branch``, ``direction``: option keys; ``pipeline``: address."""

    role: str
    branch: str = ""
    pipeline: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """``user``: empty only where the clinic has neither a team nor an owner. ``reason``: half a sentence."""

    user: str
    reason: Text


#: from the best on: who may take the seat, and why he does
Fits = Callable[[Staff, Member, Seat, datetime], bool]
LADDER: Final[Sequence[tuple[Fits, Text]]] = (
    (lambda staff, one, seat, at: fits(one, seat) and is_in(staff, one, at), IN_TURN),
    (lambda staff, one, seat, at: is_in(staff, one, at), FROM_ELSEWHERE),
    (lambda staff, one, seat, at: fits(one, seat) and not is_away(staff, one, at), NEXT_IN),
    (lambda staff, one, seat, at: not is_away(staff, one, at), NEXT_IN),
)


def pick(
    clinic: Staff, role: str, branch: str, pipeline: str, at: datetime, load: Mapping[str, int], last: str = ""
) -> str:
    """The user who takes it. ``load``: open deals by user; ``last``: who had the last turn."""
    return choose(clinic, Seat(role, branch, pipeline), at, load, last).user


def choose(clinic: Staff, seat: Seat, at: datetime, load: Mapping[str, int], last: str = "") -> Picked:
    """Who takes the seat, and why. The least loaded; of equals the next after ``last`` in the team's order."""
    able = [one for one in clinic.team if seat.role in one.roles]
    for may, reason in LADDER:
        fitting = [one.user for one in able if may(clinic, one, seat, at)]
        if fitting:
            return Picked(_lightest(fitting, [one.user for one in clinic.team], load, last), reason)
    if clinic.owner:
        return Picked(clinic.owner, OWNER)
    return Picked(clinic.team[0].user, OWNER) if clinic.team else Picked("", NOBODY)


def fits(one: Member, seat: Seat) -> bool:
    """Whether branch, pipeline and direction are his; who is tied to none takes all."""
    asked = ((seat.branch, one.branches), (seat.pipeline, one.pipelines), (seat.direction, one.directions))
    return all(not wanted or not his or wanted in his for wanted, his in asked)


def is_away(clinic: Staff, one: Member, at: datetime) -> bool:
    """Whether this is a day of his absence; its first and last day are."""
    today = at.astimezone(clinic.zone).date()
    return any(since <= today <= until for since, until in one.away)


def is_in(clinic: Staff, one: Member, at: datetime) -> bool:
    """Whether he is at work now."""
    return not is_away(clinic, one, at) and worktime.hours(one.hours or clinic.hours, clinic.zone).is_open(at)


def _lightest(fitting: Sequence[str], order: Sequence[str], load: Mapping[str, int], last: str) -> str:
    start = order.index(last) + 1 if last in order else 0
    turn = [*order[start:], *order[:start]]
    return min(fitting, key=lambda user: (load.get(user, 0), turn.index(user)))
