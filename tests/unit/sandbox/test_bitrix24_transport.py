"""How the emulated portal reads requests and writes answers, and what it refuses at the door."""

from __future__ import annotations

from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Emulator, Portal, create_app
from widget_backend.sandbox.bitrix24.forms import nest
from widget_backend.sandbox.faults import Fault


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
    return Portal.demo(clock=clock)


@pytest.fixture
def emulator(portal: Portal) -> Emulator:
    return create_app(portal)


@pytest.fixture
def http(emulator: Emulator) -> Any:
    return emulator.test_client()


def test_nested_keys_are_read_as_php_reads_them() -> None:
    pairs = [("cmd[a]", "x"), ("f[LIST][0][VALUE]", "1"), ("ids[]", "4"), ("ids[]", "5"), ("id", "1"), ("id", "2")]

    assert nest(pairs) == {"cmd": {"a": "x"}, "f": {"LIST": [{"VALUE": "1"}]}, "ids": ["4", "5"], "id": "2"}


def test_a_call_may_come_in_any_dress(portal: Portal, http: Any) -> None:
    hook = portal.webhook()
    body = {"filter[ENTITY_ID]": "DEAL_STAGE"}

    answers = [
        http.post(hook + "crm.status.list", json={"filter": {"ENTITY_ID": "DEAL_STAGE"}}),
        http.post(hook + "CRM.Status.LIST.json", data=body),
        http.post(hook + "crm.status.list/", data=body, content_type="multipart/form-data"),
        http.get(hook + "crm.status.list", query_string=body),
        http.post(hook + "crm.status.list?filter[ENTITY_ID]=SOURCE", data=body),
    ]

    assert [answer.get_json()["total"] for answer in answers] == [8] * 5


def test_time_stands_only_in_a_success(portal: Portal, http: Any) -> None:
    hook = portal.webhook()

    good = http.get(hook + "profile").get_json()
    bad = http.get(hook + "no.such.method")

    assert good["time"]["date_start"] == "2026-09-21T17:13:20+03:00"
    assert (bad.status_code, bad.get_json().keys()) == (404, {"error", "error_description"})


def test_an_empty_map_is_a_list(portal: Portal, http: Any) -> None:
    answer = http.post(portal.webhook() + "crm.duplicate.findbycomm", json={"type": "PHONE", "values": ["1"]})

    assert answer.get_json()["result"] == []


@pytest.mark.parametrize("carry", ["body", "query", "header"])
def test_a_token_may_come_three_ways(portal: Portal, http: Any, carry: str) -> None:
    portal.issue_app()
    access = portal.tokens(7).access
    sent: dict[str, dict[str, Any]] = {
        "body": {"json": {"auth": access}},
        "query": {"query_string": {"access_token": access}},
        "header": {"headers": {"Authorization": f"Bearer {access}"}},
    }

    assert http.post("/rest/profile", **sent[carry]).get_json()["result"]["ID"] == "7"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/rest/profile", "NO_AUTH_FOUND"),
        ("/rest/profile?auth=unknown", "invalid_token"),
        ("/rest/1/wrong/profile", "INVALID_CREDENTIALS"),
    ],
)
def test_strangers_are_refused(http: Any, path: str, code: str) -> None:
    answer = http.get(path)

    assert (answer.status_code, answer.get_json()["error"]) == (401, code)


def test_scope_application_and_rights_are_checked(portal: Portal, http: Any) -> None:
    portal.issue_app(scopes=["crm"])
    manager = portal.tokens(7).access
    hook = portal.webhook(scopes=["crm", "placement"])

    def refusal(path: str, **params: Any) -> tuple[int, str]:
        answer = http.post(path, json=params)
        return answer.status_code, answer.get_json()["error"]

    assert refusal("/rest/placement.get", auth=manager) == (401, "insufficient_scope")
    assert refusal(hook + "placement.get") == (403, "WRONG_AUTH_TYPE")
    assert refusal("/rest/crm.automation.trigger.list", auth=manager) == (403, "ACCESS_DENIED")
    refused = refusal("/rest/crm.category.add", auth=manager, entityTypeId=2, fields={"name": "X"})
    assert refused == (400, "ACCESS_DENIED")
    fields = {"FIELD_NAME": "A", "USER_TYPE_ID": "string"}
    assert refusal("/rest/crm.deal.userfield.add", auth=manager, fields=fields) == (400, "")


def test_the_bucket_leaks_two_a_second(portal: Portal, http: Any, clock: Clock) -> None:
    hook = portal.webhook()

    statuses = [http.get(hook + "profile").status_code for _ in range(51)]
    clock.now += 1
    later = [http.get(hook + "profile").status_code for _ in range(3)]

    assert statuses == [200] * 50 + [503]
    assert later == [200, 200, 503]


def test_working_time_is_counted_per_method_for_ten_minutes(portal: Portal, http: Any, clock: Clock) -> None:
    hook = portal.webhook()
    portal.settings.costs, portal.settings.request_s = {"crm.deal.list": 300.0, "profile": 0.05}, 600.0

    spent = [http.get(hook + "crm.deal.list") for _ in range(3)]
    other = http.get(hook + "profile").get_json()["time"]["operating"]
    reset_at = spent[0].get_json()["time"]["operating_reset_at"]
    clock.now = reset_at

    assert [answer.status_code for answer in spent] == [200, 200, 429]
    assert spent[1].get_json()["time"]["operating"] == 600
    assert other == 0
    assert http.get(hook + "crm.deal.list").status_code == 200


def test_a_renamed_portal_sends_away_and_a_closed_one_is_gone(portal: Portal, http: Any) -> None:
    hook = portal.webhook()
    portal.settings.renamed_to = "new.clinic.example"
    moved = http.get(hook + "profile")
    portal.settings.renamed_to = ""
    portal.settings.closed = True

    assert (moved.status_code, moved.headers["Location"]) == (302, f"http://new.clinic.example{hook}profile")
    assert http.get(hook + "profile").status_code == 410


def test_a_method_can_be_hidden(portal: Portal, http: Any) -> None:
    http.post("/_sandbox/settings", json={"hidden_methods": ["crm.status.LIST"]})

    assert http.get(portal.webhook() + "crm.status.list").status_code == 404


def test_faults_of_the_portal_come_at_their_request(portal: Portal, emulator: Emulator, http: Any) -> None:
    portal.issue_app()
    access = portal.tokens().access
    emulator.faults.plan(Fault(1, "limit_503"), Fault(2, "operating_429"), Fault(3, "auth_401"))

    statuses = [http.post("/rest/profile", json={"auth": access}).status_code for _ in range(4)]

    assert statuses == [503, 429, 401, 401]
    assert [row.operation for row in emulator.faults.log] == ["profile"] * 4


def test_reset_keeps_the_addresses(portal: Portal, http: Any) -> None:
    hook = portal.webhook()
    http.post(hook + "crm.category.add", json={"entityTypeId": 2, "fields": {"name": "X"}})

    http.post("/_sandbox/reset")

    assert http.post(hook + "crm.category.list", json={"entityTypeId": 2}).get_json()["total"] == 1
