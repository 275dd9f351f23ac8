"""Matching: which rules answer, in the order of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import AT, CHART, DEAL, happenings, rulesets

from widget_backend.robots.happenings import Called, Created, Due, Entered, Happening, Left, Pressed
from widget_backend.robots.matching import match
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.texts import Text

NOTE = (Step("add_note", text=Text("Слова", "Words")),)


def rule(key: str, on: str, *stages: str, **more: Any) -> Rule:
    return Rule(key, Text("Правило", "Rule"), Trigger(on, stages, **more), NOTE)


def keys(rules: Sequence[Rule], happening: Happening) -> list[str]:
    return [one.key for one in match(rules, happening, DEAL, CHART)]


def entered(stage: str) -> Entered:
    return Entered(cause="t:1", at=AT, stage=stage)


@pytest.mark.parametrize(
    ("word", "there", "elsewhere"),
    [
        ("any", "xa", None),
        ("open", "xa", "xc"),
        ("won", "yc", "ya"),
        ("lost", "yd", "ya"),
        ("pipeline.x", "xb", "yb"),
        ("stage.y.b", "yb", "xb"),
    ],
)
def test_stages_are_named_by_address_pipeline_and_kind(word: str, there: str, elsewhere: str | None) -> None:
    rules = (rule("one", "entered", word),)

    assert keys(rules, entered(there)) == ["one"]
    assert elsewhere is None or keys(rules, entered(elsewhere)) == []


def test_a_stage_of_the_clinics_own_is_any_stage_and_no_other() -> None:
    rules = (rule("any", "entered", "any"), rule("named", "entered", "stage.x.a"))

    assert keys(rules, entered("an unknown one")) == []


def test_a_step_is_judged_by_its_own_stage_wherever_the_deal_is_now() -> None:
    rules = (
        rule("came", "entered", "stage.y.c"),
        rule("left", "left", "stage.y.b"),
        rule("new", "created", "stage.y.a"),
    )

    assert keys(rules, entered("yc")) == ["came"]
    assert keys(rules, Left(cause="t:1", at=AT, stage="yb")) == ["left"]
    assert keys(rules, Created(cause="t:1", at=AT, stage="ya")) == ["new"]


def test_buttons_robots_and_timers_find_their_rule() -> None:
    rules = (
        rule("pressed", "button", label=Text("Разбудить", "Wake")),
        rule("called", "robot", robot="robot.wake_deal"),
        rule("stuck", "stuck", "stage.x.a", span="1h"),
    )

    assert keys(rules, Pressed(cause="b:1", at=AT, label="Разбудить")) == ["pressed"]
    assert keys(rules, Called(cause="r:1", at=AT, robot="wake_deal")) == ["called"]
    assert keys(rules, Due(cause="d:1", at=AT, timer=1, rule="stuck")) == ["stuck"]
    assert keys(rules, Due(cause="d:1", at=AT, timer=1, rule="pressed")) == []


@given(rulesets(), happenings)
def test_rules_answer_in_the_order_of_the_file(rules: tuple[Rule, ...], happening: Happening) -> None:
    answering = match(rules, happening, DEAL, CHART)

    assert [one for one in rules if one in answering] == list(answering)


@given(rulesets(), happenings, st.data())
def test_a_rule_answers_whatever_rules_stand_around_it(
    rules: tuple[Rule, ...], happening: Happening, data: st.DataObject
) -> None:
    some = [one for one in rules if data.draw(st.booleans())]

    assert keys(some, happening) == [key for key in keys(rules, happening) if key in {one.key for one in some}]
