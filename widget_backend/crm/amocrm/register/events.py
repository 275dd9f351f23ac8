"""The account's own log of events, read from a moment on: what webhooks lost is found here (amocrm.md §4.7).

A window of time that is closed on both sides is read whole and put in order, as the vendor does not say in which order
events come; one with too many is halved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from widget_backend.clock import now
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.register.shelf import numbered

#: events of one page (§2.4)
PAGE: Final = 100
#: pages of a window; one with more events is halved
PAGES: Final = 20


class Events:
    """Reads events of these types, about these entities; of ``numbers`` only those, and of one entity then (§4.7)."""

    def __init__(
        self,
        client: Client,
        types: Sequence[str],
        entities: Sequence[str] = (),
        numbers: Sequence[str] = (),
        *,
        clock: Callable[[], datetime] = now,
        most: int = PAGES,
    ) -> None:
        self._client, self._types, self._entities = client, tuple(types), tuple(entities)
        self._numbers = tuple(numbers)
        self._clock, self._most = clock, most

    def since(self, moment: datetime) -> Iterator[Sequence[Row]]:
        """Window by window, the oldest first; those of one window come in any order. Raises :class:`VendorError`."""
        yield from self._window(int(moment.timestamp()), int(self._clock().timestamp()))

    def _window(self, start: int, end: int) -> Iterator[Sequence[Row]]:
        rows: list[Row] = []
        pages = 0
        for page in self._client.pages("events", "events", self._filter(start, end), most=self._most + 1, size=PAGE):
            rows += page
            pages += 1
        # strangers say that the filter is off: halving would bring the same again
        filtered = all(start - 1 <= at(row) <= end + 1 for row in rows)
        if pages > self._most and end > start and filtered:
            middle = (start + end) // 2
            yield from self._window(start, middle)
            yield from self._window(middle + 1, end)
            return
        found = [row for row in rows if start <= at(row) <= end and self._is_asked_for(row)]
        if found:
            yield found

    def _is_asked_for(self, row: Row) -> bool:
        return row.get("type") in self._types and (not self._numbers or str(row.get("entity_id")) in self._numbers)

    def _filter(self, start: int, end: int) -> dict[str, str]:
        """A second more on both sides: whether the vendor counts the last ones is not said."""
        return {
            **numbered("filter[type]", self._types),
            **(numbered("filter[entity]", self._entities) if self._entities else {}),
            **(numbered("filter[entity_id]", self._numbers) if self._numbers else {}),
            "filter[created_at][from]": str(start - 1),
            "filter[created_at][to]": str(end + 1),
        }


def at(row: Row) -> int:
    """When it happened, in Unix seconds."""
    return int(row.get("created_at") or 0)
