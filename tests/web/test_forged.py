"""What is forged is refused with 4xx before anything is stored or sent. A row for each way to lie."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator

import jwt
import pytest
import requests
from houses import AMOCRM, BITRIX24, House
from werkzeug.test import TestResponse

from widget_backend.security.signing import State

Lie = Callable[[House], TestResponse]

#: addresses that look like amoCRM's, or lead inside our own network
HOSTS = (
    "169.254.169.254",
    "http://169.254.169.254/latest/meta-data",
    "127.0.0.1:1",
    "localhost",
    "[::1]",
    "evil.amocrm.ru.attacker.tld",
    "attacker.tld/.amocrm.ru",
    "attacker.tld#.amocrm.ru",
    "attacker.tld?.amocrm.ru",
    "user@acme.amocrm.ru",
    "acme.amocrm.ru@attacker.tld",
    "acme.amocrm.ru:8443",
    "acme.amocrm.ru.",
    "a.b.amocrm.ru",
    "xn--acme-8na.amocrm.ru",
    "аcme.amocrm.ru",
    "acme.amocrm.ru\\@attacker.tld",
    "acme.amocrm.ru\r\nHost: attacker.tld",
    "ftp://acme.amocrm.ru",
    "amocrm.ru",
    "",
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """All that leaves us, whoever it is for, and every name that is looked up."""
    addresses: list[str] = []
    send, resolve = requests.Session.send, socket.getaddrinfo

    def looked_up(host: str, *args: object, **named: object) -> object:
        addresses.append(f"name {host}") if host != "127.0.0.1" else None
        return resolve(host, *args, **named)  # type: ignore[arg-type]

    def noted(self: requests.Session, request: requests.PreparedRequest, **named: object) -> requests.Response:
        addresses.append(str(request.url))
        return send(self, request, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "send", noted)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    yield addresses


def amo(house: House, **changed: str) -> TestResponse:
    """Back from consent, with a lie in it."""
    query = {"code": house.alice.code(), "referer": house.alice.host, "state": house.consent_state(), **changed}
    return house.client.get("/install/amocrm", query_string=query)


def event(house: House, name: str, **changed: str) -> TestResponse:
    """An event of Boris's portal without tokens, with a lie in it."""
    auth = {"member_id": house.boris.state.member_id, "domain": house.boris.host, "application_token": "0" * 32}
    form = {"event": name, **{f"auth[{field}]": value for field, value in {**auth, **changed}.items()}}
    return house.client.post("/events/bitrix24", data=form)


def unsigned(house: House) -> str:
    parts = [{"alg": "none"}, jwt.decode(house.alice.names(), options={"verify_signature": False})]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def unlocked(house: House, **claims: object) -> TestResponse:
    return house.widget(house.alice, house.alice.names(**claims))


BEFORE_ANYTHING_IS_SENT: dict[str, Lie] = {
    "a state that is not ours": lambda house: amo(house, state="abc.def.ghi"),
    "a state for something else": lambda house: amo(
        house, state=State(house.settings.keys, "bitrix24").issue({"number": "1"})
    ),
    "a state signed with another key": lambda house: amo(
        house, state=State(("bWFkZS11cC1rZXktb2YtdGhlLXRlc3RzLW5vLXR3byE=",), "amocrm").issue({"number": "1"})
    ),
    "a code longer than any": lambda house: amo(house, code="a" * 30_000),
    "a page without its portal": lambda house: house.client.post("/install/bitrix24", data={"AUTH_ID": "x" * 70}),
    "a page without a token": lambda house: house.opened(house.boris.opens(), AUTH_ID=""),
    "a sign-in host that is not Bitrix24's": lambda house: house.opened(
        house.boris.opens(), SERVER_ENDPOINT="https://oauth.attacker.tld/rest/"
    ),
    "a sign-in host inside our network": lambda house: house.opened(
        house.boris.opens(), SERVER_ENDPOINT="http://169.254.169.254/rest/"
    ),
    "a name in front of the sign-in host": lambda house: house.opened(
        house.boris.opens(), SERVER_ENDPOINT="https://oauth.bitrix.info@attacker.tld/rest/"
    ),
    "an event of a stranger": lambda house: event(house, "ONCRMDEALADD", member_id="f" * 32),
    "a removal of a stranger": lambda house: event(house, "ONAPPUNINSTALL", member_id="f" * 32),
    "a bill of a stranger": lambda house: event(house, "ONAPPPAYMENT", member_id="f" * 32),
    "no event at all": lambda house: house.client.post("/events/bitrix24", data=b"\xff\xfe" * 9),
    "a removal nobody signed": lambda house: house.client.get(
        "/uninstall/amocrm", query_string={"account_id": "777001", "client_uuid": AMOCRM.client_id, "signature": "00"}
    ),
    "a ticket made up": lambda house: house.client.get("/amo/frame/wizard?t=made-up"),
    "a widget of no account": lambda house: house.widget(house.alice, house.alice.names()),
}

