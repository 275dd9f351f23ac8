"""The emulated portal's frames: who sees an application or widget, and what its page is posted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app, frames

INSTALLER, PAGE, TAB = "https://app.example/install", "https://app.example/page?v=1", "https://app.example/tab"


@pytest.fixture
def portal() -> Portal:
    portal = Portal.demo()
    portal.issue_app("app.dental", page_url=PAGE, installer_url=INSTALLER, installed=False)
    return portal


@pytest.fixture
def http(portal: Portal) -> Any:
    return create_app(portal).test_client()


def test_the_installer_opens_for_the_admin_until_it_has_finished(portal: Portal, http: Any) -> None:
    before = http.get("/marketplace/app/app.dental/").get_data(as_text=True)
    stranger = http.get("/marketplace/app/app.dental/?user=7").status_code

    http.post("/_sandbox/install-finish/app.dental")

    assert (INSTALLER in before, stranger) == (True, 403)
    assert "https://app.example/page?v=1" in http.get("/marketplace/app/app.dental/?user=7").get_data(as_text=True)


def test_a_widget_is_posted_the_viewers_tokens_and_the_card(portal: Portal, http: Any) -> None:
    portal.finish_install("app.dental")
    access = portal.tokens(1).access
    http.post("/rest/placement.bind", json={"auth": access, "PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": TAB})

    opening = frames.open_widget(portal, portal.placements[0], 7, {"ID": "15"})

    query = parse_qs(urlsplit(opening.url).query)
    assert query.keys() == {"DOMAIN", "PROTOCOL", "LANG", "APP_SID"}
    assert portal.tokens_by_access[opening.fields["AUTH_ID"]].user_id == 7
    assert (opening.fields["PLACEMENT"], json.loads(opening.fields["PLACEMENT_OPTIONS"])) == (
        "CRM_DEAL_DETAIL_TAB",
        {"ID": "15"},
    )
    assert opening.fields["APPLICATION_TOKEN"] == portal.apps["app.dental"].application_token


def test_who_may_not_use_the_application_sees_no_widget_of_it(portal: Portal, http: Any) -> None:
    access = portal.tokens(1).access
    http.post("/rest/placement.bind", json={"auth": access, "PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": TAB})
    path = f"/crm/deal/details/1/widget/{portal.placements[0].id}/"
    unfinished = http.get(path).status_code
    portal.finish_install("app.dental")
    portal.apps["app.dental"].users = frozenset({1})

    assert (unfinished, http.get(path).status_code, http.get(path + "?user=7").status_code) == (404, 200, 403)


def test_the_library_comes_from_the_portal(http: Any) -> None:
    answer = http.get("/api/v1/")

    assert (answer.mimetype, "installFinish" in answer.get_data(as_text=True)) == ("text/javascript", True)
