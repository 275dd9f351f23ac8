"""Incoming requests of the emulated account: forms, calls and chats that wait to be sorted."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import FIRST, INCOMING, NOW, PIPELINE, SECOND, Desk, issues

ALL = ("add_lead", "status_lead", "delete_lead", "add_contact", "add_unsorted", "delete_unsorted")
FORM = {
    "request_id": "f1",
    "source_uid": "site",
    "source_name": "Сайт",
    "metadata": {"form_id": "7", "form_name": "Запись", "form_page": "https://clinic.example"},
    "_embedded": {"leads": [{"name": "Осмотр", "price": 900}], "contacts": [{"name": "Анна"}]},
}
CALL = {
    "source_uid": "pbx",
    "source_name": "АТС",
    "metadata": {"phone": "79990000001", "called_at": NOW, "duration": 5, "is_call_event_needed": True},
}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.account.settings.unsorted_hooks = True
    return desk


def arrived(desk: Desk, body: dict[str, Any] = FORM, category: str = "forms") -> dict[str, Any]:
    status, answer = desk.call("POST", f"/leads/unsorted/{category}", [body])
    assert status == 200, answer
    row: dict[str, Any] = answer["_embedded"]["unsorted"][0]
    return row


def test_a_form_makes_a_lead_on_the_incoming_stage_and_hides_its_contact(desk: Desk) -> None:
    row = arrived(desk)

    assert (row["request_id"], set(row)) == ("f1", {"uid", "account_id", "request_id", "_links", "_embedded"})
    [lead], [contact] = row["_embedded"]["leads"], row["_embedded"]["contacts"]
    held = desk.call("GET", f"/leads/{lead['id']}")[1]
    assert (held["name"], held["price"], held["status_id"]) == ("Осмотр", 900, INCOMING)
    assert desk.call("GET", f"/contacts/{contact['id']}") == (204, None)
    assert desk.rows("/contacts") == []


def test_requests_are_listed_newest_first_whatever_order_is_asked_for(desk: Desk) -> None:
    first, second, call = arrived(desk), arrived(desk), arrived(desk, CALL, "sip")

    rows = desk.rows("/leads/unsorted?order[created_at]=asc")

    assert [row["uid"] for row in rows] == [call["uid"], second["uid"], first["uid"]]
    assert rows[0]["metadata"] == {"phone": "79990000001", "called_at": NOW, "duration": 5}
    assert [row["uid"] for row in desk.rows("/leads/unsorted?filter[category][]=sip")] == [call["uid"]]
    assert len(desk.rows(f"/leads/unsorted?filter[uid][]={first['uid']}&filter[uid][]={second['uid']}")) == 2
    assert desk.rows("/leads/unsorted?filter[pipeline_id]=1") == []
    assert desk.call("GET", f"/leads/unsorted/{first['uid']}")[1]["source_name"] == "Сайт"


def test_accepting_moves_the_lead_and_shows_the_contact(desk: Desk) -> None:
    row = arrived(desk)
    [lead], [contact] = row["_embedded"]["leads"], row["_embedded"]["contacts"]
    desk.subscribes(*ALL)

    status, body = desk.call("POST", f"/leads/unsorted/{row['uid']}/accept", {"user_id": 507, "status_id": SECOND})

    assert (status, body["category"], body["pipeline_id"]) == (200, "forms", PIPELINE)
    held = desk.call("GET", f"/leads/{lead['id']}")[1]
    assert (held["status_id"], held["responsible_user_id"]) == (SECOND, 507)
    assert desk.call("GET", f"/contacts/{contact['id']}")[1]["name"] == "Анна"
    told = {key: value for form in desk.told() for key, value in form.items()}
    assert (told["leads[status][0][old_status_id]"], told["contacts[add][0][name]"]) == (str(INCOMING), "Анна")
    assert (told["unsorted[delete][0][action]"], told["unsorted[delete][0][uid]"]) == ("accept", row["uid"])
    assert told["unsorted[delete][0][accept_result][leads][0]"] == str(lead["id"])
    assert told["unsorted[delete][0][accept_result][contacts][0]"] == str(contact["id"])
    assert desk.call("POST", f"/leads/unsorted/{row['uid']}/accept", {})[0] == 404


def test_accepting_without_a_body_takes_the_first_stage(desk: Desk) -> None:
    row = arrived(desk)

    assert desk.call("POST", f"/leads/unsorted/{row['uid']}/accept")[0] == 200

    [lead] = row["_embedded"]["leads"]
    assert desk.call("GET", f"/leads/{lead['id']}")[1]["status_id"] == FIRST


def test_declining_puts_the_lead_into_the_trash(desk: Desk) -> None:
    row = arrived(desk)
    desk.subscribes(*ALL)

    status, body = desk.call("DELETE", f"/leads/unsorted/{row['uid']}/decline", {"user_id": 500})

    [lead] = body["_embedded"]["leads"]
    assert (status, "companies" in body["_embedded"]) == (200, False)
    assert desk.call("GET", f"/leads/{lead['id']}") == (204, None)
    told = {key: value for form in desk.told() for key, value in form.items()}
    assert told["leads[delete][0][id]"] == str(lead["id"])
    assert told["unsorted[delete][0][decline_result][leads][0]"] == str(lead["id"])
    assert desk.call("DELETE", f"/leads/unsorted/{row['uid']}/decline")[0] == 404


def test_whoever_moves_the_lead_has_accepted_its_request(desk: Desk) -> None:
    row = arrived(desk)
    [lead] = row["_embedded"]["leads"]

    desk.call("PATCH", f"/leads/{lead['id']}", {"status_id": FIRST})

    assert desk.rows("/leads/unsorted") == []
    assert [each["name"] for each in desk.rows("/contacts")] == ["Анна"]


def test_the_summary_counts_what_was_sorted(desk: Desk) -> None:
    accepted, declined, _, _ = arrived(desk), arrived(desk), arrived(desk), arrived(desk, CALL, "sip")
    desk.clock.now += 100
    desk.call("POST", f"/leads/unsorted/{accepted['uid']}/accept")
    desk.call("DELETE", f"/leads/unsorted/{declined['uid']}/decline")

    body = desk.call("GET", "/leads/unsorted/summary")[1]

    assert (body["total"], body["accepted"], body["declined"], body["average_sort_time"]) == (2, 1, 1, 100)
    assert {name: each["total"] for name, each in body["categories"].items()} == {
        "sip": 1,
        "mail": 0,
        "forms": 1,
        "chats": 0,
    }


def test_a_new_request_is_told_in_brackets(desk: Desk) -> None:
    desk.subscribes("add_unsorted")

    row = arrived(desk)

    [form] = desk.told()
    base = "unsorted[add][0]"
    assert (form[f"{base}[uid]"], form[f"{base}[category]"], form[f"{base}[source]"]) == (row["uid"], "forms", "Сайт")
    assert (form[f"{base}[source_data][form_id]"], form[f"{base}[data][contacts][0][name]"]) == ("7", "Анна")


def test_requests_that_are_refused(desk: Desk) -> None:
    lead = {"price": "much", "responsible_user_id": 1}

    assert issues(desk.call("POST", "/leads/unsorted/forms", [{"source_name": "Сайт"}])) == [
        ("FieldMissing", "source_uid"),
        ("FieldMissing", "metadata"),
    ]
    assert issues(desk.call("POST", "/leads/unsorted/forms", [FORM | {"_embedded": {"leads": [lead]}}])) == [
        ("InvalidType", "_embedded.leads.0.price")
    ]
    assert issues(desk.call("POST", "/leads/unsorted/forms", [FORM | {"_embedded": {"contacts": [{}, {}]}}])) == [
        ("TooLong", "_embedded.contacts")
    ]
    assert desk.call("POST", "/leads/unsorted/chats", [FORM])[0] == 405
    assert issues(desk.call("POST", f"/leads/unsorted/{arrived(desk)['uid']}/accept", {"status_id": 1})) == [
        ("NotSupportedChoice", "status_id")
    ]


def test_a_complex_lead_with_metadata_is_a_request(desk: Desk) -> None:
    row = {
        "name": "A",
        "_embedded": {"metadata": {"category": "forms", "form_name": "Запись"}, "contacts": [{"name": "B"}]},
    }

    [made] = desk.call("POST", "/leads/complex", [row])[1]

    [held] = desk.rows("/leads/unsorted")
    assert (held["source_name"], held["_embedded"]["leads"][0]["id"]) == ("Запись", made["id"])


def test_the_request_of_a_chat_is_tied_to_a_lead(desk: Desk) -> None:
    contact, lead = desk.patient(), desk.made("leads", name="Старая")
    desk.sandbox("message", contact_id=contact, text="Здравствуйте")
    [held] = desk.rows("/leads/unsorted?filter[category][]=chats")

    status, body = desk.call(
        "POST", f"/leads/unsorted/{held['uid']}/link", {"link": {"entity_id": lead, "entity_type": "leads"}}
    )

    assert (status, body["_embedded"]["leads"][0]["id"]) == (200, lead)
    assert [row["entity_id"] for row in desk.rows("/talks")] == [lead]
    link = {"link": {"entity_id": lead, "entity_type": "leads"}}
    assert issues(desk.call("POST", f"/leads/unsorted/{arrived(desk)['uid']}/link", link)) == [
        ("NotSupportedChoice", "category")
    ]


def test_a_request_comes_from_the_control_room_too(desk: Desk) -> None:
    status, body = desk.sandbox("request", source_name="Лендинг", _embedded={"contacts": [{"name": "Борис"}]})

    assert (status, [row["source_name"] for row in desk.rows("/leads/unsorted")]) == (201, ["Лендинг"])
    assert desk.call("GET", f"/leads/{body['lead_id']}")[1]["created_by"] == 0
