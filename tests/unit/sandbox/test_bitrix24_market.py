"""The emulated portal's market: who installs, what is told, and what comes back with an application that was removed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.delivery import deliver

APP = "app.dental"
HANDLER = "https://app.example/events"
PATH = f"/marketplace/app/{APP}/"
KEYS = {
    "name": "Стоматология",
    "client_id": APP,
    "client_secret": "sesame",
    "installer_url": "https://app.example/install",
    "page_url": "https://app.example/app",
    "handler_url": HANDLER,
}


@pytest.fixture
def portal() -> Portal:
    return Portal.demo()


@pytest.fixture
def http(portal: Portal) -> Any:
    http = create_app(portal).test_client()
    assert http.post("/_sandbox/apps", json=KEYS).status_code == 201
    return http


def events(portal: Portal) -> list[str]:
    """What the application's handler was told by now."""
    sent: list[str] = []
    deliver(portal, lambda _, form: sent.append(form["event"]))
    return sent


def told(page: str) -> Any:
    """What a frame of this page is answered to ``getInitData``."""
    found = re.search(r'<script type="application/json" id="init-data">(.*)</script>', page)
    assert found
    return json.loads(found.group(1))


def test_an_application_on_offer_is_not_installed(portal: Portal, http: Any) -> None:
    page = http.get("/market/").get_data(as_text=True)

    assert ("Стоматология" in page, "не установлено" in page) == (True, True)
    assert (portal.apps, http.get(PATH).status_code) == ({}, 404)


def test_what_a_market_does_not_know_is_refused(http: Any) -> None:
    answer = http.post("/_sandbox/apps", json={"secret_sauce": 1})

    assert (answer.status_code, "secret_sauce" in answer.get_json()["error"]) == (400, True)


def test_pressing_install_opens_the_installer_and_its_end_tells_the_handler(portal: Portal, http: Any) -> None:
    answer = http.post(f"/market/{APP}/install")
    installer = http.get(PATH).get_data(as_text=True)

    http.post(f"/_sandbox/install-finish/{APP}")

    assert (answer.location, KEYS["installer_url"] in installer) == (PATH, True)
    assert (told(installer)["INSTALL"], told(http.get(PATH).get_data(as_text=True))["INSTALL"]) == (True, False)
    assert events(portal) == ["ONAPPINSTALL"]


def test_a_handler_that_subscribed_as_well_is_told_once(portal: Portal, http: Any) -> None:
    http.post(f"/market/{APP}/install")
    bind = {"auth": portal.tokens(1).access, "event": "ONAPPINSTALL", "handler": HANDLER}
    assert http.post("/rest/event.bind", json=bind).status_code == 200

    http.post(f"/_sandbox/install-finish/{APP}")

    assert events(portal) == ["ONAPPINSTALL"]


def test_a_newer_version_has_to_be_installed_again(portal: Portal, http: Any) -> None:
    http.post(f"/market/{APP}/install")
    portal.finish_install(APP)

    http.post(f"/market/{APP}/update")

    assert (portal.apps[APP].version, portal.apps[APP].installed) == (2, False)
    assert "установка не завершена" in http.get("/market/").get_data(as_text=True)


def test_a_removed_application_comes_back_under_its_keys(portal: Portal, http: Any) -> None:
    http.post(f"/market/{APP}/install")
    portal.finish_install(APP)

    http.post(f"/market/{APP}/remove")
    gone = http.get(PATH).status_code
    http.post(f"/market/{APP}/install")

    assert (gone, portal.apps[APP].client_secret, portal.apps[APP].installed) == (404, "sesame", False)


def test_a_manager_opens_but_does_not_install(portal: Portal, http: Any) -> None:
    http.post("/market/acting", data={"user": "7"})
    refused = http.post(f"/market/{APP}/install").status_code
    portal.issue_app(APP, page_url="https://app.example/app")

    page = http.get(PATH).get_data(as_text=True)

    assert refused == 403
    assert portal.tokens_by_access[told(page)["AUTH_ID"]].user_id == 7
    assert told(page)["IS_ADMIN"] is False


def test_a_frame_is_given_new_tokens_of_the_same_user(portal: Portal, http: Any) -> None:
    portal.issue_app(APP, page_url="https://app.example/app")

    fresh = http.post(f"/_sandbox/frame-auth/{APP}?user=7").get_json()

    token = portal.tokens_by_access[fresh["AUTH_ID"]]
    assert (token.user_id, token.refresh, fresh["AUTH_EXPIRES"]) == (7, fresh["REFRESH_ID"], "3600")
