"""How the emulated account reads requests and writes answers, what it refuses at the door, and the faults it can play."""

from __future__ import annotations

from typing import Any

import pytest

from widget_backend.sandbox.amocrm import Account, Emulator, create_app
from widget_backend.sandbox.amocrm.wire.query import nested
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
def account(clock: Clock) -> Account:
    return Account.demo(clock=clock)


@pytest.fixture
def emulator(account: Account) -> Emulator:
    return create_app(account)


@pytest.fixture
def http(emulator: Emulator) -> Any:
    return emulator.test_client()


@pytest.fixture
def alice(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.long_lived_token()}"}


def get(http: Any, headers: dict[str, str], path: str = "/account") -> Any:
    return http.get("/api/v4" + path, headers=headers)


def test_bracket_keys_are_nested() -> None:
    pairs = [("filter[id][]", "1"), ("filter[id][]", "2"), ("filter[statuses][0][status_id]", "142"), ("page", "3")]

    assert nested(pairs) == {
        "filter": {"id": {"0": "1", "1": "2"}, "statuses": {"0": {"status_id": "142"}}},
        "page": "3",
    }


def test_answers_are_hal_with_a_request_id(http: Any, alice: dict[str, str]) -> None:
    good = get(http, alice)
    empty = get(http, alice, "/leads")

    assert (good.content_type, len(good.headers["X-Request-Id"])) == ("application/hal+json", 32)
    assert (empty.status_code, empty.data) == (204, b"")


@pytest.mark.parametrize("header", ["", "Bearer unknown", "Basic x"])
def test_strangers_are_refused(http: Any, header: str) -> None:
    answer = get(http, {"Authorization": header})

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.get_json() == {
        "title": "Unauthorized",
        "type": "https://httpstatus.es/401",
        "status": 401,
        "detail": "Неверный логин или пароль",
    }


def test_unknown_addresses_and_verbs(account: Account, http: Any, alice: dict[str, str]) -> None:
    nowhere = get(http, alice, "/calls")
    leads = http.delete("/api/v4/leads", headers=alice)
    task = http.delete("/api/v4/tasks/1", headers=alice)
    account.settings.brand = "kommo"
    note = http.delete("/api/v4/leads/notes", headers=alice)

    assert (nowhere.status_code, nowhere.get_json()["detail"]) == (404, "Cannot GET http://localhost/api/v4/calls")
    assert (leads.status_code, leads.data) == (405, b"")
    assert (task.status_code, task.get_json()["detail"]) == (403, "Invalid scope")
    assert (note.status_code, note.get_json()["title"]) == (405, "Method Not Allowed")


@pytest.mark.parametrize("body", ["", "[]", "not json"])
def test_a_write_needs_a_body(http: Any, alice: dict[str, str], body: str) -> None:
    answer = http.post("/api/v4/leads", data=body, headers=alice)

    assert (answer.status_code, answer.get_json()["detail"]) == (400, "Request data can not be empty")


def test_more_than_250_items_are_refused(http: Any, alice: dict[str, str]) -> None:
    answer = http.post("/api/v4/leads", json=[{"name": "A"}] * 251, headers=alice)

    assert (answer.status_code, answer.get_json()["detail"]) == (422, "Limit 250 per page")


def test_seven_a_second_for_a_client_and_fifty_for_the_account(account: Account, http: Any, clock: Clock) -> None:
    account.settings.block_after = 0
    clients = [account.issue_integration(redirect_uri="https://app.example").client_id for _ in range(8)]

    def statuses(client: str) -> list[int]:
        headers = {"Authorization": f"Bearer {account.grant(client).access}"}
        return [get(http, headers).status_code for _ in range(8)]

    all_at_once = [statuses(client) for client in clients]
    clock.now += 1.0
    later = statuses(clients[0])

    assert all_at_once == [[200] * 7 + [429]] * 7 + [[200] + [429] * 7]
    assert later == [200] * 7 + [429]


def test_the_window_slides(account: Account, http: Any, alice: dict[str, str], clock: Clock) -> None:
    for _ in range(4):
        get(http, alice)
    clock.now += 0.6
    for _ in range(3):
        get(http, alice)
    clock.now += 0.5

    assert [get(http, alice).status_code for _ in range(5)] == [200] * 4 + [429]


def test_refusals_that_go_on_block_the_account(
    account: Account, http: Any, alice: dict[str, str], clock: Clock
) -> None:
    account.settings.block_after = 3

    answers = [get(http, alice) for _ in range(10)]
    clock.now += 3600
    after = get(http, alice)

    assert answers[7].get_json()["retry_after"] == 1
    assert [answer.status_code for answer in answers[6:]] == [200, 429, 429, 429]
    assert (after.status_code, after.mimetype) == (403, "text/html")
    account.settings.blocked = False
    assert get(http, alice).status_code == 200


def test_a_rate_refusal_may_be_a_page(account: Account, http: Any, alice: dict[str, str]) -> None:
    account.settings.limit_html = True

    answer = [get(http, alice) for _ in range(8)][-1]

    assert (answer.status_code, answer.mimetype) == (429, "text/html")


@pytest.mark.parametrize(("unpaid", "read", "write"), [("writes", 200, 402), ("all", 402, 402)])
def test_an_ended_subscription(
    account: Account, http: Any, alice: dict[str, str], unpaid: str, read: int, write: int
) -> None:
    account.settings.unpaid = unpaid

    assert get(http, alice).status_code == read
    assert http.post("/api/v4/leads", json=[{"name": "A"}], headers=alice).status_code == write


