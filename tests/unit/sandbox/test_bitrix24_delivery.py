"""What becomes of the emulated portal's events on their way: once each, or lost, doubled, late, as the seed has it."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Emulator, Portal, create_app
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.mount import handing_out, serve

Call = Callable[..., Any]
Form = dict[str, str]

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
    portal = Portal.demo(clock=clock)
    portal.settings.rate_limit = False
    portal.issue_app("app.dental")
    return portal


@pytest.fixture
def emulator(portal: Portal) -> Emulator:
    return create_app(portal)


@pytest.fixture
def call(portal: Portal, emulator: Emulator) -> Call:
    """Call a method as the application's admin."""
    http = emulator.test_client()

    def send(method: str, **params: Any) -> Any:
        answer = http.post(f"/rest/{method}", json=params | {"auth": portal.tokens(1).access})
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()["result"]

    return send


def bind(call: Call, *urls: str, event: str = "ONCRMDEALADD") -> None:
    for url in urls:
        call("event.bind", event=event, handler=url)


def deals_told(portal: Portal) -> list[str]:
    told: list[str] = []
    deliver(portal, lambda _, form: told.append(form["data[FIELDS][ID]"]))
    return told


def a_hundred_deals(call: Call) -> None:
    for part in range(2):
        call("batch", cmd={str(each): f"crm.deal.add?fields[TITLE]={part}-{each}" for each in range(50)})


def test_a_handler_that_fails_is_not_asked_again(call: Call, portal: Portal) -> None:
    bind(call, HANDLER)
    call("crm.deal.add", fields={"TITLE": "A"})

    handed = [deliver(portal, lambda *_: 500), deliver(portal, lambda *_: 200)]

    assert handed == [1, 0]
    assert [row.status for row in portal.sent] == [500]


def test_every_handler_is_told_and_a_silent_one_is_known_as_such(call: Call, portal: Portal) -> None:
    bind(call, HANDLER, OTHER)
    call("crm.deal.add", fields={"TITLE": "A"})

    deliver(portal, lambda url, _: 200 if url == HANDLER else None)

    assert [(row.delivery.url, row.status) for row in portal.sent] == [(HANDLER, 200), (OTHER, None)]


def test_a_share_of_the_events_is_lost_and_a_share_comes_twice(call: Call, portal: Portal) -> None:
    bind(call, HANDLER)
    portal.settings.lose_percent, portal.settings.double_percent = 10, 20

    a_hundred_deals(call)
    told = deals_told(portal)

    lost = [row for row in portal.sent if row.delivery.fate == "lost"]
    assert len(set(told)) == 100 - len(lost)
    assert (3 <= len(lost) <= 20, 8 <= len(told) - len(set(told)) <= 32) == (True, True)


def test_the_same_seed_loses_the_same_events(clock: Clock) -> None:
    def told(seed: int) -> list[str]:
        portal = Portal.demo(clock=clock)
        portal.settings.rate_limit = False
        portal.issue_app("app.dental")
        http, auth = create_app(portal).test_client(), {"auth": portal.tokens(1).access}
        http.post("/rest/event.bind", json=auth | {"event": "ONCRMDEALADD", "handler": HANDLER})
        http.post("/_sandbox/settings", json={"lose_percent": 50, "event_seed": seed})
        http.post("/_sandbox/deals", json=[{"title": "A", "count": 40}])
        return deals_told(portal)

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_an_overtaken_event_comes_later_than_those_after_it(call: Call, portal: Portal, clock: Clock) -> None:
    bind(call, HANDLER)
    portal.settings.reorder_percent = 30
    a_hundred_deals(call)

    first = deals_told(portal)
    clock.now += 1
    late = deals_told(portal)

    assert len(first) + len(late) == 100
    assert int(late[0]) < int(first[-1])


def test_a_delayed_event_waits_in_the_queue(call: Call, portal: Portal, clock: Clock) -> None:
    bind(call, HANDLER)
    portal.settings.delay_s = 5
    call("crm.deal.add", fields={"TITLE": "A"})

    clock.now += 4
    early = deals_told(portal)
    clock.now += 1

    assert (early, len(deals_told(portal))) == ([], 1)


