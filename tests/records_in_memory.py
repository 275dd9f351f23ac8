"""Records of a CRM in memory that can be read and written, and the ways a call to them can go wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.asking import (
    Activities,
    AddNote,
    AddTask,
    CallBack,
    CloseTask,
    Contacts,
    CreateDeal,
    Deals,
    DealsOf,
    DeleteDeal,
    Found,
    Marked,
    Notes,
    Notify,
    Products,
    StartBot,
    Tasks,
    UpdateContact,
    UpdateDeal,
    Users,
    Want,
    WithPhone,
    Write,
    Written,
)
from widget_backend.crm.records import Contact, Deal, Move, Note, Product, Task, Touched, User
from widget_backend.db import in_transaction
from widget_backend.errors import Missing, Unsupported, VendorError
from widget_backend.texts import Text

NO = Text("Нет.", "No.")


class Killed(BaseException):
    """The process dies here."""


@dataclass
class MemoryRecords:
    """``closed``: ids of stages that are closed; ``deletes``, ``marks``: whether deals can be deleted, markers be kept.
    ``before`` and ``after`` are called with each call's number, before and after the CRM has acted; ``refusing`` says which
    writes are refused."""

    closed: frozenset[str] = frozenset()
    deletes: bool = True
    marks: bool = True
    deals: dict[str, Deal] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    goods: dict[str, tuple[Product, ...]] = field(default_factory=dict)
    notices: list[Notify] = field(default_factory=list)
    bots: list[StartBot] = field(default_factory=list)
    answers: list[CallBack] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    before: Callable[[int], None] = lambda number: None
    after: Callable[[int], None] = lambda number: None
    refusing: Callable[[Write], VendorError | None] = lambda write: None
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def read(self, *wants: Want[Any]) -> Found:
        return self._call(wants, lambda: Found({want: READS[type(want)](self, want) for want in wants}))

    def write(self, writes: Sequence[Write]) -> Sequence[Written]:
        return self._call(writes, lambda: [self._carried_out(write) for write in writes])

    def moves(self, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
        yield ()

    def changed(self, since: datetime) -> Iterator[Sequence[Deal]]:
        yield tuple(self.deals.values())

    def touched(self, since: datetime) -> Iterator[Sequence[Touched]]:
        yield ()

    def _call(self, what: Sequence[Any], act: Callable[[], Any]) -> Any:
        assert not in_transaction(), "a request inside a transaction"
        self.calls.append(tuple(what))
        self.before(len(self.calls))
        done = act()
        self.after(len(self.calls))
        return done

    def _carried_out(self, write: Write) -> Written:
        refusal = self.refusing(write)
        return Written(error=refusal) if refusal else WRITES[type(write)](self, write)

    def marked(self, want: Marked) -> tuple[Deal, ...]:
        """As amoCRM does it: among the deals of the patient, made since then; by what they are like where it keeps none."""
        since = want.since or datetime.min.replace(tzinfo=now().tzinfo)
        near = [d for d in self.deals.values() if d.created_at and d.created_at >= since and d.contacts == want.near]
        if self.marks:
            return tuple(deal for deal in near if deal.marker == want.marker)
        return tuple(deal for deal in near if (deal.title, deal.stage) == (want.title, want.stage))

    def create(self, write: CreateDeal) -> Written:
        draft, number = write.draft, str(next(self._ids))
        named = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
        self.deals[number] = Deal(id=number, created_at=now(), updated_at=now(), **named)
        self.goods[number] = write.products
        return Written(number)

    def update(self, write: UpdateDeal) -> Written:
        deal = self.deals.get(write.id)
        if deal is None:
            return Written(error=Missing(NO))
        given = {
            name: value for name in ("stage", "pipeline", "title", "responsible") if (value := getattr(write, name))
        }
        self.deals[write.id] = replace(
            deal, fields={**deal.fields, **write.fields}, tags=(*deal.tags, *write.tags), updated_at=now(), **given
        )
        return Written(write.id)

    def update_contact(self, write: UpdateContact) -> Written:
        known = self.contacts[write.id]
        self.contacts[write.id] = replace(known, fields={**known.fields, **write.fields})
        return Written(write.id)

    def add_task(self, write: AddTask) -> Written:
        number, text = str(next(self._ids)), "\n".join((write.title, write.text, write.sign))
        self.tasks[number] = Task(number, write.deal, text, write.responsible, write.deadline, write.type)
        return Written(number)

    def close_task(self, write: CloseTask) -> Written:
        self.tasks[write.id] = replace(self.tasks[write.id], done=True)
        return Written(write.id)

    def add_note(self, write: AddNote) -> Written:
        number = str(next(self._ids))
        self.notes[number] = Note(number, write.deal, f"{write.text}\n{write.sign}", now())
        return Written(number)

    def notify(self, write: Notify) -> Written:
        """As Bitrix24 does it: a notice with the same sign takes the other's place."""
        self.notices = [one for one in self.notices if one.sign != write.sign] + [write]
        return Written("1")

    def delete(self, write: DeleteDeal) -> Written:
        if not self.deletes:
            return Written(error=Unsupported(NO))
        self.deals.pop(write.id, None)
        return Written(write.id)

    def start_bot(self, write: StartBot) -> Written:
        self.bots.append(write)
        return Written("1")

    def call_back(self, write: CallBack) -> Written:
        self.answers.append(write)
        return Written("1")


