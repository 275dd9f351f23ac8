"""The journal and the page of health by mouse, in both languages, themes and widths: empty, at work, explained, halted."""

from __future__ import annotations

import pytest
from conftest import BITRIX24, SHOTS, Crm, World
from playwright.sync_api import Page
from test_panel_looks import SOON, calls, narrow, settled
from test_panel_looks import opened as opened_panel
from wizard import Wizard

from widget_backend.sandbox.faults import Fault

#: an employee who is no administrator
EMPLOYEE = 7


def opened(page: Page, boris: Crm, app: str, user: int = 1) -> Wizard:
    """The application, from the portal's own menu."""
    rows = boris.state.placements
    (place,) = (row for row in rows if row.placement == "LEFT_MENU" and row.client_id == BITRIX24["client_id"])
    page.goto(f"{boris.url}/marketplace/view/{place.id}/?user={user}")
    return Wizard(page, page.frame_locator("#frame"), app)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_look_of_journal_and_health(world: World, product: str, page: Page, language: str) -> None:
    shots = SHOTS / language
    shots.mkdir(parents=True, exist_ok=True)
    with settled(world, page, language) as boris:
        deal = calls(page, boris, "Примерова Ольга", "8 900 000-01-01")
        opened_panel(page, boris, deal).inside.locator("#timeline .event-decisions").first.wait_for(timeout=SOON)

        office = opened(page, boris, product)
        office.screen("journal-ready")
        office.inside.locator(".entry-line").first.wait_for(timeout=SOON)
        seen = office.look("10-journal", shots) + narrow(page, office)
        office.inside.locator(".entry:has(.badge) [id^=more-]").first.click()
        office.inside.locator(".because .calls").first.wait_for()
        office.unfold()
        seen += office.look("10-journal-depth", shots) + narrow(page, office)

        office.inside.locator("#deal").fill("987654")
        office.press("apply-filter")
        office.inside.locator("#none-fit").wait_for()
        seen += office.look("10-journal-none", shots)
        office.press("clear-filter")
        office.inside.locator("#journal").wait_for()

        office.press("tab-health")
        office.screen("health-ready")
        seen += office.look("11-health", shots) + narrow(page, office)
        boris.app.faults.plan(Fault(0, "http_502"))
        office.inside.locator("#check-link").dblclick()
        office.screen("health-done")
        boris.app.faults.plan()
        seen += office.look("11-health-ill", shots)
        office.press("check-link")
        office.inside.locator("#light-subscriptions.lamp-ok").wait_for()

        office.press("tab-wizard")
        office.screen("result-done")
        seen += office.look("11-wizard-tab", shots) + narrow(page, office)
        office.press("tab-journal")
        office.inside.locator("#journal").wait_for()

        employee = opened(page, boris, product, EMPLOYEE)
        employee.inside.locator("#journal").wait_for()
        employee.press("tab-health")
        employee.inside.locator("#read-only").wait_for()
        seen += employee.look("11-health-employee", shots)
        unknown = page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]")

    assert seen == []
    assert unknown == [[], []]
