"""Who leaves the choices with changes in them is asked first, inside the page and by the browser; nobody else is."""

from __future__ import annotations

import pytest
from conftest import APP, Crm
from playwright.sync_api import Dialog, Page, expect
from test_walk_bitrix24 import press_install
from wizard import Wizard

BRANCHES = '[name="set.branches"]'


@pytest.fixture
def choices(product: str, boris: Crm, page: Page) -> Wizard:
    """Boris at the choices."""
    wizard = press_install(page, boris)
    wizard.screen("access-ready")
    wizard.press("next")
    wizard.screen("choices-ready")
    return wizard


def test_who_changed_nothing_leaves_unasked(choices: Wizard) -> None:
    choices.press("back")

    choices.screen("access-ready")


def test_who_stays_keeps_the_changes(choices: Wizard) -> None:
    choices.inside.locator(BRANCHES).fill("Центр")
    choices.press("to-access")

    expect(choices.inside.get_by_role("dialog")).to_be_in_viewport()
    choices.inside.get_by_role("button", name="Остаться").click()

    expect(choices.inside.locator(BRANCHES)).to_have_value("Центр")
    expect(choices.inside.locator("#to-access")).to_be_focused()
    choices.screen("choices-ready")


def test_who_leaves_loses_them_and_nothing_else(choices: Wizard) -> None:
    choices.inside.locator(BRANCHES).fill("Центр")
    choices.press("back")
    choices.inside.get_by_role("button", name="Уйти без сохранения").click()
    choices.screen("access-ready")
    choices.press("next")
    choices.screen("choices-ready")

    expect(choices.inside.locator(BRANCHES)).to_have_value("Основной филиал")


def test_another_preset_is_asked_about_as_well_and_a_word_taken_back_is_no_change(choices: Wizard) -> None:
    first, second = (choices.inside.locator("[name=preset]").nth(number) for number in range(2))
    choices.inside.locator(BRANCHES).fill("Центр")
    second.check()
    choices.page.keyboard.press("Escape")

    expect(first).to_be_checked()
    choices.inside.locator(BRANCHES).fill("Основной филиал")
    second.check()
    choices.says("Направления")
    expect(choices.inside.get_by_role("dialog")).to_be_hidden()


def test_the_plan_is_shown_unasked(choices: Wizard) -> None:
    choices.inside.locator(BRANCHES).fill("Центр")
    choices.press("show-plan")

    choices.screen("plan-ready")


def test_the_browser_asks_before_the_tab_is_closed(choices: Wizard) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    choices.page.on("dialog", leave)
    choices.inside.locator(BRANCHES).press_sequentially("Центр")
    choices.page.reload()
    again = Wizard(choices.page, choices.page.frame_locator("#frame"), APP)
    again.screen("choices-ready")
    choices.page.reload()
    again.screen("choices-ready")

    assert asked == ["beforeunload"]
