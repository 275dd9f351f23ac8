"""The API on rules: listed, switched, the clinic's own, and what one would have done."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

import pytest
from api_desks import Desk, json_of, problem

from widget_backend.db import scope
from widget_backend.robots.handed import Handed
from widget_backend.robots.rules import mark

MOMENT = datetime(2026, 11, 25, 9, tzinfo=UTC)

CALL: dict[str, Any] = {
    "key": "call_again",
    "name": {"ru": "Перезвонить", "en": "Call again"},
    "when": {"on": "entered", "stages": ["stage.visits.confirmed"]},
    "if": [{"what": "deal.amount", "is": "more", "value": 1000}],
    "do": [{"action": "add_note", "text": {"ru": "Перезвоните", "en": "Call again"}}],
}
#: a condition within a condition, three hundred times
DEEP = functools.reduce(lambda inner, _: {"not": inner}, range(300), CALL["if"][0])
COPY_BACK = {
    "key": "back_and_forth",
    "name": {"ru": "Туда и обратно", "en": "Back and forth"},
    "when": {"on": "entered", "stages": ["stage.coord.new"]},
    "do": [{"action": "copy_deal", "to": "stage.visits.came"}],
}


@pytest.fixture
def own(desk: Desk) -> Any:
    """The clinic has a rule of its own."""
    yield json_of(desk.admin.put("/rules/call_again", CALL))
    desk.admin.delete("/rules/call_again")


def test_the_rules_of_the_preset_are_in_force(desk: Desk) -> None:
    rules = json_of(desk.calls.get("/rules"))["rules"]

    handed = next(rule for rule in rules if rule["key"] == "handed")
    assert (handed["origin"], handed["on"], handed["paused"]) == ("preset", True, None)
    assert handed["version"].startswith("dental ")
    assert handed["rule"]["when"]["on"] == "entered"
    assert json_of(desk.calls.get("/rules/handed")) == handed


def test_a_rule_says_that_the_crms_own_robots_carry_it_out(boris: Desk) -> None:
    hand(boris, Handed("robots", "", "0" * 16, "1", MOMENT))

    told = json_of(boris.calls.get("/rules/handed"))
    hand(boris, None)

    assert told["handed"] == {"way": "robots", "at": "2026-11-25T09:00:00+00:00", "by": "1"}
    assert json_of(boris.calls.get("/rules/handed"))["handed"] is None


def hand(desk: Desk, how: Handed | None) -> None:
    with scope(desk.number), desk.house.database.transaction() as session:
        mark(session, desk.number, "handed", how)


def test_a_rule_of_the_clinics_own_is_kept_as_it_was_sent(desk: Desk, own: Any) -> None:
    assert (own["origin"], own["on"], own["name"]) == ("own", True, "Call again")
    assert own["rule"] == CALL
    assert "admin rule.save" in desk.acts()


def test_a_rule_of_the_preset_is_changed_and_taken_back(desk: Desk) -> None:
    before = json_of(desk.admin.get("/rules/handed"))
    renamed = {**before["rule"], "name": {"ru": "Иначе", "en": "Otherwise"}}

    changed = json_of(desk.admin.put("/rules/handed", renamed))
    json_of(desk.admin.delete("/rules/handed"))

    assert (changed["origin"], changed["name"]) == ("own", "Otherwise")
    assert json_of(desk.admin.get("/rules/handed")) == before
    assert "admin rule.drop" in desk.acts()


def test_rules_that_would_set_each_other_off_are_refused(desk: Desk) -> None:
    said = problem(desk.admin.put("/rules/back_and_forth", COPY_BACK), 422)

    assert "set each other off without end" in said
    problem(desk.admin.get("/rules/back_and_forth"), 404)


def test_a_rule_is_switched_off_and_on(desk: Desk) -> None:
    off = json_of(desk.admin.put("/rules/handed/switch", {"on": False}))
    on = json_of(desk.admin.put("/rules/handed/switch", {"on": True}))

    assert (off["on"], on["on"]) == (False, True)
    assert desk.acts()[-2:] == ["admin rule.off", "admin rule.on"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "other"}, "different keys"),
        ({"do": []}, "do: the list is empty"),
        ({"do": [{"action": "fly"}]}, "do[0].action: must be one of"),
        ({"when": {"on": "entered", "stages": ["stage.visits.gone"]}}, "no stage “stage.visits.gone”"),
        ({"do": [{"action": "set_field", "field": "field.deal.gone", "value": "1"}]}, "no field “field.deal.gone”"),
        ({"per_stage": True}, "belong to a preset's rules"),
        ({"colour": "red"}, "colour: there is no such thing here"),
        ({"if": [DEEP]}, "the conditions are nested too deeply"),
        ({"do": CALL["do"] * 51}, "more than 50 steps"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_all_that_is_wrong(boris: Desk, changed: Any, said: str) -> None:
    before = json_of(boris.admin.get("/rules"))

    refused = problem(boris.admin.put("/rules/call_again", {**CALL, **changed}), 422)

    assert said in refused
    assert json_of(boris.admin.get("/rules")) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/rules/nothing", None),
        ("DELETE", "/rules/nothing", None),
        ("DELETE", "/rules/handed", None),
        ("PUT", "/rules/nothing/switch", {"on": True}),
        ("POST", "/rules/nothing/dry-run", {}),
    ],
)
def test_a_rule_that_is_not_there_is_not_found(boris: Desk, method: str, path: str, body: Any) -> None:
    before = boris.acts()

    assert "There is no such rule" in problem(boris.admin.open(method, path, body), 404)
    assert boris.acts() == before


def test_what_a_rule_would_have_done_is_told_and_nothing_is_done(desk: Desk) -> None:
    deal = desk.reception.enquires(desk.reception.patient("Иван Лисин", "+79005559003"), "stage.visits.confirmed")
    desk.reception.settles()
    desk.reception.crm.faults.plan()

    told = json_of(desk.admin.open("POST", "/rules/dry-run", {"rule": CALL, "days": 1}))

    rows = {row["deal"]: row for row in told["rows"]}
    assert (rows[deal]["would"], told["hint"], told["left_out"]) == (False, None, 0)
    assert "1000" in rows[deal]["why"]
    assert not any(row.write for row in desk.reception.crm.faults.log)


def test_a_rule_in_force_is_tried_on_the_past(desk: Desk, own: Any) -> None:
    told = json_of(desk.admin.open("POST", "/rules/call_again/dry-run", {}))

    assert told.keys() == {"rows", "left_out", "hint"}


def test_the_past_of_some_events_is_not_kept(boris: Desk) -> None:
    pressed = {**CALL, "when": {"on": "button", "label": {"ru": "Нажми", "en": "Press"}}}

    told = json_of(boris.admin.open("POST", "/rules/dry-run", {"rule": pressed}))

    assert (told["rows"], "not kept" in told["hint"]) == ([], True)


def test_a_rule_that_cannot_work_is_not_tried(boris: Desk) -> None:
    lost = {**CALL, "when": {"on": "entered", "stages": ["stage.visits.gone"]}}

    assert "no stage" in problem(boris.admin.open("POST", "/rules/dry-run", {"rule": lost}), 422)


@pytest.mark.parametrize("days", [0, 31, "7", True, 1.5, None, 10**400, [7]])
def test_days_are_counted_in_whole_numbers(boris: Desk, days: Any) -> None:
    assert "days: " in problem(boris.admin.open("POST", "/rules/handed/dry-run", {"days": days}), 422)
