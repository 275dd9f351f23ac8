"""The emulated portal's applications: OAuth, subscriptions, widgets, robots, triggers, events on their way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.delivery import deliver

Call = Callable[..., Any]

HANDLER = "https://app.example/b24/event"


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
def portal(clock: Clock) -> Portal:
    portal = Portal.demo(clock=clock, plan="pro100")
    portal.settings.rate_limit = False
    portal.issue_app("app.dental", redirect_uri="https://app.example/install", client_secret="sesame")
    return portal


@pytest.fixture
def http(portal: Portal) -> Any:
    return create_app(portal).test_client()


@pytest.fixture
def call(portal: Portal, http: Any) -> Call:
    """Call a method as the application's admin: its result, or (status, code)."""

    def send(method: str, **params: Any) -> Any:
        answer = http.post(f"/rest/{method}", json=params | {"auth": portal.tokens(1).access})
        return (
            answer.get_json()["result"]
            if answer.status_code == 200
            else (answer.status_code, answer.get_json()["error"])
        )

    return send


def token(http: Any, grant: str, **params: str) -> tuple[int, dict[str, Any]]:
    known = {"grant_type": grant, "client_id": "app.dental", "client_secret": "sesame"}
    answer = http.get("/oauth/token/", query_string=known | params)
    return answer.status_code, answer.get_json()


def test_a_code_is_exchanged_within_thirty_seconds(portal: Portal, http: Any, clock: Clock) -> None:
    def code() -> str:
        sent = http.get("/oauth/authorize/", query_string={"client_id": "app.dental", "state": "s"})
        assert "state=s" in sent.headers["Location"]
        return str(sent.headers["Location"]).split("code=")[1].split("&")[0]

    portal.settings.brief_grants = True
    fresh, stale = code(), code()
    status, grant = token(http, "authorization_code", code=fresh)
    assert (status, grant["expires_in"], "user_id" in grant) == (200, 3600, False)
    assert token(http, "authorization_code", code=fresh) == (
        400,
        {"error": "invalid_grant", "error_description": "Invalid grant"},
    )
    clock.now += 30
    assert token(http, "authorization_code", code=stale)[0] == 400


def test_a_refresh_rotates_the_pair(portal: Portal, http: Any, clock: Clock) -> None:
    old = portal.tokens(7)
    clock.now += 3600
    expired = http.get("/rest/profile", query_string={"auth": old.access})

    _, grant = token(http, "refresh_token", refresh_token=old.refresh)

    assert (expired.status_code, expired.get_json()["error"]) == (401, "expired_token")
    assert grant["user_id"] == 7
    assert http.get("/rest/profile", query_string={"auth": grant["access_token"]}).status_code == 200
    assert token(http, "refresh_token", refresh_token=old.refresh)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({"client_id": "unknown", "refresh_token": "x"}, 200, "wrong_client"),
        ({"client_secret": "wrong", "refresh_token": "x"}, 400, "invalid_client"),
        ({"refresh_token": "x"}, 400, "invalid_grant"),
        ({}, 400, "invalid_request"),
    ],
)
def test_errors_of_the_token_endpoint(http: Any, params: dict[str, str], status: int, error: str) -> None:
    answered, body = token(http, "refresh_token", **params)

    assert (answered, body["error"]) == (status, error)


def test_app_info_of_the_oauth_host_vouches_for_a_token(portal: Portal, http: Any) -> None:
    info = http.get("/rest/app.info/", query_string={"auth": portal.tokens(7).access}).get_json()["result"]

    assert (info["client_id"], info["user_id"]) == ("app.dental", 7)
    assert info["install"]["member_id"] == portal.member_id
    assert http.get("/rest/app.info/", query_string={"auth": "x"}).get_json()["error"] == "invalid_client"


def test_subscriptions_are_not_idempotent(call: Call, portal: Portal) -> None:
    assert call("event.bind", event="onCrmDealUpdate", handler=HANDLER) is True
    assert call("event.bind", event="onCrmDealUpdate", handler=HANDLER) == (400, "ERROR_CORE")
    assert call("event.bind", event="onNonsense", handler=HANDLER) == (400, "ERROR_EVENT_NOT_FOUND")
    assert call("event.bind", event="onCrmDealUpdate", handler="https://nodot/x") == (400, "ERROR_WRONG_HANDLER_URL")
    assert [row["event"] for row in call("event.get")] == ["ONCRMDEALUPDATE"]
    assert call("event.unbind", event="ONCRMDEALUPDATE", handler=HANDLER) == {"count": 1}


