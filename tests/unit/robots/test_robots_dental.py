"""Every rule of the preset «dental» at work, in a clinic whose CRM is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from clinic_of_preset import COORDINATOR, DESK, HEAD, MOSCOW, OPERATOR, PresetClinic, preset_of
from sqlalchemy import text

from widget_backend.clock import now
from widget_backend.crm.records import Note
from widget_backend.db import Database, scope
from widget_backend.robots import firings, timers
from widget_backend.robots.happenings import Reported
from widget_backend.robots.timers import TimerRow


def today() -> date:
    """The clinic's date."""
    return now().astimezone(MOSCOW).date()


PER_STAGE = ("date", "next_step", "stuck")


def reports(clinic: PresetClinic, deal: str, fact: str, **given: str) -> None:
    """The clinic's system tells something of the deal's patient."""
    named = {name.replace("_", ".", 1): value for name, value in given.items()}
    told = Reported(cause=f"m:{fact}:{deal}", at=now(), fact=fact, given=named)
    with scope(clinic.id), clinic.database.transaction() as session:
        firings.raise_all(session, clinic.id, clinic.crm.deals[deal], (told,))
    clinic.works()


def visit_in(days: int, hour: int = 10) -> datetime:
    return datetime.combine(today() + timedelta(days=days), datetime.min.time(), MOSCOW) + timedelta(hours=hour)


# every stage


@pytest.mark.parametrize("stage", ["stage.visits.new", "stage.base.ready", "stage.coord.refused"])
def test_each_stage_keeps_the_date_the_deal_came_to_it(boris: PresetClinic, stage: str) -> None:
    deal = boris.enquiry(stage, boris.patient())
    boris.works()

    field = stage.removeprefix("stage.").replace(".", "_")
    assert boris.crm.deals[deal].fields[f"field.deal.at_{field}"] == today()


@pytest.mark.parametrize(
    ("stage", "title", "who"),
    [
        ("stage.visits.new", "Взять заявку в работу", OPERATOR),
        ("stage.visits.confirmed", "Встретить пациента", DESK),
        ("stage.base.treatment", "Пригласить на следующий визит по плану", OPERATOR),
        ("stage.coord.made", "Проверить и утвердить план лечения", "1"),
        ("stage.revival.active", "Ответить пациенту", OPERATOR),
    ],
)
def test_each_open_stage_sets_its_task_for_whose_it_is(boris: PresetClinic, stage: str, title: str, who: str) -> None:
    deal = boris.enquiry(stage, boris.patient())
    boris.works()

    assert [(task.text.splitlines()[0], task.responsible) for task in boris.tasks(deal)] == [(title, who)]


