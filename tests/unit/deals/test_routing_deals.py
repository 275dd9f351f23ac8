"""Routing a deal from beginning to end, in clinics of both presets whose CRM is in memory."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from front_desks import NINA, OLGA, PHONE, VERA, clinic_of, comes, contact, crm_of, deal, moved, stands
from records_in_memory import MemoryRecords

from widget_backend.crm.asking import UpdateDeal
from widget_backend.db import Database, scope
from widget_backend.deals import routing, visits
from widget_backend.deals.clinic import Clinic, Member
from widget_backend.deals.routing import Decision
from widget_backend.deals.visits import Visit
from widget_backend.errors import NotFound, Rejected
from widget_backend.texts import Text

NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)
PETR, ANNA = "Лебедев Пётр", "Лебедева Анна"


@pytest.fixture
def crm() -> MemoryRecords:
    """Boris's CRM: one pipeline of visits."""
    return crm_of("dental")


@pytest.fixture
def boris(database: Database, crm: MemoryRecords) -> Clinic:
    """Boris's clinic, with Olga and Vera at the desk."""
    return clinic_of(database, crm, "dental")


@pytest.fixture
def ident() -> MemoryRecords:
    """Alice's CRM: a technical pipeline, first and repeat visits."""
    return crm_of("dental-ident")


@pytest.fixture
def alice(database: Database, ident: MemoryRecords) -> Clinic:
    """Alice's clinic."""
    return clinic_of(database, ident, "dental-ident", "alice")


def came(clinic: Clinic, patient: str, key: str = "1", **more: object) -> None:
    """The patient has been here."""
    with scope(clinic.id), clinic.database.transaction() as session:
        visits.note(session, clinic.id, Visit(patient, "mis", key, "completed", NOON, NOON, **more))  # type: ignore[arg-type]


def decided(clinic: Clinic, number: str) -> tuple[Decision, ...]:
    with scope(clinic.id), clinic.database.transaction() as session:
        return routing.decisions(session, number)


def open_deals(crm: MemoryRecords) -> list[str]:
    return [one.id for one in crm.deals.values() if one.stage not in crm.closed]


def test_a_new_patient_is_primary_and_goes_to_the_desk(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))

    routed = routing.route(boris, "759", "t:1")

    assert (routed.kind, routed.stage, routed.responsible) == ("primary", "", OLGA)
    assert crm.deals["759"].fields == {"field.deal.visit_type": "primary"}
    assert crm.deals["759"].responsible == OLGA
    assert stands(boris, crm, "759") == "stage.visits.new"


def test_a_patient_who_has_been_here_is_repeat(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    came(boris, "301")

    assert routing.route(boris, "759", "t:1").kind == "repeat"
    assert crm.deals["759"].fields == {"field.deal.visit_type": "repeat"}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"visit_count": 3}, "repeat"),
        ({"visit_count": 0}, "primary"),
        ({"last_visit": date(2026, 5, 4)}, "repeat"),
        ({}, "primary"),
    ],
)
def test_the_crms_own_fields_are_asked_where_the_journal_is_silent(
    boris: Clinic, crm: MemoryRecords, told: dict[str, object], kind: str
) -> None:
    comes(crm, contact("301", ANNA, **told), deal("dental", "759", "stage.visits.new", "301"))  # type: ignore[arg-type]

    assert routing.route(boris, "759", "t:1").kind == kind