@pytest.mark.parametrize(
    ("kind", "status", "mimetype"),
    [
        ("auth_401", 401, "application/problem+json"),
        ("limit_429", 429, "application/problem+json"),
        ("limit_429_html", 429, "text/html"),
        ("forbidden_403_html", 403, "text/html"),
        ("lying_400", 400, "application/problem+json"),
        ("payment_402", 402, "application/problem+json"),
        ("timeout_504", 504, "text/html"),
    ],
)
def test_faults_that_are_an_answer_of_the_vendor(
    emulator: Emulator, http: Any, alice: dict[str, str], kind: str, status: int, mimetype: str
) -> None:
    emulator.faults.plan(Fault(1, kind, seconds=300))

    answer = http.post("/api/v4/leads", json=[{"name": "A"}], headers=alice)

    assert (answer.status_code, answer.mimetype) == (status, mimetype)
    assert get(http, alice, "/leads").status_code == 204


def test_a_rate_fault_says_how_long_and_a_lying_400_names_no_item(
    emulator: Emulator, http: Any, alice: dict[str, str]
) -> None:
    emulator.faults.plan(Fault(1, "limit_429", seconds=300), Fault(2, "lying_400"))

    assert get(http, alice).get_json()["retry_after"] == 300
    assert "validation-errors" not in get(http, alice).get_json()


def test_an_auth_fault_ends_the_access_token_only(account: Account, emulator: Emulator, http: Any) -> None:
    client = account.issue_integration(redirect_uri="https://app.example").client_id
    token = account.grant(client)
    headers = {"Authorization": f"Bearer {token.access}"}
    emulator.faults.plan(Fault(1, "auth_401"))

    assert [get(http, headers).status_code for _ in range(2)] == [401, 401]
    assert token.refresh_expires > account.now()


def test_the_log_names_operations_and_writes(emulator: Emulator, http: Any, alice: dict[str, str]) -> None:
    get(http, alice)
    http.post("/api/v4/leads", json=[{"name": "A"}, {"name": "B"}], headers=alice)
    http.delete("/api/v4/leads/pipelines/9001/statuses/70005", headers=alice)

    rows = http.get("/_sandbox/requests").get_json()

    assert [(row["operation"], row["write"], row["commands"], row["status"]) for row in rows] == [
        ("GET /account", False, 0, 200),
        ("POST /leads", True, 2, 200),
        ("DELETE /leads/pipelines/{id}/statuses/{id}", True, 0, 204),
    ]


def test_unknown_filters_orders_and_limits_are_ignored(account: Account, http: Any, alice: dict[str, str]) -> None:
    http.post("/_sandbox/leads", json=[{"name": "A", "count": 3}])

    answer = get(http, alice, "/leads?filter[nonsense]=1&order[price]=desc&limit=9999").get_json()
    account.settings.strict_query = True
    strict = get(http, alice, "/leads?filter[nonsense]=1")

    assert len(answer["_embedded"]["leads"]) == 3
    assert answer["_links"]["self"]["href"].endswith("?page=1&limit=250&filter[nonsense]=1&order[price]=desc")
    assert strict.status_code == 400


def test_pages_end_without_a_next_link(http: Any, alice: dict[str, str]) -> None:
    http.post("/_sandbox/leads", json=[{"name": "A", "count": 3}])

    first = get(http, alice, "/leads?limit=2").get_json()
    second = get(http, alice, "/leads?limit=2&page=2").get_json()
    third = get(http, alice, "/leads?limit=2&page=3")

    assert first["_links"]["next"]["href"] == "http://localhost/api/v4/leads?page=2&limit=2"
    assert (first["_page"], "_total_items" in first) == (1, False)
    assert ("next" in second["_links"], len(second["_embedded"]["leads"])) == (False, 1)
    assert (third.status_code, third.data) == (204, b"")


def test_the_control_room(account: Account, http: Any) -> None:
    made = http.post("/_sandbox/leads", json=[{"status_id": 70009, "count": 2}]).get_json()["ids"]

    state = http.get("/_sandbox/state").get_json()
    changed = http.post("/_sandbox/settings", json={"fields_page": 50}).get_json()

    assert [row["id"] for row in state["records"]["leads"]] == made
    assert {row["own"]["status_id"] for row in state["records"]["leads"]} == {70009}
    assert changed["fields_page"] == 50
    assert http.post("/_sandbox/settings", json={"nonsense": 1}).status_code == 400
    assert http.post("/_sandbox/leads", json=[{"status_id": 1}]).status_code == 400
    assert http.post("/_sandbox/clock", json={"advance": 60}).get_json() == {"now": 1_790_000_060.0}
    assert http.post("/_sandbox/reset").get_json() == {"reset": True}
    assert account.records["leads"] == {}


def test_people_see_the_board_and_a_card(http: Any) -> None:
    [lead] = http.post("/_sandbox/leads", json=[{"name": "Чистка <b>", "status_id": 70009}]).get_json()["ids"]

    board = http.get("/").get_data(as_text=True)
    card = http.get(f"/leads/detail/{lead}").get_data(as_text=True)

    assert "Переговоры" in board
    assert "Чистка &lt;b&gt;" in board
    assert "Вкладка «Статистика»" in board
    assert f"Сделка № {lead}" in card
    assert http.get("/leads/detail/1").status_code == 404
    assert http.get("/leads/pipeline/1/").status_code == 404
