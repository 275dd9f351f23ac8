"""The API on deals, on both CRMs: copied, taken back, routed, and where they have been."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_desks import Desk, json_of, problem

from widget_backend.clock import now
from widget_backend.sandbox.faults import Fault

TO = {"to": "stage.coord.new"}
GONE = {"to": "stage.coord.gone"}
ASKING = ("copies/preview", "copies", "route")


def test_a_deal_is_copied_to_another_pipeline(desk: Desk) -> None:
    patient, deal = desk.visit()

    copied = json_of(desk.calls.post(f"/deals/{deal}/copies", TO))

    assert desk.standing(patient) == ["stage.coord.new"]
    assert copied["made"] is True
    assert copied["deal"] == desk.reception.at(patient, "stage.coord.new")
    assert "was copied to the stage" in copied["reason"]
    assert (copied["warning"], "user deal.copied" in desk.acts()) == (None, True)


def test_an_open_deal_of_the_patient_is_as_good_as_a_copy_where_that_is_asked(desk: Desk) -> None:
    patient, deal = desk.visit()
    first = json_of(desk.calls.post(f"/deals/{deal}/copies", TO))

    second = json_of(desk.calls.post(f"/deals/{deal}/copies", {**TO, "once_per_patient": True}))

    assert (second["deal"], second["made"]) == (first["deal"], False)
    assert desk.standing(patient) == ["stage.coord.new"]


def test_a_preview_tells_what_a_copy_would_be_and_writes_nothing(desk: Desk) -> None:
    patient, deal = desk.visit()

    seen = json_of(desk.calls.open("POST", f"/deals/{deal}/copies/preview", TO))

    assert (seen["how"], seen["deal"]) == ("copied", "")
    assert (seen["draft"]["title"], seen["draft"]["contacts"]) == ("Заявка", [patient])
    assert desk.standing(patient) == []
    assert not any(row.write for row in desk.reception.crm.faults.log)


def test_a_copy_is_taken_back(desk: Desk) -> None:
    patient, deal = desk.visit()
    copied = json_of(desk.calls.post(f"/deals/{deal}/copies", TO))

    undone = json_of(desk.calls.post(f"/deals/{copied['deal']}/undo"))

    assert (undone["deal"], undone["how"]) == (
        copied["deal"],
        {"bitrix24": "deleted", "amocrm": "closed"}[desk.reception.clinic.vendor],
    )
    assert desk.standing(patient) == []
    assert "user deal.copy_undone" in desk.acts()


def test_a_copy_people_have_worked_on_is_not_taken_back(desk: Desk) -> None:
    patient, deal = desk.visit()
    copied = json_of(desk.calls.post(f"/deals/{deal}/copies", TO))
    desk.reception.touches(copied["deal"])

    refused = problem(desk.calls.post(f"/deals/{copied['deal']}/undo"), 409)

    assert "have worked on copy" in refused
    assert desk.standing(patient) == ["stage.coord.new"]


def test_a_patients_deal_is_routed_with_a_reason(desk: Desk) -> None:
    patient = desk.reception.patient("Анна Котова", "+79005559001", visit_count=2)
    deal = desk.reception.deal(patient, "stage.visits.new")

    routed = json_of(desk.calls.post(f"/deals/{deal}/route"))
    decisions = json_of(desk.calls.get(f"/deals/{deal}/routes"))["decisions"]

    assert (routed["deal"], routed["kind"], routed["code"]) == (deal, "repeat", "counter")
    assert [one["routed"] for one in decisions] == [routed]
    assert "coordinator deal.route" in desk.acts()


def test_the_steps_of_a_deal_are_told_in_order_with_our_addresses(desk: Desk) -> None:
    deal = desk.reception.enquires(desk.reception.patient("Пётр Орлов", "+79005559002"), "stage.visits.new")
    desk.reception.settles()
    desk.reception.moves(deal, "stage.visits.confirmed")
    desk.reception.settles()

    steps = json_of(desk.calls.get(f"/deals/{deal}/history"))["steps"]

    assert [(one["kind"], one["to"]["address"]) for one in steps] == [
        ("created", "stage.visits.new"),
        ("moved", "stage.visits.confirmed"),
    ]
    assert steps[0]["from"] is None
    assert steps[1]["from"]["name"] == "Приемы / Новая заявка"


def test_the_family_of_a_deal_is_told_from_either_end(desk: Desk) -> None:
    _, deal = desk.visit()
    copied = json_of(desk.calls.post(f"/deals/{deal}/copies", TO))["deal"]

    families = [json_of(desk.calls.get(f"/deals/{one}/lineage")) for one in (deal, copied)]

    tie = families[0]["ties"][0]
    assert (tie["source"], tie["deal"], tie["target"], tie["how"], tie["state"], tie["asked_by"]) == (
        *(deal, copied, "stage.coord.new"),
        *("copied", "done", "7"),
    )
    assert families[0]["ties"] == families[1]["ties"]
    assert families[1]["origin_stage"].startswith("stage.visits.")


@pytest.mark.parametrize("what", ["routes", "history", "lineage"])
def test_of_a_deal_nobody_has_heard_of_nothing_is_told(desk: Desk, what: str) -> None:
    assert "Nothing is known here of deal 999999" in problem(desk.calls.get(f"/deals/999999/{what}"), 404)


@pytest.mark.parametrize("what", [*ASKING, "undo"])
def test_a_deal_that_is_not_in_the_crm_is_not_found(desk: Desk, what: str) -> None:
    said = problem(desk.calls.post(f"/deals/999999/{what}", TO if "copies" in what else None), 404)

    assert "999999" in said
    assert "othing was" in said


@pytest.mark.parametrize("what", ["copies/preview", "copies"])
def test_a_stage_that_is_gone_is_said_with_what_to_do(desk: Desk, what: str) -> None:
    patient, deal = desk.visit()

    said = problem(desk.calls.post(f"/deals/{deal}/{what}", GONE), 409)

    assert "no stage “stage.coord.gone”" in said
    assert "choose another stage" in said
    assert desk.standing(patient) == []


@pytest.mark.parametrize("what", ASKING)
def test_a_crm_that_is_away_is_to_be_asked_later(boris: Desk, what: str) -> None:
    patient, deal = boris.visit()
    boris.reception.crm.faults.plan(Fault(0, "http_502"))

    answer = boris.calls.post(f"/deals/{deal}/{what}", TO if "copies" in what else None)
    tried = len(boris.reception.crm.faults.log)
    boris.reception.crm.faults.plan()

    assert tried == 2
    assert "nothing will be doubled" in problem(answer, 503).lower()
    assert answer.headers["Retry-After"] == "30"
    assert boris.standing(patient) == []


@pytest.mark.parametrize("what", ASKING)
def test_a_crm_that_asks_to_wait_is_asked_as_late_as_it_says(desk: Desk, what: str) -> None:
    _, deal = desk.visit()
    desk.hurried()

    answer = desk.calls.post(f"/deals/{deal}/{what}", TO if "copies" in what else None)

    assert "asks to wait" in problem(answer, 503)
    assert 50 <= int(answer.headers["Retry-After"]) <= 60
    assert desk.reception.crm.faults.log == []


@pytest.mark.parametrize("what", ASKING)
@pytest.mark.parametrize("status", ["paused", "reconnect"])
def test_an_account_that_is_held_up_is_not_worked_in(boris: Desk, what: str, status: str) -> None:
    _, deal = boris.visit()
    held = "UPDATE installation SET status = :status WHERE id = :id"
    boris.run(held, status=status, id=boris.number)

    answer = boris.calls.post(f"/deals/{deal}/{what}", TO if "copies" in what else None)
    boris.run(held, status="active", id=boris.number)

    assert "open the application" in problem(answer, 409).lower()
    assert boris.reception.crm.faults.log == []


def test_a_copy_of_an_hour_ago_stays(boris: Desk) -> None:
    patient, deal = boris.visit()
    copied = json_of(boris.calls.post(f"/deals/{deal}/copies", TO))["deal"]
    boris.run("UPDATE deal_copy SET made_at = :then WHERE deal = :deal", then=now() - timedelta(hours=1), deal=copied)

    assert "for 10 minutes" in problem(boris.calls.post(f"/deals/{copied}/undo"), 409)
    assert boris.standing(patient) == ["stage.coord.new"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "to: a required key is missing"),
        ({"to": ""}, "to: an address is like stage.visits.new"),
        ({"to": "stage.a.b\n"}, "to: an address is like stage.visits.new"),
        ({"to": "stage." + "a" * 300 + ".new"}, "to: an address is like stage.visits.new"),
        ({"to": 7}, "to: a text is needed"),
        ({"to": None, "twice": 1}, "to: no value"),
        ({**TO, "twice": 1}, "twice: there is no such thing here"),
        ({**TO, "once_per_patient": "yes"}, "once_per_patient: true or false"),
        ([], "pairs of key: value"),
        ({"to": "stage.coord.\x00"}, "cannot be read as JSON"),
        ({"to": "\ud800"}, "cannot be read as JSON"),
    ],
)
def test_what_cannot_be_used_is_told_place_by_place(boris: Desk, body: Any, said: str) -> None:
    assert said in problem(boris.calls.post("/deals/1/copies", body), 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"to": ' + b"1" * 10_000 + b"}",
        b'{"to": NaN}',
        b"to=stage.coord.new",
    ],
)
def test_a_body_that_is_no_json_is_no_fault_of_ours(boris: Desk, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {boris.calls.session}", "Idempotency-Key": "garbage"}

    answer = boris.house.client.post(
        "/api/v1/deals/1/copies", data=body, headers=headers, content_type="application/json"
    )

    assert "Nothing was changed" in problem(answer, 422)


def test_a_body_that_is_too_long_is_not_read(boris: Desk) -> None:
    problem(boris.calls.post("/deals/1/copies", {"to": "a" * 2_100_000}), 413)


@pytest.mark.parametrize("number", ["0", "01", "-1", "1.5", "abc", "1" * 16, "%00", "1%0A"])
def test_what_is_no_number_of_a_deal_is_no_address(boris: Desk, number: str) -> None:
    problem(boris.calls.get(f"/deals/{number}/history"), 404)
