"""What leaves the emulated account by itself: account hooks, their retries, bots that ask a widget, stage actions."""

from __future__ import annotations

import http.server
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.control import send
from widget_backend.sandbox.amocrm.hooks.automation import act_on_stage, ask_widget, call_trigger
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, deliver, encoded
from widget_backend.sandbox.amocrm.hooks.post import Post

Call = Callable[..., Any]

URL = "https://app.example/hook"
ALL = ["add_lead", "status_lead", "update_lead", "responsible_lead", "delete_lead", "note_lead"]
ALL += ["add_contact", "add_company", "add_task", "update_task"]


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
    return account


@pytest.fixture
def http_client(account: Account) -> Any:
    return create_app(account).test_client()


@pytest.fixture
def call(account: Account, http_client: Any) -> Call:
    """Call as the admin: the body of the answer."""
    headers = {"Authorization": f"Bearer {account.long_lived_token()}"}

    def ask(method: str, path: str, body: Any = None) -> Any:
        answer = http_client.open("/api/v4" + path, method=method, json=body, headers=headers)
        return answer.get_json(silent=True) if answer.status_code < 400 else answer.status_code

    return ask


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A receiver on loopback: its address, and the (verb, path, body) it was sent."""
    got: list[tuple[str, str, bytes]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.append((self.command, self.path, body))
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()
    thread.join()


def subscribed(call: Call, *events: str) -> int:
    return int(call("POST", "/webhooks", {"destination": URL, "settings": list(events or ALL)})["id"])


def made(call: Call, entity: str, **item: Any) -> int:
    return int(call("POST", f"/{entity}", [item])["_embedded"][entity][0]["id"])


def taken(account: Account) -> list[dict[str, str]]:
    sent: list[dict[str, str]] = []
    deliver(account, lambda delivery: sent.append(delivery.form) or 200)
    return sent


def test_a_moved_lead_is_told_with_its_old_stage(account: Account, call: Call) -> None:
    lead = made(call, "leads", name="A", price=4500)
    subscribed(call, "status_lead")

    call("PATCH", f"/leads/{lead}", {"status_id": 142})

    [form] = taken(account)
    wanted = {
        "leads[status][0][id]": str(lead),
        "leads[status][0][status_id]": "142",
        "leads[status][0][old_status_id]": "70005",
        "leads[status][0][pipeline_id]": "9001",
        "leads[status][0][price]": "4500",
        "leads[status][0][modified_user_id]": "500",
        "account[id]": "777001",
        "account[subdomain]": "acme",
        "account[_links][self]": "http://localhost",
    }
    assert {key: form.get(key) for key in wanted} == wanted
    assert not any(key.startswith("leads[update]") for key in form)


def test_fields_and_tags_travel_in_brackets(account: Account, call: Call) -> None:
    enums = [{"value": "Чистка", "sort": 1}]
    field = call("POST", "/leads/custom_fields", [{"name": "Услуга", "type": "select", "enums": enums}])
    [service] = field["_embedded"]["custom_fields"]
    subscribed(call, "add_lead")

    values = [{"field_id": service["id"], "values": [{"value": "Чистка"}]}]
    made(call, "leads", name="A", custom_fields_values=values, tags_to_add=[{"name": "сайт"}])

    [form] = taken(account)
    base = "leads[add][0][custom_fields][0]"
    assert (form[f"{base}[id]"], form[f"{base}[name]"]) == (str(service["id"]), "Услуга")
    assert form[f"{base}[values][0][value]"] == "Чистка"
    assert form[f"{base}[values][0][enum]"] == str(service["enums"][0]["id"])
    assert form["leads[add][0][tags][0][name]"] == "сайт"
    assert "%5Badd%5D" in encoded(form)


def test_companies_arrive_among_the_contacts(account: Account, call: Call) -> None:
    subscribed(call)

    made(call, "companies", name="Ромашка")
    made(call, "contacts", name="Анна", custom_fields_values=[{"field_code": "PHONE", "values": [{"value": "+7999"}]}])

    company, person = taken(account)
    assert (company["contacts[add][0][type]"], company["contacts[add][0][name]"]) == ("company", "Ромашка")
    assert person["contacts[add][0][type]"] == "contact"
    assert person["contacts[add][0][custom_fields][0][code]"] == "PHONE"


def test_a_batch_is_told_in_one_request(account: Account, call: Call) -> None:
    subscribed(call)

    call("POST", "/leads", [{"name": name} for name in "ABCDEFGHIJKL"])

    first, second = taken(account)
    assert (first["leads[add][9][name]"], "leads[add][10][name]" in first) == ("J", False)
    assert second["leads[add][1][name]"] == "L"


def test_tasks_notes_and_deletions_have_their_own_bodies(account: Account, call: Call) -> None:
    lead = made(call, "leads", name="A")
    subscribed(call)

    made(call, "tasks", text="Позвонить", complete_till=1_790_000_000, entity_id=lead, entity_type="leads")
    call("POST", f"/leads/{lead}/notes", [{"note_type": "common", "params": {"text": "текст"}}])
    account.trash("leads", lead)

    task, note, gone = taken(account)
    assert (task["task[add][0][element_type]"], task["task[add][0][complete_till]"]) == ("2", "2026-09-21 14:13:20")
    assert (note["leads[note][0][note][note_type]"], note["leads[note][0][note][text]"]) == ("4", "текст")
    assert (gone["leads[delete][0][id]"], gone["leads[delete][0][status_id]"]) == (str(lead), "70005")


def test_own_writes_echo_with_the_robots_number(account: Account, call: Call) -> None:
    lead = made(call, "leads", name="A")
    subscribed(call, "update_lead")

    call("PATCH", f"/leads/{lead}", {"price": 1, "updated_by": 0})

    assert taken(account)[0]["leads[update][0][modified_user_id]"] == "0"


def tries(account: Account, clock: Clock, *statuses: int) -> list[int]:
    """Seconds between the tries of a hook that is answered with these statuses."""
    answers, times = iter([*statuses, *[200] * 9]), [clock.now]

    def answer(_: Delivery) -> int:
        times.append(clock.now)
        return next(answers)

    while account.outbox:
        clock.now = max(clock.now, account.outbox[0].due)
        deliver(account, answer)
    return [int(later - earlier) for earlier, later in itertools.pairwise(times)]


@pytest.mark.parametrize(
    ("statuses", "pauses"),
    [
        ((200,), [0]),
        ((100,), [0]),
        ((404, 404, 404), [0, 300, 900]),
        ((0, 302, 503, 499, 503), [0, 300, 900, 900, 3600]),
        ((500, 500, 500, 404), [0, 300, 900, 900]),
    ],
)
def test_retries(account: Account, call: Call, clock: Clock, statuses: tuple[int, ...], pauses: list[int]) -> None:
    subscribed(call)
    made(call, "leads", name="A")

    assert tries(account, clock, *statuses) == pauses


def test_too_many_bad_answers_switch_a_webhook_off(account: Account, call: Call, clock: Clock) -> None:
    number = subscribed(call, "add_lead")
    for _ in range(100):
        made(call, "leads", name="A")
    deliver(account, lambda _: 500)
    before = account.webhooks[number].disabled
    made(call, "leads", name="A")
    deliver(account, lambda _: 500)
    account.outbox.clear()

    made(call, "leads", name="A")

    assert (before, account.webhooks[number].disabled, account.outbox) == (False, True, [])
    subscribed(call, "add_lead")
    assert account.webhooks[number].disabled
    account.settings.post_enables_webhook = True
    subscribed(call, "add_lead")
    assert not account.webhooks[number].disabled


def test_bad_answers_are_forgotten_after_two_hours(account: Account, call: Call, clock: Clock) -> None:
    number = subscribed(call, "add_lead")
    for _ in range(100):
        made(call, "leads", name="A")
    deliver(account, lambda _: 404)
    account.outbox.clear()
    clock.now += 7200

    made(call, "leads", name="A")
    deliver(account, lambda _: 404)

    assert not account.webhooks[number].disabled


def told_under(account: Account, call: Call, clock: Clock, count: int = 2, **settings: float) -> list[str]:
    """Names of the leads that are told of, in their order, a minute later."""
    vars(account.settings).update(settings)
    for at in range(count):
        made(call, "leads", name=chr(65 + at))
    now = taken(account)
    clock.now += 60
    return [form["leads[add][0][name]"] for form in [*now, *taken(account)]]


def test_a_lost_hook_is_kept_in_the_journal_only(account: Account, call: Call, clock: Clock) -> None:
    subscribed(call, "add_lead")

    assert told_under(account, call, clock, lose_percent=100) == []
    assert [(each.status, each.delivery.fate) for each in account.sent] == [(None, "lost")] * 2


def test_hooks_can_be_doubled_and_held_up(account: Account, call: Call, clock: Clock) -> None:
    subscribed(call, "add_lead")

    assert told_under(account, call, clock, double_percent=100) == ["A", "A", "B", "B"]
    assert told_under(account, call, clock, double_percent=0, delay_s=30) == ["A", "B"]
    account.settings.delay_s = 61
    assert told_under(account, call, clock) == []


def test_hooks_overtake_each_other(account: Account, call: Call, clock: Clock) -> None:
    subscribed(call, "add_lead")

    told = told_under(account, call, clock, count=26, reorder_percent=30)

    assert (sorted(told) == told, sorted(told)) == (False, [chr(65 + at) for at in range(26)])


def test_the_seed_says_which_hooks_are_spoilt(clock: Clock) -> None:
    def losses(seed: int) -> list[str]:
        account = Account.demo(clock=clock)
        account.settings.rate = False
        http, headers = create_app(account).test_client(), {"Authorization": f"Bearer {account.long_lived_token()}"}
        body = {"destination": URL, "settings": ["add_lead"]}
        http.post("/api/v4/webhooks", json=body, headers=headers)
        spoil = {"lose_percent": 30, "event_seed": seed}
        assert http.post("/_sandbox/settings", json=spoil).status_code == 200
        for _ in range(20):
            http.post("/api/v4/leads", json=[{"name": "A"}], headers=headers)
        return [form["leads[add][0][id]"] for form in taken(account)]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)
    assert 5 < len(losses(1)) < 20


def test_the_journal_keeps_every_try_and_its_answer(account: Account, call: Call, clock: Clock) -> None:
    subscribed(call, "add_lead")
    made(call, "leads", name="A")

    tries(account, clock, 503, 200)

    assert [(each.status, each.attempt, int(each.at) - 1_790_000_000) for each in account.sent] == [
        (503, 1, 0),
        (200, 2, 300),
    ]


def test_a_slow_address_holds_up_nobody_else(account: Account, call: Call) -> None:
    for address in ("https://slow.example", "https://quick.example"):
        call("POST", "/webhooks", {"destination": address, "settings": ["add_lead"]})
    made(call, "leads", name="A")
    freed, came = threading.Event(), threading.Event()

    def sender(delivery: Delivery) -> int:
        if "slow" in delivery.url:
            freed.wait(10)
        else:
            came.set()
        return 200

    post = Post(account, sender)
    first = post.hand_out()
    quick = came.wait(10)
    made(call, "leads", name="B")
    post.hand_out()
    waiting = [each.url for each in account.outbox if "slow" in each.url]
    freed.set()

    assert (first, quick, waiting) == (2, True, ["https://slow.example"])


def test_hooks_are_handed_out_over_the_wire(
    account: Account, http_client: Any, call: Call, inbox: tuple[str, list[tuple[str, str, bytes]]]
) -> None:
    address, got = inbox
    call("POST", "/webhooks", {"destination": f"{address}/hook?key=1", "settings": ["add_lead"]})
    made(call, "leads", name="A")
    client = account.issue_integration(redirect_uri=f"{address}/install").client_id
    account.install(client)

    answer = http_client.post("/_sandbox/deliver").get_json()

    assert answer == {"delivered": 2, "waiting": 0}
    assert [(verb, path.split("?")[0]) for verb, path, _ in got] == [("POST", "/hook"), ("GET", "/install")]
    assert b"leads%5Badd%5D%5B0%5D%5Bname%5D=A" in got[0][2]
    assert "from_widget=1" in got[1][1]


def test_nobody_there_is_no_answer() -> None:
    assert send(Delivery("http://127.0.0.1:9/hook", "add_lead", {"a": "1"})) == 0


def test_a_bot_waits_for_a_widget_and_goes_on_once(account: Account, call: Call) -> None:
    secret = "s" * 64
    integration = account.issue_integration("bot-app", secret, "https://app.example/install")
    lead = made(call, "leads", name="A")

    back = ask_widget(account, integration, "https://app.example/bot", lead, {"op": "route", "lead": lead})

    [form] = taken(account)
    claims = jwt.decode(form["token"], secret, ["HS512"], audience="https://app.example", options={"verify_exp": False})
    assert (claims["entity_id"], form["data[op]"], form["return_url"]) == (lead, "route", back)
    path = back.split("/api/v4")[1]
    long = {"execute_handlers": [{"handler": "show", "params": {"type": "text", "value": "x" * 81}}]}
    assert call("POST", path, long) == 400
    assert call("POST", path, {"data": {"status": "success"}}) is None
    assert call("POST", path, {"data": {"status": "success"}}) == 404
    assert [each["answer"] for each in account.continued_bots] == [{"data": {"status": "success"}}]


def test_a_widget_request_may_come_as_json_and_in_another_algorithm(account: Account, call: Call) -> None:
    integration = account.issue_integration("bot-app", "s" * 64, "https://app.example/install")
    lead = made(call, "leads", name="A")

    ask_widget(account, integration, "https://app.example/bot", lead, {}, algorithm="HS256", as_json=True)

    [delivery] = account.outbox
    assert delivery.json is not None
    assert jwt.get_unverified_header(delivery.json["token"])["alg"] == "HS256"
    assert delivery.lasting is False


def test_actions_and_triggers_of_the_digital_pipeline(account: Account, call: Call) -> None:
    integration = account.issue_integration(redirect_uri="https://app.example", dp_url="https://app.example/dp")
    lead = made(call, "leads", name="A")

    act_on_stage(account, integration, lead, {"target": "9002"})
    call_trigger(account, "https://app.example/trigger", lead, {"status_id": 70009, "pipeline_id": 9001})

    action, trigger = taken(account)
    assert (action["event[type]"], action["event[type_code]"]) == ("15", "lead_appeared_in_status")
    assert (action["event[data][id]"], action["event[data][direction_of_movement]"]) == (str(lead), "went_to_trigger")
    assert (action["action[settings][widget][settings][target]"], action["account_id"]) == ("9002", "777001")
    assert trigger["leads[status][0][old_status_id]"] == "70009"
    assert "leads[status][0][name]" not in trigger


def test_a_bot_run_is_queued(account: Account, http_client: Any, call: Call) -> None:
    lead = made(call, "leads", name="A")
    headers = {"Authorization": f"Bearer {account.long_lived_token()}"}

    def run(**row: Any) -> int:
        return int(http_client.post("/api/v2/salesbot/run", json=[{"bot_id": 5} | row], headers=headers).status_code)

    assert run(entity_id=lead, entity_type=2) == 202
    assert run(entity_id=lead, entity_type="2") == 400
    assert run(entity_id=1, entity_type=2) == 403
    assert account.run_bots == [{"bot_id": 5, "entity_id": lead, "entity_type": 2}]
