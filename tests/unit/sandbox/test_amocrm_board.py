"""The emulated account's board in a browser: cards go by mouse, by keys and by choice, and the page keeps itself up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from amocrm_desk import FIRST, PIPELINE, SECOND, Desk
from playwright.sync_api import Browser, Page, expect, sync_playwright

from widget_backend.sandbox.mount import serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not on this machine, so no board was looked at"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """The board of the stock pipeline; errors of its script fail the test."""
    wrong: list[str] = []
    with serve(desk.http.application) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=server.url)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        page.close()
    assert wrong == []


def stage(page: Page, number: int) -> Any:
    return page.locator(f"#stage-{number} [data-card]")


def at(desk: Desk, lead: int) -> tuple[int, int]:
    body = desk.call("GET", f"/leads/{lead}")[1]
    return body["pipeline_id"], body["status_id"]


def test_a_card_is_dragged_to_another_stage(desk: Desk, page: Page) -> None:
    lead = desk.made("leads", name="Чистка")
    page.goto("/")

    stage(page, FIRST).drag_to(page.locator(f"#stage-{SECOND}"))

    expect(stage(page, SECOND)).to_have_count(1)
    assert at(desk, lead) == (PIPELINE, SECOND)


def test_a_card_is_dragged_to_another_pipeline(desk: Desk, page: Page) -> None:
    pipeline = {"name": "Повторные", "sort": 2, "is_main": False, "is_unsorted_on": False}
    stages = {"_embedded": {"statuses": [{"name": "Новый", "sort": 1}]}}
    [made] = desk.call("POST", "/leads/pipelines", [pipeline | stages])[1]["_embedded"]["pipelines"]
    lead = desk.made("leads", name="Чистка")
    page.goto("/")

    stage(page, FIRST).drag_to(page.get_by_role("link", name="Повторные"))

    expect(stage(page, FIRST)).to_have_count(0)
    assert at(desk, lead) == (made["id"], made["_embedded"]["statuses"][1]["id"])


def test_a_card_is_moved_by_keys_and_keeps_the_focus(desk: Desk, page: Page) -> None:
    lead = desk.made("leads", name="Чистка")
    page.goto("/")

    page.get_by_role("link", name="Чистка").focus()
    page.keyboard.press("Alt+ArrowRight")

    expect(stage(page, SECOND)).to_have_count(1)
    expect(page.locator("[data-key='lead-101001']")).to_be_focused()
    assert at(desk, lead) == (PIPELINE, SECOND)


def test_a_card_is_moved_by_choice_and_lost_with_a_reason(desk: Desk, page: Page) -> None:
    desk.call("POST", "/leads/loss_reasons", [{"name": "Дорого", "sort": 1}])
    lead = desk.made("leads", name="Чистка")
    page.goto("/")

    page.get_by_role("button", name="Переместить «Чистка»").click()
    page.get_by_label("Воронка и этап").select_option(f"{PIPELINE}-143")
    page.get_by_role("button", name="Переместить", exact=True).click()
    page.get_by_label("Причина отказа").select_option(label="Дорого")
    page.get_by_role("button", name="Закрыть сделку").click()

    expect(stage(page, 143)).to_have_count(1)
    [reason] = desk.call("GET", f"/leads/{lead}?with=loss_reason")[1]["_embedded"]["loss_reason"]
    assert reason["name"] == "Дорого"


def test_an_enquiry_is_taken_down(desk: Desk, page: Page) -> None:
    page.goto("/")

    page.get_by_role("button", name="+ Заявка").click()
    page.get_by_label("Название").fill("Чистка")
    page.get_by_label("Имя пациента").fill("Ольга")
    page.get_by_label("Телефон").fill("+79990000001")
    page.get_by_role("button", name="Создать").click()

    expect(stage(page, FIRST)).to_have_text(re.compile("Чистка.*Ольга"))


def test_the_board_shows_by_itself_what_others_do_and_disturbs_nobody(desk: Desk, page: Page) -> None:
    desk.made("leads", name="Первая")
    page.goto("/")
    page.evaluate(f"document.getElementById('stage-{SECOND}').untouched = true")

    desk.made("leads", name="Вторая")

    expect(stage(page, FIRST)).to_have_count(2, timeout=3000)
    assert page.evaluate(f"document.getElementById('stage-{SECOND}').untouched")


def test_a_card_keeps_what_somebody_types_while_its_feed_goes_on(desk: Desk, page: Page) -> None:
    lead = desk.made("leads", name="Чистка")
    contact = desk.patient("Ольга", lead=lead)
    page.goto(f"/leads/detail/{lead}")

    page.get_by_label("Название").fill("Чистка и осмотр")
    desk.sandbox("message", contact_id=contact, text="Можно завтра?")
    desk.call("PATCH", f"/leads/{lead}", {"price": 7})

    expect(page.locator(".feed .said")).to_have_text(re.compile("Можно завтра"), timeout=3000)
    expect(page.get_by_label("Название")).to_have_value("Чистка и осмотр")


@pytest.mark.parametrize(
    "path", ["/", "/leads/detail/101001", "/leads/trash/", "/settings/hooks/", "/settings/stages/"]
)
def test_a_phone_shows_every_page_without_scrolling_aside(desk: Desk, page: Page, path: str) -> None:
    desk.subscribes("add_lead", to="https://app.example/" + "long" * 30)
    desk.made("leads", name="Длинноеназвание" * 8)
    page.set_viewport_size({"width": 375, "height": 800})

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") == 375
