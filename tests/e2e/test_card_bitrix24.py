"""The emulated portal's cards with an application on them: tab, menus, panel, and who looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import overflow
from conftest import APP, BITRIX24, Crm, World
from flask import Flask, render_template_string, request
from playwright.sync_api import Frame, Locator, Page, expect

from widget_backend.sandbox.bitrix24.control import add_deals
from widget_backend.sandbox.bitrix24.state import Placement
from widget_backend.sandbox.mount import serve

LIBRARY = Path(__file__).parents[2] / "static" / "vendor" / "b24frame.min.js"
CLIENT = BITRIX24["client_id"]
CODES = ["CRM_DEAL_DETAIL_TAB", "CRM_DEAL_DETAIL_TOOLBAR", "CRM_DEAL_LIST_MENU", "LEFT_MENU"]

PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Проба</title><link rel="icon" href="data:,">
<script src="/library.js"></script></head><body><main><h1>{{ given.PLACEMENT }}</h1><p>{{ given.PLACEMENT_OPTIONS }}</p>
<script>B24.initializeB24Frame().then((b24) => { window.b24 = b24; document.body.dataset.ready = ""; });</script>
</main></body></html>"""


def sample(opened: list[dict[str, str]]) -> Flask:
    """A small application: each page says where it stands and of what."""
    app = Flask(__name__)

    @app.post("/page")
    def page() -> str:
        opened.append(request.form.to_dict())
        return render_template_string(PAGE, given=request.form)

    @app.get("/library.js")
    def library() -> Any:
        return LIBRARY.read_bytes(), 200, {"Content-Type": "text/javascript; charset=utf-8"}

    return app


@pytest.fixture
def opened(world: World, boris: Crm) -> Iterator[list[dict[str, str]]]:
    """What the application was posted; it is installed, and bound to every place."""
    seen: list[dict[str, str]] = []
    app = boris.state.issue_app(CLIENT, page_url=f"{APP}/page")
    rows = enumerate(CODES, start=1)
    boris.state.placements = [Placement(n, app.client_id, code, f"{APP}/page", title="Копии") for n, code in rows]
    with serve(sample(seen)) as running, world.relays[".dental.test"].leading(running.port, "app.dental.test"):
        yield seen


@pytest.fixture
def deal(boris: Crm) -> int:
    [number] = add_deals(boris.state, {"title": "Консультация имплантолога"})
    return number


def inside(page: Page) -> Frame:
    """The application's frame, once it has greeted the portal."""
    return greeted(page.locator("#frame"))


def beside(page: Page) -> Frame:
    """The same of the panel over the page."""
    return greeted(page.frame_locator("#slider iframe").locator("#frame"))


def greeted(held: Locator) -> Frame:
    frame = held.element_handle().content_frame()
    frame.locator("body[data-ready]").wait_for()
    return frame


def test_a_tab_of_the_card_is_posted_the_deal_and_may_renew_the_card(
    opened: list[dict[str, str]], boris: Crm, page: Page, deal: int
) -> None:
    page.goto(f"{boris.url}/crm/deal/details/{deal}/")
    page.locator("#tabs").get_by_role("link", name="Копии").click()
    frame = inside(page)

    frame.evaluate("b24.parent.resizeWindow(600, 345)")
    boris.state.items[2][deal]["title"] = "Имплантация"
    frame.evaluate("b24.placement.call('reloadData')")

    expect(page.get_by_role("heading", name="Имплантация")).to_be_visible()
    assert page.locator("#frame").bounding_box()["height"] == 345
    assert frame.evaluate("[b24.placement.placement, b24.placement.options.ID]") == [CODES[0], str(deal)]
    assert opened[0]["APPLICATION_TOKEN"] == boris.state.apps[CLIENT].application_token
    assert boris.state.tokens_by_access[opened[0]["AUTH_ID"]].user_id == 1
    assert page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]") == [[], []]


def test_a_menus_item_opens_beside_and_closes_itself(
    opened: list[dict[str, str]], boris: Crm, page: Page, deal: int
) -> None:
    page.goto(f"{boris.url}/crm/deal/details/{deal}/")
    page.locator("#toolbar summary").click()
    page.locator("#toolbar").get_by_role("link", name="Копии").click()

    beside(page).evaluate("void b24.slider.closeSliderAppPage()")

    expect(page.locator("#slider")).to_be_hidden()
    assert json.loads(opened[0]["PLACEMENT_OPTIONS"]) == {"ID": str(deal), "URI": f"/crm/deal/details/{deal}/"}


def test_a_tab_opens_its_application_over_the_card(
    opened: list[dict[str, str]], boris: Crm, page: Page, deal: int
) -> None:
    page.goto(f"{boris.url}/crm/deal/details/{deal}/?tab=1")
    frame = inside(page)

    opens = "b24.slider.openSliderAppPage({ deal: 7, bx24_title: 'Копия сделки', bx24_width: 700 })"
    frame.evaluate(f"void {opens}.then((answer) => {{ window.answer = answer; }})")
    expect(page.locator("#slider strong")).to_have_text("Копия сделки")
    beside(page)
    page.get_by_role("button", name="Закрыть").click()

    frame.wait_for_function("window.answer")
    assert (opened[1]["PLACEMENT"], json.loads(opened[1]["PLACEMENT_OPTIONS"])["deal"]) == ("DEFAULT", 7)


def test_rows_of_the_list_and_the_portals_menu_lead_to_it(
    opened: list[dict[str, str]], boris: Crm, page: Page, deal: int
) -> None:
    page.goto(f"{boris.url}/crm/deal/list/")
    page.locator(f"#menu-{deal} summary").click()
    page.locator(f"#menu-{deal}").get_by_role("link", name="Копии").click()
    beside(page)
    page.get_by_role("button", name="Закрыть").click()

    page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Копии").click()
    inside(page)

    assert [(each["PLACEMENT"], json.loads(each["PLACEMENT_OPTIONS"]).get("ID")) for each in opened] == [
        ("CRM_DEAL_LIST_MENU", str(deal)),
        ("LEFT_MENU", None),
    ]


def test_an_employee_opens_the_card_as_himself(opened: list[dict[str, str]], boris: Crm, page: Page, deal: int) -> None:
    page.goto(f"{boris.url}/crm/deal/details/{deal}/?tab=1")
    inside(page)

    page.get_by_label("Я", exact=True).select_option(label="Мария Менеджерова")
    page.wait_for_url("**/?tab=1")
    expect(page.locator("#frame[data-user='7']")).to_be_visible()
    frame = inside(page)

    assert frame.evaluate("b24.auth.isAdmin") is False
    assert boris.state.tokens_by_access[opened[-1]["AUTH_ID"]].user_id == 7


@pytest.mark.parametrize("width", [1280, 375])
def test_a_card_with_an_application_is_as_neat_as_without(
    opened: list[dict[str, str]], boris: Crm, page: Page, deal: int, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    seen = []

    for address in (f"/crm/deal/details/{deal}/", f"/crm/deal/details/{deal}/?tab=1", "/crm/deal/list/"):
        page.goto(boris.url + address)
        seen += [(address, overflow(page))] if overflow(page) else []
        seen += [(address, each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]

    assert seen == []
