"""Clients that are not ours, driven against the served portal: the vendor's own SDK, and a widespread async client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import b24pysdk
import fast_bitrix24
import pytest
from b24pysdk import errors
from b24pysdk.api.callers import call_method
from b24pysdk.api.requesters.bitrix_oauth_requester import BitrixOAuthRequester
from b24pysdk.credentials import OAuthEventData, OAuthPlacementData, OAuthWorkflowData
from b24pysdk.errors import oauth

from widget_backend.sandbox.bitrix24 import Emulator, Portal, create_app, frames
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.faults import Fault
from widget_backend.sandbox.mount import serve

APP, SECRET = "app.dental", "sesame"
HANDLER = "https://app.example/b24/event"


@dataclass(frozen=True)
class Served:
    """Boris's portal on a loopback port."""

    portal: Portal
    emulator: Emulator
    url: str

    @property
    def domain(self) -> str:
        return self.url.removeprefix("http://")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    portal = Portal.demo(plan="ent250")
    portal.issue_app(APP, client_secret=SECRET, page_url="https://app.example/page")
    emulator = create_app(portal)
    with serve(emulator.wsgi_app) as server:
        portal.base_url = server.url
        base = property(lambda caller: f"http://{caller._domain}/rest")
        monkeypatch.setattr(call_method.__globals__["_MethodCaller"], "_base_url", base)
        monkeypatch.setattr(BitrixOAuthRequester, "_OAUTH_TOKEN_URL", f"{server.url}/oauth/token/")
        monkeypatch.setattr(BitrixOAuthRequester, "_APP_INFO_URL", f"{server.url}/rest/app.info/")
        yield Served(portal, emulator, server.url)


@pytest.fixture
def webhook(served: Served) -> Any:
    """The SDK's client with an incoming webhook."""
    token = served.portal.webhook().removeprefix("/rest/").strip("/")
    return b24pysdk.Client(b24pysdk.BitrixWebhook(domain=served.domain, webhook_token=token), max_retries=1)


@pytest.fixture
def token(served: Served) -> Any:
    """The SDK's token of the application's admin."""
    issued = served.portal.tokens(1, APP)
    app = b24pysdk.BitrixApp(client_id=APP, client_secret=SECRET)
    return b24pysdk.BitrixToken(
        domain=served.domain, auth_token=issued.access, refresh_token=issued.refresh, bitrix_app=app
    )


@pytest.fixture
def fast(served: Served) -> Iterator[Any]:
    """The async client behind its synchronous face, with an incoming webhook. It leaves the loop of the thread open, so it is
    given one."""
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        yield fast_bitrix24.Bitrix(served.url + served.portal.webhook(), verbose=False, ssl=False)
        asyncio.set_event_loop(None)


def test_the_sdk_makes_a_pipeline_and_moves_a_deal_through_it(webhook: Any) -> None:
    category = webhook.crm.category.add(entity_type_id=2, fields={"name": "Имплантация", "sort": 20}).result["category"]
    number = webhook.crm.deal.add({"TITLE": "Консультация", "CATEGORY_ID": category["id"]}).result

    webhook.crm.deal.update(number, {"STAGE_ID": f"C{category['id']}:WON"}).result  # noqa: B018  the request is lazy
    deal = webhook.crm.deal.get(number).result

    assert (deal["CATEGORY_ID"], deal["STAGE_ID"], deal["CLOSED"]) == (
        str(category["id"]),
        f"C{category['id']}:WON",
        "Y",
    )


def test_the_sdk_adds_a_field_with_options_and_finds_their_ids(webhook: Any) -> None:
    options = [{"VALUE": "Флаер", "XML_ID": "flyer"}, {"VALUE": "Сайт", "XML_ID": "site"}]
    fields = {"FIELD_NAME": "FROM", "USER_TYPE_ID": "enumeration", "LIST": options}

    number = webhook.crm.deal.userfield.add(fields).result
    [row] = webhook.crm.deal.userfield.list(filter={"FIELD_NAME": "UF_CRM_FROM"}).result

    assert (row["ID"], [option["XML_ID"] for option in row["LIST"]]) == (str(number), ["flyer", "site"])


