"""What patients of the emulated account do of themselves: they write into a chat, and they call."""

from __future__ import annotations

import json

import pytest
from amocrm_desk import NOW, Desk, issues


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.account.settings.unsorted_hooks = True
    return desk


def test_a_message_opens_a_talk_about_the_patients_lead_and_the_next_one_goes_on(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    desk.subscribes("add_talk", "update_talk")

    desk.sandbox("message", contact_id=contact, text="Можно завтра?")
    desk.sandbox("message", contact_id=contact, text="Утром")

    first, second = desk.told()
    base = "talk[add][0]"
    assert (first[f"{base}[contact_id]"], first[f"{base}[entity_id]"]) == (str(contact), str(lead))
    assert (first[f"{base}[is_in_work]"], first[f"{base}[is_read]"], first[f"{base}[origin]"]) == ("1", "0", "telegram")
    assert second["talk[update][0][talk_id]"] == first[f"{base}[talk_id]"]


def test_a_message_has_its_own_hook(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(name="Ольга", lead=lead)
    desk.subscribes("add_message")

    desk.sandbox("message", contact_id=contact, text="Можно завтра?")

    [form] = desk.told()
    wanted = {
        "message[add][0][text]": "Можно завтра?",
        "message[add][0][type]": "incoming",
        "message[add][0][author][name]": "Ольга",
        "message[add][0][contact_id]": str(contact),
        "message[add][0][entity_type]": "lead",
        "message[add][0][entity_id]": str(lead),
        "message[add][0][element_type]": "2",
        "message[add][0][created_at]": str(NOW),
    }
    assert {key: form.get(key) for key in wanted} == wanted


def test_messages_are_logged_about_the_lead_and_found_by_the_contact(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    desk.sandbox("message", contact_id=contact, text="Можно завтра?")
    asked = "/events?filter[type]=incoming_chat_message"

    [event] = desk.rows(f"{asked}&filter[entity]=contact&filter[entity_id]={contact}")

    assert (event["entity_type"], event["entity_id"], event["linked_talk_contact_id"]) == ("lead", lead, contact)
    assert list(event["value_after"][0]) == ["message"]
    assert desk.rows(f"{asked}&filter[entity]=lead") == []


def test_somebody_without_an_open_lead_becomes_a_request(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(name="Ольга", lead=lead)
    desk.call("PATCH", f"/leads/{lead}", {"status_id": 143})
    desk.subscribes("add_unsorted")

    _, body = desk.sandbox("message", contact_id=contact, text="Снова болит", lead_id=lead)

    [held] = desk.rows("/leads/unsorted")
    assert (held["category"], held["metadata"]["last_message_text"]) == ("chats", "Снова болит")
    assert body["lead_id"] == held["_embedded"]["leads"][0]["id"] != lead
    assert desk.call("GET", f"/contacts/{contact}")[0] == 200
    assert desk.told()[0]["unsorted[add][0][source_data][client][name]"] == "Ольга"


def test_a_talk_is_closed_once(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    talk = desk.sandbox("message", contact_id=contact, text="Здравствуйте")[1]["talk_id"]

    body = desk.call("GET", f"/talks/{talk}")[1]

    assert (body["is_in_work"], body["is_read"], body["entity_id"], body["entity_type"]) == (True, False, lead, "lead")
    assert [row["id"] for row in body["_embedded"]["contacts"]] == [contact]
    statuses = [desk.call("POST", f"/talks/{talk}/close", {"force_close": True})[0] for _ in range(2)]
    assert (statuses, desk.call("GET", f"/talks/{talk}")[1]["is_in_work"]) == ([202, 422], False)
    assert desk.call("GET", "/talks/1")[0] == 404


def test_a_message_after_the_close_opens_another_talk_in_the_same_chat(desk: Desk) -> None:
    contact = desk.patient(lead=desk.made("leads", name="A"))
    first = desk.sandbox("message", contact_id=contact, text="1")[1]["talk_id"]
    desk.call("POST", f"/talks/{first}/close", {})

    second = desk.sandbox("message", contact_id=contact, text="2")[1]["talk_id"]

    assert second != first
    assert len({row["chat_id"] for row in desk.rows(f"/talks?filter[contact_id]={contact}")}) == 1


def test_chats_are_tied_to_contacts(desk: Desk) -> None:
    contact = desk.patient()

    status, body = desk.call("POST", "/contacts/chats", [{"chat_id": "chat-1", "contact_id": contact}])

    assert (status, body["_embedded"]["chats"][0]["request_id"]) == (200, "0")
    assert desk.rows(f"/contacts/chats?contact_id={contact}") == [{"chat_id": "chat-1", "contact_id": contact}]
    assert issues(desk.call("POST", "/contacts/chats", [{"chat_id": "x", "contact_id": 1}])) == [
        ("NotSupportedChoice", "contact_id")
    ]


def test_a_call_is_a_note_of_telephony_with_its_own_hook_and_event(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    desk.patient(phone="+79990000001", lead=lead)
    desk.subscribes("note_lead")

    status, _ = desk.sandbox("call", lead_id=lead, duration=0)

    [note] = desk.rows(f"/leads/{lead}/notes?filter[note_type]=call_in")
    assert (status, note["created_by"], note["params"]["phone"], note["params"]["duration"]) == (
        201,
        0,
        "+79990000001",
        0,
    )
    [form] = desk.told()
    assert form["leads[note][0][note][note_type]"] == "10"
    assert json.loads(form["leads[note][0][note][text]"])["PHONE"] == "+79990000001"
    assert [row["entity_id"] for row in desk.rows("/events?filter[type]=incoming_call")] == [lead]


def test_what_the_control_room_does_not_know_is_refused(desk: Desk) -> None:
    assert desk.sandbox("message", contact_id=1, text="x")[0] == 400
    assert desk.sandbox("call", lead_id=1)[0] == 400
    assert desk.sandbox("fireworks")[0] == 404