def test_the_visit_of_the_very_deal_makes_nobody_repeat(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.came", "301"))
    came(boris, "301", deal="759")

    assert routing.route(boris, "759", "t:1").kind == "primary"


def test_insured_visits_may_be_left_out(database: Database, crm: MemoryRecords) -> None:
    clinic = clinic_of(database, crm, "dental", count_insured_visits=False)
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    came(clinic, "301", insured=True)

    assert routing.route(clinic, "759", "t:1").kind == "primary"


@pytest.mark.parametrize(("visits_before", "to"), [(0, "stage.primary.new"), (1, "stage.repeat.new")])
def test_the_technical_pipeline_is_emptied_by_kind(
    alice: Clinic, ident: MemoryRecords, visits_before: int, to: str
) -> None:
    patient = contact("301", ANNA, completed_visits=visits_before)
    comes(ident, patient, deal("dental-ident", "759", "stage.tech.new", "301"))

    assert routing.route(alice, "759", "t:1").stage == to
    assert stands(alice, ident, "759") == to


def test_a_deal_in_the_wrong_twin_pipeline_goes_to_the_same_stage_of_the_right_one(
    alice: Clinic, ident: MemoryRecords
) -> None:
    comes(ident, contact("301", ANNA, completed_visits=1), deal("dental-ident", "759", "stage.primary.booked", "301"))

    routing.route(alice, "759", "t:1")

    assert stands(alice, ident, "759") == "stage.repeat.booked"
    assert ident.deals["759"].responsible == "1"  # whoever works on it goes on


def test_an_active_patients_enquiry_goes_to_the_open_deal(boris: Clinic, crm: MemoryRecords) -> None:
    comes(
        crm,
        contact("301", ANNA, visit_count=2),
        replace(deal("dental", "700", "stage.base.base", "301"), responsible=VERA),
    )
    comes(crm, deal("dental", "759", "stage.visits.new", "301"))

    routed = routing.route(boris, "759", "t:1")

    assert (routed.kind, routed.into, routed.responsible) == ("repeat", "700", VERA)
    assert stands(boris, crm, "700") == "stage.base.attention"
    assert stands(boris, crm, "759") == "stage.visits.missed"
    assert crm.deals["759"].fields == {"field.deal.loss_reason": "duplicate", "field.deal.visit_type": "repeat"}
    assert {note.deal for note in crm.notes.values()} == {"700", "759"}
    assert [(one.user, one.deal) for one in crm.notices] == [(VERA, "700")]
    assert "700" in routed.reason.ru


def test_the_clinic_may_want_a_new_enquiry_all_the_same(database: Database, crm: MemoryRecords) -> None:
    clinic = clinic_of(database, crm, "dental", repeat_enquiry="new")
    comes(crm, contact("301", ANNA), deal("dental", "700", "stage.base.base", "301"))
    comes(crm, deal("dental", "759", "stage.visits.new", "301"))

    assert routing.route(clinic, "759", "t:1").into == ""
    assert open_deals(crm) == ["700", "759"]


def test_of_two_enquiries_the_older_stays_whichever_is_routed_first(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    comes(crm, deal("dental", "760", "stage.visits.new", "301"))

    assert routing.route(boris, "760", "t:2").into == "759"
    assert routing.route(boris, "759", "t:1").into == ""
    assert open_deals(crm) == ["759"]


def test_a_deal_that_somebody_works_on_is_never_closed(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "700", "stage.base.base", "301"))
    comes(crm, deal("dental", "759", "stage.visits.taken", "301"))

    assert routing.route(boris, "759", "button").into == ""
    assert open_deals(crm) == ["700", "759"]


def family(crm: MemoryRecords, *, caller: str = "") -> None:
    """Mother and son with one phone, and a call of one of them."""
    comes(crm, contact("301", ANNA, born=date(1990, 3, 12), visit_count=4), contact("302", PETR, born=date(2017, 7, 1)))
    comes(crm, contact("303", caller), deal("dental", "759", "stage.visits.new", "303"))


def test_a_family_with_one_phone_is_asked_about(
    boris: Clinic, crm: MemoryRecords, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    family(crm)

    routed = routing.route(boris, "759", "t:1")

    [task] = crm.tasks.values()
    assert (routed.kind, routed.code, routed.stage) == ("unsure", "family", "")
    assert (task.deal, task.responsible) == ("759", OLGA)
    assert task.text.startswith("Выбрать пациента\nОдин телефон у нескольких пациентов.")
    assert "— Лебедева Анна, 12.03.1990, контакт 301" in task.text
    assert "— Лебедев Пётр, 01.07.2017, контакт 302" in task.text
    assert "«Тип приема»" in task.text
    assert "field.deal.visit_type" not in crm.deals["759"].fields
    said = f"{routed} {decided(boris, '759')} {caplog.text}"
    assert [word for word in ("Лебедев", PHONE, "1990") if word in said] == []


def test_a_name_tells_a_family_apart(boris: Clinic, crm: MemoryRecords) -> None:
    family(crm, caller="Лебедева Анна")
    comes(crm, replace(crm.contacts["303"], fields={"field.contact.birth_date": date(1990, 3, 12)}))

    routed = routing.route(boris, "759", "t:1")

    assert (routed.kind, routed.code) == ("repeat", "counter")
    assert crm.tasks == {}


def test_another_member_of_the_family_is_a_patient_of_his_own(boris: Clinic, crm: MemoryRecords) -> None:
    family(crm, caller="Орлова Дарья")
    comes(crm, deal("dental", "700", "stage.base.base", "301"))

    routed = routing.route(boris, "759", "t:1")

    assert (routed.kind, routed.into) == ("primary", "")


def test_deals_of_different_patients_of_the_clinics_system_are_never_joined(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA, ident_number="7001"), contact("302", ANNA, ident_number="7002"))
    comes(crm, deal("dental", "700", "stage.visits.new", "301"), deal("dental", "759", "stage.visits.new", "302"))

    assert routing.route(boris, "759", "t:1").into == ""
    assert open_deals(crm) == ["700", "759"]


def test_two_contacts_of_one_patient_of_the_clinics_system_are_one(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA, ident_number="7001", visit_count=1), contact("302", "Аня", ident_number="7001"))
    comes(crm, deal("dental", "700", "stage.visits.new", "301"), deal("dental", "759", "stage.visits.new", "302"))

    routed = routing.route(boris, "759", "t:1")

    assert (routed.kind, routed.into) == ("repeat", "700")


