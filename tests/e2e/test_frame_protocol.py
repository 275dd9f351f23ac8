"""The emulated portal's page around a frame, against the vendor's own library: what is asked, and what is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BITRIX24, Crm, World
from flask import Flask, render_template_string, request
from playwright.sync_api import Frame, Page

from widget_backend.sandbox.mount import serve

LIBRARY = Path(__file__).parents[2] / "static" / "vendor" / "b24frame.min.js"
CLIENT = BITRIX24["client_id"]

PAGE = """<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Проба</title><link rel="icon" href="data:,">
<script src="/library.js"></script></head><body><h1>{{ path }}</h1></body></html>"""


def stub() -> Flask:
    """An application that loads the vendor's library and does nothing by itself."""
    app = Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST"])
    def page(path: str) -> str:
        return render_template_string(PAGE, path=f"{request.method} {path}")

    @app.get("/library.js")
    def library() -> Any:
        return LIBRARY.read_bytes(), 200, {"Content-Type": "text/javascript; charset=utf-8"}

    return app


@pytest.fixture
def trial(world: World) -> Iterator[None]:
    """The stub in place of the application."""
    with serve(stub()) as running, world.relays[".dental.test"].leading(running.port, "app.dental.test"):
        yield


def inside(page: Page) -> Frame:
    """The application's frame, once its page is there."""
    page.frame_locator("#frame").get_by_role("heading").wait_for()
    frame = page.frames[1]
    frame.evaluate("B24.initializeB24Frame().then((b24) => { window.b24 = b24; })")
    return frame


def test_the_library_is_told_whose_frame_it_is(trial: None, boris: Crm, page: Page) -> None:
    page.goto(f"{boris.url}/market/")
    page.get_by_role("button", name="Установить").click()

    frame = inside(page)

    assert frame.get_by_role("heading").inner_text() == "POST install/bitrix24"
    told = (
        "({admin: b24.auth.isAdmin, lang: b24.getLang(), install: b24.isInstallMode, place: b24.placement.placement})"
    )
    assert frame.evaluate(told) == {"admin": True, "lang": "ru", "install": True, "place": "DEFAULT"}
    assert frame.evaluate("b24.getTargetOrigin()") == boris.url


def test_the_end_of_an_installation_leads_to_the_application(trial: None, boris: Crm, page: Page) -> None:
    page.goto(f"{boris.url}/market/")
    page.get_by_role("button", name="Установить").click()
    frame = inside(page)

    frame.evaluate("void b24.installFinish()")

    page.frame_locator("#frame").get_by_role("heading", name="POST app/bitrix24").wait_for()
    assert boris.state.apps[CLIENT].installed


def test_a_frame_grows_shrinks_and_gets_new_tokens(trial: None, boris: Crm, page: Page) -> None:
    boris.state.issue_app(CLIENT)
    page.goto(f"{boris.url}/marketplace/app/{CLIENT}/")
    frame = inside(page)

    frame.evaluate("b24.parent.resizeWindow(600, 1234)")
    grown = page.locator("#frame").bounding_box()
    frame.evaluate("b24.parent.resizeWindow(600, 300)")
    fresh = frame.evaluate("b24.auth.refreshAuth()")

    assert (grown["height"], page.locator("#frame").bounding_box()["height"]) == (1234, 300)
    assert boris.state.tokens_by_access[fresh["access_token"]].user_id == 1


def test_a_page_of_the_portal_opens_beside_and_says_when_it_is_closed(trial: None, boris: Crm, page: Page) -> None:
    boris.state.issue_app(CLIENT)
    page.goto(f"{boris.url}/marketplace/app/{CLIENT}/")
    frame = inside(page)

    opens = f"b24.slider.openPath('{boris.url}/crm/deal/kanban/category/0/')"
    frame.evaluate(f"void {opens}.then((answer) => {{ window.answer = answer; }})")
    page.frame_locator("dialog iframe").get_by_role("heading", name="Сделки", exact=True).wait_for()
    page.get_by_role("button", name="Закрыть").click()

    frame.wait_for_function("window.answer")
    assert frame.evaluate("window.answer.isClose") is True


def test_what_the_portal_does_not_know_is_noted(trial: None, boris: Crm, page: Page) -> None:
    boris.state.issue_app(CLIENT)
    page.goto(f"{boris.url}/marketplace/app/{CLIENT}/")
    frame = inside(page)

    frame.evaluate("b24.parent.imOpenHistory('chat1')")
    frame.evaluate("parent.postMessage('getInitData:1:someone-elses-session', '*')")

    page.wait_for_function("sandboxFrame.rejected.length")
    assert page.evaluate("[sandboxFrame.unknown, sandboxFrame.rejected]") == [["imOpenHistory"], ["getInitData"]]


def test_the_older_library_speaks_the_same_words(trial: None, boris: Crm, page: Page) -> None:
    boris.state.issue_app(CLIENT)
    page.goto(f"{boris.url}/marketplace/app/{CLIENT}/?user=7")
    frame = inside(page)
    frame.add_script_tag(url=f"{boris.url}/api/v1/")

    profile = (
        """new Promise((done) => BX24.init(() => BX24.callMethod("profile", {}, (answer) => done(answer.data()))))"""
    )

    assert frame.evaluate(profile)["ID"] == "7"
    assert frame.evaluate("[BX24.isAdmin(), BX24.getLang(), BX24.placement.info().placement]") == [
        False,
        "ru",
        "DEFAULT",
    ]
