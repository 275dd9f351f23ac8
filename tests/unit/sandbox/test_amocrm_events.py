"""The emulated account's event log as the source that makes up for lost hooks: what is logged, and how it is found."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import FIRST, NOW, PIPELINE, SECOND, THIRD, Desk, issues


@pytest.fixture
def desk() -> Desk:
    return Desk()


def types(desk: Desk, query: str = "") -> list[str]:
    return [row["type"] for row in desk.rows(f"/events?{query}")]


def task(desk: Desk, lead: int, **more: Any) -> int:
    item = {"text": "Позвонить", "complete_till": NOW + 60, "entity_id": lead, "entity_type": "leads"}
    return desk.made("tasks", **item | more)


def test_what_happens_to_a_task_is_logged(desk: Desk) -> None:
    number = task(desk, desk.made("leads", name="A"))
    changes = {"text": "Написать", "complete_till": NOW + 90, "task_type_id": 2, "responsible_user_id": 507}

    desk.call("PATCH", f"/tasks/{number}", changes)
    desk.call("PATCH", f"/tasks/{number}", {"is_completed": True, "result": {"text": "готово"}})

    rows = desk.rows(f"/events?filter[entity]=task&filter[entity_id]={number}")
    assert [row["type"] for row in rows] == [
        "task_completed",
        "task_result_added",
        "task_type_changed",
        "task_deadline_changed",
        "task_text_changed",
        "entity_responsible_changed",
        "task_added",
    ]
    assert rows[3]["value_after"] == [{"task_deadline": {"timestamp": NOW + 90}}]
    assert (rows[4]["value_before"], rows[4]["value_after"]) == (
        [{"task": {"text": "Позвонить"}}],
        [{"task": {"text": "Написать"}}],
    )


def test_events_are_found_by_time_in_three_ways(desk: Desk) -> None:
    desk.made("leads", name="A")
    desk.clock.now += 100
    desk.made("contacts", name="B")

    assert types(desk, f"filter[created_at]={NOW + 1}") == ["contact_added"]
    assert types(desk, f"filter[created_at][from]={NOW}&filter[created_at][to]={NOW + 1}") == ["lead_added"]
    assert types(desk, f"filter[created_at]={NOW},{NOW + 1}") == ["lead_added"]


def test_moves_are_found_by_the_stage_before_and_after(desk: Desk) -> None:
    first, second = desk.made("leads", name="A"), desk.made("leads", name="B")
    desk.call("PATCH", f"/leads/{first}", {"status_id": SECOND})
    desk.call("PATCH", f"/leads/{second}", {"status_id": THIRD})

    def moved(side: str, *stages: int) -> list[int]:
        pairs = "".join(
            f"&filter[{side}][leads_statuses][{at}][pipeline_id]={PIPELINE}"
            f"&filter[{side}][leads_statuses][{at}][status_id]={stage}"
            for at, stage in enumerate(stages)
        )
        return [row["entity_id"] for row in desk.rows(f"/events?filter[type]=lead_status_changed{pairs}")]

    assert moved("value_after", SECOND) == [first]
    assert moved("value_after", SECOND, THIRD) == [second, first]
    assert moved("value_before", FIRST) == [second, first]
    assert moved("value_before", THIRD) == []


def test_values_are_found_by_owner_option_budget_and_name(desk: Desk) -> None:
    enums = [{"value": "Чистка", "sort": 1}]
    [made] = desk.call("POST", "/leads/custom_fields", [{"name": "S", "type": "select", "enums": enums}])[1][
        "_embedded"
    ]["custom_fields"]
    number, option = made["id"], made["enums"][0]["id"]
    lead = desk.made("leads", name="A")
    values = [{"field_id": number, "values": [{"enum_id": option}]}]
    desk.call("PATCH", f"/leads/{lead}", {"responsible_user_id": 507, "price": 155, "custom_fields_values": values})

    assert types(desk, "filter[value_after][responsible_user_id]=507,9") == ["entity_responsible_changed"]
    assert types(desk, f"filter[value_after][custom_field_values]={option}") == [f"custom_field_{number}_value_changed"]
    assert types(desk, "filter[type]=sale_field_changed&filter[value_after][value]=155") == ["sale_field_changed"]
    assert types(desk, "filter[value_after][value]=156") == []
    [event] = desk.rows("/events?filter[type]=custom_field_value_changed")
    assert event["value_after"] == [
        {"custom_field_value": {"field_id": number, "field_type": 4, "enum_id": option, "text": "Чистка"}}
    ]


def test_several_types_may_come_as_a_list_or_with_commas(desk: Desk) -> None:
    desk.patient(lead=desk.made("leads", name="A"))

    assert types(desk, "filter[type]=lead_added,contact_added") == ["contact_added", "lead_added"]
    assert types(desk, "filter[type][]=lead_added&filter[type][]=contact_added") == ["contact_added", "lead_added"]
    assert types(desk, "filter[created_by]=507") == []
    assert types(desk, "filter[entity]=contact&filter[type]=contact_added") == ["contact_added"]


def test_records_are_named_only_with_one_kind_and_ten_at_a_time(desk: Desk) -> None:
    eleven = ",".join(map(str, range(11)))

    assert issues(desk.call("GET", "/events?filter[entity_id]=1")) == [("NotSupportedChoice", "filter.entity")]
    assert issues(desk.call("GET", f"/events?filter[entity]=lead&filter[entity_id]={eleven}")) == [
        ("TooLong", "filter.entity_id")
    ]
    assert issues(desk.call("GET", f"/events?filter[created_by]={eleven}")) == [("TooLong", "filter.created_by")]
    mixed = "filter[type]=lead_added,custom_field_5_value_changed"
    assert issues(desk.call("GET", f"/events?{mixed}")) == [("NotSupportedChoice", "filter.type")]


def test_a_page_has_a_hundred_events_at_most_and_may_name_the_records(desk: Desk) -> None:
    desk.call("POST", "/leads", [{"name": "A"}] * 101)

    body = desk.call("GET", "/events?limit=250&with=lead_name")[1]

    assert (len(body["_embedded"]["events"]), "next" in body["_links"]) == (100, True)
    assert body["_embedded"]["events"][0]["_embedded"]["entity"]["name"] == "A"
    assert len(desk.rows("/events?limit=250&page=2")) == 1


def test_trash_restore_and_merge_are_logged(desk: Desk) -> None:
    lead, other = desk.made("leads", name="A"), desk.made("leads", name="B")
    desk.sandbox("trash", entity="leads", record_id=lead)
    desk.sandbox("restore", entity="leads", record_id=lead)
    desk.sandbox("merge", entity="leads", main_id=lead, other_id=other)

    assert types(desk, f"filter[entity]=lead&filter[entity_id]={lead}") == [
        "entity_merged",
        "lead_restored",
        "lead_deleted",
        "lead_added",
    ]
    assert types(desk, f"filter[entity]=lead&filter[entity_id]={other}") == ["lead_deleted", "lead_added"]


def test_the_dictionary_of_types_names_what_the_log_may_have(desk: Desk) -> None:
    keys = {row["key"] for row in desk.rows("/events/types")}

    assert {"lead_added", "lead_status_changed", "incoming_chat_message", "incoming_call", "entity_merged"} <= keys
