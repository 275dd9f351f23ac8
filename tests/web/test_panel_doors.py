"""How the panel is opened: by the places in a portal's pages, and by the widget of an amoCRM card."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from api_desks import Desk
from houses import BITRIX24, House
from panel_desks import panel
from test_words import CYRILLIC, PAGES, texts
from werkzeug.test import TestResponse
from wizards import json_of

from installer.wizard import words as wizard_words
from widget_backend.panel import words
from widget_backend.sandbox.bitrix24.frames import Opening, open_widget
from widget_backend.sandbox.bitrix24.state import Placement
from widget_backend.web.assets import FOLDER

MANAGER = 7
SPOTS = {"deal_card": "CRM_DEAL_DETAIL_TAB", "deal_actions": "CRM_DEAL_DETAIL_TOOLBAR", "settings": "LEFT_MENU"}


@pytest.fixture
def alice(clinics: dict[str, Desk]) -> Desk:
    return clinics["alice"]


def placed(desk: Desk, key: str, options: dict[str, str], user: int = 1) -> Opening:
    """What the portal posts into the frame of a place of ours."""
    rows: list[Placement] = desk.house.boris.state.placements
    (row,) = (row for row in rows if row.client_id == BITRIX24.client_id and row.handler.endswith(f"/{key}"))
    assert row.placement == SPOTS[key]
    return open_widget(desk.house.boris.state, row, user, options)


def starts(page: TestResponse) -> str:
    found = re.search(r'<div id="wizard"[^>]* hx-get="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found.group(1)


@pytest.mark.parametrize(
    ("key", "options", "start"),
    [
        ("deal_card", {"ID": "759"}, "/panel/759"),
        ("deal_actions", {"ID": "759"}, "/panel/759/copy"),
        ("settings", {}, "/office"),
        ("settings", {"ID": "759"}, "/office"),
        ("deal_card", {}, "/wizard"),
        ("deal_card", {"ID": "0"}, "/wizard"),
        ("deal_card", {"ID": "../wizard"}, "/wizard"),
    ],
)
def test_a_place_in_the_portal_opens_its_page(boris: Desk, key: str, options: dict[str, str], start: str) -> None:
    assert starts(boris.house.opened(placed(boris, key, options))) == start


def test_an_employee_opens_the_panel_and_a_wrong_token_opens_nothing(boris: Desk) -> None:
    opening = placed(boris, "deal_card", {"ID": "759"}, MANAGER)

    his, forged = boris.house.opened(opening), boris.house.opened(opening, APPLICATION_TOKEN="0" * 32)

    assert (his.status_code, starts(his)) == (200, "/panel/759")
    assert (forged.status_code, "app-session" in forged.text) == (403, False)


def test_what_a_page_loads_before_the_portals_library_is_small(boris: Desk) -> None:
    page = boris.house.opened(placed(boris, "deal_card", {"ID": "759"}))

    scripts = re.findall(r'<script [^>]*src="([^"]+)"', page.text)
    before = scripts[: next(n for n, name in enumerate(scripts) if "b24frame" in name)]
    sizes = [
        len(gzip.compress((FOLDER / name.removeprefix("/static/").partition("?")[0]).read_bytes())) for name in before
    ]

    assert sum("htmx" in name for name in before) == 1
    assert sum(sizes) < 60 * 1024


def asked(house: House, what: str, body: Any, token: str = "", origin: str = "") -> TestResponse:
    """The widget asks something from the page of Alice's account."""
    headers = {
        "X-Auth-Token": token or house.alice.names(),
        "Origin": origin or house.alice.url,
        "Accept-Language": "en",
    }
    return house.app.test_client().post(f"/amo/api/{what}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "start"),
    [
        ({}, "/wizard"),
        ({"view": "settings"}, "/office"),
        ({"view": "office"}, "/office"),
        ({"view": "panel", "deal": "759"}, "/panel/759"),
        ({"view": "panel", "deal": 759}, "/panel/759"),
        ({"view": "copy", "deal": "759"}, "/panel/759/copy"),
    ],
)
def test_a_ticket_opens_the_view_it_was_asked_for(alice: Desk, body: Any, start: str) -> None:
    address = json_of(asked(alice.house, "ticket", body))["url"]

    first, second = (alice.house.app.test_client().get(address) for _ in range(2))

    assert (first.status_code, starts(first)) == (200, start)
    assert second.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"view": "panel"},
        {"view": "copy", "deal": ""},
        {"view": "nothing"},
        {"view": "panel", "deal": "x"},
        {"deal": -1},
    ],
)
def test_a_view_that_is_not_there_has_no_ticket(alice: Desk, body: Any) -> None:
    assert asked(alice.house, "ticket", body).status_code == 422


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b"\xff", b'{"deal": "\\ud800"}', b'{"view": "panel", "deal": "1\\u0000"}']
)
def test_a_body_that_cannot_be_read_has_no_ticket(alice: Desk, body: bytes) -> None:
    headers = {"X-Auth-Token": alice.house.alice.names(), "Origin": alice.house.alice.url}

    answer = alice.house.app.test_client().post("/amo/api/ticket", data=body, headers=headers)

    assert answer.status_code == 422


