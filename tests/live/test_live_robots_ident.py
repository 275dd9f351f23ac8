"""The rules of «dental-ident» that need no clinic's system, on both emulated CRMs, over real HTTP. The clinics are set up once:
each test has patients of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from databases import fresh
from houses import House
from houses import house as build
from robot_desks import RobotDesk, robot_desk

from installer import preset as presets
from widget_backend.clock import now

#: what each stage asks of whom a deal is given to there
TASKS = {
    "stage.primary.new": "Проверить заявку и взять в работу",
    "stage.primary.taken": "Записать пациента в IDENT",
    "stage.primary.booked": "Напомнить о приеме и подтвердить запись",
    "stage.primary.visited": "Узнать NPS и закрыть сделку",
    "stage.repeat.new": "Проверить заявку и взять в работу",
    "stage.repeat.taken": "Записать пациента в IDENT",
    "stage.repeat.booked": "Напомнить о приеме и подтвердить запись",
    "stage.repeat.visited": "Узнать NPS и закрыть сделку",
    "stage.sales.new": "Договориться о встрече с куратором",
    "stage.sales.making": "Подготовить планы лечения",
    "stage.sales.ready": "Презентовать планы лечения",
    "stage.sales.contract": "Подписать договор",
    "stage.care.start": "Начать сопровождение",
    "stage.care.going": "Связаться с пациентом на лечении",
    "stage.care.paused": "Связаться повторно",
    "stage.checkup.taken": "Записать пациента в IDENT",
    "stage.checkup.later": "Связаться повторно",
    "stage.comeback.new": "Уточнить актуальность",
    "stage.comeback.taken": "Уточнить актуальность",
    "stage.comeback.later": "Связаться повторно",
    "stage.nps.new": "Запросить оценку",
    "stage.nps.asked": "Получить оценку",
    "stage.nps.low": "Разобрать низкую оценку",
}
#: what is set off below
RULES = {
    *("next_step", "take", "curator", "route_primary", "route_repeat", "sorted_by_robot", "founder", "founder_bot"),
    *("to_nps", "to_sales", "to_care", "nps_scored", "nps_scored_low", "nps_known", "nps_known_low", "nps_low"),
    *("check_up_again", "to_comeback", "comeback_won", "comeback_again"),
}

_phones = itertools.count(1)


@pytest.fixture(scope="module")
def everybody(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application before both CRMs, for all tests of this file."""
    with build(fresh(server_url), tmp_path_factory.mktemp("ident")) as running:
        yield running


@pytest.fixture(scope="module", params=["boris", "alice"])
def desk(request: pytest.FixtureRequest, everybody: House) -> RobotDesk:
    """The reception of each clinic in turn. Whoever is not its administrator has all the other roles."""
    found = robot_desk(everybody, getattr(everybody, request.param), preset="dental-ident", founder_message="message")
    *_, colleague = found.users
    found.hires(administrator=colleague, curator=colleague, head=colleague)
    return found


def newcomer(desk: RobotDesk, **counters: int) -> str:
    return desk.patient("Ольга Смирнова", f"+7900555{next(_phones):04}", **counters)


def parked(desk: RobotDesk, patient: str, stage: str, **fields: Any) -> str:
    """A deal that has come to rest at this stage, with these fields filled in."""
    return all_parked(desk, (patient, stage), **fields)[0]


def all_parked(desk: RobotDesk, *enquiries: tuple[str, str], **fields: Any) -> list[str]:
    """The same of several, patient and stage each."""
    deals = [desk.enquires(patient, stage) for patient, stage in enquiries]
    desk.settles()
    for deal in deals if fields else ():
        desk.notes_deal(deal, **fields)
    return deals


def arrive(desk: RobotDesk, *moves: tuple[str, str], reason: str = "") -> None:
    """Somebody draws these cards to these stages, and all that follows is done."""
    for deal, stage in moves:
        desk.moves(deal, stage, reason)
    desk.settles()
    assert desk.house.dead() == []


def test_every_rule_that_needs_no_system_is_here() -> None:
    assert {rule.key for rule in presets.find("dental-ident").rules if rule.when.on != "mis"} == RULES


