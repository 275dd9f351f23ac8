"""An account goes and comes again: late and repeated messages, pages and jobs that were under way, clocks that differ."""

from __future__ import annotations

import time
from typing import Any

import pytest
from houses import AMOCRM, BITRIX24, House, session_of
from sqlalchemy import text
from wizards import Person, arrived, during, twice, words_of

from installer import onboarding
from installer.wizard import draft, plans
from widget_backend.db import scope


def leaves(house: House) -> list[Any]:
    """Boris removes the application: the events that his portal has queued, not yet sent."""
    house.boris.state.uninstall(BITRIX24.client_id)
    told, house.boris.state.outbox = house.boris.state.outbox, []
    return told


def comes_back(house: House) -> Person:
    """Boris installs it again; a portal's application token is the same each time (bitrix24.md §1.5)."""
    state = house.boris.state
    token = state.removed_apps[BITRIX24.client_id].application_token
    state.issue_app(BITRIX24.client_id, installed=False)
    state.apps[BITRIX24.client_id].application_token = token
    return arrived(house, house.boris)


def tells(house: House, told: list[Any]) -> list[int]:
    """The portal sends these now."""
    house.boris.state.outbox = [*told]
    return house.delivers(house.boris)


def left_behind(house: House, table: str) -> int:
    with house.database.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def screen_of(person: Person) -> str:
    return person.get("/wizard").text.partition('data-screen="')[2].partition('"')[0]


