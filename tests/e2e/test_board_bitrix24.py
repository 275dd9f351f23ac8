"""The emulated portal's board under a person's hands: cards dragged, moved by keyboard, entered, and seen by others at once."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import overflow
from conftest import Crm
from playwright.sync_api import Page, expect

from widget_backend.sandbox.bitrix24.control import add_deals
from widget_backend.sandbox.bitrix24.crm import incidents
from widget_backend.sandbox.bitrix24.pages.acting import call
from widget_backend.sandbox.bitrix24.registry import Caller
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES

BOARD = "/crm/deal/kanban/category/0/"

#: every page of a portal where something has happened
PAGES = [BOARD, "/crm/deal/details/1/", "/crm/deal/details/1/edit/", "/crm/contact/list/", "/crm/contact/details/1/"]
PAGES += ["/crm/activity/?whose=all", "/notices/", "/sent/", "/crm/deal/automation/0/"]


@pytest.fixture
def deal(boris: Crm) -> int:
    """A deal of a patient, with a to-do, a message of his and a notice to the admin."""
    person = Caller(boris.state.users[1], None, ALL_SCOPES, "test")
    fm = {"n0": {"typeId": "PHONE", "value": "+79000000001"}}
    fields = {"name": "Анна", "lastName": "Длиннофамильева-Замыслова", "fm": fm}
    patient = call(boris.state, person, "crm.item.add", entityTypeId=3, fields=fields)["item"]["id"]
    [number] = add_deals(
        boris.state, {"title": "Консультация имплантолога", "contactIds": [patient], "opportunity": 12500}
    )
    owner = {"ownerTypeId": 2, "ownerId": number}
    call(boris.state, person, "crm.activity.todo.add", **owner, deadline="2020-01-01T10:00:00+03:00", title="Позвонить")
    call(boris.state, person, "im.notify.system.add", USER_ID=1, MESSAGE="Пациент [B]ответил[/B]")
    incidents.arrive(boris.state, "message", patient, "Можно завтра?")
    return number


def test_a_dragged_card_is_seen_on_another_persons_board_at_once(boris: Crm, page: Page, deal: int) -> None:
    other = page.context.new_page()
    for each in (page, other):
        each.goto(boris.url + BOARD)

    page.drag_and_drop(f"#deal-{deal}", "[data-stage=EXECUTING]")

    expect(other.locator(f"[data-stage=EXECUTING] #deal-{deal}")).to_be_visible(timeout=2000)
    expect(page.locator("[data-stage=EXECUTING] .meta")).to_contain_text("Сделок: 1")
    assert boris.state.items[2][deal]["stageId"] == "EXECUTING"
    other.close()


def test_a_card_is_moved_without_a_mouse(boris: Crm, page: Page, deal: int) -> None:
    page.goto(boris.url + BOARD)

    page.get_by_role("button", name="Переместить: Консультация имплантолога").press("Enter")
    page.locator("#mover select").select_option("WON")
    page.locator("#mover").get_by_role("button", name="Переместить").press("Enter")

    expect(page.locator(f"[data-stage=WON] #deal-{deal}")).to_be_visible()
    expect(page.locator("#mover")).to_be_hidden()


def test_what_a_person_is_typing_is_not_lost_when_the_page_renews_itself(boris: Crm, page: Page, deal: int) -> None:
    page.goto(f"{boris.url}/crm/deal/details/{deal}/")
    page.get_by_label("Комментарий").fill("Пишу и пишу")

    incidents.arrive(boris.state, "call", 1, "Алло")
    boris.state.changed()

    expect(page.get_by_text("Входящий звонок")).to_be_visible(timeout=2000)
    expect(page.get_by_label("Комментарий")).to_have_value("Пишу и пишу")
    page.get_by_role("button", name="Отправить").click()
    expect(page.locator("#timeline .comment")).to_contain_text("Пишу и пишу")


def test_a_day_at_the_front_desk(boris: Crm, page: Page) -> None:
    page.goto(boris.url + BOARD)
    page.locator("#new summary").click()
    page.locator("#new [name=name]").fill("Примеров Олег")
    page.locator("#new [name=phone]").fill("8 900 000-00-02")
    page.get_by_role("button", name="Создать").click()
    page.get_by_role("link", name="Обращение: Примеров Олег").click()

    page.get_by_role("button", name="Пациент позвонил").click()
    page.get_by_text("Новое дело").click()
    page.get_by_label("Срок").fill("2030-01-01T10:00")
    page.get_by_role("button", name="Добавить дело").click()
    page.get_by_role("button", name="Выполнено: Связаться с пациентом").click()
    page.locator("#stages").get_by_role("button", name="В работе").click()
    expect(page.locator("#stages [aria-current=step]")).to_have_text("В работе")
    page.get_by_role("link", name="Изменить").click()
    page.get_by_label("Сумма").fill("9000")
    page.get_by_role("button", name="Сохранить").click()

    expect(page.locator("#layout")).to_contain_text("9\u00a0000\u00a0₽")
    expect(page.locator("#duties .done")).to_have_count(1)
    expect(page.locator("#timeline .call")).to_have_count(1)


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_sticks_out_and_nothing_is_against_the_rules_of_access(
    boris: Crm, page: Page, deal: int, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    seen = []

    for address in PAGES:
        page.goto(boris.url + address)
        seen += [(address, overflow(page))] if overflow(page) else []
        seen += [
            (address, each["id"], each["nodes"][0]["html"][:200]) for each in Axe().run(page).response["violations"]
        ]

    assert seen == []
