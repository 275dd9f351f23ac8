"""The emulated account's pages with a widget in them: libraries of their old versions, callbacks in their order, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import sample_widget
from axe_playwright_python.sync_playwright import Axe
from browser import overflow
from conftest import AMOCRM, Crm, World
from flask import Flask, jsonify, request
from playwright.sync_api import Page, expect

from widget_backend.sandbox.amocrm.control import add_leads
from widget_backend.sandbox.mount import serve

CLIENT = AMOCRM["client_id"]
HOME = "/settings/widgets/sample/"
READY = "body[data-widgets=ready]"


def backend(asked: list[dict[str, Any]], origin: str) -> Flask:
    """The widget's server: reads who asks out of the token, and lets one origin ask."""
    app = Flask(__name__)

    @app.post("/ask")
    def ask() -> Any:
        token = request.headers["X-Auth-Token"]
        asked.append(jwt.decode(token, AMOCRM["client_secret"], ["HS256"], options={"verify_aud": False}))
        return jsonify({"said": f"Сделка {request.get_json()['lead']}"})

    @app.after_request
    def allow(response: Any) -> Any:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "X-Auth-Token, Content-Type"
        return response

    return app


@pytest.fixture
def asked(world: World, alice: Crm) -> Iterator[list[dict[str, Any]]]:
    """The sample widget is installed; what its server was asked, as claims."""
    seen: list[dict[str, Any]] = []
    integration = alice.state.integrations[CLIENT]
    integration.widget_code, integration.installed, integration.settings = "sample", True, {"key": "К-1"}
    alice.state.upload_widget(CLIENT, sample_widget.packed(sample_widget.files()))
    with (
        serve(backend(seen, alice.url)) as running,
        world.relays[".dental.test"].leading(running.port, "app.dental.test"),
    ):
        yield seen


@pytest.fixture
def lead(alice: Crm) -> int:
    [number] = add_leads(alice.state, {"name": "Консультация имплантолога"})
    return number


def opened(page: Page, alice: Crm, address: str) -> None:
    page.goto(alice.url + address)
    page.locator(READY).wait_for()
    assert page.evaluate("sandboxHost.wrong") == []


def test_a_card_shows_the_widget_on_the_libraries_of_the_host(
    asked: list[dict[str, Any]], alice: Crm, page: Page, lead: int
) -> None:
    opened(page, alice, f"/leads/detail/{lead}")

    expect(page.locator("#widgets_block [data-code=sample] .sample")).to_contain_text("Проба")
    expect(page.locator("#sample-lead")).to_have_text(str(lead))
    assert page.evaluate("[$.fn.jquery, _.VERSION, requirejs.version]") == ["2.1.3", "1.9.1", "2.3.8"]
    assert page.evaluate("sandboxHost.called") == ["sample.render", "sample.init", "sample.bind_actions"]


def test_each_question_takes_a_token_of_its_own_and_the_answer_opens_a_window(
    asked: list[dict[str, Any]], alice: Crm, page: Page, lead: int
) -> None:
    opened(page, alice, f"/leads/detail/{lead}")
    page.evaluate("sandboxHost.again()")

    for _ in range(2):
        page.get_by_role("button", name="Спросить").click()
        window = page.get_by_role("dialog", name=f"Сделка {lead}")
        expect(window).to_be_visible()
        page.keyboard.press("Escape")
        expect(window).to_have_count(0)

    assert [(each["user_id"], each["is_admin"], each["iss"]) for each in asked] == [(500, True, alice.url)] * 2
    assert asked[0]["jti"] != asked[1]["jti"]


def test_an_employee_sees_the_card_as_himself(asked: list[dict[str, Any]], alice: Crm, page: Page, lead: int) -> None:
    opened(page, alice, f"/leads/detail/{lead}")
    page.get_by_label("Я", exact=True).select_option(label="Мария Менеджерова")
    expect(page.locator("#user option:checked")).to_have_text("Мария Менеджерова")
    page.locator(READY).wait_for()

    page.get_by_role("button", name="Спросить").click()
    expect(page.get_by_role("dialog")).to_be_visible()

    assert [(each["user_id"], each["is_admin"]) for each in asked] == [(507, False)]


def test_ticked_leads_are_given_to_the_widget(asked: list[dict[str, Any]], alice: Crm, page: Page, lead: int) -> None:
    opened(page, alice, "/leads/list/")

    page.get_by_label("Отметить: Консультация имплантолога").check()
    page.get_by_role("button", name="Стоматология").click()

    expect(page.get_by_role("status").filter(has_text="Выбрано")).to_contain_text(str(lead))


def test_settings_are_saved_unless_the_widget_forbids_it(asked: list[dict[str, Any]], alice: Crm, page: Page) -> None:
    opened(page, alice, f"/amo-market/{CLIENT}/settings/")
    expect(page.get_by_text("Своё поле")).to_be_visible()

    page.get_by_label("Ключ *").fill("нельзя")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("#widget-said")).to_have_text("Виджет не дал сохранить настройки.")
    page.get_by_label("Ключ *").fill("К-2")
    with page.expect_navigation():
        page.get_by_role("button", name="Сохранить").click()

    assert alice.state.integrations[CLIENT].settings == {"key": "К-2", "consent": "1"}


def test_pages_of_its_own_are_drawn_by_the_widget(asked: list[dict[str, Any]], alice: Crm, page: Page) -> None:
    opened(page, alice, HOME)
    expect(page.locator("#work-area-sample")).to_have_text("Ключ: К-1")

    opened(page, alice, "/widget_page/sample/sample/")
    expect(page.locator("#work-area-sample")).to_have_text("sample")


def test_a_stages_action_and_a_bots_step_are_set_up_by_the_widget(
    asked: list[dict[str, Any]], alice: Crm, page: Page
) -> None:
    opened(page, alice, HOME + "action/")
    page.get_by_label("Этап").select_option(label="Переговоры")
    page.get_by_role("button", name="Готово").click()
    page.wait_for_url("**/settings/stages/")

    opened(page, alice, HOME + "bot/")
    page.get_by_role("button", name="Добавить").click()
    expect(page.get_by_text("Спросит приложение")).to_be_visible()
    page.get_by_label("Окно").fill("{{lead.cf.31}}")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_url("**/settings/stages/")

    [trigger], [bot] = alice.state.triggers.values(), alice.state.bots.values()
    assert (trigger.settings, sorted(bot.exits)) == ({"target": "9002"}, ["fail", "success"])
    assert bot.steps[0]["question"][0]["params"]["data"] == {"op": "route", "slot": "{{lead.cf.31}}"}


@pytest.mark.parametrize(("width", "look"), [(1280, ""), (375, "?theme=dark&lang=en")])
def test_pages_with_a_widget_are_as_neat_as_without(
    asked: list[dict[str, Any]], alice: Crm, page: Page, lead: int, width: int, look: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    seen = []

    for address in (f"/leads/detail/{lead}", "/leads/list/", f"/amo-market/{CLIENT}/settings/", HOME + "bot/"):
        opened(page, alice, address + look)
        seen += [(address, overflow(page))] if overflow(page) else []
        seen += [(address, each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]

    assert seen == []
