"""Conditions: whether what a rule asks holds. Pure, over facts that were gathered before.

What is empty equals nothing; an unticked box counts as «no». Of what nobody knows nothing holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Protocol, TypeAlias

from widget_backend.crm.records import FieldValue
from widget_backend.robots.rule import Condition, Scalar


class Unknown:
    """The answer to a question that cannot be answered."""


UNKNOWN: Final = Unknown()
#: a pipeline question is answered by all pipelines that fit
Known: TypeAlias = FieldValue | frozenset[str]
Answer: TypeAlias = Known | Unknown


class Answers(Protocol):
    """Who knows the facts. Money is in whole units of its currency."""

    def of(self, what: str) -> Answer:
        """What a field, a setting or a fact of ``grammar.FACTS`` is. A flag that is not set is ``False``."""
        ...


def hold(conditions: tuple[Condition, ...], facts: Answers) -> bool:
    """Whether all of them hold."""
    return all(holds(condition, facts) for condition in conditions)


def holds(condition: Condition, facts: Answers) -> bool:
    """Whether it holds; a group with nothing in it does."""
    if condition.every:
        return all(holds(part, facts) for part in condition.every)
    if condition.some:
        return any(holds(part, facts) for part in condition.some)
    if condition.denied:
        return not holds(condition.denied, facts)
    if not condition.what:
        return True
    value = facts.of(condition.what)
    return not isinstance(value, Unknown) and _COMPARED[condition.op](value, condition.value)


def failing(conditions: tuple[Condition, ...], facts: Answers) -> Condition | None:
    """The first condition that does not hold."""
    return next((condition for condition in conditions if not holds(condition, facts)), None)


def _equals(value: Known, wanted: Scalar) -> bool:
    if isinstance(value, tuple | frozenset):
        return wanted in value
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | Decimal) and isinstance(wanted, int):
        return value == wanted
    return value is not None and not isinstance(value, date) and str(value) == str(wanted)


def _is_empty(value: Known) -> bool:
    return value is None or value is False or value in ("", (), frozenset())


def _number(value: Known) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _is_more(value: Known, wanted: Scalar) -> bool:
    number, limit = _number(value), _number(wanted)
    return number is not None and limit is not None and number > limit


def _is_less(value: Known, wanted: Scalar) -> bool:
    number, limit = _number(value), _number(wanted)
    return number is not None and limit is not None and number < limit


_COMPARED: Final[Mapping[str, Callable[[Known, Scalar], bool]]] = {
    "equals": _equals,
    "differs": lambda value, wanted: not _equals(value, wanted),
    "more": _is_more,
    "less": _is_less,
    "filled": lambda value, _: not _is_empty(value),
    "empty": lambda value, _: _is_empty(value),
}
