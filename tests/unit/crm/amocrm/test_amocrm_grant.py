"""Alice's account lets us in: consent, a code for a pair of tokens, its renewal, and the account that moved."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from responses import RequestsMock

from widget_backend.clock import now
from widget_backend.config import Client
from widget_backend.crm.amocrm.oauth import AmoOAuth
from widget_backend.errors import (
    AccessLost,
    AppError,
    Forbidden,
    InvalidInput,
    RateLimited,
    Rejected,
    Unavailable,
    VendorError,
)
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.tokens import Tokens
from widget_backend.transport import Call, Door, Unlimited

SUFFIXES = (".amocrm.ru", ".amocrm.com", ".kommo.com")
ALICE = "https://alice.amocrm.ru"
TOKEN_URL = f"{ALICE}/oauth2/access_token"
WHERE_URL = "https://api-b.amocrm.ru/oauth2/account/current/subdomain"
OLD_WHERE_URL = "https://www.amocrm.ru/oauth2/account/subdomain"
REDIRECT = "https://dental.example/install/amocrm"
SECRET, CODE, REFRESH = "s" * 64, "def50200" + "c" * 900, "def50200" + "r" * 900
KEYS = Client("2f6d7b1e-0000-4000-8000-00000000a11c", SECRET)


def access_token(**claims: Any) -> str:
    """As the vendor signs it, with a key that is not ours."""
    named = {"account_id": 777001, "sub": "500", "api_domain": "api-b.amocrm.ru", "scopes": ["crm"], **claims}
    return jwt.encode(named, "v" * 64, "HS256")


ACCESS = access_token()
PAIR = {"token_type": "Bearer", "expires_in": 86400, "access_token": ACCESS, "refresh_token": REFRESH}
ACCOUNT = {"id": 777001, "name": "Clinic", "subdomain": "alice", "current_user_id": 501}
REDIRECTED = {"code": CODE, "referer": "alice.amocrm.ru", "state": "signed", "platform": "1", "client_id": "x"}
OLD_REFRESH = "def50200" + "o" * 900
STORED = Tokens(ACCESS, OLD_REFRESH, now(), now(), 1, "501")
SPENT = {
    "hint": "Authorization code has been revoked",
    "title": "Некорректный запрос",
    "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson",
    "status": 400,
    "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
}
HERS = Grant("amocrm", "777001", "alice.amocrm.ru", ALICE, ACCESS, REFRESH, now(), user_id="501")


class Kept:
    """A request log kept in memory."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, call: Call, status: int, milliseconds: int, request_id: str, error: str) -> None:
        self.lines.append(f"{call.operation} {status} {error}")


@pytest.fixture
def wire() -> Iterator[RequestsMock]:
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def log() -> Kept:
    return Kept()


@pytest.fixture
def oauth(log: Kept) -> AmoOAuth:
    door = Door("amocrm", Unlimited(), log, sleep=lambda seconds: None)
    return AmoOAuth(KEYS, REDIRECT, SUFFIXES, "https://www.amocrm.ru/oauth", door)


def sent(wire: RequestsMock) -> list[str]:
    return [f"{call.request.method} {call.request.url}" for call in wire.calls]


def posted(wire: RequestsMock, index: int = 0) -> Any:
    return json.loads(wire.calls[index].request.body or "{}")


def test_the_link_for_consent_carries_our_id_and_state(oauth: AmoOAuth) -> None:
    link = urlsplit(oauth.authorize_url("signed state&"))

    assert f"{link.scheme}://{link.netloc}{link.path}" == "https://www.amocrm.ru/oauth"
    assert parse_qs(link.query) == {
        "client_id": [KEYS.client_id],
        "state": ["signed state&"],
        "mode": ["post_message"],
    }


def test_a_code_becomes_a_grant_of_the_account_that_gave_it(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json=PAIR)
    wire.get(f"{ALICE}/api/v4/account", json=ACCOUNT)

    grant = oauth.exchange(REDIRECTED)

    assert (grant.vendor, grant.account, grant.host, grant.base_url) == ("amocrm", "777001", "alice.amocrm.ru", ALICE)
    assert (grant.access, grant.refresh, grant.user_id, grant.scopes) == (ACCESS, REFRESH, "501", ("crm",))
    assert timedelta(hours=23) < grant.expires_at - now() <= timedelta(days=1)
    assert grant.paid == "unknown"