def test_closed_stages_set_no_task(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.revival.refused", boris.patient())
    boris.works()

    assert boris.tasks(deal) == []


def test_a_task_is_due_in_working_hours_or_in_plain_days(boris: PresetClinic) -> None:
    hours = boris.hours
    taken = boris.enquiry("stage.visits.picking", boris.patient())
    parked = boris.enquiry("stage.base.treatment")
    boris.works()

    created = boris.crm.deals[taken].created_at
    assert created is not None
    assert abs((boris.tasks(taken)[0].deadline or created) - hours.after(created, "1d")) < timedelta(minutes=1)
    assert abs((boris.tasks(parked)[0].deadline or created) - hours.later(created, "14d")) < timedelta(minutes=1)


def test_a_deal_that_is_stuck_becomes_a_task_of_the_head(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.coord.taken", boris.patient(), since=now() - timedelta(days=12))
    boris.works()

    boris.ticks()

    assert [task.responsible for task in boris.tasks(deal) if task.text.startswith("Сделка зависла")] == [HEAD]


def test_a_deal_that_moved_on_is_not_stuck(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.coord.taken", boris.patient(), since=now() - timedelta(days=12))
    boris.works()
    boris.moves(deal, "stage.coord.made")

    boris.ticks()

    assert "Сделка зависла" not in boris.titles(deal)


def test_a_moment_that_the_clinic_has_put_off_still_comes(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())
    with boris.database.engine.begin() as connection:
        # as it was before the clinic changed its hours
        connection.execute(text("UPDATE robot_timer SET due_at = now() - interval '1 minute'"))

    boris.ticks()

    with scope(boris.id), boris.database.transaction() as session:
        waiting = {one.rule: one.due_at > now() for one in timers.waiting(session, deal=deal)}
    assert boris.states("take_in_time") == []
    assert waiting["take_in_time"]


@pytest.mark.parametrize(
    "stage", ["stage.visits.taken", "stage.base.taken", "stage.coord.taken", "stage.revival.taken"]
)
def test_whoever_takes_a_deal_becomes_responsible(boris: PresetClinic, stage: str) -> None:
    first = {"visits": "new", "base": "base", "coord": "new", "revival": "never"}[stage.split(".")[1]]
    deal = boris.enquiry(f"stage.{stage.split('.')[1]}.{first}", boris.patient())
    boris.works()

    boris.moves(deal, stage, mover="42")
    boris.works()

    assert boris.crm.deals[deal].responsible == "42"


@pytest.mark.parametrize("mover", ["robot", ""])
def test_a_robot_takes_no_deal(boris: PresetClinic, mover: str) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())
    boris.works()

    boris.moves(deal, "stage.visits.taken", mover=mover)
    boris.works()

    assert boris.crm.deals[deal].responsible == OPERATOR


# «Приемы»


def test_an_enquiry_of_an_active_patient_joins_the_open_deal(boris: PresetClinic) -> None:
    host = boris.enquiry("stage.base.base", boris.patient(visit_count=3))
    boris.works()

    deal = boris.enquiry("stage.visits.new", comment="Болит зуб", source="site")
    boris.crm.notes["9"] = Note("9", deal, "Просил перезвонить утром", now())
    boris.works()

    assert boris.stage(host) == "stage.base.attention"
    handed = next(note for note in boris.notes(host) if deal in note)
    assert all(words in handed for words in ("Болит зуб", "Сайт", "Просил перезвонить утром"))
    assert boris.stage(deal) == "stage.visits.missed"
    assert boris.crm.deals[deal].fields["field.deal.loss_reason"] == "duplicate"
    assert [(notice.user, notice.deal) for notice in boris.crm.notices] == [(OPERATOR, host)]


def test_a_joined_enquiry_counts_as_no_refusal_and_no_no_show(boris: PresetClinic) -> None:
    boris.enquiry("stage.base.base", boris.patient(visit_count=3))
    boris.works()
    deal = boris.enquiry("stage.visits.new")
    boris.works()

    assert boris.deals_at("stage.revival.returned") == []
    assert "date_visits_missed" not in {firing.rule_key for firing in boris.runs(deal=deal)}


def test_an_enquiry_of_a_new_patient_stays(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient())
    boris.works()

    assert (boris.stage(deal), boris.states("active_patient")) == ("stage.visits.new", ["passed"])


def test_the_clinic_may_want_each_enquiry_as_a_deal_of_its_own(database: Database) -> None:
    boris = PresetClinic(database, given={"repeat_enquiry": "new"})
    boris.enquiry("stage.base.base", boris.patient())
    boris.works()

    deal = boris.enquiry("stage.visits.new")
    boris.works()

    assert boris.stage(deal) == "stage.visits.new"


@pytest.mark.parametrize(
    ("visits", "kind"), [({}, "primary"), ({"visit_count": 0}, "primary"), ({"visit_count": 2}, "repeat")]
)
def test_the_kind_of_visit_is_filled_in(boris: PresetClinic, visits: dict[str, Any], kind: str) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient(**visits))
    boris.works()

    assert boris.crm.deals[deal].fields["field.deal.visit_type"] == kind


def test_of_an_enquiry_without_a_patient_nothing_is_claimed(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", "")
    boris.works()

    assert boris.crm.deals[deal].fields["field.deal.visit_type"] is None
    assert (boris.states("type_primary"), boris.states("type_repeat")) == (["passed"], ["passed"])


def test_an_enquiry_nobody_takes_is_told_to_the_head_and_the_responsible(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.new", boris.patient(), since=now() - timedelta(days=3))
    boris.works()

    boris.ticks()

    assert [task.responsible for task in boris.tasks(deal) if "не взяли в работу" in task.text] == [HEAD]
    assert [(notice.user, notice.text) for notice in boris.crm.notices] == [
        (OPERATOR, "Заявка ждёт, возьмите её в работу")
    ]


def test_a_visit_is_to_be_confirmed_a_day_before(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=visit_in(5))
    boris.works()
    with scope(boris.id), boris.database.transaction() as session:
        due = [row.due_at for row in session.query(TimerRow).filter(TimerRow.rule_key == "confirm")]
    assert due == [visit_in(4)]

    boris.sets(deal, visit_at=now() + timedelta(hours=20))
    boris.ticks()

    assert "Подтвердить визит" in boris.titles(deal)
    assert boris.states("confirm") == ["done"]


def test_a_visit_is_to_be_confirmed_once(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + timedelta(hours=20))
    for _ in range(3):
        boris.ticks()
        boris.sets(deal, service="o1")

    assert boris.titles(deal).count("Подтвердить визит") == 1


def test_a_confirmation_is_given_to_a_person_while_there_is_no_channel(database: Database) -> None:
    boris = PresetClinic(database, given={"confirm_message": True})
    deal = boris.enquiry("stage.visits.booked", boris.patient(), visit_at=now() + timedelta(hours=20))
    boris.ticks()

    (task,) = (task for task in boris.tasks(deal) if task.text.startswith("Отправить пациенту сообщение"))
    assert "Напоминаем о визите в клинику" in task.text
    assert task.responsible == OPERATOR
    assert "канал сообщений не подключён" in boris.said("confirm_by_message")


# what the clinic's system tells: the rules run; it tells nothing yet


def test_a_booking_fills_in_the_deal_and_moves_it_in_one_write(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.visits.taken", boris.patient())
    boris.works()
    boris.crm.calls.clear()

    reports(
        boris,
        deal,
        "visit_booked",
        visit_start="2026-12-01T10:00:00+03:00",
        visit_doctor="Дежурный врач",
        visit_branch="Юг",
    )

    booked = boris.crm.deals[deal]
    assert boris.stage(deal) == "stage.visits.booked"
    assert booked.fields["field.deal.visit_at"] == datetime(2026, 12, 1, 10, tzinfo=MOSCOW)
    assert booked.fields["field.deal.doctor"] == "o0"
    assert "в «Филиал» записать нечего" in boris.said("booked")


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        ("visit_confirmed", "stage.visits.booked", "stage.visits.confirmed"),
        ("visit_completed", "stage.visits.confirmed", "stage.visits.came"),
        ("visit_missed", "stage.visits.booked", "stage.visits.missed"),
    ],
)
def test_what_became_of_a_visit_moves_the_deal(boris: PresetClinic, fact: str, before: str, after: str) -> None:
    deal = boris.enquiry(before, boris.patient())
    boris.works()

    reports(boris, deal, fact)

    assert boris.stage(deal) == after


def test_a_finished_plan_clears_the_mark_and_takes_the_deal_back(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.treatment", boris.patient(in_treatment=True))
    boris.works()

    reports(boris, deal, "plan_finished")

    assert boris.crm.contacts["301"].fields["field.contact.in_treatment"] is False
    assert boris.stage(deal) == "stage.base.base"


# after the visit


def comes(boris: PresetClinic, amount: int | None = None, **fields: Any) -> str:
    boris.patient(**fields)
    deal = boris.enquiry("stage.visits.confirmed", amount=amount)
    boris.works()
    boris.moves(deal, "stage.visits.came", mover=DESK)
    boris.works()
    return deal


def test_a_new_patient_goes_to_a_coordinator_and_to_the_base(boris: PresetClinic) -> None:
    comes(boris)

    (coordinated,), (based,) = boris.deals_at("stage.coord.new"), boris.deals_at("stage.base.base")
    assert (coordinated.responsible, based.responsible) == (COORDINATOR, OPERATOR)
    assert (coordinated.contacts, based.contacts) == (("301",), ("301",))
    assert boris.titles(coordinated.id) == ["Познакомиться с новым пациентом"]


def test_a_returning_patient_goes_to_the_base_alone(boris: PresetClinic) -> None:
    comes(boris, visit_count=4)

    assert (len(boris.deals_at("stage.base.base")), boris.deals_at("stage.coord.new")) == (1, [])


def test_a_patient_in_treatment_goes_to_that_part_of_the_base(boris: PresetClinic) -> None:
    comes(boris, visit_count=4, in_treatment=True)

    assert (len(boris.deals_at("stage.base.treatment")), boris.deals_at("stage.base.base")) == (1, [])


def test_the_second_visit_makes_no_second_deal_in_the_base(boris: PresetClinic) -> None:
    comes(boris)
    deal = boris.enquiry("stage.visits.confirmed")
    boris.moves(deal, "stage.visits.came")
    boris.works()

    assert (len(boris.deals_at("stage.base.base")), len(boris.deals_at("stage.coord.new"))) == (1, 1)


def test_visits_money_and_the_last_date_are_counted(boris: PresetClinic) -> None:
    comes(boris, 1250000, visit_count=2, ltv=3000000, last_visit=date(2026, 1, 9))

    fields = boris.crm.contacts["301"].fields
    assert (fields["field.contact.visit_count"], fields["field.contact.ltv"]) == (3, 4250000)
    assert fields["field.contact.last_visit"] == today()


def test_the_last_date_is_that_of_the_booking_unless_it_is_still_ahead(boris: PresetClinic) -> None:
    boris.patient()
    yesterday = boris.enquiry("stage.visits.confirmed", visit_at=visit_in(-1))
    boris.works()

    boris.moves(yesterday, "stage.visits.came")
    boris.works()

    assert boris.crm.contacts["301"].fields["field.contact.last_visit"] == today() - timedelta(days=1)


@pytest.mark.parametrize(
    ("visits", "stage", "other"),
    [(0, "stage.revival.never", "stage.revival.returned"), (2, "stage.revival.returned", "stage.revival.never")],
)
def test_a_no_show_goes_to_win_back_by_what_was_before(
    boris: PresetClinic, visits: int, stage: str, other: str
) -> None:
    deal = boris.enquiry("stage.visits.confirmed", boris.patient(visit_count=visits))
    boris.works()

    boris.moves(deal, "stage.visits.missed")
    boris.works()

    assert (len(boris.deals_at(stage)), boris.deals_at(other)) == (1, [])
    assert boris.titles(boris.deals_at(stage)[0].id) == ["Вернуть пациента"]


# «База пациентов», «Координаторы», «Реанимация», «Подогрев»


@pytest.mark.parametrize("channel", ["call", "message", "email"])
@pytest.mark.parametrize(
    ("parked", "awake", "words"),
    [
        ("stage.base.base", "stage.base.attention", "Новое обращение от пациента из базы"),
        ("stage.base.treatment", "stage.base.attention", "Новое обращение от пациента из базы"),
        ("stage.revival.never", "stage.revival.active", "Отказник проявил активность"),
        ("stage.revival.returned", "stage.revival.active", "Отказник проявил активность"),
    ],
)
def test_a_parked_deal_wakes_when_the_patient_gets_in_touch(
    boris: PresetClinic, parked: str, awake: str, words: str, channel: str
) -> None:
    deal = boris.enquiry(parked, boris.patient())
    boris.works()

    boris.gets_in_touch(deal, channel)
    boris.works()

    assert boris.stage(deal) == awake
    assert [(notice.user, notice.text) for notice in boris.crm.notices] == [(OPERATOR, words)]
    assert "Ответить пациенту" in boris.titles(deal)


def test_a_deal_in_work_is_not_pulled_back_by_the_patients_call(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.base", boris.patient())
    boris.works()
    boris.gets_in_touch(deal)
    boris.moves(deal, "stage.base.taken")

    boris.works()

    assert boris.stage(deal) == "stage.base.taken"
    assert "сделка не переведена: её уже перевели на «База пациентов / Взято в работу»" in boris.said("wake_base")


@pytest.mark.parametrize(
    ("stage", "target"),
    [
        ("stage.base.ready", "stage.visits.picking"),
        ("stage.revival.ready", "stage.visits.picking"),
        ("stage.base.refused", "stage.revival.returned"),
    ],
)
def test_a_closed_deal_of_the_base_becomes_a_copy_where_work_goes_on(
    boris: PresetClinic, stage: str, target: str
) -> None:
    pipeline = stage.split(".")[1]
    deal = boris.enquiry(f"stage.{pipeline}.taken", boris.patient())
    boris.works()

    boris.moves(deal, stage)
    boris.works()

    assert [copy.contacts for copy in boris.deals_at(target)] == [("301",)]


def test_who_stopped_coming_goes_to_win_back(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.base", boris.patient(last_visit=today() - timedelta(days=179)))
    boris.works()
    boris.crm.contacts["301"] = boris.crm.contacts[boris.patient(last_visit=today() - timedelta(days=181))]
    boris.tells(deal)

    boris.ticks()

    assert boris.stage(deal) == "stage.revival.returned"


def test_who_has_a_visit_ahead_has_not_stopped_coming(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.base", boris.patient(last_visit=today() - timedelta(days=181)))
    boris.enquiry("stage.visits.booked", visit_at=visit_in(3))
    boris.works()

    boris.ticks()

    assert (boris.stage(deal), boris.states("gone")) == ("stage.base.base", ["passed"])
    assert "будущей записи нет" in boris.said("gone")


def test_who_came_meanwhile_has_not_stopped_coming(boris: PresetClinic) -> None:
    deal = boris.enquiry("stage.base.base", boris.patient(last_visit=today() - timedelta(days=181)))
    boris.works()
    boris.patient(last_visit=today())

    boris.ticks()

    assert (boris.stage(deal), boris.states("gone")) == ("stage.base.base", [])


def test_a_signed_contract_marks_the_patient_and_moves_the_base_deal(boris: PresetClinic) -> None:
    base = boris.enquiry("stage.base.base", boris.patient())
    deal = boris.enquiry("stage.coord.consent")
    boris.works()

    boris.moves(deal, "stage.coord.signed")
    boris.works()

    assert boris.crm.contacts["301"].fields["field.contact.in_treatment"] is True
    assert boris.stage(base) == "stage.base.treatment"


def test_a_declined_plan_clears_the_mark_and_moves_the_base_deal_back(boris: PresetClinic) -> None:
    base = boris.enquiry("stage.base.treatment", boris.patient(in_treatment=True))
    deal = boris.enquiry("stage.coord.presented")
    boris.works()

    boris.moves(deal, "stage.coord.refused")
    boris.works()

    assert boris.crm.contacts["301"].fields["field.contact.in_treatment"] is False
    assert boris.stage(base) == "stage.base.base"


@pytest.mark.parametrize(
    ("before", "mark", "after"),
    [("stage.base.base", True, "stage.base.treatment"), ("stage.base.treatment", False, "stage.base.base")],
)
def test_a_mark_set_or_cleared_by_hand_moves_the_base_deal(
    boris: PresetClinic, before: str, mark: bool, after: str
) -> None:
    deal = boris.enquiry(before, boris.patient(in_treatment=not mark))
    boris.works()

    boris.sets_patient(deal, in_treatment=mark)
    boris.works()

    assert boris.stage(deal) == after


@pytest.fixture
def warm(database: Database) -> Iterator[PresetClinic]:
    """Boris's clinic with «Подогрев»."""
    yield PresetClinic(database, given={"warmup": True})


def test_with_nurturing_a_refusal_goes_there(warm: PresetClinic) -> None:
    deal = warm.enquiry("stage.base.taken", warm.patient())
    warm.works()

    warm.moves(deal, "stage.base.refused")
    warm.works()

    assert (len(warm.deals_at("stage.warmup.new")), warm.deals_at("stage.revival.returned")) == (1, [])


def test_a_nurtured_patient_wakes_and_books(warm: PresetClinic) -> None:
    deal = warm.enquiry("stage.warmup.new", warm.patient())
    warm.works()
    warm.gets_in_touch(deal)
    warm.works()
    awake = warm.stage(deal)

    warm.moves(deal, "stage.warmup.ready")
    warm.works()

    assert (awake, len(warm.deals_at("stage.visits.picking"))) == ("stage.warmup.active", 1)


def test_no_rule_of_the_preset_is_left_out_here() -> None:
    assert {rule.key for rule in preset_of("dental").rules} == {*PER_STAGE, *WALKED}


#: rule -> the test above that walks it
WALKED = {
    "take": test_whoever_takes_a_deal_becomes_responsible,
    "active_patient": test_an_enquiry_of_an_active_patient_joins_the_open_deal,
    "type_primary": test_the_kind_of_visit_is_filled_in,
    "type_repeat": test_the_kind_of_visit_is_filled_in,
    "take_in_time": test_an_enquiry_nobody_takes_is_told_to_the_head_and_the_responsible,
    "booked": test_a_booking_fills_in_the_deal_and_moves_it_in_one_write,
    "confirm": test_a_visit_is_to_be_confirmed_a_day_before,
    "confirm_by_message": test_a_confirmation_is_given_to_a_person_while_there_is_no_channel,
    "confirmed": test_what_became_of_a_visit_moves_the_deal,
    "came": test_what_became_of_a_visit_moves_the_deal,
    "missed": test_what_became_of_a_visit_moves_the_deal,
    "to_coordinators": test_a_new_patient_goes_to_a_coordinator_and_to_the_base,
    "to_treatment": test_a_patient_in_treatment_goes_to_that_part_of_the_base,
    "to_base": test_a_returning_patient_goes_to_the_base_alone,
    "visit_counters": test_visits_money_and_the_last_date_are_counted,
    "no_show_new": test_a_no_show_goes_to_win_back_by_what_was_before,
    "no_show_known": test_a_no_show_goes_to_win_back_by_what_was_before,
    "wake_base": test_a_parked_deal_wakes_when_the_patient_gets_in_touch,
    "base_ready": test_a_closed_deal_of_the_base_becomes_a_copy_where_work_goes_on,
    "base_refused": test_a_closed_deal_of_the_base_becomes_a_copy_where_work_goes_on,
    "gone": test_who_stopped_coming_goes_to_win_back,
    "handed": test_a_new_patient_goes_to_a_coordinator_and_to_the_base,
    "signed": test_a_signed_contract_marks_the_patient_and_moves_the_base_deal,
    "plan_refused": test_a_declined_plan_clears_the_mark_and_moves_the_base_deal_back,
    "plan_finished": test_a_finished_plan_clears_the_mark_and_takes_the_deal_back,
    "marked": test_a_mark_set_or_cleared_by_hand_moves_the_base_deal,
    "unmarked": test_a_mark_set_or_cleared_by_hand_moves_the_base_deal,
    "wake_revival": test_a_parked_deal_wakes_when_the_patient_gets_in_touch,
    "revival_ready": test_a_closed_deal_of_the_base_becomes_a_copy_where_work_goes_on,
    "wake_warmup": test_a_nurtured_patient_wakes_and_books,
    "warmup_ready": test_a_nurtured_patient_wakes_and_books,
}
