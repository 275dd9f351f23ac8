"""Alice's administrator installs from amoМаркет by mouse and walks the wizard in the frame that a one-time ticket opens."""

from __future__ import annotations

import pytest
from conftest import AMOCRM, APP, Crm
from playwright.sync_api import Page, expect
from tickets import wait_until_connected
from wizard import Wizard

CLIENT = AMOCRM["client_id"]
PIPELINES = {"Приемы", "База пациентов", "Координаторы", "Реанимация"}


def press_install(page: Page, alice: Crm) -> None:
    """Install and agree; wait until the application has fetched its access."""
    page.goto(f"{alice.url}/amo-market/")
    page.get_by_role("button", name="Установить").click()
    page.get_by_role("button", name="Разрешить").click()
    expect(page.locator("section p").first).to_have_text("установлена")
    wait_until_connected(alice)


def open_settings(page: Page) -> Wizard:
    page.get_by_role("link", name="Настройки").click()
    return Wizard(page, page.frame_locator("#frame"), APP)


@pytest.mark.parametrize("way", ["/wizard/events", "/wizard/progress"])
def test_a_clinic_is_set_up_in_the_frame_of_the_settings(product: str, alice: Crm, page: Page, way: str) -> None:
    press_install(page, alice)
    wizard = open_settings(page)
    wizard.follow_by(way)

    wizard.walk()
    wizard.expect_done()

    assert {each.name for each in alice.state.pipelines.values()} >= PIPELINES
    assert wizard.asked(way) > 0


def test_consent_on_our_own_site_leads_into_the_wizard(product: str, alice: Crm, page: Page) -> None:
    page.goto(f"{alice.url}/amo-market/")
    page.get_by_role("link", name="Подключить на сайте приложения").click()
    page.get_by_role("link", name="Разрешить").click()
    wizard = Wizard(page, page, APP)

    wizard.to_the_plan()

    assert "code=" not in page.url


def test_consent_that_is_declined_says_what_to_do(product: str, alice: Crm, rough_page: Page) -> None:
    rough_page.goto(f"{alice.url}/amo-market/")
    rough_page.get_by_role("link", name="Подключить на сайте приложения").click()
    rough_page.get_by_role("link", name="Отказать").click()

    expect(rough_page.get_by_role("heading")).to_have_text("Доступ не выдан")
    expect(rough_page.get_by_role("link", name="Подключить amoCRM")).to_be_visible()


def test_what_was_switched_off_is_known_as_gone_and_comes_back(product: str, alice: Crm, page: Page) -> None:
    press_install(page, alice)
    wizard = open_settings(page)
    wizard.walk()
    wizard.expect_done()
    session = wizard.token
    made = len(alice.state.fields["leads"])

    page.goto(f"{alice.url}/amo-market/")
    page.get_by_role("button", name="Отключить").click()
    gone = wizard.asked_until(session, 401)
    press_install(page, alice)
    wizard = open_settings(page)
    wizard.find_nothing_to_do()
    wizard.says("CRM уже была настроена")

    assert "Приложение удалено" in gone
    assert len(alice.state.fields["leads"]) == made


def test_an_employee_looks_and_is_told_why_he_may_not_more(product: str, alice: Crm, page: Page) -> None:
    press_install(page, alice)

    page.get_by_label("Я").select_option("507")
    page.get_by_role("button", name="Сменить").click()
    wizard = open_settings(page)

    wizard.inside.locator("#read-only").wait_for()
    assert wizard.inside.locator("#check-again").count() == 0
