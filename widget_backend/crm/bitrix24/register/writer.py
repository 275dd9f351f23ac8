"""Carries orders out in their order: as many commands in one batch as fit, an answer for each write.

A refused write stops no other. Where the portal puts some off for later, they have its :class:`RateLimited` for an answer; that
is raised instead if nothing at all was carried out. No answer, an unclear one, or lost access raises.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from widget_backend.crm.asking import Write, Written
from widget_backend.crm.bitrix24.client import Client, Inner, Replies
from widget_backend.crm.bitrix24.packing import Pace, merged
from widget_backend.crm.bitrix24.register.orders import ANSWERS, Desk, Order, begin
from widget_backend.errors import RateLimited, Unavailable


@dataclass
class Job:
    """An order under way, and the commands it wants next."""

    place: int
    order: Order
    commands: Mapping[str, Inner] = field(default_factory=dict)


class Writer:
    """Writes to one portal. What it learns of the portal holds for the next writes too."""

    def __init__(self, client: Client, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._pace = Pace()

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        """See :class:`widget_backend.crm.port.Records`."""
        answers: dict[int, Written] = {}
        jobs = [Job(place, begin(write, self._desk, f"w{place}")) for place, write in enumerate(writes)]
        queue = deque(job for job in jobs if _goes_on(job, None, answers))
        sent: list[int] = []
        while queue:
            taken = self._pace.take(queue)
            limited = self._carry(taken, queue, answers)
            sent += [job.place for job in taken]
            if limited is not None:
                answers |= {job.place: _given_up(job, limited) for job in (*taken, *queue)}
                break
        _raise_limit(answers[place] for place in sent)
        return [answers[place] for place in range(len(writes))]

    def _carry(self, taken: list[Job], queue: deque[Job], answers: dict[int, Written]) -> RateLimited | None:
        """One batch; orders that want more go to the front of the queue. The limit that let nothing through, if one did."""
        commands = merged(taken)
        try:
            replies = self._client.batch(commands)
        except RateLimited as limited:
            return limited
        except Unavailable:
            self._pace.ease()
            raise
        self._pace.note(commands, replies)
        self._check(commands, replies)
        queue.extendleft(reversed([job for job in taken if _goes_on(job, replies, answers)]))
        return None

    def _check(self, commands: Mapping[str, Inner], replies: Replies) -> None:
        for error in replies.errors.values():
            if not isinstance(error, ANSWERS):
                raise error
        silent = [inner for key, inner in commands.items() if key not in replies.values and key not in replies.errors]
        if silent:
            raise self._client.unclear(silent)


def _goes_on(job: Job, replies: Replies | None, answers: dict[int, Written]) -> bool:
    """Lead an order on to its next commands, or to its answer; whether it wants more."""
    try:
        job.commands = next(job.order) if replies is None else job.order.send(replies)
    except StopIteration as end:
        answers[job.place] = end.value
        return False
    except ANSWERS as error:
        answers[job.place] = Written(error=error)
        return False
    return True


def _given_up(job: Job, limited: RateLimited) -> Written:
    """What an order comes to that gets no further; it may have come far enough."""
    try:
        while True:
            job.order.throw(limited)
    except StopIteration as end:
        written: Written = end.value
        return written
    except ANSWERS as error:
        return Written(error=error)


def _raise_limit(sent: Iterable[Written]) -> None:
    """A limit, where it is all there is to tell."""
    errors = []
    for answer in sent:
        if answer.error is None:
            return
        errors.append(answer.error)
    limited = next((error for error in errors if isinstance(error, RateLimited)), None)
    if limited is not None:
        raise limited
