"""The batch of the emulated portal: order, halting, references with their traps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Emulator, Portal, create_app
from widget_backend.sandbox.bitrix24.batch import Answers, resolve
from widget_backend.sandbox.faults import Fault

Batch = Callable[..., dict[str, Any]]


@pytest.fixture
def portal() -> Portal:
    return Portal.demo()


@pytest.fixture
def emulator(portal: Portal) -> Emulator:
    return create_app(portal)


@pytest.fixture
def batch(portal: Portal, emulator: Emulator) -> Batch:
    http, hook = emulator.test_client(), portal.webhook()

    def send(cmd: Any, halt: int = 0) -> dict[str, Any]:
        answer = http.post(hook + "batch", json={"cmd": cmd, "halt": halt})
        assert answer.status_code == 200
        result: dict[str, Any] = answer.get_json()["result"]
        return result

    return send


ANSWERS = Answers(
    result={"a": {"item": {"id": 15, "name": "Ann", "none": None, "ids": [4, 5], "closed": True}}, "n": 7},
    total={"a": 61},
    next={"a": 50},
    error={"b": {"error": "X"}},
)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("$result[a][item][id]", 15),
        ("$result[a][item][ids]", [4, 5]),
        ("$RESULT[n]", None),
        ("$total[a]", 61),
        ("$next[a]", 50),
        ("$error[b][error]", "X"),
        ("DEAL_$result[a][item][id]", "DEAL_15"),
        ("$result[a][item][id] and $total[a]", "15 and 61"),
        # the match runs to the next white space: glued text is swallowed
        ("$result[a][item][id]X", 15),
        ("C$result[a][item][id]:NEW", "C15"),
        # only text and numbers go into a text
        ("X$result[a][item][ids]", "X$result[a][item][ids]"),
        ("X$result[a][item][closed]", "X$result[a][item][closed]"),
        # a missing step or a null leaves the deepest parent
        ("$result[a][item][ids][9]", [4, 5]),
        ("$result[a][item][none]", ANSWERS.result["a"]["item"]),
        ("$result[zzz]", ANSWERS.result),
        ("$result", "$result"),
        ("costs $5", "costs $5"),
    ],
)
def test_references(text: str, resolved: Any) -> None:
    assert resolve(text, ANSWERS) == resolved


def test_answers_of_earlier_commands_feed_later_ones(batch: Batch) -> None:
    result = batch(
        {
            "p": "crm.category.add?entityTypeId=2&fields[name]=%D0%90%26%D0%91",
            "s": "crm.status.list?filter[ENTITY_ID]=DEAL_STAGE_$result[p][category][id]",
            "won": "crm.status.get?id=$result[s][5][ID]",
        }
    )

    assert result["result"]["p"]["category"]["name"] == "А&Б"
    assert result["result"]["won"]["STATUS_ID"] == "C1:WON"
    assert (result["result_total"], result["result_error"], result["result_next"]) == ({"s": 8}, [], [])
    assert result["result_time"].keys() == {"p", "s", "won"}


def test_failed_commands_are_missing_and_the_rest_goes_on(batch: Batch) -> None:
    result = batch({"a": "profile", "b": "no.such", "c": "batch?cmd[x]=profile", "d": "profile"})

    assert result["result"].keys() == {"a", "d"}
    assert result["result_error"]["b"]["error"] == "ERROR_METHOD_NOT_FOUND"
    assert result["result_error"]["c"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_halt_stops_after_the_first_error(batch: Batch) -> None:
    result = batch({"a": "no.such", "b": "profile"}, halt=1)

    assert (result["result"], result["result_error"].keys()) == ([], {"a"})


def test_commands_may_be_a_list_and_odd_ones_vanish(batch: Batch) -> None:
    result = batch(["user.admin", ["not", "text"], "crm.currency.base.get"])

    assert result["result"] == {"0": True, "2": "RUB"}
    assert batch(["user.admin"])["result"] == [True]


def test_the_fifty_first_command_is_refused(batch: Batch) -> None:
    result = batch({f"k{number}": "user.admin" for number in range(52)})

    assert len(result["result"]) == 50
    assert {row["error"] for row in result["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}


def test_a_token_may_expire_half_way(portal: Portal, emulator: Emulator) -> None:
    portal.issue_app()
    access = portal.tokens().access
    emulator.faults.plan(Fault(1, "batch_401", command=2))
    http = emulator.test_client()

    answer = http.post("/rest/batch", json={"auth": access, "cmd": {"a": "user.admin", "b": "user.admin"}})

    result = answer.get_json()["result"]
    assert (answer.status_code, result["result"]) == (200, {"a": True})
    assert result["result_error"]["b"]["error"] == "expired_token"
    assert http.post("/rest/profile", json={"auth": access}).get_json()["error"] == "expired_token"
    assert (emulator.faults.log[0].operation, emulator.faults.log[0].commands) == ("batch", 2)
