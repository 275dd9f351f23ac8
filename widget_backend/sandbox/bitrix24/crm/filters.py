"""Filters, orders and pages of lists: prefixes of keys, nested conditions, 50 rows a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import moment, to_int
from widget_backend.sandbox.bitrix24.envelope import Page, RestError
from widget_backend.sandbox.bitrix24.forms import enumerate_map

PAGE = 50

DIRECTIONS = ("ASC", "DESC")

_KEY = re.compile(r"^(!=%|!%=|!=|!@|!%|>=|<=|=%|%=|!|>|<|@|%|=)?(.*)$", re.DOTALL)

#: prefix -> what it means when it does not begin with an exclamation mark
_LIKE = {"=%": False, "%=": False, "%": True}

Reader = Callable[[str], "Callable[[dict[str, Any]], Any] | None"]


def split(key: str) -> tuple[str, str]:
    """A filter key's prefix (``=`` unless given) and name."""
    match = _KEY.match(key)
    assert match is not None
    return match[1] or "=", match[2]


def matches(row: dict[str, Any], conditions: dict[str, Any], reader: Reader) -> bool:
    """Whether a row fits; ``reader`` gives the way to read a field, or None for one to ignore."""
    any_of = str(conditions.get("logic") or conditions.get("LOGIC") or "AND").upper() == "OR"
    verdicts = []
    for key, wanted in conditions.items():
        if key.lower() == "logic":
            continue
        if key.isdigit():
            verdicts.append(matches(row, enumerate_map(wanted), reader))
            continue
        operator, name = split(key)
        read = reader(name)
        if read is not None:
            verdicts.append(fits(operator, read(row), wanted))
    return (any(verdicts) if any_of else all(verdicts)) if verdicts else True


def fits(operator: str, held: Any, wanted: Any) -> bool:
    """One condition; a list of wanted values means one of them."""
    if operator.startswith("!"):
        return not fits(operator[1:] or "=", held, wanted)
    if isinstance(wanted, dict):
        wanted = list(wanted.values())
    if isinstance(held, list) and held:
        return any(fits(operator, each, wanted) for each in held)
    if isinstance(wanted, list):
        return any(fits("=" if operator == "@" else operator, held, each) for each in wanted)
    if operator in _LIKE:
        return _like(held, str(wanted), anywhere=_LIKE[operator])
    if operator in ("=", "@"):
        return _equal(held, wanted)
    left, right = comparable(held), comparable(wanted)
    if held in (None, "", []) or left[0] != right[0]:
        return False
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[operator]


def comparable(value: Any) -> tuple[int, Any]:
    """A value in a shape that can be ordered among its like: numbers, moments, text."""
    if value is None or isinstance(value, list | dict):
        return (0, 0.0)
    text = str(value)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return (1, float(text))
    if re.match(r"\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4}", text) and (read := moment(text)):
        return (2, datetime.fromisoformat(read).timestamp())
    return (3, text.casefold())


def check(conditions: dict[str, Any], reader: Reader) -> None:
    """Refuse a filter that names a field which cannot be filtered by."""
    for key, wanted in conditions.items():
        name = split(key)[1]
        if key.isdigit():
            check(enumerate_map(wanted), reader)
        elif key.lower() != "logic" and reader(name) is None:
            raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{name}' is not allowed in filter")


def sort(rows: list[dict[str, Any]], order: dict[str, Any], reader: Reader) -> None:
    """Put rows in order, in place; refuses a field or a direction that it does not know."""
    for name, given in reversed(list(order.items())):
        read, direction = reader(name), str(given).upper()
        if read is None:
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
        if direction not in DIRECTIONS:
            allowed = ", ".join(DIRECTIONS)
            text = f"Invalid order: allowed sort directions are `{allowed}`. But got '{given}' for field '{name}'"
            raise RestError("INVALID_ARG_VALUE", text)
        rows.sort(key=lambda row: comparable(read(row)), reverse=direction == "DESC")


def page(rows: list[Any], start: Any, legacy: bool) -> tuple[list[Any], int | None, int | None]:
    """The rows of a page with ``total`` and ``next``; ``start=-1`` counts nothing."""
    offset = to_int(start)
    if offset < 0:
        return rows[:PAGE], 0 if legacy else None, None
    offset = offset // PAGE * PAGE
    if legacy and offset >= len(rows):
        offset = max(0, len(rows) - 1) // PAGE * PAGE
    after = offset + PAGE
    return rows[offset:after], len(rows), after if after < len(rows) else None


def paged(
    rows: list[Any], start: Any, legacy: bool, name: str = "", show: Callable[[Any], Any] = lambda row: row
) -> Page:
    """A page of shown rows, under ``name`` where the method wraps its list."""
    found, total, after = page(rows, start, legacy)
    shown = [show(row) for row in found]
    return Page({name: shown} if name else shown, total, after)


def _like(held: Any, wanted: str, anywhere: bool) -> bool:
    text = str("" if held is None else held).casefold()
    if anywhere:
        return wanted.casefold() in text
    pattern = ".*".join(re.escape(part) for part in wanted.casefold().split("%"))
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _equal(held: Any, wanted: Any) -> bool:
    if wanted is None or wanted is False or wanted == "":
        return held in (None, "", 0, [])
    left, right = comparable(held), comparable(wanted)
    if isinstance(held, str) and left[0] != 2:
        return held.casefold() == str(wanted).casefold()
    return left == right
