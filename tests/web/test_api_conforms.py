"""Whatever is sent to the API, the answer is as its description says, and never a fault of ours."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import schemathesis
from api_desks import Desk, json_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

OPERATIONS = 19
#: of the right shape, a rule may still name what is not there
SENSE = {"rules.save", "rules.dry_anew"}
KEY = "Idempotency-Key"


@pytest.fixture
def operations(boris: Desk) -> list[Any]:
    """As the description has them."""
    schema = schemathesis.openapi.from_dict(json_of(boris.calls.get("/openapi.json")))
    schema.app = boris.house.app
    load_all_checks()
    return [found.ok() for found in schema.get_all_operations()]


def test_every_operation_is_tried(operations: list[Any]) -> None:
    assert len(operations) == OPERATIONS


@pytest.mark.parametrize("number", range(OPERATIONS))
def test_whatever_is_sent_the_answer_is_as_described(boris: Desk, operations: list[Any], number: int) -> None:
    """Data that fits and data that does not, of deals that are there and that are not."""
    operation, keys = operations[number], itertools.count(1)
    left_out = "positive_data_acceptance" if operation.definition.raw["operationId"] in SENSE else ""
    checks = [check for check in CHECKS.get_all() if check.__name__ != left_out]
    deals = some.sampled_from(["", boris.visit()[1]])
    headers = {"Authorization": f"Bearer {boris.admin.session}"}

    @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(some.data(), some.sampled_from(list(GenerationMode)), deals)
    def prove(data: Any, mode: GenerationMode, deal: str) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.path_parameters.update({"deal": deal} if deal and "deal" in case.path_parameters else {})
        # two acts that differ never have one key
        case.headers.update({KEY: f"{number}-{next(keys)}"} if KEY in case.headers and mode.is_positive else {})
        case.call_and_validate(headers=headers, checks=checks)

    prove()
