"""The emulated portal's CRM: stages, fields, deals, contacts, layouts, with the oddities a client has to live with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.crm.names import camel

Call = Callable[..., Any]


@pytest.fixture
def portal() -> Portal:
    portal = Portal.demo()
    portal.settings.rate_limit = False
    return portal


@pytest.fixture
def http(portal: Portal) -> Any:
    return create_app(portal).test_client()


@pytest.fixture
def call(portal: Portal, http: Any) -> Call:
    """Call a method by webhook: its result, or the refusal as (status, code, text)."""
    hook = portal.webhook()

    def send(method: str, **params: Any) -> Any:
        answer = http.post(hook + method, json=params)
        body = answer.get_json()
        return (
            body["result"]
            if answer.status_code == 200
            else (answer.status_code, body["error"], body["error_description"])
        )

    return send


@pytest.fixture
def pipeline(call: Call) -> int:
    """A second pipeline."""
    number: int = call("crm.category.add", entityTypeId=2, fields={"name": "Implants", "sort": 200})["category"]["id"]
    return number


def stage_codes(call: Call, pipeline: int) -> list[str]:
    return [row["STATUS_ID"] for row in call("crm.status.list", filter={"ENTITY_ID": f"DEAL_STAGE_{pipeline}"})]


def add_stage(call: Call, pipeline: int, code: str, sort: int, semantics: str = "") -> Any:
    fields = {"ENTITY_ID": f"DEAL_STAGE_{pipeline}", "STATUS_ID": code, "NAME": code, "SORT": sort}
    return call("crm.status.add", fields=fields | {"SEMANTICS": semantics})


def deal(call: Call, **fields: Any) -> dict[str, Any]:
    item: dict[str, Any] = call("crm.item.add", entityTypeId=2, fields=fields)["item"]
    return item


def test_a_pipeline_comes_with_eight_stages(call: Call, pipeline: int) -> None:
    rows = call("crm.status.list", filter={"ENTITY_ID": f"DEAL_STAGE_{pipeline}"})

    codes = ["NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE", "APOLOGY"]
    assert [row["STATUS_ID"] for row in rows] == [f"C{pipeline}:{code}" for code in codes]
    assert [row["EXTRA"]["SEMANTICS"] for row in rows] == ["process"] * 5 + ["success", "failure", "apology"]
    assert (rows[0]["SORT"], rows[0]["SEMANTICS"], rows[0]["CATEGORY_ID"]) == ("10", None, str(pipeline))


def test_pipelines_are_not_told_apart_by_name(call: Call, pipeline: int) -> None:
    twin = call("crm.category.add", entityTypeId=2, fields={"name": "Implants"})["category"]

    assert (twin["id"] != pipeline, twin["sort"]) == (True, 0)
    assert call("crm.category.update", entityTypeId=2, id=0, fields={"name": "Main"})["category"]["name"] == "Main"
    assert call("crm.category.delete", entityTypeId=2, id=0)[:2] == (400, "0")
    assert call("crm.category.delete", entityTypeId=2, id=twin["id"]) is None


def test_a_pipeline_that_holds_deals_stays(call: Call, pipeline: int) -> None:
    deal(call, categoryId=pipeline)

    refused = call("crm.category.delete", entityTypeId=2, id=pipeline)

    assert refused == (400, "0", "Deals related to the funnel Implants found")


def test_the_plan_limits_pipelines_in_the_portals_language(call: Call, portal: Portal, pipeline: int) -> None:
    portal.settings.pipeline_limit = 1

    status, code, text = call("crm.category.add", entityTypeId=2, fields={"name": "One more"})

    assert (status, code, "тариф" in text) == (400, "0", True)


@pytest.mark.parametrize(
    ("code", "sort", "semantics", "answer"),
    [
        ("CONSULT", 55, "", None),
        ("C99:CONSULT", 55, "", None),
        ("X" * 19, 55, "", None),
        ("X" * 20, 55, "", "ERROR_CORE"),
        ("with space", 55, "", "ERROR_CORE"),
        ("NEW", 55, "", "ERROR_CORE"),
        ("LATE", 60, "", ""),
        ("EARLY", 60, "F", ""),
        ("REFUSED", 61, "F", None),
        ("WON2", 65, "S", ""),
    ],
)
def test_rules_for_a_new_stage(
    call: Call, pipeline: int, code: str, sort: int, semantics: str, answer: str | None
) -> None:
    added = add_stage(call, pipeline, code, sort, semantics)

    if answer is None:
        assert f"C{pipeline}:{code.removeprefix('C99:')}" in stage_codes(call, pipeline)
    else:
        assert added[:2] == (400, answer)


def test_an_update_may_say_true_and_do_nothing(call: Call, pipeline: int) -> None:
    row = call("crm.status.list", filter={"ENTITY_ID": f"DEAL_STAGE_{pipeline}"})[1]

    assert call("crm.status.update", id=row["ID"], fields={"STATUS_ID": "BEST", "SEMANTICS": "S"}) is True
    assert call("crm.status.update", id=row["ID"], fields={"NAME": "X" * 101, "SORT": 11}) is True
    assert call("crm.status.update", id=row["ID"], fields={"COLOR": "#1234567890"}) is True
    assert call("crm.status.get", id=row["ID"]) == row
    assert call("crm.status.update", id=row["ID"], fields={"NAME": "Best", "SORT": 700, "COLOR": "#123456"}) is True
    assert call("crm.status.get", id=row["ID"])["SORT"] == "700"


def test_which_stages_can_be_deleted(call: Call, pipeline: int) -> None:
    rows = {row["STATUS_ID"].split(":")[1]: row["ID"] for row in call("crm.status.list") if ":" in row["STATUS_ID"]}
    deal(call, categoryId=pipeline, stageId=f"C{pipeline}:EXECUTING")

    assert call("crm.status.delete", id=rows["LOSE"])[:2] == (400, "")
    assert call("crm.status.delete", id=rows["EXECUTING"])[2] == "There are active items in this status."
    assert call("crm.status.delete", id=rows["LOSE"], params={"FORCED": "Y"}) is True
    assert call("crm.status.delete", id=rows["PREPARATION"]) is True


def test_a_prefixed_filter_key_of_directories_is_ignored(call: Call) -> None:
    assert len(call("crm.status.list", filter={"=ENTITY_ID": "SOURCE"})) == len(call("crm.status.list"))
    assert {row["ENTITY_ID"] for row in call("crm.status.list", filter={"ENTITY_ID": "SOURCE"})} == {"SOURCE"}


def test_a_user_field_answers_its_id_and_shows_labels_on_demand(call: Call) -> None:
    options = [{"VALUE": "Flyer", "XML_ID": "flyer"}, {"VALUE": "Site", "XML_ID": "site", "SORT": 5}]
    label = {"ru": "Откуда", "en": "From"}
    fields = {"FIELD_NAME": "FROM", "USER_TYPE_ID": "enumeration", "EDIT_FORM_LABEL": label, "LIST": options}

    number = call("crm.deal.userfield.add", fields=fields)

    [row] = call("crm.deal.userfield.list")
    [labelled] = call("crm.deal.userfield.list", filter={"LANG": "en"})
    assert (row["ID"], row["FIELD_NAME"]) == (str(number), "UF_CRM_FROM")
    assert [option["XML_ID"] for option in row["LIST"]] == ["site", "flyer"]
    assert ("EDIT_FORM_LABEL" in row, labelled["EDIT_FORM_LABEL"]) == (False, "From")
    assert call("crm.contact.userfield.list") == []


def test_option_rows_without_an_id_are_appended(call: Call) -> None:
    fields = {"FIELD_NAME": "A", "USER_TYPE_ID": "enumeration", "LIST": [{"VALUE": "One", "XML_ID": "one"}]}
    number = call("crm.deal.userfield.add", fields=fields)
    known = call("crm.deal.userfield.list")[0]["LIST"][0]["ID"]

    rows = [{"VALUE": "One"}, {"ID": known, "VALUE": "1", "XML_ID": "one"}]
    call("crm.deal.userfield.update", id=number, fields={"LIST": rows})
    twin = call("crm.deal.userfield.update", id=number, fields={"LIST": [{"VALUE": "x", "XML_ID": "one"}]})

    assert [option["VALUE"] for option in call("crm.deal.userfield.list")[0]["LIST"]] == ["1", "One"]
    assert twin[:2] == (400, "ERROR_CORE")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"USER_TYPE_ID": "string"}, ""),
        ({"FIELD_NAME": "A"}, ""),
        ({"FIELD_NAME": "A", "USER_TYPE_ID": "nonsense"}, "ERROR_CORE"),
        ({"FIELD_NAME": "WITH-DASH", "USER_TYPE_ID": "string"}, "ERROR_CORE"),
        ({"FIELD_NAME": "taken", "USER_TYPE_ID": "string"}, "ERROR_CORE"),
        ({"FIELD_NAME": "X" * 44, "USER_TYPE_ID": "string"}, "ERROR_CORE"),
        ({"FIELD_NAME": "TAKEN", "USER_TYPE_ID": "string"}, "ERROR_CORE"),
    ],
)
def test_refused_user_fields(call: Call, fields: dict[str, str], code: str) -> None:
    call("crm.deal.userfield.add", fields={"FIELD_NAME": "TAKEN", "USER_TYPE_ID": "string"})

    assert call("crm.deal.userfield.add", fields=fields)[:2] == (400, code)


def test_userfieldconfig_wants_the_entity_in_the_name_and_shows_options(call: Call) -> None:
    field = {"entityId": "CRM_DEAL", "userTypeId": "enumeration", "enum": [{"value": "A", "xmlId": "a"}]}

    refused = call("userfieldconfig.add", moduleId="crm", field=field | {"fieldName": "UF_CRM_X"})
    added = call("userfieldconfig.add", moduleId="crm", field=field | {"fieldName": "UF_CRM_DEAL_X"})["field"]

    assert refused[:2] == (400, "")
    assert [(option["value"], option["xmlId"]) for option in added["enum"]] == [("A", "a")]


@pytest.mark.parametrize(
    ("original", "shown"),
    [
        ("UF_CRM_10_DIGIT", "ufCrm10Digit"),
        ("UF_CRM_3_1747309727", "ufCrm3_1747309727"),
        ("UF_CRM_1747309879", "ufCrm_1747309879"),
        ("UF_CRM_3_DIGIT10", "ufCrm_3_DIGIT10"),
        ("UF_CRM_DEAL_DOCTOR", "ufCrmDealDoctor"),
    ],
)
def test_names_of_user_fields(original: str, shown: str) -> None:
    assert camel(original) == shown


def test_a_foreign_stage_is_dropped_and_a_move_keeps_the_kind(call: Call, pipeline: int) -> None:
    number = deal(call, title="A", stageId="LOSE")["id"]

    def update(**fields: Any) -> tuple[int, str]:
        item = call("crm.item.update", entityTypeId=2, id=number, fields=fields)["item"]
        return item["categoryId"], item["stageId"]

    assert update(stageId=f"C{pipeline}:NEW") == (0, "LOSE")
    assert update(categoryId=pipeline) == (pipeline, f"C{pipeline}:LOSE")
    assert call("crm.deal.update", id=number, fields={"CATEGORY_ID": 0, "STAGE_ID": "NEW"}) is True
    assert call("crm.deal.get", id=number)["CATEGORY_ID"] == str(pipeline)
    refused = call("crm.item.update", entityTypeId=2, id=number, fields={"categoryId": 999})
    assert refused[:2] == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    rows = call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": number})["items"]
    assert [(row["TYPE_ID"], row["CATEGORY_ID"]) for row in rows] == [(5, pipeline)]


def test_values_differ_between_the_two_apis(call: Call) -> None:
    for name, kind, multiple in (("AGREED", "boolean", "N"), ("TAGS", "string", "Y"), ("VISIT", "date", "N")):
        call("crm.deal.userfield.add", fields={"FIELD_NAME": name, "USER_TYPE_ID": kind, "MULTIPLE": multiple})
    given = {
        "UF_CRM_AGREED": 1,
        "UF_CRM_TAGS": [],
        "UF_CRM_VISIT": "2026-09-01",
        "opportunity": "12000",
        "begindate": "?",
    }

    item = call("crm.item.add", entityTypeId=2, fields=given, useOriginalUfNames="Y")["item"]

    legacy = call("crm.deal.get", id=item["id"])
    names = ("UF_CRM_AGREED", "UF_CRM_TAGS", "UF_CRM_VISIT")
    assert [item[name] for name in names] == ["N", [], "2026-09-01T00:00:00+03:00"]
    assert [legacy[name] for name in names] == ["0", False, "2026-09-01T00:00:00+03:00"]
    assert (item["opportunity"], legacy["OPPORTUNITY"], item["begindate"]) == (12000, "12000.00", None)
    assert "ufCrmTags" in call("crm.item.get", entityTypeId=2, id=item["id"])["item"]
    wrong = call("crm.item.add", entityTypeId=2, fields={"UF_CRM_TAGS": "x"}, useOriginalUfNames="Y")
    assert wrong[:2] == (400, "100")


def test_phones_are_added_changed_and_deleted_by_key(call: Call) -> None:
    phone = {"typeId": "PHONE", "valueType": "WORK", "value": "8 (900) 000-00-01"}
    item = call("crm.item.add", entityTypeId=3, fields={"name": "Ann", "fm": {"n0": phone}})["item"]
    number, first = item["id"], str(item["fm"][0]["id"])

    assert call("crm.duplicate.findbycomm", type="PHONE", values=["+79000000001"]) == {"CONTACT": [number]}
    call("crm.contact.update", id=number, fields={"PHONE": [{"VALUE": "+79000000002", "VALUE_TYPE": "HOME"}]})
    assert len(call("crm.contact.get", id=number)["PHONE"]) == 2
    fields = {"fm": {first: {"typeId": "PHONE", "value": ""}}}
    changed = call("crm.item.update", entityTypeId=3, id=number, fields=fields)["item"]
    assert [row["value"] for row in changed["fm"]] == ["+79000000002"]
    assert "fm" not in call("crm.item.list", entityTypeId=3, select=["id", "fm"])["items"][0]


def test_lists_page_by_fifty_and_count_on_demand(portal: Portal, http: Any) -> None:
    http.post("/_sandbox/deals", json=[{"stageId": "NEW", "count": 61}])
    hook = portal.webhook()

    def ends(method: str, **params: Any) -> tuple[Any, Any]:
        body = http.post(hook + method, json=params).get_json()
        return body.get("total"), body.get("next")

    assert ends("crm.item.list", entityTypeId=2) == (61, 50)
    assert ends("crm.item.list", entityTypeId=2, start=60) == (61, None)
    assert ends("crm.item.list", entityTypeId=2, start=-1) == (None, None)
    assert ends("crm.deal.list", start=-1) == (0, None)


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"title": "beta"}, ["Beta"]),
        ({"!title": "beta"}, ["Alpha"]),
        ({"%title": "ALP"}, ["Alpha"]),
        ({"=%title": "%eta"}, ["Beta"]),
        ({">=opportunity": 100}, ["Beta"]),
        ({"@title": ["Alpha", "x"]}, ["Alpha"]),
        ({"originatorId": "dent", "originId": "007"}, ["Alpha"]),
        ({"logic": "OR", "0": {"title": "Alpha"}, "1": {">opportunity": 50}}, ["Alpha", "Beta"]),
    ],
)
def test_filters(call: Call, conditions: dict[str, Any], found: list[str]) -> None:
    deal(call, title="Alpha", originatorId="dent", originId="007")
    deal(call, title="Beta", opportunity=100)

    items = call("crm.item.list", entityTypeId=2, filter=conditions, select=["title"])["items"]

    assert [item["title"] for item in items] == found


def test_an_unknown_filter_field_is_refused_here_and_ignored_there(call: Call) -> None:
    assert call("crm.item.list", entityTypeId=2, filter={"nonsense": 1})[:2] == (400, "INVALID_ARG_VALUE")
    assert call("crm.deal.list", filter={"NONSENSE": 1}) == []


def test_imports_judge_row_by_row(call: Call) -> None:
    rows = [{"title": "A", "createdTime": "2030-01-01T00:00:00+03:00"}, {"createdTime": "2029-01-01T00:00:00+03:00"}]

    items = call("crm.item.batchImport", entityTypeId=2, data=rows)["items"]
    many = call("crm.item.batchImport", entityTypeId=2, data=[{"title": "x"}] * 21)

    assert [row.keys() for row in items] == [{"item"}, {"error", "error_description"}]
    assert many[:2] == (400, "MAX_IMPORT_BATCH_SIZE_EXCEEDED")


def test_layouts_stand_per_pipeline_and_scope(call: Call, pipeline: int) -> None:
    where = {"entityTypeId": 2, "scope": "C", "extras": {"dealCategoryId": pipeline}}
    element = {"name": "TITLE", "optionFlags": 1}
    data = [{"name": "main", "title": "About", "type": "section", "elements": [element]}]
    method = "crm.item.details.configuration"

    assert call(f"{method}.get", **where) is None
    assert call(f"{method}.set", **where, data=data) is True
    assert call(f"{method}.get", **where)[0]["elements"] == [{"name": "TITLE", "optionFlags": "1"}]
    assert call(f"{method}.get", entityTypeId=2, scope="C") is None
    assert call(f"{method}.get", **where | {"scope": "c"}) is None
    assert call("crm.deal.details.configuration.get", scope="C", extras={"dealCategoryId": pipeline}) is not None
    untitled = call(f"{method}.set", **where, data=[{"name": "main", "type": "section"}])
    assert untitled == (400, "", "Section at index 0 does not have title.")


def test_product_rows_make_the_amount_unless_it_is_kept_by_hand(call: Call) -> None:
    number = deal(call, title="A")["id"]
    rows = [{"productName": "Implant", "price": 100.5, "quantity": 2}]

    call("crm.item.productrow.set", ownerType="D", ownerId=number, productRows=rows)

    assert call("crm.item.get", entityTypeId=2, id=number)["item"]["opportunity"] == 201
    held = call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": number})["productRows"]
    assert [row["productName"] for row in held] == ["Implant"]


def test_the_pages_show_what_was_installed(call: Call, http: Any, pipeline: int) -> None:
    call("crm.deal.userfield.add", fields={"FIELD_NAME": "DOC", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "Врач"})
    number = deal(call, title="Консультация", categoryId=pipeline)["id"]

    board = http.get(f"/crm/deal/kanban/category/{pipeline}/").get_data(as_text=True).replace("<wbr>", "")
    card = http.get(f"/crm/deal/details/{number}/").get_data(as_text=True)

    assert all(text in board for text in ("Implants", "Врач", "UF_CRM_DOC", "успех", "провал", "Консультация"))
    assert "Консультация" in card


def test_names_of_new_fields_are_made_whole(call: Call) -> None:
    for code in ("doctor", "UF_ROOM", "UF_CRM_TOOTH"):
        call("crm.deal.userfield.add", fields={"FIELD_NAME": code, "USER_TYPE_ID": "string"})

    rows = call("crm.deal.userfield.list")

    assert [row["FIELD_NAME"] for row in rows] == ["UF_CRM_DOCTOR", "UF_CRM_ROOM", "UF_CRM_TOOTH"]


def test_a_label_that_is_changed_in_one_language_is_lost_in_the_others(call: Call) -> None:
    label = {"ru": "Врач", "en": "Doctor"}
    fields = {"FIELD_NAME": "DOCTOR", "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": label}
    number = call("crm.deal.userfield.add", fields=fields)
    before = call("crm.deal.userfield.get", id=number)["EDIT_FORM_LABEL"]

    call("crm.deal.userfield.update", id=number, fields={"EDIT_FORM_LABEL": {"ru": "Лечащий врач"}})

    after = call("crm.deal.userfield.get", id=number)["EDIT_FORM_LABEL"]
    assert (before["ru"], before["en"], before["de"]) == ("Врач", "Doctor", "UF_CRM_DOCTOR")
    assert (after["ru"], after["en"], after["de"]) == ("Лечащий врач", "", "")


def test_an_option_that_is_changed_without_its_key_or_text_loses_them(call: Call) -> None:
    options = [{"VALUE": "Flyer", "XML_ID": "flyer"}, {"VALUE": "Site", "XML_ID": "site"}]
    number = call("crm.deal.userfield.add", fields={"FIELD_NAME": "A", "USER_TYPE_ID": "enumeration", "LIST": options})
    flyer, site = (option["ID"] for option in call("crm.deal.userfield.list")[0]["LIST"])

    rows = [{"ID": flyer, "VALUE": "Leaflet"}, {"ID": site, "XML_ID": "site"}]
    call("crm.deal.userfield.update", id=number, fields={"LIST": rows})

    [left] = call("crm.deal.userfield.list")[0]["LIST"]
    assert (left["ID"], left["VALUE"], left["XML_ID"] == "flyer") == (flyer, "Leaflet", False)


def test_settings_and_filters_that_a_type_does_not_have_are_dropped(call: Call) -> None:
    fields = {"USER_TYPE_ID": "money", "SHOW_FILTER": "Y", "SETTINGS": {"DEFAULT_VALUE": "1|RUB"}}
    call("crm.deal.userfield.add", fields=fields | {"FIELD_NAME": "PRICE"})
    call("crm.deal.userfield.add", fields=fields | {"FIELD_NAME": "NOTE", "USER_TYPE_ID": "string"})

    price, note = call("crm.deal.userfield.list", order={"ID": "ASC"})

    assert (price["SHOW_FILTER"], price["SETTINGS"]["DEFAULT_VALUE"]) == ("N", "")
    assert (note["SHOW_FILTER"], note["SETTINGS"]["DEFAULT_VALUE"]) == ("E", "1|RUB")


def test_a_filter_of_directories_takes_one_text_and_skips_an_empty_one(call: Call) -> None:
    refused = call("crm.status.list", filter={"ENTITY_ID": ["SOURCE", "DEAL_TYPE"]})

    assert refused == (400, "", "Filter by ENTITY_ID must be a string")
    assert len(call("crm.status.list", filter={"ENTITY_ID": ""})) == len(call("crm.status.list"))


def test_mandatory_fields_are_asked_for_only_where_the_portal_is_set_to(call: Call, portal: Portal) -> None:
    call("crm.deal.userfield.add", fields={"FIELD_NAME": "A", "USER_TYPE_ID": "string", "MANDATORY": "Y"})
    number = deal(call, title="A")["id"]

    portal.settings.check_required = True

    move = {"entityTypeId": 2, "id": number, "fields": {"stageId": "WON"}}
    assert call("crm.item.update", **move)[:2] == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert call("crm.item.update", **move | {"fields": {"title": "B"}})["item"]["title"] == "B"


def test_a_to_do_a_task_and_a_note_hang_on_a_deal(call: Call) -> None:
    number = deal(call, title="A")["id"]
    owner = {"ownerTypeId": 2, "ownerId": number}

    todo = call("crm.activity.todo.add", **owner, deadline="2026-12-01T10:00:00+03:00")["id"]
    moved = call("crm.activity.todo.updateDeadline", **owner, id=todo, value="2026-12-02T10:00:00+03:00")
    task = call("tasks.task.add", fields={"TITLE": "Позвонить", "RESPONSIBLE_ID": 7, "UF_CRM_TASK": [f"D_{number}"]})
    note = {"entityTypeId": 2, "entityId": number, "title": "Напоминание", "text": "Отправлено", "iconCode": "info"}

    assert (moved, call("crm.activity.get", id=todo)["DEADLINE"]) == ({"id": todo}, "2026-12-02T10:00:00+03:00")
    assert (task["task"]["responsibleId"], task["task"]["ufCrmTask"]) == ("7", [f"D_{number}"])
    assert call("crm.timeline.logmessage.add", fields=note)["logMessage"]["iconCode"] == "info"
