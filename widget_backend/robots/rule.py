"""A robot as a value: what it waits for, what must hold, what it does. Frozen, no I/O. The words are ``grammar``'s."""

from __future__ import annotations

from dataclasses import dataclass

from widget_backend.texts import Text

Scalar = bool | int | str | None


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """A task a rule may set.

    ``deadline``: a span from now (in the clinic's working hours, unless ``working_hours`` is off), the address of a span
    setting, the address of a date field, or ``mis`` for the deadline the clinic's system gave.
    """

    key: str
    title: Text
    text: Text
    deadline: str
    working_hours: bool = True
    who: str = "responsible"
    type: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a rule waits for; which parts matter is said in ``grammar.TRIGGERS``."""

    on: str
    stages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    span: str = ""
    working_hours: bool = True
    field: str = ""
    fact: str = ""
    robot: str = ""
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """``what`` is a field, a setting or a fact of ``grammar.FACTS``.

    A group has no ``what``: all of ``every`` must hold, one of ``some``, or ``denied`` must not.
    """

    what: str = ""
    op: str = "equals"
    value: Scalar = None
    every: tuple[Condition, ...] = ()
    some: tuple[Condition, ...] = ()
    denied: Condition | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a rule; which parts matter is said in ``grammar.ACTIONS``.

    ``filled``: (field, value) pairs a new deal starts with. ``returns``: (name, value) pairs for the robot that called.
    """

    action: str
    to: str = ""
    out_of: tuple[str, ...] = ()
    who: str = ""
    task: str = ""
    field: str = ""
    value: Scalar = None
    text: Text | None = None
    bot: str = ""
    once_per_patient: bool = False
    filled: tuple[tuple[str, Scalar], ...] = ()
    returns: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A robot: trigger, conditions (all must hold), actions in order. ``per_stage``: a template of one rule per stage."""

    key: str
    name: Text
    when: Trigger
    do: tuple[Step, ...]
    conditions: tuple[Condition, ...] = ()
    only_if: str = ""
    per_stage: bool = False
    source: tuple[str, ...] = ()
