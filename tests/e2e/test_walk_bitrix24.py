"""Boris's administrator installs from the market by mouse, walks the wizard in the portal's frame, ends in the application."""

from __future__ import annotations

import time

import pytest
from conftest import APP, BITRIX24, Crm
from playwright.sync_api import Page
from wizard import FINISHED, Wizard

from widget_backend.sandbox.bitrix24.control import add_deals

CLIENT = BITRIX24["client_id"]
PIPELINES = {"Приемы", "База пациентов", "Координаторы", "Реанимация"}

#: machine time of a whole install
BAR_SECONDS = 30.0


def press_install(page: Page, boris: Crm) -> Wizard:
    page.goto(f"{boris.url}/market/")
    page.get_by_role("button", name="Установить").click()
    return Wizard(page, page.frame_locator("#frame"), APP)


def finished(page: Page) -> None:
    """Wait until the portal has heard ``installFinish`` and shows the application instead of its installer."""
    page.wait_for_function(FINISHED)


@pytest.mark.parametrize("way", ["/wizard/events", "/wizard/progress"])
def test_a_clinic_is_set_up_and_led_on_into_the_application(product: str, boris: Crm, page: Page, way: str) -> None:
    boris.state.settings.latency_s = 0.05
    began = time.monotonic()

    wizard = press_install(page, boris)
    wizard.follow_by(way)
    wizard.walk()
    finished(page)
    took = time.monotonic() - began
    wizard.expect_done()

    assert boris.state.apps[CLIENT].installed
    assert {row.name for row in boris.state.categories.values()} >= PIPELINES
    assert wizard.asked(way) > 0
    assert took < BAR_SECONDS
    assert page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]") == [[], []]


def test_what_was_removed_is_known_as_removed_and_comes_back(product: str, boris: Crm, page: Page) -> None:
    wizard = press_install(page, boris)
    wizard.walk()
    finished(page)
    wizard.expect_done()
    session = wizard.token
    made = len(boris.state.fields)

    page.goto(f"{boris.url}/market/")
    page.get_by_role("button", name="Удалить").click()
    gone = wizard.asked_until(session, 401)
    wizard = press_install(page, boris)
    wizard.walk()
    finished(page)

    assert "Приложение удалено" in gone
    assert boris.state.apps[CLIENT].installed
    assert (len(boris.state.robots), len(boris.state.placements)) == (4, 4)
    assert len(boris.state.fields) == made


def test_a_newer_version_is_installed_over_the_old_one(product: str, boris: Crm, page: Page) -> None:
    wizard = press_install(page, boris)
    wizard.walk()
    finished(page)
    wizard.expect_done()

    page.goto(f"{boris.url}/market/")
    robots = len(boris.state.robots)
    page.get_by_role("button", name="Обновить версию").click()
    dropped = len(boris.state.robots)
    page.get_by_role("link", name="Открыть").click()
    wizard = Wizard(page, page.frame_locator("#frame"), APP)
    wizard.screen("plan-ready")
    wizard.apply()
    finished(page)

    assert (robots, dropped, len(boris.state.robots)) == (4, 0, 4)
    assert boris.state.apps[CLIENT].version == 2


def test_a_deals_card_has_our_tab(product: str, boris: Crm, page: Page) -> None:
    press_install(page, boris).walk()
    finished(page)
    [deal] = add_deals(boris.state, {"title": "Имплантация"})

    page.goto(f"{boris.url}/crm/deal/details/{deal}/")
    page.get_by_role("link", name="Пациент").click()

    page.frame_locator("#frame").get_by_role("heading", name=f"Сделка №{deal}").wait_for()


def test_an_employee_looks_and_is_told_why_he_may_not_more(product: str, boris: Crm, page: Page) -> None:
    wizard = press_install(page, boris)
    wizard.walk()
    finished(page)
    wizard.expect_done()

    page.goto(f"{boris.url}/market/")
    page.get_by_label("Я").select_option("7")
    page.get_by_role("button", name="Сменить").click()
    page.get_by_role("link", name="Открыть").click()

    wizard.inside.locator("#read-only").wait_for()
    assert wizard.inside.locator("#rollback").count() == 0
