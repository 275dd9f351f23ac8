"""The CRM's own robots by mouse: rules handed over and taken back, and a robot of ours set up in the portal's designer."""

from __future__ import annotations

import pytest
from conftest import APP, BITRIX24, SHOTS, Crm, World
from playwright.sync_api import Page
from test_panel_looks import narrow, settled
from wizard import Wizard


def office(page: Page, boris: Crm) -> Wizard:
    """The page of robots, from the portal's menu."""
    rows = boris.state.placements
    (menu,) = (row for row in rows if row.placement == "LEFT_MENU" and row.client_id == BITRIX24["client_id"])
    page.goto(f"{boris.url}/marketplace/view/{menu.id}/")
    shown = Wizard(page, page.frame_locator("#frame"), APP)
    shown.press("tab-robots")
    shown.screen("robots-ready")
    return shown


def designer(page: Page, boris: Crm, code: str) -> Wizard:
    """The dialog of a robot of ours, in the designer of the first pipeline of ours."""
    number = next(row.id for row in boris.state.categories.values() if row.name in ("Приемы", "Appointments"))
    page.goto(f"{boris.url}/crm/deal/automation/{number}/")
    page.locator(f"#set-up-{code}").click()
    return Wizard(page, page.frame_locator("#frame"), APP)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_rules_are_handed_over_and_a_robot_is_set_up(world: World, product: str, page: Page, language: str) -> None:
    shots = SHOTS / language
    shots.mkdir(parents=True, exist_ok=True)
    with settled(world, page, language) as boris:
        robots = office(page, boris)
        robots.unfold()
        seen = robots.look("8-robots", shots) + narrow(page, robots)

        robots.inside.locator("#give-next_step_visits_new").check()
        robots.inside.locator("#give-date_visits_new").check()
        robots.inside.locator("#give").dblclick()
        robots.screen("robots-done")
        with page.expect_download() as taken:
            robots.press("take-file")
        robots.unfold()
        robots.press("flow-confirm")
        robots.inside.locator("#back-flows").wait_for()
        flows = len(boris.state.workflow_templates)
        robots.unfold()
        seen += robots.look("8-robots-handed", shots) + narrow(page, robots)

        robots.inside.locator("#given-confirm").check()
        robots.press("back-flows")
        robots.inside.locator("#back-flows").wait_for(state="detached")

        dialog = designer(page, boris, "copy_deal")
        dialog.screen("setting-ready")
        dialog.inside.locator("#stage").select_option("stage.coord.new")
        dialog.inside.locator("#told").wait_for()
        seen += dialog.look("8-robot-setting", shots) + narrow(page, dialog)
        page.locator("form[data-dialog] button").click()
        page.locator("[id^=robot-]").first.wait_for()
        (placed,) = boris.state.placed_robots

        fields = designer(page, boris, "check_fields")
        fields.screen("setting-ready")
        fields.inside.locator("[data-property=fields]").nth(1).check()
        fields.inside.locator("#told").wait_for()
        told = page.locator("form[data-dialog] [data-property=fields]").input_value()
        seen += fields.look("8-robot-fields", shots)

    assert seen == []
    assert taken.value.suggested_filename.startswith("dental-crm-robots-")
    assert (flows, len(boris.state.workflow_templates)) == (1, 0)
    assert (placed.code, placed.properties["stage"]) == ("copy_deal", "stage.coord.new")
    assert told.startswith("field.deal.")
