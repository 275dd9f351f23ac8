"""A CRM's records in memory that fulfil the Records port: what the laws of the inbox are tried on.

Its clock is its own, its memory of moves may lag, it may be away, show a deal to nobody, or show an older state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from widget_backend.crm.asking import Activities, Contacts, Deals, DealsOf, Found, Want, Write, Written
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.records import Activity, Contact, Deal, FieldValue, Move, Touched
from widget_backend.db import in_transaction

STAGES = ("new", "work", "visit", "won", "lost")
CHART = Chart(
    stages=tuple(
        ChartStage(
            f"stage.sales.{name}", name, "pipeline.sales", "1", name if name in ("won", "lost") else "open", name
        )
        for name in STAGES
    ),
    pipelines=(ChartPipeline("pipeline.sales", "1", "Приёмы"),),
    fields=(
        ChartField("field.deal.branch", "7", "text", "Филиал"),
        ChartField("field.contact.vip", "8", "boolean", "VIP"),
    ),
)


@dataclass
class MemoryRecords:
    """``at``: its clock. ``fault``: raised by each request while it is set; ``reads``: what was asked, request by request;
    ``deletions``: deals it lists as deleted."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    deals: dict[str, Deal] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    remembered: list[Move] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    lag: timedelta = timedelta(0)
    fault: Exception | None = None
    reads: list[str] = field(default_factory=list)
    deletions: list[Touched] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    _number: int = 0

    # what people do

    def passes(self, seconds: float = 10) -> None:
        self.at += timedelta(seconds=seconds)

    def adds(self, stage: str = "new", *, contact: str = "", marker: str = "", id: str = "") -> str:
        self._number += 1
        number = id or str(700 + self._number)
        told = {"created_at": self.at, "updated_at": self.at, "moved_at": self.at, "marker": marker}
        contacts = (contact,) if contact else ()
        self.deals[number] = Deal(
            number, "Анна П.", "1", stage, contacts, "5", **told, fields={"field.deal.branch": None}
        )
        self._remember(number, stage, "")
        return number

    def moves_to(self, deal: str, stage: str, mover: str = "5") -> None:
        was = self.deals[deal]
        self.deals[deal] = replace(was, stage=stage, updated_at=self.at, moved_at=self.at, mover=mover)
        self._remember(deal, stage, was.stage, mover)

    def sets(self, deal: str, value: FieldValue, address: str = "field.deal.branch") -> None:
        was = self.deals[deal]
        self.deals[deal] = replace(was, updated_at=self.at, fields={**was.fields, address: value})

    def deletes(self, deal: str) -> Deal:
        return self.deals.pop(deal)

    def restores(self, deal: Deal) -> None:
        self.deals[deal.id] = replace(deal, updated_at=self.at)

    def true_path(self, deal: str) -> list[tuple[str, datetime]]:
        return [(move.stage, move.at) for move in self.remembered if move.deal == deal]

    def _remember(self, deal: str, stage: str, left: str, mover: str = "5") -> None:
        number = str(len(self.remembered) + 1)
        self.remembered.append(Move(deal, stage, "1", self.at, number, left, mover))

    # the port

    def read(self, *wants: Want[Any]) -> Found:
        self._answer(" ".join(type(want).__name__ for want in wants))
        return Found({want: self._found(want) for want in wants})

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        raise AssertionError("nobody writes here")

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        self._answer("moves")
        told = [
            m for m in self.remembered if m.at >= since and m.at <= self.at - self.lag and m.deal not in self.hidden
        ]
        yield [move for move in told if deal in ("", move.deal)]

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        self._answer("changed")
        shown = [deal for number, deal in self.deals.items() if number not in self.hidden]
        changed = [deal for deal in shown if deal.updated_at and deal.updated_at >= since]
        yield sorted(changed, key=lambda deal: deal.updated_at or since)

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        """Contacts by when they changed, patients by when they got in touch; deleted deals where ``deletions`` says so."""
        self._answer("touched")
        contacts = [Touched("contact", one.id, "updated", one.updated_at) for one in self.contacts.values()]
        activities = [Touched("activity", one.id, "added", one.at) for one in self.activities.values() if one.incoming]
        told = [one for one in (*contacts, *activities, *self.deletions) if one.at and one.at >= since]
        yield sorted(told, key=lambda one: one.at or since)

    def _answer(self, what: str) -> None:
        assert not in_transaction(), "a request inside a transaction"
        self.reads.append(what)
        if self.fault is not None:
            raise self.fault
        while self.meanwhile:
            self.meanwhile.pop(0)()

    def _found(self, want: Want[Any]) -> Any:
        match want:
            case Deals(ids):
                return tuple(self.deals[one] for one in ids if one in self.deals and one not in self.hidden)
            case DealsOf(contact):
                theirs = (d for d in self.deals.values() if contact in d.contacts and d.stage not in ("won", "lost"))
                return tuple(deal for deal in theirs if deal.id not in self.hidden)
            case Contacts(ids):
                return tuple(self.contacts[one] for one in ids if one in self.contacts)
            case Activities(ids):
                return tuple(self.activities[one] for one in ids if one in self.activities)
            case _:
                raise AssertionError(f"nobody asks for {want}")