def test_what_was_sent_and_answered_can_be_read(call: Call, portal: Portal, emulator: Emulator) -> None:
    bind(call, HANDLER)
    number = call("crm.deal.add", fields={"TITLE": "A"})
    deliver(portal, lambda *_: 202)

    [row] = emulator.test_client().get("/_sandbox/sent").get_json()

    assert (row["event"], row["about"], row["status"], row["tokens"]) == ("ONCRMDEALADD", str(number), 202, True)
    assert "auth[access_token]" not in row


def test_events_leave_by_themselves_where_the_portal_is_served(emulator: Emulator, portal: Portal) -> None:
    http, auth, told = emulator.test_client(), {"auth": portal.tokens(1).access}, Queue[str]()

    def handler(environ: Any, start: Any) -> list[bytes]:
        told.put(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        start("202 Accepted", [("Content-Length", "0")])
        return []

    with serve(handler) as server, handing_out(emulator.hand_out):
        http.post("/rest/event.bind", json=auth | {"event": "ONCRMDEALADD", "handler": server.url + "/b24"})
        http.post("/_sandbox/deals", json=[{"title": "A", "count": 3}])
        bodies = [told.get(timeout=5) for _ in range(3)]

    assert ["event=ONCRMDEALADD" in body for body in bodies] == [True] * 3
    assert [row.status for row in portal.sent] == [202] * 3


def test_robots_give_up_by_themselves_where_the_portal_is_served(
    call: Call, emulator: Emulator, portal: Portal, clock: Clock
) -> None:
    call("bizproc.robot.add", CODE="ask", HANDLER=HANDLER, NAME="Ask", USE_SUBSCRIPTION="Y")
    portal.place_robot("ask", "NEW", timeout=60)
    call("crm.deal.add", fields={"TITLE": "A"})
    portal.outbox.clear()

    clock.now += 60
    emulator.hand_out()

    assert portal.waiting_robots == {}


def test_a_robot_call_can_be_lost_like_an_event_and_then_the_robot_hangs(call: Call, portal: Portal) -> None:
    call("bizproc.robot.add", CODE="ask", HANDLER=HANDLER, NAME="Ask", USE_SUBSCRIPTION="Y")
    portal.place_robot("ask", "NEW", timeout=60)
    portal.settings.lose_percent = 100

    call("crm.deal.add", fields={"TITLE": "A"})

    assert (deals_told(portal), [row.code for row in portal.waiting_robots.values()]) == ([], ["ask"])


def test_a_robot_stops_waiting_when_the_deal_moves_on(call: Call, portal: Portal) -> None:
    for code, waits in (("ask", "Y"), ("remind", "N")):
        call("bizproc.robot.add", CODE=code, HANDLER=HANDLER, NAME=code, USE_SUBSCRIPTION=waits)
        portal.place_robot(code, "NEW")
    number = call("crm.deal.add", fields={"TITLE": "A"})
    [asked] = portal.outbox
    portal.outbox.clear()

    call("crm.deal.update", id=number, fields={"STAGE_ID": "EXECUTING"})
    answered = call("bizproc.event.send", EVENT_TOKEN=asked.form["event_token"])

    assert (answered, portal.outbox, portal.robot_answers) == (True, [], [])


def test_robots_of_a_removed_stage_never_run(call: Call, portal: Portal) -> None:
    call("bizproc.robot.add", CODE="ask", HANDLER=HANDLER, NAME="Ask", USE_SUBSCRIPTION="N")
    portal.place_robot("ask", "PREPARATION")
    stage = next(row for row in call("crm.status.list") if row["STATUS_ID"] == "PREPARATION")

    call("crm.status.delete", id=stage["ID"])
    number = call("crm.deal.add", fields={"TITLE": "A", "STAGE_ID": "PREPARATION"})

    assert (portal.items[2][number]["stageId"], portal.outbox) == ("NEW", [])