def test_a_ticket_may_be_asked_for_as_a_form(alice: Desk) -> None:
    headers = {"X-Auth-Token": alice.house.alice.names(), "Origin": alice.house.alice.url}
    form = {"view": "panel", "deal": "759"}

    answer = alice.house.app.test_client().post("/amo/api/ticket", data=form, headers=headers)

    assert "/amo/frame/panel?" in json_of(answer)["url"]


def test_a_ticket_without_a_deal_opens_no_panel(alice: Desk) -> None:
    address = json_of(asked(alice.house, "ticket", {}))["url"]

    assert alice.house.client.get(address.replace("/wizard?", "/panel?")).status_code == 403


def test_the_card_of_a_lead_shows_its_route_and_buttons(alice: Desk) -> None:
    deal = alice.reception.enquires(alice.reception.patient("Лев Окунь", "+79005550301"), "stage.visits.new")
    alice.reception.settles()

    told = json_of(asked(alice.house, "panel", {"deal": deal}))

    assert told["lines"][0].startswith("Now: Приемы")
    assert told["lines"][-1].startswith("Next: ")
    assert [one["action"] for one in told["buttons"]] == ["copy", "route"]
    assert (told["buttons"][0]["label"], told["buttons"][0]["primary"]) == ("Copy to a pipeline", True)


def test_the_card_is_told_once_for_a_token_and_to_the_accounts_own_page(alice: Desk) -> None:
    token = alice.house.alice.names()

    first, again = (asked(alice.house, "panel", {"deal": "759"}, token) for _ in range(2))
    foreign = asked(alice.house, "panel", {"deal": "759"}, origin="https://other.amocrm.ru")
    without = asked(alice.house, "panel", {"deal": "759"}, "nonsense")

    assert (first.status_code, again.status_code, foreign.status_code, without.status_code) == (200, 401, 403, 401)
    assert first.headers["Access-Control-Allow-Origin"] == alice.house.alice.url
    assert "Origin" in first.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_an_employees_card_has_no_buttons(alice: Desk) -> None:
    told = json_of(asked(alice.house, "panel", {"deal": "759"}, alice.house.alice.names(507, is_admin=False)))

    assert told["buttons"] == []


def test_the_panel_is_no_wider_than_its_own_clinic(alice: Desk, boris: Desk) -> None:
    deal = boris.reception.enquires(boris.reception.patient("Рим Налим", "+79005550302"), "stage.visits.new")
    boris.reception.settles()

    told = json_of(asked(alice.house, "panel", {"deal": deal}))

    assert told["lines"] == ["Nothing has happened to this deal yet"]
    assert "Now" in panel(boris, deal).reads()


def test_every_text_is_said_in_both_languages() -> None:
    said = [text for value in vars(words).values() for text in texts(value)]

    assert [text for text in said if not CYRILLIC.search(text.ru) or CYRILLIC.search(text.en)] == []
    assert [t for t in said if set(re.findall(r"{\w+}", t.ru)) != set(re.findall(r"{\w+}", t.en))] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.parent.name == "panel"], ids=lambda file: file.stem)
def test_a_template_names_only_words_that_exist(file: Any) -> None:
    page = file.read_text(encoding="utf-8")

    assert [name for name in re.findall(r"\bp\.([A-Z_]+)", page) if not hasattr(words, name)] == []
    assert [
        m for m, name in re.findall(r"\bw\.(\w+)\.([A-Z_]+)", page) if not hasattr(getattr(wizard_words, m), name)
    ] == []