def test_events_leave_only_for_real_changes_of_an_installed_application(call: Call, portal: Portal) -> None:
    for event in ("ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY"):
        call("event.bind", event=event, handler=HANDLER)
    pipeline = call("crm.category.add", entityTypeId=2, fields={"name": "X"})["category"]["id"]
    sent: list[dict[str, str]] = []

    number = call("crm.item.add", entityTypeId=2, fields={"title": "A"})["item"]["id"]
    call("crm.item.update", entityTypeId=2, id=number, fields={"title": "A"})
    call("crm.item.update", entityTypeId=2, id=number, fields={"categoryId": pipeline})
    deliver(portal, lambda _, form: sent.append(form))
    portal.apps["app.dental"].installed = False
    call("crm.item.update", entityTypeId=2, id=number, fields={"title": "B"})

    assert [form["event"] for form in sent] == ["ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY"]
    assert (sent[0]["data[FIELDS][ID]"], "auth[refresh_token]" in sent[0]) == (str(number), False)
    assert sent[0]["auth[application_token]"] == portal.apps["app.dental"].application_token
    assert portal.outbox == []


def test_an_uninstall_purges_and_says_so_without_tokens(call: Call, portal: Portal) -> None:
    call("event.bind", event="ONAPPUNINSTALL", handler=HANDLER)
    call("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER="https://app.example/tab")

    portal.uninstall("app.dental", clean=True)

    [form] = [delivery.form for delivery in portal.outbox]
    assert (form["data[CLEAN]"], "auth[access_token]" in form, "auth[application_token]" in form) == ("1", False, True)
    assert (portal.handlers, portal.placements) == ([], [])


def test_the_offline_queue_keeps_the_latest_state(call: Call) -> None:
    assert call("event.bind", event="ONCRMDEALUPDATE", event_type="offline") is True
    number = call("crm.item.add", entityTypeId=2, fields={"title": "A"})["item"]["id"]
    for title in ("B", "C"):
        call("crm.item.update", entityTypeId=2, id=number, fields={"title": title})

    taken = call("event.offline.get", clear=0)

    assert [row["EVENT_NAME"] for row in taken["events"]] == ["ONCRMDEALUPDATE"]
    assert call("event.offline.clear", process_id=taken["process_id"]) is True
    assert call("event.offline.list") == []


def test_widgets_are_counted_twice_when_unbound(call: Call) -> None:
    tab = {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": "https://app.example/tab"}

    assert call("placement.bind", **tab, TITLE="Dental") is True
    assert call("placement.bind", **tab) == (400, "ERROR_CORE")
    assert call("placement.bind", PLACEMENT="NONSENSE", HANDLER="https://app.example/x") == (
        400,
        "ERROR_PLACEMENT_NOT_FOUND",
    )
    assert call("placement.get")[0]["langAll"]["ru"]["TITLE"] == "Dental"
    assert call("placement.unbind", **tab) == {"count": 2}


def test_a_placed_robot_is_called_and_answers_once(call: Call, portal: Portal) -> None:
    robot = {"CODE": "remind", "HANDLER": "https://app.example/robot", "NAME": "Remind", "USE_SUBSCRIPTION": "Y"}
    robot |= {"PROPERTIES": {"channel": {"Type": "string"}}, "RETURN_PROPERTIES": {"sentAt": {"Type": "string"}}}
    assert call("bizproc.robot.add", **robot) is True
    assert call("bizproc.robot.add", **robot) == (400, "ERROR_ACTIVITY_ALREADY_INSTALLED")
    portal.place_robot("remind", "NEW", channel="sms")

    call("crm.deal.add", fields={"TITLE": "A"})

    [form] = [delivery.form for delivery in portal.outbox]
    assert (form["properties[channel]"], form["document_id[2]"]) == ("sms", "DEAL_1")
    for _ in range(2):
        assert (
            call("bizproc.event.send", EVENT_TOKEN=form["event_token"], RETURN_VALUES={"SENTAT": "now", "x": 1}) is True
        )
    assert [answer["values"] for answer in portal.robot_answers] == [{"sentAt": "now"}]
    assert call("bizproc.event.send", EVENT_TOKEN="a|b|c.forged") == (403, "ACCESS_DENIED")


def test_a_trigger_moves_a_deal_only_where_it_is_placed(call: Call, portal: Portal) -> None:
    call("crm.automation.trigger.add", CODE="paid", NAME="Paid")
    call("crm.automation.trigger.add", CODE="paid", NAME="Оплачено")
    number = call("crm.deal.add", fields={"TITLE": "A"})

    def execute() -> str:
        assert call("crm.automation.trigger.execute", CODE="paid", OWNER_TYPE_ID=2, OWNER_ID=number) is True
        return str(call("crm.deal.get", id=number)["STAGE_ID"])

    assert call("crm.automation.trigger.list") == [{"NAME": "Оплачено", "CODE": "paid"}]
    assert execute() == "NEW"
    portal.place_trigger("paid", "WON")
    assert execute() == "WON"


def test_a_plan_without_automation_does_not_know_its_methods(call: Call, portal: Portal) -> None:
    portal.settings.plan = "basic"

    assert call("method.get", name="bizproc.robot.add") == {"isExisting": False, "isAvailable": False}
    assert call("bizproc.robot.list") == (404, "ERROR_METHOD_NOT_FOUND")
