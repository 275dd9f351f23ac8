"""What is sent to Alice's account for each write, in how many requests, and what one bad write does to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests
from amocrm_answers import BLOCKED, FORBIDDEN, HOST, IMPOSSIBLE, NOT_FOUND, TOKEN, UNPAID, invalid, listed
from amocrm_rows import AT, BARE, BASE, LOST, MARKER_ID, NEW, STAMP, TAKEN, WON, lead, value

from widget_backend.clock import now
from widget_backend.crm import amocrm
from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CallBack,
    CloseTask,
    CreateDeal,
    Deals,
    DeleteDeal,
    Draft,
    Notify,
    Products,
    StartBot,
    UpdateContact,
    UpdateDeal,
)
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Product
from widget_backend.errors import AccessLost, Forbidden, Missing, Rejected, Unavailable, Unsupported

REPLY = f"{HOST}/api/v4/salesbot/321/continue/123"
CONTINUE = "/api/v4/salesbot/321/continue/123"
ANSWERED = "POST salesbot/321/continue/123"
RUN = "/api/v2/salesbot/run"
DRAFT = Draft("Анна Берёзкина", BASE, "9002", "copy:12")
GOODS = Product({"id": 525, "metadata": {"quantity": 2, "catalog_id": 4521}})


def made(key, *numbers):
    """What an array of creations is answered."""
    return listed(key, [{"id": number, "request_id": str(place)} for place, number in enumerate(numbers)])


# new deals


def test_a_draft_as_the_vendor_takes_it(alice, records):
    alice.answers("POST", "leads", made("leads", 900))
    draft = Draft(
        "Анна Берёзкина",
        BASE,
        "9002",
        "copy:12",
        contacts=("301", "302"),
        responsible="501",
        amount=450050,
        company="201",
        tags=("VIP",),
        fields={
            "field.deal.title": "прежнее название",
            "field.deal.client": "301",
            "field.deal.branch": "south",
            "field.deal.doctor": None,
            "field.deal.utm": "utm_source=yandex",
            "field.deal.loss_reason": "expensive",
            "field.deal.unknown": "поля больше нет",
            "field.deal.gone": "и этого тоже",
        },
        own={"custom_fields_values": [{"field_id": 61, "values": [{"value": "с собакой"}]}], "source": "site"},
    )

    (written,) = records.write([CreateDeal(draft)])

    assert (written.id, written.error) == ("900", None)
    assert alice.sent("POST leads") == [
        [
            {
                "name": "Анна Берёзкина",
                "pipeline_id": 9002,
                "status_id": 70020,
                "responsible_user_id": 501,
                "price": 4501,
                "created_by": 0,
                "updated_by": 0,
                "custom_fields_values": [
                    {"field_id": 31, "values": [{"enum_id": 3102}]},
                    {"field_code": "UTM_SOURCE", "values": [{"value": "yandex"}]},
                    {"field_id": 61, "values": [{"value": "с собакой"}]},
                    {"field_id": MARKER_ID, "values": [{"value": "copy:12"}]},
                ],
                "_embedded": {
                    "contacts": [{"id": 301, "is_main": True}, {"id": 302, "is_main": False}],
                    "companies": [{"id": 201}],
                    "tags": [{"name": "VIP"}],
                    "source": {"external_id": "site", "type": "widget"},
                },
                "request_id": "0",
            }
        ]
    ]


def test_marks_that_are_no_query_say_where_the_patient_came_from(alice, records):
    alice.answers("POST", "leads", made("leads", 900))

    records.write([CreateDeal(Draft("Анна", NEW, "9001", "", fields={"field.deal.utm": "листовка"}))])

    ((body,),) = alice.sent("POST leads")
    assert body["custom_fields_values"] == [{"field_code": "UTM_SOURCE", "values": [{"value": "листовка"}]}]


def test_a_reason_of_loss_goes_with_a_lost_deal(alice, records):
    alice.answers("POST", "leads", made("leads", 900))

    records.write([CreateDeal(Draft("Анна", LOST, "9001", "m", fields={"field.deal.loss_reason": "expensive"}))])

    ((body,),) = alice.sent("POST leads")
    assert (body["status_id"], body["loss_reason_id"]) == (143, 5001)


def test_an_account_without_a_field_for_markers_gets_none(alice, door):
    alice.answers("POST", "leads", made("leads", 900))

    amocrm.records(Connection(HOST, TOKEN), door, BARE).write([CreateDeal(DRAFT)])

    ((body,),) = alice.sent("POST leads")
    assert "custom_fields_values" not in body


def test_several_deals_are_one_request_and_each_knows_its_own_number(alice, records):
    rows = [{"id": 901, "request_id": "1"}, {"id": 900, "request_id": "0"}]
    alice.answers("POST", "leads", listed("leads", rows))

    written = records.write([CreateDeal(DRAFT), CreateDeal(DRAFT)])

    assert [one.id for one in written] == ["900", "901"]
    assert alice.asked == ["POST leads"]


def test_a_copy_with_goods_is_three_requests(alice, records, door):
    inside = {"catalog_elements": [dict(GOODS.row)], "contacts": [{"id": 301, "is_main": True}]}
    source = lead(101, WON, values=[value(61, "с собакой")], inside=inside)
    alice.answers("GET", "leads/101", source)
    alice.answers("POST", "leads", made("leads", 900))
    alice.answers("POST", "leads/link", listed("links", []))

    found = records.read(deals := Deals(("101",)), products := Products("101"))
    (deal,) = found[deals]
    draft = Draft(deal.title, BASE, "9002", "copy:12", deal.contacts, fields=deal.fields, own=deal.own)
    (written,) = records.write([CreateDeal(draft, found[products])])

    assert (written.id, door.sent) == ("900", 3)
    assert alice.sent("POST leads/link") == [
        [
            {
                "entity_id": 900,
                "to_entity_id": 525,
                "to_entity_type": "catalog_elements",
                "metadata": {"quantity": 2, "catalog_id": 4521},
            }
        ]
    ]


def test_a_copy_without_goods_is_two_requests(alice, records, door):
    alice.answers("GET", "leads/101", lead(101, WON))
    alice.answers("POST", "leads", made("leads", 900))

    found = records.read(deals := Deals(("101",)), products := Products("101"))
    records.write([CreateDeal(DRAFT, found[products])])

    assert (len(found[deals]), door.sent) == (1, 2)


def test_a_deal_whose_goods_are_refused_stands_all_the_same(alice, records):
    alice.answers("POST", "leads", made("leads", 900))
    alice.answers("POST", "leads/link", invalid(("0", "NotSupportedChoice", "to_entity_id")), 400)

    (written,) = records.write([CreateDeal(DRAFT, (GOODS,))])

    assert (written.id, written.error) == ("900", None)


def test_a_deal_is_never_sent_twice_by_itself(alice, records):
    alice.answers("POST", "leads", requests.ConnectionError("reset"))

    with pytest.raises(Unavailable) as caught:
        records.write([CreateDeal(DRAFT)])

    assert caught.value.applied_unknown
    assert alice.asked == ["POST leads"]


def test_an_answer_that_leaves_a_deal_out_is_unclear(alice, records):
    alice.answers("POST", "leads", made("leads", 900))

    with pytest.raises(Unavailable) as caught:
        records.write([CreateDeal(DRAFT), CreateDeal(DRAFT)])

    assert caught.value.applied_unknown


# changes


def test_a_move_says_pipeline_and_status_and_that_a_robot_did_it(alice, records):
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101, "updated_at": STAMP}]))

    (written,) = records.write([UpdateDeal("101", WON, "9001", tags=("VIP",))])

    assert written.id == "101"
    assert alice.sent("PATCH leads") == [
        [
            {
                "id": 101,
                "pipeline_id": 9001,
                "status_id": 142,
                "updated_by": 0,
                "tags_to_add": [{"name": "VIP"}],
                "request_id": "0",
            }
        ]
    ]


def test_fields_are_set_and_cleared_by_their_types(alice, records):
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101}]))
    fields = {
        "field.deal.title": "Ольга Кленова",
        "field.deal.amount": 120049,
        "field.deal.responsible": "501",
        "field.deal.utm": "utm_source=ya&roistat=77",
        "field.deal.loss_reason": None,
        "field.deal.branch": "north",
        "field.deal.services": ("cleaning", "#777"),
        "field.deal.visit_at": AT,
        "field.deal.doctor": None,
        "field.deal.at_came": date(2026, 11, 25),
        "field.deal.plan_sum": 120050,
        "field.deal.score": Decimal("4.50"),
        "field.deal.urgent": False,
    }

    records.write([UpdateDeal("101", fields=fields)])

    assert alice.sent("PATCH leads") == [
        [
            {
                "id": 101,
                "name": "Ольга Кленова",
                "price": 1200,
                "responsible_user_id": 501,
                "loss_reason_id": None,
                "updated_by": 0,
                "custom_fields_values": [
                    {"field_code": "UTM_SOURCE", "values": [{"value": "ya"}]},
                    {"field_code": "UTM_MEDIUM", "values": None},
                    {"field_code": "UTM_CAMPAIGN", "values": None},
                    {"field_code": "UTM_CONTENT", "values": None},
                    {"field_code": "UTM_TERM", "values": None},
                    {"field_code": "ROISTAT", "values": [{"value": "77"}]},
                    {"field_id": 31, "values": [{"enum_id": 3101}]},
                    {"field_id": 32, "values": [{"enum_id": 3201}, {"enum_id": 777}]},
                    {"field_id": 33, "values": [{"value": STAMP}]},
                    {"field_id": 34, "values": None},
                    {"field_id": 35, "values": [{"value": STAMP - 3 * 3600}]},
                    {"field_id": 36, "values": [{"value": "1200.5"}]},
                    {"field_id": 37, "values": [{"value": "4.50"}]},
                    {"field_id": 38, "values": [{"value": False}]},
                ],
                "request_id": "0",
            }
        ]
    ]


@pytest.mark.parametrize(
    ("address", "told", "error"),
    [
        ("field.deal.branch", "west", Rejected),
        ("field.deal.branch", ("north", "south"), Rejected),
        ("field.deal.loss_reason", "unheard_of", Rejected),
        ("field.deal.visit_at", "завтра", Rejected),
        ("field.deal.score", "много", Rejected),
        ("field.deal.responsible", "Глеб", Rejected),
        ("field.deal.unknown", "x", Rejected),
        ("field.deal.gone", "x", Rejected),
        ("field.deal.client", "302", Unsupported),
    ],
)
def test_a_value_that_cannot_be_said_is_refused_and_the_others_are_written(alice, records, address, told, error):
    alice.answers("PATCH", "leads", listed("leads", [{"id": 102}]))

    bad, good = records.write([UpdateDeal("101", fields={address: told}), UpdateDeal("102", title="Ольга Кленова")])

    assert (type(bad.error), good.id, good.error) == (error, "102", None)
    assert "Остальное записано" in bad.error.message.ru
    assert [body["id"] for body in alice.sent("PATCH leads")[0]] == [102]


def test_nothing_to_change_is_nothing_sent(alice, records):
    deal, contact = records.write([UpdateDeal("101"), UpdateContact("301")])

    assert (deal.id, contact.id, alice.asked) == ("101", "301", [])


def test_several_changes_are_one_request_and_two_of_one_deal_are_two(alice, records):
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101}, {"id": 102}]))

    records.write([UpdateDeal("101", title="А"), UpdateDeal("102", title="Б"), UpdateDeal("101", title="В")])

    assert [[body["id"] for body in sent] for sent in alice.sent("PATCH leads")] == [[101, 102], [101]]


def test_a_change_may_be_sent_again_when_its_answer_is_lost(alice, records):
    alice.answers("PATCH", "leads", requests.ConnectionError("reset"))
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101}]))

    assert records.write([UpdateDeal("101", TAKEN, "9001")])[0].id == "101"
    assert alice.asked == ["PATCH leads"] * 2


def test_the_fields_of_a_patient_are_set(alice, records):
    alice.answers("PATCH", "contacts", listed("contacts", [{"id": 301}]))
    fields = {"field.contact.visit_count": Decimal(4), "field.contact.in_treatment": True}

    (written,) = records.write([UpdateContact("301", fields, responsible="501")])

    assert written.id == "301"
    assert alice.sent("PATCH contacts") == [
        [
            {
                "id": 301,
                "responsible_user_id": 501,
                "custom_fields_values": [
                    {"field_id": 41, "values": [{"value": "4"}]},
                    {"field_id": 42, "values": [{"value": True}]},
                ],
                "request_id": "0",
            }
        ]
    ]


@pytest.mark.parametrize("address", ["field.contact.phone", "field.contact.email"])
def test_a_phone_is_not_put_in_the_place_of_all_the_others(alice, records, address):
    (written,) = records.write([UpdateContact("301", {address: "+79000000001"})])

    assert isinstance(written.error, Unsupported)
    assert "+79000000001" not in str(written.error) + written.error.words
    assert alice.asked == []


# tasks, notes, notices


def test_a_task_ends_in_its_sign_and_has_its_type(alice, records):
    alice.answers("POST", "tasks", made("tasks", 71))
    task = AddTask("101", "Подтвердить визит", "Позвоните пациенту.", AT, "500", "task_type.confirm", "k7f2")

    (written,) = records.write([task])

    assert written.id == "71"
    assert alice.sent("POST tasks") == [
        [
            {
                "entity_id": 101,
                "entity_type": "leads",
                "text": "Подтвердить визит\nПозвоните пациенту.\nk7f2",
                "complete_till": STAMP,
                "task_type_id": 9101,
                "responsible_user_id": 500,
                "request_id": "0",
            }
        ]
    ]


def test_a_task_of_a_type_nobody_made_is_a_usual_one(alice, records):
    alice.answers("POST", "tasks", made("tasks", 71))

    records.write([AddTask("101", "Подтвердить", "", AT, "", "task_type.unknown")])

    ((body,),) = alice.sent("POST tasks")
    assert (body["task_type_id"], body["text"], "responsible_user_id" in body) == (1, "Подтвердить", False)


def test_a_notice_is_a_task_that_is_due_now(alice, records):
    alice.answers("POST", "tasks", made("tasks", 71))

    records.write([Notify("501", "101", "Новое обращение", "k7f2")])

    ((body,),) = alice.sent("POST tasks")
    assert (body["responsible_user_id"], body["text"]) == (501, "Новое обращение\nk7f2")
    assert abs(body["complete_till"] - now().timestamp()) < 60


@pytest.mark.parametrize(("words", "told"), [("Дозвонились", "Дозвонились"), ("", "Закрыто роботом")])
def test_a_task_is_closed_with_a_result(alice, records, words, told):
    alice.answers("PATCH", "tasks", listed("tasks", [{"id": 71}]))

    (written,) = records.write([CloseTask("71", words)])

    assert written.id == "71"
    assert alice.sent("PATCH tasks") == [
        [{"id": 71, "is_completed": True, "result": {"text": told}, "request_id": "0"}]
    ]


def test_a_note_wakes_no_triggers(alice, records):
    alice.answers("POST", "leads/notes", made("notes", 81))

    (written,) = records.write([AddNote("101", "Почему: первичный.", "k7f2")])

    assert written.id == "81"
    assert alice.sent("POST leads/notes") == [
        [
            {
                "entity_id": 101,
                "note_type": "common",
                "params": {"text": "Почему: первичный.\nk7f2"},
                "is_need_to_trigger_digital_pipeline": False,
                "request_id": "0",
            }
        ]
    ]


def test_tasks_and_notes_are_put_together_and_the_rest_keeps_its_place(alice, records):
    alice.answers("POST", "leads/notes", listed("notes", [{"id": 81, "request_id": "1"}]))
    alice.answers("POST", "leads/notes", listed("notes", [{"id": 82, "request_id": "6"}]))
    rows = [{"id": 71, "request_id": "0"}, {"id": 72, "request_id": "2"}, {"id": 73, "request_id": "3"}]
    alice.answers("POST", "tasks", listed("tasks", rows))
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101}]))
    alice.answers("POST", "tasks", listed("tasks", [{"id": 74, "request_id": "5"}]))

    written = records.write(
        [
            AddTask("101", "А", "", AT, "500"),
            AddNote("101", "Б"),
            Notify("501", "101", "В"),
            AddTask("102", "Г", "", AT, "500"),
            UpdateDeal("101", TAKEN, "9001"),
            AddTask("101", "Д", "", AT, "500"),
            AddNote("101", "Е"),
        ]
    )

    assert alice.asked == ["POST tasks", "POST leads/notes", "PATCH leads", "POST tasks", "POST leads/notes"]
    assert [one.id for one in written] == ["71", "81", "72", "73", "101", "74", "82"]


# refusals


def test_the_bad_one_is_given_up_and_the_rest_is_sent_again(alice, records):
    alice.answers("POST", "tasks", invalid(("1", "NotSupportedChoice", "entity_id")), 400)
    alice.answers("POST", "tasks", listed("tasks", [{"id": 71, "request_id": "0"}, {"id": 73, "request_id": "2"}]))
    tasks = [AddTask(deal, "Перезвонить", "", AT, "500") for deal in ("101", "666", "103")]

    written = records.write(tasks)

    assert [one.id for one in written] == ["71", "", "73"]
    assert isinstance(written[1].error, Rejected)
    assert [[body["entity_id"] for body in sent] for sent in alice.sent("POST tasks")] == [[101, 666, 103], [101, 103]]


def test_what_is_for_somebody_who_has_left_is_made_for_nobody(alice, records):
    alice.answers("POST", "tasks", invalid(("1", "NotSupportedChoice", "responsible_user_id")), 400)
    alice.answers("POST", "tasks", listed("tasks", [{"id": 71, "request_id": "0"}]))
    alice.answers("POST", "tasks", listed("tasks", [{"id": 72, "request_id": "1"}]))

    written = records.write([AddTask("101", "А", "", AT, "500"), AddTask("101", "Б", "", AT, "777")])

    assert [(one.id, one.error) for one in written] == [("71", None), ("72", None)]
    assert "responsible_user_id" not in alice.sent("POST tasks")[-1][0]


def test_a_copy_of_a_deal_whose_responsible_has_left_is_made(alice, records):
    alice.answers("POST", "leads", invalid(("0", "NotSupportedChoice", "responsible_user_id")), 400)
    alice.answers("POST", "leads", made("leads", 900))

    (written,) = records.write([CreateDeal(replace(DRAFT, responsible="777"))])

    assert written.id == "900"
    assert alice.asked == ["POST leads"] * 2


def test_what_is_refused_for_another_cause_stays_refused(alice, records):
    problems = (("0", "NotSupportedChoice", "responsible_user_id"), ("0", "NotSupportedChoice", "entity_id"))
    alice.answers("POST", "tasks", invalid(*problems), 400)
    alice.answers("POST", "tasks", invalid(problems[1]), 400)

    (written,) = records.write([AddTask("666", "А", "", AT, "777")])

    assert isinstance(written.error, Rejected)
    assert alice.asked == ["POST tasks"] * 2


@pytest.mark.parametrize(
    ("refusal", "status"), [(IMPOSSIBLE, 422), (NOT_FOUND, 404), (FORBIDDEN, 403)], ids=["422", "404", "403"]
)
def test_where_the_bad_one_is_not_named_it_is_found_by_halves(alice, records, refusal, status):
    alice.answers("POST", "leads/notes", refusal, status)
    alice.answers("POST", "leads/notes", made("notes", 81))
    alice.answers("POST", "leads/notes", refusal, status)

    good, bad = records.write([AddNote("101", "А"), AddNote("666", "Б")])

    assert (good.id, good.error, bad.id) == ("81", None, "")
    assert isinstance(bad.error, Rejected | Missing)
    assert alice.asked == ["POST leads/notes"] * 3


def test_a_refused_write_stops_none_of_another_kind(alice, records):
    alice.answers("PATCH", "leads", invalid(("0", "NotSupportedChoice", "status_id")), 400)
    alice.answers("POST", "leads/notes", listed("notes", [{"id": 81, "request_id": "1"}]))

    bad, good = records.write([UpdateDeal("101", "9001:666", "9001"), AddNote("101", "А")])

    assert (type(bad.error), good.id) == (Rejected, "81")


@pytest.mark.parametrize(
    ("answer", "status", "error"), [(BLOCKED, 403, AccessLost), (UNPAID, 402, Unavailable)], ids=["blocked", "unpaid"]
)
def test_a_fault_of_the_whole_request_raises(alice, records, answer, status, error):
    alice.answers("POST", "leads/notes", answer, status)

    with pytest.raises(error):
        records.write([AddNote("101", "А")])


def test_a_deal_cannot_be_deleted(alice, records):
    (written,) = records.write([DeleteDeal("101")])

    assert isinstance(written.error, Unsupported)
    assert "закройте" in written.error.message.ru
    assert alice.asked == []


@pytest.mark.parametrize(
    "write", [Notify("", "101", "x"), StartBot("приветствие", "101"), UpdateDeal("101", "этап", "9001")]
)
def test_what_is_no_number_of_the_vendor_is_refused_before_it_is_sent(alice, records, write):
    (written,) = records.write([write])

    assert isinstance(written.error, Rejected)
    assert alice.asked == []


# bots


def test_a_waiting_bot_is_answered_at_its_address(alice, records, diary):
    alice.answers("POST", CONTINUE, status=202)
    words = "Пациент первичный: завершённых визитов нет, поэтому запись ведёт координатор клиники."

    (written,) = records.write([CallBack(REPLY, {"visit_type": "primary"}, words)])

    assert written.error is None
    shown = "Пациент первичный: завершённых визитов нет, поэтому запись ведёт координатор кл…"
    assert alice.sent(ANSWERED) == [
        {
            "data": {"status": "success", "text": words, "visit_type": "primary"},
            "execute_handlers": [{"handler": "show", "params": {"type": "text", "value": shown}}],
        }
    ]
    assert len(shown) == 80
    assert diary.lines == ["POST salesbot/continue 202  "]


def test_without_words_a_bot_shows_nothing(alice, records):
    alice.answers("POST", CONTINUE, status=202)

    records.write([CallBack(REPLY, failed=True)])

    assert alice.sent(ANSWERED) == [{"data": {"status": "fail"}}]


def test_a_bot_that_waits_no_longer_is_no_fault(alice, records):
    alice.answers("POST", CONTINUE, NOT_FOUND, 404)

    assert records.write([CallBack(REPLY)])[0].error is None


def test_a_bot_may_be_answered_again_when_the_connection_breaks(alice, records):
    alice.answers("POST", CONTINUE, requests.ConnectionError("reset"))
    alice.answers("POST", CONTINUE, NOT_FOUND, 404)

    assert records.write([CallBack(REPLY)])[0].error is None


def test_a_bots_refusal_is_told(alice, records):
    alice.answers("POST", CONTINUE, invalid(("0", "InvalidType", "data")), 400)

    assert isinstance(records.write([CallBack(REPLY)])[0].error, Rejected)


@pytest.mark.parametrize(
    "reply",
    [
        "https://clara.amocrm.ru/api/v4/salesbot/321/continue/123",
        "https://alice.amocrm.ru.evil.example/api/v4/salesbot/321/continue/123",
        "https://alice.amocrm.ru@evil.example/api/v4/salesbot/321/continue/123",
        "https://evil.example@alice.amocrm.ru/api/v4/salesbot/321/continue/123",
        "http://alice.amocrm.ru/api/v4/salesbot/321/continue/123",
        "https://alice.amocrm.ru:8443/api/v4/salesbot/321/continue/123",
        f"{HOST}/api/v4/leads",
        f"{HOST}/api/v4/salesbot/321/continue/123?x=1",
        f"{HOST}/api/v4/salesbot/321/continue/../../leads",
        f"{HOST}/api/v4/salesbot/321/continue/123/../124",
        "https://[",
        "",
    ],
)
def test_an_answer_to_a_foreign_address_stops_all_before_anything_is_sent(alice, records, reply):
    with pytest.raises(Forbidden) as caught:
        records.write([AddNote("101", "А"), CallBack(reply)])

    assert "ключ" in caught.value.message.ru.casefold()
    assert alice.asked == []


def test_each_bot_is_started_by_a_request_of_its_own(alice, records):
    alice.answers("POST", RUN, FORBIDDEN, 403)
    alice.answers("POST", RUN, {"success": True}, 202)

    bad, good = records.write([StartBot("1", "101"), StartBot("565", "102")])

    assert (type(bad.error), good.error) == (Rejected, None)
    assert alice.sent(f"POST {RUN}") == [
        [{"bot_id": 1, "entity_id": 101, "entity_type": 2}],
        [{"bot_id": 565, "entity_id": 102, "entity_type": 2}],
    ]


def test_a_bot_that_did_not_start_is_told(alice, records):
    alice.answers("POST", RUN, {"success": False}, 202)

    (written,) = records.write([StartBot("565", "101")])

    assert written.error.code == "not_started"


def test_a_bot_is_never_started_twice_by_itself(alice, records):
    alice.answers("POST", RUN, requests.ReadTimeout("slow"))

    with pytest.raises(Unavailable) as caught:
        records.write([StartBot("565", "101")])

    assert caught.value.applied_unknown
    assert alice.asked == [f"POST {RUN}"]


def test_no_secret_and_no_patient_is_in_the_log(alice, records, diary):
    alice.answers("PATCH", "leads", listed("leads", [{"id": 101}]))

    records.write([UpdateDeal("101", title="Анна Берёзкина")])

    assert diary.lines == ["PATCH leads 200  "]


def test_a_moment_in_the_past_is_due_then(alice, records):
    alice.answers("POST", "tasks", made("tasks", 71))

    records.write([AddTask("101", "А", "", AT - timedelta(days=400), "500")])

    assert alice.sent("POST tasks")[0][0]["complete_till"] == STAMP - 400 * 86400


def test_a_new_deal_stands_where_it_is_told(alice, records):
    alice.answers("POST", "leads", made("leads", 900, 901))

    records.write([CreateDeal(Draft("А", NEW, "9001", "a")), CreateDeal(Draft("Б", WON, "9001", "b"))])

    (sent,) = alice.sent("POST leads")
    assert [(body["pipeline_id"], body["status_id"]) for body in sent] == [(9001, 70002), (9001, 142)]
