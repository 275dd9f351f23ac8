"""Field rules: whatever the deal holds and whatever the rules say, each filled field arrives or is told as lost."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest
from deals_in_memory import CHART
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.deals.copying.lost import REASONS, Lost, told
from widget_backend.deals.copying.rules import FieldRule, Rules, carry
from widget_backend.texts import Text

TYPES = {one.address: one for one in CHART.fields_of("deal")}
KEYS = st.sampled_from(["north", "south", "#777"])
#: a value of each type of field, empty ones among them
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=5),
    "long_text": st.text(max_size=5),
    "url": st.sampled_from(["", "https://clinic.example"]),
    "number": st.decimals(-100, 100, places=2),
    "money": st.integers(-1000, 1000),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(timezones=st.just(UTC)),
    "list": KEYS,
}


def value_of(field: ChartField) -> st.SearchStrategy[FieldValue]:
    one = VALUES[field.type]
    return st.none() | (st.lists(one, max_size=3).map(tuple) if field.multiple else one)


DEALS = st.fixed_dictionaries({}, optional={address: value_of(one) for address, one in TYPES.items()})
PLACES = st.sampled_from(["", *TYPES, "field.deal.gone"])
RULES = st.dictionaries(
    st.sampled_from([*TYPES, "field.deal.unheard"]),
    st.one_of(
        st.builds(FieldRule, st.sampled_from(["copy", "clear"]), PLACES),
        st.builds(FieldRule, st.just("sum"), PLACES),
        st.builds(
            FieldRule, st.just("map"), PLACES, st.fixed_dictionaries({"north": st.just("south")}, optional={"*": KEYS})
        ),
    ),
    max_size=6,
)


def filled(values: FieldValues) -> set[str]:
    return {address for address, value in values.items() if value not in (None, "", ())}


def names(lost: tuple[Lost, ...]) -> set[str]:
    return {one.what for one in lost}


def aimed_at(rules: Rules, address: str) -> str:
    return rules.get(address, FieldRule()).into or address


@given(DEALS)
def test_without_rules_a_copy_holds_the_same(values: FieldValues) -> None:
    carried = carry(values, {}, TYPES)

    assert carried.values == {address: values[address] for address in filled(values)}
    assert carried.lost == ()


@given(DEALS, RULES)
def test_every_filled_field_arrives_or_is_lost(values: FieldValues, rules: Rules) -> None:
    carried = carry(values, rules, TYPES)

    arrived = {address for address in filled(values) if aimed_at(rules, address) in carried.values}
    assert filled(values) - arrived <= names(carried.lost)
    assert names(carried.lost) <= filled(values)


@given(DEALS, RULES)
def test_what_is_not_lost_is_there_with_its_own_value(values: FieldValues, rules: Rules) -> None:
    carried = carry(values, rules, TYPES)

    kept = filled(values) - names(carried.lost)
    plain = {a for a in kept if rules.get(a, FieldRule()).how == "copy"}
    summed = {aimed_at(rules, a) for a in kept if rules.get(a, FieldRule()).how == "sum"}
    assert all(
        carried.values[aimed_at(rules, a)] == values[a]
        for a in plain
        if aimed_at(rules, a) not in summed | {"field.deal.branches"}
    )


@given(DEALS, RULES)
def test_a_copy_holds_only_values_its_fields_can_hold(values: FieldValues, rules: Rules) -> None:
    carried = carry(values, rules, TYPES)

    assert all(carry({address: value}, {}, TYPES).values for address, value in carried.values.items())
    assert set(carried.values) <= set(TYPES)


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9))
def test_sums_are_added_to_what_the_field_holds(paid: int, due: int, visits: int) -> None:
    values: FieldValues = {"field.deal.paid": paid, "field.deal.due": due, "field.deal.visits": Decimal(visits)}

    carried = carry(values, {"field.deal.paid": FieldRule("sum", "field.deal.due")}, TYPES)

    assert carried.values == {"field.deal.due": due + paid, "field.deal.visits": Decimal(visits)}
    assert carried.lost == ()


def test_a_sum_into_a_cleared_field_is_the_sum_alone() -> None:
    rules = {"field.deal.paid": FieldRule("sum", "field.deal.due"), "field.deal.due": FieldRule("clear")}

    carried = carry({"field.deal.paid": 500, "field.deal.due": 100}, rules, TYPES)

    assert carried.values == {"field.deal.due": 500}
    assert [(one.what, one.why) for one in carried.lost] == [("field.deal.due", "cleared")]


@pytest.mark.parametrize(
    ("value", "rule", "arrives", "why"),
    [
        ({"field.deal.branch": "north"}, FieldRule("map", "", {"north": "south"}), {"field.deal.branch": "south"}, []),
        ({"field.deal.branch": "south"}, FieldRule("map", "", {"north": "south"}), {}, ["unmapped"]),
        ({"field.deal.branch": "south"}, FieldRule("map", "", {"*": "north"}), {"field.deal.branch": "north"}, []),
        ({"field.deal.branch": "#9"}, FieldRule("map", "", {"#9": "nowhere"}), {}, ["unmapped"]),
        ({"field.deal.branch": "north"}, FieldRule("copy", "field.deal.other_branch"), {}, ["unmapped"]),
        (
            {"field.deal.branch": "south"},
            FieldRule("copy", "field.deal.other_branch"),
            {"field.deal.other_branch": "south"},
            [],
        ),
        (
            {"field.deal.branch": "south"},
            FieldRule("copy", "field.deal.branches"),
            {"field.deal.branches": ("south",)},
            [],
        ),
        (
            {"field.deal.branches": ("south", "north")},
            FieldRule("copy", "field.deal.branch"),
            {"field.deal.branch": "south"},
            ["unmapped"],
        ),
        (
            {"field.deal.urgent": True},
            FieldRule("map", "field.deal.visits", {"true": "2"}),
            {"field.deal.visits": Decimal(2)},
            [],
        ),
        (
            {"field.deal.visits": Decimal("3.0")},
            FieldRule("map", "field.deal.urgent", {"3": "true"}),
            {"field.deal.urgent": True},
            [],
        ),
        (
            {"field.deal.doctor": "Петров"},
            FieldRule("copy", "field.deal.comment"),
            {"field.deal.comment": "Петров"},
            [],
        ),
        ({"field.deal.doctor": "Петров"}, FieldRule("copy", "field.deal.visits"), {}, ["unlike"]),
        ({"field.deal.doctor": "Петров"}, FieldRule("sum", "field.deal.visits"), {}, ["unlike"]),
        ({"field.deal.at_visits_new": date(2026, 11, 1)}, FieldRule("copy", "field.deal.visit_at"), {}, ["unlike"]),
        ({"field.deal.unheard": "x"}, FieldRule(), {}, ["gone"]),
    ],
)
def test_a_rule(value: FieldValues, rule: FieldRule, arrives: FieldValues, why: list[str]) -> None:
    carried = carry(value, dict.fromkeys(value, rule), TYPES)

    assert carried.values == arrives
    assert [one.why for one in carried.lost] == why


def test_a_field_keeps_its_place_against_one_that_is_led_there() -> None:
    values = {"field.deal.comment": "свой", "field.deal.doctor": "чужой"}

    carried = carry(values, {"field.deal.doctor": FieldRule("copy", "field.deal.comment")}, TYPES)

    assert carried.values == {"field.deal.comment": "свой"}
    assert [(one.what, one.why) for one in carried.lost] == [("field.deal.doctor", "taken")]


def test_what_is_lost_is_told_by_reason() -> None:
    lost = (
        Lost("field.deal.doctor", "cleared", Text("«Врач»", "“Doctor”")),
        Lost("tags", "part", Text("теги", "tags")),
        Lost("field.deal.paid", "cleared", Text("«Оплачено»", "“Paid”")),
    )

    assert [text.ru for text in told(lost)] == [
        "Остаётся только в исходной сделке, так задано: «Врач», «Оплачено».",
        "Не копируется, так задано: теги.",
    ]
    assert told(lost)[0].en == "Stays in the source only, as set: “Doctor”, “Paid”."
    assert {one.why for one in lost} <= set(REASONS)
