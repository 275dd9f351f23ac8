"""The emulated account's pages as people use them: every form acts as the user who looks, and tells the world."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import FIRST, NOW, PIPELINE, SECOND, Desk

MANAGER = "507"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def lead_of(desk: Desk, number: int) -> dict[str, Any]:
    body: dict[str, Any] = desk.call("GET", f"/leads/{number}?with=contacts,loss_reason")[1]
    return body


def page(desk: Desk, path: str) -> str:
    return str(desk.http.get(path).get_data(as_text=True))


def looks_as(desk: Desk, user: str) -> None:
    desk.http.post("/amo-market/acting", data={"user": user})


def test_an_enquiry_is_taken_down_with_its_patient(desk: Desk) -> None:
    enums = [{"value": "Сайт", "sort": 1}]
    desk.call("POST", "/leads/custom_fields", [{"name": "Источник", "type": "select", "enums": enums}])
    [field] = [row for row in desk.rows("/leads/custom_fields") if row["name"] == "Источник"]
    origin = f"option-{field['id']}-{field['enums'][0]['id']}"
    form = {"name": "Чистка", "patient": "Ольга", "phone": "+79990000001", "price": "5000", "origin": origin}
    looks_as(desk, MANAGER)
    desk.subscribes("add_lead", "add_contact")

    status, body = desk.presses("/leads/add", **form, pipeline_id=PIPELINE, status_id=SECOND)

    [lead] = desk.rows("/leads?with=contacts")
    assert (status, body["go"]) == (200, f"/leads/detail/{lead['id']}")
    assert (lead["name"], lead["price"], lead["status_id"], lead["created_by"]) == ("Чистка", 5000, SECOND, 507)
    assert lead["custom_fields_values"][0]["values"][0]["value"] == "Сайт"
    [contact] = desk.rows("/contacts?query=79990000001")
    assert [each["id"] for each in lead["_embedded"]["contacts"]] == [contact["id"]]
    [form] = desk.told()
    assert (form["leads[add][0][name]"], form["contacts[add][0][name]"]) == ("Чистка", "Ольга")


def test_the_source_of_an_integration_leads_to_its_pipeline(desk: Desk) -> None:
    desk.account.settings.lead_sources = True
    [source] = desk.call("POST", "/sources", [{"name": "Лендинг", "external_id": "land"}])[1]["_embedded"]["sources"]

    desk.presses("/leads/add", name="A", origin=f"source-{source['id']}")

    assert [row["source_id"] for row in desk.rows("/leads?with=source_id")] == [source["id"]]


def test_a_card_is_moved_by_who_looks(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    desk.subscribes("status_lead")
    looks_as(desk, MANAGER)

    desk.presses(f"/leads/detail/{lead}/move", pipeline_id=PIPELINE, status_id=SECOND)

    [form] = desk.told()
    assert (form["leads[status][0][status_id]"], form["leads[status][0][modified_user_id]"]) == (str(SECOND), MANAGER)
    [event] = desk.rows("/events?filter[type]=lead_status_changed")
    assert event["created_by"] == int(MANAGER)


def test_a_lead_is_closed_as_lost_with_a_reason(desk: Desk) -> None:
    [reason] = desk.call("POST", "/leads/loss_reasons", [{"name": "Дорого", "sort": 1}])[1]["_embedded"]["loss_reasons"]
    lead = desk.made("leads", name="A")

    desk.presses(f"/leads/detail/{lead}/move", pipeline_id=PIPELINE, status_id=143, loss_reason_id=reason["id"])

    assert [row["name"] for row in lead_of(desk, lead)["_embedded"]["loss_reason"]] == ["Дорого"]
    assert "причина отказа: Дорого" in page(desk, f"/leads/detail/{lead}")


def test_a_move_to_nowhere_is_refused_in_words(desk: Desk) -> None:
    lead = desk.made("leads", name="A")

    status, body = desk.presses(f"/leads/detail/{lead}/move", pipeline_id=PIPELINE, status_id=1)
    unfinished = desk.presses(f"/leads/detail/{lead}/move", pipeline_id=PIPELINE)

    assert (status, body["said"].split(":")[0]) == (400, "status_id")
    assert unfinished == (400, {"said": "Форма заполнена не вся."})
    assert desk.presses("/leads/detail/1/move", pipeline_id=1, status_id=1)[0] == 404
    assert desk.presses(f"/leads/detail/{lead}/dance")[0] == 404


def test_fields_are_edited_and_only_what_changed_is_told(desk: Desk) -> None:
    enums = [{"value": "Чистка", "sort": 1}, {"value": "Осмотр", "sort": 2}]
    fields = [
        {"name": "Услуга", "type": "select", "enums": enums},
        {"name": "Запись", "type": "date_time"},
        {"name": "Срочно", "type": "checkbox"},
        {"name": "Зубы", "type": "numeric"},
    ]
    made = desk.call("POST", "/leads/custom_fields", fields)[1]["_embedded"]["custom_fields"]
    service, visit, urgent, teeth = (row["id"] for row in made)
    option = made[0]["enums"][1]["id"]
    lead = desk.made("leads", name="A", price=5)
    form = {f"cf-{service}": option, f"cf-{visit}": "2026-09-21T17:13", f"cf-{urgent}": "1", f"cf-{teeth}": ""}
    shown = {"shown": [service, visit, urgent, teeth]}

    desk.presses(f"/leads/detail/{lead}/edit", name="B", price="5", **form, **shown)

    body = lead_of(desk, lead)
    assert body["name"] == "B"
    assert {row["field_name"]: row["values"][0]["value"] for row in body["custom_fields_values"]} == {
        "Услуга": "Осмотр",
        "Запись": 1_789_999_980,
        "Срочно": True,
    }
    assert "sale_field_changed" not in [row["type"] for row in desk.rows("/events")]
    desk.presses(f"/leads/detail/{lead}/edit", **{f"cf-{service}": "", f"cf-{visit}": "2026-09-21T17:13"}, **shown)
    body = lead_of(desk, lead)
    assert {row["field_name"]: row["values"][0]["value"] for row in body["custom_fields_values"]} == {
        "Запись": 1_789_999_980,
        "Срочно": False,
    }


def test_a_contact_is_edited_with_its_phones(desk: Desk) -> None:
    contact = desk.patient("Анна", "+79990000001")
    [phone] = [row["id"] for row in desk.rows("/contacts/custom_fields") if row["code"] == "PHONE"]
    form = {"name": "Анна Петрова", f"cf-{phone}": "+79990000001, 112", "shown": phone}

    desk.presses(f"/contacts/detail/{contact}/edit", **form)

    body = desk.call("GET", f"/contacts/{contact}")[1]
    assert (body["name"], body["last_name"]) == ("Анна Петрова", "Петрова")
    values = [(each["value"], each["enum_code"]) for each in body["custom_fields_values"][0]["values"]]
    assert values == [("+79990000001", "MOB"), ("112", "WORK")]


def test_the_feed_tells_notes_calls_messages_moves_and_done_tasks(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    desk.patient("Ольга", lead=lead)
    home = f"/leads/detail/{lead}"

    desk.presses(f"{home}/move", pipeline_id=PIPELINE, status_id=SECOND)
    desk.presses(f"{home}/note", text="Просит <утро>")
    desk.presses(f"{home}/called", duration="0")
    desk.presses(f"{home}/wrote", text="Здравствуйте!")
    desk.presses(f"{home}/answer", text="Ждём вас")
    desk.presses(f"{home}/task", text="Перезвонить", till="2026-09-22T10:00")
    [task] = desk.rows("/tasks")
    desk.presses(f"{home}/done", task=task["id"], text="дозвонились")

    html = page(desk, home)
    for told in (
        "Этап: Первичный контакт → Переговоры",
        "Просит &lt;утро&gt;",
        "+79990000001 · пропущен",
        "Здравствуйте!",
        "Ждём вас",
        "Перезвонить — дозвонились",
    ):
        assert told in html


def test_a_task_has_a_deadline_and_is_finished(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    desk.subscribes("add_task", "update_task")

    desk.presses(f"/leads/detail/{lead}/task", text="Позвонить", till="2026-09-21T10:00", responsible=MANAGER, type="2")

    [task] = desk.rows("/tasks")
    assert (task["complete_till"], task["responsible_user_id"], task["task_type_id"]) == (1_789_974_000, 507, 2)
    assert "просрочена" in page(desk, f"/leads/detail/{lead}")
    assert lead_of(desk, lead)["closest_task_at"] == task["complete_till"]
    desk.presses(f"/leads/detail/{lead}/done", task=task["id"])
    assert [form.get("task[update][0][action_close]") for form in desk.told()] == [None, "1"]
    assert (task["complete_till"] < NOW, lead_of(desk, lead)["closest_task_at"]) == (True, None)


def test_the_patients_buttons_act_as_nobody_of_the_clinic(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    contact = desk.patient(lead=lead)

    desk.presses(f"/leads/detail/{lead}/wrote", text="Здравствуйте")
    desk.presses(f"/leads/detail/{lead}/called")

    found = desk.rows("/events?filter[type]=incoming_chat_message,incoming_call")
    assert [(row["type"], row["created_by"]) for row in found] == [("incoming_call", 0), ("incoming_chat_message", 0)]
    assert found[1]["linked_talk_contact_id"] == contact


def test_a_message_about_a_closed_lead_tells_where_it_has_gone(desk: Desk) -> None:
    lead = desk.made("leads", name="A", status_id=142)
    desk.patient(lead=lead)

    status, body = desk.presses(f"/leads/detail/{lead}/wrote", text="Снова болит")

    [request] = desk.rows("/leads/unsorted")
    assert (status, str(request["_embedded"]["leads"][0]["id"]) in body["said"]) == (200, True)


def test_nobody_to_write_to(desk: Desk) -> None:
    lead = desk.made("leads", name="A")

    assert desk.presses(f"/leads/detail/{lead}/wrote", text="x")[0] == 400
    assert desk.presses(f"/leads/detail/{lead}/answer", text="x")[0] == 400
    assert desk.presses(f"/leads/detail/{lead}/note", text=" ") == (400, {"said": "Напишите текст."})


def test_requests_are_accepted_and_declined_on_their_cards(desk: Desk) -> None:
    first, second = (desk.sandbox("request")[1]["lead_id"] for _ in range(2))

    desk.presses(f"/leads/detail/{first}/accept")
    desk.presses(f"/leads/detail/{second}/decline")

    assert (lead_of(desk, first)["status_id"], desk.call("GET", f"/leads/{second}")[0]) == (FIRST, 204)
    assert desk.presses(f"/leads/detail/{first}/accept")[0] == 404


def test_the_trash_gives_a_lead_back_and_a_manager_does_not_throw(desk: Desk) -> None:
    lead = desk.made("leads", name="Лишняя")
    looks_as(desk, MANAGER)
    refused = desk.presses(f"/leads/detail/{lead}/trash")
    looks_as(desk, "500")

    desk.presses(f"/leads/detail/{lead}/trash")

    assert refused == (403, {"said": "Недостаточно прав: выберите другого пользователя."})
    assert ("Лишняя" in page(desk, "/leads/trash/"), desk.rows("/leads")) == (True, [])
    assert desk.http.get(f"/leads/detail/{lead}").status_code == 404
    desk.presses(f"/leads/detail/{lead}/restore")
    assert [row["id"] for row in desk.rows("/leads")] == [lead]


def test_doubles_by_phone_are_offered_and_merged(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    main, double = desk.patient("Анна", "+79990000001", lead=lead), desk.patient("Аня", "8 999 000-00-01")

    offered = f"Аня, № {double}" in page(desk, f"/leads/detail/{lead}")
    desk.presses(f"/contacts/detail/{main}/merge", other=double)

    assert (offered, [row["name"] for row in desk.rows("/contacts")]) == (True, ["Анна"])
    assert desk.presses(f"/contacts/detail/{main}/merge", other=main)[0] == 404


def test_a_page_asks_only_whether_something_has_changed(desk: Desk) -> None:
    version = page(desk, "/").split('data-version="')[1].split('"')[0]
    quiet = desk.http.get(f"/_sandbox/pulse?since={version}").status_code

    desk.made("leads", name="A")

    assert quiet == 204
    answer = desk.http.get(f"/_sandbox/pulse?since={version}")
    assert answer.get_json()["version"] > int(version)


def test_a_plain_form_leads_back(desk: Desk) -> None:
    lead = desk.made("leads", name="A")

    answer = desk.http.post(f"/leads/detail/{lead}/note", data={"text": "x"}, headers={"Referer": "/leads/detail/5"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/leads/detail/5")


def test_the_journal_shows_hooks_and_their_answers_without_secrets(desk: Desk) -> None:
    desk.subscribes("add_lead", to="https://app.example/hook")
    desk.account.issue_integration("app", "s" * 64, "https://app.example/install")
    desk.made("leads", name="A")
    waiting = page(desk, "/settings/hooks/")
    desk.account.install("app")
    code = desk.account.outbox[-1].form["code"]
    desk.told()

    html = page(desk, "/settings/hooks/")

    assert ("Очередь пуста" in waiting, "Очередь пуста" in html) == (False, True)
    assert ("leads[add][0][name] = A" in html, ">200<" in html, code in html) == (True, True, False)


def test_actions_are_placed_on_stages_by_an_admin(desk: Desk) -> None:
    form = {"stage": f"{PIPELINE}-{SECOND}", "event": "status", "kind": "webhook", "url": "https://app.example/t"}
    looks_as(desk, MANAGER)
    refused = desk.presses("/settings/stages/place", **form)[0]
    looks_as(desk, "500")

    placed = desk.presses("/settings/stages/place", **form)[0]

    assert (refused, placed, "https://app.example/t" in page(desk, "/settings/stages/")) == (403, 200, True)
    assert desk.presses("/settings/stages/place", **form | {"url": ""})[0] == 400
    assert desk.presses("/settings/stages/place", **form | {"kind": "bot"})[0] == 400
    [number] = desk.account.triggers
    desk.presses("/settings/stages/remove", trigger=number)
    assert desk.account.triggers == {}


def test_pages_load_nothing_from_elsewhere(desk: Desk) -> None:
    lead = desk.made("leads", name="A")
    pages = ("/", f"/leads/detail/{lead}", "/leads/trash/", "/settings/hooks/", "/settings/stages/")

    html = "".join(page(desk, path) for path in pages)

    assert not [part for part in ("<script src", '<link rel="stylesheet"', "<img", "@import", "//cdn") if part in html]