def test_each_stage_has_its_task(desk: RobotDesk) -> None:
    patients = {stage: newcomer(desk, completed_visits=int(".repeat." in stage)) for stage in TASKS}
    deals = {stage: desk.enquires(patient, stage) for stage, patient in patients.items()}

    desk.settles()

    assert {stage: desk.titles(deal)[0] for stage, deal in deals.items()} == TASKS


@pytest.mark.parametrize(
    ("visits", "stage", "kind"), [(0, "stage.primary.new", "primary"), (2, "stage.repeat.new", "repeat")]
)
def test_an_enquiry_goes_where_its_patient_belongs(desk: RobotDesk, visits: int, stage: str, kind: str) -> None:
    deal = parked(desk, newcomer(desk, completed_visits=visits), "stage.tech.new")

    assert (desk.stage(deal), desk.looks_at(deal).fields["field.deal.visit_type"]) == (stage, kind)
    assert desk.titles(deal) == ["Проверить заявку и взять в работу"]


def test_an_enquiry_of_nobody_known_is_sorted_by_hand_and_its_task_is_closed(desk: RobotDesk) -> None:
    deal = parked(desk, "", "stage.tech.new")
    waiting = (desk.stage(deal), sorted(desk.titles(deal)))

    arrive(desk, (deal, "stage.primary.new"))

    assert waiting == ("stage.tech.new", ["Распределить обращение вручную", "Указать пациента"])
    assert sorted(desk.titles(deal)) == ["Проверить заявку и взять в работу", "Указать пациента"]


def test_whoever_takes_it_becomes_responsible(desk: RobotDesk) -> None:
    admin, *_, colleague = desk.users
    visits = {"primary": 0, "repeat": 1, "checkup": 1, "comeback": 1}
    new = [(newcomer(desk, completed_visits=number), f"stage.{name}.new") for name, number in visits.items()]
    deals = all_parked(desk, *new)
    for deal in deals:
        desk.hands_over(deal, colleague)

    arrive(desk, *((deal, f"stage.{name}.taken") for deal, name in zip(deals, visits, strict=True)))

    assert [desk.looks_at(deal).responsible for deal in deals] == [admin] * 4


def test_treatment_is_looked_after_by_a_coordinator(desk: RobotDesk) -> None:
    *_, coordinator = desk.users

    deal = parked(desk, newcomer(desk), "stage.sales.new")

    assert desk.looks_at(deal).responsible == coordinator


@pytest.mark.parametrize(("refused", "told"), [(False, ["Отправить пациенту сообщение"]), (True, [])])
def test_the_founders_message_is_given_to_a_person(desk: RobotDesk, refused: bool, told: list[str]) -> None:
    patient = newcomer(desk)
    desk.notes_patient(patient, sms_refused=refused)
    deal = parked(desk, patient, "stage.primary.booked")

    arrive(desk, (deal, "stage.primary.visited"))

    assert [title for title in desk.titles(deal) if "сообщение" in title] == told


def test_a_won_visit_asks_for_a_rating_and_offers_treatment_once(desk: RobotDesk) -> None:
    patient, other = newcomer(desk, completed_visits=1), newcomer(desk)
    twice = all_parked(desk, (patient, "stage.primary.visited"), (patient, "stage.repeat.visited"), complex=True)
    simple = parked(desk, other, "stage.primary.visited")

    arrive(desk, (twice[0], "stage.primary.won"), (twice[1], "stage.repeat.won"), (simple, "stage.primary.won"))

    assert sorted(desk.standing(patient)) == ["stage.nps.new", "stage.nps.new", "stage.sales.new"]
    assert desk.standing(other) == ["stage.nps.new"]


def test_sold_treatment_is_followed_up(desk: RobotDesk) -> None:
    patient = newcomer(desk)

    arrive(desk, (parked(desk, patient, "stage.sales.contract"), "stage.sales.won"))

    assert desk.standing(patient) == ["stage.care.start"]


