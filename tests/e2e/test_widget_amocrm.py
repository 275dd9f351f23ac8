"""The widget's archive in the account's own pages: consent, card, list, settings, an action on a stage, a step of a bot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Faults, overflow
from conftest import AMOCRM, APP, SHOTS, Crm, World, account
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect
from tickets import wait_until_connected
from wizard import Wizard

from widget_backend.sandbox.amocrm.bots import running
from widget_backend.sandbox.amocrm.control import add_leads
from widget_backend.widget import Imprint, build

CLIENT, CODE = AMOCRM["client_id"], "dental_crm"
HOME = f"/settings/widgets/{CODE}/"
SETTINGS = f"/amo-market/{CLIENT}/settings/"
READY = "body[data-widgets=ready]"
SOON = 20.0

Lead = Callable[[str], int]


@pytest.fixture(scope="module")
def clinic(world: World, product: str, browser: BrowserContext) -> Iterator[Crm]:
    """Alice's account: its administrator has read what the widget wants, agreed, and walked the wizard it opens."""
    with account(world) as alice:
        upload(alice)
        page = browser.new_page()
        faults = Faults(page)
        install(page, alice)
        wizard = Wizard(page, page.frame_locator("iframe.dental-crm__frame"), APP)
        page.get_by_role("button", name="Открыть мастер").click()
        wizard.walk()
        wizard.expect_done()
        page.close()
        assert faults.seen == []
        yield alice


@pytest.fixture
def lead(clinic: Crm) -> Lead:
    """Puts a deal on the first stage of a pipeline, and waits until it is known."""

    def put(name: str) -> int:
        pipeline = pipeline_of(clinic, "Приемы")
        first = next(status for status in pipeline.ordered if status.type == 0)
        [number] = add_leads(clinic.state, {"name": name, "pipeline_id": pipeline.id, "status_id": first.id})
        return int(number)

    return put


def upload(alice: Crm) -> None:
    """The archive is in the integration's card."""
    alice.state.integrations[CLIENT].widget_code = CODE
    alice.state.upload_widget(CLIENT, build(Imprint(APP, "help@dental.example", "https://dental.example/privacy")))


def install(page: Page, alice: Crm) -> None:
    page.goto(alice.url + SETTINGS)
    page.locator(READY).wait_for()
    page.get_by_label("Согласен передавать эти данные приложению").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Установить").click()
    wait_until_connected(alice)


def opened(page: Page, clinic: Crm, address: str) -> None:
    page.goto(clinic.url + address)
    page.locator(READY).wait_for()
    assert page.evaluate("sandboxHost.wrong") == []


def pipeline_of(clinic: Crm, name: str) -> Any:
    return next(each for each in clinic.state.pipelines.values() if each.name == name)


def stage_of(pipeline: Any, name: str) -> int:
    return next(int(status.id) for status in pipeline.ordered if status.name == name)


def leads_at(clinic: Crm, pipeline: int, stage: int) -> list[Any]:
    leads = list(clinic.state.records["leads"].values())
    return [each for each in leads if (each.own["pipeline_id"], each.own["status_id"]) == (pipeline, stage)]


def step(page: Page, clinic: Crm, name: str) -> Locator:
    """A block of the bot's designer, put into the bot."""
    opened(page, clinic, HOME + "bot/")
    block = page.get_by_role("region", name=name)
    block.get_by_role("button", name="Добавить").click()
    return block


def keep(page: Page, clinic: Crm, block: Locator) -> Any:
    """The bot, saved."""
    block.get_by_role("button", name="Сохранить").click()
    page.wait_for_url("**/settings/stages/")
    return max(clinic.state.bots.values(), key=lambda each: each.id)


def runs(clinic: Crm, bot: Any, number: int) -> Any:
    """A run of the bot on a deal, from its first step to its end."""
    with clinic.state.lock:
        run = running.start(clinic.state, bot, "leads", number)
    until(lambda: run.state == "done")
    return run


