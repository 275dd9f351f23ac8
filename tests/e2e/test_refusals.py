"""What a browser or the application must not let happen: a stranger's page around ours, a ticket or a token used twice."""

from __future__ import annotations

import pytest
from conftest import APP, BITRIX24, Crm
from playwright.sync_api import Page, expect
from test_walk_amocrm import press_install
from tickets import ticket, token
from wizard import ask

from widget_backend.sandbox.bitrix24 import frames

#: a page of somebody else's frames an address of ours
AROUND = """(address) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.addEventListener("load", () => done(true));
  frame.src = address;
  document.body.append(frame);
})"""

#: the same by the POST that a portal makes
POSTED = """([address, fields]) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.name = "stolen";
  document.body.append(frame);
  const form = Object.assign(document.createElement("form"), { method: "post", action: address, target: "stolen" });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  frame.addEventListener("load", () => done(true));
  form.submit();
})"""

#: whether a page may read what the application answers it
ASKED = """([address, shown]) =>
  fetch(address, { method: "POST", headers: { "X-Auth-Token": shown } }).then(() => true, () => false)"""


@pytest.fixture
def connected(product: str, alice: Crm, rough_page: Page) -> Crm:
    """Alice's account with our integration installed."""
    press_install(rough_page, alice)
    return alice


def framed(page: Page) -> str:
    """What a frame of this page shows, as far as it shows anything of ours."""
    return str(page.frames[-1].evaluate("document.querySelector('#wizard') ? 'ours' : ''"))


def test_a_stranger_cannot_put_our_page_into_his(connected: Crm, boris: Crm, rough_page: Page) -> None:
    status, address = ticket(connected, token(connected))
    assert status == 200

    rough_page.goto(f"{boris.url}/")
    rough_page.evaluate(AROUND, address)

    assert framed(rough_page) == ""
    assert rough_page.frames[-1].url.startswith("chrome-error:")


def test_a_stranger_cannot_put_a_portals_page_into_his(product: str, boris: Crm, alice: Crm, rough_page: Page) -> None:
    boris.state.issue_app(BITRIX24["client_id"], installed=False)
    opening = frames.open_app(boris.state, BITRIX24["client_id"], 1)

    rough_page.goto(f"{alice.url}/")
    rough_page.evaluate(POSTED, [opening.url, opening.fields])

    assert framed(rough_page) == ""
    assert rough_page.frames[-1].url.startswith("chrome-error:")


def test_a_ticket_opens_one_page(connected: Crm, rough_page: Page) -> None:
    status, address = ticket(connected, token(connected))
    assert status == 200

    first = rough_page.goto(address)
    second = rough_page.goto(address)

    assert first and second
    assert (first.status, second.status) == (200, 403)
    expect(rough_page.get_by_role("heading")).to_be_visible()


def test_a_widgets_token_is_good_once(connected: Crm) -> None:
    shown = token(connected)

    first, second = ticket(connected, shown)[0], ticket(connected, shown)[0]

    assert (first, second) == (200, 401)


def test_a_token_from_another_origin_is_refused_by_the_browser_and_by_us(connected: Crm, rough_page: Page) -> None:
    shown = token(connected)

    rough_page.goto("https://www.amocrm.test/")
    read = rough_page.evaluate(ASKED, [f"{APP}/amo/api/ticket", shown])

    assert read is False
    assert ticket(connected, shown, "https://www.amocrm.test")[0] == 403


def test_nobody_gets_in_without_a_session(product: str) -> None:
    without, forged = ask(f"{APP}/wizard"), ask(f"{APP}/wizard", {"Authorization": "Bearer x.y.z"})

    assert (without[0], forged[0]) == (401, 401)
