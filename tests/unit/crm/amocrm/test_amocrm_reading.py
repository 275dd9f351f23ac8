"""Each list of an account read into our words, and in how many requests."""

from __future__ import annotations

import pytest
from amocrm_answers import (
    ACCOUNT,
    FORBIDDEN,
    LOST,
    NOT_FOUND,
    UNAUTHORISED,
    UNSORTED,
    WON,
    field,
    listed,
    pipeline,
    status,
)

from widget_backend.crm.model import Account, Kind, Option, Section
from widget_backend.errors import AccessLost, Unavailable

VISITS = pipeline(
    9001,
    "Приемы",
    UNSORTED,
    status(70002, "Новая заявка", 20),
    status(70003, "Взято в работу", 30, "#99ccff"),
    WON,
    status(143, "Пациент не пришёл", 11000),
)


def of_kind(snapshot, kind):
    return [remote for remote in snapshot.remotes if remote.kind is kind]


def test_the_account_tells_who_it_is_and_which_task_types_it_has(alice, crm):
    alice.answers("GET", "account", ACCOUNT)

    snapshot = crm.snapshot([Kind.TASK_TYPE], {})

    assert snapshot.account == Account("777001", "Клиника Алисы", "ru", "https://alice.amocrm.ru", "RUB")
    assert [(r.id, r.name, r.fixed) for r in snapshot.remotes] == [
        ("1", "Связаться", True),
        ("9001", "Подтвердить визит", True),
    ]
    assert alice.queries("account") == [{"with": "task_types"}]


def test_an_account_abroad_is_read_in_english(alice, crm):
    alice.answers("GET", "account", {"id": 5, "name": "Alice", "country": "GB", "_embedded": {"task_types": []}})

    assert crm.snapshot([], {}).account.language == "en"


def test_an_account_that_does_not_name_itself_is_no_account(alice, crm):
    alice.answers("GET", "account", {"_embedded": {}})

    with pytest.raises(Unavailable):
        crm.snapshot([], {})


def test_a_stage_is_told_by_pipeline_and_status_and_the_unsorted_one_is_left_out(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "leads/pipelines", listed("pipelines", [VISITS]))

    stages = of_kind(crm.snapshot([Kind.PIPELINE, Kind.STAGE], {}), Kind.STAGE)

    assert [(s.id, s.native, s.parent, dict(s.attributes)) for s in stages] == [
        (
            "9001:70002",
            "70002",
            "9001",
            {"name": "Новая заявка", "kind": "open", "position": 20, "colour": "light_yellow"},
        ),
        ("9001:70003", "70003", "9001", {"name": "Взято в работу", "kind": "open", "position": 30, "colour": "blue"}),
        ("9001:142", "142", "9001", {"name": "Успешно реализовано", "kind": "won"}),
        ("9001:143", "143", "9001", {"name": "Пациент не пришёл", "kind": "lost"}),
    ]
    assert [(s.fixed, s.stock) for s in stages] == [(False, False), (False, False), (True, True), (True, False)]


