"""Actions: what each step of a rule does. The one place where features meet.

An action takes the work and a step; neighbouring changes of the deal are taken together. It may run again after a crash: all it
writes goes through the effects, so it is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from widget_backend.robots.actions.changing import CHANGES, change
from widget_backend.robots.actions.deals import copy_deal, create_deal, join_open_deal, move_patient_deal
from widget_backend.robots.actions.telling import (
    add_note,
    call_back,
    close_tasks,
    create_task,
    notify,
    send_message,
    start_bot,
)
from widget_backend.robots.actions.work import Deed, Numbered, Refused, Work
from widget_backend.robots.rule import Step

__all__ = ["ACTIONS", "Deed", "Numbered", "Refused", "Work", "grouped"]

Action: TypeAlias = Callable[[Work, tuple[Numbered, ...]], Deed]

ACTIONS: Final[Mapping[str, Action]] = {
    "copy_deal": copy_deal,
    "create_deal": create_deal,
    "move_patient_deal": move_patient_deal,
    "join_open_deal": join_open_deal,
    "create_task": create_task,
    "close_tasks": close_tasks,
    "notify": notify,
    "send_message": send_message,
    "add_note": add_note,
    "start_bot": start_bot,
    "call_back": call_back,
    **dict.fromkeys(CHANGES, change),
}


def grouped(steps: Sequence[Step]) -> Iterator[tuple[Numbered, ...]]:
    """The steps in order, changes of the deal that stand beside each other together; a move ends such a group."""
    group: list[Numbered] = []
    for number, step in enumerate(steps):
        joins = bool(group) and step.action in CHANGES and group[-1].step.action in CHANGES - {"move_deal"}
        if group and not joins:
            yield tuple(group)
            group = []
        group.append(Numbered(number, step))
    if group:
        yield tuple(group)