def test_the_exchange_sends_what_the_vendor_asks_for(oauth: AmoOAuth, wire: RequestsMock, log: Kept) -> None:
    wire.post(TOKEN_URL, json=PAIR)
    wire.get(f"{ALICE}/api/v4/account", json=ACCOUNT)

    oauth.exchange(REDIRECTED)

    assert sent(wire) == [f"POST {TOKEN_URL}", f"GET {ALICE}/api/v4/account"]
    assert posted(wire) == {
        "client_id": KEYS.client_id,
        "client_secret": SECRET,
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": REDIRECT,
    }
    assert wire.calls[1].request.headers["Authorization"] == f"Bearer {ACCESS}"
    assert log.lines == ["oauth authorization_code 200 ", "GET account 200 "]


def test_the_hook_of_a_widget_switched_on_is_exchanged_without_a_state(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json=PAIR)
    wire.get(f"{ALICE}/api/v4/account", json=ACCOUNT)

    grant = oauth.exchange({"code": CODE, "referer": "alice.amocrm.ru", "platform": "1", "from_widget": "1"})

    assert grant.account == "777001"


def test_long_tokens_are_taken_as_they_are(oauth: AmoOAuth, wire: RequestsMock) -> None:
    long = access_token(user_flags="f" * 6000)
    wire.post(TOKEN_URL, json={**PAIR, "access_token": long, "refresh_token": "r" * 9000})
    wire.get(f"{ALICE}/api/v4/account", json=ACCOUNT)

    grant = oauth.exchange({**REDIRECTED, "code": "c" * 9000})

    assert (grant.access, len(grant.refresh)) == (long, 9000)


def test_an_opaque_token_is_as_good_for_the_account_says_who_it_is(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json={**PAIR, "access_token": "opaque"})
    wire.get(f"{ALICE}/api/v4/account", json=ACCOUNT)

    grant = oauth.exchange(REDIRECTED)

    assert (grant.account, grant.user_id, grant.scopes) == ("777001", "501", ())


def test_an_account_that_is_not_the_tokens_own_is_refused(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json=PAIR)
    wire.get(f"{ALICE}/api/v4/account", json={**ACCOUNT, "id": 999})

    with pytest.raises(Forbidden):
        oauth.exchange(REDIRECTED)


@pytest.mark.parametrize(
    "referer",
    [
        "evil.amocrm.ru.attacker.tld",
        "169.254.169.254",
        "http://169.254.169.254/",
        "alice.amocrm.ru@evil.example",
        "evil.example#.amocrm.ru",
        "evil.example\\.amocrm.ru",
        "alice.amocrm.ru:8443",
        "http://alice.amocrm.ru",
        "alice.amocrm.ru.",
        "127.0.0.1:8123",
        "localhost",
    ],
)
def test_a_foreign_referer_never_sees_the_secret(oauth: AmoOAuth, wire: RequestsMock, referer: str) -> None:
    with pytest.raises(Forbidden):
        oauth.exchange({**REDIRECTED, "referer": referer})

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "access_denied", "state": "signed"}, Forbidden),
        ({**REDIRECTED, "error": "access_denied"}, Forbidden),
        ({**REDIRECTED, "code": ""}, InvalidInput),
        ({**REDIRECTED, "code": "a\r\nb"}, InvalidInput),
        ({**REDIRECTED, "code": "c" * 20_001}, InvalidInput),
        ({"code": CODE}, InvalidInput),
        ({}, InvalidInput),
    ],
)
def test_a_refusal_or_half_a_redirect_sends_nothing(
    oauth: AmoOAuth, wire: RequestsMock, answer: dict[str, str], error: type[AppError]
) -> None:
    with pytest.raises(error):
        oauth.exchange(answer)

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, SPENT, AccessLost),
        (400, {**SPENT, "hint": "Cannot decrypt the authorization code"}, AccessLost),
        (400, {**SPENT, "hint": "Invalid account"}, AccessLost),
        (400, {"status": 400, "title": "Bad Request", "detail": "Please try again later"}, Unavailable),
        (401, {"status": 401, "title": "Unauthorized"}, AccessLost),
        (402, {"status": 402, "title": "Payment Required"}, Unavailable),
        (403, {"status": 403, "title": "Forbidden"}, Rejected),
        (404, {"status": 404, "title": "Not Found"}, AccessLost),
        (500, {"status": 500}, Unavailable),
    ],
)
def test_every_status_of_the_token_endpoint_has_its_meaning(
    oauth: AmoOAuth, wire: RequestsMock, status: int, answer: dict[str, Any], error: type[VendorError]
) -> None:
    wire.post(TOKEN_URL, json=answer, status=status)

    with pytest.raises(error) as refusal:
        oauth.exchange(REDIRECTED)

    assert (refusal.value.vendor, refusal.value.http_status) == ("amocrm", status)
    assert len({*sent(wire)}) == 1


