"""The emulated account's board under a person's hands: cards go by mouse, by keys and by choice, and others see it at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import overflow
from conftest import Crm
from playwright.sync_api import Locator, Page, expect

#: the stock pipeline and its stages
PIPELINE, FIRST, SECOND, LOST = 9001, 70005, 70009, 143
#: what the page shows by itself, it shows within so many milliseconds
SOON = 3000
PAGES = ["/", "/leads/detail/{lead}", "/leads/trash/", "/settings/hooks/", "/settings/stages/"]


@dataclass(frozen=True)
class Desk:
    """The account's API, and what patients do, at Alice's hand."""

    alice: Crm
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        client, base = self.alice.app.test_client(), self.alice.url
        answer = client.open(f"/api/v4{path}", base_url=base, method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def lead(self, name: str) -> int:
        return int(self.call("POST", "/leads", [{"name": name}])["_embedded"]["leads"][0]["id"])

    def patient(self, name: str, lead: int) -> int:
        contact = int(self.call("POST", "/contacts", [{"name": name}])["_embedded"]["contacts"][0]["id"])
        self.call("POST", f"/leads/{lead}/link", [{"to_entity_id": contact, "to_entity_type": "contacts"}])
        return contact

    def writes(self, contact: int, text: str) -> None:
        """A patient writes."""
        told = {"contact_id": contact, "text": text}
        answer = self.alice.app.test_client().post("/_sandbox/message", base_url=self.alice.url, json=told)
        assert answer.status_code < 300

    def at(self, lead: int) -> tuple[int, int]:
        body = self.call("GET", f"/leads/{lead}")
        return body["pipeline_id"], body["status_id"]


@pytest.fixture
def desk(alice: Crm) -> Desk:
    return Desk(alice, alice.state.long_lived_token())


@pytest.fixture
def lead(desk: Desk) -> int:
    """A card at the first stage."""
    return desk.lead("Чистка")


def cards(page: Page, stage: int) -> Locator:
    return page.locator(f"#stage-{stage} [data-card]")


def test_a_dragged_card_is_seen_on_another_persons_board_at_once(desk: Desk, page: Page, lead: int) -> None:
    other = page.context.new_page()
    for each in (page, other):
        each.goto(desk.alice.url)

    cards(page, FIRST).drag_to(page.locator(f"#stage-{SECOND}"))

    expect(cards(other, SECOND)).to_have_count(1, timeout=SOON)
    assert desk.at(lead) == (PIPELINE, SECOND)
    other.close()


def test_a_card_is_dragged_to_another_pipeline(desk: Desk, page: Page, lead: int) -> None:
    pipeline = {"name": "Повторные", "sort": 2, "is_main": False, "is_unsorted_on": False}
    stages = {"_embedded": {"statuses": [{"name": "Новый", "sort": 1}]}}
    [made] = desk.call("POST", "/leads/pipelines", [pipeline | stages])["_embedded"]["pipelines"]
    page.goto(desk.alice.url)

    cards(page, FIRST).drag_to(page.get_by_role("link", name="Повторные"))

    expect(cards(page, FIRST)).to_have_count(0)
    assert desk.at(lead) == (made["id"], made["_embedded"]["statuses"][1]["id"])


def test_a_card_is_moved_by_keys_and_keeps_the_focus(desk: Desk, page: Page, lead: int) -> None:
    page.goto(desk.alice.url)

    page.get_by_role("link", name="Чистка").focus()
    page.keyboard.press("Alt+ArrowRight")

    expect(cards(page, SECOND)).to_have_count(1)
    expect(page.locator(f"[data-key='lead-{lead}']")).to_be_focused()
    assert desk.at(lead) == (PIPELINE, SECOND)


def test_a_card_is_moved_by_choice_and_lost_with_a_reason(desk: Desk, page: Page, lead: int) -> None:
    desk.call("POST", "/leads/loss_reasons", [{"name": "Дорого", "sort": 1}])
    page.goto(desk.alice.url)

    page.get_by_role("button", name="Переместить «Чистка»").click()
    page.get_by_label("Воронка и этап").select_option(f"{PIPELINE}-{LOST}")
    page.get_by_role("button", name="Переместить", exact=True).click()
    page.get_by_label("Причина отказа").select_option(label="Дорого")
    page.get_by_role("button", name="Закрыть сделку").click()

    expect(cards(page, LOST)).to_have_count(1)
    [reason] = desk.call("GET", f"/leads/{lead}?with=loss_reason")["_embedded"]["loss_reason"]
    assert reason["name"] == "Дорого"


def test_an_enquiry_is_taken_down(desk: Desk, page: Page) -> None:
    page.goto(desk.alice.url)

    page.get_by_role("button", name="+ Заявка").click()
    page.get_by_label("Название").fill("Чистка")
    page.get_by_label("Имя пациента").fill("Ольга")
    page.get_by_label("Телефон").fill("+79990000001")
    page.get_by_role("button", name="Создать").click()

    expect(cards(page, FIRST)).to_have_text(re.compile("Чистка.*Ольга"))


def test_the_board_shows_what_others_do_and_disturbs_nobody(desk: Desk, page: Page, lead: int) -> None:
    page.goto(desk.alice.url)
    page.evaluate(f"document.getElementById('stage-{SECOND}').untouched = true")

    desk.lead("Вторая")

    expect(cards(page, FIRST)).to_have_count(2, timeout=SOON)
    assert page.evaluate(f"document.getElementById('stage-{SECOND}').untouched")


def test_a_card_keeps_what_somebody_types_while_its_feed_goes_on(desk: Desk, page: Page, lead: int) -> None:
    contact = desk.patient("Ольга", lead)
    page.goto(f"{desk.alice.url}/leads/detail/{lead}")

    page.get_by_label("Название").fill("Чистка и осмотр")
    desk.writes(contact, "Можно завтра?")
    desk.call("PATCH", f"/leads/{lead}", {"price": 7})

    expect(page.locator(".feed .said")).to_have_text(re.compile("Можно завтра"), timeout=SOON)
    expect(page.get_by_label("Название")).to_have_value("Чистка и осмотр")


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_sticks_out_and_nothing_is_against_the_rules_of_access(desk: Desk, page: Page, width: int) -> None:
    lead = desk.lead("Длинноеназвание" * 8)
    desk.writes(desk.patient("Анна Длиннофамильева-Замыслова", lead), "Можно завтра?")
    desk.call("POST", "/webhooks", {"destination": "https://app.example/" + "long" * 30, "settings": ["add_lead"]})
    page.set_viewport_size({"width": width, "height": 900})
    seen = []

    for path in PAGES:
        page.goto(desk.alice.url + path.format(lead=lead))
        seen += [(path, overflow(page))] if overflow(page) else []
        seen += [(path, one["id"], one["nodes"][0]["html"][:200]) for one in Axe().run(page).response["violations"]]

    assert seen == []
