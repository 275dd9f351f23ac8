"""The rules of «dental» on both emulated CRMs, over real HTTP: people and patients act, and the CRM shows what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from houses import House
from robot_desks import RobotDesk, robot_desk

from widget_backend.clock import now


@pytest.fixture(params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, house: House) -> RobotDesk:
    """The reception of each clinic in turn, at work."""
    return robot_desk(house, getattr(house, request.param))


@pytest.fixture(params=["boris", "alice"])
def warm(request: pytest.FixtureRequest, house: House) -> RobotDesk:
    """The same, with «Подогрев» and confirmations by message."""
    return robot_desk(house, getattr(house, request.param), "warmup", "confirm_message")


def at_rest(desk: RobotDesk) -> None:
    assert desk.house.dead() == []


def parked(desk: RobotDesk, patient: str, stage: str) -> str:
    deal = desk.enquires(patient, stage)
    desk.settles()
    return deal


def test_an_enquiry_is_dated_typed_given_a_task_and_taken(desk: RobotDesk) -> None:
    admin, *_, operator = desk.users
    desk.hires(administrator=operator)
    deal = parked(desk, desk.patient("Ольга Смирнова"), "stage.visits.new")
    new = desk.looks_at(deal)
    titles = desk.titles(deal)

    desk.moves(deal, "stage.visits.taken")
    desk.settles()

    today = now().astimezone(desk.clinic.zone).date()
    assert (new.fields["field.deal.at_visits_new"], new.fields["field.deal.visit_type"]) == (today, "primary")
    assert (titles, new.responsible) == (["Взять заявку в работу"], operator)
    taken = desk.looks_at(deal)
    assert (taken.responsible, taken.fields["field.deal.at_visits_taken"]) == (admin, today)
    assert "Связаться и выяснить потребность" in desk.titles(deal)
    at_rest(desk)


def test_a_patient_comes_twice(desk: RobotDesk) -> None:
    *_, coordinator = desk.users
    desk.hires(coordinator=coordinator)
    patient = desk.patient("Ольга Смирнова")
    for _ in range(2):
        deal = parked(desk, patient, "stage.visits.confirmed")
        desk.moves(deal, "stage.visits.came")
        desk.settles()

    assert sorted(desk.standing(patient)) == ["stage.base.base", "stage.coord.new"]
    assert desk.looks_at(desk.at(patient, "stage.coord.new")).responsible == coordinator
    fields = desk.contact(patient)
    assert fields["field.contact.visit_count"] == 2
    assert fields["field.contact.last_visit"] == now().astimezone(desk.clinic.zone).date()
    assert desk.titles(desk.at(patient, "stage.base.base")) == ["Пригласить на повторный прием"]
    at_rest(desk)


def test_a_patient_in_treatment_comes(desk: RobotDesk) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=3)
    desk.notes_patient(patient, in_treatment=True)
    deal = parked(desk, patient, "stage.visits.confirmed")

    desk.moves(deal, "stage.visits.came")
    desk.settles()

    assert desk.standing(patient) == ["stage.base.treatment"]
    at_rest(desk)


@pytest.mark.parametrize(
    ("visits", "stage"), [({}, "stage.revival.never"), ({"visit_count": 2}, "stage.revival.returned")]
)
def test_a_patient_does_not_come(desk: RobotDesk, visits: dict[str, int], stage: str) -> None:
    patient = desk.patient("Ольга Смирнова", **visits)
    deal = parked(desk, patient, "stage.visits.confirmed")

    desk.moves(deal, "stage.visits.missed")
    desk.settles()

    assert desk.standing(patient) == [stage]
    at_rest(desk)


@pytest.mark.parametrize(
    ("stage", "awake"), [("stage.base.base", "stage.base.attention"), ("stage.revival.never", "stage.revival.active")]
)
def test_a_parked_patient_calls_and_later_writes(desk: RobotDesk, stage: str, awake: str) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    deal = parked(desk, patient, stage)
    desk.rings_up(patient, deal)
    desk.settles()
    called = desk.stage(deal)
    desk.moves(deal, stage)
    desk.settles()

    desk.writes(patient, deal)
    desk.settles()

    assert (called, desk.stage(deal)) == (awake, awake)
    assert "Ответить пациенту" in desk.titles(deal)
    at_rest(desk)


def test_an_active_patients_enquiry_joins_the_open_deal(desk: RobotDesk) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    host = parked(desk, patient, "stage.base.base")

    deal = parked(desk, patient, "stage.visits.new")

    assert (desk.stage(host), desk.stage(deal)) == ("stage.base.attention", "stage.visits.missed")
    assert desk.standing(patient) == ["stage.base.attention"]
    at_rest(desk)


@pytest.mark.parametrize(
    ("before", "closed", "target"),
    [
        ("stage.base.taken", "stage.base.ready", "stage.visits.picking"),
        ("stage.base.taken", "stage.base.refused", "stage.revival.returned"),
        ("stage.revival.taken", "stage.revival.ready", "stage.visits.picking"),
    ],
)
def test_a_closed_deal_goes_on_as_a_copy(desk: RobotDesk, before: str, closed: str, target: str) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    deal = parked(desk, patient, before)

    desk.moves(deal, closed)
    desk.settles()

    assert desk.standing(patient) == [target]
    at_rest(desk)


def test_a_contract_marks_the_patient_and_a_declined_plan_takes_it_back(desk: RobotDesk) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    base, first = parked(desk, patient, "stage.base.base"), parked(desk, patient, "stage.coord.consent")
    desk.moves(first, "stage.coord.signed")
    desk.settles()
    signed = (desk.contact(patient)["field.contact.in_treatment"], desk.stage(base))
    other = parked(desk, patient, "stage.coord.presented")

    desk.moves(other, "stage.coord.refused")
    desk.settles()

    assert signed == (True, "stage.base.treatment")
    assert (desk.contact(patient)["field.contact.in_treatment"], desk.stage(base)) == (False, "stage.base.base")
    at_rest(desk)


def test_a_mark_set_and_cleared_by_hand_moves_the_base_deal(desk: RobotDesk) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    desk.settles()
    base = parked(desk, patient, "stage.base.base")
    desk.notes_patient(patient, in_treatment=True)
    desk.settles()
    marked = desk.stage(base)

    desk.notes_patient(patient, in_treatment=False)
    desk.settles()

    assert (marked, desk.stage(base)) == ("stage.base.treatment", "stage.base.base")
    at_rest(desk)


def test_an_enquiry_nobody_takes_and_a_deal_that_is_stuck_go_to_the_head(
    desk: RobotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, head = desk.users
    desk.hires(head=head)
    enquiry = parked(desk, desk.patient("Ольга Смирнова"), "stage.visits.new")
    stuck = parked(desk, desk.patient("Пётр Орлов", "+79005550102"), "stage.coord.taken")

    desk.looks_at_the_clock(monkeypatch, days=12)

    late = [task for task in desk.tasks(enquiry) if task.text.startswith("Заявку не взяли в работу вовремя")]
    slow = [task for task in desk.tasks(stuck) if task.text.startswith("Сделка зависла")]
    assert [task.responsible for task in (*late, *slow)] == [head, head]
    at_rest(desk)


def test_a_visit_of_tomorrow_is_to_be_confirmed(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = parked(desk, desk.patient("Ольга Смирнова"), "stage.visits.booked")
    desk.notes_deal(deal, visit_at=(now() + timedelta(hours=20)).replace(microsecond=0))
    desk.settles()

    desk.looks_at_the_clock(monkeypatch)

    assert "Подтвердить визит" in desk.titles(deal)
    at_rest(desk)


def test_a_patient_who_stopped_coming_goes_to_win_back(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = desk.patient("Ольга Смирнова", visit_count=1)
    desk.notes_patient(patient, last_visit=now().date() - timedelta(days=190))
    deal = parked(desk, patient, "stage.base.base")

    desk.looks_at_the_clock(monkeypatch)

    assert desk.stage(deal) == "stage.revival.returned"
    at_rest(desk)


def test_with_nurturing_a_refusal_is_warmed_up_wakes_and_books(warm: RobotDesk) -> None:
    patient = warm.patient("Ольга Смирнова", visit_count=1)
    refused = parked(warm, patient, "stage.base.taken")
    warm.moves(refused, "stage.base.refused")
    warm.settles()
    deal = warm.at(patient, "stage.warmup.new")
    warm.rings_up(patient, deal)
    warm.settles()
    awake = warm.stage(deal)

    warm.moves(deal, "stage.warmup.ready")
    warm.settles()

    assert (awake, warm.standing(patient)) == ("stage.warmup.active", ["stage.visits.picking"])
    at_rest(warm)


def test_a_confirmation_by_message_is_given_to_a_person(warm: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = parked(warm, warm.patient("Ольга Смирнова"), "stage.visits.booked")
    warm.notes_deal(deal, visit_at=(now() + timedelta(hours=20)).replace(microsecond=0))
    warm.settles()

    warm.looks_at_the_clock(monkeypatch)

    assert "Отправить пациенту сообщение" in warm.titles(deal)
    at_rest(warm)
