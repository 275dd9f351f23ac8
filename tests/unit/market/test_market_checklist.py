"""The checklist: every point has its evidence, and the evidence is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from widget_backend.cli import cli
from widget_backend.market.checklist import POINTS, Point

TESTS = Path(__file__).parents[2]
ALL = [point for points in POINTS.values() for point in points]
NAMED = sorted({test for point in ALL for test in point.tests})
COMMANDS = sorted({point.command for point in ALL if point.command})


@pytest.mark.parametrize("test", NAMED)
def test_a_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    found = ast.walk(ast.parse((TESTS / file).read_text(encoding="utf-8")))

    assert name in {node.name for node in found if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_is_named_is_there(line: str) -> None:
    program, group, command = line.split()

    assert program == "dental-crm"
    assert command in cli.commands[group].commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("point", ALL, ids=lambda point: point.demand.en[:40])
def test_every_point_has_its_evidence(point: Point) -> None:
    assert point.tests or point.command or point.look
    assert all(cell.ru and cell.en for cell in point.row())
