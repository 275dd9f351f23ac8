"""The description of the API is sound, complete and kept."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from api_desks import Desk, json_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS, load_all_checks

pytestmark = pytest.mark.xdist_group("api")

KEY, FITTING = "Idempotency-Key", schemathesis.GenerationMode.POSITIVE
#: of the right shape, a rule may still name what is not there
SENSE = {"rules.save", "rules.dry_anew"}


@pytest.fixture
def description(boris: Desk) -> Any:
    return json_of(boris.calls.get("/openapi.json"))


def operations(description: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in description["paths"].items():
        yield from ((path, method, one) for method, one in methods.items() if method != "parameters")


def test_it_is_a_description_as_openapi_wants_it(description: Any) -> None:
    validate(description)


def test_every_operation_says_what_it_does_and_what_goes_wrong(description: Any) -> None:
    told = [one for _, _, one in operations(description)]

    assert [one["operationId"] for one in told if not one["summary"].endswith(".")] == []
    assert len({one["operationId"] for one in told}) == len(told)
    assert [
        one["operationId"] for one in told if not {"200", "401", "403", "404", "422"} <= one["responses"].keys()
    ] == []
    assert {tag for one in told for tag in one["tags"]} == {tag["name"] for tag in description["tags"]}


def test_every_write_has_a_key_and_every_post_that_writes_must_have_one(description: Any) -> None:
    keys = {
        one["operationId"]: part["required"]
        for _, _, one in operations(description)
        for part in one.get("parameters", ())
        if part["name"] == "Idempotency-Key"
    }

    assert keys == {
        **dict.fromkeys(("deals.copy", "deals.undo", "deals.route", "letters.replay"), True),
        **dict.fromkeys(("rules.save", "rules.drop", "rules.switch"), False),
    }


def test_every_part_of_the_description_is_used(description: Any) -> None:
    said = str(description)

    assert [name for name in description["components"]["schemas"] if f"#/components/schemas/{name}'" not in said] == []


def test_commands_that_serve_no_page_do_not_wait_for_it() -> None:
    said = "import sys, widget_backend.cli; print([m for m in sys.modules if 'smorest' in m or m == 'flask'])"

    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("number", range(19))
def test_whatever_is_sent_the_answer_is_as_described(boris: Desk, description: Any, number: int) -> None:
    """Each operation with data that fits and data that does not, of deals that are there and that are not."""
    schema = schemathesis.openapi.from_dict(description)
    schema.app = boris.house.app
    operation = list(schema.get_all_operations())[number].ok()
    load_all_checks()
    left_out = "positive_data_acceptance" if operation.definition.raw["operationId"] in SENSE else ""
    checks = [check for check in CHECKS.get_all() if check.__name__ != left_out]
    modes = some.sampled_from(list(schemathesis.GenerationMode))
    deals, keys = some.sampled_from(["", boris.visit()[1]]), itertools.count(1)

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(some.data(), modes, deals)
    def prove(data: Any, mode: Any, deal: str) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.path_parameters |= {"deal": deal} if deal and "deal" in case.path_parameters else {}
        # two acts that differ never have one key
        case.headers |= {KEY: f"{number}-{next(keys)}"} if KEY in case.headers and mode is FITTING else {}
        case.call_and_validate(headers={"Authorization": f"Bearer {boris.admin.session}"}, checks=checks)

    prove()


def test_each_operation_is_tried(description: Any) -> None:
    assert len(list(operations(description))) == 19
