"""A day's work against the emulated account: finding a patient, walking long lists, copies' sources, trash and doubles."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import NOW, Desk, issues

from widget_backend.sandbox.amocrm.crm.deleting import delete_task
from widget_backend.sandbox.amocrm.hooks.telling import flush


@pytest.fixture
def desk() -> Desk:
    return Desk()


def names(desk: Desk, path: str) -> list[str]:
    return [row["name"] for row in desk.rows(path)]


@pytest.mark.parametrize("query", ["79990000001", "+79990000001", "%2B7%20999%20000-00-01", "9990000001"])
def test_a_phone_is_found_by_its_digits_however_it_was_written(desk: Desk, query: str) -> None:
    desk.patient("Анна", "+79990000001")
    desk.patient("Борис", "+7 (999) 000-00-01")
    desk.patient("Вера", "+79990000002")

    assert names(desk, f"/contacts?query={query}") == ["Анна", "Борис"]


def test_the_two_beginnings_of_a_number_are_two_texts(desk: Desk) -> None:
    desk.patient("Анна", "8 999 000-00-01")

    assert names(desk, "/contacts?query=79990000001") == []
    assert names(desk, "/contacts?query=9990000001") == ["Анна"]


def test_a_phone_may_be_found_only_as_it_was_written(desk: Desk) -> None:
    desk.account.settings.phone_search = "written"
    desk.patient("Анна", "+7 (999) 000-00-01")

    assert names(desk, "/contacts?query=79990000001") == []
    assert names(desk, "/contacts?query=%2B7%20(999)%20000-00-01") == ["Анна"]


def test_phones_are_no_filter(desk: Desk) -> None:
    [phone] = [row["id"] for row in desk.rows("/contacts/custom_fields") if row["code"] == "PHONE"]
    desk.patient("Анна", "1")

    assert names(desk, f"/contacts?filter[custom_fields_values][{phone}][]=2") == ["Анна"]


def test_a_long_list_is_walked_by_what_was_changed_since(desk: Desk) -> None:
    for name in "ABCDE":
        desk.made("leads", name=name)
        desk.clock.now += 10

    seen: list[str] = []
    since = NOW
    for _ in range(4):
        rows = desk.rows(f"/leads?limit=2&order[updated_at]=asc&filter[updated_at][from]={since}")
        seen += [row["name"] for row in rows if row["name"] not in seen]
        since = rows[-1]["updated_at"]

    assert seen == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[responsible_user_id]=507", ["B"]),
        ("filter[created_by][]=500&filter[created_by][]=507", ["A", "B"]),
        ("filter[updated_by]=0", ["A"]),
        ("filter[closed_at][from]=1", ["B"]),
        (f"filter[closest_task_at][to]={NOW + 60}", ["A"]),
        ("filter[pipeline_id][]=9001&filter[price][to]=5", ["B"]),
        ("filter[price][from]=5&filter[price][to]=10", ["A"]),
        ("filter[moon]=full", ["A", "B"]),
    ],
)
def test_leads_are_filtered_by(desk: Desk, query: str, found: list[str]) -> None:
    lead = desk.made("leads", name="A", price=10, updated_by=0)
    desk.made("leads", name="B", responsible_user_id=507, status_id=142)
    desk.made("tasks", text="t", complete_till=NOW + 60, entity_id=lead, entity_type="leads")

    assert sorted(names(desk, f"/leads?{query}")) == found


def test_companies_are_listed_filtered_and_changed(desk: Desk) -> None:
    desk.call("POST", "/companies", [{"name": "A"}, {"name": "B"}])
    [row] = desk.rows("/companies?filter[name]=B")

    desk.call("PATCH", "/companies", [{"id": row["id"], "name": "C", "request_id": "x"}])

    assert names(desk, "/companies?order[name]=desc") == ["C", "A"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[is_completed]=0", ["a", "b"]),
        ("filter[is_completed]=1", ["c"]),
        ("filter[task_type]=2", ["b"]),
        ("filter[responsible_user_id]=507", ["b"]),
        ("filter[entity_type]=leads", ["a"]),
        (f"filter[updated_at]={NOW + 5}", ["c"]),
        ("order[complete_till]=desc", ["c", "b", "a"]),
        ("order[updated_at]=desc", ["a", "b", "c"]),
    ],
)
def test_tasks_are_filtered_and_ordered_by(desk: Desk, query: str, found: list[str]) -> None:
    lead = desk.made("leads", name="A")
    desk.made("tasks", text="a", complete_till=1, entity_id=lead, entity_type="leads")
    desk.made("tasks", text="b", complete_till=2, task_type_id=2, responsible_user_id=507)
    desk.clock.now += 10
    desk.made("tasks", text="c", complete_till=3, is_completed=True)

    assert [row["text"] for row in desk.rows(f"/tasks?{query}")] == found


def test_a_deleted_task_is_gone_and_told(desk: Desk) -> None:
    number = desk.made("tasks", text="a", complete_till=1)
    desk.subscribes("delete_task")

    delete_task(desk.account, number, 500)
    flush(desk.account)

    assert (desk.rows("/tasks"), desk.call("GET", f"/tasks/{number}")) == ([], (204, None))
    assert desk.told()[0]["task[delete][0][id]"] == str(number)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter[note_type][]=common", ["a", "b"]),
        (f"filter[updated_at]={NOW + 5}", ["b"]),
        ("order[id]=desc", ["b", "a"]),
    ],
)
def test_notes_are_filtered_and_ordered_by(desk: Desk, query: str, found: list[str]) -> None:
    lead = desk.made("leads", name="A")
    for text in "ab":
        desk.call("POST", f"/leads/{lead}/notes", [{"note_type": "common", "params": {"text": text}}])
        desk.clock.now += 10

    assert [row["params"]["text"] for row in desk.rows(f"/leads/notes?{query}")] == found


def test_every_item_of_a_batch_has_its_own_errors_under_its_request_id(desk: Desk) -> None:
    rows = [{"name": "A", "request_id": "one"}, {"name": 1, "request_id": "two"}, {"price": "x"}]

    body = desk.call("POST", "/leads", rows)[1]

    assert [(row["request_id"], len(row["errors"])) for row in body["validation-errors"]] == [("two", 1), ("2", 1)]


def test_a_lead_takes_the_pipeline_of_its_source(desk: Desk) -> None:
    made = desk.call("POST", "/leads/pipelines", [{"name": "B", "sort": 2, "is_main": False, "is_unsorted_on": False}])[
        1
    ]
    pipeline = made["_embedded"]["pipelines"][0]["id"]
    desk.account.settings.lead_sources = True
    desk.call("POST", "/sources", [{"name": "Сайт", "external_id": "site", "pipeline_id": pipeline}])

    lead = desk.made("leads", name="A", _embedded={"source": {"external_id": "site", "type": "widget"}})

    body = desk.call("GET", f"/leads/{lead}?with=source,source_id")[1]
    assert (body["pipeline_id"], body["_embedded"]["source"]["name"]) == (pipeline, "Сайт")
    assert body["source_id"] == body["_embedded"]["source"]["id"]
    wrong = {"name": "B", "_embedded": {"source": {"external_id": "moon", "type": "widget"}}}
    assert issues(desk.call("POST", "/leads", [wrong])) == [("NotSupportedChoice", "_embedded.source.external_id")]


def test_a_lead_tells_whether_a_robot_has_set_its_budget(desk: Desk) -> None:
    lead = desk.made("leads", name="A", price=1)

    def by_robot() -> Any:
        return desk.call("GET", f"/leads/{lead}?with=is_price_modified_by_robot")[1]["is_price_modified_by_robot"]

    before = by_robot()
    desk.call("PATCH", f"/leads/{lead}", {"price": 2, "updated_by": 0})
    assert (before, by_robot()) == (False, True)


def test_linking_twice_may_be_a_servers_failure(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)
    link = [{"to_entity_id": contact, "to_entity_type": "contacts"}]

    assert desk.call("POST", f"/leads/{lead}/link", link)[0] == 200
    desk.account.settings.relink_fails = True
    assert desk.call("POST", f"/leads/{lead}/link", link)[0] == 500


def test_trash_and_restore_are_told(desk: Desk) -> None:
    contact = desk.patient("Анна")
    desk.subscribes("delete_contact", "restore_contact")

    desk.sandbox("trash", entity="contacts", record_id=contact)
    desk.sandbox("trash", entity="contacts", record_id=contact)
    desk.sandbox("restore", entity="contacts", record_id=contact)

    gone, back = desk.told()
    assert (gone["contacts[delete][0][id]"], gone["contacts[delete][0][type]"]) == (str(contact), "contact")
    assert back["contacts[restore][0][name]"] == "Анна"


def test_a_merged_double_is_gone_and_what_it_had_lives_on(desk: Desk) -> None:
    lead = desk.made("leads", name="L")
    main, double = desk.patient("Анна", "+79990000001"), desk.patient("Аня", "89990000001", lead=lead)
    desk.call("POST", f"/contacts/{double}/notes", [{"note_type": "common", "params": {"text": "старая"}}])
    desk.subscribes("delete_contact", "update_contact")

    desk.sandbox("merge", entity="contacts", main_id=main, other_id=double)

    assert desk.call("GET", f"/contacts/{double}") == (204, None)
    body = desk.call("GET", f"/contacts/{main}?with=leads")[1]
    assert [each["value"] for each in body["custom_fields_values"][0]["values"]] == ["+79990000001", "89990000001"]
    assert [row["id"] for row in body["_embedded"]["leads"]] == [lead]
    assert [row["params"]["text"] for row in desk.rows(f"/contacts/{main}/notes")] == ["старая"]
    assert {key.split("]")[0] for form in desk.told() for key in form if key.startswith("contacts")} == {
        "contacts[delete",
        "contacts[update",
    }
