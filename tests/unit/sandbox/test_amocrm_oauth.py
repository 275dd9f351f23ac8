"""The emulated account's front door: consent, codes, rotating tokens, renames, uninstalling, acting users."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.tokens import bot_token, front_end_token

HOME = "https://app.example/install"
SECRET = "s" * 64
CLIENT = "0a1b2c3d-0000-4000-8000-000000000001"
MANAGER = 507


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(clock: Clock) -> Account:
    account = Account.demo(clock=clock)
    account.settings.rate = False
    account.issue_integration(CLIENT, SECRET, HOME, uninstall_url="https://app.example/gone")
    return account


@pytest.fixture
def http(account: Account) -> Any:
    return create_app(account).test_client()


def exchange(http: Any, **params: str) -> tuple[int, dict[str, Any]]:
    body = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": HOME, "grant_type": "authorization_code"}
    answer = http.post("/oauth2/access_token", json=body | params)
    return answer.status_code, answer.get_json()


def refresh(http: Any, token: str) -> tuple[int, dict[str, Any]]:
    return exchange(http, grant_type="refresh_token", refresh_token=token)


def status_of(http: Any, access: str, **headers: str) -> int:
    given = {"Authorization": f"Bearer {access}", **headers}
    return int(http.get("/api/v4/account", headers=given).status_code)


def sent_back(http: Any, **query: str) -> dict[str, list[str]]:
    answer = http.get("/oauth", query_string={"client_id": CLIENT, **query})
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def test_consent_leads_back_with_a_code(http: Any) -> None:
    page = http.get("/oauth", query_string={"client_id": CLIENT, "state": "s1", "mode": "popup"}).get_data(as_text=True)

    back = sent_back(http, state="s1", decision="allow")

    assert "decision=allow" in page
    assert {key: value for key, value in back.items() if key != "code"} == {
        "state": ["s1"],
        "referer": ["localhost"],
        "platform": ["1"],
        "client_id": [CLIENT],
    }
    assert exchange(http, code=back["code"][0])[0] == 200
    assert "state" not in sent_back(http, decision="allow")
    assert sent_back(http, state="s1", decision="deny") == {"error": ["access_denied"], "state": ["s1"]}
    assert http.get("/oauth", query_string={"client_id": "unknown"}).status_code == 404


@pytest.mark.parametrize("dress", ["json", "data"])
def test_a_code_is_exchanged_once(account: Account, http: Any, dress: str) -> None:
    body = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": HOME, "grant_type": "authorization_code"}
    body["code"] = account.authorization_code(CLIENT)

    answer = http.post("/oauth2/access_token", **{dress: body})

    grant = answer.get_json()
    claims = jwt.decode(grant["access_token"], options={"verify_signature": False})
    assert (answer.status_code, grant["token_type"], grant["expires_in"]) == (200, "Bearer", 86_400)
    assert (claims["account_id"], claims["api_domain"], claims["exp"]) == (777001, "localhost", 1_790_086_400)
    assert status_of(http, grant["access_token"]) == 200
    assert exchange(http, code=body["code"])[1]["hint"] == "Authorization code has been revoked"


@pytest.mark.parametrize(
    ("params", "hint"),
    [
        ({"client_id": "x"}, "Check the `client_id` parameter"),
        ({"client_secret": "x"}, "Check the `client_secret` parameter"),
        ({"redirect_uri": HOME + "/"}, "Redirect URI is not associated with client"),
        ({"code": "garbage"}, "Cannot decrypt the authorization code"),
        ({"grant_type": "refresh_token", "refresh_token": "spent"}, "Invalid refresh token"),
        ({"grant_type": "password"}, "Check the `grant_type` parameter"),
    ],
)
def test_refusals_of_the_token_endpoint_carry_a_hint(
    account: Account, http: Any, params: dict[str, str], hint: str
) -> None:
    status, body = exchange(http, **({"code": account.authorization_code(CLIENT)} | params))

    assert (status, body["status"], body["hint"]) == (400, 400, hint)


def test_a_code_is_good_for_twenty_minutes(account: Account, http: Any, clock: Clock) -> None:
    code = account.authorization_code(CLIENT)
    clock.now += 20 * 60

    assert exchange(http, code=code)[1]["hint"] == "Authorization code has expired"


def test_a_code_of_another_account_is_refused(account: Account, http: Any) -> None:
    account.settings.foreign_hosts = ["localhost"]

    assert exchange(http, code=account.authorization_code(CLIENT))[1]["hint"] == "Invalid account"
    assert status_of(http, account.grant(CLIENT).access) == 401


def test_a_refresh_token_works_once(account: Account, http: Any, clock: Clock) -> None:
    old = account.grant(CLIENT)
    clock.now += 86_400

    status, fresh = refresh(http, old.refresh)

    assert (status, status_of(http, old.access), status_of(http, fresh["access_token"])) == (200, 401, 200)
    assert refresh(http, fresh["refresh_token"])[0] == 200
    assert refresh(http, fresh["refresh_token"])[0] == 400


def test_an_admins_grant_outlives_the_admin(account: Account, http: Any) -> None:
    token = account.grant(CLIENT)
    account.users[500].is_admin = account.users[500].is_active = False

    _, fresh = refresh(http, token.refresh)

    answer = http.get("/api/v4/webhooks", headers={"Authorization": f"Bearer {fresh['access_token']}"})
    assert answer.status_code == 204


def test_a_refresh_token_lives_three_months(account: Account, http: Any, clock: Clock) -> None:
    token = account.grant(CLIENT)
    clock.now += 90 * 86_400

    assert refresh(http, token.refresh)[0] == 400


def test_a_long_lived_token_has_no_refresh_and_can_be_revoked(account: Account, http: Any) -> None:
    token = account.long_lived_token()

    assert status_of(http, token) == 200
    account.revoke(token)
    assert status_of(http, token) == 401


def test_a_rename_is_found_by_the_refresh_token(account: Account, http: Any) -> None:
    token = account.grant(CLIENT)
    account.rename("newname", host="newname.example")

    where = http.get("/oauth2/account/current/subdomain", headers={"X-Refresh-Token": token.refresh})
    wrong = http.get("/oauth2/account/current/subdomain", headers={"X-Refresh-Token": "x"})
    old = http.get("/oauth2/account/subdomain", headers={"Authorization": f"Bearer {token.access}"})

    assert status_of(http, token.access) == 404
    assert http.post("/oauth2/access_token", json={}).status_code == 404
    assert where.get_json() == {
        "id": 777001,
        "subdomain": "newname",
        "domain": "newname.example",
        "top_level_domain": "ru",
    }
    assert (wrong.status_code, old.get_json()["domain"]) == (401, "newname.example")
    assert status_of(http, token.access, Host="newname.example") == 200


def test_an_uninstall_kills_tokens_and_is_signed(account: Account, http: Any) -> None:
    token = account.grant(CLIENT)

    account.uninstall(CLIENT)

    [hook] = account.outbox
    signature = hmac.new(SECRET.encode(), f"{CLIENT}|777001".encode(), hashlib.sha256).hexdigest()
    assert (hook.method, hook.url) == ("GET", "https://app.example/gone")
    assert hook.form == {"account_id": "777001", "client_uuid": CLIENT, "signature": signature}
    assert (status_of(http, token.access), refresh(http, token.refresh)[0]) == (401, 400)


def test_pressing_install_sends_a_code_without_a_state(account: Account, http: Any) -> None:
    account.install(CLIENT)

    [hook] = account.outbox
    assert (hook.method, hook.url, hook.lasting) == ("GET", HOME, False)
    assert (hook.form["from_widget"], hook.form["referer"], "state" in hook.form) == ("1", "acme.amocrm.ru", False)
    assert exchange(http, code=hook.form["code"])[0] == 200


def test_a_manager_reads_and_an_admin_writes_the_structure(account: Account, http: Any) -> None:
    manager = {"Authorization": f"Bearer {account.long_lived_token(MANAGER)}"}
    pipeline = [{"name": "X", "sort": 1, "is_main": False, "is_unsorted_on": False}]

    refused = http.post("/api/v4/leads/pipelines", json=pipeline, headers=manager)

    assert http.get("/api/v4/leads/pipelines", headers=manager).status_code == 200
    assert http.post("/api/v4/leads", json=[{"name": "A"}], headers=manager).status_code == 200
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    assert http.get("/api/v4/users", headers=manager).status_code == 403


def test_an_admins_token_can_act_as_a_user(account: Account, http: Any) -> None:
    token = account.grant(CLIENT).access

    def acting(user: str, access: str = token) -> Any:
        return http.get("/api/v4/account", headers={"Authorization": f"Bearer {access}", "X-Context-User-ID": user})

    assert acting("507").get_json()["current_user_id"] == 507
    assert acting("999").status_code == 401
    assert acting("500", account.grant(CLIENT, MANAGER).access).status_code == 401
    account.users[507].is_free = True
    assert acting("507").status_code == 401


def test_a_token_without_the_scope_is_refused(account: Account, http: Any) -> None:
    token = account.long_lived_token(scopes=["notifications"])

    answer = http.get("/api/v4/account", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.get_json()["detail"]) == (403, "Invalid scope")


def test_the_two_disposable_tokens_differ_in_algorithm(account: Account, clock: Clock) -> None:
    integration = account.integrations[CLIENT]
    front = front_end_token(account, integration, MANAGER)
    bot = bot_token(account, integration, 101)

    claims = jwt.decode(front, SECRET, ["HS256"], audience="https://app.example", options={"verify_exp": False})
    about = jwt.decode(bot, SECRET, ["HS512"], audience="https://app.example", options={"verify_exp": False})

    assert (claims["user_id"], claims["is_admin"], claims["exp"] - claims["iat"]) == (MANAGER, False, 1800)
    assert (claims["iss"], claims["client_uuid"]) == ("https://acme.amocrm.ru", CLIENT)
    assert (about["entity_id"], about["entity_type"], "jti" in about) == (101, 2, False)
    assert "is_admin" not in jwt.decode(
        front_end_token(account, integration, MANAGER, is_admin=None), options={"verify_signature": False}
    )


def test_a_reset_keeps_the_keys(account: Account, http: Any) -> None:
    token = account.long_lived_token()
    account.pipelines[9001].name = "X"
    account.settings.blocked = True

    account.reset()

    assert status_of(http, token) == 200
    assert [each.name for each in account.ordered_pipelines] == ["Воронка"]
