"""The rules of the preset «dental-ident» that need no clinic's system, and that those which do run once it tells something."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from clinic_of_preset import DESK, HEAD, MOSCOW, PresetClinic, preset_of

from widget_backend.clock import now
from widget_backend.crm.asking import StartBot
from widget_backend.db import Database, scope
from widget_backend.deals.clinic import Member
from widget_backend.robots import firings
from widget_backend.robots.happenings import Reported

CURATOR = "11"
TEAM = (
    Member(DESK, "Дарья", ("administrator",)),
    Member(CURATOR, "Кира", ("curator",)),
    Member(HEAD, "Руслан", ("head",)),
)


def today() -> date:
    """The clinic's date."""
    return now().astimezone(MOSCOW).date()


def ident(database: Database, **given: Any) -> PresetClinic:
    return PresetClinic(database, "dental-ident", given, team=TEAM)


@pytest.fixture
def clinic(database: Database) -> PresetClinic:
    """Boris's clinic, with IDENT."""
    return ident(database)


def reports(clinic: PresetClinic, deal: str, fact: str, **given: str) -> None:
    named = {name.replace("__", "."): value for name, value in given.items()}
    told = Reported(cause=f"m:{fact}:{deal}", at=now(), fact=fact, given=named)
    with scope(clinic.id), clinic.database.transaction() as session:
        firings.raise_all(session, clinic.id, clinic.crm.deals[deal], (told,))
    clinic.works()


def arrives(clinic: PresetClinic, before: str, stage: str, **fields: Any) -> str:
    deal = clinic.enquiry(before, clinic.patient(), **fields)
    clinic.works()
    clinic.moves(deal, stage)
    clinic.works()
    return deal


# without the clinic's system


@pytest.mark.parametrize(
    ("visits", "stage", "kind"), [(0, "stage.primary.new", "primary"), (3, "stage.repeat.new", "repeat")]
)
def test_an_enquiry_goes_where_its_patient_belongs_and_its_task_with_it(
    clinic: PresetClinic, visits: int, stage: str, kind: str
) -> None:
    deal = clinic.enquiry("stage.tech.new", clinic.patient(completed_visits=visits))
    clinic.works()

    assert (clinic.stage(deal), clinic.crm.deals[deal].fields["field.deal.visit_type"]) == (stage, kind)
    assert clinic.titles(deal) == ["Проверить заявку и взять в работу"]
    assert clinic.said("sorted_by_robot") == "закрыто задач: 1"


