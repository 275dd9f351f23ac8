"""What Boris's portal sends: life-cycle events and the POST that opens a page of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from widget_backend.crm.bitrix24.webhook import (
    Installed,
    Offer,
    Paid,
    Uninstalled,
    Updated,
    authenticate,
    read_event,
    read_opening,
)
from widget_backend.errors import Forbidden, InvalidInput

MEMBER = "5f0c2b7a9d4e4c1f8a6b3d2e1f0a9b8c"
APPLICATION_TOKEN = "9c51856fefc120afa4b628cc82d3935c"

OPENING = {
    "DOMAIN": "Boris.bitrix24.example",
    "PROTOCOL": "1",
    "LANG": "ru",
    "APP_SID": "77aa",
    "AUTH_ID": "a1-access",
    "AUTH_EXPIRES": "3600",
    "REFRESH_ID": "r1-refresh",
    "SERVER_ENDPOINT": "https://oauth.bitrix.info/rest/",
    "APPLICATION_TOKEN": APPLICATION_TOKEN,
    "APPLICATION_SCOPE": "crm,placement",
    "member_id": MEMBER,
    "status": "F",
    "PLACEMENT": "CRM_DEAL_DETAIL_TAB",
    "PLACEMENT_OPTIONS": '{"ID":"15","URI":"/crm/deal/details/15/"}',
}
AUTH = {
    "domain": "boris.bitrix24.example",
    "client_endpoint": "https://boris.bitrix24.example/rest/",
    "server_endpoint": "https://oauth.bitrix.info/rest/",
    "member_id": MEMBER,
    "application_token": APPLICATION_TOKEN,
}
TOKENS = {"access_token": "a1-access", "refresh_token": "r1-refresh", "expires_in": "3600", "status": "F"}


def body(event: str, data: dict[str, str], auth: dict[str, str]) -> bytes:
    pairs = {f"data[{name}]": value for name, value in data.items()} | {f"auth[{k}]": v for k, v in auth.items()}
    return urlencode({"event": event, "event_handler_id": "12", "ts": "1790000000", **pairs}).encode()


def test_an_opened_page_is_read() -> None:
    opening = read_opening(OPENING)

    assert opening.offer == Offer(
        MEMBER,
        "boris.bitrix24.example",
        "a1-access",
        "r1-refresh",
        3600,
        "https://oauth.bitrix.info/rest/",
        APPLICATION_TOKEN,
        ("crm", "placement"),
        "F",
    )
    assert (opening.language, opening.placement, opening.app_sid) == ("ru", "CRM_DEAL_DETAIL_TAB", "77aa")
    assert opening.options == {"ID": "15", "URI": "/crm/deal/details/15/"}


def test_an_older_portal_leaves_out_what_came_later() -> None:
    late = {"SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE", "PLACEMENT", "PLACEMENT_OPTIONS"}

    opening = read_opening({name: value for name, value in OPENING.items() if name not in late})

    assert (opening.offer.access, opening.offer.server_endpoint, opening.offer.application_token) == (
        "a1-access",
        "",
        "",
    )
    assert (opening.placement, opening.options) == ("", {})


def test_a_user_without_access_to_the_application_brings_no_token() -> None:
    opening = read_opening({"DOMAIN": OPENING["DOMAIN"], "AUTH_ID": "", "AUTH_EXPIRES": "", "member_id": MEMBER})

    assert (opening.offer.access, opening.offer.expires_in) == ("", 0)


@pytest.mark.parametrize("options", ["", "[]", "null", "7", "{", '"x"', "[" * 20_000, '{"ID":{"a":1}}'])
def test_strange_options_are_none(options: str) -> None:
    assert read_opening({**OPENING, "PLACEMENT_OPTIONS": options}).options == {}


@pytest.mark.parametrize(
    "changed",
    [{"member_id": ""}, {"member_id": "5f 0c"}, {"member_id": "x" * 101}, {"AUTH_ID": "x" * 20_001}],
)
def test_a_page_opened_by_something_else_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="Bitrix24"):
        read_opening({**OPENING, **changed})


def test_no_secret_shows_in_what_was_read() -> None:
    shown = repr(read_opening(OPENING)) + repr(read_event(body("ONAPPINSTALL", {}, AUTH | TOKENS)))

    assert "a1-access" not in shown
    assert "r1-refresh" not in shown
    assert APPLICATION_TOKEN not in shown


def test_an_installation_brings_tokens_and_the_application_token() -> None:
    data = {"VERSION": "3", "ACTIVE": "Y", "INSTALLED": "N", "LANGUAGE_ID": "ru"}

    event = read_event(body("ONAPPINSTALL", data, AUTH | TOKENS | {"scope": "crm placement"}))

    assert event.life == Installed("3", active=True, installed=False, language="ru")
    assert event.at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert (event.offer.access, event.offer.refresh, event.offer.scopes) == (
        "a1-access",
        "r1-refresh",
        ("crm", "placement"),
    )


def test_an_update_names_both_versions() -> None:
    data = {"VERSION": "4", "PREVIOUS_VERSION": "3", "LANGUAGE_ID": "en"}

    assert read_event(body("OnAppUpdate", data, AUTH | TOKENS)).life == Updated("4", "3", "en")


@pytest.mark.parametrize(("clean", "wiped"), [("1", True), ("0", False), ("", False)])
def test_an_uninstall_says_whether_to_wipe(clean: str, wiped: bool) -> None:
    event = read_event(body("ONAPPUNINSTALL", {"CLEAN": clean, "LANGUAGE_ID": "ru"}, AUTH))

    assert event.life == Uninstalled(clean=wiped, language="ru")
    assert event.offer.access == ""


@pytest.mark.parametrize(("days", "left"), [("28", 28), ("-3", -3), ("", None), ("many", None)])
def test_a_payment_is_a_hint(days: str, left: int | None) -> None:
    data = {"CODE": "dental", "VERSION": "1", "STATUS": "S", "PAYMENT_EXPIRED": "N", "DAYS": days, "LANGUAGE_ID": "ru"}
    unproven = {name: value for name, value in AUTH.items() if name != "application_token"}

    event = read_event(body("ONAPPPAYMENT", data, unproven))

    assert event.life == Paid("dental", "1", "S", expired=False, days=left, language="ru")
    assert event.is_hint


def test_any_other_event_keeps_its_data() -> None:
    event = read_event(body("ONCRMDEALUPDATE", {"FIELDS][ID": "15"}, AUTH))

    assert (event.name, event.data, event.life, event.is_hint) == (
        "ONCRMDEALUPDATE",
        {"FIELDS": {"ID": "15"}},
        None,
        False,
    )


@pytest.mark.parametrize(
    "unfit",
    [b"", b"event=ONAPPINSTALL", b"auth[member_id]=5f", b"event=X&auth=5f", b"event=X&auth[member_id][a]=5f", b"{}"],
)
def test_what_is_no_event_is_refused(unfit: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_event(unfit)


def test_a_strange_time_is_no_time() -> None:
    event = read_event(b"event=X&ts=99999999999999&auth[member_id]=5f")

    assert event.at is None


def test_the_stored_token_of_the_same_portal_proves_an_event() -> None:
    authenticate(read_event(body("ONAPPUNINSTALL", {}, AUTH)).offer, MEMBER, APPLICATION_TOKEN)


@pytest.mark.parametrize(
    ("offer", "stored"),
    [
        (Offer(MEMBER, application_token="another"), APPLICATION_TOKEN),
        (Offer(MEMBER, application_token=APPLICATION_TOKEN.upper()), APPLICATION_TOKEN),
        (Offer(MEMBER, application_token=""), APPLICATION_TOKEN),
        (Offer(MEMBER, application_token=""), ""),
        (Offer(MEMBER, application_token="метка"), APPLICATION_TOKEN),
        (Offer("clara", application_token=APPLICATION_TOKEN), APPLICATION_TOKEN),
    ],
)
def test_a_wrong_or_empty_token_or_another_portal_proves_nothing(offer: Offer, stored: str) -> None:
    with pytest.raises(Forbidden):
        authenticate(offer, MEMBER, stored)