def test_a_stage_in_a_colour_of_no_name_keeps_its_code(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    odd = pipeline(9001, "Приемы", status(70002, "Новая", 20, "#CCFF66"))
    alice.answers("GET", "leads/pipelines", listed("pipelines", [odd]))

    [stage] = of_kind(crm.snapshot([Kind.STAGE], {}), Kind.STAGE)

    assert stage.attributes["colour"] == "#ccff66"


def test_pipelines_are_read_once_for_all_and_archived_ones_are_out_of_use(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    archived = pipeline(9002, "Старая", WON, LOST, is_archive=True)
    page = listed("pipelines", [VISITS, archived], "https://alice.amocrm.ru/api/v4/leads/pipelines?page=2")
    alice.answers("GET", "leads/pipelines", page)

    pipelines = of_kind(crm.snapshot([Kind.PIPELINE, Kind.STAGE], {}), Kind.PIPELINE)

    assert [(p.id, p.name) for p in pipelines] == [("9001", "Приемы")]
    assert alice.asked == ["GET account", "GET leads/pipelines"]


def test_an_account_without_pipelines_is_a_fault_and_not_an_empty_account(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "leads/pipelines", {"_embedded": {"pipelines": []}})

    with pytest.raises(Unavailable):
        crm.snapshot([Kind.PIPELINE], {})


def test_fields_are_read_with_type_tab_stages_choices_and_our_mark(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    enums = [{"id": 2, "value": "Повторный", "sort": 20, "code": None}, {"id": 1, "value": "Первичный", "sort": 10}]
    rows = [
        field(31, "Тип приема", "select", code="DENT_VISIT_TYPE", group_id="leads_5", enums=enums),
        field(32, "Врач", required_statuses=[{"pipeline_id": 9001, "status_id": 142}], group_id="default"),
        field(33, "Бюджет", "monetary", code="BUDGET"),
        field(34, "utm_source", "tracking_data", group_id="statistic"),
        field(35, "Метки", "multiselect", enums=[]),
    ]
    alice.answers("GET", "leads/custom_fields", listed("custom_fields", rows))

    listing, doctor, budget, utm, marks = crm.snapshot([Kind.FIELD], {"field.deal.doctor": ""}).remotes

    assert listing.attributes == {
        "name": "Тип приема",
        "type": "list",
        "multiple": False,
        "group": "leads_5",
        "required_at": (),
        "options": (Option("", "Первичный", "1"), Option("", "Повторный", "2")),
    }
    assert (listing.marker, listing.entity, listing.fixed) == ("visit_type", "deal", False)
    assert doctor.attributes == {"name": "Врач", "type": "text", "group": None, "required_at": ("9001:142",)}
    assert (budget.attributes["type"], budget.marker) == ("number", "")
    assert (utm.attributes["type"], utm.fixed) == ("tracking_data", True)
    assert (marks.attributes["type"], marks.attributes["multiple"]) == ("list", True)


def test_fields_are_read_page_by_page_until_there_is_no_next(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    following = "https://alice.amocrm.ru/api/v4/contacts/custom_fields?page=2"
    alice.answers("GET", "contacts/custom_fields", listed("custom_fields", [field(1, "Отчество")], following))
    alice.answers("GET", "contacts/custom_fields", listed("custom_fields", [field(2, "Комментарий")]))

    fields = crm.snapshot([Kind.FIELD], {"field.contact.comment": ""}).remotes

    assert [f.id for f in fields] == ["1", "2"]
    assert alice.queries("contacts/custom_fields") == [{"page": "1", "limit": "250"}, {"page": "2", "limit": "250"}]


def test_a_list_that_ignores_pages_is_not_read_twice(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    following = "https://alice.amocrm.ru/api/v4/leads/loss_reasons?page=2"
    alice.answers("GET", "leads/loss_reasons", listed("loss_reasons", [{"id": 5001, "name": "Дорого"}], following))

    reasons = crm.snapshot([Kind.LOSS_REASON], {}).remotes

    assert [(r.id, r.name) for r in reasons] == [("5001", "Дорого")]
    assert alice.asked == ["GET account", "GET leads/loss_reasons", "GET leads/loss_reasons"]


def test_an_empty_list_is_an_answer_without_a_body(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "leads/loss_reasons", status=204)

    assert crm.snapshot([Kind.LOSS_REASON], {}).remotes == ()


def test_only_tabs_somebody_made_take_part(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    tabs = [
        {"id": "default", "name": "Основное", "sort": 0, "is_predefined": True, "fields": []},
        {"id": "statistic", "name": "Статистика", "sort": 5, "fields": []},
        {"id": "leads_5", "name": "Приём", "sort": 11, "is_predefined": False, "fields": [31]},
    ]
    alice.answers("GET", "leads/custom_fields/groups", listed("custom_field_groups", tabs))

    [tab] = crm.snapshot([Kind.GROUP], {}).remotes

    assert (tab.id, tab.entity, dict(tab.attributes)) == ("leads_5", "deal", {"name": "Приём", "position": 11})


def test_the_card_is_told_by_its_tabs(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    fields = [field(31, "Врач", group_id="leads_5", sort=2), field(32, "Услуга", group_id="leads_5", sort=1)]
    tabs = [{"id": "leads_5", "name": "Приём", "sort": 11, "is_predefined": False}]
    alice.answers("GET", "leads/custom_fields", listed("custom_fields", [*fields, field(33, "Прочее")]))
    alice.answers("GET", "leads/custom_fields/groups", listed("custom_field_groups", tabs))

    [card] = of_kind(crm.snapshot([Kind.FIELD, Kind.CARD], {"field.deal.doctor": ""}), Kind.CARD)

    assert card.attributes["sections"] == (Section("", ("33",)), Section("Приём", ("32", "31")))


def test_tags_are_read_for_the_entities_that_want_some(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "leads/tags", listed("tags", [{"id": 7, "name": "import", "color": None}]))

    [tag] = crm.snapshot([Kind.TAG], {"tag.deal.import": ""}).remotes

    assert (tag.id, tag.name, tag.entity) == ("7", "import", "deal")


@pytest.mark.parametrize(
    ("rights", "admin"), [({"is_admin": True}, True), ({"is_admin": False}, False), ({}, None), (None, None)]
)
def test_the_user_behind_the_key_tells_whether_he_is_an_administrator(alice, crm, rights, admin):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "users/500", {"id": 500, "name": "Alice", "rights": rights})

    assert crm.access().admin is admin


def test_a_key_that_may_not_look_at_its_own_user_is_no_administrators(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "users/500", FORBIDDEN, 403)

    assert crm.access().admin is False


def test_a_key_revoked_meanwhile_is_not_taken_for_one_without_rights(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "users/500", UNAUTHORISED, 401)

    with pytest.raises(AccessLost):
        crm.access()


def test_a_user_who_cannot_be_found_leaves_the_question_open(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "users/500", NOT_FOUND, 404)

    assert crm.access().admin is None


def test_the_account_is_read_once_for_a_run(alice, crm):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "users/500", {"id": 500, "rights": {"is_admin": True}})

    crm.snapshot([], {})
    crm.access()
    crm.snapshot([], {})

    assert alice.asked == ["GET account", "GET users/500"]


def test_an_address_of_some_page_leads_to_the_same_account(alice, door):
    from widget_backend.crm import amocrm
    from widget_backend.crm.port import Connection

    alice.answers("GET", "account", ACCOUNT)

    snapshot = amocrm.structure(Connection("https://Alice.amocrm.ru/leads/pipeline/", "key"), door).snapshot([], {})

    assert snapshot.account.url == "https://alice.amocrm.ru"