@pytest.mark.parametrize(("score", "then", "told"), [(6, "stage.nps.low", 1), (7, "stage.nps.won", 0)])
def test_a_rating_moves_the_deal_and_a_low_one_goes_to_the_head(
    desk: RobotDesk, score: int, then: str, told: int
) -> None:
    *_, head = desk.users
    new = (newcomer(desk), "stage.nps.new")
    deals = all_parked(desk, new, (newcomer(desk), "stage.nps.asked"), nps=Decimal(score))

    desk.settles()

    assert [desk.stage(deal) for deal in deals] == [then] * 2
    notices = [words for deal in deals for words in desk.notices(head, deal) if "поставил низкую" in words]
    assert len(notices) == 2 * told


@pytest.mark.parametrize(("score", "standing"), [(3, ["stage.nps.low"]), (9, [])])
def test_a_rating_given_at_the_visit_is_known_from_the_start(desk: RobotDesk, score: int, standing: list[str]) -> None:
    patient = newcomer(desk)
    deal = parked(desk, patient, "stage.primary.visited", nps=Decimal(score))

    arrive(desk, (deal, "stage.primary.won"))

    assert desk.standing(patient) == standing


def test_parked_deals_come_back_on_their_day(desk: RobotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(newcomer(desk), f"stage.{pipeline}.later") for pipeline in ("checkup", "comeback")]
    due = all_parked(desk, *places, next_contact=today(desk, 3))
    waiting = all_parked(desk, *places, next_contact=today(desk, 9))
    desk.settles()

    desk.looks_at_the_clock(monkeypatch, days=4)

    assert [desk.stage(deal) for deal in due] == ["stage.checkup.taken", "stage.comeback.taken"]
    assert [desk.stage(deal) for deal in waiting] == ["stage.checkup.later", "stage.comeback.later"]


def test_who_postponed_is_won_back_to_where_he_came_from(desk: RobotDesk) -> None:
    new, known, sold = newcomer(desk), newcomer(desk, completed_visits=1), newcomer(desk, completed_visits=1)
    first, again, plan = all_parked(
        desk, (new, "stage.primary.taken"), (known, "stage.repeat.taken"), (sold, "stage.sales.ready")
    )
    lost = (first, "stage.primary.lost"), (again, "stage.repeat.lost"), (plan, "stage.sales.lost")
    arrive(desk, *lost, reason="postponed")
    back = [desk.at(patient, "stage.comeback.new") for patient in (new, known, sold)]

    arrive(desk, *((deal, "stage.comeback.won") for deal in back))

    origins = [desk.looks_at(deal).fields["field.deal.origin"] for deal in back]
    assert origins == ["Первичные пациенты", "Повторные приемы", "Продажа лечения"]
    standing = [desk.standing(patient) for patient in (new, known, sold)]
    assert standing == [["stage.primary.new"], ["stage.repeat.new"], ["stage.sales.new"]]


def test_another_reason_wins_nobody_back(desk: RobotDesk) -> None:
    patient = newcomer(desk)

    arrive(desk, (parked(desk, patient, "stage.sales.ready"), "stage.sales.lost"), reason="expensive")

    assert desk.standing(patient) == []


def test_the_founders_bot_is_started_in_amocrm(house: House) -> None:
    desk = robot_desk(house, house.alice, preset="dental-ident", founder_message="bot", founder_bot="4711")
    deal = parked(desk, newcomer(desk), "stage.primary.booked")

    arrive(desk, (deal, "stage.primary.visited"))

    assert house.alice.state.run_bots == [{"bot_id": 4711, "entity_id": int(deal), "entity_type": 2}]


def test_bitrix24_says_that_it_has_no_bots(house: House) -> None:
    desk = robot_desk(house, house.boris, preset="dental-ident", founder_message="bot", founder_bot="4711")
    deal = parked(desk, newcomer(desk), "stage.primary.booked")

    arrive(desk, (deal, "stage.primary.visited"))

    (ran,) = desk.runs("founder_bot")
    assert (ran.state, "бот" in desk.notes(deal)[-1]) == ("done", True)


def today(desk: RobotDesk, days: int) -> date:
    """The clinic's date, so many days from now."""
    return now().astimezone(desk.clinic.zone).date() + timedelta(days=days)
