"""Patients are routed in Boris's Bitrix24 and in Alice's amoCRM, as the CRMs really answer."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from houses import House
from receptions import Reception, reception

from widget_backend.db import scope
from widget_backend.deals import routing
from widget_backend.deals.routing import Enquiry

ANNA, PETR = "Лебедева Анна Петровна", "Лебедев Пётр Ильич"


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, house: House) -> Reception:
    """The reception of each clinic in turn."""
    return reception(house, getattr(house, request.param))


@pytest.fixture(params=["boris", "alice"])
def ident(request: pytest.FixtureRequest, house: House) -> Reception:
    """The same with the preset whose enquiries arrive in a technical pipeline."""
    return reception(house, getattr(house, request.param), "dental-ident")


@pytest.mark.parametrize(("before", "kind"), [({}, "primary"), ({"visit_count": 2}, "repeat")])
def test_first_and_repeat_visits(desk: Reception, before: dict[str, int], kind: str) -> None:
    user = desk.users[-1]
    desk.seats(user)
    deal = desk.deal(desk.patient(ANNA, **before), "stage.visits.new")

    routed = desk.routes(deal)

    seen = desk.looks_at(deal)
    assert (routed.kind, routed.responsible) == (kind, user)
    assert (seen.fields["field.deal.visit_type"], seen.responsible) == (kind, user)
    assert desk.stage(deal) == "stage.visits.new"


def test_an_active_patients_enquiry_joins_the_open_deal(desk: Reception) -> None:
    patient = desk.patient(ANNA, visit_count=1)
    kept, new = desk.deal(patient, "stage.base.base"), desk.deal(patient, "stage.visits.new")

    assert desk.routes(new).into == kept
    assert (desk.stage(kept), desk.stage(new)) == ("stage.base.attention", "stage.visits.missed")
    assert desk.looks_at(new).fields["field.deal.loss_reason"] == "duplicate"


def test_a_family_with_one_phone_is_asked_about_by_name(desk: Reception) -> None:
    desk.patient(ANNA, born=date(1990, 3, 12), visit_count=3)
    desk.patient(PETR, born=date(2017, 7, 1))
    deal = desk.deal(desk.patient("+7 900 555-01-01"), "stage.visits.new")

    routed = desk.routes(deal)

    [task] = desk.tasks(deal)
    assert (routed.kind, routed.code) == ("unsure", "family")
    assert ANNA in task.text
    assert PETR in task.text
    assert "Лебед" not in f"{routed}"


def test_two_calls_at_once_leave_one_open_deal(desk: Reception) -> None:
    first = desk.deal(desk.patient("+7 900 555-01-01"), "stage.visits.new")
    second = desk.deal(desk.patient("Входящий звонок"), "stage.visits.new")
    clinic, into = desk.clinic, []

    threads = [
        threading.Thread(target=lambda deal=deal: into.append(routing.route(clinic, deal, f"t:{deal}").into))
        for deal in (second, first)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(into) == ["", first]
    assert (desk.stage(first), desk.stage(second)) == ("stage.visits.new", "stage.visits.missed")


def test_an_enquiry_without_a_deal_makes_one_and_only_one(desk: Reception) -> None:
    patient = desk.patient(ANNA)

    made = routing.take(desk.clinic, Enquiry(patient, "Заявка с сайта"), "form:1")
    again = routing.take(desk.clinic, Enquiry(patient, "Звонок"), "call:2")

    assert (made.made, again.made) == (True, False)
    assert made.deal == again.deal
    assert desk.stage(made.deal) == "stage.visits.new"


@pytest.mark.parametrize(("visits", "stage"), [(0, "stage.primary.new"), (1, "stage.repeat.new")])
def test_the_technical_pipeline_is_emptied_by_kind(ident: Reception, visits: int, stage: str) -> None:
    deal = ident.deal(ident.patient(ANNA, completed_visits=visits), "stage.tech.new")

    ident.routes(deal)

    assert ident.stage(deal) == stage


def test_a_decision_costs_few_requests(desk: Reception) -> None:
    deal = desk.deal(desk.patient(ANNA), "stage.visits.new")
    desk.crm.faults.plan()

    desk.routes(deal)
    once = len(desk.requests)
    desk.routes(deal)

    assert once <= {"bitrix24": 5, "amocrm": 7}[desk.clinic.vendor], desk.requests
    assert len(desk.requests) == once


def test_clara_sees_nothing(desk: Reception, house: House) -> None:
    deal = desk.deal(desk.patient(ANNA), "stage.visits.new")
    desk.routes(deal)
    clara = reception(house, house.clara)

    with scope(clara.clinic.id), house.database.transaction() as session:
        assert routing.decisions(session, deal) == ()
