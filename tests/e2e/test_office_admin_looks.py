"""The pages of rules and settings by mouse, in both languages, themes and widths: read, switched, tried, changed, set."""

from __future__ import annotations

import pytest
from conftest import SHOTS, World
from playwright.sync_api import Page
from test_office_looks import opened
from test_panel_looks import SOON, calls, narrow, settled

#: a moment at which a rule of the first pipeline answers a new enquiry
FIRST = "[id^='switch-date_visits_new']"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_look_of_rules_and_settings(world: World, product: str, page: Page, language: str) -> None:
    shots = SHOTS / language
    shots.mkdir(parents=True, exist_ok=True)
    with settled(world, page, language) as boris:
        calls(page, boris, "Примерова Ольга", "8 900 000-02-01")

        office = opened(page, boris, product)
        office.screen("journal-ready")
        office.press("tab-rules")
        office.screen("rules-ready")
        seen = office.look("12-rules", shots)
        office.inside.locator(".group > summary").first.click()
        office.inside.locator(FIRST).dblclick()
        office.screen("rules-done")
        office.inside.locator(".rule-off").wait_for()
        office.inside.locator(FIRST).click()
        office.inside.locator(".rule-off").wait_for(state="detached")
        seen += narrow(page, office)

        office.inside.locator("[id^=try-date_visits_new]").click()
        office.screen("ruletrial-7")
        office.inside.locator(".moments").wait_for(timeout=SOON)
        seen += office.look("12-trial", shots)
        office.press("back")

        office.screen("rules-ready")
        office.inside.locator(".group > summary").first.click()
        office.inside.locator("[id^=edit-date_visits_new]").click()
        office.screen("ruleedit-ready")
        office.press("add-if")
        office.inside.locator("[id='if.0.what']").select_option("patient.is_primary")
        office.inside.locator("[id='if.0.value']").select_option("no")
        office.press("compare-7")
        office.inside.locator("#compared .moments").wait_for(timeout=SOON)
        seen += office.look("12-edit", shots) + narrow(page, office)
        office.press("back")
        office.inside.locator("[data-leave]").click()
        office.screen("rules-ready")

        office.press("tab-settings")
        office.screen("settings-ready")
        office.press("check-link")
        office.inside.locator("#link-ok").wait_for(timeout=SOON)
        seen += office.look("13-settings", shots) + narrow(page, office)
        office.inside.locator("#hours").fill("mon-sun 08:00-22:00")
        office.press("save-hours")
        office.screen("settings-done")

        office.press("add-member")
        office.screen("member-ready")
        office.inside.locator("#user").select_option(index=1)
        office.inside.locator("[name=roles][value=head]").check()
        seen += office.look("13-member", shots) + narrow(page, office)
        office.press("save")
        office.screen("settings-done")
        office.press("halt")
        office.screen("dangerpause-ready")
        seen += office.look("13-danger", shots)
        office.inside.locator("[name=sure]").check()
        office.press("do-it")
        office.inside.locator("#halted").wait_for()
        office.press("resume")
        office.inside.locator("#halted").wait_for(state="detached")
        unknown = page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]")

    assert seen == []
    assert unknown == [[], []]