def test_a_removal_told_long_after_the_installation_is_done_at_once(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    told = leaves(house)
    asked = house.requests()

    answers = tells(house, told)

    assert (answers, house.of(house.boris).status, house.pair(house.boris)) == ([200], "closed", None)
    assert house.requests() == asked


@pytest.mark.parametrize("times", [1, 2], ids=["late", "late and twice"])
def test_a_removal_that_arrives_after_a_new_installation_removes_nothing(house: House, times: int) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    told = leaves(house)
    boris = comes_back(house)

    answers = tells(house, told * times)
    house.works()

    assert answers == [200] * times
    assert (house.of(house.boris).status, house.pair(house.boris) is None) == ("connecting", False)
    assert screen_of(boris) == "access-ready"
    assert house.dead() == []


def test_a_removal_repeated_after_a_new_installation_removes_nothing(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    told = leaves(house)
    tells(house, told)
    comes_back(house)

    answers = tells(house, told)
    house.works()

    assert (answers, house.of(house.boris).status) == ([200], "connecting")
    assert house.pair(house.boris) is not None


@pytest.mark.parametrize("minutes", [-120, -2, 0, 2, 120])
def test_a_removal_is_done_whatever_the_portals_clock_says(house: House, minutes: int) -> None:
    arrived(house, house.boris)
    house.boris.state.clock = lambda: time.time() + 60 * minutes

    answers = tells(house, leaves(house))
    house.works()

    assert (answers, house.of(house.boris).status, house.pair(house.boris)) == ([200], "closed", None)
    assert house.dead() == []


def test_a_removal_that_does_not_say_when_is_asked_after(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    form = {"event": "ONAPPUNINSTALL", "auth[member_id]": house.boris.state.member_id}
    form |= {"auth[application_token]": house.of(house.boris).application_token}

    answer = house.client.post("/events/bitrix24", data=form)
    house.works()

    assert (answer.status_code, house.of(house.boris).status) == (200, "connecting")


def test_an_installation_told_of_after_the_removal_brings_nothing_back(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    house.boris.state.finish_install(BITRIX24.client_id)
    late, house.boris.state.outbox = house.boris.state.outbox, []
    tells(house, leaves(house))
    before = house.rows()

    answers = tells(house, late)

    assert {status // 100 for status in answers} == {4}
    assert (house.rows(), house.of(house.boris).status, house.pair(house.boris)) == (before, "closed", None)


def test_a_page_that_was_under_way_during_the_removal_leaves_nothing(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    tells(house, leaves(house))
    closed = house.of(house.boris).id
    writes_late(house, closed)
    wrote = left_behind(house, "wizard_draft")

    # ten minutes later, as the removal has arranged
    onboarding.confirm_removal(house.database, house.settings, closed, again=False)

    assert wrote == 1
    assert [left_behind(house, table) for table in ("wizard_draft", "wizard_plan")] == [0, 0]


def test_what_ended_after_the_removal_is_looked_after_by_a_job(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)

    tells(house, leaves(house))

    with house.database.engine.connect() as connection:
        due = text("SELECT scheduled_at > now() FROM procrastinate_jobs WHERE task_name = 'installer.farewell'")
        assert list(connection.execute(due).scalars()) == [True]


def test_an_account_that_comes_again_begins_with_the_first_screen(house: House) -> None:
    arrived(house, house.boris)
    house.ages(house.boris)
    tells(house, leaves(house))
    writes_late(house, house.of(house.boris).id)

    boris = comes_back(house)

    assert screen_of(boris) == "access-ready"
    assert house.dead() == []


def writes_late(house: House, installation_id: int) -> None:
    """What a page does that was let in a moment before the removal."""
    with scope(installation_id), house.database.transaction() as session:
        draft.go(session, installation_id, "result")
        plans.ask(session, installation_id)


def test_a_refusal_of_the_access_before_is_not_held_against_the_new(house: House) -> None:
    boris = arrived(house, house.boris)
    users = house.boris.state.users
    users[8] = type(users[1])(8, "Вера", "Новая", admin=True)
    boris.post("/wizard/check")
    users[1].active = False
    during_any(house, lambda: house.installs(house.boris, 8))

    house.works()

    assert (house.of(house.boris).status, house.pair(house.boris).user_id) == ("connecting", "8")  # type: ignore[union-attr]
    assert screen_of(boris) == "access-ready"


def during_any(house: House, do: Any) -> None:
    """Have something happen while the portal works on the next request, whatever it is."""
    inner = house.boris.faults._app

    def app(environ: Any, start_response: Any) -> Any:
        house.boris.faults._app = inner
        do()
        return inner(environ, start_response)

    house.boris.faults._app = app


def test_a_removal_in_the_middle_of_a_run_ends_it_and_the_next_installation_doubles_nothing(house: House) -> None:
    boris = arrived(house, house.boris)
    boris.plans()
    house.ages(house.boris)
    during(house.boris, 2, lambda: tells(house, leaves(house)))
    boris.applies()
    house.works()
    gone = house.of(house.boris).status

    again = comes_back(house)
    shown = words_of(again.sets_up())

    assert gone == "closed"
    assert "CRM настроена" in shown
    assert twice([*again.hands.pipelines(), *again.hands.fields("deal")]) == []


def test_an_installer_opened_in_the_middle_of_a_run_lets_it_end(house: House) -> None:
    boris = arrived(house, house.boris)
    boris.plans()
    during(house.boris, 2, lambda: house.installs(house.boris))
    boris.applies()

    house.works()

    assert "CRM настроена" in words_of(boris.get("/wizard/result").text)
    assert twice([*boris.hands.pipelines(), *boris.hands.fields("deal")]) == []
    assert house.dead() == []


def test_a_page_without_the_key_to_renew_takes_no_good_access_away(house: House) -> None:
    arrived(house, house.boris)
    before = house.pair(house.boris)

    page = house.opened(house.boris.opens(), REFRESH_ID="")

    assert page.status_code == 200
    assert house.pair(house.boris) == before


def test_a_page_without_the_key_to_renew_connects_nothing(house: House) -> None:
    page = house.opened(house.boris.opens(), REFRESH_ID="")

    assert page.status_code == 403
    assert "Ничего не сохранено" in page.text
    assert set(house.rows().values()) == {0}


def test_a_bill_told_with_a_wrong_token_is_not_looked_into(house: House) -> None:
    arrived(house, house.boris)
    before = house.rows()
    form = {"event": "ONAPPPAYMENT", "auth[member_id]": house.boris.state.member_id}

    hint = house.client.post("/events/bitrix24", data={**form, "auth[application_token]": "0" * 32})

    assert (hint.status_code, house.rows()) == (403, before)


def test_a_removal_hook_that_is_late_at_amocrm_removes_nothing(house: House) -> None:
    house.consents(house.alice)
    house.works()
    house.alice.state.uninstall(AMOCRM.client_id)
    (hook,) = house.alice.state.outbox
    house.alice.state.outbox = []
    house.consents(house.alice)

    told = house.client.get("/uninstall/amocrm", query_string=hook.form)
    house.works()

    assert (told.status_code, house.of(house.alice).status) == (200, "connecting")
    assert session_of(house.consents(house.alice))
