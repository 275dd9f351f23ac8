"""What can be made to go wrong on the emulated portal, by request, by command of a batch, by setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Emulator, Portal, create_app
from widget_backend.sandbox.faults import Fault

Send = Callable[..., tuple[int, Any]]

PIPELINE = "crm.category.add?entityTypeId=2&fields[name]=A"


@pytest.fixture
def portal() -> Portal:
    return Portal.demo()


@pytest.fixture
def emulator(portal: Portal) -> Emulator:
    return create_app(portal)


@pytest.fixture
def send(portal: Portal, emulator: Emulator) -> Send:
    """Call a method by webhook: status and body, or status and text where it is no JSON."""
    http, hook = emulator.test_client(), portal.webhook()

    def send(method: str, **params: Any) -> tuple[int, Any]:
        answer = http.post(hook + method, json=params)
        return answer.status_code, answer.get_json(silent=True) or answer.get_data(as_text=True)

    return send


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("limit_503", 503, "QUERY_LIMIT_EXCEEDED"),
        ("operating_429", 429, "OPERATION_TIME_LIMIT"),
        ("hidden_404", 404, "ERROR_METHOD_NOT_FOUND"),
        ("no_rest_403", 403, "ACCESS_DENIED"),
        ("auth_401", 401, "expired_token"),
    ],
)
def test_a_whole_request_is_refused_and_the_next_is_not(
    emulator: Emulator, send: Send, kind: str, status: int, error: str
) -> None:
    emulator.faults.plan(Fault(1, kind))

    answered, body = send("batch", cmd={"a": PIPELINE})

    assert (answered, body["error"]) == (status, error)
    assert send("crm.category.list", entityTypeId=2)[1]["total"] == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("operating_429", "OPERATION_TIME_LIMIT"),
        ("hidden_404", "ERROR_METHOD_NOT_FOUND"),
        ("pipeline_cap", "0"),
    ],
)
def test_one_command_of_a_batch_is_refused(emulator: Emulator, send: Send, kind: str, error: str) -> None:
    emulator.faults.plan(Fault(1, kind, command=2))

    status, body = send("batch", cmd={"a": PIPELINE, "b": PIPELINE, "c": PIPELINE})

    assert (status, body["result"]["result"].keys()) == (200, {"a", "c"})
    assert body["result"]["result_error"]["b"]["error"] == error


def test_every_command_that_calls_a_method_is_refused(emulator: Emulator, send: Send) -> None:
    emulator.faults.plan(Fault(1, "operating_429", method="crm.category.add"))

    _, body = send("batch", cmd={"a": PIPELINE, "b": "profile", "c": PIPELINE})

    assert body["result"]["result"].keys() == {"b"}


def test_the_cap_of_pipelines_lets_everything_else_pass(emulator: Emulator, send: Send) -> None:
    emulator.faults.plan(Fault(0, "pipeline_cap"))

    assert send("crm.category.list", entityTypeId=2)[0] == 200
    assert send("crm.category.add", entityTypeId=2, fields={"name": "A"})[1]["error"] == "0"
    assert send("batch", cmd={"a": "profile", "b": PIPELINE})[1]["result"]["result"].keys() == {"a"}


def test_a_null_reference_yields_the_whole_answer(emulator: Emulator, send: Send) -> None:
    emulator.faults.plan(Fault(1, "null_ref", command=1))
    stage = "crm.status.add?fields[ENTITY_ID]=DEAL_STAGE_$result[p][category][id]&fields[STATUS_ID]=X&fields[NAME]=X"

    _, body = send("batch", cmd={"p": PIPELINE, "s": stage, "g": "crm.category.get?entityTypeId=2&id=$result[p][id]"})

    assert body["result"]["result"].keys() == {"p"}
    assert body["result"]["result_error"]["g"]["error"] == "100"
    assert "not supported" in body["result"]["result_error"]["s"]["error_description"]


def test_a_burst_lasts_for_its_count(emulator: Emulator, send: Send) -> None:
    emulator.faults.plan(Fault(2, "limit_503", count=3))

    assert [send("profile")[0] for _ in range(5)] == [200, 503, 503, 503, 200]


def test_a_fault_that_nobody_knows_is_refused_at_once(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="unknown faults: typo"):
        emulator.faults.plan(Fault(1, "typo"))


def test_a_batch_that_works_for_too_long_is_cut_and_half_applied(portal: Portal, send: Send) -> None:
    portal.settings.costs = {"crm.category.add": 25.0}

    status, body = send("batch", cmd={str(place): PIPELINE for place in range(5)})

    assert (status, "504" in body) == (504, True)
    assert len(portal.categories) == 1 + 3


def test_the_refusals_of_the_database_are_in_the_portals_language(send: Send) -> None:
    fields = {"FIELD_NAME": "A", "USER_TYPE_ID": "string"}
    send("crm.deal.userfield.add", fields=fields)

    _, body = send("crm.deal.userfield.add", fields=fields)

    assert (body["error"], body["error_description"]) == (
        "ERROR_CORE",
        "Поле UF_CRM_A для объекта CRM_DEAL уже существует.",
    )
