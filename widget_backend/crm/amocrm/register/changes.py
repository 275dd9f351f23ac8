"""Deals or contacts changed since a moment: by their time of change, a page after the other (amocrm.md §2.5, §10.3).

Keyset: each request begins at the last second of the one before, so that one changed meanwhile is not skipped; what was
told already is left out. An account without filters sends everything from the beginning: there the newest are read backwards,
up to that moment, and never the whole collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from widget_backend.crm.amocrm.client import PAGE, Client, Row, embedded, has_next

#: whether the vendor counts the second itself is not said: begin one earlier
EARLIER: Final = 1


class Changes:
    """Reads changed rows of one of an account's lists. ``joined``: what else each is to tell (``with``)."""

    def __init__(self, client: Client, path: str, joined: str = "") -> None:
        self._client, self._path = client, path
        self._joined = {"with": joined} if joined else {}

    def since(self, moment: datetime) -> Iterator[Sequence[Row]]:
        """The longest unchanged first. Raises :class:`VendorError`."""
        start = int(moment.timestamp())
        first = self._page(start, 1)
        rows = embedded(first, self._path)
        if any(_at(row) < start - EARLIER for row in rows):
            yield from self._backwards(start)
        else:
            yield from self._forwards(start, first)

    def _forwards(self, start: int, answer: Row) -> Iterator[Sequence[Row]]:
        told: set[tuple[int, int]] = set()
        before: list[Row] = []
        number = 1
        while (rows := embedded(answer, self._path)) and rows != before:
            fresh = sorted((row for row in rows if _at(row) >= start - EARLIER and _key(row) not in told), key=_key)
            told = {_key(row) for row in (*before, *rows)}
            yield from self._told(fresh)
            if not has_next(answer):
                return
            # a page of one second, or an order that is ignored: page by page from where we are
            last = _at(rows[-1]) if rows == sorted(rows, key=_at) else start
            start, number = (last, 1) if last > start else (start, number + 1)
            before, answer = rows, self._page(start, number)

    def _backwards(self, start: int) -> Iterator[Sequence[Row]]:
        found: list[Row] = []
        for page in self._client.pages(self._path, self._path, {"order[updated_at]": "desc", **self._joined}):
            found += [row for row in page if _at(row) >= start]
            if _at(page[-1]) < start:
                break
        fresh = sorted({_key(row): row for row in found}.values(), key=_key)
        for begin in range(0, len(fresh), PAGE):
            yield from self._told(fresh[begin : begin + PAGE])

    def _page(self, start: int, number: int) -> Row:
        return self._client.get(
            self._path,
            {
                "filter[updated_at][from]": str(start - EARLIER),
                "order[updated_at]": "asc",
                **self._joined,
                "page": str(number),
                "limit": str(PAGE),
            },
        )

    def _told(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        there = tuple(row for row in rows if not row.get("is_deleted"))
        if there:
            yield there


def _at(row: Row) -> int:
    return int(row.get("updated_at") or 0)


def _key(row: Row) -> tuple[int, int]:
    return _at(row), int(row["id"])
