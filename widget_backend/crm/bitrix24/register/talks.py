"""Talks: a question to the portal that may lead to further ones, as a generator.

It yields commands, is given a reply for each in the same order, and returns what it found out. Several go on together, so
that what all of them want to know next travels in one request.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from widget_backend.crm.bitrix24.client import Inner, as_map, rows
from widget_backend.errors import VendorError

T = TypeVar("T")

#: rows of one page (bitrix24.md §3.5)
PAGE = 50
#: no count of all there is
UNCOUNTED = -1


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one command: an answer or a refusal."""

    answer: Any = None
    error: VendorError | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the object asked for is no more."""
        return self.error is not None and self.error.code == "NOT_FOUND"

    def value(self) -> Any:
        """The answer. Raises the refusal."""
        if self.error is not None:
            raise self.error
        return self.answer

    def listed(self, name: str = "") -> list[dict[str, Any]]:
        """The rows of a list, where they stand under a name. Raises the refusal."""
        value = self.value()
        return [dict(row) for row in rows(as_map(value).get(name) if name else value)]


Talk: TypeAlias = Generator[Sequence[Inner], Sequence[Reply], T]
#: the command for the page behind the row of this id; of the first page for an empty one
Page = Callable[[str], Inner]


def paged(page: Page, name: str, key: str) -> Talk[list[dict[str, Any]]]:
    """All rows of a list that is ordered by an id, page by page. A page that brings nothing new is the last."""
    found: dict[str, dict[str, Any]] = {}
    last = ""
    while True:
        (reply,) = yield [page(last)]
        listed = {str(row[key]): row for row in reply.listed(name) if key in row}
        fresh = listed.keys() - found.keys()
        found |= listed
        if len(listed) < PAGE or not fresh:
            return list(found.values())
        last = list(listed)[-1]


def together(talks: Sequence[Talk[Any]]) -> Talk[list[Any]]:
    """Several talks side by side; their results in order."""
    results: dict[int, Any] = {}
    wanted: dict[int, Sequence[Inner]] = {}

    def go_on(place: int, replies: Sequence[Reply] | None) -> None:
        try:
            wanted[place] = next(talks[place]) if replies is None else talks[place].send(replies)
        except StopIteration as end:
            results[place] = end.value

    for place in range(len(talks)):
        go_on(place, None)
    while wanted:
        asked, wanted = wanted, {}
        replies = iter((yield [inner for commands in asked.values() for inner in commands]))
        for place, commands in asked.items():
            go_on(place, [next(replies) for _ in commands])
    return [results[place] for place in range(len(talks))]
