"""What the widget's column and list ask of us: acts of one press, copies of several deals, and who may ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_desks import Desk, json_of, problem
from test_panel_doors import asked

from widget_backend.panel import several
from widget_backend.sandbox import amocrm
from widget_backend.sandbox.amocrm.stock import ADMIN
from widget_backend.sandbox.amocrm.tokens import front_end_token
from widget_backend.sandbox.faults import Fault

COORD = "stage.coord.new"
GONE = "987654321"


@pytest.fixture
def alice(clinics: dict[str, Desk]) -> Desk:
    return clinics["alice"]


def told(desk: Desk, what: str, body: Any) -> Any:
    return json_of(asked(desk.house, what, body))


def key_of(desk: Desk, deal: str) -> str:
    """The key with which the column was drawn."""
    return str(told(desk, "panel", {"deal": deal})["key"])


def test_a_press_routes_the_deal_once_and_answers_with_the_column_as_it_is_now(alice: Desk) -> None:
    patient = alice.reception.patient("Ева Краб", "+79005550401", visit_count=2)
    deal = alice.reception.deal(patient, "stage.visits.new")
    press = {"deal": deal, "action": "route", "key": key_of(alice, deal)}

    first, again = told(alice, "act", press), told(alice, "act", press)

    assert first["said"].startswith("The deal was routed. Repeat: completed visits")
    assert again["said"] == first["said"]
    assert first["card"]["key"] != press["key"]
    assert "owner deal.route" in alice.acts()


def test_a_parked_deal_is_woken_by_a_press(alice: Desk) -> None:
    patient = alice.reception.patient("Ия Ёрш", "+79005550402")
    deal = alice.reception.enquires(patient, "stage.base.base")
    alice.reception.settles()
    drawn = told(alice, "panel", {"deal": deal})

    done = told(alice, "act", {"deal": deal, "action": "wake", "key": drawn["key"]})

    assert (drawn["buttons"][0]["action"], drawn["buttons"][0]["primary"]) == ("wake", True)
    assert "База пациентов" in done["said"]
    assert alice.reception.stage(deal) == "stage.base.attention"
    assert "owner deal.wake" in alice.acts()


def test_what_several_copies_would_be_is_seen_before_anything_is_written(alice: Desk) -> None:
    patient, second = alice.visit()
    alice.reception.settles()  # a robot has copied it
    standing = alice.reception.at(patient, COORD)
    _, first = alice.visit()

    seen = told(alice, "prospects", {"deals": [first, second, GONE], "to": COORD})

    assert seen["to"] == COORD
    assert {"value": COORD, "label": "Координаторы / " + label_of(alice)} in seen["places"]
    assert [(one["deal"], one["title"], one["existing"]) for one in seen["deals"]] == [
        (first, "Заявка", []),
        (second, "Заявка", [standing]),
        (GONE, "", []),
    ]
    assert seen["deals"][0]["said"] == "There will be a new deal."
    assert "moves" not in seen
    assert not any(row.write for row in alice.reception.crm.faults.log)


def label_of(desk: Desk) -> str:
    return desk.reception.clinic.chart.stage[COORD].name


def test_what_one_copy_would_be_is_seen_in_detail(alice: Desk) -> None:
    patient, deal = alice.visit()

    seen = told(alice, "prospects", {"deals": [deal], "to": COORD})

    assert {"name": "Name", "value": "Заявка"} in seen["moves"]
    assert f"Patient: contact {patient}" in seen["links"]
    assert seen["again"] is False


def test_several_are_copied_by_one_press_each_with_its_own_outcome(alice: Desk) -> None:
    (one, first), (other, second) = alice.visit(), alice.visit()
    wish = {"deals": [first, GONE, second], "to": COORD}
    wish["key"] = told(alice, "prospects", wish)["key"]

    made, again = told(alice, "copies", wish), told(alice, "copies", wish)

    rows = {row["deal"]: row for row in made["deals"]}
    assert [(rows[deal]["made"], rows[deal]["bad"]) for deal in wish["deals"]] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert rows[first]["url"] == f"/leads/detail/{alice.reception.at(one, COORD)}"
    assert (made["left"], len(rows[GONE]["code"])) == ([], 8)
    assert [row["copy"] for row in again["deals"]] == [row["copy"] for row in made["deals"]]
    assert (alice.standing(one), alice.standing(other)) == ([COORD], [COORD])


def test_a_double_click_makes_one_copy(alice: Desk) -> None:
    patient, deal = alice.visit()
    wish = {"deals": [deal], "to": COORD, "again": True, "key": key_of(alice, deal)}

    with ThreadPoolExecutor(2) as clicks:
        pressed = [clicks.submit(told, alice, "copies", wish) for _ in range(2)]
        copies = {each.result()["deals"][0]["copy"] for each in pressed}

    assert len(copies) == 1
    assert alice.standing(patient) == [COORD]


def test_a_patient_who_has_a_deal_there_gets_a_second_one_only_when_that_is_said(alice: Desk) -> None:
    patient, deal = alice.visit()
    made = told(alice, "copies", {"deals": [deal], "to": COORD, "key": key_of(alice, deal)})["deals"][0]

    spared = told(alice, "copies", {"deals": [deal], "to": COORD, "key": key_of(alice, deal)})["deals"][0]
    second = told(alice, "copies", {"deals": [deal], "to": COORD, "key": key_of(alice, deal), "again": True})["deals"][
        0
    ]

    assert (spared["made"], spared["copy"]) == (False, made["copy"])
    assert (second["made"], alice.standing(patient).count(COORD)) == (True, 2)


def test_a_copy_is_taken_back_by_a_press(alice: Desk) -> None:
    patient, deal = alice.visit()
    made = told(alice, "copies", {"deals": [deal], "to": COORD, "key": key_of(alice, deal)})["deals"][0]
    offered = told(alice, "panel", {"deal": deal})["buttons"][-1]

    done = told(alice, "act", {"deal": deal, "action": "undo", "copy": offered["deal"], "key": ""})

    assert (offered["action"], offered["deal"]) == ("undo", made["copy"])
    assert done["said"].startswith("Undone.")
    assert alice.standing(patient) == []


def test_what_the_time_did_not_reach_for_goes_on_by_another_press(alice: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (one, first), (other, second) = alice.visit(), alice.visit()
    monkeypatch.setattr(several, "TIME", 0.0)
    wish = {"deals": [first, second], "to": COORD, "key": key_of(alice, first)}

    begun = told(alice, "copies", wish)
    ended = told(alice, "copies", {**wish, "deals": begun["left"]})

    assert ([row["deal"] for row in begun["deals"]], begun["left"]) == ([first], [second])
    assert ([row["deal"] for row in ended["deals"]], ended["left"]) == ([second], [])
    assert (alice.standing(one), alice.standing(other)) == ([COORD], [COORD])


def test_while_the_crm_is_away_nothing_more_is_tried_and_nothing_is_doubled(alice: Desk) -> None:
    (one, first), (other, second) = alice.visit(), alice.visit()
    wish = {"deals": [first, second], "to": COORD, "key": key_of(alice, first)}
    alice.reception.crm.faults.plan(Fault(0, "http_502"))

    begun = told(alice, "copies", wish)
    alice.reception.crm.faults.plan()
    ended = told(alice, "copies", {**wish, "deals": begun["left"]})

    assert ([row["bad"] for row in begun["deals"]], begun["left"]) == ([True], [first, second])
    assert [row["made"] for row in ended["deals"]] == [True, True]
    assert (alice.standing(one), alice.standing(other)) == ([COORD], [COORD])


@pytest.mark.parametrize("what", ["act", "prospects", "copies"])
def test_an_employee_may_do_nothing_and_is_told_whom_to_ask(alice: Desk, what: str) -> None:
    patient, deal = alice.visit()
    body = {"deal": deal, "deals": [deal], "action": "route", "to": COORD, "key": key_of(alice, deal)}

    refused = asked(alice.house, what, body, alice.house.alice.names(507, is_admin=False))

    assert "ask an administrator to make you a coordinator" in problem(refused, 403)
    assert alice.standing(patient) == []


def test_boriss_deals_cannot_be_reached_from_alices_pages(alice: Desk, boris: Desk) -> None:
    patient, deal = boris.visit()
    key = key_of(alice, deal)

    seen = told(alice, "prospects", {"deals": [deal], "to": COORD})
    made = told(alice, "copies", {"deals": [deal], "to": COORD, "key": key})
    routed = asked(alice.house, "act", {"deal": deal, "action": "route", "key": key})

    assert (seen["deals"][0]["title"], made["deals"][0]["bad"], routed.status_code) == ("", True, 404)
    assert (boris.standing(patient), boris.reception.stage(deal)) == ([], "stage.visits.came")
    assert boris.reception.looks_at(deal).title == "Заявка"


@pytest.mark.parametrize("what", ["ticket", "panel", "pipeline", "act", "prospects", "copies"])
def test_the_token_of_another_account_opens_nothing_in_alices(alice: Desk, what: str) -> None:
    other = amocrm.Account.demo(subdomain="other")
    other.id, other.base_url = other.id + 1, "https://other.amocrm.ru"
    integration = alice.house.alice.state.integrations[alice.house.settings.amocrm.client_id]  # type: ignore[union-attr]
    body = {"deal": "1", "deals": ["1"], "action": "route"}

    straight = asked(alice.house, what, body, front_end_token(other, integration, ADMIN))
    disguised = asked(
        alice.house, what, body, front_end_token(other, integration, ADMIN, iss=alice.house.alice.url, subdomain=None)
    )

    assert {straight.status_code, disguised.status_code} <= {401, 403, 409}


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("act", {"deal": "1"}),
        ("act", {"deal": "1", "action": "delete", "key": "0" * 20}),
        ("act", {"deal": "x", "action": "route"}),
        ("act", {"deal": "1", "action": "route", "key": "'; --"}),
        ("act", []),
        ("panel", {}),
        ("prospects", {}),
        ("prospects", {"deals": []}),
        ("prospects", {"deals": "12"}),
        ("prospects", {"deals": ["1", "x"]}),
        ("copies", {"deals": [str(n) for n in range(1, 52)]}),
        ("copies", {"deals": [{"id": 1}]}),
    ],
)
def test_what_cannot_be_read_does_nothing(alice: Desk, what: str, body: Any) -> None:
    assert "Nothing was" in problem(asked(alice.house, what, body), 422)


@pytest.mark.parametrize("to", ["stage.coord.gone", "<b>", 7, "x" * 5000])
def test_a_stage_that_is_not_there_takes_no_copy(alice: Desk, to: Any) -> None:
    patient, deal = alice.visit()

    made = told(alice, "copies", {"deals": [deal], "to": to, "key": key_of(alice, deal)})

    assert (made["deals"][0]["bad"], made["left"]) == (True, [])
    assert "no such stage" in made["deals"][0]["said"]
    assert alice.standing(patient) == []


def test_a_form_without_its_key_does_nothing(alice: Desk) -> None:
    patient, deal = alice.visit()

    made = told(alice, "copies", {"deals": [deal], "to": COORD})

    assert (made["deals"][0]["bad"], alice.standing(patient)) == (True, [])
