"""How the emulated portal tells an application what happened: chains, doubles, the offline queue, robots that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.delivery import deliver

Call = Callable[..., Any]

HANDLER = "https://app.example/b24/event"
OTHER = "https://app.example/b24/other"


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
    portal.issue_app("app.dental")
    return portal


@pytest.fixture
def call(portal: Portal) -> Call:
    """Call a method as the application's admin, or with the token of an event."""
    http = create_app(portal).test_client()

    def send(method: str, access: str = "", **params: Any) -> Any:
        answer = http.post(f"/rest/{method}", json=params | {"auth": access or portal.tokens(1).access})
        body = answer.get_json()
        return body["result"] if answer.status_code == 200 else (answer.status_code, body["error"])

    return send


@pytest.fixture
def deal(call: Call) -> int:
    """A deal made before anybody listens."""
    number: int = call("crm.deal.add", fields={"TITLE": "Осмотр"})
    return number


def sent(portal: Portal) -> list[dict[str, str]]:
    forms: list[dict[str, str]] = []
    deliver(portal, lambda _, form: forms.append(form))
    return forms


def answer_every_event(call: Call, portal: Portal, deal: int) -> int:
    """Change the deal with each event's own token; how many events came."""
    told = 0
    while forms := sent(portal):
        told += 1
        call("crm.deal.update", forms[0]["auth[access_token]"], id=deal, fields={"TITLE": str(told)})
    return told


def test_a_handler_that_answers_with_a_write_is_stopped_after_seven(call: Call, portal: Portal, deal: int) -> None:
    call("event.bind", event="ONCRMDEALUPDATE", handler=HANDLER)
    call("crm.deal.update", id=deal, fields={"TITLE": "0"})

    told = answer_every_event(call, portal, deal)

    assert (told, portal.items[2][deal]["title"]) == (7, "7")


def test_one_request_tells_a_handler_the_same_only_once(call: Call, portal: Portal, deal: int) -> None:
    call("event.bind", event="ONCRMDEALUPDATE", handler=HANDLER)
    update = f"crm.deal.update?id={deal}&fields[TITLE]="

    call("batch", cmd={"a": update + "A", "b": update + "B"})
    call("crm.deal.update", id=deal, fields={"TITLE": "C"})

    assert len(sent(portal)) == 2


def test_deliveries_can_be_lost_doubled_and_turned_round(call: Call, portal: Portal, deal: int) -> None:
    call("event.bind", event="ONCRMDEALUPDATE", handler=HANDLER)
    call("event.bind", event="ONCRMDEALDELETE", handler=HANDLER)
    portal.settings.drop_events, portal.settings.duplicate_events, portal.settings.reorder_events = 1, 1, True

    for title in ("A", "B"):
        call("crm.deal.update", id=deal, fields={"TITLE": title})
    call("crm.deal.delete", id=deal)

    assert [form["event"] for form in sent(portal)] == ["ONCRMDEALDELETE", "ONCRMDEALUPDATE", "ONCRMDEALUPDATE"]


def test_a_slow_handler_is_left_alone_for_a_while(call: Call, portal: Portal, clock: Clock, deal: int) -> None:
    for url in (HANDLER, OTHER):
        call("event.bind", event="ONCRMDEALUPDATE", handler=url)
    called: list[str] = []

    def slow(url: str, form: dict[str, str]) -> None:
        called.append(url)
        clock.now += 6 if url == HANDLER else 0

    for title in ("A", "B"):
        call("crm.deal.update", id=deal, fields={"TITLE": title})
        deliver(portal, slow)
    clock.now += 60
    deliver(portal, slow)

    assert called == [HANDLER, OTHER, OTHER, HANDLER]


def test_the_offline_queue_skips_what_its_own_connector_wrote(call: Call, portal: Portal, deal: int) -> None:
    call("event.bind", event="ONCRMDEALUPDATE", event_type="offline", auth_connector="dental")

    call("crm.deal.update", id=deal, fields={"TITLE": "own"}, auth_connector="dental")
    own = call("event.offline.list", auth_connector="dental")
    call("crm.deal.update", id=deal, fields={"TITLE": "foreign"})

    assert own == []
    assert [row["EVENT_NAME"] for row in call("event.offline.list", auth_connector="dental")] == ["ONCRMDEALUPDATE"]