def test_the_sdk_reads_lists_of_many_pages(served: Served, webhook: Any) -> None:
    _add_deals(served, 120)

    listed = webhook.crm.deal.list(select=["ID"]).as_list().result
    fast = list(webhook.crm.deal.list(select=["ID"]).as_list_fast().result)

    assert len({row["ID"] for row in listed}) == len({row["ID"] for row in fast}) == 120


def test_the_sdk_sends_batches_with_references(webhook: Any) -> None:
    calls = {
        "add": ("crm.deal.add", {"fields": {"TITLE": "Осмотр & снимок"}}),
        "get": ("crm.deal.get", {"id": "$result[add]"}),
        "bad": ("crm.deal.get", {"id": 999}),
    }

    answer = webhook.get_token().call_batch(calls)["result"]

    assert answer["result"]["get"]["TITLE"] == "Осмотр & снимок"
    assert answer["result_error"]["bad"]["error_description"] == "Not found"


def test_the_sdk_refreshes_an_expired_token_by_itself(served: Served, token: Any) -> None:
    before = token.auth_token
    served.portal.expire(before)

    profile = b24pysdk.Client(token).profile().result

    assert (profile["ID"], token.auth_token != before) == ("1", True)


def test_the_sdk_exchanges_a_code_and_trusts_app_info(served: Served, token: Any) -> None:
    renewed = token.bitrix_app.get_oauth_token(served.portal.authorization_code(APP, 7))
    info = token.bitrix_app.get_app_info(renewed.oauth_token.access_token).result

    assert (info.client_id, info.user_id) == (APP, 7)
    assert (info.install.member_id, info.install.domain) == (served.portal.member_id, served.domain)


def test_the_sdk_learns_the_new_name_of_a_portal(served: Served, webhook: Any) -> None:
    served.portal.settings.renamed_to = served.domain.replace("127.0.0.1", "localhost")

    with pytest.raises(errors.BitrixRequestError):  # it drops the port, so it can only learn the name
        webhook.profile().result  # noqa: B018  the request is lazy

    assert webhook.get_token().domain == "localhost"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("auth_401", errors.BitrixAPIExpiredToken),
        ("limit_503", errors.BitrixAPIQueryLimitExceeded),
        ("http_500", errors.BitrixAPIInternalServerError),
        ("operating_429", errors.BitrixAPIOperationTimeLimit),
        ("hidden_404", errors.BitrixAPINotFound),
        ("no_rest_403", errors.BitrixAPIAccessDenied),
        ("html_403", errors.BitrixResponse403JSONDecodeError),
        ("html_200", errors.BitrixResponseJSONDecodeError),
    ],
)
def test_the_sdk_tells_refusals_apart(served: Served, webhook: Any, kind: str, error: type[Exception]) -> None:
    served.emulator.faults.plan(Fault(0, kind))

    with pytest.raises(error):
        webhook.profile().result  # noqa: B018  the request is lazy


@pytest.mark.parametrize(
    ("break_it", "error"),
    [
        (lambda portal: setattr(portal.settings, "closed", True), errors.BitrixAPIPortalDeleted),
        (lambda portal: portal.set_payment(APP), errors.BitrixAPIPaymentRequired),
        (lambda portal: setattr(portal.users[1], "active", False), errors.BitrixAPIAuthorizationError),
        (lambda portal: portal.uninstall(APP), errors.BitrixAPIApplicationNotFound),
        (lambda portal: setattr(portal.apps[APP], "scopes", frozenset()), errors.BitrixAPIInsufficientScope),
        (lambda portal: setattr(portal.apps[APP], "users", frozenset({7})), errors.BitrixAPIUserAccessError),
    ],
)
def test_the_sdk_knows_why_access_is_lost(served: Served, token: Any, break_it: Any, error: type[Exception]) -> None:
    break_it(served.portal)

    with pytest.raises(error):
        token.call_method("crm.deal.list")


@pytest.mark.parametrize(
    ("client_id", "secret", "refresh", "error"),
    [
        ("app.unknown", SECRET, "", oauth.BitrixOauthWrongClient),
        (APP, "wrong", "", oauth.BitrixOAuthInvalidClient),
        (APP, SECRET, "stale", oauth.BitrixOAuthInvalidGrant),
    ],
)
def test_the_sdk_knows_the_errors_of_the_oauth_host(
    token: Any, client_id: str, secret: str, refresh: str, error: type[Exception]
) -> None:
    app = b24pysdk.BitrixApp(client_id=client_id, client_secret=secret)

    with pytest.raises(error):
        app.refresh_oauth_token(refresh or token.refresh_token)


