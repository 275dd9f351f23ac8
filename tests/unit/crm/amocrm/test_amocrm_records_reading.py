"""Alice's deals, patients and what hangs on them: what is asked, in how many requests, and what it means."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from amocrm_answers import FORBIDDEN, HOST, NOT_FOUND, TOKEN, listed
from amocrm_rows import (
    AT,
    BARE,
    BASE,
    LOST,
    MARKER_ID,
    NEW,
    STAMP,
    TAKEN,
    WON,
    ask,
    enum,
    lead,
    note,
    person,
    task,
    value,
)

from widget_backend.crm import amocrm
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
from widget_backend.crm.port import Connection
from widget_backend.crm.records import Activity, Note, Product, Task, User
from widget_backend.errors import AccessLost, Unavailable

#: of 25 November, in Moscow
MIDNIGHT = STAMP - 15 * 3600
NEXT = f"{HOST}/api/v4/x?page=2"


@pytest.fixture
def bare(door):
    """The records of an account that keeps no markers."""
    return amocrm.records(Connection(HOST, TOKEN), door, BARE)


# deals


def test_one_deal_is_read_by_its_own_address(alice, records):
    alice.answers("GET", "leads/101", lead(101))

    found = records.read(deals := Deals(("101",)))

    assert [deal.id for deal in found[deals]] == ["101"]
    assert alice.asked == ["GET leads/101"]
    assert alice.queries("leads/101") == [{"with": "contacts,loss_reason,source"}]


def test_several_deals_are_read_by_one_request_in_the_order_asked(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(102), lead(101)]))

    found = records.read(deals := Deals(("101", "102", "101")))

    assert [deal.id for deal in found[deals]] == ["101", "102"]
    assert alice.queries("leads") == [
        {"filter[id][0]": "101", "filter[id][1]": "102", "with": "contacts,loss_reason,source", "limit": "250"}
    ]


def test_a_hundred_ids_go_in_one_request_and_the_next_in_another(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(number) for number in range(1001, 1101)]))
    alice.answers("GET", "leads", listed("leads", [lead(number) for number in range(1101, 1151)]))

    found = records.read(deals := Deals(tuple(str(number) for number in range(1001, 1151))))

    assert len(found[deals]) == 150
    assert alice.asked == ["GET leads"] * 2


def test_where_filters_are_off_what_came_is_held_against_what_was_asked(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1), lead(2), lead(101)], NEXT))
    alice.answers("GET", "leads/102", lead(102))
    alice.answers("GET", "leads/101", lead(101))

    first = records.read(deals := Deals(("101", "102")))
    again = records.read(deals)

    assert [deal.id for deal in first[deals]] == [deal.id for deal in again[deals]] == ["101", "102"]
    # the second time it is known that filters are off
    assert alice.asked == ["GET leads", "GET leads/102", "GET leads/101", "GET leads/102"]


@pytest.mark.parametrize("gone", [None, lead(101, is_deleted=True)], ids=["no such deal", "in the bin"])
def test_a_deal_that_is_gone_is_absent(alice, records, gone):
    alice.answers("GET", "leads/101", gone, status=200 if gone else 204)

    assert ask(records, Deals(("101",))) == ()


@pytest.mark.parametrize("nonsense", [{}, [], {"status": "ok"}], ids=["nothing", "no deal", "no number"])
def test_a_deal_that_is_answered_with_nonsense_is_not_gone(alice, records, nonsense):
    alice.answers("GET", "leads/101", nonsense)

    with pytest.raises(Unavailable):
        ask(records, Deals(("101",)))


def test_a_deal_in_our_words(alice, records):
    inside = {
        "tags": [{"id": 7, "name": "VIP", "color": None}],
        "companies": [{"id": 201}],
        "contacts": [{"id": 302, "is_main": False}, {"id": 301, "is_main": True}],
    }
    alice.answers("GET", "leads/101", lead(101, TAKEN, inside=inside))

    (deal,) = ask(records, Deals(("101",)))

    assert (deal.title, deal.pipeline, deal.stage) == ("Анна Берёзкина", "9001", TAKEN)
    assert (deal.contacts, deal.contact, deal.company) == (("301", "302"), "301", "201")
    assert (deal.responsible, deal.amount, deal.currency, deal.tags) == ("500", 450000, "RUB", ("VIP",))
    assert (deal.created_at, deal.updated_at, deal.mover) == (AT - timedelta(hours=1), AT, "500")


@pytest.mark.parametrize(("by", "mover"), [(0, "robot"), (501, "501"), (None, "")])
def test_who_changed_a_deal_last_stands_for_its_mover(alice, records, by, mover):
    alice.answers("GET", "leads/101", lead(101, updated_by=by))

    assert ask(records, Deals(("101",)))[0].mover == mover


def test_won_and_lost_are_told_apart_by_pipeline(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(101, WON), lead(102, "9002:142")]))

    assert [deal.stage for deal in ask(records, Deals(("101", "102")))] == ["9001:142", "9002:142"]


def test_fields_go_by_our_addresses_and_types(alice, records):
    values = [
        value(31, enum(3102), kind="select"),
        value(32, enum(3201), enum(777), kind="multiselect"),
        value(33, STAMP, kind="date_time"),
        value(34, "Иван Сосновский"),
        value(35, MIDNIGHT, kind="date"),
        value(36, "1200.50", kind="numeric"),
        value(37, "4.5", kind="numeric"),
        value(38, True, kind="checkbox"),
        value(MARKER_ID, "copy:12"),
    ]
    alice.answers("GET", "leads/101", lead(101, values=values, loss_reason_id=5001))

    (deal,) = ask(records, Deals(("101",)))

    assert deal.fields == {
        "field.deal.title": "Анна Берёзкина",
        "field.deal.amount": 450000,
        "field.deal.client": "301",
        "field.deal.responsible": "500",
        "field.deal.utm": None,
        "field.deal.loss_reason": "expensive",
        "field.deal.branch": "south",
        "field.deal.services": ("cleaning", "#777"),
        "field.deal.visit_at": AT,
        "field.deal.doctor": "Иван Сосновский",
        "field.deal.at_came": date(2026, 11, 25),
        "field.deal.plan_sum": 120050,
        "field.deal.score": Decimal("4.5"),
        "field.deal.urgent": True,
    }
    assert (deal.marker, deal.own) == ("copy:12", {})


def test_an_empty_deal_has_empty_fields(alice, records):
    alice.answers("GET", "leads/101", lead(101, price=None, responsible_user_id=None, inside={"contacts": []}))

    (deal,) = ask(records, Deals(("101",)))

    assert {address: held for address, held in deal.fields.items() if held is not None} == {
        "field.deal.title": "Анна Берёзкина"
    }
    assert (deal.amount, deal.contact, deal.responsible, deal.marker) == (None, "", "", "")


def test_a_loss_reason_of_the_clinics_own_goes_by_its_number(alice, records):
    alice.answers("GET", "leads/101", lead(101, LOST, inside={"loss_reason": [{"id": 5999, "name": "Переехал"}]}))

    assert ask(records, Deals(("101",)))[0].fields["field.deal.loss_reason"] == "#5999"


def test_tracking_marks_are_one_value(alice, records):
    marks = [
        value(51, "yandex", kind="tracking_data", code="UTM_SOURCE"),
        value(52, "зима & лёд", kind="tracking_data", code="UTM_CAMPAIGN"),
        value(53, "77", kind="tracking_data", name="roistat"),
    ]
    alice.answers("GET", "leads/101", lead(101, values=marks))

    (deal,) = ask(records, Deals(("101",)))

    assert deal.fields["field.deal.utm"] == (
        "utm_source=yandex&utm_campaign=%D0%B7%D0%B8%D0%BC%D0%B0+%26+%D0%BB%D1%91%D0%B4"
    )
    assert deal.own == {"custom_fields_values": [{"field_id": 53, "values": [{"value": "77"}]}]}


def test_the_clinics_own_fields_are_carried_as_they_are_written(alice, records):
    values = [
        value(61, "ходит с собакой"),
        value(62, enum(6201, "Да"), kind="radiobutton"),
        value(63, False, kind="checkbox"),
        value(64, {"value": "Невский", "enum_id": 1, "enum_code": "address_line_1"}, kind="smart_address"),
        value(65, {"value": {"file_uuid": "f", "file_name": "снимок.png"}}, kind="file", name="Снимок"),
        value(66, "12", kind="numeric", name="Итого", is_computed=True),
        value(67, {"catalog_id": 1, "catalog_element_id": 2}, kind="chained_list", name="Каталог"),
        value(68, "?", kind="something_new", name="Новинка"),
    ]
    alice.answers("GET", "leads/101", lead(101, values=values))

    (deal,) = ask(records, Deals(("101",)))

    assert deal.own == {
        "custom_fields_values": [
            {"field_id": 61, "values": [{"value": "ходит с собакой"}]},
            {"field_id": 62, "values": [{"enum_id": 6201}]},
            {"field_id": 63, "values": [{"value": False}]},
            {"field_id": 64, "values": [{"value": "Невский", "enum_id": 1}]},
        ],
        "left_out": ["Снимок", "Итого", "Каталог", "Новинка"],
    }


@pytest.mark.parametrize(("source", "own"), [(6001, {"source": "site"}), (6999, {})], ids=["ours", "another's"])
def test_a_source_is_carried_where_it_is_ours(alice, records, source, own):
    alice.answers("GET", "leads/101", lead(101, inside={"source": {"id": source, "name": "Сайт"}}))

    assert ask(records, Deals(("101",)))[0].own == own


def test_a_budget_with_kopecks_is_read_whole(alice, records):
    alice.answers("GET", "leads/101", lead(101, price=4500, price_with_minor_units=4500.49))

    assert ask(records, Deals(("101",)))[0].amount == 450049


def test_the_goods_of_a_deal_come_with_it_in_one_request(alice, records):
    goods = [{"id": 525, "metadata": {"quantity": 2, "catalog_id": 4521, "price_id": None}}]
    alice.answers("GET", "leads/101", lead(101, inside={"catalog_elements": goods}))

    found = records.read(deals := Deals(("101",)), products := Products("101"))

    assert found[products] == (Product({"id": 525, "metadata": {"quantity": 2, "catalog_id": 4521}}),)
    assert len(found[deals]) == 1
    assert alice.queries("leads/101") == [{"with": "contacts,loss_reason,source,catalog_elements"}]


# patients


def test_a_patient_in_our_words(alice, records):
    values = [
        value(22, "anna@example.ru", kind="multitext", code="EMAIL"),
        value(41, "3", kind="numeric"),
        value(42, True, kind="checkbox"),
    ]
    alice.answers("GET", "contacts/301", person(301, "8 (900) 000-00-01", "+79000000001", "доб. 12", values=values))

    (contact,) = ask(records, Contacts(("301",)))

    assert (contact.id, contact.name, contact.responsible) == ("301", "Анна Берёзкина", "500")
    assert (contact.phones, contact.emails) == (("+79000000001", "доб. 12"), ("anna@example.ru",))
    assert contact.fields == {
        "field.contact.last_name": "Берёзкина",
        "field.contact.first_name": "Анна",
        "field.contact.phone": "+79000000001",
        "field.contact.email": "anna@example.ru",
        "field.contact.responsible": "500",
        "field.contact.visit_count": Decimal(3),
        "field.contact.in_treatment": True,
    }
    assert "Берёзкина" not in repr(contact)
    assert alice.queries("contacts/301") == [{}]


def test_several_patients_are_one_request(alice, records):
    alice.answers("GET", "contacts", listed("contacts", [person(301), person(302)]))

    assert len(ask(records, Contacts(("301", "302", "303")))) == 2
    assert alice.asked == ["GET contacts"]


def test_the_open_deals_of_a_patient_are_two_requests(alice, records):
    alice.answers("GET", "contacts/301", person(301, leads=(101, 102, 103, 104)))
    deals = [lead(101), lead(102, WON), lead(103, BASE), lead(104, LOST)]
    alice.answers("GET", "leads", listed("leads", deals))

    found = records.read(open_ones := DealsOf("301"))

    assert [deal.id for deal in found[open_ones]] == ["103", "101"]
    assert alice.asked == ["GET contacts/301", "GET leads"]
    assert alice.queries("contacts/301") == [{"with": "leads"}]


def test_a_patient_who_is_gone_has_no_deals(alice, records):
    alice.answers("GET", "contacts/301", status=204)

    assert ask(records, DealsOf("301")) == ()


def test_a_deal_its_patient_and_the_patients_other_deals_are_two_requests(alice, records):
    alice.answers("GET", "contacts/301", person(301, "+79000000001", leads=(101, 103)))
    alice.answers("GET", "leads", listed("leads", [lead(101), lead(103, BASE)]))

    found = records.read(deals := Deals(("101",)), contacts := Contacts(("301",)), others := DealsOf("301"))

    assert [len(found[want]) for want in (deals, contacts, others)] == [1, 1, 2]
    assert alice.asked == ["GET contacts/301", "GET leads"]


# phones


def test_a_phone_is_found_by_its_part_and_compared_whole(alice, records):
    same, other = person(301, "8 900 000-00-01"), person(302, "+7 900 000 00 011")
    alice.answers("GET", "contacts", listed("contacts", [same, other, person(303)]))

    found = records.read(phone := WithPhone("+79000000001"))

    assert [contact.id for contact in found[phone]] == ["301"]
    assert alice.queries("contacts") == [{"query": "9000000001", "limit": "250"}]


def test_a_search_for_whole_numbers_finds_it_in_a_second_request(alice, records):
    alice.answers("GET", "contacts", status=204)
    alice.answers("GET", "contacts", listed("contacts", [person(301, "+79000000001")]))

    found = records.read(phone := WithPhone("8 900 000 00 01"))

    assert [contact.id for contact in found[phone]] == ["301"]
    assert [query["query"] for query in alice.queries("contacts")] == ["9000000001", "79000000001"]


def test_nobody_with_a_foreign_phone_is_one_request(alice, records):
    alice.answers("GET", "contacts", status=204)

    assert ask(records, WithPhone("+4930123456")) == ()
    assert [query["query"] for query in alice.queries("contacts")] == ["4930123456"]


# markers


def test_a_marked_deal_is_looked_for_among_those_of_its_patient(alice, records):
    alice.answers("GET", "contacts/301", person(301, leads=(101, 102)))
    marked = lead(102, BASE, values=[value(MARKER_ID, "copy:12")])
    alice.answers("GET", "leads", listed("leads", [lead(101, values=[value(MARKER_ID, "copy:1")]), marked]))

    found = records.read(copy := Marked("copy:12", ("301",), AT))

    assert [deal.id for deal in found[copy]] == ["102"]
    assert alice.asked == ["GET contacts/301", "GET leads"]


def test_a_marked_deal_without_a_patient_is_one_request(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(102, values=[value(MARKER_ID, "copy:12")])]))

    found = records.read(copy := Marked("copy:12"))

    assert [deal.id for deal in found[copy]] == ["102"]
    assert alice.queries("leads")[0][f"filter[custom_fields_values][{MARKER_ID}][0]"] == "copy:12"


def test_where_filters_are_off_the_newest_deals_are_looked_through(alice, records):
    marked = lead(900, created_at=STAMP, values=[value(MARKER_ID, "copy:12")])
    alice.answers("GET", "leads", listed("leads", [lead(1), lead(2)], NEXT))
    alice.answers("GET", "leads", listed("leads", [lead(901, created_at=STAMP + 5), marked, lead(899)], NEXT))

    found = records.read(copy := Marked("copy:12", since=AT - timedelta(minutes=5)))

    assert [deal.id for deal in found[copy]] == ["900"]
    assert [query.get("order[created_at]") for query in alice.queries("leads")] == [None, "desc"]


def test_where_filters_are_off_and_nobody_knows_when_nothing_is_found(alice, records):
    alice.answers("GET", "leads", listed("leads", [lead(1), lead(2)], NEXT))

    assert ask(records, Marked("copy:12")) == ()


def test_without_a_field_for_markers_a_draft_is_told_by_maker_time_title_and_pipeline(alice, bare):
    ours = {"created_by": 0, "created_at": STAMP + 1}
    deals = [
        lead(110, BASE, **ours),
        lead(111, BASE, created_by=0, created_at=STAMP - 600),
        lead(112, BASE, created_by=500, created_at=STAMP + 1),
        lead(113, NEW, **ours),
        lead(114, BASE, name="Ольга Кленова", **ours),
    ]
    alice.answers("GET", "contacts/301", person(301, leads=(110, 111, 112, 113, 114)))
    alice.answers("GET", "leads", listed("leads", deals))

    found = bare.read(copy := Marked("copy:12", ("301",), AT, title="Анна Берёзкина", stage=BASE))

    assert [deal.id for deal in found[copy]] == ["110"]


# tasks, notes, activities, users


def test_open_tasks_of_several_deals_are_one_request(alice, records):
    rows = [task(1), task(2, 102), task(3, is_completed=True), task(4, 999), task(5, entity_type="contacts")]
    alice.answers("GET", "tasks", listed("tasks", rows))

    found = records.read(first := Tasks("101"), second := Tasks("102"))

    assert found[first] == (Task("1", "101", "Перезвонить", "500", AT, "9101"),)
    assert [task.id for task in found[second]] == ["2"]
    assert alice.queries("tasks") == [
        {
            "filter[entity_type]": "leads",
            "filter[is_completed]": "0",
            "filter[entity_id][0]": "101",
            "filter[entity_id][1]": "102",
            "page": "1",
            "limit": "250",
        }
    ]


def test_notes_come_newest_first_and_calls_have_no_words(alice, records):
    rows = [note(9, "common", text="Новая"), note(8, "call_in", phone="+79000000001"), note(7, "common", text="Старая")]
    alice.answers("GET", "leads/101/notes", listed("notes", rows, NEXT))

    found = records.read(notes := Notes("101"))

    assert found[notes] == (Note("9", "101", "Новая", AT), Note("7", "101", "Старая", AT))
    assert alice.queries("leads/101/notes") == [{"order[id]": "desc", "limit": "50"}]


def test_where_the_order_is_ignored_the_notes_are_read_to_the_end(alice, records):
    early = [note(number, "common", text=str(number)) for number in range(1, 51)]
    late = [note(number, "common", text=str(number)) for number in range(51, 61)]
    alice.answers("GET", "leads/101/notes", listed("notes", early, NEXT))
    alice.answers("GET", "leads/101/notes", listed("notes", early, NEXT))
    alice.answers("GET", "leads/101/notes", listed("notes", late))

    found = records.read(notes := Notes("101"))

    assert [one.id for one in found[notes]] == [str(number) for number in range(60, 10, -1)]


def test_calls_messages_and_letters_are_told_by_their_notes(alice, records):
    at_deals = [
        note(1, "call_in", phone="+79000000001"),
        note(2, "call_out"),
        note(3, "sms_in"),
        note(4, "amomail_message", income=True),
        note(5, "amomail_message", income=False),
        note(6, "common", text="просто слова"),
        note(99, "call_in"),
    ]
    alice.answers("GET", "leads/notes", listed("notes", at_deals))
    alice.answers("GET", "contacts/notes", listed("notes", [note(7, "call_in", 301)]))

    asked = ("leads:1", "leads:2", "leads:3", "leads:4", "leads:5", "leads:6", "contacts:7")
    found = records.read(activities := Activities(asked))

    assert found[activities] == (
        Activity("leads:1", "call", True, AT, ("101",)),
        Activity("leads:2", "call", False, AT, ("101",)),
        Activity("leads:3", "message", True, AT, ("101",)),
        Activity("leads:4", "email", True, AT, ("101",)),
        Activity("leads:5", "email", False, AT, ("101",)),
        Activity("contacts:7", "call", True, AT, (), ("301",)),
    )
    assert alice.asked == ["GET leads/notes", "GET contacts/notes"]


@pytest.mark.parametrize(("is_read", "incoming"), [(False, True), (True, False)])
def test_a_conversation_nobody_has_read_came_from_the_patient(alice, records, is_read, incoming):
    talk = {"talk_id": 117, "contact_id": 301, "entity_id": 101, "entity_type": "lead", "is_read": is_read}
    alice.answers("GET", "talks/117", {**talk, "updated_at": STAMP})

    found = records.read(activities := Activities(("talk:117",)))

    assert found[activities] == (Activity("talk:117", "message", incoming, AT, ("101",), ("301",)),)


def test_a_conversation_that_is_gone_is_absent(alice, records):
    alice.answers("GET", "talks/117", NOT_FOUND, 404)

    assert ask(records, Activities(("talk:117", "message:5"))) == ()


def test_users_are_paged_and_nobody_is_known_to_head_another(alice, records):
    rights = {"is_admin": True, "is_active": True}
    alice.answers("GET", "users", listed("users", [{"id": 500, "name": "Алиса", "rights": rights}], NEXT))
    work = {"roles": [{"name": "Менеджер"}], "groups": [{"name": "Координаторы"}]}
    gleb = {"id": 501, "name": "Глеб", "rights": {"is_active": False}, "_embedded": work}
    alice.answers("GET", "users", listed("users", [gleb]))

    assert ask(records, Users()) == (
        User("500", "Алиса", active=True, admin=True),
        User("501", "Глеб", active=False, position="Менеджер, Координаторы"),
    )
    assert [(query["page"], query["with"]) for query in alice.queries("users")] == [
        ("1", "role,group"),
        ("2", "role,group"),
    ]


def test_users_are_told_to_administrators_only(alice, records):
    alice.answers("GET", "users", FORBIDDEN, 403)

    with pytest.raises(AccessLost):
        records.read(Users())


def test_nothing_asked_is_nothing_sent(alice, records):
    records.read(Deals(()))

    assert alice.asked == []


def test_when_a_patient_was_last_changed_is_aware(alice, records):
    alice.answers("GET", "contacts/301", person(301))

    assert ask(records, Contacts(("301",)))[0].updated_at == datetime.fromtimestamp(STAMP, AT.tzinfo)
