"""The description of the API is sound, complete and kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from api_desks import Desk, json_of
from openapi_spec_validator import validate


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
