"""Permissions and places: those that the code uses, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from widget_backend.crm.bitrix24 import permissions as portal
from widget_backend.crm.registry import VENDORS
from widget_backend.market import functions, permissions

SOURCES = sorted((Path(portal.__file__).parent).rglob("*.py"))
#: the name of a method of the portal
METHOD = re.compile(r"(crm|bizproc|placement|event|im|user|tasks?|department|app|method|feature|telephony|log)(\.\w+)+")


def called() -> Iterator[str]:
    """Every method that the vendor's folder names."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and METHOD.fullmatch(node.value):
                yield node.value


def test_every_method_is_opened_by_a_permission_and_none_is_idle() -> None:
    methods = {method for method in called() if not method.startswith(portal.FREE)}
    opened = {scope: {m for m in methods if m.startswith(start)} for scope, start in portal.METHODS.items()}

    assert methods - set().union(*opened.values()) == set()
    assert [scope for scope, found in opened.items() if not found] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_permission_is_explained_and_no_other(vendor: str) -> None:
    assert set(permissions.WHY[vendor]) == set(VENDORS[vendor].permissions)
    assert len(permissions.rows(vendor)) == len(VENDORS[vendor].permissions)


def test_what_the_set_up_cannot_do_without_is_said_to_be_needed() -> None:
    needed = {scope.ru for scope, _, _, need in permissions.rows("bitrix24") if need == permissions.NEEDED}

    assert needed == {"crm", "placement", "bizproc"}


def test_the_places_are_those_that_are_bound_and_declared() -> None:
    assert {place.ru for place, _ in permissions.places("bitrix24")} == set(VENDORS["bitrix24"].spots.values())
    assert {place.ru for place, _ in permissions.places("amocrm")} == set(permissions.LOCATIONS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_function_is_told_for_every_plan(vendor: str) -> None:
    assert {len(row) for row in functions.TABLE[vendor]} == {len(functions.head(vendor))}