def test_the_sdk_reads_events_and_tells_a_system_event(served: Served, token: Any) -> None:
    token.call_method("event.bind", {"event": "ONCRMDEALUPDATE", "handler": HANDLER})
    token.call_method("crm.automation.trigger.add", {"CODE": "paid", "NAME": "Оплачено"})
    served.portal.place_trigger("paid", "WON")
    _add_deals(served, 1)

    token.call_method("crm.deal.update", {"id": 1, "fields": {"TITLE": "Снимок"}})
    token.call_method("crm.automation.trigger.execute", {"CODE": "paid", "OWNER_TYPE_ID": 2, "OWNER_ID": 1})

    by_user, by_system = (OAuthEventData.from_dict(form) for form in _delivered(served))
    assert (by_user.event, by_user.data) == ("ONCRMDEALUPDATE", {"FIELDS": {"ID": "1"}})
    assert (by_user.is_system, by_system.is_system) == (False, True)
    assert by_user.get_app_info(token.bitrix_app).install.member_id == by_system.auth.member_id


def test_the_sdk_reads_a_robots_call(served: Served, token: Any) -> None:
    robot = {"CODE": "remind", "HANDLER": HANDLER, "NAME": "Напомнить", "USE_SUBSCRIPTION": "Y"}
    token.call_method("bizproc.robot.add", robot | {"PROPERTIES": {"channel": {"Name": "Канал", "Type": "string"}}})
    served.portal.place_robot("remind", "NEW", timeout=600, channel="sms")

    token.call_method("crm.deal.add", {"fields": {"TITLE": "Осмотр"}})

    [called] = (OAuthWorkflowData.from_dict(form) for form in _delivered(served))
    assert (called.document_id, called.properties) == (["crm", "CCrmDocumentDeal", "DEAL_1"], {"channel": "sms"})
    assert (called.use_subscription, called.timeout_duration) == (True, 600)


def test_the_sdk_reads_what_a_frame_is_given(served: Served, token: Any) -> None:
    with served.emulator.test_request_context():
        opening = frames.open_app(served.portal, APP, 7)
    query = dict(pair.split("=") for pair in opening.url.split("?")[1].split("&"))

    given = OAuthPlacementData.from_dict({**query, **opening.fields, "DOMAIN": served.domain})

    info = token.bitrix_app.get_app_info(given.oauth_token.access_token).result
    assert (given.placement, info.user_id) == ("DEFAULT", 7)
    assert given.validate_against_app_info(info)


def test_the_async_client_reads_everything(served: Served, fast: Any) -> None:
    _add_deals(served, 120)

    deals = fast.get_all("crm.deal.list", {"select": ["ID", "TITLE"]})
    items = fast.get_all("crm.item.list", {"entityTypeId": 2})

    assert (len(deals), len(items)) == (120, 120)


def test_the_async_client_adds_and_reads_by_id_in_batches(served: Served, fast: Any) -> None:
    numbers = fast.call("crm.contact.add", [{"fields": {"NAME": f"Пациент {place}"}} for place in range(60)])

    contacts = fast.get_by_ID("crm.contact.get", numbers)

    assert {row["NAME"] for row in contacts.values()} == {f"Пациент {place}" for place in range(60)}
    assert {row.operation for row in served.emulator.faults.log} == {"batch"}


def test_the_async_client_survives_a_burst_of_refusals(served: Served, fast: Any) -> None:
    served.emulator.faults.plan(Fault(1, "limit_503", count=2))

    assert fast.call("profile", raw=True)["result"]["ID"] == "1"
    assert [row.status for row in served.emulator.faults.log] == [503, 503, 200]


def _add_deals(served: Served, count: int) -> None:
    served.emulator.test_client().post("/_sandbox/deals", json=[{"stageId": "NEW", "title": "Осмотр", "count": count}])


def _delivered(served: Served) -> list[dict[str, str]]:
    sent: list[dict[str, str]] = []
    deliver(served.portal, lambda _, form: sent.append(form))
    return sent
