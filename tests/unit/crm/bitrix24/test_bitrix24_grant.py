"""Boris's portal lets us in: his tokens are proven by the OAuth host, exchanged and renewed; nobody else's are."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from responses import RequestsMock

from widget_backend.clock import now
from widget_backend.config import Client
from widget_backend.crm.bitrix24.oauth import BitrixOAuth
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

WORLD, REGION = "https://oauth.bitrix.info", "https://oauth.bitrix24.tech"
PORTAL = "https://boris.bitrix24.example/rest/"
MEMBER = "5f0c2b7a9d4e4c1f8a6b3d2e1f0a9b8c"
SECRET, ACCESS, REFRESH, CODE = "our-secret", "a1-access", "r1-refresh", "code-30s"
KEYS = Client("app.6a.dental", SECRET)

OPENED = {
    "DOMAIN": "boris.bitrix24.example",
    "PROTOCOL": "1",
    "LANG": "ru",
    "APP_SID": "77aa",
    "AUTH_ID": ACCESS,
    "AUTH_EXPIRES": "3600",
    "REFRESH_ID": REFRESH,
    "SERVER_ENDPOINT": f"{WORLD}/rest/",
    "APPLICATION_TOKEN": "9c-token",
    "APPLICATION_SCOPE": "crm,placement",
    "member_id": MEMBER,
    "status": "P",
    "PLACEMENT": "DEFAULT",
}
INSTALL = {
    "installed": True,
    "version": 3,
    "status": "F",
    "scope": "crm,placement",
    "domain": "boris.bitrix24.example",
    "uri": "https://boris.bitrix24.example",
    "client_endpoint": PORTAL,
    "member_id": MEMBER,
    "member_type": "x",
}
INFO = {
    "client_id": KEYS.client_id,
    "scope": "crm,placement",
    "expires": "2999-09-01T10:00:00+00:00",
    "user_id": 67,
    "install": INSTALL,
}
PAIR = {
    "access_token": "a2-access",
    "refresh_token": "r2-refresh",
    "expires": 1790000000,
    "expires_in": 3600,
    "scope": "crm,placement,bizproc",
    "client_endpoint": PORTAL,
    "server_endpoint": f"{WORLD}/rest/",
    "domain": "oauth.bitrix.info",
    "member_id": MEMBER,
    "status": "F",
    "user_id": 67,
}
STORED = Tokens(ACCESS, REFRESH, now(), now(), 1, "67", ("crm",), f"{REGION}/rest/")
HIS = Grant(
    "bitrix24",
    MEMBER,
    "boris.bitrix24.example",
    PORTAL,
    ACCESS,
    REFRESH,
    now(),
    user_id="67",
    server_endpoint=f"{WORLD}/rest/",
)


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
def oauth(log: Kept) -> BitrixOAuth:
    door = Door("bitrix24", Unlimited(), log, sleep=lambda seconds: None)
    return BitrixOAuth(KEYS, (WORLD, REGION), door)


def sent(wire: RequestsMock) -> list[str]:
    return [f"{call.request.method} {str(call.request.url).split('?')[0]}" for call in wire.calls]


def asked(wire: RequestsMock, index: int = 0) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(str(wire.calls[index].request.url)).query).items()}


def info(**changed: Any) -> dict[str, Any]:
    install = {**INSTALL, **{name: value for name, value in changed.items() if name in INSTALL}}
    return {"result": {**INFO, **{n: v for n, v in changed.items() if n in INFO}, "install": install}, "time": {}}


def test_an_opened_page_is_granted_what_the_oauth_host_confirms(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info())

    grant = oauth.exchange(OPENED)

    assert (grant.vendor, grant.account, grant.host, grant.base_url) == (
        "bitrix24",
        MEMBER,
        "boris.bitrix24.example",
        PORTAL,
    )
    assert (grant.access, grant.refresh, grant.application_token) == (ACCESS, REFRESH, "9c-token")
    assert (grant.user_id, grant.scopes, grant.server_endpoint) == ("67", ("crm", "placement"), f"{WORLD}/rest/")
    assert timedelta(minutes=59) < grant.expires_at - now() <= timedelta(hours=1)


def test_the_token_goes_only_to_the_oauth_host(oauth: BitrixOAuth, wire: RequestsMock, log: Kept) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info())

    oauth.exchange(OPENED)

    assert sent(wire) == [f"GET {WORLD}/rest/app.info/"]
    assert asked(wire) == {"auth": ACCESS}
    assert log.lines == ["oauth app.info 200 "]


def test_the_portal_of_the_other_region_is_asked_about_at_its_own_host(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{REGION}/rest/app.info/", json=info())

    grant = oauth.exchange({**OPENED, "SERVER_ENDPOINT": f"{REGION}/rest/"})

    assert grant.server_endpoint == f"{REGION}/rest/"


def test_an_older_portal_that_names_no_oauth_host_is_asked_about_at_each(
    oauth: BitrixOAuth, wire: RequestsMock
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json={"error": "invalid_client"}, status=400)
    wire.get(f"{REGION}/rest/app.info/", json=info())

    grant = oauth.exchange({name: value for name, value in OPENED.items() if name != "SERVER_ENDPOINT"})

    assert grant.server_endpoint == f"{REGION}/rest/"


@pytest.mark.parametrize(
    ("status", "paid"),
    [("L", "ok"), ("F", "ok"), ("P", "ok"), ("S", "ok"), ("D", "trial"), ("T", "trial"), ("Z", "unknown")],
)
def test_payment_is_what_the_oauth_host_says_not_the_page(
    oauth: BitrixOAuth, wire: RequestsMock, status: str, paid: str
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info(status=status))

    assert oauth.exchange(OPENED).paid == paid


@pytest.mark.parametrize(
    ("told", "longest"),
    [
        (timedelta(minutes=5), timedelta(minutes=5)),
        (timedelta(days=30), timedelta(hours=1)),
    ],
)
def test_a_token_lives_no_longer_than_told(
    oauth: BitrixOAuth, wire: RequestsMock, told: timedelta, longest: timedelta
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info(expires=(now() + told).isoformat()))

    grant = oauth.exchange({**OPENED, "AUTH_EXPIRES": "999999"})

    assert grant.expires_at - now() <= longest


@pytest.mark.parametrize(
    ("domain", "endpoint"),
    [
        ("portal.clinic.example:8443", "https://portal.clinic.example:8443/rest/"),
        ("portal.clinic.example", "https://portal.clinic.example:8443/rest/"),
        ("Portal.Clinic.Example", "https://portal.clinic.example/rest/"),
    ],
)
def test_a_self_hosted_portal_is_as_good(oauth: BitrixOAuth, wire: RequestsMock, domain: str, endpoint: str) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info(domain="portal.clinic.example", client_endpoint=endpoint))

    grant = oauth.exchange({**OPENED, "DOMAIN": domain})

    assert grant.base_url == endpoint
    assert grant.host == urlsplit(endpoint).netloc


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/rest/",
        "https://oauth.bitrix.info@evil.example/rest/",
        "https://oauth.bitrix.info.evil.example/rest/",
        "http://oauth.bitrix.info/rest/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:8123/rest/",
        "https://[::1]/rest/",
        "file:///etc/passwd",
    ],
)
def test_a_foreign_oauth_host_is_sent_nothing(oauth: BitrixOAuth, wire: RequestsMock, endpoint: str) -> None:
    with pytest.raises(Forbidden):
        oauth.exchange({**OPENED, "SERVER_ENDPOINT": endpoint})

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"AUTH_ID": ""}, Forbidden),
        ({"member_id": ""}, InvalidInput),
        ({"member_id": "../x"}, InvalidInput),
        ({"AUTH_ID": "x" * 30_000}, InvalidInput),
    ],
)
def test_a_page_without_what_bitrix24_passes_on_is_sent_nowhere(
    oauth: BitrixOAuth, wire: RequestsMock, changed: dict[str, str], error: type[AppError]
) -> None:
    with pytest.raises(error):
        oauth.exchange({**OPENED, **changed})

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("posted_fields", "told"),
    [
        ({"member_id": "clara00000000000000000000000000"}, {}),
        ({"DOMAIN": "clara.bitrix24.example"}, {}),
        ({"DOMAIN": ""}, {}),
        ({"DOMAIN": "169.254.169.254"}, {}),
        ({}, {"client_id": "app.another"}),
        ({}, {"member_id": "clara00000000000000000000000000"}),
        ({}, {"domain": "clara.bitrix24.example", "client_endpoint": "https://clara.bitrix24.example/rest/"}),
        ({}, {"client_endpoint": "http://169.254.169.254/rest/"}),
        ({}, {"client_endpoint": "http://127.0.0.1:8123/rest/"}),
        ({}, {"client_endpoint": "http://boris.bitrix24.example/rest/"}),
    ],
)
def test_what_does_not_match_the_proof_is_refused_and_the_portal_is_sent_nothing(
    oauth: BitrixOAuth, wire: RequestsMock, posted_fields: dict[str, str], told: dict[str, str]
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info(**told))

    with pytest.raises(Forbidden):
        oauth.exchange({**OPENED, **posted_fields})

    assert sent(wire) == [f"GET {WORLD}/rest/app.info/"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_client"),
        (401, "invalid_token"),
        (401, "expired_token"),
        (401, "NO_AUTH_FOUND"),
        (400, "invalid_grant"),
    ],
)
def test_a_token_the_oauth_host_does_not_know_is_a_forgery(
    oauth: BitrixOAuth, wire: RequestsMock, status: int, code: str
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json={"error": code, "error_description": "no"}, status=status)

    with pytest.raises(Forbidden) as refusal:
        oauth.exchange(OPENED)

    assert "Nothing was stored" in refusal.value.message.en


@pytest.mark.parametrize(
    ("status", "code", "error", "kept"),
    [
        (401, "PAYMENT_REQUIRED", Rejected, "payment_required"),
        (401, "NOT_INSTALLED", AccessLost, "not_installed"),
        (200, "wrong_client", Rejected, "wrong_client"),
    ],
)
def test_an_unpaid_or_removed_application_is_told_apart(
    oauth: BitrixOAuth, wire: RequestsMock, status: int, code: str, error: type[VendorError], kept: str
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json={"error": code}, status=status)

    with pytest.raises(error) as refusal:
        oauth.exchange(OPENED)

    assert refusal.value.code == kept


@pytest.mark.parametrize(
    "answer",
    [{}, {"result": []}, {"result": {**INFO, "install": []}}, {"result": {**INFO, "client_id": ""}}, {"result": True}],
)
def test_an_answer_without_a_proof_proves_nothing(
    oauth: BitrixOAuth, wire: RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=answer)

    with pytest.raises(Unavailable):
        oauth.exchange(OPENED)


def test_the_tokens_of_an_install_event_are_proven_the_same_way(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info())
    auth = {
        "access_token": ACCESS,
        "refresh_token": REFRESH,
        "expires_in": "3600",
        "domain": "boris.bitrix24.example",
        "server_endpoint": f"{WORLD}/rest/",
        "member_id": MEMBER,
        "application_token": "9c-token",
    }

    grant = oauth.exchange(auth)

    assert (grant.account, grant.refresh, grant.application_token) == (MEMBER, REFRESH, "9c-token")


def test_a_code_is_exchanged_and_its_tokens_proven(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    without = {name: value for name, value in PAIR.items() if name not in ("expires", "user_id")}
    wire.get(f"{WORLD}/oauth/token/", json=without)
    wire.get(f"{WORLD}/rest/app.info/", json=info())

    grant = oauth.exchange(
        {
            "code": CODE,
            "state": "s",
            "domain": "boris.bitrix24.example",
            "member_id": MEMBER,
            "server_domain": "oauth.bitrix.info",
        }
    )

    assert (grant.access, grant.refresh, grant.user_id) == ("a2-access", "r2-refresh", "67")
    assert sent(wire) == [f"GET {WORLD}/oauth/token/", f"GET {WORLD}/rest/app.info/"]
    assert asked(wire) == {
        "grant_type": "authorization_code",
        "client_id": KEYS.client_id,
        "client_secret": SECRET,
        "code": CODE,
    }


@pytest.mark.parametrize(
    "domain", ["evil.example", "oauth.bitrix.info.evil.example", "169.254.169.254", "x@evil.example"]
)
def test_a_code_is_never_sent_to_a_foreign_oauth_host(oauth: BitrixOAuth, wire: RequestsMock, domain: str) -> None:
    with pytest.raises(Forbidden):
        oauth.exchange({"code": CODE, "server_domain": domain, "member_id": MEMBER})

    assert sent(wire) == []


@pytest.mark.parametrize(
    "said",
    [
        {"member_id": "clara", "domain": "boris.bitrix24.example"},
        {"member_id": MEMBER, "domain": "clara.bitrix24.example"},
        {"member_id": MEMBER},
    ],
)
def test_a_code_of_one_portal_opens_no_other(oauth: BitrixOAuth, wire: RequestsMock, said: dict[str, str]) -> None:
    wire.get(f"{WORLD}/oauth/token/", json=PAIR)
    wire.get(f"{WORLD}/rest/app.info/", json=info())

    with pytest.raises(Forbidden):
        oauth.exchange({"code": CODE, "server_domain": "oauth.bitrix.info", **said})


def test_a_spent_code_is_not_tried_twice(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{WORLD}/oauth/token/", json={"error": "invalid_grant"}, status=400)

    with pytest.raises(AccessLost):
        oauth.exchange({"code": CODE})

    assert len(wire.calls) == 1


def test_a_pair_is_renewed_at_the_host_that_serves_the_portal(
    oauth: BitrixOAuth, wire: RequestsMock, log: Kept
) -> None:
    wire.get(f"{REGION}/oauth/token/", json=PAIR)

    grant = oauth.refresh(STORED, "boris.bitrix24.example")

    assert (grant.access, grant.refresh, grant.account, grant.user_id) == ("a2-access", "r2-refresh", MEMBER, "67")
    assert timedelta(minutes=59) < grant.expires_at - now() <= timedelta(hours=1)
    assert asked(wire) == {
        "grant_type": "refresh_token",
        "client_id": KEYS.client_id,
        "client_secret": SECRET,
        "refresh_token": REFRESH,
    }
    assert log.lines == ["oauth token refresh_token 200 "]


def test_a_renamed_portal_is_found_by_the_renewal(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{REGION}/oauth/token/", json={**PAIR, "client_endpoint": "https://boris-dental.bitrix24.example/rest/"})

    grant = oauth.refresh(STORED, "boris.bitrix24.example")

    assert (grant.host, grant.base_url) == (
        "boris-dental.bitrix24.example",
        "https://boris-dental.bitrix24.example/rest/",
    )


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (200, "wrong_client", Rejected),
        (400, "invalid_client", AccessLost),
        (400, "invalid_grant", AccessLost),
        (400, "invalid_request", Rejected),
        (401, "NOT_INSTALLED", AccessLost),
        (401, "NO_AUTH_FOUND", AccessLost),
        (401, "PAYMENT_REQUIRED", Rejected),
        (403, "INVALID_SCOPE", Rejected),
        (401, "insufficient_scope", Rejected),
        (503, "QUERY_LIMIT_EXCEEDED", RateLimited),
        (500, "INTERNAL_SERVER_ERROR", Unavailable),
        (401, "something_new", AccessLost),
        (400, "something_new", Rejected),
        (500, "something_new", Unavailable),
    ],
)
def test_every_error_of_the_oauth_host_has_its_meaning(
    oauth: BitrixOAuth, wire: RequestsMock, status: int, code: str, error: type[VendorError]
) -> None:
    wire.get(f"{REGION}/oauth/token/", json={"error": code, "error_description": f"{code}."}, status=status)

    with pytest.raises(error) as refusal:
        oauth.refresh(STORED, "boris.bitrix24.example")

    assert type(refusal.value) is error
    assert (refusal.value.vendor, refusal.value.code, refusal.value.http_status) == (
        "bitrix24",
        code.casefold(),
        status,
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 302, "headers": {"Location": "https://evil.example/oauth/token/"}},
        {"status": 200, "body": "<html>Maintenance</html>"},
        {"status": 200, "json": {**PAIR, "refresh_token": ""}},
        {"status": 200, "json": ["a2-access"]},
        {"status": 204},
    ],
)
def test_a_renewal_with_a_strange_answer_is_not_repeated_for_nobody_knows(
    oauth: BitrixOAuth, wire: RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(f"{REGION}/oauth/token/", **answer)

    with pytest.raises(Unavailable) as fault:
        oauth.refresh(STORED, "boris.bitrix24.example")

    assert fault.value.applied_unknown
    assert len(wire.calls) == 1


def test_a_renewal_cut_off_is_not_repeated_for_nobody_knows(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{REGION}/oauth/token/", body=requests.ReadTimeout("read timed out"))

    with pytest.raises(Unavailable) as fault:
        oauth.refresh(STORED, "boris.bitrix24.example")

    assert fault.value.applied_unknown
    assert len(wire.calls) == 1


def test_a_stored_oauth_host_that_is_no_longer_listed_is_sent_nothing(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    stored = Tokens(ACCESS, REFRESH, now(), now(), 1, server_endpoint="https://oauth.evil.example/rest/")

    with pytest.raises(Forbidden):
        oauth.refresh(stored, "boris.bitrix24.example")

    assert sent(wire) == []


@pytest.mark.parametrize(
    ("profile", "admin"),
    [
        ({"ID": "67", "ADMIN": True, "NAME": "Борис"}, True),
        ({"ID": "67", "ADMIN": False}, False),
        ({"ID": "67", "ADMIN": "Y"}, False),
        ({"ID": "1", "ADMIN": True}, False),
        ({"ID": "67"}, False),
        ([], False),
        ({}, False),
    ],
)
def test_the_portal_says_who_is_an_admin(oauth: BitrixOAuth, wire: RequestsMock, profile: Any, admin: bool) -> None:
    wire.post(f"{PORTAL}profile", json={"result": profile, "time": {}})

    assert oauth.is_admin(HIS) is admin
    assert wire.calls[0].request.headers["Authorization"] == f"Bearer {ACCESS}"
    assert sent(wire) == [f"POST {PORTAL}profile"]


def test_a_dismissed_user_has_lost_access(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.post(f"{PORTAL}profile", json={"error": "authorization_error"}, status=401)

    with pytest.raises(AccessLost):
        oauth.is_admin(HIS)


def test_a_portal_that_sends_us_elsewhere_is_not_followed(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.post(f"{PORTAL}profile", status=302, headers={"Location": "http://169.254.169.254/rest/profile"})

    with pytest.raises(VendorError):
        oauth.is_admin(HIS)

    assert len(wire.calls) == 1


def test_the_link_for_consent_leads_to_the_portal(oauth: BitrixOAuth) -> None:
    link = oauth.authorize_url("signed state&", "boris.bitrix24.example")

    assert link == ("https://boris.bitrix24.example/oauth/authorize/?client_id=app.6a.dental&state=signed+state%26")


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("", InvalidInput),
        ("127.0.0.1", Forbidden),
        ("boris@evil.example", Forbidden),
        ("http://boris.bitrix24.example", Forbidden),
        ("javascript:alert(1)", Forbidden),
        ("evil.example/\\boris", Forbidden),
    ],
)
def test_a_link_is_made_for_a_portal_only(oauth: BitrixOAuth, host: str, error: type[AppError]) -> None:
    with pytest.raises(error):
        oauth.authorize_url("state", host)


@pytest.mark.parametrize(
    "answer",
    [
        {
            "json": {"error": "invalid_grant", "error_description": f"bad {REFRESH} {SECRET} {ACCESS} {CODE}"},
            "status": 400,
        },
        {"json": {"error": "strange", "error_description": f"bad {REFRESH} {SECRET} {ACCESS} {CODE}"}, "status": 400},
        {"body": requests.ConnectionError("connection broken")},
        {"body": f"<html>{REFRESH}{SECRET}</html>", "status": 500},
    ],
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda oauth: oauth.refresh(STORED, "boris.bitrix24.example"),
        lambda oauth: oauth.exchange({"code": CODE, "server_domain": "oauth.bitrix24.tech"}),
        lambda oauth: oauth.exchange({**OPENED, "SERVER_ENDPOINT": f"{REGION}/rest/"}),
    ],
    ids=["refresh", "code", "page"],
)
def test_no_secret_of_ours_is_in_an_error_its_trace_or_the_log(
    oauth: BitrixOAuth,
    wire: RequestsMock,
    log: Kept,
    ask: Callable[[BitrixOAuth], Grant],
    answer: dict[str, Any],
) -> None:
    wire.get(f"{REGION}/oauth/token/", **answer)
    wire.get(f"{REGION}/rest/app.info/", **answer)

    with pytest.raises(AppError) as fault:
        ask(oauth)

    told = "".join([*log.lines, repr(vars(fault.value)), *traceback.format_exception(fault.value)])
    known = [secret for secret in (ACCESS, REFRESH, CODE, SECRET) if secret in asked(wire).values()]
    assert known
    assert [secret for secret in known if secret in told] == []


def test_a_grant_shows_no_secret(oauth: BitrixOAuth, wire: RequestsMock) -> None:
    wire.get(f"{WORLD}/rest/app.info/", json=info())

    shown = repr(oauth.exchange(OPENED)) + repr(KEYS)

    assert [secret for secret in (ACCESS, REFRESH, "9c-token", SECRET) if secret in shown] == []
