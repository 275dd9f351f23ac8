"""SalesBots of the emulated account: they ask a widget and wait, go on by its answer, and leave by an exit."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from amocrm_desk import FIRST, SECOND, Desk, issues

URL = "https://app.example/bot"
SECRET = "s" * 64


def show(text: str) -> dict[str, Any]:
    return {"handler": "show", "params": {"type": "text", "value": text}}


def action(name: str, **params: Any) -> dict[str, Any]:
    return {"handler": "action", "params": {"name": name, "params": params}}


def exits(value: str) -> dict[str, Any]:
    return {"handler": "exits", "params": {"value": value}}


def goto(step: int) -> dict[str, Any]:
    return {"handler": "goto", "params": {"type": "question", "step": step}}


SUCCESS = {
    "handler": "conditions",
    "params": {
        "logic": "and",
        "conditions": [{"term1": "{{json.status}}", "term2": "success", "operation": "="}],
        "result": [exits("success")],
    },
}
ASK = {
    "handler": "widget_request",
    "params": {"url": URL, "data": {"op": "route", "lead": "{{lead.id}}", "who": "{{contact.name}}"}},
}
#: as a widget's script would have had the vendor keep it
WIDGET = [{"question": [ASK, goto(1)]}, {"question": [SUCCESS, exits("fail")]}]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.account.issue_integration("bot-app", SECRET, "https://app.example/install")
    return desk


def bot(desk: Desk, steps: Any = WIDGET, **more: Any) -> int:
    status, body = desk.sandbox("bots", name="Маршрут", steps=steps, client_id="bot-app", **more)
    assert status == 201, body
    return int(body["id"])


def runs(desk: Desk, number: int, lead: int) -> None:
    status, _ = desk.call(
        "POST", "/salesbot/run", [{"bot_id": number, "entity_id": lead, "entity_type": 2}], version="v2"
    )
    assert status == 202


def continues(desk: Desk, form: dict[str, Any], **answer: Any) -> int:
    status, _ = desk.call("POST", form["return_url"].split("/api/v4")[1], answer)
    return status


def test_a_bot_asks_the_widget_and_leaves_by_the_exit_of_its_answer(desk: Desk) -> None:
    exit_tags = {
        "success": [action("set_tag", type=2, value="записан")],
        "fail": [action("set_tag", value="к человеку")],
    }
    number, lead = bot(desk, exits=exit_tags), desk.made("leads", name="A")
    desk.patient(name="Ольга", lead=lead)

    runs(desk, number, lead)
    [form] = desk.told()

    claims = jwt.decode(
        form["token"],
        SECRET,
        ["HS512"],
        audience="https://app.example",
        options={"verify_exp": False, "verify_nbf": False},
    )
    assert (claims["entity_id"], claims["entity_type"], claims["account_id"]) == (lead, 2, 777001)
    assert (form["data[op]"], form["data[lead]"], form["data[who]"]) == ("route", str(lead), "Ольга")
    assert desk.account.runs[0].state == "waiting"
    assert continues(desk, form, data={"status": "success"}) == 202
    assert (desk.account.runs[0].state, desk.account.runs[0].exit) == ("done", "success")
    [tag] = desk.call("GET", f"/leads/{lead}")[1]["_embedded"]["tags"]
    assert tag["name"] == "записан"
    assert continues(desk, form, data={"status": "success"}) == 404


def test_another_answer_takes_the_other_exit(desk: Desk) -> None:
    number, lead = bot(desk), desk.made("leads", name="A")
    runs(desk, number, lead)
    [form] = desk.told()

    continues(desk, form, data={"status": "unsure"})

    assert desk.account.runs[0].exit == "fail"


def test_a_question_may_be_json_and_signed_the_other_way(desk: Desk) -> None:
    vars(desk.account.settings).update(actions_as_json=True, bot_algorithm="HS256")
    runs(desk, bot(desk), desk.made("leads", name="A"))

    [body] = desk.told()

    assert jwt.get_unverified_header(body["token"])["alg"] == "HS256"
    assert body["data"]["op"] == "route"


def test_the_widgets_own_handlers_come_first(desk: Desk) -> None:
    number, lead = bot(desk), desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    desk.sandbox("message", contact_id=contact, text="Здравствуйте")
    runs(desk, number, lead)
    [form] = desk.told()

    continues(desk, form, data={"slot": "10:00"}, execute_handlers=[show("Ждём в {{json.slot}}")])

    [talk] = desk.account.talks.values()
    assert [(said.text, said.incoming) for said in talk.messages] == [("Здравствуйте", True), ("Ждём в 10:00", False)]
    assert [row["type"] for row in desk.rows("/events?filter[type]=outgoing_chat_message")] == ["outgoing_chat_message"]


def test_a_bot_without_a_chat_says_nothing(desk: Desk) -> None:
    runs(desk, bot(desk, [{"question": [show("Здравствуйте")]}]), desk.made("leads", name="A"))

    [run] = desk.account.runs
    assert (run.state, run.trail) == ("done", ["нет чата, не сказал: Здравствуйте"])


@pytest.mark.parametrize(
    ("answer", "issue"),
    [
        ({"execute_handlers": [show("x" * 81)]}, ("TooLong", "execute_handlers.0.params.value")),
        ({"execute_handlers": [show("x")] * 11}, ("TooLong", "execute_handlers")),
        ({"execute_handlers": [action("set_tag", value="x")]}, ("NotSupportedChoice", "execute_handlers.0.handler")),
        (
            {"execute_handlers": [{"handler": "show", "params": {"type": "buttons", "buttons": ["x"] * 26}}]},
            ("TooLong", "execute_handlers.0.params.buttons"),
        ),
        ({"data": "success"}, ("InvalidType", "data")),
    ],
)
def test_answers_that_are_refused_leave_the_bot_waiting(
    desk: Desk, answer: dict[str, Any], issue: tuple[str, str]
) -> None:
    runs(desk, bot(desk), desk.made("leads", name="A"))
    [form] = desk.told()

    assert issues(desk.call("POST", form["return_url"].split("/api/v4")[1], answer)) == [issue]
    assert continues(desk, form, data={"status": "success"}) == 202


def test_the_largest_allowed_answer_passes(desk: Desk) -> None:
    runs(desk, bot(desk), desk.made("leads", name="A"))
    [form] = desk.told()
    buttons = {"handler": "show", "params": {"type": "buttons", "value": "x" * 80, "buttons": ["x"] * 25}}

    assert continues(desk, form, execute_handlers=[buttons] * 10) == 202


def test_only_an_admin_continues_a_bot(desk: Desk) -> None:
    runs(desk, bot(desk), desk.made("leads", name="A"))
    [form] = desk.told()
    token = desk.account.long_lived_token(507)

    assert desk.call("POST", form["return_url"].split("/api/v4")[1], {"data": {}}, token=token)[0] == 403


def test_a_bot_does_not_go_on_while_another_one_is_at_work_on_the_lead(desk: Desk) -> None:
    number, lead = bot(desk), desk.made("leads", name="A")
    runs(desk, number, lead)
    runs(desk, number, lead)
    first, second = desk.told()

    assert continues(desk, first, data={}) == 400
    desk.account.runs[1].state = "stopped"
    assert continues(desk, first, data={}) == 202
    assert second["return_url"] != first["return_url"]


def test_a_bot_waits_for_the_patients_answer(desk: Desk) -> None:
    price = action("set_budget", value="{{message_text}}")
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    runs(desk, bot(desk, [{"question": [show("Сколько?")], "answer": [price]}]), lead)

    asking = desk.account.runs[0].state
    desk.sandbox("message", contact_id=contact, text="700")

    assert (asking, desk.account.runs[0].state) == ("asking", "done")
    assert desk.call("GET", f"/leads/{lead}")[1]["price"] == 700


def test_what_a_bot_does_is_the_robots_doing(desk: Desk) -> None:
    steps = [
        {
            "question": [
                action("change_status", value=SECOND),
                action("change_responsible_user", value=507),
                action("add_note", value="Лид {{lead.id}}"),
                action("play_music"),
            ]
        }
    ]
    lead = desk.made("leads", name="A", status_id=FIRST)

    runs(desk, bot(desk, steps), lead)

    held = desk.call("GET", f"/leads/{lead}")[1]
    assert (held["status_id"], held["responsible_user_id"], held["updated_by"]) == (SECOND, 507, 0)
    [note] = desk.rows(f"/leads/{lead}/notes")
    assert (note["params"]["text"], note["created_by"]) == (f"Лид {lead}", 0)
    assert desk.account.runs[0].trail[-1] == "не умеет: play_music"


def test_a_bot_that_goes_round_in_circles_is_stopped(desk: Desk) -> None:
    runs(desk, bot(desk, [{"question": [goto(0)]}]), desk.made("leads", name="A"))

    assert desk.account.runs[0].state == "stopped"


def test_a_stage_starts_a_bot(desk: Desk) -> None:
    number = bot(desk)
    desk.sandbox("triggers", pipeline_id=9001, status_ids=[SECOND], kind="bot", bot_id=number)
    lead = desk.made("leads", name="A")

    desk.call("PATCH", f"/leads/{lead}", {"status_id": SECOND})

    assert [form["data[lead]"] for form in desk.told()] == [str(lead)]


def test_bots_are_not_listed_on_amocrm_and_are_on_kommo(desk: Desk) -> None:
    number, lead = bot(desk), desk.made("leads", name="A")
    here = desk.call("GET", "/bots")[0]
    desk.account.settings.brand = "kommo"

    assert (here, [row["id"] for row in desk.rows("/bots")]) == (404, [number])
    assert desk.call("POST", f"/bots/{number}/run", {"entity_id": lead, "entity_type": "leads"})[0] == 202
    [form] = desk.told()
    assert desk.call("POST", f"/bots/{number}/stop", {"entity_id": lead, "entity_type": "leads"})[0] == 202
    assert continues(desk, form, data={}) == 404
    assert desk.call("GET", "/bots/1")[0] == 404