@pytest.mark.parametrize(("patient", "title"), [("", "Указать пациента"), ("301", "Узнать телефон пациента")])
def test_who_is_known_by_nothing_is_asked_about(boris: Clinic, crm: MemoryRecords, patient: str, title: str) -> None:
    comes(crm, contact("301", phone=""), deal("dental", "759", "stage.visits.new", patient))

    assert routing.route(boris, "759", "t:1").kind == "unsure"
    assert [task.text.split("\n")[0] for task in crm.tasks.values()] == [title]


def test_nobody_is_asked_twice_and_the_question_ends_with_the_answer(boris: Clinic, crm: MemoryRecords) -> None:
    family(crm)
    routing.route(boris, "759", "t:1")
    routing.route(boris, "759", "t:2")
    assert [task.done for task in crm.tasks.values()] == [False]

    comes(crm, replace(crm.deals["759"], fields={"field.deal.visit_type": "primary"}))
    routed = routing.route(boris, "759", "t:3")

    assert (routed.kind, routed.code) == ("primary", "said_primary")
    assert [task.done for task in crm.tasks.values()] == [True]
    assert [one.task for one in decided(boris, "759")] == ["", "", ""]


def test_our_own_word_in_the_field_is_no_proof(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    routing.route(boris, "759", "t:1")

    assert routing.route(boris, "759", "t:2").code == "new"


def test_proof_found_later_corrects_the_field(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    routing.route(boris, "759", "t:1")
    came(boris, "301")

    routing.route(boris, "759", "t:2")

    assert crm.deals["759"].fields == {"field.deal.visit_type": "repeat"}
    assert crm.deals["759"].responsible == OLGA


def test_the_same_cause_is_answered_once_and_without_a_request(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    first = routing.route(boris, "759", "t:1")
    calls = len(crm.calls)

    assert routing.route(boris, "759", "t:1") == first
    assert len(crm.calls) == calls
    assert len(decided(boris, "759")) == 1


def test_a_decision_can_be_read_with_all_it_was_made_of(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA, visit_count=2), deal("dental", "759", "stage.visits.new", "301"))
    routing.route(boris, "759", "t:1")

    [kept] = decided(boris, "759")

    assert kept.cause == "t:1"
    assert kept.done_at is not None
    assert kept.routed.reason == Text(
        "Повторный: завершённых визитов по счётчику CRM — 2. Ответственный: по очереди и загрузке.",
        "Repeat: completed visits by the CRM's counter: 2. Responsible: by turn and load.",
    )
    assert (kept.contact, kept.facts["counter"], kept.facts["stage"]) == ("301", 2, "stage.visits.new")


def test_the_desk_takes_turns(boris: Clinic, crm: MemoryRecords) -> None:
    for number in range(6):
        patient = str(400 + number)
        comes(
            crm,
            contact(patient, phone=f"+7900555020{number}"),
            deal("dental", str(800 + number), "stage.visits.new", patient),
        )
        routing.route(boris, str(800 + number), "t:1")

    assert [one.responsible for one in crm.deals.values()] == [OLGA, VERA] * 3


def test_each_branch_has_its_own_desk(database: Database, crm: MemoryRecords) -> None:
    north = Member(OLGA, roles=("administrator",), branches=("north",))
    south = Member(NINA, roles=("administrator",), branches=("south",))
    clinic = clinic_of(database, crm, "dental", team=(north, south))
    comes(crm, contact("301", ANNA))
    comes(crm, deal("dental", "759", "stage.visits.new", "301", fields={"field.deal.branch": "south"}))

    assert routing.route(clinic, "759", "t:1").responsible == NINA


def test_whoever_made_the_deal_himself_keeps_it(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA))
    comes(crm, replace(deal("dental", "759", "stage.visits.new", "301", mover=VERA), responsible=VERA))

    assert routing.route(boris, "759", "t:1").responsible == VERA


def test_without_a_team_the_responsible_person_stays(database: Database, crm: MemoryRecords) -> None:
    clinic = clinic_of(database, crm, "dental", team=())
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))

    assert routing.route(clinic, "759", "t:1").responsible == "1"
    assert [write for call in crm.calls for write in call if isinstance(write, UpdateDeal)] == [
        UpdateDeal("759", fields={"field.deal.visit_type": "primary"})
    ]