OF_AN_ACCOUNT_THAT_IS_CONNECTED: dict[str, Lie] = {
    "a wrong application token": lambda house: event(house, "ONCRMDEALADD"),
    "an empty application token": lambda house: event(house, "ONCRMDEALADD", application_token=""),
    "a removal with a wrong token": lambda house: event(house, "ONAPPUNINSTALL"),
    "an installation with a wrong token and no proof": lambda house: event(house, "ONAPPINSTALL"),
    "a version with a wrong token and no proof": lambda house: event(house, "ONAPPUPDATE"),
    "Boris's token for Clara's portal": lambda house: event(
        house,
        "ONAPPUNINSTALL",
        member_id=house.clara.state.member_id,
        application_token=house.of(house.boris).application_token,
    ),
    "a removal signed for another account": lambda house: house.client.get(
        "/uninstall/amocrm", query_string={**signed(house), "account_id": "777002"}
    ),
    "a removal of another integration": lambda house: house.client.get(
        "/uninstall/amocrm", query_string={**signed(house), "client_uuid": "another"}
    ),
    "a widget token signed by nobody": lambda house: house.widget(house.alice, unsigned(house)),
    "a widget token of another account": lambda house: unlocked(house, account_id=777002),
    "a widget token for another application": lambda house: unlocked(house, client_uuid="another"),
    "a widget token for another server": lambda house: unlocked(house, aud="https://attacker.tld"),
    "a widget token from another account's page": lambda house: unlocked(house, iss="https://other.amocrm.ru"),
    "a widget token that has ended": lambda house: unlocked(house, iat=1, nbf=1, exp=1_000_000_000),
    "a widget token of tomorrow": lambda house: unlocked(house, nbf=4_000_000_000, exp=4_000_001_000),
    "a widget token without a number": lambda house: unlocked(house, jti=None),
    "the widget in a foreign page": lambda house: house.widget(
        house.alice, house.alice.names(), "https://attacker.tld"
    ),
    "the widget in another account's page": lambda house: house.widget(
        house.alice, house.alice.names(), "https://other.amocrm.ru"
    ),
}


def signed(house: House) -> dict[str, str]:
    import hashlib
    import hmac

    message = f"{AMOCRM.client_id}|{house.alice.state.id}".encode()
    signature = hmac.new(AMOCRM.secret.encode(), message, hashlib.sha256).hexdigest()
    return {"account_id": str(house.alice.state.id), "client_uuid": AMOCRM.client_id, "signature": signature}


def connected(house: House) -> None:
    house.installs(house.boris)
    house.installs(house.clara)
    house.consents(house.alice)
    house.works()


def standing(house: House) -> list[object]:
    return [(house.of(crm), house.pair(crm)) for crm in (house.boris, house.clara, house.alice)]


@pytest.mark.parametrize("lie", BEFORE_ANYTHING_IS_SENT)
def test_a_lie_is_refused_before_anything_is_stored_or_sent(house: House, sent: list[str], lie: str) -> None:
    before = house.rows()

    answer = BEFORE_ANYTHING_IS_SENT[lie](house)

    assert 400 <= answer.status_code < 500
    assert (house.rows(), sent, house.requests()) == (before, [], 0)


@pytest.mark.parametrize("lie", OF_AN_ACCOUNT_THAT_IS_CONNECTED)
def test_a_lie_about_a_connected_account_changes_nothing(house: House, sent: list[str], lie: str) -> None:
    connected(house)
    sent.clear()
    before, whole = house.rows(), standing(house)

    answer = OF_AN_ACCOUNT_THAT_IS_CONNECTED[lie](house)

    assert 400 <= answer.status_code < 500
    assert (house.rows(), standing(house), sent) == (before, whole, [])


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("hook", [False, True], ids=["browser", "hook"])
def test_a_foreign_referer_never_sees_our_secret(house: House, sent: list[str], host: str, hook: bool) -> None:
    from_widget = {"from_widget": "1", "state": ""} if hook else {}

    answer = amo(house, referer=host, **from_widget)
    house.works()

    assert 400 <= answer.status_code < 500
    assert sent == []
    assert set(house.rows().values()) == {0}


