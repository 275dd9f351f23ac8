"""A run of the wizard: begun once whoever clicks, paused, cut off, killed, gone on with, retried; nothing is doubled."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from houses import House
from wizards import Person, arrived, checksum_of, during, killed, runs, taken_back, twice, words_of, worker

from widget_backend.sandbox.faults import Fault

#: a writing request in the middle of an install
MIDDLE = {"boris": 2, "alice": 5}


@pytest.fixture(params=["boris", "alice"])
def admin(request: pytest.FixtureRequest, house: House) -> Person:
    """Boris on Bitrix24 and Alice on amoCRM, each at the first screen."""
    return arrived(house, getattr(house, request.param))


@pytest.fixture
def boris(house: House) -> Person:
    return arrived(house, house.boris)


def middle(admin: Person) -> int:
    return MIDDLE["boris" if admin.crm is admin.house.boris else "alice"]


def assert_whole(admin: Person) -> None:
    pipelines, fields = admin.hands.pipelines(), admin.hands.fields("deal")
    assert {"Приемы", "База пациентов", "Координаторы", "Реанимация"} <= set(pipelines)
    assert twice([*pipelines, *fields]) == []


def test_an_install_ends_in_a_proven_result(admin: Person) -> None:
    shown = words_of(admin.sets_up())

    assert "CRM настроена" in shown
    assert "Всё записано и проверено" in shown
    assert runs(admin.house) == ["done"]
    assert admin.house.of(admin.crm).status == "active"
    assert_whole(admin)


def test_two_clicks_at_once_begin_one_run(admin: Person) -> None:
    checksum = checksum_of(admin.plans())

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: admin.post("/wizard/apply", checksum=checksum), range(4)))
    admin.house.works()

    assert [answer.status_code for answer in answers] == [200] * 4
    assert runs(admin.house) == ["done"]
    assert_whole(admin)


def test_a_second_administrator_sees_the_same_run(boris: Person) -> None:
    second = boris.as_role("admin")
    page = boris.plans()
    boris.applies()

    shown = second.get("/wizard").text
    pressed = second.post("/wizard/apply", checksum=checksum_of(page)).text

    assert 'id="progress"' in shown
    assert 'id="progress"' in pressed
    assert runs(boris.house) == ["queued"]


def test_another_plan_cannot_be_asked_for_while_a_run_is_alive(boris: Person) -> None:
    boris.plans()
    boris.applies()

    refused = boris.chooses()

    assert refused.status_code == 409
    assert "Сейчас идёт установка" in words_of(refused.text)


def test_a_killed_worker_is_carried_on_by_the_next(admin: Person) -> None:
    admin.plans()
    admin.applies()
    first = worker(admin.house, admin.crm)
    admin.crm.faults.plan(Fault(middle(admin) + 1, "kill_after", pid=first.pid))

    was_killed = killed(first)
    left = admin.get("/wizard").text
    admin.crm.faults.plan()
    taken_back(admin.house)
    admin.house.works()

    assert was_killed
    assert 'id="progress"' in left
    assert runs(admin.house) == ["done"]
    assert_whole(admin)


def test_a_run_paused_in_the_middle_goes_on_from_there(admin: Person) -> None:
    admin.plans()
    admin.applies()
    during(admin.crm, middle(admin), lambda: admin.post("/wizard/pause"))

    admin.house.works()
    paused = words_of(admin.get("/wizard").text)
    state = runs(admin.house)
    admin.post("/wizard/resume")
    admin.house.works()

    assert state == ["paused"]
    assert "На паузе" in paused
    assert "Сделано 0 из" not in paused
    assert paused.count("Сделанное сохранено") == 1
    assert runs(admin.house) == ["done"]
    assert_whole(admin)


def test_a_pause_asked_for_while_the_crm_is_away_is_kept(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(2, "drop", count=99))
    during(boris.crm, 1, lambda: boris.post("/wizard/pause"))

    boris.house.works()

    assert runs(boris.house) == ["paused"]
    assert "На паузе" in words_of(boris.get("/wizard").text)


def test_a_queued_run_is_paused_at_once_and_writes_nothing(boris: Person) -> None:
    boris.plans()
    boris.applies()

    boris.post("/wizard/pause")
    boris.crm.faults.plan()
    boris.house.works()

    assert runs(boris.house) == ["paused"]
    assert boris.crm.faults.log == []


def test_a_paused_run_can_be_given_up_and_what_is_left_is_a_new_plan(boris: Person) -> None:
    boris.plans()
    boris.applies()
    during(boris.crm, middle(boris), lambda: boris.post("/wizard/pause"))
    boris.house.works()

    result = words_of(boris.post("/wizard/give-up").text)
    boris.house.works()
    boris.plans()
    boris.applies()
    boris.house.works()

    assert "Настройка прекращена" in result
    assert runs(boris.house) == ["given_up", "done"]
    assert_whole(boris)


def test_a_cut_connection_is_waited_for_and_the_run_ends_well(admin: Person) -> None:
    admin.plans()
    admin.applies()
    admin.crm.faults.plan(Fault(middle(admin), "cut"), Fault(middle(admin) + 1, "drop"))

    admin.house.works()

    assert runs(admin.house) == ["done"]
    assert_whole(admin)


def test_a_crm_that_stays_away_is_told_and_pressed_on_later(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(0, "http_502"))

    boris.house.works()
    away = words_of(boris.get("/wizard").text)
    boris.post("/wizard/pause")
    boris.crm.faults.plan()
    boris.post("/wizard/resume")

    assert "CRM не отвечает, пробуем ещё раз сами" in away
    assert runs(boris.house) == ["queued"]


def test_refused_rows_are_named_and_one_of_them_is_retried(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(0, "pipeline_cap"))
    boris.house.works()
    page = boris.get("/wizard").text
    boris.crm.faults.plan()

    boris.post(re.findall(r'hx-post="(/wizard/retry/\d+)"', page)[0])
    boris.house.works()

    assert "Почти готово" in words_of(page)
    assert runs(boris.house) == ["failed"]
    assert len(boris.hands.pipelines()) > 1


def test_all_refused_rows_are_retried_at_once(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(0, "pipeline_cap"))
    boris.house.works()
    boris.crm.faults.plan()

    boris.post("/wizard/resume")
    boris.house.works()

    assert runs(boris.house) == ["done"]
    assert_whole(boris)


def test_a_set_up_can_be_finished_without_what_was_refused(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(0, "pipeline_cap"))
    boris.house.works()

    page = boris.post("/wizard/finish").text

    assert boris.house.of(boris.crm).status == "active"
    assert "data-install-finish" in page


def test_a_crm_that_changed_meanwhile_shows_the_new_plan_and_writes_nothing(admin: Person) -> None:
    admin.plans()
    admin.hands.add_pipeline("Приемы", "Свой этап")
    admin.applies()
    admin.crm.faults.plan()

    admin.house.works()
    shown = words_of(admin.get("/wizard").text)

    assert runs(admin.house) == ["stale"]
    assert [row for row in admin.crm.faults.log if row.write] == []
    assert "Показан новый план" in shown
    assert "взять ваше" in shown


def test_the_new_plan_of_a_changed_crm_can_be_applied(boris: Person) -> None:
    boris.plans()
    boris.hands.add_list("Лечащий врач", "Вера Образцова")
    boris.applies()
    boris.house.works()

    boris.applies()
    boris.house.works()

    assert runs(boris.house) == ["stale", "done"]
    assert_whole(boris)


def test_a_rollback_leaves_the_crm_as_it_was(admin: Person) -> None:
    before = (admin.hands.pipelines(), admin.hands.fields("deal"), admin.hands.fields("contact"))
    admin.sets_up()
    admin.post("/wizard/rollback")
    admin.house.works()

    plan = words_of(admin.get("/wizard/rollback").text)
    admin.applies("rollback", accept="rollback")
    admin.house.works()
    shown = words_of(admin.get("/wizard").text)

    assert "Ничего ещё не записано" in plan
    assert "Изменения откатаны" in shown
    assert "Применить:" in words_of(admin.plans())
    assert (admin.hands.pipelines(), admin.hands.fields("deal"), admin.hands.fields("contact")) == before


def test_a_rollback_waits_for_its_tick(boris: Person) -> None:
    boris.sets_up()
    boris.post("/wizard/rollback")
    boris.house.works()

    refused = boris.applies("rollback")

    assert refused.status_code == 422
    assert "Поставьте отметки" in words_of(refused.text)
    assert runs(boris.house) == ["done"]


def test_what_was_done_is_in_the_audit(boris: Person) -> None:
    boris.sets_up()

    acts = boris.house.acts(boris.crm)

    assert [act for act in acts if "apply" in act or "choose" in act] == [
        "owner wizard.choose",
        "owner apply.start",
        "system apply.done",
    ]
