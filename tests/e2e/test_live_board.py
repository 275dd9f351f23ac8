"""A clinic at work: a card is moved on the board of the CRM, and the next teams' cards appear by themselves."""

from __future__ import annotations

import re

from conftest import Crm
from playwright.sync_api import Page, expect
from test_walk_bitrix24 import finished, press_install

from widget_backend.sandbox.bitrix24 import staff

#: what the demo promises, and what is left for the machine of a test
SOON = 20_000
PATIENT = "Примерова Ольга"
#: either of the two, as it is their turn
COORDINATOR = re.compile("Кира Планова|Лев Сметов")


def board_of(boris: Crm, name: str) -> str:
    """The address of a pipeline's board."""
    number = next(row.id for row in boris.state.categories.values() if row.name == name)
    return f"{boris.url}/crm/deal/kanban/category/{number}/"


def enquiry(page: Page, boris: Crm) -> None:
    """Somebody takes down a call."""
    page.goto(board_of(boris, "Приемы"))
    page.locator("#new summary").click()
    page.locator("#new [name=name]").fill(PATIENT)
    page.locator("#new [name=phone]").fill("8 900 000-00-01")
    page.get_by_role("button", name="Создать").click()
    page.goto(board_of(boris, "Приемы"))


def opened(page: Page, boris: Crm, pipeline: str) -> None:
    """The patient's card on this board, as soon as it is there."""
    page.goto(board_of(boris, pipeline))
    page.get_by_role("link", name=PATIENT).click(timeout=SOON)


def test_a_patient_who_came_is_with_the_coordinators_and_in_the_base(product: str, boris: Crm, page: Page) -> None:
    staff.hire(boris.state)
    press_install(page, boris).walk()
    finished(page)
    enquiry(page, boris)

    page.get_by_role("button", name=f"Переместить: Обращение: {PATIENT}").press("Enter")
    page.locator("#mover select").select_option("C1:WON")
    page.locator("#mover").get_by_role("button", name="Переместить").press("Enter")

    opened(page, boris, "Координаторы")
    expect(page.locator("#duties")).to_contain_text("Познакомиться с новым пациентом", timeout=SOON)
    expect(page.locator("main")).to_contain_text(COORDINATOR, timeout=SOON)
    opened(page, boris, "База пациентов")
    expect(page.locator("#duties")).to_contain_text("Пригласить на повторный прием", timeout=SOON)
    page.get_by_role("button", name="Пациент написал").click()
    expect(page.locator("#duties")).to_contain_text("Ответить пациенту", timeout=SOON)
    opened(page, boris, "Приемы")
    expect(page.locator("#timeline")).to_contain_text("Почему", timeout=SOON)
    assert "Новое обращение от пациента из базы" in str([row["text"] for row in boris.state.notices.values()])
