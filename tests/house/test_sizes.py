"""Small modules, small functions, no drawers for odds and ends."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(f for top in ("widget_backend", "installer", "tests") for f in (ROOT / top).rglob("*.py"))
CODE = [f for f in FILES if f.parts[len(ROOT.parts)] != "tests" and "versions" not in f.parts]
NAMES = [str(f.relative_to(ROOT)) for f in CODE]


@pytest.mark.parametrize("file", CODE, ids=NAMES)
def test_a_module_has_at_most_300_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("file", CODE, ids=NAMES)
def test_a_module_says_what_it_owns(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", CODE, ids=NAMES)
def test_a_function_fits_on_a_screen(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef)]
    long = {f.name: (f.end_lineno or 0) - f.lineno for f in functions if (f.end_lineno or 0) - f.lineno > 45}

    assert long == {}


@pytest.mark.parametrize("file", CODE, ids=NAMES)
def test_no_drawer_for_odds_and_ends(file: Path) -> None:
    assert file.stem not in {"utils", "helpers", "common", "misc", "manager"}
