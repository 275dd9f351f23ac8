"""Who did what to which installation: append only, each row chained to the one before it. The only writer of its tables.

The database refuses to change or delete a row; who gets past that breaks the chain, and ``verify`` names the first row
that is not as it was written. ``details`` hold numbers and codes, never a patient's name or a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Database, Owned
from widget_backend.security.signing import canonical
from widget_backend.tenancy import installations
from widget_backend.texts import Text

CHANGED = Text("запись изменена", "the row was changed")
TORN = Text("перед записью чего-то не хватает", "something before this row is missing")
CUT = Text("последних записей не хватает", "the last rows are missing")


class AuditRow(Owned):
    """One act. ``number`` counts from 1 in its installation; ``previous`` is the hash of the row before it."""

    __tablename__ = "audit_row"
    __table_args__ = (UniqueConstraint("installation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(100))
    object: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditChain(Owned):
    """The end of each installation's chain, so that a cut-off end shows."""

    __tablename__ = "audit_chain"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Act:
    """``actor``: a user's id in the CRM, or ``system``; ``object``: what was acted on, ``kind:id``; ``purpose``: what for."""

    actor: str
    role: str
    action: str
    object: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row of an installation's chain that is not as it was written, and what is wrong with it."""

    installation_id: int
    number: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Trace:
    """The latest act on something: which, by whom, when."""

    action: str
    actor: str
    at: datetime


def record(session: Session, installation_id: int, act: Act, details: Mapping[str, Any] | None = None) -> None:
    """Append one row in scope, in the caller's transaction: the act and its trace stand or fall together.

    ``details`` are JSON without fractions. Rows of one installation wait for each other until the transaction ends.
    """
    chain = _end(session, installation_id)
    row = AuditRow(
        installation_id=installation_id,
        number=chain.number + 1,
        at=now(),
        actor=act.actor,
        role=act.role,
        action=act.action,
        object=act.object,
        purpose=act.purpose,
        details=dict(details or {}),
        previous=chain.hash,
    )
    row.hash = _hash(row)
    session.add(row)
    chain.number, chain.hash = row.number, row.hash
    session.flush()


@contextmanager
def recorded(
    database: Database, installation_id: int, act: Act, details: Mapping[str, Any] | None = None
) -> Iterator[Session]:
    """A transaction for a change and its row, or neither. ``details``: as they are when the change is made."""
    with database.transaction() as session:
        yield session
        record(session, installation_id, act, details)


def latest(session: Session, *actions: str) -> Mapping[str, Trace]:
    """What was acted on -> the latest of these acts on it, of the installation in scope."""
    rows = select(AuditRow).where(AuditRow.action.in_(actions)).ext(distinct_on(AuditRow.object))
    found = session.execute(rows.order_by(AuditRow.object, AuditRow.number.desc())).scalars()
    return {row.object: Trace(row.action, row.actor, row.at) for row in found}


def _end(session: Session, installation_id: int) -> AuditChain:
    """The end of the chain, held until the transaction ends."""
    installations.hold(session, installation_id)
    ends = select(AuditChain).where(AuditChain.installation_id == installation_id)
    chain = session.execute(ends, execution_options={"populate_existing": True}).scalar_one_or_none()
    if chain is None:
        chain = AuditChain(installation_id=installation_id, number=0, hash="")
        session.add(chain)
    return chain


def verify(session: Session) -> tuple[int, tuple[Broken, ...]]:
    """Walk all chains in scope: how many rows there are, and the first broken one of each installation."""
    last: dict[int, AuditRow] = {}
    broken: dict[int, Broken] = {}
    count = 0
    for row in _walk(session):
        count += 1
        reason = _fault(row, last.get(row.installation_id))
        if reason:
            broken.setdefault(row.installation_id, Broken(row.installation_id, row.number, reason))
        last[row.installation_id] = row
    ends = {chain.installation_id: chain.hash for chain in session.execute(select(AuditChain)).scalars()}
    for installation_id in ends.keys() | last.keys():
        end = last.get(installation_id)
        if ends.get(installation_id) != (end.hash if end else ""):
            broken.setdefault(installation_id, Broken(installation_id, end.number + 1 if end else 1, CUT))
    return count, tuple(sorted(broken.values(), key=lambda found: found.installation_id))


def _walk(session: Session) -> Iterator[AuditRow]:
    ordered = select(AuditRow).order_by(AuditRow.installation_id, AuditRow.number)
    for row in session.execute(ordered.execution_options(yield_per=1000)).scalars():
        session.expunge(row)
        yield row


def _fault(row: AuditRow, before: AuditRow | None) -> Text | None:
    if row.hash != _hash(row):
        return CHANGED
    number, previous = (before.number, before.hash) if before else (0, "")
    return None if (row.number, row.previous) == (number + 1, previous) else TORN


def _hash(row: AuditRow) -> str:
    written = [row.installation_id, row.number, row.at.isoformat(), row.actor, row.role, row.action, row.object]
    return hashlib.sha256(canonical([*written, row.purpose, row.details, row.previous])).hexdigest()
