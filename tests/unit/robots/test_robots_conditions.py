"""Conditions: what holds, and the laws of all, any and not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import Known, conditions, facts

from widget_backend.robots.conditions import UNKNOWN, failing, hold, holds
from widget_backend.robots.rule import Condition


def compare(value: Any, op: str, wanted: Any = None) -> bool:
    return holds(Condition("a", op, wanted), Known({"a": value}))


@pytest.mark.parametrize(
    ("value", "op", "wanted"),
    [
        (True, "equals", True),
        (False, "differs", True),
        (Decimal("0"), "equals", 0),
        (3, "more", 2),
        (Decimal("6.5"), "less", 7),
        ("postponed", "equals", "postponed"),
        (("a", "b"), "equals", "b"),
        (frozenset({"pipeline.base"}), "equals", "pipeline.base"),
        (frozenset(), "differs", "pipeline.base"),
        (None, "differs", "postponed"),
        (date(2026, 11, 25), "filled", None),
        (datetime(2026, 11, 25, tzinfo=UTC), "filled", None),
        (0, "filled", None),
        (False, "empty", None),
        ("", "empty", None),
        (None, "empty", None),
    ],
)
def test_what_holds(value: Any, op: str, wanted: Any) -> None:
    assert compare(value, op, wanted)


@pytest.mark.parametrize(
    ("value", "op", "wanted"),
    [
        (True, "equals", False),
        (1, "equals", True),
        (True, "equals", 1),
        (None, "equals", False),
        (None, "more", 0),
        (None, "less", 7),
        (True, "more", 0),
        ("3", "more", 2),
        (None, "filled", None),
        ((), "filled", None),
        (date(2026, 11, 25), "equals", "2026-11-25"),
    ],
)
def test_what_does_not(value: Any, op: str, wanted: Any) -> None:
    assert not compare(value, op, wanted)


@pytest.mark.parametrize("op", ["equals", "differs", "more", "less", "filled", "empty"])
def test_of_what_nobody_knows_nothing_holds(op: str) -> None:
    assert not compare(UNKNOWN, op, True)


@given(conditions, facts)
def test_not_is_the_opposite(condition: Condition, known: Known) -> None:
    assert holds(Condition(denied=condition), known) is not holds(condition, known)


@given(st.lists(conditions, min_size=1, max_size=4), facts)
def test_all_of_denied_is_not_any(parts: list[Condition], known: Known) -> None:
    denied = tuple(Condition(denied=part) for part in parts)

    assert holds(Condition(every=denied), known) is not holds(Condition(some=tuple(parts)), known)


@given(st.lists(conditions, min_size=1, max_size=4), facts, st.randoms())
def test_the_order_of_parts_says_nothing(parts: list[Condition], known: Known, chance: Any) -> None:
    shuffled = list(parts)
    chance.shuffle(shuffled)

    assert holds(Condition(every=tuple(parts)), known) is holds(Condition(every=tuple(shuffled)), known)
    assert holds(Condition(some=tuple(parts)), known) is holds(Condition(some=tuple(shuffled)), known)


@given(conditions, facts)
def test_a_group_of_one_is_that_one(condition: Condition, known: Known) -> None:
    assert holds(Condition(every=(condition,)), known) is holds(condition, known)
    assert holds(Condition(some=(condition,)), known) is holds(condition, known)


@given(st.lists(conditions, max_size=4), facts)
def test_a_rule_holds_unless_one_of_its_conditions_fails(parts: list[Condition], known: Known) -> None:
    assert hold(tuple(parts), known) is (failing(tuple(parts), known) is None)


def test_without_conditions_a_rule_holds() -> None:
    assert hold((), Known({}))
