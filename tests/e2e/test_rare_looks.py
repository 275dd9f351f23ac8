"""The screens that few people see, in both languages, both themes and both widths: when the CRM refuses, when it is away, when
nothing is to be done, when somebody may only look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import APP, BITRIX24, SHOTS, Crm, World, portal
from playwright.sync_api import Page
from test_looks import speak
from wizard import FINISHED, Wizard

from widget_backend.sandbox.faults import Fault

CLIENT = BITRIX24["client_id"]
#: an employee who is no administrator
EMPLOYEE = 7

pytestmark = pytest.mark.parametrize("language", ["ru", "en"])


@pytest.fixture
def shots(language: str) -> Path:
    """Where the pictures of a language go."""
    folder = SHOTS / language
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def opened(world: World, page: Page, language: str) -> Iterator[tuple[Crm, Wizard]]:
    """A fresh portal, and the wizard in its frame."""
    with portal(world, language) as boris:
        page.goto(f"{boris.url}/market/")
        page.get_by_role("button", name="Установить").click()
        yield boris, Wizard(page, page.frame_locator("#frame"), APP)


def open_as(page: Page, boris: Crm, user: int) -> None:
    page.goto(f"{boris.url}/marketplace/app/{CLIENT}/?user={user}")


def test_choices_that_must_be_corrected_and_left(
    world: World, product: str, rough_page: Page, shots: Path, language: str
) -> None:
    with opened(world, rough_page, language) as (_, wizard):
        wizard.screen("access-ready")
        wizard.press("next")
        wizard.screen("choices-ready")
        wizard.unfold()
        wizard.inside.locator('[name="set.working_hours"]').fill("?")
        wizard.press("show-plan")
        wizard.screen("choices-error")
        seen = wizard.look("8-choices-wrong", shots)
        wizard.press("back")
        wizard.inside.get_by_role("dialog").wait_for()
        seen += wizard.look("8-leaving", shots)
        wizard.inside.locator("[data-stay]").click()
        wizard.inside.locator("[name=preset]").nth(1).check()
        wizard.screen("choices-ready")
        seen += wizard.look("8-choices-ident", shots)

    assert seen == []


def test_a_crm_that_refuses_and_one_that_is_away(
    world: World, product: str, page: Page, shots: Path, language: str
) -> None:
    with opened(world, page, language) as (boris, wizard):
        wizard.to_the_plan()
        boris.app.faults.plan(*(Fault(n, "http_502") for n in range(50)))
        wizard.apply()
        wizard.is_run("waiting")
        seen = wizard.look("8-waiting", shots)
        wizard.press("pause")
        wizard.inside.locator("#resume").wait_for()
        boris.app.faults.plan(Fault(0, "pipeline_cap"))
        wizard.press("resume")
        wizard.screen("result-failed")
        seen += wizard.look("8-failed", shots)

    assert seen == []


def test_a_run_under_way(world: World, product: str, page: Page, shots: Path, language: str) -> None:
    with opened(world, page, language) as (boris, wizard):
        wizard.to_the_plan()
        boris.state.settings.latency_s = 3.0
        wizard.apply()
        wizard.is_run("running")
        seen = wizard.look("8-running", shots)
        boris.state.settings.latency_s = 0.0
        page.wait_for_function(FINISHED)

    assert seen == []


def test_what_is_found_in_its_place_what_is_asked_and_what_was_taken_back(
    world: World, product: str, page: Page, shots: Path, language: str
) -> None:
    with opened(world, page, language) as (boris, wizard):
        wizard.walk()
        page.wait_for_function(FINISHED)
        wizard.expect_done()
        wizard.press("to-choices")
        wizard.screen("choices-ready")
        wizard.press("show-plan")
        wizard.screen("plan-settled")
        seen = wizard.look("8-settled", shots)
        field = next(row for row in boris.state.fields.values() if "DOCTOR" in row.name)
        del boris.state.fields[field.id]
        wizard.press("to-access")
        wizard.screen("access-ready")
        wizard.press("check-again")
        wizard.inside.locator(".making").wait_for(state="detached")
        wizard.press("to-plan")
        wizard.screen("plan-ready")
        seen += wizard.look("8-questions", shots)
        wizard.press("to-result")
        wizard.expect_done()
        wizard.press("rollback")
        wizard.screen("rollback-ready")
        wizard.inside.locator("[value=rollback][name=accept]").check()
        wizard.apply()
        wizard.inside.locator('main[data-screen="result-done"] #to-plan').wait_for()
        seen += wizard.look("8-rolled-back", shots)

    assert seen == []


def test_an_employee_and_a_bill_that_was_not_paid(
    world: World, product: str, rough_page: Page, shots: Path, language: str
) -> None:
    with opened(world, rough_page, language) as (boris, wizard):
        wizard.walk()
        rough_page.wait_for_function(FINISHED)
        wizard.expect_done()
        open_as(rough_page, boris, EMPLOYEE)
        wizard.inside.locator("#read-only").wait_for()
        seen = wizard.look("8-employee", shots)
        boris.state.set_payment(CLIENT)
        open_as(rough_page, boris, 1)
        wizard.inside.get_by_role("heading").first.wait_for()
        seen += wizard.look("8-unpaid", shots)

    assert seen == []


def test_what_is_said_outside_of_the_wizard(product: str, rough_page: Page, shots: Path, language: str) -> None:
    speak(rough_page, language)
    wizard, seen = Wizard(rough_page, rough_page, APP), []
    for name, path in (("nowhere", "/nowhere"), ("consent", "/install/amocrm"), ("ticket", "/amo/frame/wizard?t=1")):
        rough_page.goto(f"{APP}{path}")
        seen += wizard.look(f"8-{name}", shots)

    assert seen == []