def test_too_many_requests_are_repeated_in_the_time_asked_for(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json={"status": 429, "retry_after": 300}, status=429)

    with pytest.raises(RateLimited) as limited:
        oauth.exchange(REDIRECTED)

    assert limited.value.wait == 300


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "body": "<html>router</html>"},
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 200, "body": "<html></html>"},
        {"status": 200, "json": {**PAIR, "access_token": ""}},
        {"status": 200, "json": {**PAIR, "refresh_token": None}},
        {"status": 200, "json": {**PAIR, "expires_in": None}},
        {"status": 200, "json": []},
        {"status": 204},
        {"body": requests.ReadTimeout("read timed out")},
    ],
)
def test_a_strange_answer_is_not_repeated_for_nobody_knows(
    oauth: AmoOAuth, wire: RequestsMock, answer: dict[str, Any]
) -> None:
    wire.post(TOKEN_URL, **answer)

    with pytest.raises(Unavailable) as fault:
        oauth.refresh(STORED, "alice.amocrm.ru")

    assert fault.value.applied_unknown
    assert len(wire.calls) == 1


def test_an_account_that_does_not_say_its_id_is_not_taken_on_trust(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json=PAIR)
    wire.get(f"{ALICE}/api/v4/account", json={"name": "Clinic"})

    with pytest.raises(Unavailable):
        oauth.exchange(REDIRECTED)


def test_a_pair_is_renewed_once_with_nothing_asked_besides(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, json=PAIR)

    grant = oauth.refresh(STORED, "alice.amocrm.ru")

    assert (grant.access, grant.refresh, grant.account, grant.host) == (ACCESS, REFRESH, "777001", "alice.amocrm.ru")
    assert sent(wire) == [f"POST {TOKEN_URL}"]
    assert posted(wire) == {
        "client_id": KEYS.client_id,
        "client_secret": SECRET,
        "grant_type": "refresh_token",
        "refresh_token": OLD_REFRESH,
        "redirect_uri": REDIRECT,
    }


def test_a_spent_refresh_token_needs_new_consent_and_is_not_looked_for_elsewhere(
    oauth: AmoOAuth, wire: RequestsMock
) -> None:
    wire.post(TOKEN_URL, json={**SPENT, "hint": "Invalid refresh token"}, status=400)

    with pytest.raises(AccessLost):
        oauth.refresh(STORED, "alice.amocrm.ru")

    assert sent(wire) == [f"POST {TOKEN_URL}"]


@pytest.mark.parametrize(
    "gone", [{"status": 401}, {"status": 404}, {"status": 302, "headers": {"Location": "https://evil.example/"}}]
)
def test_a_renamed_account_is_found_by_its_refresh_token(
    oauth: AmoOAuth, wire: RequestsMock, gone: dict[str, Any]
) -> None:
    wire.post(TOKEN_URL, **gone)
    wire.get(
        WHERE_URL, json={"id": 777001, "subdomain": "alice2", "domain": "alice2.amocrm.ru", "top_level_domain": "ru"}
    )
    wire.post("https://alice2.amocrm.ru/oauth2/access_token", json=PAIR)

    grant = oauth.refresh(STORED, "alice.amocrm.ru")

    assert (grant.host, grant.base_url) == ("alice2.amocrm.ru", "https://alice2.amocrm.ru")
    assert wire.calls[1].request.headers["X-Refresh-Token"] == OLD_REFRESH
    assert "Authorization" not in wire.calls[1].request.headers
    assert posted(wire, 2)["refresh_token"] == OLD_REFRESH


def test_an_account_with_an_older_token_is_found_the_old_way(oauth: AmoOAuth, wire: RequestsMock) -> None:
    old = Tokens(access_token(api_domain=None), OLD_REFRESH, now(), now(), 1)
    wire.post(TOKEN_URL, status=404, json={"status": 404})
    wire.get(OLD_WHERE_URL, json={"id": 777001, "subdomain": "alice2", "domain": "alice2.amocrm.ru"})
    wire.post("https://alice2.amocrm.ru/oauth2/access_token", json=PAIR)

    grant = oauth.refresh(old, "alice.amocrm.ru")

    assert grant.host == "alice2.amocrm.ru"
    assert wire.calls[1].request.headers["Authorization"] == f"Bearer {old.access}"
    assert "X-Refresh-Token" not in wire.calls[1].request.headers


@pytest.mark.parametrize("domain", ["alice.amocrm.ru", "evil.example", "alice2.amocrm.ru.evil.example", "", None])
def test_an_account_that_is_nowhere_else_has_lost_access(
    oauth: AmoOAuth, wire: RequestsMock, domain: str | None
) -> None:
    wire.post(TOKEN_URL, status=401, json={"status": 401})
    wire.get(WHERE_URL, json={"id": 777001, "domain": domain})
    wire.get(OLD_WHERE_URL, status=401, json={"status": 401})

    with pytest.raises(AccessLost):
        oauth.refresh(STORED, "alice.amocrm.ru")

    assert [url for url in sent(wire) if "evil" in url] == []
    assert sent(wire).count(f"POST {TOKEN_URL}") == 1


