"""The emulated account's structure: pipelines, stages, fields, tabs, loss reasons, tags, webhooks, sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.amocrm import Account, create_app

Call = Callable[..., Any]

PIPELINE = {"name": "Реактивация", "sort": 40, "is_main": False, "is_unsorted_on": True}
HOOK = {"destination": "https://app.example/hook", "settings": ["add_lead"]}


@pytest.fixture
def account() -> Account:
    account = Account.demo()
    account.settings.rate = False
    return account


@pytest.fixture
def http(account: Account) -> Any:
    return create_app(account).test_client()


@pytest.fixture
def call(account: Account, http: Any) -> Call:
    """Call as the admin of an integration that may have sources: (status, body)."""
    client = account.issue_integration(redirect_uri="https://app.example").client_id
    headers = {"Authorization": f"Bearer {account.grant(client).access}"}

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = http.open("/api/v4" + path, method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json(silent=True)

    return send


def embedded(answer: tuple[int, Any], key: str) -> list[dict[str, Any]]:
    assert answer[0] in (200, 201), answer
    rows: list[dict[str, Any]] = answer[1]["_embedded"][key]
    return rows


def issues(answer: tuple[int, Any]) -> list[tuple[str, str, str]]:
    assert answer[0] == 400, answer
    return [
        (row["request_id"], issue["code"], issue["path"])
        for row in answer[1]["validation-errors"]
        for issue in row["errors"]
    ]


def made_pipeline(call: Call, *stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    [pipeline] = embedded(
        call("POST", "/leads/pipelines", [PIPELINE | more | {"_embedded": {"statuses": list(stages)}}]), "pipelines"
    )
    return pipeline


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_fresh_account_has_the_stock_structure(call: Call) -> None:
    [pipeline] = embedded(call("GET", "/leads/pipelines"), "pipelines")
    stages = pipeline["_embedded"]["statuses"]

    assert (pipeline["name"], pipeline["is_main"]) == ("Воронка", True)
    assert names(stages)[0] == "Неразобранное"
    assert [(stage["sort"], stage["type"], stage["is_editable"]) for stage in stages] == [
        (10, 1, False),
        (20, 0, True),
        (30, 0, True),
        (40, 0, True),
        (50, 0, True),
        (10_000, 0, False),
        (11_000, 0, False),
    ]
    assert [row["code"] for row in embedded(call("GET", "/contacts/custom_fields"), "custom_fields")] == [
        "POSITION",
        "PHONE",
        "EMAIL",
    ]
    assert {row["group_id"] for row in embedded(call("GET", "/leads/custom_fields"), "custom_fields")} == {"statistic"}
    assert [row["id"] for row in embedded(call("GET", "/leads/custom_fields/groups"), "custom_field_groups")] == [
        "default",
        "statistic",
    ]
    assert call("GET", "/catalogs") == (204, None)
    assert call("GET", "/leads/unsorted") == (204, None)


def test_a_pipeline_comes_with_system_stages_and_new_numbers(call: Call) -> None:
    stages = [
        {"id": 142, "name": "Записан"},
        {"name": "Звонок", "sort": 700, "color": "#98cbff"},
        {"name": "Новый", "sort": 30},
    ]

    pipeline = made_pipeline(call, *stages, request_id="react", is_unsorted_on=False)

    rows = [(row["name"], row["sort"], row["color"]) for row in pipeline["_embedded"]["statuses"]]
    assert (pipeline["sort"], pipeline["request_id"], pipeline["account_id"]) == (2, "react", 777001)
    assert rows == [
        ("Неразобранное", 10, "#c1c1c1"),
        ("Новый", 20, "#fffeb2"),
        ("Звонок", 30, "#98cbff"),
        ("Записан", 10_000, "#CCFF66"),
        ("Закрыто и не реализовано", 11_000, "#D5D8DB"),
    ]


def test_a_switched_off_incoming_stage_may_be_missing(account: Account, call: Call) -> None:
    pipeline = made_pipeline(call, is_unsorted_on=False)
    address = f"/leads/pipelines/{pipeline['id']}"

    def first(answer: tuple[int, Any]) -> str:
        return str(answer[1]["_embedded"]["statuses"][0]["name"])

    assert first(call("PATCH", address, {"name": "X"})) == "Успешно реализовано"
    assert first(call("GET", address)) == "Неразобранное"
    account.settings.hide_unsorted = True
    assert first(call("GET", address)) == "Успешно реализовано"


def test_one_bad_pipeline_refuses_the_batch(call: Call) -> None:
    bad_stages = [{"name": "A", "color": "#123456"}, {"id": 7, "name": "B"}, {"sort": 1}]
    bad = {"name": "X", "sort": "1", "is_main": False, "_embedded": {"statuses": bad_stages}}

    answer = call("POST", "/leads/pipelines", [PIPELINE, bad])

    assert issues(answer) == [
        ("1", "InvalidType", "sort"),
        ("1", "FieldMissing", "is_unsorted_on"),
        ("1", "NotSupportedChoice", "_embedded.statuses.0.color"),
        ("1", "NotSupportedChoice", "_embedded.statuses.1.id"),
        ("1", "FieldMissing", "_embedded.statuses.2.name"),
    ]
    assert len(embedded(call("GET", "/leads/pipelines"), "pipelines")) == 1


def test_the_main_mark_moves(account: Account, call: Call) -> None:
    made_pipeline(call, is_main=True)
    marks = [row["is_main"] for row in embedded(call("GET", "/leads/pipelines"), "pipelines")]
    account.settings.main_moves = False
    call("PATCH", "/leads/pipelines/9001", {"is_main": True})

    assert marks == [False, True]
    assert [row.is_main for row in account.ordered_pipelines] == [False, True]


def test_pipelines_are_listed_whole_and_in_their_order(call: Call) -> None:
    second, third = (made_pipeline(call, name=name)["id"] for name in ("B", "C"))
    call("PATCH", f"/leads/pipelines/{third}", {"sort": 0})

    rows = embedded(call("GET", "/leads/pipelines?limit=1&page=2"), "pipelines")

    assert [(row["id"], row["sort"]) for row in rows] == [(third, 1), (9001, 2), (second, 3)]


@pytest.mark.parametrize(
    ("moved", "sort", "order"),
    [(0, 3, "BCA"), (2, 1, "CAB"), (0, 2, "BAC"), (1, 1, "BAC"), (1, 99, "ACB"), (2, 0, "CAB")],
)
def test_a_moved_pipeline_passes_the_one_whose_number_it_takes(call: Call, moved: int, sort: int, order: str) -> None:
    call("PATCH", "/leads/pipelines/9001", {"name": "A"})
    made_pipeline(call, name="B")
    made_pipeline(call, name="C")
    rows = embedded(call("GET", "/leads/pipelines"), "pipelines")

    call("PATCH", f"/leads/pipelines/{rows[moved]['id']}", {"sort": sort})

    assert "".join(names(embedded(call("GET", "/leads/pipelines"), "pipelines"))) == order


def test_deleting_pipelines(account: Account, http: Any, call: Call) -> None:
    made = made_pipeline(call)["id"]
    http.post("/_sandbox/leads", json=[{"pipeline_id": made}])

    assert call("DELETE", f"/leads/pipelines/{made}")[0] == 422
    assert call("DELETE", "/leads/pipelines/9001")[0] == 204
    assert account.pipelines[made].is_main
    assert call("DELETE", f"/leads/pipelines/{made}")[0] == 422
    assert issues(call("DELETE", "/leads/pipelines/1")) == [("0", "NotSupportedChoice", "id")]


def test_caps_of_pipelines_and_stages(account: Account, call: Call) -> None:
    full = [{"name": f"S{index}", "sort": index} for index in range(98)]

    assert issues(call("POST", "/leads/pipelines", [PIPELINE | {"_embedded": {"statuses": full}}])) == [
        ("0", "TooLong", "_embedded.statuses")
    ]
    assert call("POST", "/leads/pipelines", [PIPELINE] * 49)[0] == 200
    assert call("POST", "/leads/pipelines", [PIPELINE])[0] == 422
    account.settings.cap_status = 400
    assert call("POST", "/leads/pipelines", [PIPELINE])[0] == 400
    assert call("POST", "/leads/pipelines/9001/statuses", full[:94])[0] == 400


def test_stages_are_added_changed_and_described(call: Call) -> None:
    about = [{"level": "newbie", "description": "Позвонить"}]
    base = "/leads/pipelines/9001/statuses"

    [stage] = embedded(call("POST", base, [{"name": "Осмотр", "sort": 15, "descriptions": about}]), "statuses")
    call("PATCH", f"{base}/{stage['id']}", {"sort": 35, "color": "#87f2c0"})

    assert names(embedded(call("GET", base), "statuses"))[:4] == [
        "Неразобранное",
        "Первичный контакт",
        "Осмотр",
        "Переговоры",
    ]
    assert call("GET", f"{base}/{stage['id']}?with=descriptions")[1]["descriptions"] == about
    assert call("PATCH", f"{base}/142", {"name": "Вылечен", "color": "#87f2c0"})[1]["color"] == "#CCFF66"
    assert call("GET", f"{base}/142")[1]["name"] == "Вылечен"
    assert call("GET", f"{base}/1")[0] == 404


def test_stages_that_are_refused(account: Account, call: Call) -> None:
    base = "/leads/pipelines/9001/statuses"
    four = [{"level": "guru", "description": "x"}] * 4

    assert issues(call("POST", base, [{"name": "A"}])) == [("0", "FieldMissing", "sort")]
    assert issues(call("POST", base, [{"name": "A", "sort": 1, "descriptions": four}])) == [
        ("0", "TooLong", "descriptions")
    ]
    assert issues(call("POST", base, [{"name": " ", "sort": 1, "descriptions": four[:1]}])) == [
        ("0", "IsBlank", "name"),
        ("0", "NotSupportedChoice", "descriptions.0.level"),
    ]
    assert issues(call("PATCH", f"{base}/70001", {"name": "X"})) == [("0", "NotSupportedChoice", "id")]
    account.settings.unsorted_editable = True
    assert call("PATCH", f"{base}/70001", {"name": "X"})[0] == 200


def test_leads_of_a_deleted_stage_fall_to_the_first(account: Account, http: Any, call: Call) -> None:
    base = "/leads/pipelines/9001/statuses"
    [lead] = http.post("/_sandbox/leads", json=[{"status_id": 70009}]).get_json()["ids"]

    assert call("DELETE", f"{base}/70009")[0] == 204
    assert account.records["leads"][lead].own["status_id"] == 70005
    assert [call("DELETE", f"{base}/{number}")[0] for number in (142, 143, 70001)] == [422] * 3
    assert issues(call("DELETE", f"{base}/70009")) == [("0", "NotSupportedChoice", "id")]
    assert [call("DELETE", f"{base}/{number}")[0] for number in (70005, 70013, 70017)] == [204, 204, 422]


def test_fields_are_created_with_tabs_and_required_stages(call: Call) -> None:
    [tab] = embedded(call("POST", "/leads/custom_fields/groups", [{"name": "Приём", "sort": 5}]), "custom_field_groups")
    stage = {"pipeline_id": 9001, "status_id": 70009}
    body = {
        "name": "Услуга",
        "type": "select",
        "code": "SERVICE",
        "group_id": tab["id"],
        "required_statuses": [stage],
        "enums": [{"value": "Чистка", "sort": 1}, {"value": "Осмотр", "sort": 2}],
        "request_id": "f1",
    }

    status, answer = call("POST", "/leads/custom_fields", [body])

    [field] = answer["_embedded"]["custom_fields"]
    assert (status, answer["_total_items"], field["request_id"]) == (201, 1, "f1")
    assert (field["group_id"], field["required_statuses"], field["is_deletable"]) == (tab["id"], [stage], True)
    assert [enum["value"] for enum in field["enums"]] == ["Чистка", "Осмотр"]
    assert (tab["id"].startswith("leads_"), tab["fields"]) == (True, [])
    assert call("GET", f"/leads/custom_fields/groups/{tab['id']}")[1]["fields"] == [field["id"]]
    call("DELETE", "/leads/pipelines/9001/statuses/70009")
    assert call("GET", f"/leads/custom_fields/{field['id']}")[1]["required_statuses"] == []


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({"name": "A", "type": "multitext"}, ("NotSupportedChoice", "type")),
        ({"name": "A", "type": "tracking_data"}, ("NotSupportedChoice", "type")),
        ({"name": "A"}, ("FieldMissing", "type")),
        ({"type": "text"}, ("FieldMissing", "name")),
        ({"name": "A", "type": "text", "code": "PHONE"}, ("NotSupportedChoice", "code")),
        ({"name": "A", "type": "text", "group_id": "leads_1"}, ("NotSupportedChoice", "group_id")),
        ({"name": "A", "type": "select"}, ("FieldMissing", "enums")),
        ({"name": "A", "type": "select", "enums": [{"value": "x"}]}, ("FieldMissing", "enums.0.sort")),
        ({"name": "A", "type": "birthday", "remind": "hourly"}, ("NotSupportedChoice", "remind")),
        (
            {"name": "A", "type": "text", "required_statuses": [{"pipeline_id": 9001, "status_id": 1}]},
            ("NotSupportedChoice", "required_statuses.0.status_id"),
        ),
    ],
)
def test_fields_that_are_refused(call: Call, body: dict[str, Any], issue: tuple[str, str]) -> None:
    good = {"name": "Good", "type": "text"}

    assert issues(call("POST", "/contacts/custom_fields", [good, body])) == [("1", *issue)]
    assert len(embedded(call("GET", "/contacts/custom_fields"), "custom_fields")) == 3


def test_a_code_is_unique_also_within_a_batch(call: Call) -> None:
    row = {"name": "A", "type": "text", "code": "X"}

    assert issues(call("POST", "/leads/custom_fields", [row, row])) == [("1", "NotSupportedChoice", "code")]
    assert call("POST", "/leads/custom_fields", [row])[0] == 201
    assert call("POST", "/contacts/custom_fields", [row])[0] == 201
    assert issues(call("POST", "/leads/custom_fields", [row])) == [("0", "NotSupportedChoice", "code")]


def test_options_without_an_id_are_made_anew(call: Call) -> None:
    body = {"name": "A", "type": "select", "enums": [{"value": "x", "sort": 1}, {"value": "y", "sort": 2}]}
    [field] = embedded(call("POST", "/leads/custom_fields", [body]), "custom_fields")
    first, second = field["enums"]
    values = [{"field_id": field["id"], "values": [{"value": "y"}]}]
    [lead] = embedded(call("POST", "/leads", [{"name": "L", "custom_fields_values": values}]), "leads")

    kept = {"id": field["id"], "name": "A", "enums": [first, {"value": "y", "sort": 2}]}
    [changed] = embedded(call("PATCH", "/leads/custom_fields", [kept]), "custom_fields")

    assert [enum["value"] for enum in changed["enums"]] == ["x", "y"]
    assert (changed["enums"][0]["id"], changed["enums"][1]["id"] != second["id"]) == (first["id"], True)
    assert call("GET", f"/leads/{lead['id']}")[1]["custom_fields_values"] is None
    stale = {"id": field["id"], "name": "A", "enums": [second]}
    assert issues(call("PATCH", "/leads/custom_fields", [stale])) == [("0", "NotSupportedChoice", "enums.0.id")]
    assert issues(call("PATCH", f"/leads/custom_fields/{field['id']}", {"name": "B"})) == [
        ("0", "FieldMissing", "enums")
    ]


def test_predefined_fields_stay(account: Account, call: Call) -> None:
    phone = next(field.id for field in account.fields["contacts"].values() if field.code == "PHONE")
    [own] = embedded(call("POST", "/contacts/custom_fields", [{"name": "A", "type": "text"}]), "custom_fields")

    assert call("DELETE", f"/contacts/custom_fields/{phone}")[0] == 403
    assert call("PATCH", f"/contacts/custom_fields/{phone}", {"name": "Тел."})[1]["code"] == "PHONE"
    assert call("DELETE", f"/contacts/custom_fields/{own['id']}") == (204, None)
    assert call("DELETE", f"/contacts/custom_fields/{own['id']}")[0] == 400
    assert call("GET", f"/contacts/custom_fields/{own['id']}")[0] == 404


def test_lists_of_fields_page_at_250_or_50(account: Account, call: Call) -> None:
    call("POST", "/leads/custom_fields", [{"name": f"F{index}", "type": "text"} for index in range(60)])

    assert len(embedded(call("GET", "/leads/custom_fields?limit=250"), "custom_fields")) == 79
    account.settings.fields_page = 50
    _, first = call("GET", "/leads/custom_fields?limit=250")
    assert (len(first["_embedded"]["custom_fields"]), first["_total_items"], first["_page_count"]) == (50, 79, 2)
    assert len(embedded(call("GET", "/leads/custom_fields?limit=250&page=2"), "custom_fields")) == 29
    assert len(embedded(call("GET", "/leads/custom_fields?filter[type][0]=tracking_data"), "custom_fields")) == 19


def test_plans_without_super_fields_and_with_a_quota(account: Account, call: Call) -> None:
    money = [{"name": "Сумма", "type": "monetary", "currency": "RUB"}]

    assert call("POST", "/leads/custom_fields", money)[0] == 201
    account.settings.super_fields = False
    assert issues(call("POST", "/leads/custom_fields", money)) == [("0", "NotSupportedChoice", "type")]
    account.settings.field_quota = 1
    assert call("POST", "/leads/custom_fields", [{"name": "A", "type": "text"}])[0] == 422


def test_tabs_take_fields_and_give_them_back(call: Call) -> None:
    rows = embedded(call("POST", "/leads/custom_fields", [{"name": n, "type": "text"} for n in "AB"]), "custom_fields")
    first, second = (row["id"] for row in rows)
    [tab] = embedded(call("POST", "/leads/custom_fields/groups", [{"name": "Приём", "sort": 5}]), "custom_field_groups")
    address = f"/leads/custom_fields/groups/{tab['id']}"

    assert call("PATCH", address, {"fields": [first, second]})[1]["fields"] == [first, second]
    assert call("PATCH", address, {"fields": [second], "name": "Визит"})[1]["fields"] == [second]
    assert call("GET", "/leads/custom_fields/groups/default")[1]["fields"] == [first]
    assert issues(call("PATCH", address, {"fields": [1]})) == [("0", "NotSupportedChoice", "fields.0")]
    assert call("DELETE", address) == (204, None)
    assert call("GET", f"/leads/custom_fields/{second}")[1]["group_id"] is None
    assert call("GET", address)[0] == 404
    assert call("DELETE", "/leads/custom_fields/groups/statistic")[0] == 403


def test_loss_reasons(call: Call) -> None:
    [reason] = embedded(call("POST", "/leads/loss_reasons", [{"name": "Дорого", "request_id": "r"}]), "loss_reasons")
    address = f"/leads/loss_reasons/{reason['id']}"

    assert (reason["sort"], reason["request_id"]) == (100_000, "r")
    assert call("PATCH", address, {"name": "Очень дорого"})[1]["name"] == "Очень дорого"
    assert names(embedded(call("GET", "/leads/loss_reasons"), "loss_reasons")) == ["Очень дорого"]
    assert call("DELETE", address) == (204, None)
    assert call("GET", address)[0] == 404
    assert call("GET", "/leads/loss_reasons") == (204, None)


def test_a_known_tag_is_answered_again(call: Call) -> None:
    [first] = embedded(call("POST", "/leads/tags", [{"name": "сайт", "color": "AABDFF"}]), "tags")
    again, other = embedded(call("POST", "/leads/tags", [{"name": "сайт"}, {"name": "звонок"}]), "tags")

    assert (again["id"], other["id"] != first["id"]) == (first["id"], True)
    assert names(embedded(call("GET", "/leads/tags?query=сай"), "tags")) == ["сайт"]
    assert call("GET", "/contacts/tags") == (204, None)
    assert issues(call("POST", "/contacts/tags", [{"name": "A", "color": "AABDFF"}])) == [
        ("0", "NotSupportedChoice", "color")
    ]
    assert call("DELETE", "/leads/tags")[0] == 405


def test_webhooks_are_one_for_each_address(account: Account, call: Call) -> None:
    status, first = call("POST", "/webhooks", HOOK)
    _, second = call("POST", "/webhooks", HOOK | {"settings": ["status_lead", "add_lead"]})
    account.settings.webhook_settings_map = True
    [as_map] = embedded(call("GET", "/webhooks?filter[destination]=https://app.example/hook"), "webhooks")

    assert (status, first["settings"], first["disabled"], first["sort"]) == (201, ["add_lead"], False, 10)
    assert (second["id"], second["settings"]) == (first["id"], ["status_lead", "add_lead"])
    assert as_map["settings"] == {"status_lead": 1, "add_lead": 1}
    assert call("DELETE", "/webhooks", {"destination": HOOK["destination"]}) == (204, None)
    assert call("DELETE", "/webhooks", {"destination": HOOK["destination"]})[0] == 404


def test_webhooks_that_are_refused(account: Account, call: Call) -> None:
    assert issues(call("POST", "/webhooks", HOOK | {"settings": ["add_lead", "add_unsorted"]})) == [
        ("0", "NotSupportedChoice", "settings.1")
    ]
    assert issues(call("POST", "/webhooks", HOOK | {"destination": "https://пример.рф/x"})) == [
        ("0", "NotSupportedChoice", "destination")
    ]
    account.settings.unsorted_hooks = True
    assert call("POST", "/webhooks", HOOK | {"settings": ["add_unsorted"]})[0] == 201
    account.settings.webhooks_available = False
    assert call("POST", "/webhooks", HOOK)[0] == 403


def test_sources_belong_to_their_integration(account: Account, http: Any, call: Call) -> None:
    row = {"name": "Сайт", "external_id": "site", "pipeline_id": 9001}
    other = {"Authorization": f"Bearer {account.grant(account.issue_integration().client_id).access}"}
    without_widget = {"Authorization": f"Bearer {account.long_lived_token()}"}

    [source] = embedded(call("POST", "/sources", [row]), "sources")

    assert issues(call("POST", "/sources", [row])) == [("0", "SourceAlreadyExists", "external_id")]
    assert issues(call("POST", "/sources", [row | {"external_id": "x" * 37}])) == [("0", "TooLong", "external_id")]
    assert http.get("/api/v4/sources", headers=other).status_code == 204
    assert http.get("/api/v4/sources", headers=without_widget).status_code == 403
    assert embedded(call("PATCH", "/sources", [{"id": source["id"], "name": "Форма"}]), "sources")[0]["name"] == "Форма"
    assert call("DELETE", f"/sources/{source['id']}") == (204, None)
    assert call("DELETE", "/sources", [{"id": source["id"]}])[0] == 404
    assert embedded(call("POST", "/sources", [row]), "sources")[0]["id"] == source["id"]


def test_the_account_users_and_roles(call: Call) -> None:
    status, account = call("GET", "/account?with=task_types,users_groups,is_api_filter_enabled,version")
    [manager] = [row for row in embedded(call("GET", "/users?with=role,group"), "users") if row["id"] == 507]

    assert (status, account["current_user_id"], account["currency"], account["is_api_filter_enabled"]) == (
        200,
        500,
        "RUB",
        True,
    )
    assert [(row["id"], row["code"]) for row in account["_embedded"]["task_types"]] == [
        (1, "FOLLOW_UP"),
        (2, "MEETING"),
    ]
    assert (manager["rights"]["is_admin"], manager["rights"]["leads"]["delete"]) == (False, "D")
    assert names(manager["_embedded"]["roles"]) == ["Менеджер"]
    assert call("GET", "/users/1")[0] == 404
    assert names(embedded(call("GET", "/roles"), "roles")) == ["Менеджер"]
