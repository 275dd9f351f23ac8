"""How the wizard ends: with a CRM that has what was chosen, however it came to be so, and never before."""

from __future__ import annotations

import pytest
from houses import House
from wizards import Person, arrived, during, runs, words_of

from widget_backend.sandbox.faults import Fault

FINISH = "data-install-finish"


@pytest.fixture(params=["boris", "alice"])
def admin(request: pytest.FixtureRequest, house: House) -> Person:
    """Boris on Bitrix24 and Alice on amoCRM, each at the first screen."""
    return arrived(house, getattr(house, request.param))


@pytest.fixture
def boris(house: House) -> Person:
    return arrived(house, house.boris)


def come_back(admin: Person) -> Person:
    """Everything is in its place, and the application is installed anew: it has no run of its own."""
    admin.sets_up()
    with admin.house.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM wizard_run")
        connection.exec_driver_sql("UPDATE installation SET status = 'connecting'")
    admin.plans()
    return admin


def test_a_crm_in_which_all_is_in_its_place_is_finished_without_a_run(boris: Person) -> None:
    come_back(boris)

    plan, result = boris.get("/wizard/plan").text, boris.post("/wizard/finish").text

    assert 'hx-post="/wizard/finish"' in plan
    assert FINISH in result
    assert "CRM настроена" in words_of(result)
    assert "CRM уже была настроена" in words_of(result)
    assert boris.house.of(boris.crm).status == "active"
    assert runs(boris.house) == []


def test_a_reload_shows_that_result_again_and_finishes_it_too(admin: Person) -> None:
    come_back(admin)
    admin.post("/wizard/finish")

    shown = admin.get("/wizard").text

    assert "CRM уже была настроена" in words_of(shown)
    assert "Что дальше" in words_of(shown)
    assert (FINISH in shown) == (admin.crm is admin.house.boris)


def test_what_is_left_undone_is_not_finished(boris: Person) -> None:
    boris.plans()

    refused, shown = boris.post("/wizard/finish"), boris.get("/wizard/result").text

    assert refused.status_code == 409
    assert "план не применён" in words_of(refused.text)
    assert boris.house.of(boris.crm).status == "connecting"
    assert FINISH not in shown


def test_a_choice_made_after_the_plan_was_made_is_not_proven_by_it(boris: Person) -> None:
    come_back(boris)

    boris.chooses(**{"set.doctors": "Вера Образцова"})

    assert boris.post("/wizard/finish").status_code == 409
    assert FINISH not in boris.get("/wizard/result").text


def test_a_newer_version_is_not_finished_before_its_plan_is_carried_out(boris: Person) -> None:
    boris.sets_up()
    boris.hands.remove_stage("Приемы", "Взято в работу")
    with boris.house.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM binding WHERE address = 'stage.visits.taken'")
    boris.post("/wizard/check")
    boris.house.works()

    assert FINISH not in boris.get("/wizard/result").text


def test_what_was_rolled_back_is_not_finished(boris: Person) -> None:
    boris.sets_up()
    boris.post("/wizard/rollback")
    boris.house.works()
    boris.applies("rollback", accept="rollback")
    boris.house.works()

    assert FINISH not in boris.get("/wizard/result").text
    assert boris.post("/wizard/finish").status_code == 409


def test_a_run_given_up_is_no_end_once_a_person_has_done_the_rest(boris: Person) -> None:
    boris.plans()
    boris.applies()
    during(boris.crm, 2, lambda: boris.post("/wizard/pause"))
    boris.house.works()
    boris.post("/wizard/give-up")
    before = words_of(boris.get("/wizard/result").text)
    boris.sets_up()

    after = boris.get("/wizard/result").text

    assert "Настройка прекращена" in before
    assert "CRM настроена" in words_of(after)
    assert FINISH in after


def test_finishing_without_what_was_refused_is_a_persons_word(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.crm.faults.plan(Fault(0, "pipeline_cap"))
    boris.house.works()

    before, finished = boris.get("/wizard/result").text, boris.post("/wizard/finish").text

    assert FINISH not in before
    assert FINISH in finished


def test_a_pause_changes_no_number_that_was_agreed_to(admin: Person) -> None:
    plan = words_of(admin.plans())
    admin.applies()
    during(admin.crm, 3, lambda: admin.post("/wizard/pause"))
    admin.house.works()
    admin.post("/wizard/resume")
    admin.house.works()

    agreed = plan.partition("Применить: ")[2].partition(" ")[0]

    assert f"сделано {agreed} изменени" in words_of(admin.get("/wizard").text)