def test_a_connector_needs_its_plan_on_any_call(call: Call, portal: Portal) -> None:
    portal.settings.plan = "std"

    assert call("profile", auth_connector="dental") == (403, "WRONG_LICENSE")


def test_the_offline_queue_pings_once_in_a_while(call: Call, portal: Portal, clock: Clock, deal: int) -> None:
    call("event.bind", event="ONCRMDEALUPDATE", event_type="offline")
    call("event.bind", event="ONOFFLINEEVENT", handler=HANDLER, options={"minTimeout": 10})

    for seconds in (0, 5, 5):
        clock.now += seconds
        call("crm.deal.update", id=deal, fields={"TITLE": str(clock.now)})

    forms = sent(portal)
    assert [form["event"] for form in forms] == ["ONOFFLINEEVENT"] * 2
    assert "auth[refresh_token]" in forms[0]


def test_a_waiting_robot_holds_up_the_rest_of_its_stage(call: Call, portal: Portal, clock: Clock) -> None:
    for code, waits in (("ask", "Y"), ("remind", "N")):
        call("bizproc.robot.add", CODE=code, HANDLER=HANDLER, NAME=code, USE_SUBSCRIPTION=waits)
        portal.place_robot(code, "NEW", timeout=600)
    for _ in range(2):
        call("crm.deal.add", fields={"TITLE": "A"})
    first, second = sent(portal)

    call("bizproc.event.send", EVENT_TOKEN=first["event_token"])
    after_answer = sent(portal)
    clock.now += 600
    portal.expire_robots()

    assert (first["code"], second["code"]) == ("ask", "ask")
    assert [form["code"] for form in after_answer] == ["remind"]
    assert [form["code"] for form in sent(portal)] == ["remind"]
    assert call("bizproc.event.send", EVENT_TOKEN=second["event_token"]) is True
    assert len(portal.robot_answers) == 1


def test_a_newer_version_is_silent_until_it_is_installed(call: Call, portal: Portal) -> None:
    call("event.bind", event="ONAPPUPDATE", handler=HANDLER)
    call("event.bind", event="ONCRMDEALADD", handler=HANDLER)

    portal.update_app(purge=False)
    call("crm.deal.add", fields={"TITLE": "A"})
    silent = sent(portal)
    portal.finish_install()
    call("crm.deal.add", fields={"TITLE": "B"})

    assert [(form["event"], form["data[VERSION]"]) for form in silent] == [("ONAPPUPDATE", "2")]
    assert [form["event"] for form in sent(portal)] == ["ONCRMDEALADD"]


def test_an_update_drops_what_the_installer_had_put_in_place(call: Call, portal: Portal) -> None:
    call("event.bind", event="ONCRMDEALADD", handler=HANDLER)
    call("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=HANDLER)
    call("bizproc.robot.add", CODE="remind", HANDLER=HANDLER, NAME="Remind")

    portal.update_app()

    assert (portal.handlers, portal.placements, portal.robots) == ([], [], [])


def test_the_end_of_a_paid_time_is_told_without_tokens(call: Call, portal: Portal) -> None:
    call("event.bind", event="ONAPPPAYMENT", handler=HANDLER)

    portal.set_payment()

    [form] = sent(portal)
    assert (form["data[PAYMENT_EXPIRED]"], "auth[access_token]" in form) == ("Y", False)
    assert call("profile") == (401, "PAYMENT_REQUIRED")


def test_a_removed_application_is_known_to_the_oauth_host_as_such(portal: Portal) -> None:
    http = create_app(portal).test_client()
    token, secret = portal.tokens(1), portal.apps["app.dental"].client_secret
    portal.uninstall("app.dental")
    grant = {"grant_type": "refresh_token", "client_id": "app.dental", "client_secret": secret}

    refreshed = http.get("/oauth/token/", query_string=grant | {"refresh_token": token.refresh})
    info = http.get("/rest/app.info/", query_string={"auth": token.access})
    used = http.post("/rest/profile", json={"auth": token.access})

    answers = [(answer.status_code, answer.get_json()["error"]) for answer in (refreshed, info, used)]
    assert answers == [(401, "NOT_INSTALLED"), (401, "NOT_INSTALLED"), (401, "APPLICATION_NOT_FOUND")]
