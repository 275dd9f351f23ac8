"""The emulated account's market: the install hook, the signed goodbye, and the token its settings page takes along."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, deliver, uninstall_signature

CLIENT = "0a1b2c3d-0000-4000-8000-000000000001"
HOME = "https://app.example/install/amocrm"
KEYS = {
    "name": "Стоматология",
    "client_id": CLIENT,
    "client_secret": "s" * 64,
    "redirect_uri": HOME,
    "uninstall_url": "https://app.example/uninstall",
    "ticket_url": "https://app.example/amo/api/ticket",
}
SETTINGS = f"/amo-market/{CLIENT}/settings/"


@pytest.fixture
def account() -> Account:
    return Account.demo()


@pytest.fixture
def http(account: Account) -> Any:
    http = create_app(account).test_client()
    assert http.post("/_sandbox/apps", json=KEYS).status_code == 201
    return http


def hooks(account: Account) -> list[Delivery]:
    """What the integration was told by now."""
    sent: list[Delivery] = []
    deliver(account, lambda delivery: sent.append(delivery) or 200)
    return sent


def test_an_integration_on_offer_is_not_installed(http: Any) -> None:
    page = http.get("/amo-market/").get_data(as_text=True)

    assert ("Стоматология" in page, "не установлена" in page) == (True, True)
    assert http.get(SETTINGS).status_code == 404


def test_what_a_market_does_not_know_is_refused(http: Any) -> None:
    answer = http.post("/_sandbox/apps", json={"secret_sauce": "1"})

    assert (answer.status_code, "secret_sauce" in answer.get_json()["error"]) == (400, True)


def test_pressing_install_sends_the_hook_with_a_code_and_no_state(account: Account, http: Any) -> None:
    http.post(f"/amo-market/{CLIENT}/install")

    [hook] = hooks(account)
    waiting = http.get("/amo-market/").get_data(as_text=True)
    account.grant(CLIENT)

    assert (hook.url, hook.method, hook.form["from_widget"], hook.form["referer"]) == (HOME, "GET", "1", "localhost")
    assert ("state" in hook.form, account.codes[hook.form["code"]].user_id) == (False, 500)
    assert ("подключается" in waiting, "подключается" in http.get("/amo-market/").get_data(as_text=True)) == (
        True,
        False,
    )


def test_the_settings_page_takes_a_disposable_token_of_who_looks(account: Account, http: Any) -> None:
    http.post(f"/amo-market/{CLIENT}/install")
    http.post("/amo-market/acting", data={"user": "507"})

    page = http.get(SETTINGS).get_data(as_text=True)
    tokens = [http.post(f"/amo-market/{CLIENT}/token").get_json()["token"] for _ in range(2)]

    claims = [jwt.decode(each, "s" * 64, ["HS256"], audience="https://app.example") for each in tokens]
    assert KEYS["ticket_url"] in page
    assert [(each["user_id"], each["is_admin"], each["iss"]) for each in claims] == [
        (507, False, "http://localhost")
    ] * 2
    assert claims[0]["jti"] != claims[1]["jti"]


def test_switching_off_says_goodbye_signed_and_kills_the_tokens(account: Account, http: Any) -> None:
    http.post(f"/amo-market/{CLIENT}/install")
    hooks(account)
    account.grant(CLIENT)

    http.post(f"/amo-market/{CLIENT}/uninstall")

    [hook] = hooks(account)
    assert hook.form["signature"] == uninstall_signature(account, account.integrations[CLIENT])
    assert (account.tokens, http.get(SETTINGS).status_code) == ({}, 404)


def test_a_manager_does_not_install(http: Any) -> None:
    http.post("/amo-market/acting", data={"user": "507"})

    assert http.post(f"/amo-market/{CLIENT}/install").status_code == 403
