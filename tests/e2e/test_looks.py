"""Every screen in both languages, both themes, on a desk and on a phone: nothing sticks out, nothing is against axe's rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import APP, BITRIX24, SHOTS, World, account, portal
from playwright.sync_api import Page
from wizard import FINISHED, Wizard

CLIENT = BITRIX24["client_id"]


def speak(page: Page, language: str) -> None:
    """A browser of this language, on every request, redirected ones too."""
    said = {"userAgent": page.evaluate("navigator.userAgent"), "acceptLanguage": language}
    page.context.new_cdp_session(page).send("Network.setUserAgentOverride", said)


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Path:
    """Where this test's pictures go."""
    folder = SHOTS / str(request.node.callspec.id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_screen_of_the_wizard(world: World, product: str, page: Page, shots: Path, language: str) -> None:
    with portal(world, language) as boris:
        boris.state.settings.latency_s = 0.4
        page.goto(f"{boris.url}/market/")
        page.get_by_role("button", name="Установить").click()
        wizard = Wizard(page, page.frame_locator("#frame"), APP)

        wizard.screen("access-ready")
        seen = wizard.look("1-access", shots)
        wizard.press("next")
        wizard.screen("choices-ready")
        wizard.unfold()
        seen += wizard.look("2-choices", shots)
        wizard.press("show-plan")
        wizard.screen("plan-ready")
        seen += wizard.look("3-plan", shots)
        wizard.unfold()
        seen += wizard.look("3-plan-unfolded", shots)
        wizard.apply()
        wizard.press("pause")
        wizard.inside.locator("#resume").wait_for()
        boris.state.settings.latency_s = 0.0
        seen += wizard.look("4-apply", shots)
        wizard.press("resume")
        page.wait_for_function(FINISHED)
        wizard.expect_done()
        wizard.unfold()
        seen += wizard.look("5-result", shots)
        wizard.press("rollback")
        wizard.screen("rollback-ready")
        seen += wizard.look("6-rollback", shots)
        wizard.press("back")
        wizard.expect_done()
        wizard.press("remove")
        wizard.screen("remove-ready")
        seen += wizard.look("7-remove", shots)

    assert seen == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_left_to_do_by_hand_in_amocrm(
    world: World, product: str, page: Page, shots: Path, language: str
) -> None:
    speak(page, language)
    with account(world, language) as alice:
        page.goto(f"{alice.url}/amo-market/")
        page.get_by_role("link", name="Подключить на сайте приложения").click()
        page.get_by_role("link", name="Разрешить").click()
        wizard = Wizard(page, page, APP)

        wizard.walk()
        wizard.expect_done()
        seen = wizard.look("5-result-amocrm", shots)

    assert seen == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_page_opened_outside_of_the_crm(product: str, page: Page, shots: Path, language: str) -> None:
    speak(page, language)
    page.goto(f"{APP}/install/bitrix24")
    seen = Wizard(page, page, APP).look("0-outside", shots)
    page.goto(f"{APP}/privacy")
    seen += Wizard(page, page, APP).look("0-privacy", shots)
    page.goto(f"{APP}/licence")
    seen += Wizard(page, page, APP).look("0-licence", shots)

    assert seen == []
    assert page.locator("html").get_attribute("lang") == language
