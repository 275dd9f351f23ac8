"""Writes to Boris's portal: in their order, in as few requests as fit, and an answer for each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bitrix24_answers import HOST, Refused, Silent
from bitrix24_items import CHART, deal, found

from widget_backend.crm import bitrix24
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
    Written,
)
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Application, Connection
from widget_backend.crm.records import Product
from widget_backend.errors import AccessLost, Missing, RateLimited, Rejected, Unavailable, Unsupported

DRAFT = Draft("Повторный визит", "C5:NEW", "5", "copy:12", contacts=("4", "9"))
NOON = datetime(2026, 12, 1, 9, tzinfo=UTC)
NOTE = AddNote("15", "Ждёт звонка", "#k7")
GOODS = (Product({"productName": "Чистка"}),)
LIMITED = Refused("OPERATION_TIME_LIMIT")


@pytest.fixture
def application(boris, door):
    address = f"https://{HOST}/rest/"
    return bitrix24.records(Connection(address, "token", Application("https://dent.example/")), door, CHART)


def made(boris, number=901, **more):
    boris.answers("crm.item.add", found(deal(number, **more)))


def test_a_copied_deal_with_its_goods_is_two_requests(boris, register):
    boris.answers("crm.item.get", found(deal(15, UF_CRM_DEAL_PLAN="500|RUB", UF_CRM_OLD="A-7", typeId="SALE")))
    row = {
        "productName": "Чистка",
        "price": 6000,
        "quantity": 2,
        "discountTypeId": 2,
        "discountRate": 10,
        "discountSum": 600,
    }
    boris.answers("crm.item.productrow.list", {"productRows": [{"id": 1, **row}]})
    made(boris)
    boris.answers("crm.item.productrow.set", {"productRows": []})
    deals, goods = Deals(("15",)), Products("15")

    read = register.read(deals, goods)
    (source,) = read[deals]
    draft = Draft(
        source.title,
        "C7:NEW",
        "7",
        "copy:12",
        source.contacts,
        source.responsible,
        source.amount,
        source.currency,
        observers=source.observers,
        fields={name: value for name, value in source.fields.items() if value is not None},
        own=source.own,
    )
    (written,) = register.write([CreateDeal(draft, read[goods])])

    assert written == Written("901")
    assert boris.methods == [
        ["crm.item.get", "crm.item.productrow.list"],
        ["crm.item.add", "crm.item.productrow.set"],
    ]
    (added,), (lines,) = boris.sent("crm.item.add"), boris.sent("crm.item.productrow.set")
    assert added == {
        "entityTypeId": "2",
        "fields[title]": "Заявка с сайта",
        "fields[categoryId]": "7",
        "fields[stageId]": "C7:NEW",
        "fields[originatorId]": "dental-crm",
        "fields[originId]": "copy:12",
        "fields[contactIds][0]": "4",
        "fields[contactIds][1]": "9",
        "fields[assignedById]": "7",
        "fields[observers][0]": "2",
        "fields[observers][1]": "3",
        "fields[opportunity]": "12000",
        "fields[currencyId]": "RUB",
        "fields[isManualOpportunity]": "Y",
        "fields[UF_CRM_DEAL_PLAN]": "500|RUB",
        "fields[UF_CRM_OLD]": "A-7",
        "fields[typeId]": "SALE",
        "useOriginalUfNames": "Y",
    }
    assert lines["ownerId"] == "$result[w0][item][id]"
    assert lines["productRows[0][discountRate]"] == "10"
    assert "productRows[0][discountSum]" not in lines


def test_the_amount_follows_the_goods_where_it_is_theirs(boris, register):
    made(boris)
    goods = (Product({"productName": "Чистка", "price": 5550.5, "quantity": "2"}),)

    register.write([CreateDeal(Draft("Чистка", "C5:NEW", "5", "m", amount=1_110_100, currency="RUB"), goods)])

    (added,) = boris.sent("crm.item.add")
    assert (added["fields[opportunity]"], added["fields[isManualOpportunity]"]) == ("11101", "N")


def test_a_bare_draft_says_nothing_it_does_not_know(boris, register):
    made(boris)

    register.write([CreateDeal(Draft("x" * 300, "NEW", "0", "m"))])

    (added,) = boris.sent("crm.item.add")
    assert set(added) == {
        *("entityTypeId", "useOriginalUfNames", "fields[title]", "fields[categoryId]", "fields[stageId]"),
        *("fields[originatorId]", "fields[originId]"),
    }
    assert (len(added["fields[title]"]), added["fields[categoryId]"]) == (255, "0")


def test_what_a_copy_loses_is_not_sent_and_the_charts_values_weigh_more(boris, register):
    made(boris)
    own = {
        "left_out": ["UF_CRM_SCAN"],
        "UF_CRM_DEAL_DOCTOR": "Старый",
        "id": 15,
        "createdTime": "2026-08-01T09:00:00+03:00",
    }
    draft = Draft("Копия", "C5:NEW", "5", "m", fields={"field.deal.doctor": "Новый"}, own=own)

    register.write([CreateDeal(draft)])

    (added,) = boris.sent("crm.item.add")
    assert added["fields[UF_CRM_DEAL_DOCTOR]"] == "Новый"
    assert not {"fields[left_out][0]", "fields[id]", "fields[createdTime]"} & set(added)


def test_a_deal_without_an_id_in_the_answer_is_of_unknown_outcome(boris, register):
    boris.answers("crm.item.add", None)

    with pytest.raises(Unavailable) as fault:
        register.write([CreateDeal(DRAFT)])

    assert fault.value.applied_unknown


def test_goods_that_were_refused_leave_the_deal_and_a_note(boris, register):
    made(boris)
    boris.answers("crm.item.productrow.set", Refused("ACCESS_DENIED", "Access denied!"))
    boris.answers("crm.timeline.comment.add", 31)

    assert register.write([CreateDeal(DRAFT, GOODS)]) == [Written("901")]
    (note,) = boris.sent("crm.timeline.comment.add")
    assert note["fields[ENTITY_ID]"] == "901"
    assert "Товары в эту сделку не скопированы: Битрикс24 отказал (Access denied!)" in note["fields[COMMENT]"]


def test_goods_that_were_put_off_are_sent_once_more(boris, register):
    made(boris)
    boris.answers("crm.item.productrow.set", LIMITED, {"productRows": []})

    assert register.write([CreateDeal(DRAFT, GOODS)]) == [Written("901")]
    assert boris.methods == [["crm.item.add", "crm.item.productrow.set"], ["crm.item.productrow.set"]]
    assert boris.sent("crm.item.productrow.set")[1]["ownerId"] == "901"


def test_a_deal_is_made_though_the_portal_lets_nothing_more_through(boris, register):
    def added(params):
        boris.breaks(503, {"error": "OVERLOAD_LIMIT"})
        return found(deal(901))

    boris.answers("crm.item.add", added)
    boris.answers("crm.item.productrow.set", LIMITED)

    assert register.write([CreateDeal(DRAFT, GOODS)]) == [Written("901")]


def test_a_refused_deal_takes_its_goods_with_it(boris, register):
    boris.answers("crm.item.add", Refused("CRM_FIELD_ERROR_VALUE_NOT_VALID"))
    boris.answers("crm.item.productrow.set", Refused("100"))
    boris.answers("crm.timeline.comment.add", 31)

    refused, noted = register.write([CreateDeal(DRAFT, GOODS), NOTE])

    assert (refused.id, refused.error.code) == ("", "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    assert noted == Written("31")


@pytest.mark.parametrize(
    ("address", "value", "sent"),
    [
        ("branch", "south", {"UF_CRM_DEAL_BRANCH": "46"}),
        ("branch", "#77", {"UF_CRM_DEAL_BRANCH": "77"}),
        ("branch", None, {"UF_CRM_DEAL_BRANCH": ""}),
        ("needs", ("north", "south"), {"UF_CRM_DEAL_NEEDS][0": "45", "UF_CRM_DEAL_NEEDS][1": "46"}),
        ("needs", (), {"UF_CRM_DEAL_NEEDS": ""}),
        ("plan", 1_200_000, {"UF_CRM_DEAL_PLAN": "12000|RUB"}),
        ("plan", 50, {"UF_CRM_DEAL_PLAN": "0.5|RUB"}),
        ("plan", None, {"UF_CRM_DEAL_PLAN": ""}),
        ("urgent", True, {"UF_CRM_DEAL_URGENT": "Y"}),
        ("urgent", False, {"UF_CRM_DEAL_URGENT": "N"}),
        ("visit", NOON, {"UF_CRM_DEAL_VISIT": "2026-12-01T09:00:00+00:00"}),
        ("recall", date(2026, 12, 1), {"UF_CRM_DEAL_RECALL": "2026-12-01"}),
        ("recall", NOON, {"UF_CRM_DEAL_RECALL": "2026-12-01"}),
        ("visit", date(2026, 12, 1), {"UF_CRM_DEAL_VISIT": "2026-12-01T00:00:00+00:00"}),
        ("teeth", Decimal("1E+2"), {"UF_CRM_DEAL_TEETH": "100"}),
        ("teeth", 3, {"UF_CRM_DEAL_TEETH": "3"}),
        ("doctor", "Иванов & Ко +1%", {"UF_CRM_DEAL_DOCTOR": "Иванов & Ко +1%"}),
        ("comment", "Ждёт", {"comments": "Ждёт"}),
        ("source", "site", {"sourceId": "DENT_SITE"}),
        ("budget", 99_010, {"opportunity": "990.1", "isManualOpportunity": "Y"}),
        (
            "utm",
            "utm_source=ya&utm_term=%D0%B7%D1%83%D0%B1",
            {"utmSource": "ya", "utmTerm": "зуб", "utmMedium": "", "utmCampaign": "", "utmContent": ""},
        ),
        (
            "utm",
            "листовка",
            {"utmSource": "листовка", "utmTerm": "", "utmMedium": "", "utmCampaign": "", "utmContent": ""},
        ),
    ],
)
def test_a_value_as_its_field_wants_it(boris, register, address, value, sent):
    boris.answers("crm.item.update", found(deal(15)))

    (written,) = register.write([UpdateDeal("15", fields={f"field.deal.{address}": value})])

    assert written == Written("15")
    (update,) = boris.sent("crm.item.update")
    assert {name: value for name, value in update.items() if name.startswith("fields[")} == {
        f"fields[{name}]": said for name, said in sent.items()
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"field.deal.branch": "moon"}, "moon"),
        ({"field.deal.nowhere": "x"}, "field.deal.nowhere"),
        ({"field.deal.people": "4"}, "field.deal.people"),
    ],
)
def test_what_the_portal_has_no_place_for_is_refused_unsent(boris, register, fields, words):
    (written,) = register.write([UpdateDeal("15", fields=fields)])

    assert isinstance(written.error, Unsupported)
    assert words in written.error.message.ru
    assert boris.batches == []


def test_an_amount_asks_for_the_currency_nobody_knows_once(boris, door):
    unknown = Chart(CHART.language, fields=CHART.fields)
    records = bitrix24.records(Connection(f"https://{HOST}/rest/", "token"), door, unknown)
    boris.answers("crm.currency.base.get", "KZT")
    boris.answers("crm.item.update", found(deal(15)))
    made(boris)
    plan = {"field.deal.plan": 50_000}

    records.write([UpdateDeal("15", fields=plan)])
    records.write([UpdateDeal("15", fields=plan)])
    records.write([CreateDeal(Draft("К", "NEW", "0", "m", currency="EUR", fields=plan))])

    assert boris.methods == [["crm.currency.base.get", "crm.item.update"], ["crm.item.update"], ["crm.item.add"]]
    first, second = boris.sent("crm.item.update")
    assert first["fields[UF_CRM_DEAL_PLAN]"] == "500|$result[w0base]"
    assert second["fields[UF_CRM_DEAL_PLAN]"] == "500|KZT"
    assert boris.sent("crm.item.add")[0]["fields[UF_CRM_DEAL_PLAN]"] == "500|EUR"


def test_a_move_names_the_pipeline_too(boris, register):
    boris.answers("crm.item.update", found(deal(15, stageId="C7:NEW", categoryId=7)))

    (written,) = register.write([UpdateDeal("15", "C7:NEW", "7", "Анна", "8")])

    assert written == Written("15")
    assert boris.sent("crm.item.update") == [
        {
            "entityTypeId": "2",
            "id": "15",
            "fields[categoryId]": "7",
            "fields[stageId]": "C7:NEW",
            "fields[title]": "Анна",
            "fields[assignedById]": "8",
            "useOriginalUfNames": "Y",
        }
    ]


def test_a_move_that_had_no_effect_is_a_refusal(boris, register):
    boris.answers("crm.item.update", found(deal(15, stageId="C5:NEW")))

    (written,) = register.write([UpdateDeal("15", "C5:WON", "5")])

    assert isinstance(written.error, Rejected)
    assert "«Пациент пришёл»" in written.error.message.ru


def test_a_robot_of_the_portal_may_move_the_deal_on_at_once(boris, register):
    boris.answers("crm.item.update", found(deal(15, stageId="C5:DONE", previousStageId="C5:WON")))

    assert register.write([UpdateDeal("15", "C5:WON", "5")]) == [Written("15")]


def test_a_change_of_nothing_is_no_request(boris, register):
    assert register.write([UpdateDeal("15"), UpdateContact("4")]) == [Written("15"), Written("4")]
    assert boris.batches == []


def test_tags_are_not_for_deals_here(boris, register):
    boris.answers("crm.item.update", found(deal(15)))

    alone, beside = register.write([UpdateDeal("15", tags=("vip",)), UpdateDeal("15", title="Анна", tags=("vip",))])

    assert isinstance(alone.error, Unsupported)
    assert beside == Written("15")


def test_a_patients_fields(boris, register):
    boris.answers("crm.item.update", {"item": {"id": 4}})

    register.write([UpdateContact("4", {"field.contact.visit_count": 3}, responsible="8")])

    (update,) = boris.sent("crm.item.update")
    assert (update["entityTypeId"], update["fields[UF_CRM_CONTACT_VISIT_COUNT]"]) == ("3", "3")
    assert update["fields[assignedById]"] == "8"


def test_a_task_is_a_to_do_with_its_sign_at_the_end(boris, register):
    boris.answers("crm.activity.todo.add", {"id": 999})

    (written,) = register.write([AddTask("15", "Позвонить", "Уточнить время", NOON, "7", "task_type.contact", "#k7")])

    assert written == Written("999")
    assert boris.sent("crm.activity.todo.add") == [
        {
            "ownerTypeId": "2",
            "ownerId": "15",
            "responsibleId": "7",
            "deadline": "2026-12-01T09:00:00+00:00",
            "title": "Позвонить",
            "description": "Уточнить время\n#k7",
            "pingOffsets[0]": "0",
            "pingOffsets[1]": "15",
        }
    ]


def test_a_note_and_the_end_of_a_task(boris, register):
    boris.answers("crm.timeline.comment.add", 31)
    boris.answers("crm.activity.update", True)

    assert register.write([NOTE, CloseTask("77", "готово")]) == [Written("31"), Written("77")]
    assert boris.methods == [["crm.timeline.comment.add", "crm.activity.update"]]
    assert boris.sent("crm.timeline.comment.add")[0]["fields[COMMENT]"] == "Ждёт звонка\n#k7"
    assert boris.sent("crm.activity.update") == [{"id": "77", "fields[COMPLETED]": "Y"}]


def test_a_notice_links_to_the_deal(boris, register):
    boris.answers("im.notify.system.add", 12345)

    assert register.write([Notify("7", "15", "Пациент ответил", "#k9")]) == [Written("12345")]
    (sent,) = boris.sent("im.notify.system.add")
    assert sent == {
        "USER_ID": "7",
        "MESSAGE": f"Пациент ответил\n[URL=https://{HOST}/crm/deal/details/15/]Открыть сделку[/URL]\n#k9",
    }


def test_a_link_in_a_patients_name_is_shown_and_not_followed(boris, register):
    boris.answers("im.notify.system.add", 12345)

    register.write([Notify("7", "", "Записался [URL=https://evil.example]Новый пароль[/URL]")])

    (sent,) = boris.sent("im.notify.system.add")
    assert "[URL" not in sent["MESSAGE"]
    assert sent["MESSAGE"].replace("\u200b", "") == "Записался [URL=https://evil.example]Новый пароль[/URL]"


def test_an_applications_notice_sent_twice_is_one(boris, application):
    boris.answers("im.notify.system.add", 12345)

    application.write([Notify("7", "", "Готово", "#k9")])

    assert boris.sent("im.notify.system.add") == [{"USER_ID": "7", "MESSAGE": "Готово\n#k9", "TAG": "dental-crm:#k9"}]


@pytest.mark.parametrize("code", ["insufficient_scope", "ERROR_METHOD_NOT_FOUND"])
def test_without_the_messenger_a_notice_is_a_task_due_now(boris, register, code):
    boris.answers("im.notify.system.add", Refused(code))
    boris.answers("crm.activity.todo.add", {"id": 999})
    notice = Notify("7", "15", "Пациент ответил\nОн ждёт звонка", "#k9")

    assert register.write([notice]) == [Written("999")]
    assert register.write([notice]) == [Written("999")]

    assert boris.methods == [["im.notify.system.add"], ["crm.activity.todo.add"], ["crm.activity.todo.add"]]
    task = boris.sent("crm.activity.todo.add")[0]
    assert (task["title"], task["description"]) == ("Пациент ответил", "Он ждёт звонка\n#k9")
    assert (task["responsibleId"], task["ownerId"]) == ("7", "15")


def test_a_notice_the_messenger_does_not_take_is_a_task_this_once(boris, register):
    boris.answers("im.notify.system.add", False, 12345)
    boris.answers("crm.activity.todo.add", {"id": 999})
    notice = Notify("7", "15", "Пациент ответил")

    assert register.write([notice]) == [Written("999")]
    assert register.write([notice]) == [Written("12345")]


def test_a_notice_about_nothing_has_no_other_way(boris, register):
    boris.answers("im.notify.system.add", Refused("insufficient_scope"))

    (written,) = register.write([Notify("7", "", "Готово")])

    assert isinstance(written.error, Rejected)


def test_a_deal_is_taken_back_also_twice(boris, register):
    boris.answers("crm.item.delete", [], Refused("NOT_FOUND"))

    assert register.write([DeleteDeal("901"), DeleteDeal("901")]) == [Written("901"), Written("901")]


def test_a_deal_that_may_not_be_taken_back(boris, register):
    boris.answers("crm.item.delete", Refused("ACCESS_DENIED"))

    assert isinstance(register.write([DeleteDeal("901")])[0].error, Rejected)


def test_a_robot_gets_its_answer(boris, register):
    boris.answers("bizproc.event.send", True)

    assert register.write([CallBack("tok|1|a.b", {"kind": "repeat"}, "Повторный")]) == [Written()]
    assert boris.sent("bizproc.event.send") == [
        {"EVENT_TOKEN": "tok|1|a.b", "RETURN_VALUES[kind]": "repeat", "LOG_MESSAGE": "Повторный"}
    ]


def test_a_second_answer_to_a_robot_is_no_fault(boris, register):
    boris.answers("bizproc.event.send", Refused("ACCESS_DENIED"), Refused("ERROR_METHOD_NOT_FOUND"))

    second, without = register.write([CallBack("tok"), CallBack("tok2")])

    assert second == Written()
    assert isinstance(without.error, Unsupported)


def test_nobody_waits_for_an_answer(boris, register):
    assert register.write([CallBack("")]) == [Written()]
    assert boris.batches == []


def test_a_workflow_of_ours_is_started_on_the_deal(boris, register):
    boris.answers("bizproc.workflow.start", "65f0c1e2a3b4c5.10000001")

    (written,) = register.write([StartBot("flow:525", "15")])

    (sent,) = boris.sent("bizproc.workflow.start")
    assert (written, sent["TEMPLATE_ID"]) == (Written("65f0c1e2a3b4c5.10000001"), "525")
    assert [sent[f"DOCUMENT_ID[{n}]"] for n in range(3)] == ["crm", "CCrmDocumentDeal", "DEAL_15"]


def test_there_are_no_bots_to_start(boris, register):
    (written,) = register.write([StartBot("bot.reminder", "15")])

    assert isinstance(written.error, Unsupported)
    assert boris.batches == []


@pytest.mark.parametrize(
    ("write", "method", "code"),
    [
        (UpdateDeal("15", title="Анна"), "crm.item.update", "NOT_FOUND"),
        (AddTask("15", "Звонок", "", NOON, ""), "crm.activity.todo.add", "OWNER_NOT_FOUND"),
    ],
)
def test_a_deal_that_is_gone_is_missing(boris, register, write, method, code):
    boris.answers(method, Refused(code))

    assert isinstance(register.write([write])[0].error, Missing)


def test_sixty_notes_are_two_requests_in_their_order(boris, register):
    boris.makes_numbered("crm.timeline.comment.add")

    written = register.write([AddNote("15", str(number)) for number in range(60)])

    assert [len(batch) for batch in boris.batches] == [50, 10]
    assert [sent["fields[COMMENT]"] for sent in boris.sent("crm.timeline.comment.add")] == [str(n) for n in range(60)]
    assert [one.id for one in written] == [str(9001 + number) for number in range(60)]


def test_a_deal_and_its_goods_are_never_parted(boris, register):
    made(boris)
    boris.makes_numbered("crm.timeline.comment.add")
    notes = [AddNote("15", str(number)) for number in range(49)]

    register.write([*notes, CreateDeal(DRAFT, GOODS)])

    assert boris.methods[1] == ["crm.item.add", "crm.item.productrow.set"]


def test_deals_are_created_by_as_many_as_one_request_has_time_for(boris, register):
    made(boris)

    register.write([CreateDeal(DRAFT)] * 50)

    assert [len(batch) for batch in boris.batches] == [30, 20]


def test_a_limit_where_nothing_was_done_is_raised(boris, register, budget):
    boris.answers("crm.timeline.comment.add", LIMITED)

    with pytest.raises(RateLimited):
        register.write([NOTE, NOTE])

    assert budget.held["crm.timeline.comment.add"] > 0


def test_a_limit_of_some_is_their_answer(boris, register):
    boris.answers("crm.timeline.comment.add", LIMITED)
    boris.answers("crm.activity.update", True)

    limited, closed = register.write([NOTE, CloseTask("77")])

    assert isinstance(limited.error, RateLimited)
    assert closed == Written("77")


def test_a_limit_of_the_second_request_leaves_the_first_done(boris, register):
    def noted(params):
        boris.breaks(503, {"error": "OVERLOAD_LIMIT"})
        return 31

    boris.answers("crm.timeline.comment.add", noted)

    written = register.write([AddNote("15", str(number)) for number in range(60)])

    assert [one.id for one in written] == ["31"] * 50 + [""] * 10
    assert all(isinstance(one.error, RateLimited) for one in written[50:])


def test_a_limit_of_the_first_request_is_raised(boris, register):
    boris.breaks(503, {"error": "OVERLOAD_LIMIT"})

    with pytest.raises(RateLimited):
        register.write([NOTE])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Refused("expired_token"), AccessLost),
        (Refused("INTERNAL_SERVER_ERROR"), Unavailable),
        (Silent(), Unavailable),
    ],
)
def test_what_may_have_been_done_or_not_is_raised(boris, register, answer, error):
    boris.answers("crm.timeline.comment.add", 31, answer)

    with pytest.raises(error):
        register.write([NOTE, NOTE])


def test_a_broken_answer_to_a_write_is_not_sent_again(boris, register):
    boris.breaks(500, {"error": "INTERNAL_SERVER_ERROR"})

    with pytest.raises(Unavailable) as fault:
        register.write([NOTE])

    assert fault.value.applied_unknown
    assert len(boris.batches) == 1
