"""What reaches us around Alice's installation: the redirect, the uninstall hook, the widget's token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from widget_backend.crm.amocrm.webhook import (
    WidgetCheck,
    read_callback,
    read_uninstall,
    read_widget_token,
)
from widget_backend.errors import AppError, Forbidden, InvalidInput

SUFFIXES = (".amocrm.ru", ".amocrm.com", ".kommo.com")
CLIENT = "2f6d7b1e-0000-4000-8000-00000000a11c"
NEW, OLD, FOREIGN = "n" * 64, "o" * 64, "f" * 64
AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ISSUED = int(AT.timestamp())
HOSTS = {"777001": "alice.amocrm.ru"}

CHECK = WidgetCheck(
    CLIENT, (NEW, OLD), "https://dental.example/install/amocrm", SUFFIXES, lambda account: HOSTS.get(account, "")
)
CLAIMS = {
    "iss": "https://alice.amocrm.ru",
    "aud": "https://dental.example",
    "jti": "6c6b7a4e-0000-4000-8000-000000000001",
    "iat": ISSUED,
    "nbf": ISSUED,
    "exp": ISSUED + 1800,
    "account_id": 777001,
    "user_id": 501,
    "subdomain": "alice",
    "client_uuid": CLIENT,
    "is_admin": True,
}


def signed(message: str, key: str) -> str:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()


def widget_token(key: str = NEW, algorithm: str = "HS256", **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return jwt.encode(claims, key, algorithm)


def test_the_redirect_after_consent_is_read() -> None:
    params = {"code": "def50200", "referer": "Alice.amocrm.ru", "state": "s", "platform": "1", "client_id": CLIENT}

    callback = read_callback(params, SUFFIXES)

    assert (callback.code, callback.origin, callback.state) == ("def50200", "https://alice.amocrm.ru", "s")
    assert (callback.from_widget, callback.platform, callback.client_id) == (False, "1", CLIENT)
    assert "def50200" not in repr(callback)


@pytest.mark.parametrize(("said", "hook"), [("1", True), ("true", True), ("0", False), ("false", False), ("", False)])
def test_the_hook_of_a_widget_switched_on_is_told_from_a_person(said: str, hook: bool) -> None:
    callback = read_callback({"code": "def50200", "referer": "alice.amocrm.ru", "from_widget": said}, SUFFIXES)

    assert (callback.from_widget, callback.state) == (hook, "")


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"error": "access_denied", "state": "s"}, Forbidden),
        ({"code": "c", "referer": "alice.amocrm.ru.evil.example"}, Forbidden),
        ({"code": "c", "referer": ""}, InvalidInput),
        ({"code": "", "referer": "alice.amocrm.ru"}, InvalidInput),
        ({"code": "c d\n", "referer": "alice.amocrm.ru"}, InvalidInput),
        ({"code": "ключ", "referer": "alice.amocrm.ru"}, InvalidInput),
        ({}, InvalidInput),
    ],
)
def test_a_refusal_or_a_stranger_is_no_redirect(params: dict[str, str], error: type[AppError]) -> None:
    with pytest.raises(error) as refusal:
        read_callback(params, SUFFIXES)

    assert "Nothing was" in refusal.value.message.en


@pytest.mark.parametrize("name", ["client_uuid", "client_id"])
@pytest.mark.parametrize("key", [NEW, OLD], ids=["new", "old"])
def test_an_uninstall_hook_is_proven_under_both_names_and_both_secrets(name: str, key: str) -> None:
    hook = {"account_id": "777001", name: CLIENT, "signature": signed(f"{CLIENT}|777001", key)}

    assert read_uninstall(hook, CLIENT, (NEW, OLD)) == "777001"


def test_an_uninstall_hook_may_be_signed_in_capitals() -> None:
    hook = {"account_id": "777001", "client_uuid": CLIENT, "signature": signed(f"{CLIENT}|777001", NEW).upper()}

    assert read_uninstall(hook, CLIENT, (NEW,)) == "777001"


@pytest.mark.parametrize(
    "changed",
    [
        {"account_id": "999"},
        {"account_id": ""},
        {"account_id": "777001|x"},
        {"signature": ""},
        {"signature": "00" * 32},
        {"signature": "подпись"},
        {"signature": signed(f"{CLIENT}|777001", FOREIGN)},
        {"signature": signed(f"{CLIENT}|777001", "")},
        {"client_uuid": "another"},
        {"client_id": "another"},
    ],
)
def test_a_forged_uninstall_hook_is_refused(changed: dict[str, str]) -> None:
    hook = {"account_id": "777001", "client_uuid": CLIENT, "signature": signed(f"{CLIENT}|777001", NEW)}

    with pytest.raises(Forbidden):
        read_uninstall(hook | changed, CLIENT, (NEW, OLD, ""))


def test_another_integrations_hook_is_refused_though_well_signed() -> None:
    hook = {"account_id": "777001", "client_uuid": "another", "signature": signed("another|777001", NEW)}

    with pytest.raises(Forbidden):
        read_uninstall(hook, CLIENT, (NEW,))


def test_the_widget_says_who_opened_it() -> None:
    caller = read_widget_token(widget_token(), CHECK, AT)

    assert (caller.account, caller.user_id, caller.origin) == ("777001", "501", "https://alice.amocrm.ru")
    assert (caller.jti, caller.admin) == (CLAIMS["jti"], True)


def test_the_token_is_remembered_as_long_as_it_may_be_used() -> None:
    caller = read_widget_token(widget_token(), CHECK, AT)
    last = caller.expires_at - timedelta(seconds=1)

    assert read_widget_token(widget_token(), CHECK, last) == caller
    with pytest.raises(Forbidden):
        read_widget_token(widget_token(), CHECK, caller.expires_at)


@pytest.mark.parametrize(
    ("changed", "admin"), [({"is_admin": None}, None), ({"is_admin": False}, False), ({"is_admin": "1"}, None)]
)
def test_the_token_need_not_say_who_is_an_admin(changed: dict[str, Any], admin: bool | None) -> None:
    assert read_widget_token(widget_token(**changed), CHECK, AT).admin is admin


def test_the_older_secret_counts_while_it_is_being_changed() -> None:
    assert read_widget_token(widget_token(OLD), CHECK, AT).account == "777001"


@pytest.mark.parametrize(
    "changed",
    [
        {"nbf": None},
        {"iat": ISSUED + 20, "nbf": ISSUED + 20},
        {"iat": ISSUED - 0.5, "nbf": ISSUED - 0.5, "exp": ISSUED + 1799.5},
        {"exp": ISSUED - 120},
        {"iat": ISSUED + 120, "nbf": ISSUED + 120},
        {"user_id": "501"},
        {"aud": ["https://dental.example"]},
    ],
)
def test_clocks_and_spellings_may_differ_a_little(changed: dict[str, Any]) -> None:
    assert read_widget_token(widget_token(**changed), CHECK, AT).user_id == "501"


@pytest.mark.parametrize(
    "changed",
    [
        {"client_uuid": "another"},
        {"aud": "https://evil.example"},
        {"aud": "http://dental.example"},
        {"iss": "https://clara.amocrm.ru"},
        {"iss": "https://alice.amocrm.ru.evil.example"},
        {"iss": "https://alice.amocrm.ru@evil.example"},
        {"iss": "http://alice.amocrm.ru"},
        {"account_id": 999},
        {"account_id": True},
        {"account_id": "777001/x"},
        {"user_id": [501]},
        {"exp": ISSUED - 181},
        {"iat": ISSUED + 181, "nbf": ISSUED},
        {"nbf": ISSUED + 181},
        {"exp": "tomorrow"},
        {"exp": 10**20},
        {"iat": True},
        *({name: None} for name in ("iss", "aud", "jti", "iat", "exp", "account_id", "user_id", "client_uuid")),
    ],
)
def test_a_token_with_a_claim_amiss_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        read_widget_token(widget_token(**changed), CHECK, AT)


def unsigned() -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(CLAIMS)}."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        widget_token(FOREIGN),
        widget_token(algorithm="HS512"),
        widget_token(algorithm="HS384"),
        unsigned(),
        unsigned() + widget_token().rpartition(".")[2],
        widget_token()[:-4] + "AAAA",
        widget_token(padding="p" * 30_000),
    ],
    ids=["empty", "word", "dots", "foreign", "HS512", "HS384", "none", "none-signed", "cut", "long"],
)
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(Forbidden):
        read_widget_token(token, CHECK, AT)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(Forbidden):
        read_widget_token(widget_token(), replace(CHECK, secrets=("", "")), AT)


@pytest.mark.parametrize("audience", ["http://127.0.0.1", "http://127.0.0.1:8080"])
def test_the_audience_may_leave_out_the_port(audience: str) -> None:
    check = replace(CHECK, redirect_uri="http://127.0.0.1:8080/install/amocrm")

    assert read_widget_token(widget_token(aud=audience), check, AT).account == "777001"


def test_the_check_shows_no_secret() -> None:
    assert NEW not in repr(CHECK)