def test_the_account_of_another_is_not_mistaken_for_hers(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, status=401, json={"status": 401})
    wire.get(WHERE_URL, json={"id": 999, "domain": "clara.amocrm.ru"})
    wire.get(OLD_WHERE_URL, status=401, json={"status": 401})

    with pytest.raises(AccessLost):
        oauth.refresh(STORED, "alice.amocrm.ru")

    assert [url for url in sent(wire) if "clara" in url] == []


def test_a_token_that_names_a_foreign_api_host_sends_it_nothing(oauth: AmoOAuth, wire: RequestsMock) -> None:
    forged = Tokens(access_token(api_domain="api-b.amocrm.ru.evil.example"), OLD_REFRESH, now(), now(), 1)
    wire.post(TOKEN_URL, status=401, json={"status": 401})
    wire.get(OLD_WHERE_URL, status=401, json={"status": 401})

    with pytest.raises(AccessLost):
        oauth.refresh(forged, "alice.amocrm.ru")

    assert sent(wire) == [f"POST {TOKEN_URL}", f"GET {OLD_WHERE_URL}"]


def test_while_nobody_says_where_the_account_is_access_is_not_lost(oauth: AmoOAuth, wire: RequestsMock) -> None:
    wire.post(TOKEN_URL, status=401, json={"status": 401})
    wire.get(WHERE_URL, status=502, body="<html>Bad gateway</html>")

    with pytest.raises(Unavailable):
        oauth.refresh(STORED, "alice.amocrm.ru")


@pytest.mark.parametrize("host", ["evil.example", "169.254.169.254", "alice.amocrm.ru.evil.example", ""])
def test_a_stored_host_outside_the_list_is_sent_nothing(oauth: AmoOAuth, wire: RequestsMock, host: str) -> None:
    with pytest.raises(Forbidden):
        oauth.refresh(STORED, host)

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("status", "user", "admin"),
    [
        (200, {"id": 501, "rights": {"is_admin": True}}, True),
        (200, {"id": 501, "rights": {"is_admin": False}}, False),
        (200, {"id": 501, "rights": {"is_admin": 1}}, False),
        (200, {"id": 501}, False),
        (403, {"status": 403, "title": "Forbidden", "detail": "no right"}, False),
        (404, {"status": 404, "title": "Not Found"}, False),
        (204, None, False),
    ],
)
def test_the_account_says_who_is_an_admin(
    oauth: AmoOAuth, wire: RequestsMock, status: int, user: dict[str, Any] | None, admin: bool
) -> None:
    wire.get(f"{ALICE}/api/v4/users/501", status=status, **({"json": user} if user else {}))

    assert oauth.is_admin(HERS) is admin
    assert wire.calls[0].request.headers["Authorization"] == f"Bearer {ACCESS}"


@pytest.mark.parametrize("user_id", ["", "501/../1", "me", "٥"])
def test_nobody_in_particular_is_no_admin(oauth: AmoOAuth, wire: RequestsMock, user_id: str) -> None:
    grant = Grant("amocrm", "777001", "alice.amocrm.ru", ALICE, ACCESS, REFRESH, now(), user_id=user_id)

    assert not oauth.is_admin(grant)
    assert sent(wire) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {**SPENT, "hint": f"bad {SECRET} {CODE} {OLD_REFRESH}"}, "status": 400},
        {"json": {"detail": f"bad {SECRET} {CODE} {OLD_REFRESH}"}, "status": 403},
        {"body": requests.ConnectionError("connection broken")},
        {"body": f"<html>{CODE}{OLD_REFRESH}{SECRET}</html>", "status": 500},
    ],
)
@pytest.mark.parametrize(
    "ask",
    [lambda oauth: oauth.refresh(STORED, "alice.amocrm.ru"), lambda oauth: oauth.exchange(REDIRECTED)],
    ids=["refresh", "code"],
)
def test_no_secret_of_ours_is_in_an_error_its_trace_or_the_log(
    oauth: AmoOAuth, wire: RequestsMock, log: Kept, ask: Callable[[AmoOAuth], Grant], answer: dict[str, Any]
) -> None:
    wire.post(TOKEN_URL, **answer)

    with pytest.raises(AppError) as fault:
        ask(oauth)

    told = "".join([*log.lines, repr(vars(fault.value)), *traceback.format_exception(fault.value)])
    known = [secret for secret in (CODE, OLD_REFRESH, SECRET) if secret in posted(wire).values()]
    assert len(known) == 2
    assert [secret for secret in known if secret in told] == []