def test_a_deal_closed_meanwhile_is_left_alone(boris: Clinic, crm: MemoryRecords) -> None:
    before = deal("dental", "759", "stage.visits.new", "301")
    comes(crm, contact("301", ANNA), before)
    moved(boris, crm, "759", "stage.visits.missed")
    closed = crm.deals["759"]

    routing.route(boris, before, "t:1")

    assert crm.deals["759"] == closed


def test_a_deal_outside_the_preset_is_told_its_kind_and_stays(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA, visit_count=1), deal("dental", "759", "stage.coord.new", "301"))

    assert routing.route(boris, "759", "button").kind == "repeat"
    assert stands(boris, crm, "759") == "stage.coord.new"
    assert crm.deals["759"].responsible == "1"


def visits_known(clinic: Clinic, crm: MemoryRecords, counted: int) -> int | None:
    with scope(clinic.id), clinic.database.transaction() as session:
        return routing.completed_visits(session, clinic.chart, crm.deals["759"], counted)


def test_robots_know_of_visits_what_routing_has_found(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA, visit_count=3), contact("302"), deal("dental", "759", "stage.visits.new", "302"))
    assert visits_known(boris, crm, 0) == 0

    routing.route(boris, "759", "t:1")

    assert [visits_known(boris, crm, counted) for counted in (0, 4)] == [1, 4]


def test_robots_know_nothing_while_a_person_is_asked(boris: Clinic, crm: MemoryRecords) -> None:
    family(crm)
    routing.route(boris, "759", "t:1")
    assert visits_known(boris, crm, 0) is None

    moved(boris, crm, "759", "stage.visits.taken")

    assert visits_known(boris, crm, 0) == 0


def test_what_the_crm_refuses_is_on_record(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    crm.refusing = lambda write: Rejected(Text("Нет.", "No.")) if isinstance(write, UpdateDeal) else None

    routing.route(boris, "759", "t:1")

    assert [one.refused for one in decided(boris, "759")] == [("Rejected",)]


def test_a_deal_that_is_gone(boris: Clinic) -> None:
    with pytest.raises(NotFound) as gone:
        routing.route(boris, "404", "t:1")

    assert "404" in gone.value.message.ru
    assert decided(boris, "404") == ()


def test_nobody_sees_another_clinics_decisions(database: Database, boris: Clinic, crm: MemoryRecords) -> None:
    clara = clinic_of(database, crm_of("dental"), "dental", "clara")
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    routing.route(boris, "759", "t:1")

    assert decided(clara, "759") == ()


def test_what_is_forgotten_is_gone(boris: Clinic, crm: MemoryRecords) -> None:
    comes(crm, contact("301", ANNA), deal("dental", "759", "stage.visits.new", "301"))
    came(boris, "301")
    routing.route(boris, "759", "t:1")
    routing.take(boris, routing.Enquiry("301", "Заявка"), "call:1")

    with scope(boris.id), boris.database.transaction() as session:
        gone = routing.forget(session)

    assert gone == {"visit": 1, "rota": 1, "arrival": 1, "route_decision": 1}
    assert decided(boris, "759") == ()
