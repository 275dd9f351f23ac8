"""A write that comes twice under one key has one effect and one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from api_desks import Desk, json_of, problem

from widget_backend import answers
from widget_backend.clock import now
from widget_backend.db import ALL, scope
from widget_backend.sandbox.faults import Fault
from widget_backend.web.api import repeats

TO = {"to": "stage.coord.new"}


def test_the_same_again_is_answered_the_same_and_asks_the_crm_nothing(desk: Desk) -> None:
    patient, deal = desk.visit()
    first = desk.calls.post(f"/deals/{deal}/copies", TO, f"again-{deal}")
    desk.reception.crm.faults.plan()

    second = desk.calls.post(f"/deals/{deal}/copies", TO, f"again-{deal}")

    assert json_of(second) == json_of(first)
    assert desk.reception.crm.faults.log == []
    assert desk.standing(patient) == ["stage.coord.new"]


def test_a_double_click_makes_one_copy(desk: Desk) -> None:
    patient, deal = desk.visit()

    with ThreadPoolExecutor(4) as clicks:
        pressed = [clicks.submit(desk.calls.post, f"/deals/{deal}/copies", TO, f"click-{deal}") for _ in range(4)]
        told = [json_of(each.result()) for each in pressed]

    assert [one == told[0] for one in told] == [True] * 4
    assert desk.standing(patient) == ["stage.coord.new"]


def test_two_people_who_press_the_button_at_once_make_one_copy(desk: Desk) -> None:
    patient, deal = desk.visit()
    people = [replace(desk.calls, user=user) for user in ("7", "8")]

    with ThreadPoolExecutor(2) as hands:
        told = [json_of(one) for one in hands.map(lambda each: each.post(f"/deals/{deal}/copies", TO), people)]

    assert sorted(one["made"] for one in told) == [False, True]
    assert len({one["deal"] for one in told}) == 1
    assert desk.standing(patient) == ["stage.coord.new"]


def test_another_key_is_another_act(desk: Desk) -> None:
    patient, deal = desk.visit()

    for _ in range(2):
        json_of(desk.calls.post(f"/deals/{deal}/copies", TO))

    assert desk.standing(patient) == ["stage.coord.new"] * 2


@pytest.mark.parametrize("other", ["body", "deal", "person", "clinic's own"])
def test_a_key_is_good_for_one_request_of_one_person(boris: Desk, other: str) -> None:
    patient, deal = boris.visit()
    key = f"taken-{len(other)}-{deal}"
    json_of(boris.calls.post(f"/deals/{deal}/copies", TO, key))
    asked = {
        "body": lambda: boris.calls.post(f"/deals/{deal}/copies", {**TO, "once_per_patient": True}, key),
        "deal": lambda: boris.calls.post("/deals/1/copies", TO, key),
        "person": lambda: type(boris.calls)(boris.house, boris.reception.crm, user="8").post(
            f"/deals/{deal}/copies", TO, key
        ),
        "clinic's own": lambda: boris.calls.post(f"/deals/{deal}/route", None, key),
    }

    assert "give it a key of its own" in problem(asked[other](), 422)
    assert boris.standing(patient) == ["stage.coord.new"]


@pytest.mark.parametrize("key", ["", " ", "two words", "ключ", "k" * 201])
@pytest.mark.parametrize("path", ["/deals/1/copies", "/deals/1/undo", "/deals/1/route", "/dead-letters/0/replay"])
def test_without_a_key_nothing_is_done(boris: Desk, path: str, key: str) -> None:
    boris.reception.crm.faults.plan()

    answer = boris.admin.open("POST", path, TO if "copies" in path else None, key)

    assert "Idempotency-Key is missing" in problem(answer, 422)
    assert boris.reception.crm.faults.log == []


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_failure_is_not_kept_and_the_same_request_finishes_what_it_began(desk: Desk, at: int) -> None:
    patient, deal = desk.visit()
    desk.reception.crm.faults.plan(Fault(at, "drop", count=2))
    first = desk.calls.post(f"/deals/{deal}/copies", TO, f"broken-{deal}")
    desk.reception.crm.faults.plan()

    second = json_of(desk.calls.post(f"/deals/{deal}/copies", TO, f"broken-{deal}"))

    assert first.status_code in (200, 503)
    assert (second["made"], desk.standing(patient)) == (True, ["stage.coord.new"])


def test_of_what_lasts_too_long_the_second_is_told_to_wait(boris: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "PATIENCE", 0.1)
    patient, deal = boris.visit()
    boris.reception.crm.faults.plan(Fault(1, "slow", seconds=1.5))

    with ThreadPoolExecutor(2) as clicks:
        pressed = [clicks.submit(boris.calls.post, f"/deals/{deal}/copies", TO, f"slow-{deal}") for _ in range(2)]
        told = sorted((each.result() for each in pressed), key=lambda answer: answer.status_code)

    assert json_of(told[0])["made"] is True
    assert "under way" in problem(told[1], 409)
    assert boris.standing(patient) == ["stage.coord.new"]


def test_keys_of_two_clinics_have_nothing_to_do_with_each_other(clinics: dict[str, Desk]) -> None:
    boris, clara = clinics["boris"], clinics["clara"]
    _, deal = boris.visit()
    his = json_of(boris.calls.post(f"/deals/{deal}/copies", TO, "the-same-key"))

    hers = clara.calls.post(f"/deals/{deal}/copies", TO, "the-same-key")

    assert his["deal"] not in problem(hers, 404).replace(f"deal {deal}", "")


def test_a_switch_is_answered_once_too(boris: Desk) -> None:
    body = {"on": False}
    first = json_of(boris.admin.put("/rules/handed/switch", body, "switch-1"))
    json_of(boris.admin.put("/rules/handed/switch", {"on": True}))

    again = json_of(boris.admin.put("/rules/handed/switch", body, "switch-1"))

    assert again == first
    assert json_of(boris.admin.get("/rules/handed"))["on"] is True


def test_keys_and_answers_are_not_readable_and_last_a_day(boris: Desk) -> None:
    _, deal = boris.visit()
    told = boris.calls.post(f"/deals/{deal}/copies", TO, "key-of-yesterday")
    kept = boris.run("SELECT key || mark || body FROM answer ORDER BY id DESC LIMIT 1")
    boris.run("UPDATE answer SET begun_at = :then", then=now() - timedelta(hours=25))

    with scope(ALL), boris.house.database.transaction() as session:
        dropped = answers.prune(session)

    assert dropped > 0
    assert (told.text in kept, "key-of" in kept) == (False, False)
    assert boris.run("SELECT count(*) FROM answer") == 0