def until(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + SOON
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found


def test_without_consent_nothing_is_installed(product: str, alice: Crm, page: Page) -> None:
    upload(alice)
    opened(page, alice, SETTINGS)

    page.get_by_role("button", name="Установить").click()

    expect(page.locator("#widget-said")).not_to_be_empty()
    assert not alice.state.integrations[CLIENT].installed


def test_consent_is_kept_and_shown(clinic: Crm, page: Page) -> None:
    opened(page, clinic, SETTINGS)

    expect(page.get_by_label("Согласен передавать эти данные приложению")).to_be_checked()
    expect(page.get_by_role("link", name="Политика обработки данных")).to_have_attribute(
        "href", "https://dental.example/privacy"
    )
    assert json.loads(clinic.state.integrations[CLIENT].settings["consent"]) == {"agreed": True}


def test_the_card_tells_the_route_and_opens_the_panel(clinic: Crm, lead: Lead, page: Page) -> None:
    number = lead("Лечение кариеса")
    opened(page, clinic, f"/leads/detail/{number}")
    block = page.locator(f"#widgets_block [data-code={CODE}] .dental-crm__card")

    block.get_by_role("button", name="Маршрут и история").click()

    window = page.get_by_role("dialog")
    expect(window.frame_locator("iframe").get_by_role("heading", level=1)).to_contain_text(str(number))
    page.screenshot(path=SHOTS / "widget-window.png")
    page.get_by_role("button", name="Закрыть", exact=True).click()
    expect(window).to_have_count(0)


def test_a_card_that_is_entered_again_answers_a_click_once(clinic: Crm, lead: Lead, page: Page) -> None:
    opened(page, clinic, f"/leads/detail/{lead('Имплантация')}")
    page.evaluate("sandboxHost.again(); sandboxHost.again()")

    page.get_by_role("button", name="Маршрут и история").click()

    expect(page.get_by_role("dialog")).to_have_count(1)


def test_one_ticked_deal_is_copied_and_several_are_not(clinic: Crm, lead: Lead, page: Page) -> None:
    lead("Первая проверка"), lead("Вторая проверка")
    opened(page, clinic, "/leads/list/")

    page.get_by_label("Отметить: Первая проверка").check()
    page.get_by_role("button", name="Стоматология").click()
    expect(page.get_by_role("dialog").frame_locator("iframe").get_by_role("heading").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Отметить: Вторая проверка").check()
    page.get_by_role("button", name="Стоматология").click()

    expect(page.get_by_role("dialog")).to_contain_text("Отметьте одну сделку")
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("address", [HOME, f"/widget_page/{CODE}/{CODE}/"])
def test_the_pages_of_its_own_show_the_set_up(clinic: Crm, page: Page, address: str) -> None:
    opened(page, clinic, address)

    expect(page.frame_locator("iframe.dental-crm__frame").get_by_role("heading").first).to_be_visible()


def test_an_action_on_a_stage_is_chosen_from_lists_and_carried_out(clinic: Crm, page: Page) -> None:
    visits, coordinators = pipeline_of(clinic, "Приемы"), pipeline_of(clinic, "Координаторы")
    picking = stage_of(visits, "Подбираем время")
    opened(page, clinic, HOME + "action/")
    page.get_by_label("Этап", exact=True).select_option(f"{visits.id}-{picking}")
    page.get_by_label("Что сделать").select_option(label="Скопировать сделку")
    page.get_by_label("На какой этап").select_option(label="Координаторы / План составлен")
    page.get_by_role("button", name="Готово").click()
    page.wait_for_url("**/settings/stages/")
    [trigger] = [each for each in clinic.state.triggers.values() if each.kind == "widget"]

    add_leads(clinic.state, {"name": "Протезирование", "pipeline_id": visits.id, "status_id": picking})
    copies = until(lambda: leads_at(clinic, coordinators.id, stage_of(coordinators, "План составлен")))

    assert (trigger.settings["robot"], len(trigger.settings["key"])) == ("copy_deal", 32)
    assert len(copies) == 1


def test_a_saved_action_is_shown_as_it_was_chosen(clinic: Crm, page: Page) -> None:
    opened(page, clinic, HOME + "action/")
    expect(page.get_by_label("Что сделать")).to_have_value("")
    expect(page.get_by_label("На какой этап")).to_be_hidden()

    page.get_by_label("Что сделать").select_option("wake_deal")

    expect(page.get_by_label("На какой этап")).to_be_visible()
    expect(page.locator('input[name="robot"]')).to_have_value("wake_deal")
    expect(page.locator('input[name="robot"]')).to_be_hidden()


def test_a_step_of_a_bot_routes_the_patient_and_leaves_by_what_it_found(clinic: Crm, lead: Lead, page: Page) -> None:
    block = step(page, clinic, "Маршрутизировать пациента")
    titles = block.locator("[data-exit]").all_inner_texts()
    bot = keep(page, clinic, block)

    run = runs(clinic, bot, lead("Консультация"))

    assert titles == ["Первичный пациент", "Повторный пациент", "Решит администратор", "Не получилось"]
    assert bot.steps[0]["question"] == [
        {
            "handler": "widget_request",
            "params": {"url": f"{APP}/amo/bot/v1", "data": {"op": "route_patient"}},
        },
        {"handler": "goto", "params": {"type": "question", "step": 1}},
    ]
    assert run.exit in ("primary", "repeat", "unsure")
    assert run.exit == run.json["visit_type"]


@pytest.mark.parametrize(("stage", "exit"), [("Координаторы / Согласие получено", "success"), ("Нет такого", "fail")])
def test_a_step_of_a_bot_copies_the_deal_or_says_that_it_could_not(
    clinic: Crm, lead: Lead, page: Page, stage: str, exit: str
) -> None:
    block = step(page, clinic, "Скопировать сделку")
    titles = block.locator("[data-exit]").all_inner_texts()
    block.get_by_label("Этап: название или номер").fill(stage)
    bot = keep(page, clinic, block)

    run = runs(clinic, bot, lead("Отбеливание"))

    assert titles == ["Сделано", "Не получилось"]
    assert bot.steps[0]["question"][0]["params"]["data"] == {"op": "copy_deal", "stage": stage}
    assert run.exit == exit


def test_what_the_host_may_give_in_another_way_is_understood(clinic: Crm, lead: Lead, page: Page) -> None:
    opened(page, clinic, f"/leads/detail/{lead('Слепок')}")
    call = f"(name, ...given) => sandboxHost.call(sandboxHost.row('{CODE}'), name, ...given)"

    told = page.evaluate(f"({call})('onSalesbotDesignerSave', 'copy_deal', {{stage: {{value: 'stage.base.base'}}}})")
    unsaved = page.evaluate(f"APP.data.current_card.id = 0; ({call})('render')")

    assert json.loads(told)[0]["question"][0]["params"]["data"]["stage"] == "stage.base.base"
    assert unsaved is False


def test_a_service_that_is_away_is_said_with_whom_to_write(clinic: Crm, lead: Lead, rough_page: Page) -> None:
    page = rough_page
    page.route(f"{APP}/amo/api/panel", lambda route: route.abort())
    opened(page, clinic, f"/leads/detail/{lead('Чистка')}")
    notice = page.locator(".dental-crm__notice")
    expect(notice).to_contain_text("Сервис не отвечает. Ничего не изменено")
    expect(notice.get_by_role("link", name="help@dental.example")).to_be_visible()
    page.screenshot(path=SHOTS / "widget-notice.png")

    page.unroute(f"{APP}/amo/api/panel")
    notice.get_by_role("button", name="Повторить").click()

    expect(page.get_by_role("button", name="Маршрут и история")).to_be_visible()


@pytest.mark.parametrize("look", ["", "?theme=dark", "?lang=en", "?theme=dark&lang=en"])
def test_every_area_is_neat(clinic: Crm, lead: Lead, page: Page, look: str) -> None:
    number, seen = lead("Осмотр"), []
    for address, (frame, shown) in AREAS.items():
        opened(page, clinic, address.format(lead=number) + look)
        inside(page, frame).locator(shown).first.wait_for()
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(
                path=SHOTS / f"widget-{address.strip('/').replace('/', '-')}-{width}{look.replace('?', '-')}.png"
            )
            found = Axe().run(page).response["violations"]
            seen += [(address, width, each["id"], each["nodes"][0]["html"]) for each in found]
            seen += [(address, width, overflow(page))] if overflow(page) else []

    assert seen == []


def inside(page: Page, frame: str) -> Page | FrameLocator:
    return page.frame_locator(frame) if frame else page


#: page of the account -> the frame it shows, and what stands there
AREAS = {
    "/leads/detail/{lead}": ("", ".dental-crm__card"),
    SETTINGS: ("", ".dental-crm__consent"),
    HOME: ("iframe.dental-crm__frame", "h1"),
    HOME + "action/": ("", ".dental-crm__action"),
    HOME + "bot/": ("", "[data-handler]"),
}
