"""A clinic at work: a card is moved on the board of the CRM, and the next teams' cards appear by themselves."""

from __future__ import annotations

from conftest import Crm
from playwright.sync_api import Page, expect
from test_walk_bitrix24 import finished, press_install

#: what the demo promises, and what is left for the machine of a test
SOON = 20_000


def board_of(boris: Crm, name: str) -> str:
    """The address of a pipeline's board."""
    number = next(row.id for row in boris.state.categories.values() if row.name == name)
    return f"{boris.url}/crm/deal/kanban/category/{number}/"


def test_a_patient_who_came_is_with_the_coordinators_and_in_the_base(product: str, boris: Crm, page: Page) -> None:
    press_install(page, boris).walk()
    finished(page)
    page.goto(board_of(boris, "Приемы"))
    page.locator("#new summary").click()
    page.locator("#new [name=name]").fill("Примерова Ольга")
    page.locator("#new [name=phone]").fill("8 900 000-00-01")
    page.get_by_role("button", name="Создать").click()

    page.goto(board_of(boris, "Приемы"))
    page.get_by_role("button", name="Переместить: Обращение: Примерова Ольга").press("Enter")
    page.locator("#mover select").select_option("C1:WON")
    page.locator("#mover").get_by_role("button", name="Переместить").press("Enter")

    page.goto(board_of(boris, "Координаторы"))
    expect(page.get_by_role("link", name="Примерова Ольга")).to_be_visible(timeout=SOON)
    page.goto(board_of(boris, "База пациентов"))
    expect(page.get_by_role("link", name="Примерова Ольга")).to_be_visible(timeout=SOON)
    page.goto(board_of(boris, "Приемы"))
    page.get_by_role("link", name="Примерова Ольга").click()
    expect(page.locator("#timeline")).to_contain_text("Почему", timeout=SOON)
