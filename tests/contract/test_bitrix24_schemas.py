"""The emulated portal and the vendor's method schemas agree on every method: names, what is required, what is good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bitrix24_samples as samples
import pytest
from bitrix24_schemas import SPECS, check

from widget_backend.sandbox.bitrix24 import Portal, create_app, methods
from widget_backend.sandbox.bitrix24.registry import METHODS, Call, Caller

methods.load()

NAMES = sorted({found.name for found in METHODS.values()} | {"batch"})

#: required by the page, but a portal takes the call without it: (method, parameter)
LENIENT = {
    ("batch", "cmd"),
    ("crm.timeline.comment.list", "filter"),
    ("userfieldtype.update", "HANDLER"),
    ("userfieldtype.update", "TITLE"),
}

REQUIRED = [(name, param) for name in NAMES for param in SPECS[name].get("required", [])]


class Noting(dict[str, Any]):
    """Parameters that note which of them a method asks for."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


@pytest.fixture
def portal() -> Portal:
    portal, _ = samples.portal()
    return portal


@pytest.fixture
def send(portal: Portal) -> Callable[..., Any]:
    """Call a method as Boris's application, in a portal that has one of everything."""
    http, access = create_app(portal).test_client(), portal.tokens(1).access

    def send(method: str, params: dict[str, Any]) -> Any:
        return http.post(f"/rest/{method}", json=params | {"auth": access})

    for method, params in samples.FURNITURE:
        send(method, params)
    return send


@pytest.mark.parametrize("method", NAMES)
def test_a_good_call_is_good_to_both(portal: Portal, send: Callable[..., Any], method: str) -> None:
    params = samples.params(portal, method)

    assert check(method, params) == []
    assert send(method, params).get_json().keys() >= {"result", "time"}


@pytest.mark.parametrize(("method", "missing"), sorted(set(REQUIRED) - LENIENT))
def test_what_the_vendor_requires_is_missed(
    portal: Portal, send: Callable[..., Any], method: str, missing: str
) -> None:
    params = samples.params(portal, method)
    del params[missing]

    assert check(method, params) == [f"{method}: {missing} is missing"]
    assert send(method, params).status_code == 400


@pytest.mark.parametrize("method", sorted(set(NAMES) - {"batch", "event.test"}))
def test_the_emulator_asks_for_no_name_that_the_vendor_does_not_know(
    portal: Portal, send: Callable[..., Any], method: str
) -> None:
    app = portal.apps["app.dental"]
    noting = Noting(samples.params(portal, method))

    METHODS[method.lower()].body(Call(portal, Caller(portal.users[1], app, app.scopes, app.client_id), noting))

    assert noting.asked - SPECS[method]["params"].keys() == set()


@pytest.mark.parametrize(
    ("method", "params", "problem"),
    [
        ("crm.no.such", {}, "crm.no.such: no such method"),
        ("crm.category.list", {"entityTypeId": "two"}, "crm.category.list: entityTypeId is no integer: 'two'"),
        ("crm.category.list", {"entityTypeId": 2, "order": {}}, "crm.category.list: order is unknown"),
        (
            "crm.category.add",
            {"entityTypeId": 2, "fields": {"sort": 1}},
            "crm.category.add: fields: name is missing",
        ),
        (
            "crm.status.update",
            {"id": 1, "fields": {"STATUS_ID": "X"}},
            "crm.status.update: fields: STATUS_ID is unknown",
        ),
        (
            "crm.deal.userfield.add",
            {"fields": {"FIELD_NAME": "A", "USER_TYPE_ID": "text"}},
            "crm.deal.userfield.add: fields: USER_TYPE_ID cannot be 'text'",
        ),
        (
            "crm.activity.todo.add",
            {"ownerTypeId": 2, "ownerId": 1, "deadline": "2026-12-01T10:00:00"},
            "crm.activity.todo.add: deadline is no datetime: '2026-12-01T10:00:00'",
        ),
        (
            "crm.item.get",
            {"entityTypeId": 2, "id": 1, "useOriginalUfNames": 1},
            "crm.item.get: useOriginalUfNames is no boolean: 1",
        ),
        (
            "crm.item.productrow.set",
            {"ownerType": "D", "ownerId": 1, "productRows": [{"cost": 1}]},
            "crm.item.productrow.set: productRows: cost is unknown",
        ),
    ],
)
def test_the_checker_names_what_is_wrong(method: str, params: dict[str, Any], problem: str) -> None:
    assert check(method, params) == [problem]


def test_a_form_may_carry_numbers_as_text_and_any_call_a_token() -> None:
    assert check("crm.category.get", {"entityTypeId": "2", "id": "0", "auth": "token"}) == []


def test_received_calls_are_kept_with_their_references_resolved(portal: Portal, send: Callable[..., Any]) -> None:
    portal.calls.clear()

    send("batch", {"cmd": {"a": "crm.item.get?entityTypeId=2&id=1", "b": "crm.deal.get?id=$result[a][item][id]"}})

    assert [(call.method, call.params) for call in portal.calls] == [
        ("crm.item.get", {"entityTypeId": "2", "id": "1"}),
        ("crm.deal.get", {"id": 1}),
    ]