def test_an_enquiry_of_nobody_known_waits_for_a_person(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.tech.new", "")
    clinic.works()

    assert (clinic.stage(deal), clinic.titles(deal)) == ("stage.tech.new", ["Распределить обращение вручную"])
    assert [task.responsible for task in clinic.tasks(deal)] == [DESK]


def test_whoever_takes_it_becomes_responsible(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.primary.new", clinic.patient())
    clinic.moves(deal, "stage.primary.taken", mover="42")
    clinic.works()

    assert clinic.crm.deals[deal].responsible == "42"


def test_the_curator_looks_after_the_treatment(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.sales.new", clinic.patient())
    clinic.works()

    assert clinic.crm.deals[deal].responsible == CURATOR


@pytest.mark.parametrize("complex_needed", [True, False])
def test_a_won_visit_asks_for_feedback_and_offers_treatment_where_it_is_needed(
    clinic: PresetClinic, complex_needed: bool
) -> None:
    arrives(clinic, "stage.primary.visited", "stage.primary.won", complex=complex_needed)

    assert len(clinic.deals_at("stage.nps.new")) == 1
    assert len(clinic.deals_at("stage.sales.new")) == int(complex_needed)


def test_sold_treatment_is_followed_up(clinic: PresetClinic) -> None:
    arrives(clinic, "stage.sales.contract", "stage.sales.won")

    assert len(clinic.deals_at("stage.care.start")) == 1


@pytest.mark.parametrize(
    ("score", "stage"), [(0, "stage.nps.low"), (6, "stage.nps.low"), (7, "stage.nps.won"), (10, "stage.nps.won")]
)
def test_a_rating_moves_the_deal_and_a_low_one_goes_to_the_head(clinic: PresetClinic, score: int, stage: str) -> None:
    deal = clinic.enquiry("stage.nps.new", clinic.patient())
    clinic.works()

    clinic.sets(deal, nps=Decimal(score))
    clinic.works()

    assert clinic.stage(deal) == stage
    assert [notice.user for notice in clinic.crm.notices] == ([HEAD] if score < 7 else [])


@pytest.mark.parametrize(("score", "stage"), [(3, "stage.nps.low"), (9, "stage.nps.won"), (None, "stage.nps.new")])
def test_a_rating_given_at_the_visit_is_known_from_the_start(
    clinic: PresetClinic, score: int | None, stage: str
) -> None:
    deal = clinic.enquiry("stage.nps.new", clinic.patient(), nps=None if score is None else Decimal(score))
    clinic.works()

    assert clinic.stage(deal) == stage


@pytest.mark.parametrize(
    ("later", "taken"),
    [("stage.checkup.later", "stage.checkup.taken"), ("stage.comeback.later", "stage.comeback.taken")],
)
def test_a_parked_deal_comes_back_on_its_day(clinic: PresetClinic, later: str, taken: str) -> None:
    due = clinic.enquiry(later, clinic.patient(), next_contact=today() - timedelta(days=1))
    waits = clinic.enquiry(later, clinic.patient("302"), next_contact=today() + timedelta(days=2))
    clinic.works()

    clinic.ticks()

    assert (clinic.stage(due), clinic.stage(waits)) == (taken, later)


def test_postponed_treatment_is_recovered_and_goes_back_to_where_it_came_from(clinic: PresetClinic) -> None:
    arrives(clinic, "stage.sales.ready", "stage.sales.lost", loss_reason="postponed")
    (recovered,) = clinic.deals_at("stage.comeback.new")
    assert recovered.fields["field.deal.origin"] == "Продажа лечения"

    clinic.moves(recovered.id, "stage.comeback.won")
    clinic.works()

    assert len(clinic.deals_at("stage.sales.new")) == 1


def test_another_reason_recovers_nothing(clinic: PresetClinic) -> None:
    arrives(clinic, "stage.sales.ready", "stage.sales.lost", loss_reason="expensive")

    assert clinic.deals_at("stage.comeback.new") == []


@pytest.mark.parametrize("refused", [True, False])
def test_the_founders_message_becomes_a_task_unless_the_patient_refused(database: Database, refused: bool) -> None:
    clinic = ident(database, founder_message="message")
    deal = clinic.enquiry("stage.primary.booked", clinic.patient(sms_refused=refused))
    clinic.moves(deal, "stage.primary.visited")
    clinic.works()

    assert [task for task in clinic.titles(deal) if "сообщение" in task] == (
        [] if refused else ["Отправить пациенту сообщение"]
    )


@pytest.mark.parametrize(("bot", "started"), [("4711", [StartBot("4711", "701")]), ("", [])])
def test_the_founders_bot_is_started_where_it_is_named(database: Database, bot: str, started: list[StartBot]) -> None:
    clinic = ident(database, founder_message="bot", founder_bot=bot)
    clinic.moves(clinic.enquiry("stage.primary.booked", clinic.patient()), "stage.primary.visited")
    clinic.works()

    assert clinic.crm.bots == started


# once the clinic's system tells something


@pytest.mark.parametrize(("visits", "stage"), [(0, "stage.primary.booked"), (2, "stage.repeat.booked")])
def test_a_booking_puts_the_deal_where_its_patient_belongs(clinic: PresetClinic, visits: int, stage: str) -> None:
    deal = clinic.enquiry("stage.primary.taken", clinic.patient(completed_visits=visits))
    clinic.works()

    reports(clinic, deal, "visit_booked", visit__doctor="Петров П. П.")

    assert clinic.stage(deal) == stage


@pytest.mark.parametrize("pipeline", ["primary", "repeat"])
def test_what_became_of_a_visit(clinic: PresetClinic, pipeline: str) -> None:
    missed = clinic.enquiry(f"stage.{pipeline}.booked", clinic.patient())
    visited = clinic.enquiry(f"stage.{pipeline}.booked", clinic.patient("302"))
    clinic.works()

    reports(clinic, missed, "visit_missed")
    reports(clinic, visited, "visit_completed")

    assert "Пациент не пришёл: связаться" in clinic.titles(missed)
    assert clinic.stage(visited) == f"stage.{pipeline}.visited"


@pytest.mark.parametrize("pipeline", ["primary", "repeat"])
def test_another_date_is_a_new_deal_and_the_old_one_is_closed(clinic: PresetClinic, pipeline: str) -> None:
    deal = clinic.enquiry(f"stage.{pipeline}.booked", clinic.patient())
    clinic.works()

    reports(clinic, deal, "visit_rescheduled", visit__start="2026-12-20T10:00:00+03:00")

    assert clinic.stage(deal) == f"stage.{pipeline}.lost"
    assert clinic.crm.deals[deal].fields["field.deal.loss_reason"] == "rescheduled"
    assert len(clinic.deals_at(f"stage.{pipeline}.booked")) == 1
    assert clinic.deals_at("stage.comeback.new") == []


def test_another_date_may_stay_in_the_same_deal(database: Database) -> None:
    clinic = ident(database, reschedule="same_deal", crm_fields=("field.deal.visit_at",), basis="Согласие, 1.11.2026")
    deal = clinic.enquiry("stage.primary.booked", clinic.patient())
    clinic.works()

    reports(clinic, deal, "visit_rescheduled", visit__start="2026-12-20T10:00:00+03:00")

    assert clinic.stage(deal) == "stage.primary.booked"
    assert str(clinic.crm.deals[deal].fields["field.deal.visit_at"]).startswith("2026-12-20")


def test_a_check_up_task_makes_a_deal_with_a_task_by_its_deadline(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.care.start", clinic.patient())
    clinic.works()

    reports(
        clinic,
        deal,
        "check_up_task",
        check_up__id="77",
        check_up__comment="Секрет",
        deadline="2027-03-01T09:00:00+03:00",
    )

    (made,) = clinic.deals_at("stage.checkup.new")
    tasks = [task for task in clinic.tasks(made.id) if task.text.startswith("Профосмотр")]
    assert {str(task.deadline)[:10] for task in tasks} >= {"2027-03-01"}
    assert all("Секрет" not in task.text for task in tasks)


def test_a_booked_check_up_is_won(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.checkup.taken", clinic.patient())
    clinic.works()

    reports(clinic, deal, "visit_booked")

    assert clinic.stage(deal) == "stage.checkup.won"


def test_a_field_that_is_not_for_the_crm_is_passed_over(clinic: PresetClinic) -> None:
    deal = clinic.enquiry("stage.primary.taken", clinic.patient(completed_visits=0))
    clinic.works()
    written = next(rule for rule in preset_of("dental-ident").rules if rule.key == "booked_primary").do

    reports(clinic, deal, "visit_booked", visit__doctor="Петров П. П.", visit__branch="Основной филиал")

    kept_out = [step.field for step in written if step.field and step.field not in clinic.chart.field]
    assert all(f"пропущено поле «{field}»" in clinic.said("booked_primary") for field in kept_out)
    assert clinic.states("booked_primary") == ["done"]
