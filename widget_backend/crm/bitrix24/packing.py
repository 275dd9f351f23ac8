"""Commands packed into batches: as many as fit into a safe share of the time one request has (bitrix24.md §3.1, §9.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from widget_backend.crm.bitrix24.client import BATCH, Inner, Replies
from widget_backend.crm.port import Outcome
from widget_backend.errors import RateLimited, VendorError

#: seconds of work put into one request; it is cut off at 60
SHARE = 30.0
#: seconds a command is taken to need until the portal has shown what it needs. A user field alters tables, and how long that
#: takes nobody says (§9.1, §13): the first batch holds a few
GUESSES: Mapping[str, float] = {
    "crm.category.add": 1.0,
    "crm.category.delete": 1.0,
    "crm.deal.userfield.add": 3.0,
    "crm.contact.userfield.add": 3.0,
    "crm.deal.userfield.update": 1.0,
    "crm.contact.userfield.update": 1.0,
    "crm.deal.userfield.delete": 3.0,
    "crm.contact.userfield.delete": 3.0,
    # the portal's own robots run inside
    "crm.item.add": 1.0,
    "crm.item.update": 1.0,
}
GUESS = 0.2


class Parcel(Protocol):
    """What holds commands that travel together."""

    @property
    def commands(self) -> Mapping[str, Inner]:
        """By key."""
        ...


P = TypeVar("P", bound=Parcel)


@dataclass
class Result:
    """What a task came to: outcomes, tasks that follow from it, and a fault that ends the work once all is stored.

    ``waiting``: the portal wants the task later; nothing of it was done.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    then: list[Task] = field(default_factory=list)
    fault: VendorError | None = None
    waiting: RateLimited | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Commands that travel together, and what to make of their answers."""

    commands: Mapping[str, Inner]
    settle: Callable[[Task, Replies], Result]


class Pace:
    """How many commands fit into one request, by what they took so far."""

    def __init__(self) -> None:
        self._mean: dict[str, float] = {}
        self._share = SHARE

    def take(self, queue: deque[P]) -> list[P]:
        """The next parcels, in order; at least one."""
        taken: list[P] = []
        commands, seconds = 0, 0.0
        while queue:
            commands += len(queue[0].commands)
            seconds += sum(self.seconds(inner.method) for inner in queue[0].commands.values())
            if taken and (commands > BATCH or seconds > self._share):
                break
            taken.append(queue.popleft())
        return taken

    def seconds(self, method: str) -> float:
        """What a command of this method is taken to need."""
        return self._mean.get(method, GUESSES.get(method, GUESS))

    def ease(self) -> None:
        """A request came to nothing, maybe cut off for its length: make the next ones half as long."""
        self._share /= 2

    def note(self, commands: Mapping[str, Inner], replies: Replies) -> None:
        """Learn from one request: the mean of each method, as a single slow one says little."""
        spent: dict[str, list[float]] = {}
        for key, seconds in replies.seconds.items():
            spent.setdefault(commands[key].method, []).append(seconds)
        self._mean |= {method: sum(each) / len(each) for method, each in spent.items()}


def merged(parcels: Iterable[Parcel]) -> dict[str, Inner]:
    """The commands of these parcels, as one batch."""
    return {key: inner for parcel in parcels for key, inner in parcel.commands.items()}
