"""Boris's deals and patients off the wire: all that is wanted in one request, in our words, whatever shape they come in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bitrix24_answers import Refused, Silent
from bitrix24_items import contact, deal, found

from widget_backend.crm.asking import (
    Activities,
    Contacts,
    Deals,
    DealsOf,
    Marked,
    Notes,
    Products,
    Tasks,
    Users,
    WithPhone,
)
from widget_backend.crm.records import Activity, Note, Task, User
from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable

GONE = Refused("NOT_FOUND", "Элемент не найден")


def one(boris, register, **more):
    boris.answers("crm.item.get", found(deal(15, **more)))
    wanted = Deals(("15",))
    (read,) = register.read(wanted)[wanted]
    return read


def test_all_that_is_wanted_goes_in_one_request(boris, register):
    boris.answers("crm.item.get", found(deal(15)), found(contact(4)))
    boris.answers("crm.item.productrow.list", {"productRows": []})
    deals, people, tasks, notes, goods = Deals(("15",)), Contacts(("4",)), Tasks("15"), Notes("15"), Products("15")

    read = register.read(deals, people, tasks, notes, goods)

    assert boris.methods == [
        [
            "crm.item.get",
            "crm.item.get",
            "crm.activity.list",
            "crm.timeline.comment.list",
            "crm.item.productrow.list",
        ]
    ]
    assert [one.id for one in read[deals]] == ["15"]
    assert [one.name for one in read[people]] == ["Примерова Анна"]
    assert (read[tasks], read[notes], read[goods]) == ((), (), ())


def test_more_than_fifty_ids_take_a_second_request(boris, register):
    boris.answers("crm.item.get", lambda params: found(deal(int(params["id"]))))
    wanted = Deals(tuple(str(number) for number in range(1, 62)))

    read = register.read(wanted)[wanted]

    assert [len(batch) for batch in boris.batches] == [50, 11]
    assert [deal.id for deal in read] == list(wanted.ids)


def test_the_same_asked_twice_is_sent_once(boris, register):
    boris.answers("crm.item.get", found(deal(15)))
    first, second = Deals(("15", "15")), Deals(("15", "0015", "", "999999999999999999999", "x"))

    read = register.read(first, second)

    assert len(boris.batches[0]) == 1
    assert read[first] == read[second]


def test_nothing_to_ask_is_no_request(boris, register):
    wanted = Deals(())

    assert register.read(wanted, none := Tasks(""))[wanted] == ()
    assert register.read(none)[none] == ()
    assert boris.batches == []


def test_a_deal_that_is_gone_is_absent(boris, register):
    boris.answers("crm.item.get", found(deal(15)), GONE, None)
    wanted = Deals(("15", "16", "17"))

    assert [deal.id for deal in register.read(wanted)[wanted]] == ["15"]


def test_a_deal_in_our_words(boris, register):
    read = one(boris, register, originatorId="dental-crm", originId="copy:12")

    assert (read.title, read.pipeline, read.stage) == ("Заявка с сайта", "5", "C5:NEW")
    assert (read.contacts, read.contact, read.company) == (("4", "9"), "4", "")
    assert (read.responsible, read.mover, read.observers) == ("7", "7", ("2", "3"))
    assert (read.amount, read.currency, read.marker) == (1_200_000, "RUB", "copy:12")
    assert read.created_at == datetime(2026, 8, 1, 6, tzinfo=UTC)
    assert read.updated_at == datetime(2026, 8, 2, 7, 30, tzinfo=UTC)


def test_text_for_numbers_is_read_alike(boris, register):
    read = one(
        boris,
        register,
        id="15",
        categoryId="0",
        assignedById="7",
        opportunity="12000.50",
        contactId="4",
        contactIds={"0": "4", "1": "9"},
        observers=["2"],
    )

    assert (read.id, read.pipeline, read.responsible, read.amount) == ("15", "0", "7", 1_200_050)
    assert (read.contacts, read.observers) == (("4", "9"), ("2",))


def test_a_deal_without_a_patient_and_of_a_removed_pipeline(boris, register):
    read = one(boris, register, contactId=None, contactIds=[], stageId="C31:NEW", categoryId=31, observers=[])

    assert (read.contacts, read.contact) == ((), "")
    assert (read.pipeline, read.stage) == ("31", "C31:NEW")


def test_somebody_elses_marker_is_none_of_ours(boris, register):
    assert one(boris, register, originatorId="1C", originId="copy:12").marker == ""


@pytest.mark.parametrize(
    ("code", "value", "address", "ours"),
    [
        ("UF_CRM_DEAL_BRANCH", 45, "branch", "north"),
        ("UF_CRM_DEAL_BRANCH", "45", "branch", "north"),
        ("UF_CRM_DEAL_BRANCH", 77, "branch", "#77"),
        ("UF_CRM_DEAL_BRANCH", 0, "branch", None),
        ("UF_CRM_DEAL_BRANCH", "", "branch", None),
        ("UF_CRM_DEAL_NEEDS", [45, "46"], "needs", ("north", "south")),
        ("UF_CRM_DEAL_NEEDS", {"0": 46}, "needs", ("south",)),
        ("UF_CRM_DEAL_NEEDS", False, "needs", None),
        ("UF_CRM_DEAL_NEEDS", [], "needs", None),
        ("UF_CRM_DEAL_PLAN", "12000|RUB", "plan", 1_200_000),
        ("UF_CRM_DEAL_PLAN", "0.5|RUB", "plan", 50),
        ("UF_CRM_DEAL_PLAN", "|RUB", "plan", None),
        ("UF_CRM_DEAL_URGENT", "Y", "urgent", True),
        ("UF_CRM_DEAL_URGENT", "1", "urgent", True),
        ("UF_CRM_DEAL_URGENT", 1, "urgent", True),
        ("UF_CRM_DEAL_URGENT", True, "urgent", True),
        ("UF_CRM_DEAL_URGENT", "N", "urgent", False),
        ("UF_CRM_DEAL_URGENT", "0", "urgent", False),
        ("UF_CRM_DEAL_URGENT", False, "urgent", False),
        ("UF_CRM_DEAL_URGENT", None, "urgent", None),
        ("UF_CRM_DEAL_VISIT", "2026-12-01T10:00:00+03:00", "visit", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("UF_CRM_DEAL_VISIT", "", "visit", None),
        ("UF_CRM_DEAL_VISIT", "скоро", "visit", None),
        ("UF_CRM_DEAL_RECALL", "2026-12-01T00:00:00+03:00", "recall", date(2026, 12, 1)),
        ("UF_CRM_DEAL_RECALL", "2026-12-01T03:00:00+03:00", "recall", date(2026, 12, 1)),
        ("UF_CRM_DEAL_RECALL", "2026-11-30T19:00:00-05:00", "recall", date(2026, 12, 1)),
        ("UF_CRM_DEAL_RECALL", "2026-12-01", "recall", date(2026, 12, 1)),
        ("UF_CRM_DEAL_TEETH", 5.5, "teeth", Decimal("5.5")),
        ("UF_CRM_DEAL_TEETH", "32.00", "teeth", Decimal(32)),
        ("UF_CRM_DEAL_TEETH", 0, "teeth", Decimal(0)),
        ("UF_CRM_DEAL_TEETH", "нет", "teeth", None),
        ("UF_CRM_DEAL_DOCTOR", "Иванов", "doctor", "Иванов"),
        ("UF_CRM_DEAL_DOCTOR", "", "doctor", None),
        ("comments", "[B]Ждёт[/B]", "comment", "[B]Ждёт[/B]"),
        ("sourceId", "DENT_SITE", "source", "site"),
        ("sourceId", "CALL", "source", "#CALL"),
        ("sourceDescription", "Форма на главной", "source_details", "Форма на главной"),
        ("opportunity", 990.1, "budget", 99_010),
    ],
)
def test_a_value_by_the_type_of_its_field(boris, register, code, value, address, ours):
    assert one(boris, register, **{code: value}).fields[f"field.deal.{address}"] == ours


def test_a_field_that_is_gone_from_the_portal_is_absent(boris, register):
    assert "field.deal.branch" not in one(boris, register).fields


def test_the_campaign_is_one_text(boris, register):
    read = one(boris, register, utmSource="ya", utmMedium="cpc", utmCampaign=None, utmTerm="зуб мудрости")

    assert read.fields["field.deal.utm"] == (
        "utm_source=ya&utm_medium=cpc&utm_term=%D0%B7%D1%83%D0%B1+%D0%BC%D1%83%D0%B4%D1%80%D0%BE%D1%81%D1%82%D0%B8"
    )


def test_what_a_copy_carries_of_the_clinics_own_and_what_it_loses(boris, register):
    read = one(
        boris,
        register,
        UF_CRM_OLD_CODE="A-7",
        UF_CRM_RANKS=[1, 2],
        UF_CRM_BOX=True,
        UF_CRM_EMPTY=False,
        UF_CRM_SCAN={"id": 31, "urlMachine": "https://boris.bitrix24.example/file"},
        UF_CRM_SCANS=[{"id": 32}],
        parentId1222=8,
        typeId="SERVICE",
        comments="в таблице",
        isNew="Y",
        lastActivityTime="2026-08-01T09:00:00+03:00",
    )

    assert read.own == {
        "UF_CRM_OLD_CODE": "A-7",
        "UF_CRM_RANKS": [1, 2],
        "UF_CRM_BOX": "Y",
        "parentId1222": 8,
        "typeId": "SERVICE",
        "left_out": ["UF_CRM_SCAN", "UF_CRM_SCANS"],
    }


def test_a_patient_in_our_words(boris, register):
    boris.answers(
        "crm.item.get",
        found(contact(4, UF_CRM_CONTACT_VISIT_COUNT="3", birthdate="1990-05-06T03:00:00+03:00")),
        GONE,
    )
    wanted = Contacts(("4", "5"))

    (read,) = register.read(wanted)[wanted]

    assert (read.id, read.name, read.responsible) == ("4", "Примерова Анна", "7")
    assert (read.phones, read.emails) == (("+79000000001",), ("anna@clinic.example",))
    assert read.fields == {"field.contact.visit_count": Decimal(3), "field.contact.birth_date": date(1990, 5, 6)}


def test_phones_are_read_where_the_list_of_all_does_not_come(boris, register):
    plain = {name: value for name, value in contact(4, phoneMobile="+7 900 000-00-02").items() if name != "fm"}
    boris.answers("crm.item.get", found(plain))
    wanted = Contacts(("4",))

    assert register.read(wanted)[wanted][0].phones == ("+79000000002",)


def test_open_deals_of_a_patient_as_the_main_one_or_not(boris, register):
    boris.answers("crm.item.list", {"items": [deal(15)]}, {"items": [deal(15), deal(16), deal(17, contactIds=[8])]})
    wanted = DealsOf("9")

    read = register.read(wanted)[wanted]

    assert [deal.id for deal in read] == ["15", "16"]
    asked = boris.sent("crm.item.list")
    assert [one["filter[=stageSemanticId]"] for one in asked] == ["P", "P"]
    assert (asked[0]["filter[=contactId]"], asked[1]["filter[@contactIds][0]"]) == ("9", "9")
    assert len(boris.batches) == 1


def test_a_portal_that_cannot_search_by_any_patient_tells_of_the_main_one(boris, register):
    boris.answers("crm.item.list", {"items": [deal(15)]}, Refused("INVALID_ARG_VALUE"))
    wanted = DealsOf("4")

    assert [deal.id for deal in register.read(wanted)[wanted]] == ["15"]


def test_a_list_goes_on_behind_its_fiftieth_row(boris, register):
    boris.answers(
        "crm.item.list",
        {"items": [deal(number) for number in range(1, 51)]},
        Refused("INVALID_ARG_VALUE"),
        {"items": [deal(51)]},
    )
    wanted = DealsOf("4")

    assert len(register.read(wanted)[wanted]) == 51
    assert boris.sent("crm.item.list")[2]["filter[>id]"] == "50"


def test_a_list_that_never_ends_ends(boris, register):
    boris.answers(
        "crm.item.list", {"items": [deal(number, originatorId="dental-crm", originId="m") for number in range(1, 51)]}
    )
    wanted = Marked("m")

    assert len(register.read(wanted)[wanted]) == 50
    assert len(boris.batches) == 2


def test_a_deal_is_found_by_its_marker(boris, register):
    ours = {"originatorId": "dental-crm", "originId": "copy:12"}
    boris.answers("crm.item.list", {"items": [deal(15, **ours), deal(16, **ours | {"originId": "copy:1"}), deal(17)]})
    wanted = Marked("copy:12", near=("4",))

    assert [deal.id for deal in register.read(wanted)[wanted]] == ["15"]
    (asked,) = boris.sent("crm.item.list")
    assert (asked["filter[=originatorId]"], asked["filter[=originId]"]) == ("dental-crm", "copy:12")


def test_patients_with_a_phone(boris, register):
    other = [{"typeId": "PHONE", "value": "+79000000009"}]
    unreadable = [{"typeId": "PHONE", "value": "спросить у мамы"}]
    boris.answers("crm.duplicate.findbycomm", {"CONTACT": [4, "5", 6]})
    boris.answers("crm.item.get", found(contact(4)), found(contact(5, fm=other)), found(contact(6, fm=unreadable)))
    wanted = WithPhone("+79000000001")

    assert [one.id for one in register.read(wanted)[wanted]] == ["4", "6"]
    assert boris.methods == [["crm.duplicate.findbycomm"], ["crm.item.get"] * 3]


@pytest.mark.parametrize("nobody", [[], {}, {"CONTACT": []}, None])
def test_a_phone_nobody_has(boris, register, nobody):
    boris.answers("crm.duplicate.findbycomm", nobody)
    wanted = WithPhone("+79000000001")

    assert register.read(wanted)[wanted] == ()
    assert len(boris.batches) == 1


def test_to_dos_that_are_not_done(boris, register):
    row = {
        "ID": "77",
        "SUBJECT": "Позвонить",
        "DESCRIPTION": "Уточнить время\n#k7",
        "RESPONSIBLE_ID": "7",
        "DEADLINE": "2026-08-03T12:00:00+03:00",
        "COMPLETED": "N",
    }
    boris.answers("crm.activity.list", [row])
    wanted = Tasks("15")

    assert register.read(wanted)[wanted] == (
        Task("77", "15", "Позвонить\nУточнить время\n#k7", "7", datetime(2026, 8, 3, 9, tzinfo=UTC)),
    )
    (asked,) = boris.sent("crm.activity.list")
    assert (asked["filter[PROVIDER_ID]"], asked["filter[COMPLETED]"], asked["filter[OWNER_ID]"]) == (
        "CRM_TODO",
        "N",
        "15",
    )


def test_the_latest_comments(boris, register):
    boris.answers(
        "crm.timeline.comment.list", [{"ID": "31", "COMMENT": "Ждёт\n#k8", "CREATED": "2026-08-03T12:00:00+03:00"}]
    )
    wanted = Notes("15")

    assert register.read(wanted)[wanted] == (Note("31", "15", "Ждёт\n#k8", datetime(2026, 8, 3, 9, tzinfo=UTC)),)
    assert boris.sent("crm.timeline.comment.list")[0]["order[ID]"] == "DESC"


def test_goods_keep_what_can_be_said_again(boris, register):
    row = {
        "id": 17,
        "ownerId": 15,
        "productId": 0,
        "productName": "Чистка",
        "price": 5550,
        "quantity": 2,
        "taxRate": None,
    }
    boris.answers("crm.item.productrow.list", {"productRows": [row]})
    wanted = Products("15")

    (product,) = register.read(wanted)[wanted]

    assert product.row == {"productId": 0, "productName": "Чистка", "price": 5550, "quantity": 2}


def call(number, **more):
    return {
        "ID": str(number),
        "OWNER_TYPE_ID": "2",
        "OWNER_ID": "15",
        "PROVIDER_ID": "VOXIMPLANT_CALL",
        "TYPE_ID": "2",
        "DIRECTION": "1",
        "CREATED": "2026-08-03T12:00:00+03:00",
        "LAST_UPDATED": "2026-08-03T15:00:00+03:00",
    } | more


NOON, THREE = datetime(2026, 8, 3, 9, tzinfo=UTC), datetime(2026, 8, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "ours"),
    [
        ({}, ("call", True, NOON)),
        ({"DIRECTION": "2"}, ("call", False, NOON)),
        ({"PROVIDER_ID": "IMOPENLINES_SESSION", "TYPE_ID": "6"}, ("message", True, THREE)),
        (
            {"PROVIDER_ID": "IMOPENLINES_SESSION", "DIRECTION": "0", "IS_INCOMING_CHANNEL": "Y"},
            ("message", True, THREE),
        ),
        ({"PROVIDER_ID": "CRM_EMAIL", "TYPE_ID": "4"}, ("email", True, NOON)),
        ({"PROVIDER_ID": "SOME_TELEPHONY", "TYPE_ID": 2}, ("call", True, NOON)),
    ],
)
def test_calls_messages_and_letters(boris, register, row, ours):
    boris.answers("crm.activity.list", [call(91, **row)])
    boris.answers(
        "crm.activity.binding.list", [{"entityTypeId": 3, "entityId": 4}, {"entityTypeId": "2", "entityId": "15"}]
    )
    wanted = Activities(("91",))

    channel, incoming, at = ours
    assert register.read(wanted)[wanted] == (Activity("91", channel, incoming, at, ("15",), ("4",)),)
    assert len(boris.batches) == 1


def test_other_activities_are_none_and_gone_ones_absent(boris, register):
    boris.answers("crm.activity.list", [call(91, PROVIDER_ID="CRM_TODO", TYPE_ID="6")])
    boris.answers("crm.activity.binding.list", [], Refused("", "Activity is not found"))
    wanted = Activities(("91", "92"))

    assert register.read(wanted)[wanted] == ()


def test_whom_an_activity_is_about_without_its_bindings(boris, register):
    boris.answers(
        "crm.activity.list", [call(91, COMMUNICATIONS=[{"ENTITY_TYPE_ID": "3", "ENTITY_ID": "4", "VALUE": "+7"}])]
    )
    boris.answers("crm.activity.binding.list", Refused("ERROR_METHOD_NOT_FOUND"))
    wanted = Activities(("91",))

    (read,) = register.read(wanted)[wanted]

    assert (read.deals, read.contacts) == (("15",), ("4",))


def user(number, **more):
    return {
        "ID": str(number),
        "NAME": "Ольга",
        "LAST_NAME": f"Невская {number}",
        "ACTIVE": True,
        "UF_DEPARTMENT": [9],
    } | more


def test_everybody_with_his_head(boris, register):
    coordinator, gone = user(7, WORK_POSITION="Координатор"), user(11, ACTIVE=False, UF_DEPARTMENT=[])
    boris.answers("user.get", [coordinator, user(8, UF_DEPARTMENT=[9]), gone])
    boris.answers(
        "department.get", [{"ID": "1", "UF_HEAD": "1"}, {"ID": "9", "PARENT": "1", "UF_HEAD": "8"}, {"ID": "12"}]
    )
    wanted = Users()

    assert register.read(wanted)[wanted] == (
        User("7", "Ольга Невская 7", head="8", position="Координатор"),
        User("8", "Ольга Невская 8", head="1"),
        User("11", "Ольга Невская 11", active=False),
    )
    assert len(boris.batches) == 1


def test_nobody_has_a_head_without_the_scope(boris, register):
    boris.answers("user.get", [user(7)])
    boris.answers("department.get", Refused("insufficient_scope"))
    wanted = Users()

    assert register.read(wanted)[wanted] == (User("7", "Ольга Невская 7"),)


def test_a_hundred_users_come_by_pages(boris, register):
    boris.answers("user.get", [user(n) for n in range(1, 51)], [user(n) for n in range(51, 101)], [])
    wanted = Users()

    assert len(register.read(wanted)[wanted]) == 100
    assert [one.get("FILTER[>ID]") for one in boris.sent("user.get")] == [None, "50", "100"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Refused("expired_token"), AccessLost),
        (Refused("OPERATION_TIME_LIMIT"), RateLimited),
        (Refused("INTERNAL_SERVER_ERROR"), Unavailable),
        (Refused("ACCESS_DENIED"), Rejected),
        (Silent(), Unavailable),
    ],
)
def test_a_fault_of_one_command_is_no_absence(boris, register, answer, error):
    boris.answers("crm.item.get", found(deal(15)), answer)

    with pytest.raises(error):
        register.read(Deals(("15", "16")))


def test_a_search_by_phone_is_repeated_like_any_read(boris, register):
    boris.breaks(500, {"error": "INTERNAL_SERVER_ERROR"})
    boris.answers("crm.duplicate.findbycomm", [])
    wanted = WithPhone("+79000000001")

    assert register.read(wanted)[wanted] == ()