READS: dict[type, Callable[[MemoryRecords, Any], Any]] = {
    Deals: lambda crm, want: tuple(crm.deals[number] for number in want.ids if number in crm.deals),
    DealsOf: lambda crm, want: tuple(
        d for d in crm.deals.values() if want.contact in d.contacts and d.stage not in crm.closed
    ),
    Marked: MemoryRecords.marked,
    Contacts: lambda crm, want: tuple(crm.contacts[number] for number in want.ids if number in crm.contacts),
    WithPhone: lambda crm, want: tuple(c for c in crm.contacts.values() if want.phone in c.phones),
    Tasks: lambda crm, want: tuple(t for t in crm.tasks.values() if t.deal == want.deal and not t.done),
    Notes: lambda crm, want: tuple(n for n in crm.notes.values() if n.deal == want.deal),
    Products: lambda crm, want: crm.goods.get(want.deal, ()),
    Activities: lambda crm, want: (),
    Users: lambda crm, want: (User("1", "Анна Смирнова"),),
}
WRITES: dict[type, Callable[[MemoryRecords, Any], Written]] = {
    CreateDeal: MemoryRecords.create,
    UpdateDeal: MemoryRecords.update,
    UpdateContact: MemoryRecords.update_contact,
    AddTask: MemoryRecords.add_task,
    CloseTask: MemoryRecords.close_task,
    AddNote: MemoryRecords.add_note,
    Notify: MemoryRecords.notify,
    DeleteDeal: MemoryRecords.delete,
    StartBot: MemoryRecords.start_bot,
    CallBack: MemoryRecords.call_back,
}


@contextmanager
def cut(records: MemoryRecords, where: str, number: int) -> Iterator[None]:
    """Die at this place for the ``number``-th time (from 1): ``before`` or ``after`` a call of the records, or a ``commit``
    that does not happen, or one that does (``committed``)."""
    seen = itertools.count(1)

    def die(*given: Any) -> None:
        if next(seen) == number:
            raise Killed(f"{where} {number}")

    if where in ("before", "after"):
        was = getattr(records, where)
        setattr(records, where, die)
        try:
            yield
        finally:
            setattr(records, where, was)
        return
    name = {"commit": "before_commit", "committed": "after_commit"}[where]
    event.listen(Session, name, die)
    try:
        yield
    finally:
        event.remove(Session, name, die)
