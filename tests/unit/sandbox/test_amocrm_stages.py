"""Automatic actions on the emulated account's stages: webhooks, widgets' actions and bots, and what sets them off."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import FIRST, PIPELINE, SECOND, THIRD, Desk

URL = "https://app.example/trigger"
DP = "https://app.example/dp"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def widget(desk: Desk) -> str:
    return desk.account.issue_integration("dp-app", "s" * 64, "https://app.example/install", dp_url=DP).client_id


def placed(desk: Desk, *stages: int, kind: str = "webhook", **how: Any) -> int:
    how = {"url": URL} | how if kind == "webhook" else how
    status, body = desk.sandbox("triggers", pipeline_id=PIPELINE, status_ids=list(stages), kind=kind, **how)
    assert status == 201, body
    return int(body["id"])


def test_a_webhook_of_a_stage_tells_the_move_once_with_ids_only(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    placed(desk, SECOND)

    desk.call("PATCH", f"/leads/{lead}", {"status_id": SECOND})
    desk.call("PATCH", f"/leads/{lead}", {"price": 5})

    assert desk.told() == [
        {
            "leads[status][0][id]": str(lead),
            "leads[status][0][status_id]": str(SECOND),
            "leads[status][0][pipeline_id]": str(PIPELINE),
            "leads[status][0][old_status_id]": str(FIRST),
            "leads[status][0][old_pipeline_id]": str(PIPELINE),
            "account[id]": "777001",
            "account[subdomain]": "acme",
        }
    ]


def test_a_webhook_of_a_stage_is_never_repeated(desk: Desk) -> None:
    placed(desk, FIRST)
    desk.made("leads", name="A")

    [sent] = desk.deliveries()

    assert (sent.lasting, desk.account.outbox) == (False, [])


def test_leads_that_stand_there_already_set_nothing_off(desk: Desk) -> None:
    desk.made("leads", name="A")

    placed(desk, FIRST)

    assert desk.told() == []


def test_a_widgets_action_carries_its_settings_and_no_proof(desk: Desk, widget: str) -> None:
    placed(desk, SECOND, kind="widget", client_id=widget, settings={"key": "k-1"})
    lead = desk.made("leads", name="A")

    desk.call("PATCH", f"/leads/{lead}", {"status_id": SECOND})

    [sent] = desk.deliveries()
    assert sent.url == DP
    wanted = {
        "event[type]": "14",
        "event[type_code]": "lead_status_changed",
        "event[data][id]": str(lead),
        "event[data][element_type]": "2",
        "event[data][status_id]": str(SECOND),
        "event[data][direction_of_movement]": "went_to_trigger",
        "action[settings][widget][settings][key]": "k-1",
        "subdomain": "acme",
        "account_id": "777001",
    }
    assert {key: sent.form.get(key) for key in wanted} == wanted
    assert not any("token" in key for key in sent.form)


def test_a_widgets_action_may_come_as_json(desk: Desk, widget: str) -> None:
    desk.account.settings.actions_as_json = True
    placed(desk, FIRST, kind="widget", client_id=widget)

    lead = desk.made("leads", name="A")

    [body] = desk.told()
    assert (body["event"]["type_code"], body["event"]["data"]["id"]) == ("lead_added", lead)


def test_an_action_over_several_stages_tells_the_direction(desk: Desk, widget: str) -> None:
    placed(desk, SECOND, THIRD, kind="widget", client_id=widget)
    lead = desk.made("leads", name="A")

    for stage in (SECOND, THIRD, FIRST):
        desk.call("PATCH", f"/leads/{lead}", {"status_id": stage})

    told = desk.told()
    assert [form["event[data][direction_of_movement]"] for form in told] == [
        "went_to_trigger",
        "went_in_trigger",
        "went_from_trigger",
    ]
    assert {form["event[type]"] for form in told} == {"15"}


def test_calls_and_messages_set_off_the_actions_of_the_leads_stage(desk: Desk) -> None:
    placed(desk, FIRST, events=["call_in", "chat"])
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)

    desk.sandbox("call", lead_id=lead)
    desk.sandbox("message", contact_id=contact, text="Здравствуйте")

    call, chat = desk.told()
    assert (call["leads[call_in][0][id]"], call["leads[call_in][0][status_id]"]) == (str(lead), str(FIRST))
    assert chat["leads[chat][0][id]"] == str(lead)


def test_a_note_can_be_told_not_to_set_anything_off(desk: Desk) -> None:
    placed(desk, FIRST, events=["call_in"])
    lead = desk.made("leads", name="A")
    params = {"uniq": "1", "duration": 1, "source": "s", "link": "", "phone": "1"}
    note = {"note_type": "call_in", "params": params}

    desk.call("POST", f"/leads/{lead}/notes", [note | {"is_need_to_trigger_digital_pipeline": False}])
    assert desk.told() == []
    desk.call("POST", f"/leads/{lead}/notes", [note])
    assert len(desk.told()) == 1


def test_an_action_may_wait(desk: Desk) -> None:
    placed(desk, FIRST, delay=60)

    desk.made("leads", name="A")

    assert desk.told() == []
    desk.clock.now += 60
    assert len(desk.told()) == 1


def test_an_action_can_be_taken_off(desk: Desk) -> None:
    number = placed(desk, FIRST)

    desk.sandbox("untrigger", trigger_id=number)
    desk.made("leads", name="A")

    assert desk.told() == []


def test_actions_that_move_a_lead_round_in_a_circle_come_to_an_end(desk: Desk) -> None:
    def mover(to: int) -> int:
        action = {"handler": "action", "params": {"name": "change_status", "params": {"value": to}}}
        return int(desk.sandbox("bots", name="Мотор", steps=[{"question": [action]}])[1]["id"])

    placed(desk, FIRST, kind="bot", bot_id=mover(SECOND))
    placed(desk, SECOND, kind="bot", bot_id=mover(FIRST))

    desk.made("leads", name="A")

    assert len(desk.account.runs) < 50


@pytest.mark.parametrize(
    "wrong",
    [
        {"status_ids": [1]},
        {"status_ids": []},
        {"kind": "poem"},
        {"events": ["full_moon"]},
        {"kind": "widget", "client_id": "nobody"},
        {"kind": "bot", "bot_id": 1},
        {"nonsense": 1},
    ],
)
def test_actions_that_the_page_would_not_offer(desk: Desk, wrong: dict[str, Any]) -> None:
    usual = {"pipeline_id": PIPELINE, "status_ids": [FIRST], "kind": "webhook"}

    assert desk.sandbox("triggers", **usual | wrong)[0] == 400
