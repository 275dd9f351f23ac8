"""The deal panel in both CRMs by mouse, in both languages, themes and widths; a copy that is made, told and undone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browser import overflow
from conftest import APP, BITRIX24, SHOTS, Crm, World, portal
from playwright.sync_api import Page, expect
from test_refusals import AROUND
from test_walk_amocrm import open_settings, press_install
from tickets import token
from wizard import Wizard, ask

from widget_backend.sandbox.faults import Fault

#: milliseconds from the opening of a frame until the panel's first fragment is there
BAR = 1000
#: an employee who is no administrator
EMPLOYEE = 7
#: the stage at which a visit is certain, in both languages
CONFIRMED = re.compile("Прием подтвержден|Appointment confirmed")
#: a deal that is not there
UNKNOWN = 987654
SOON = 20_000

ARRIVED = """() => {
  const first = performance.getEntriesByType("resource").find((one) => new URL(one.name).pathname.startsWith("/panel/"));
  return first.responseEnd;
}"""


@contextmanager
def settled(world: World, page: Page, language: str) -> Iterator[Crm]:
    """A portal in which the application is set up."""
    with portal(world, language) as boris:
        page.goto(f"{boris.url}/market/")
        page.get_by_role("button", name="Установить").click()
        wizard = Wizard(page, page.frame_locator("#frame"), APP)
        wizard.to_the_plan()
        # the portal shows the application instead of its installer
        with page.expect_navigation():
            wizard.apply()
        wizard.expect_done()
        yield boris
        page.goto("about:blank")  # nothing is under way when the portal goes


def opened(page: Page, boris: Crm, deal: int, spot: str = "CRM_DEAL_DETAIL_TAB", user: int = 1) -> Wizard:
    """A place of ours on the deal's page."""
    rows = boris.state.placements
    (place,) = (row for row in rows if row.placement == spot and row.client_id == BITRIX24["client_id"])
    page.goto(f"{boris.url}/crm/deal/details/{deal}/widget/{place.id}/?user={user}")
    return Wizard(page, page.frame_locator("#frame"), APP)


def calls(page: Page, boris: Crm, name: str, phone: str) -> int:
    """A new patient's deal in the pipeline where enquiries arrive, made on its board by a person."""
    number = next(row.id for row in boris.state.categories.values() if row.name in ("Приемы", "Appointments"))
    page.goto(f"{boris.url}/crm/deal/kanban/category/{number}/")
    page.locator("#new summary").click()
    page.locator("#new [name=name]").fill(name)
    page.locator("#new [name=phone]").fill(phone)
    page.locator("#new button").click()
    page.get_by_role("link", name=name).wait_for()
    return max(int(deal) for deal in boris.state.items[2])


def books(page: Page, deal: int) -> None:
    """On the board that is open the patient confirms a visit."""
    column = page.locator("[data-stage]", has_text=CONFIRMED)
    page.locator(f"#deal-{deal}").drag_to(column)
    column.locator(f"#deal-{deal}").wait_for()


def waited(page: Page, boris: Crm, deal: int) -> float:
    """How long a person waits for the panel, in milliseconds."""
    panel = opened(page, boris, deal)
    panel.inside.locator(".deal-panel .route").wait_for()
    return float(panel.frame.evaluate(ARRIVED))


