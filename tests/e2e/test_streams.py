"""Progress goes on in the page whatever becomes of its stream: its script comes late or never, or the stream is mute."""

from __future__ import annotations

from conftest import Crm
from playwright.sync_api import Page, Route
from test_walk_bitrix24 import finished, press_install
from wizard import EVENTS

SCRIPT = "**/hx-sse.min.js*"


def test_a_script_that_comes_late_opens_the_stream_when_it_is_there(product: str, boris: Crm, page: Page) -> None:
    boris.state.settings.latency_s = 0.4
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(SCRIPT, hold)
    wizard = press_install(page, boris)
    wizard.walk()
    wizard.inside.locator("#progress").wait_for()
    before = wizard.asked(EVENTS)

    held[0].continue_()
    finished(page)

    assert (before, wizard.asked(EVENTS)) == (0, 1)
    assert wizard.asked("/wizard/progress") == 0


def test_without_the_script_the_page_asks(product: str, boris: Crm, rough_page: Page) -> None:
    boris.state.settings.latency_s = 0.2
    rough_page.route(SCRIPT, lambda route: route.abort())
    wizard = press_install(rough_page, boris)

    wizard.walk()
    finished(rough_page)

    assert wizard.asked(EVENTS) == 0
    assert wizard.asked("/wizard/progress") > 0
