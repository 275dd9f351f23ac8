"""Timers: the moments rules wait for, a row each, derived anew whenever a deal is observed. The only writer of its table.

::

    waiting ──(its minute has come)──> rung, once; a deal that moved on or a date that changed lets the row go
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Index, String, UniqueConstraint, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend import jobs, worktime
from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, Deals
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal, FieldValues
from widget_backend.db import Owned, scope
from widget_backend.deals import deal_state
from widget_backend.deals.clinic import Clinic
from widget_backend.robots import firings, moments, rules
from widget_backend.robots.happenings import Due
from widget_backend.robots.moments import Moment
from widget_backend.tenancy.installations import Installation

#: timers that one transaction rings
BATCH: Final = 500
#: how long a timer that has rung is remembered, so that it rings once for one base
LIFE: Final = timedelta(days=400)


class TimerRow(Owned):
    """One moment. ``base``: what it follows from; ``contact``: the deal's patient as last known."""

    __tablename__ = "robot_timer"
    __table_args__ = (
        UniqueConstraint("installation_id", "deal", "rule_key", "base"),
        Index("robot_timer_due", "due_at", postgresql_where=text("NOT rung")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(100))
    rule_key: Mapped[str] = mapped_column(String(100))
    base: Mapped[datetime]
    due_at: Mapped[datetime]
    rung: Mapped[bool]
    made_at: Mapped[datetime]


class Clinical(Protocol):
    """A clinic as far as its time and stages go."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def chart(self) -> Chart: ...  # noqa: D102
    @property
    def zone(self) -> ZoneInfo: ...  # noqa: D102
    @property
    def hours(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer, as the journal shows it."""

    id: int
    deal: str
    rule: str
    base: datetime
    due_at: datetime
    rung: bool


def derive(
    session: Session, clinic: Clinical, deal: Deal, contact: FieldValues | None, entered_at: datetime | None
) -> int:
    """Set the deal's timers by what it is now; how many wait. In scope, in the caller's transaction. Safe to repeat.

    ``contact``: fields of the patient, ``None`` where he was not read: timers that depend on him stay as they are.
    """
    book = rules.load(session)
    hours = worktime.hours(clinic.hours, clinic.zone)
    ours = book.timed(entered_at)
    unknown = {rule.key for rule in ours if contact is None and moments.needs_contact(rule)}
    known = [rule for rule in ours if rule.key not in unknown]
    found = moments.derive(known, deal, contact or {}, entered_at, clinic.chart, hours, now())
    wanted = {(one.rule, one.base): one for one in found if not book.was_theirs(one.rule, entered_at, one.due)}
    return _set(session, clinic.id, deal, wanted, unknown)


def _set(
    session: Session,
    installation_id: int,
    deal: Deal,
    wanted: Mapping[tuple[str, datetime], Moment],
    unknown: Collection[str],
) -> int:
    rows = select(TimerRow).where(TimerRow.deal == deal.id)
    there = {
        (row.rule_key, row.base): row
        for row in session.execute(rows, execution_options={"populate_existing": True}).scalars()
    }
    for key, row in there.items():
        if row.rung or row.rule_key in unknown:
            continue
        if key not in wanted:
            session.delete(row)
        elif (row.due_at, row.contact) != (wanted[key].due, deal.contact):
            row.due_at, row.contact = wanted[key].due, deal.contact
    for key in wanted.keys() - there.keys():
        _make(session, installation_id, deal, wanted[key])
    session.flush()
    return sum(key not in there or not there[key].rung for key in wanted)


def _make(session: Session, installation_id: int, deal: Deal, moment: Moment) -> None:
    fresh = insert(TimerRow).values(
        installation_id=installation_id,
        deal=deal.id,
        contact=deal.contact,
        rule_key=moment.rule,
        base=moment.base,
        due_at=moment.due,
        rung=False,
        made_at=now(),
    )
    session.execute(fresh.on_conflict_do_nothing())


def drop(session: Session, deal: str) -> None:
    """The deal is gone: nothing is waited for."""
    gone = delete(TimerRow).where(TimerRow.deal == deal)
    session.execute(gone.execution_options(synchronize_session=False))


def tick(session: Session, at: datetime, limit: int = BATCH) -> int:
    """Ring what is due in active installations, the longest due first; how many. In scope of all."""
    due = (
        select(TimerRow)
        .join(Installation, Installation.id == TimerRow.installation_id)
        .where(~TimerRow.rung, TimerRow.due_at <= at, Installation.status == "active", _AT_WORK)
        .order_by(TimerRow.due_at)
        .limit(limit)
        .with_for_update(of=TimerRow, skip_locked=True)
    )
    rows = session.execute(due, execution_options={"populate_existing": True}).scalars().all()
    for row in rows:
        row.rung = True
        lock = firings.deal_lock(row.installation_id, row.deal)
        jobs.enqueue(session, "robots.ring", lock=lock, installation_id=row.installation_id, timer_id=row.id)
    session.flush()
    return len(rows)


#: the clinic has not paused its work (``tenancy.standing``)
_AT_WORK = Installation.settings["halted"].astext.is_(None)


def ring(clinic: Clinic, timer_id: int) -> None:
    """Let the rule fire, if its moment has still come by what the deal and its patient are now. Raises :class:`VendorError`.

    No transaction may be open.
    """
    with scope(clinic.id):
        with clinic.database.transaction() as session:
            row = session.get(TimerRow, timer_id)
        if row is None:
            return
        deals, people = Deals((row.deal,)), Contacts((row.contact,) if row.contact else ())
        found = clinic.records.read(deals, people) if row.contact else clinic.records.read(deals)
        if not found[deals]:
            return
        deal, contact = found[deals][0], found[people][0] if row.contact and found[people] else None
        with clinic.database.transaction() as session:
            state = deal_state.load(session, deal.id)
            entered_at = state.entered_at if state and state.stage == deal.stage else deal.moved_at
            _ring(session, clinic, row, deal, contact.fields if contact else {}, entered_at)


def _ring(
    session: Session, clinic: Clinic, row: TimerRow, deal: Deal, contact: FieldValues, entered_at: datetime | None
) -> None:
    hours = worktime.hours(clinic.hours, clinic.zone)
    rule = [one for one in rules.load(session).timed(entered_at) if one.key == row.rule_key]
    found = moments.derive(rule, deal, contact, entered_at, clinic.chart, hours, now())
    ours = [one.due for one in found if one.base == row.base]
    if any(due <= now() for due in ours):
        due = Due(cause=f"d:{row.id}", at=max(row.due_at, row.made_at), timer=row.id, rule=row.rule_key)
        firings.raise_all(session, clinic.id, deal, (due,))
    elif ours:  # hours, a zone, a span or our clock changed meanwhile: its moment is still to come
        unring(session, row.id)
    derive(session, clinic, deal, contact, entered_at)


def waiting(session: Session, *, deal: str = "", limit: int = 50) -> tuple[Timer, ...]:
    """What is waited for, the nearest first."""
    rows = select(TimerRow).where(~TimerRow.rung, *([TimerRow.deal == deal] if deal else []))
    found = session.execute(rows.order_by(TimerRow.due_at).limit(limit)).scalars()
    return tuple(Timer(row.id, row.deal, row.rule_key, row.base, row.due_at, row.rung) for row in found)


def unring(session: Session, timer_id: int) -> None:
    """It was too early, or the account could not be asked: ring again later."""
    again = update(TimerRow).where(TimerRow.id == timer_id).values(rung=False)
    session.execute(again.execution_options(synchronize_session=False))


def prune(session: Session) -> int:
    """Drop timers that rang long ago; how many."""
    old = delete(TimerRow).where(TimerRow.rung, TimerRow.due_at < now() - LIFE).returning(TimerRow.id)
    return len(session.execute(old.execution_options(synchronize_session=False)).all())


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(TimerRow).returning(TimerRow.id).execution_options(synchronize_session=False)
    return {TimerRow.__tablename__: len(session.execute(gone).all())}