def narrow(page: Page, panel: Wizard) -> list[str]:
    """What sticks out where the frame is as narrow as it gets."""
    page.set_viewport_size({"width": 320, "height": 900})
    found = [f"320: {pixels} px too wide" for pixels in [overflow(panel.frame)] if pixels > 0]
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_look_of_the_panel(world: World, product: str, page: Page, language: str) -> None:
    shots = SHOTS / language
    shots.mkdir(parents=True, exist_ok=True)
    with settled(world, page, language) as boris:
        deal = calls(page, boris, "Примерова Ольга", "8 900 000-00-01")
        books(page, deal)

        panel = opened(page, boris, deal)
        for sort in ("decisions", "visits"):
            panel.inside.locator(f"#timeline .event-{sort}").first.wait_for(timeout=SOON)
        arrived = [panel.frame.evaluate(ARRIVED), *(waited(page, boris, deal) for _ in range(2))]
        seen = panel.look("9-panel", shots)
        panel.inside.locator(".event .chip").first.click()
        panel.inside.locator(".because").first.wait_for()
        seen += panel.look("9-why", shots) + narrow(page, panel)

        panel.press("do-copy")
        panel.screen(f"copy{deal}-ready")
        panel.inside.locator(".preview-part").first.wait_for()
        seen += panel.look("9-copy", shots) + narrow(page, panel)

        panel.inside.locator("#make").dblclick()
        panel.screen(f"deal{deal}-done")
        panel.inside.locator(".event-copies").first.wait_for(timeout=SOON)
        seen += panel.look("9-copied", shots)

        panel.inside.locator("[id^=do-undo]").click()
        panel.inside.locator("#done").wait_for()
        seen += panel.look("9-undone", shots)

        employee = opened(page, boris, deal, user=EMPLOYEE)
        employee.inside.locator("#read-only").wait_for()
        seen += employee.look("9-panel-employee", shots)

        nothing = opened(page, boris, UNKNOWN)
        nothing.inside.locator("#empty").wait_for()
        seen += nothing.look("9-panel-empty", shots)
        unknown = page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]")

    assert seen == []
    assert unknown == [[], []]
    assert min(arrived) < BAR, arrived


def test_a_copy_is_made_once_by_a_double_click_and_opens_over_the_page(world: World, product: str, page: Page) -> None:
    with settled(world, page, "ru") as boris:
        deal = calls(page, boris, "Примеров Олег", "8 900 000-00-02")
        before = set(boris.state.items[2])

        dialog = opened(page, boris, deal, "CRM_DEAL_DETAIL_TOOLBAR")
        dialog.screen(f"copy{deal}-ready")
        dialog.inside.locator("#make").dblclick()
        dialog.screen(f"deal{deal}-done")
        (copy,) = set(boris.state.items[2]) - before
        dialog.inside.locator(f"[data-open='/crm/deal/details/{copy}/']").click()

        shown = page.frame_locator("dialog[open] iframe")
        expect(shown.locator("body")).to_contain_text("Примеров", timeout=SOON)


def test_a_crm_that_is_away_and_a_copy_that_is_there_already_are_said(
    world: World, product: str, rough_page: Page
) -> None:
    page, shots = rough_page, SHOTS / "ru"
    shots.mkdir(parents=True, exist_ok=True)
    with settled(world, page, "ru") as boris:
        deal = calls(page, boris, "Примерова Вера", "8 900 000-00-03")
        dialog = opened(page, boris, deal, "CRM_DEAL_DETAIL_TOOLBAR")
        dialog.inside.locator("#to").select_option("stage.coord.new")
        dialog.inside.locator(".preview-part").first.wait_for()

        boris.app.faults.plan(Fault(0, "http_502"))
        dialog.press("make")
        dialog.screen(f"copy{deal}-error")
        boris.app.faults.plan()
        seen = dialog.look("9-refused", shots)
        dialog.press("make")
        dialog.screen(f"deal{deal}-done")
        dialog.press("do-copy")
        dialog.inside.locator("#to").select_option("stage.coord.new")
        dialog.inside.locator("#existing").wait_for()
        seen += dialog.look("9-existing", shots)

    assert seen == []


def test_the_panel_opens_in_amocrm_by_a_ticket(product: str, alice: Crm, page: Page) -> None:
    press_install(page, alice)
    wizard = open_settings(page)
    wizard.walk()
    wizard.expect_done()

    headers = {"X-Auth-Token": token(alice), "Origin": alice.url, "Content-Type": "application/json"}
    status, body = ask(f"{APP}/amo/api/ticket", headers, "POST", json.dumps({"view": "panel", "deal": str(UNKNOWN)}))
    page.goto(f"{alice.url}/amo-market/")
    page.evaluate(AROUND, json.loads(body)["url"])
    panel = Wizard(page, page.frame_locator("iframe"), APP)

    panel.inside.locator(".deal-panel").wait_for()
    assert status == 200
