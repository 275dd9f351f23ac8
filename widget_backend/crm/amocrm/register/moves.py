"""The stages deals came to, out of the account's events: what webhooks lost is found here (amocrm.md §4.7).

A window of time that is closed on both sides is read whole and put in order, as the vendor does not say in which order
events come; one with too many is halved. An event of a new deal does not say its stage: its first move does, or else the
deal itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from widget_backend.clock import now
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.reading import stage_id
from widget_backend.crm.amocrm.register.deals import person
from widget_backend.crm.amocrm.register.shelf import Shelf, numbered
from widget_backend.crm.records import Move

ADDED: Final = "lead_added"
MOVED: Final = "lead_status_changed"
#: events of one page (§2.4)
PAGE: Final = 100
#: pages of a window; one with more events is halved
PAGES: Final = 20

#: when; a new deal before its moves; and the event's id
Place = tuple[int, bool, str]


class Moves:
    """Reads moves of one account."""

    def __init__(self, client: Client, shelf: Shelf, *, clock: Callable[[], datetime] = now, most: int = PAGES) -> None:
        self._client, self._shelf = client, shelf
        self._clock, self._most = clock, most

    def since(self, moment: datetime) -> Iterator[Sequence[Move]]:
        """The oldest first. Raises :class:`VendorError`."""
        yield from self._window(int(moment.timestamp()), int(self._clock().timestamp()))

    def _window(self, start: int, end: int) -> Iterator[Sequence[Move]]:
        rows: list[Row] = []
        pages = 0
        for page in self._client.pages("events", "events", _filter(start, end), most=self._most + 1, size=PAGE):
            rows += page
            pages += 1
        # strangers say that the filter is off: halving would bring the same again
        filtered = all(start - 1 <= _at(row) <= end + 1 for row in rows)
        if pages > self._most and end > start and filtered:
            middle = (start + end) // 2
            yield from self._window(start, middle)
            yield from self._window(middle + 1, end)
            return
        moves = self._moves({_place(row): row for row in rows if start <= _at(row) <= end})
        if moves:
            yield moves

    def _moves(self, events: Mapping[Place, Row]) -> tuple[Move, ...]:
        ordered = [events[place] for place in sorted(events)]
        first: dict[str, tuple[str, str]] = {}
        for row in ordered:
            before = _status(row, "value_before")
            if row.get("type") == MOVED and before:
                first.setdefault(str(row["entity_id"]), before)
        first |= self._standing([str(row["entity_id"]) for row in ordered if row.get("type") == ADDED], first)
        return tuple(move for row in ordered if (move := _move(row, first)))

    def _standing(self, added: Sequence[str], known: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Where new deals that did not move since stand; one that is gone is left out."""
        rows = self._shelf.rows("leads", [number for number in added if number not in known])
        return {number: (str(row.get("pipeline_id")), str(row.get("status_id"))) for number, row in rows.items()}


def _move(row: Row, first: Mapping[str, tuple[str, str]]) -> Move | None:
    """``first``: where each deal stood at its beginning."""
    deal, is_new = str(row.get("entity_id")), row.get("type") == ADDED
    stage = first.get(deal) if is_new else _status(row, "value_after")
    if stage is None or row.get("type") not in (ADDED, MOVED):
        return None
    before = None if is_new else _status(row, "value_before")
    return Move(
        deal=deal,
        stage=stage_id(*stage),
        pipeline=stage[0],
        at=datetime.fromtimestamp(_at(row), UTC),
        id=str(row["id"]),
        from_stage=stage_id(*before) if before else "",
        mover=person(row.get("created_by")),
    )


def _status(row: Row, name: str) -> tuple[str, str] | None:
    """Pipeline and status of one side of a change."""
    for change in row.get(name) or ():
        status = change.get("lead_status") if isinstance(change, dict) else None
        if isinstance(status, dict) and status.get("id") and status.get("pipeline_id"):
            return str(status["pipeline_id"]), str(status["id"])
    return None


def _at(row: Row) -> int:
    return int(row.get("created_at") or 0)


def _place(row: Row) -> Place:
    return _at(row), row.get("type") != ADDED, str(row.get("id"))


def _filter(start: int, end: int) -> dict[str, str]:
    """A second more on both sides: whether the vendor counts the last ones is not said."""
    return {
        **numbered("filter[type]", (ADDED, MOVED)),
        **numbered("filter[entity]", ("lead",)),
        "filter[created_at][from]": str(start - 1),
        "filter[created_at][to]": str(end + 1),
    }
