"""The emulated account's records: leads, contacts, companies, their values, links, notes, tasks, and the event log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.amocrm import Account, create_app

Call = Callable[..., Any]

MIDNIGHT_IN_MOSCOW = 1_789_938_000  # 2026-09-21
PIPELINE = {"name": "B", "sort": 2, "is_main": False, "is_unsorted_on": False}


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
def call(account: Account) -> Call:
    """Call as the admin: (status, body)."""
    http = create_app(account).test_client()
    headers = {"Authorization": f"Bearer {account.long_lived_token()}"}

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = http.open("/api/v4" + path, method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json(silent=True)

    return send


def made(call: Call, entity: str, **item: Any) -> int:
    status, body = call("POST", f"/{entity}", [item])
    assert status == 200, body
    return int(body["_embedded"][entity][0]["id"])


def field(call: Call, kind: str, entity: str = "leads", **more: Any) -> dict[str, Any]:
    status, body = call("POST", f"/{entity}/custom_fields", [{"name": kind, "type": kind} | more])
    assert status == 201, body
    row: dict[str, Any] = body["_embedded"]["custom_fields"][0]
    return row


def issues(answer: tuple[int, Any]) -> list[tuple[str, str]]:
    assert answer[0] == 400, answer
    return [(issue["code"], issue["path"]) for row in answer[1]["validation-errors"] for issue in row["errors"]]


def names(call: Call, path: str) -> list[str]:
    status, body = call("GET", path)
    key = path.strip("/").split("?")[0].split("/")[-1]
    return [row["name"] for row in body["_embedded"][key]] if status == 200 else []


def test_a_new_lead_stands_on_the_first_stage(call: Call) -> None:
    status, body = call("POST", "/leads", [{"name": "A", "price": 4500, "request_id": "r1"}])
    [row] = body["_embedded"]["leads"]
    _, lead = call("GET", f"/leads/{row['id']}")

    assert (status, set(row), row["request_id"]) == (200, {"id", "request_id", "_links"}, "r1")
    assert (lead["pipeline_id"], lead["status_id"], lead["closed_at"]) == (9001, 70005, None)
    assert (lead["created_by"], lead["responsible_user_id"], lead["custom_fields_values"]) == (500, 500, None)
    assert lead["_embedded"] == {"tags": [], "companies": []}
    assert call("GET", "/leads/1") == (204, None)


def test_a_change_answers_id_and_time_only(call: Call, clock: Clock) -> None:
    lead = made(call, "leads", name="A", price=10)
    clock.now += 60

    status, body = call("PATCH", f"/leads/{lead}", {"price": 20, "updated_by": 0})

    assert (status, body["id"], body["updated_at"], set(body)) == (
        200,
        lead,
        1_790_000_060,
        {"id", "updated_at", "_links"},
    )
    _, fresh = call("GET", f"/leads/{lead}")
    assert (fresh["name"], fresh["price"], fresh["updated_by"]) == ("A", 20, 0)


def test_closing_and_reopening_a_lead(call: Call) -> None:
    [reason] = call("POST", "/leads/loss_reasons", [{"name": "Дорого", "sort": 1}])[1]["_embedded"]["loss_reasons"]
    lead = made(call, "leads", name="A")

    def after(**item: Any) -> dict[str, Any]:
        call("PATCH", f"/leads/{lead}", item)
        body: dict[str, Any] = call("GET", f"/leads/{lead}?with=loss_reason")[1]
        return body

    lost = after(status_id=143, loss_reason_id=reason["id"])
    assert (lost["closed_at"], lost["loss_reason_id"]) == (1_790_000_000, reason["id"])
    assert [row["name"] for row in lost["_embedded"]["loss_reason"]] == ["Дорого"]
    reopened = after(status_id=70009)
    assert (reopened["closed_at"], reopened["loss_reason_id"], reopened["_embedded"]["loss_reason"]) == (None, None, [])
    assert after(status_id=142, closed_at=1_700_000_000)["closed_at"] == 1_700_000_000


def test_stages_need_their_pipeline(call: Call) -> None:
    [other] = call("POST", "/leads/pipelines", [PIPELINE | {"_embedded": {"statuses": [{"name": "S", "sort": 1}]}}])[1][
        "_embedded"
    ]["pipelines"]
    stage = other["_embedded"]["statuses"][1]["id"]
    lead = made(call, "leads", name="A")

    assert issues(call("PATCH", f"/leads/{lead}", {"status_id": stage})) == [("NotSupportedChoice", "status_id")]
    assert issues(call("PATCH", f"/leads/{lead}", {"pipeline_id": 1})) == [("NotSupportedChoice", "pipeline_id")]
    assert issues(call("PATCH", f"/leads/{lead}", {"status_id": 70001})) == [("NotSupportedChoice", "status_id")]
    assert call("PATCH", f"/leads/{lead}", {"status_id": stage, "pipeline_id": other["id"]})[0] == 200
    assert call("GET", f"/leads/{lead}")[1]["status_id"] == stage


def test_a_stale_time_is_refused(call: Call, clock: Clock) -> None:
    lead = made(call, "leads", name="A")

    assert issues(call("PATCH", f"/leads/{lead}", {"name": "B", "updated_at": 1_789_999_999})) == [
        ("InvalidValue", "updated_at")
    ]


def test_one_bad_record_refuses_the_batch(call: Call) -> None:
    company = [{"field_id": 1, "values": [{"value": "x"}]}]
    rows = [
        {"name": "A"},
        {"name": "B", "price": "10"},
        {"name": "C", "responsible_user_id": 1, "custom_fields_values": company},
        {"name": "D", "_embedded": {"contacts": [{"id": 1}]}},
    ]

    assert issues(call("POST", "/leads", rows)) == [
        ("InvalidType", "price"),
        ("NotSupportedChoice", "responsible_user_id"),
        ("NotSupportedChoice", "custom_fields_values.0.field_id"),
        ("NotSupportedChoice", "_embedded.contacts.0.id"),
    ]
    assert issues(call("PATCH", "/leads", [{"id": 1, "name": "A"}, {"name": "B"}])) == [
        ("NotSupportedChoice", "id"),
        ("FieldMissing", "id"),
    ]
    assert names(call, "/leads") == []


@pytest.mark.parametrize(
    ("kind", "given", "read"),
    [
        ("text", {"value": "a"}, {"value": "a"}),
        ("numeric", {"value": 1.5}, {"value": "1.5"}),
        ("numeric", {"value": "7"}, {"value": "7"}),
        ("checkbox", {"value": True}, {"value": True}),
        ("date", {"value": 1_790_000_000}, {"value": MIDNIGHT_IN_MOSCOW}),
        ("date", {"value": "2026-09-21T12:00:00+03:00"}, {"value": MIDNIGHT_IN_MOSCOW}),
        ("date_time", {"value": 1_790_000_000}, {"value": 1_790_000_000}),
        ("birthday", {"value": "1990-01-01T00:00:00+03:00"}, {"value": 631_141_200}),
        ("url", {"value": "https://a.example"}, {"value": "https://a.example"}),
        (
            "smart_address",
            {"value": "Москва", "enum_code": "city"},
            {"value": "Москва", "enum_id": 3, "enum_code": "city"},
        ),
        ("legal_entity", {"value": {"name": "ООО"}}, {"value": {"name": "ООО"}}),
        ("monetary", {"value": "100"}, {"value": "100"}),
    ],
)
def test_values_by_type(call: Call, kind: str, given: dict[str, Any], read: dict[str, Any]) -> None:
    number = field(call, kind)["id"]
    lead = made(call, "leads", name="A", custom_fields_values=[{"field_id": number, "values": [given]}])

    [row] = call("GET", f"/leads/{lead}")[1]["custom_fields_values"]

    assert (row["field_id"], row["field_type"], row["field_name"], row["values"]) == (number, kind, kind, [read])


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", {"value": 1}),
        ("numeric", {"value": "much"}),
        ("checkbox", {"value": "Y"}),
        ("date", {"value": "tomorrow"}),
        ("legal_entity", {"value": "ООО"}),
        ("file", {"value": "x"}),
    ],
)
def test_values_of_a_wrong_type(call: Call, kind: str, given: dict[str, Any]) -> None:
    values = [{"field_id": field(call, kind)["id"], "values": [given]}]

    assert issues(call("POST", "/leads", [{"name": "A", "custom_fields_values": values}])) == [
        ("InvalidType", "custom_fields_values.0.values.0.value")
    ]


@pytest.mark.parametrize("key", ["value", "enum_id", "enum_code"])
def test_an_option_is_named_in_three_ways(call: Call, key: str) -> None:
    enums = [{"value": "x", "sort": 1, "code": "X"}, {"value": "y", "sort": 2, "code": "Y"}]
    select = field(call, "select", code="S", enums=enums)
    option = select["enums"][1]
    named = {"value": option["value"], "enum_id": option["id"], "enum_code": option["code"]}

    lead = made(call, "leads", name="A", custom_fields_values=[{"field_code": "S", "values": [{key: named[key]}]}])

    assert call("GET", f"/leads/{lead}")[1]["custom_fields_values"][0]["values"] == [named]
    wrong = [{"field_code": "S", "values": [{key: 0 if key == "enum_id" else "z"}]}]
    assert issues(call("POST", "/leads", [{"name": "A", "custom_fields_values": wrong}])) == [
        ("NotSupportedChoice", f"custom_fields_values.0.values.0.{key}")
    ]


def test_fields_that_are_not_named_stay_and_null_clears(call: Call) -> None:
    first, second = (
        field(call, "text", code="A")["id"],
        field(call, "multiselect", enums=[{"value": "x", "sort": 1}])["id"],
    )
    values = [
        {"field_id": first, "values": [{"value": "a"}]},
        {"field_id": second, "values": [{"value": "x"}]},
    ]
    lead = made(call, "leads", name="A", custom_fields_values=values)

    call("PATCH", f"/leads/{lead}", {"custom_fields_values": [{"field_id": second, "values": None}]})

    assert [row["field_id"] for row in call("GET", f"/leads/{lead}")[1]["custom_fields_values"]] == [first]
    call("DELETE", f"/leads/custom_fields/{first}")
    assert call("GET", f"/leads/{lead}")[1]["custom_fields_values"] is None


def test_phones_are_kept_as_they_come_and_never_merged(call: Call) -> None:
    phone = [{"field_code": "PHONE", "values": [{"value": "8 (999) 000-00-01", "enum_code": "MOB"}]}]
    first, second = (made(call, "contacts", first_name="Анна", custom_fields_values=phone) for _ in range(2))

    [value] = call("GET", f"/contacts/{first}")[1]["custom_fields_values"][0]["values"]

    assert (first != second, value["value"], value["enum_code"]) == (True, "8 (999) 000-00-01", "MOB")
    assert len(names(call, "/contacts?query=89990000001")) == 2
    wrong = [{"field_code": "PHONE", "values": [{"value": "1", "enum_code": "PAGER"}]}]
    assert issues(call("POST", "/contacts", [{"name": "A", "custom_fields_values": wrong}])) == [
        ("NotSupportedChoice", "custom_fields_values.0.values.0.enum_code")
    ]


def test_a_contacts_name_and_its_parts_keep_in_step(call: Call) -> None:
    person = made(call, "contacts", first_name="Анна", last_name="Иванова")
    call("PATCH", f"/contacts/{person}", {"last_name": "Петрова"})

    body = call("GET", f"/contacts/{person}")[1]

    assert (body["name"], body["first_name"], body["last_name"]) == ("Анна Петрова", "Анна", "Петрова")


def test_tags_are_added_removed_and_replaced(call: Call) -> None:
    lead = made(call, "leads", name="A", _embedded={"tags": [{"name": "a"}, {"name": "b"}]})

    def after(**item: Any) -> list[str]:
        call("PATCH", f"/leads/{lead}", item)
        return [tag["name"] for tag in call("GET", f"/leads/{lead}")[1]["_embedded"]["tags"]]

    assert after(tags_to_add=[{"name": "c"}], tags_to_delete=[{"name": "a"}]) == ["b", "c"]
    assert after(name="B") == ["b", "c"]
    assert after(_embedded={"tags": [{"name": "d"}]}) == ["d"]
    assert after(_embedded={"tags": None}) == []


def test_filters_narrow_a_list(account: Account, call: Call) -> None:
    number = field(call, "numeric")["id"]
    option = field(call, "select", enums=[{"value": "x", "sort": 1}])
    first = made(call, "leads", name="A", price=100, status_id=70009)
    values = [
        {"field_id": number, "values": [{"value": "5"}]},
        {"field_id": option["id"], "values": [{"value": "x"}]},
    ]
    second = made(call, "leads", name="B", price=300, custom_fields_values=values)
    enum = option["enums"][0]["id"]

    assert names(call, f"/leads?filter[id][]={first}&filter[id][]={second}") == ["A", "B"]
    assert names(call, f"/leads?filter[id]={second}") == ["B"]
    assert names(call, "/leads?filter[price][from]=200") == ["B"]
    assert names(call, "/leads?filter[statuses][0][pipeline_id]=9001&filter[statuses][0][status_id]=70009") == ["A"]
    assert names(call, f"/leads?filter[custom_fields_values][{option['id']}][]={enum}") == ["B"]
    assert names(call, f"/leads?filter[custom_fields_values][{number}][from]=4") == ["B"]
    assert names(call, "/leads?filter[name]=A") == ["A"]
    assert names(call, "/leads?filter[updated_at][from]=1790000001") == []
    account.settings.api_filter = False
    assert names(call, "/leads?filter[name]=A") == ["A", "B"]


def test_lists_are_ordered_as_measured(call: Call, clock: Clock) -> None:
    first = made(call, "leads", name="A")
    clock.now += 10
    made(call, "leads", name="B")
    clock.now += 10
    call("PATCH", f"/leads/{first}", {"price": 1})
    for name in ("b", "a"):
        made(call, "contacts", name=name)

    assert names(call, "/leads") == ["B", "A"]
    assert names(call, "/leads?order[id]=asc") == ["A", "B"]
    assert names(call, "/leads?order[created_at]=desc") == ["B", "A"]
    assert names(call, "/leads?order[id]=upward") == ["B", "A"]
    assert names(call, "/contacts?order[name]=asc") == ["a", "b"]
    assert names(call, "/contacts?order[created_at]=desc") == ["b", "a"]


def test_a_trashed_lead_is_seen_among_the_deleted_only(account: Account, call: Call) -> None:
    lead = made(call, "leads", name="A")

    account.trash("leads", lead)

    assert call("GET", f"/leads/{lead}") == (204, None)
    [gone] = call("GET", "/leads?with=only_deleted")[1]["_embedded"]["leads"]
    assert set(gone) == {"id", "is_deleted", "updated_at", "account_id", "_links"}
    assert call("GET", "/leads") == (204, None)
    account.restore("leads", lead)
    assert names(call, "/leads") == ["A"]


def test_links_are_seen_from_both_ends(call: Call) -> None:
    first, second = (made(call, "contacts", name=name) for name in "AB")
    company = made(call, "companies", name="C")
    lead = made(call, "leads", name="L", _embedded={"contacts": [{"id": first}], "companies": [{"id": company}]})
    main = [{"to_entity_id": second, "to_entity_type": "contacts", "metadata": {"is_main": True}}]

    status, body = call("POST", f"/leads/{lead}/link", main)

    assert (status, body["_embedded"]["links"][0]["metadata"]) == (200, {"main_contact": True})
    seen = call("GET", f"/leads/{lead}?with=contacts")[1]["_embedded"]
    assert [(row["id"], row["is_main"]) for row in seen["contacts"]] == [(first, False), (second, True)]
    assert [row["id"] for row in seen["companies"]] == [company]
    back = call("GET", f"/contacts/{second}/links?filter[to_entity_type]=leads")[1]["_embedded"]["links"]
    assert [(row["to_entity_id"], row["metadata"]) for row in back] == [(lead, {"main_contact": True})]
    assert call("POST", f"/leads/{lead}/unlink", main) == (204, None)
    assert call("GET", f"/contacts/{second}/links") == (204, None)
    many = call("GET", f"/leads/links?filter[entity_id][]={lead}")[1]["_embedded"]["links"]
    assert [(row["entity_id"], row["to_entity_type"]) for row in many] == [(lead, "contacts"), (lead, "companies")]


def test_a_lead_has_one_company(call: Call) -> None:
    first, second = (made(call, "companies", name=name) for name in "AB")
    lead = made(call, "leads", name="L", _embedded={"companies": [{"id": first}]})

    call("POST", "/leads/link", [{"entity_id": lead, "to_entity_id": second, "to_entity_type": "companies"}])

    assert [row["id"] for row in call("GET", f"/leads/{lead}")[1]["_embedded"]["companies"]] == [second]
    assert issues(call("POST", f"/leads/{lead}/link", [{"to_entity_id": 1, "to_entity_type": "leads"}])) == [
        ("NotSupportedChoice", "to_entity_type")
    ]


def test_complex_answers_a_bare_list(call: Call) -> None:
    person = {
        "first_name": "Анна",
        "custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "+79990000001"}]}],
    }
    row = {"name": "A", "request_id": "p-1", "_embedded": {"tags": [{"name": "sync"}], "contacts": [person]}}

    status, body = call("POST", "/leads/complex", [row, {"name": "B", "_embedded": {"companies": [{"name": "C"}]}}])

    assert (status, len(body)) == (200, 2)
    assert (body[0]["request_id"], body[0]["merged"], body[0]["company_id"]) == (["p-1"], False, None)
    lead = call("GET", f"/leads/{body[0]['id']}?with=contacts")[1]
    assert [(each["id"], each["is_main"]) for each in lead["_embedded"]["contacts"]] == [(body[0]["contact_id"], True)]
    assert [tag["name"] for tag in lead["_embedded"]["tags"]] == ["sync"]


def test_complex_has_limits_and_paths_into_what_it_embeds(call: Call) -> None:
    bad = {"name": "A", "_embedded": {"contacts": [{"name": "B", "responsible_user_id": 1}]}}

    assert call("POST", "/leads/complex", [{"name": "A"}] * 51)[0] == 422
    assert issues(call("POST", "/leads/complex", [bad])) == [
        ("NotSupportedChoice", "_embedded.contacts.0.responsible_user_id")
    ]
    assert issues(call("POST", "/leads/complex", [{"name": "A", "_embedded": {"contacts": [{}, {}]}}])) == [
        ("TooLong", "_embedded.contacts")
    ]
    assert issues(call("POST", "/leads/complex", [{"name": "A", "custom_fields_values": [{}] * 41}]))[-1] == (
        "TooLong",
        "custom_fields_values",
    )


def test_complex_makes_incoming_requests(call: Call) -> None:
    row = {"name": "A", "status_id": 70009, "_embedded": {"metadata": {"category": "forms", "form_id": 1}}}

    [made_lead] = call("POST", "/leads/complex", [row])[1]

    assert call("GET", f"/leads/{made_lead['id']}")[1]["status_id"] == 70001


def test_duplicate_control_merges_by_phone_when_switched_on(account: Account, call: Call) -> None:
    account.settings.duplicate_control = True
    person = {"name": "A", "custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "+7 999 000-00-01"}]}]}
    again = {"name": "B", "custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "89990000001"}]}]}
    [first] = call("POST", "/leads/complex", [{"name": "L", "_embedded": {"contacts": [person]}}])[1]

    [second] = call("POST", "/leads/complex", [{"name": "M", "_embedded": {"contacts": [again]}}])[1]

    assert (second["id"], second["contact_id"], second["merged"]) == (first["id"], first["contact_id"], True)


def test_required_fields_bind_only_when_the_switch_is_on(account: Account, call: Call) -> None:
    stage = {"pipeline_id": 9001, "status_id": 70009}
    number = field(call, "text", required_statuses=[stage])["id"]
    first, second = (made(call, "leads", name=name) for name in "AB")

    assert call("PATCH", f"/leads/{first}", stage)[0] == 200
    account.settings.enforce_required = True
    assert issues(call("PATCH", f"/leads/{second}", stage)) == [("FieldMissing", f"custom_fields_values.{number}")]
    filled = {"custom_fields_values": [{"field_id": number, "values": [{"value": "x"}]}]}
    assert call("PATCH", f"/leads/{second}", stage | filled)[0] == 200


def test_notes(call: Call) -> None:
    lead = made(call, "leads", name="A")
    note = {"entity_id": lead, "note_type": "common", "params": {"text": "a"}, "request_id": "n"}

    status, body = call("POST", "/leads/notes", [note])

    [row] = body["_embedded"]["notes"]
    assert (status, row["entity_id"], row["request_id"]) == (200, lead, "n")
    assert issues(call("POST", f"/leads/{lead}/notes", [{"note_type": "common", "text": "a"}])) == [
        ("FieldMissing", "params.text")
    ]
    assert issues(call("POST", "/leads/notes", [note | {"note_type": "poem"}])) == [("NotSupportedChoice", "note_type")]
    call("PATCH", f"/leads/{lead}/notes/{row['id']}", {"params": {"text": "b"}})
    assert call("GET", f"/leads/{lead}/notes/{row['id']}")[1]["params"] == {"text": "b"}
    assert call("GET", "/leads/notes?filter[note_type]=call_in") == (204, None)
    assert call("DELETE", f"/leads/notes/{row['id']}")[0] == 405


def test_tasks(call: Call) -> None:
    lead = made(call, "leads", name="A")
    task = {"text": "a", "complete_till": 1_800_000_000, "entity_id": lead, "entity_type": "leads"}

    [row] = call("POST", "/tasks", [task | {"request_id": "t"}])[1]["_embedded"]["tasks"]

    assert call("GET", f"/leads/{lead}")[1]["closest_task_at"] == 1_800_000_000
    assert call("GET", f"/tasks/{row['id']}")[1]["result"] == []
    call("PATCH", f"/tasks/{row['id']}", {"is_completed": True, "result": {"text": "готово"}})
    done = call("GET", "/tasks?filter[is_completed]=1&filter[entity_type]=leads")[1]["_embedded"]["tasks"]
    assert [(each["id"], each["result"]["text"], each["task_type_id"]) for each in done] == [(row["id"], "готово", 1)]
    assert call("GET", f"/leads/{lead}")[1]["closest_task_at"] is None
    assert issues(call("POST", "/tasks", [{"text": "a"}])) == [("FieldMissing", "complete_till")]
    assert issues(call("POST", "/tasks", [task | {"task_type_id": 9}])) == [("NotSupportedChoice", "task_type_id")]


def test_the_event_log_tells_what_has_changed(call: Call) -> None:
    number = field(call, "text")["id"]
    lead = made(call, "leads", name="A")
    changes = {"status_id": 70009, "price": 5, "responsible_user_id": 507, "tags_to_add": [{"name": "t"}]}
    values = {"custom_fields_values": [{"field_id": number, "values": [{"value": "x"}]}]}
    call("PATCH", f"/leads/{lead}", changes | values)

    rows = call("GET", "/events?filter[entity][]=lead")[1]["_embedded"]["events"]

    assert [row["type"] for row in rows] == [
        "entity_tag_added",
        f"custom_field_{number}_value_changed",
        "sale_field_changed",
        "entity_responsible_changed",
        "lead_status_changed",
        "lead_added",
    ]
    assert rows[4]["value_after"] == [{"lead_status": {"id": 70009, "pipeline_id": 9001}}]
    assert rows[4]["value_before"] == [{"lead_status": {"id": 70005, "pipeline_id": 9001}}]
    moved = "/events?filter[type][]=lead_status_changed&filter[value_after][leads_statuses][0][pipeline_id]=9001"
    assert (
        len(call("GET", moved + "&filter[value_after][leads_statuses][0][status_id]=70009")[1]["_embedded"]["events"])
        == 1
    )
    assert call("GET", moved + "&filter[value_after][leads_statuses][0][status_id]=142") == (204, None)
    assert call("GET", f"/events/{rows[0]['id']}")[1]["type"] == "entity_tag_added"
