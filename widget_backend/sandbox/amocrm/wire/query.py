"""The query string: bracket keys, paging, order and the words of ``with``; what the vendor does not know it ignores."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from widget_backend.sandbox.amocrm.wire.problems import Problem

PAGE_SIZE = 50
MOST = 250

_STEP = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Paging:
    """A page from 1 on, and its size."""

    page: int
    limit: int

    @property
    def start(self) -> int:
        """Index of the page's first item."""
        return (self.page - 1) * self.limit


def parsed(text: str) -> dict[str, Any]:
    """``filter[id][]=1&filter[id][]=2`` -> ``{"filter": {"id": {"0": "1", "1": "2"}}}``."""
    return nested(parse_qsl(text, keep_blank_values=True))


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Bracket keys as maps of maps; ``[]`` takes the next free index."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        head, _, rest = key.partition("[")
        path = [head, *_STEP.findall("[" + rest if rest else "")]
        node = tree
        for step in path[:-1]:
            inner = node.get(step or str(len(node)))
            if not isinstance(inner, dict):
                inner = node[step or str(len(node))] = {}
            node = inner
        node[path[-1] or str(len(node))] = value
    return tree


def paging(query: dict[str, Any], most: int = MOST) -> Paging:
    """The page asked for; a limit over ``most`` is clipped without a word."""
    return Paging(max(1, _whole(query.get("page"), 1)), min(_whole(query.get("limit"), PAGE_SIZE) or PAGE_SIZE, most))


def words(query: dict[str, Any], key: str = "with") -> frozenset[str]:
    """The comma list of ``with``."""
    value = query.get(key, "")
    return (
        frozenset(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else frozenset()
    )


def values(given: Any) -> list[str]:
    """``filter[id]=1`` and ``filter[id][]=1&…`` alike."""
    if isinstance(given, dict):
        return [str(value) for value in given.values() if not isinstance(value, dict)]
    return [] if given is None else [str(given)]


def numbers(given: Any) -> frozenset[int]:
    """The whole numbers of a filter."""
    return frozenset(int(value) for value in values(given) if value.lstrip("-").isdigit())


def span(given: Any) -> tuple[int | None, int | None] | None:
    """``[from]`` and ``[to]`` of a range, none if it is no range."""
    if not isinstance(given, dict) or not given.keys() & {"from", "to"}:
        return None
    low, high = given.get("from"), given.get("to")
    return (_whole(low, 0) if low else None, _whole(high, 0) if high else None)


def since(given: Any) -> tuple[int | None, int | None]:
    """The ends of a time filter, which may also be one moment (all that is later) or two with a comma."""
    if isinstance(given, str):
        low, _, high = given.partition(",")
        return span({"from": low, "to": high}) or (None, None)
    return span(given) or (None, None)


def order(query: dict[str, Any], allowed: Iterable[str], default: tuple[str, str]) -> tuple[str, bool]:
    """The key to sort by and whether downward; an unsupported key or direction gives the default order."""
    asked = query.get("order")
    for key, direction in asked.items() if isinstance(asked, dict) else ():
        if key in allowed and direction in ("asc", "desc"):
            return key, direction == "desc"
    return default[0], default[1] == "desc"


def check_known(query: dict[str, Any], filters: Iterable[str], orders: Iterable[str]) -> None:
    """Refuse filter and order keys that would be ignored."""
    for name, known in (("filter", filters), ("order", orders)):
        asked = query.get(name)
        unknown = sorted(asked.keys() - set(known)) if isinstance(asked, dict) else []
        if unknown:
            raise Problem(400, f"strict sandbox: the vendor ignores {name}[{unknown[0]}]")


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, str) and value.isdigit() else default