@pytest.mark.parametrize("domain", ["clara", "attacker.tld", "169.254.169.254", "user@boris", ""])
def test_a_page_that_names_another_portal_than_its_token_is_refused(house: House, sent: list[str], domain: str) -> None:
    said = house.clara.host if domain == "clara" else domain

    answer = house.opened(house.boris.opens(), DOMAIN=said)

    assert answer.status_code == 403
    assert set(house.rows().values()) == {0}
    assert {address.split("/rest/")[0] for address in sent} <= {house.boris.url}
    assert [row.path for row in house.boris.faults.log] == ["/rest/app.info/"]


def test_a_page_that_names_another_member_is_refused(house: House) -> None:
    answer = house.opened(house.boris.opens(), member_id=house.clara.state.member_id)

    assert answer.status_code == 403
    assert set(house.rows().values()) == {0}
    assert house.clara.faults.log == []


def test_a_token_of_another_application_is_refused(house: House) -> None:
    other = house.boris.state.issue_app()
    token = house.boris.state.tokens(1, other.client_id)

    answer = house.opened(house.boris.opens(), AUTH_ID=token.access)

    assert answer.status_code == 403
    assert set(house.rows().values()) == {0}


def test_an_invented_token_is_refused(house: House) -> None:
    answer = house.opened(house.boris.opens(), AUTH_ID="f" * 70)

    assert answer.status_code == 403
    assert set(house.rows().values()) == {0}


def test_an_ordinary_user_cannot_bring_a_token_of_his_own(house: House) -> None:
    connected(house)
    before = standing(house)
    house.boris.state.apps[BITRIX24.client_id].installed = True

    answer = house.opened(house.boris.opens(7), APPLICATION_TOKEN="0" * 32)

    assert answer.status_code == 403
    assert standing(house) == before


def test_an_ordinary_user_cannot_bring_one_by_an_event_either(house: House) -> None:
    connected(house)
    before = standing(house)
    token = house.boris.state.tokens(7, BITRIX24.client_id)

    answer = event(house, "ONAPPINSTALL", access_token=token.access, refresh_token=token.refresh, expires_in="3600")

    assert answer.status_code == 403
    assert standing(house) == before


def test_a_code_and_a_state_are_good_for_one_use(house: House, sent: list[str]) -> None:
    query = {"code": house.alice.code(), "referer": house.alice.host, "state": house.consent_state()}
    first = house.client.get("/install/amocrm", query_string=query)
    before, _ = standing_of_alice(house), sent.clear()

    again = house.client.get("/install/amocrm", query_string=query)
    code = house.client.get("/install/amocrm", query_string={**query, "state": house.consent_state()})
    hook = house.client.get("/install/amocrm", query_string={**query, "state": "", "from_widget": "1"})
    state = house.client.get("/install/amocrm", query_string={**query, "code": house.alice.code()})

    assert first.status_code == 303
    assert [one.status_code for one in (again, code, state)] == [403] * 3
    assert hook.status_code == 403
    assert (standing_of_alice(house), sent) == (before, [])


def test_a_hook_that_comes_twice_is_one_job(house: House) -> None:
    query = {"code": house.alice.code(), "referer": house.alice.host, "from_widget": "1"}

    first, second = (house.client.get("/install/amocrm", query_string=query) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 403)
    assert house.rows()["procrastinate_jobs"] == 1


def test_a_widget_token_is_good_for_one_use(house: House) -> None:
    house.consents(house.alice)
    token = house.alice.names()

    first, second = house.widget(house.alice, token), house.widget(house.alice, token)

    assert (first.status_code, second.status_code) == (200, 401)


@pytest.mark.parametrize("forged", ["", "a.b.c", "unsigned"])
def test_a_widget_that_proves_nobody_is_told_so_in_its_own_page(house: House, forged: str) -> None:
    connected(house)
    token = unsigned(house) if forged == "unsigned" else forged

    told = house.widget(house.alice, token)

    assert (told.status_code, told.content_type) == (401, "application/problem+json")
    assert told.headers["Access-Control-Allow-Origin"] == house.alice.url
    assert "Origin" in told.headers["Vary"]


def test_a_foreign_page_is_refused_whatever_it_shows(house: House) -> None:
    connected(house)

    told = house.widget(house.alice, house.alice.names(), "https://attacker.tld")

    assert told.status_code == 403
    assert "Access-Control-Allow-Origin" not in told.headers


def test_a_bill_that_a_stranger_claims_pauses_nobody(house: House) -> None:
    connected(house)
    other = house.clara.state
    other.apps[BITRIX24.client_id].payment_expired = True

    house.opened(house.clara.opens(), member_id=house.boris.state.member_id)

    assert house.of(house.boris).status == "connecting"


def standing_of_alice(house: House) -> object:
    return house.of(house.alice), house.pair(house.alice)
