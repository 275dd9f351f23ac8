"""The page of health on both CRMs: how an installation does, the check of its connection, and to whom both are told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from admin_pages import Pages, key_of
from api_desks import Desk
from houses import BITRIX24
from test_words import CYRILLIC, PAGES, texts
from wizards import words_of

from widget_backend.db import scope
from widget_backend.inbox import marks
from widget_backend.sandbox.faults import Fault
from widget_backend.wellbeing import words

KEY = "0123456789abcdef0123"


def health(desk: Desk) -> Pages:
    """The page of health, opened by an administrator."""
    return Pages(desk.admin, "/office/health")


def levels(desk: Desk) -> dict[str, str]:
    """Row -> how it is."""
    found = re.findall(r'class="lamp lamp-(ok|look|act)" id="light-(\w+)"', health(desk).get().text)
    return {key: level for level, key in found}


def test_a_clinic_at_work_is_told_how_everything_is(desk: Desk) -> None:
    desk.reception.enquires(desk.reception.patient("Ян Линёк", "+79005550501"), "stage.visits.new")
    desk.reception.settles()
    with scope(desk.number), desk.house.database.transaction() as session:
        marks.refuse(session, desk.number, None)

    found, read = levels(desk), health(desk).reads()

    assert list(found) == list(words.NAMES)
    assert {found[key] for key in ("access", "set_up", "events", "compared", "stopped", "limits", "rules")} == {"ok"}
    assert "The last event just now" in read and "Compared just now" in read
    assert "is renewed by itself" in read


def test_the_connection_is_checked_by_few_requests_that_write_nothing(desk: Desk) -> None:
    page = health(desk).get()
    desk.reception.crm.faults.plan()
    asked = len(desk.reception.crm.faults.log)

    checked = health(desk).post("/check", key=key_of(page))
    rows = desk.reception.crm.faults.log[asked:]

    assert "The connection works: the CRM answered in" in words_of(checked.text)
    assert "Subscriptions to events are in place" in words_of(checked.text)
    assert (levels(desk)["subscriptions"], [row for row in rows if row.write]) == ("ok", [])
    assert len(rows) == {"bitrix24": 1, "amocrm": 2}[desk.reception.clinic.vendor]
    assert "admin link.check" in desk.acts()


def test_a_crm_that_does_not_answer_is_said_with_what_to_do(desk: Desk) -> None:
    desk.reception.crm.faults.plan(Fault(0, "http_502"))

    checked = health(desk).post("/check", key=KEY)

    assert "There is no connection." in words_of(checked.text)
    assert levels(desk)["subscriptions"] == "act"
    assert "Mend the cause and check the connection again." in health(desk).reads()


def test_subscriptions_that_are_gone_in_the_crm_are_missed(boris: Desk) -> None:
    state = boris.house.boris.state
    kept = list(state.handlers)
    state.handlers[:] = [one for one in kept if one.client_id != BITRIX24.client_id]

    checked = health(boris).post("/check", key=KEY[::-1])
    state.handlers[:] = kept

    assert "subscriptions to events are missing" in words_of(checked.text)
    assert levels(boris)["subscriptions"] == "act"
    assert "apply the plan" in health(boris).reads()


def test_what_has_stopped_leads_to_the_journal(boris: Desk) -> None:
    boris.stops("770051")

    page = health(boris).get()

    assert 'id="light-to-stopped" class="button button-link" hx-get="/office/journal"' in page.text
    assert "Something needs you" in words_of(page.text)


def test_an_employee_looks_and_checks_nothing(desk: Desk) -> None:
    employee = health(desk).as_role("user")

    seen, tried = employee.get(), employee.post("/check", key=KEY)

    assert ("check-link" in seen.text, "View only" in words_of(seen.text)) == (False, True)
    assert (tried.status_code, desk.reception.crm.faults.log) == (403, [])


def test_clara_is_told_nothing_of_boris(clinics: dict[str, Desk]) -> None:
    boris, clara = clinics["boris"], clinics["clara"]
    before = levels(clara)
    boris.stops("770061", "770062")
    boris.hurried()

    assert levels(clara) == before
    assert "Nothing has stopped" in health(clara).reads()
    boris.rested()


def test_every_text_is_said_in_both_languages() -> None:
    said = [one for value in vars(words).values() for one in texts(value)]

    assert [one for one in said if not CYRILLIC.search(one.ru) or CYRILLIC.search(one.en)] == []
    assert [t for t in said if set(re.findall(r"{\w+}", t.ru)) != set(re.findall(r"{\w+}", t.en))] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.stem in ("health", "tabs")], ids=lambda file: file.stem)
def test_a_template_names_only_words_that_exist(file: Any) -> None:
    page = file.read_text(encoding="utf-8")

    assert [name for name in re.findall(r"\bwb\.([A-Z_]+)", page) if not hasattr(words, name)] == []
