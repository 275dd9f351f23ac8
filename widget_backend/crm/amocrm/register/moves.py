"""The stages deals came to, out of the account's events (amocrm.md §4.7).

An event of a new deal does not say its stage: its first move does, or else the deal itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from widget_backend.clock import now
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.reading import stage_id
from widget_backend.crm.amocrm.register.deals import person
from widget_backend.crm.amocrm.register.events import PAGES, Events, at
from widget_backend.crm.amocrm.register.shelf import Shelf
from widget_backend.crm.records import Move

ADDED: Final = "lead_added"
MOVED: Final = "lead_status_changed"
#: when; a new deal before its moves; and the event's id
Place = tuple[int, bool, str]


class Moves:
    """Reads moves of one account; ``deal``: of this one only."""

    def __init__(
        self,
        client: Client,
        shelf: Shelf,
        deal: str = "",
        *,
        clock: Callable[[], datetime] = now,
        most: int = PAGES,
    ) -> None:
        self._shelf = shelf
        about = (deal,) if deal else ()
        self._events = Events(client, (ADDED, MOVED), ("lead",), about, clock=clock, most=most)

    def since(self, moment: datetime) -> Iterator[Sequence[Move]]:
        """The oldest first. Raises :class:`VendorError`."""
        for rows in self._events.since(moment):
            moves = self._moves({_place(row): row for row in rows})
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
        at=datetime.fromtimestamp(at(row), UTC),
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


def _place(row: Row) -> Place:
    return at(row), row.get("type") != ADDED, str(row.get("id"))
