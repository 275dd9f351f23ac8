"""Losses: how many changes of deals the CRM told us of, and how many only its own memory did, by day. The only writer of its
table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned

#: days that are shown, and that are kept
SHOWN: Final = 7
KEPT: Final = timedelta(days=90)


class LossRow(Owned):
    """One day (UTC)."""

    __tablename__ = "inbox_loss"
    __table_args__ = (UniqueConstraint("installation_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    day: Mapped[date]
    told: Mapped[int]
    found_late: Mapped[int]


@dataclass(frozen=True, slots=True)
class LossMeter:
    """Changed deals: told in time, and found late by ourselves."""

    told: int
    found_late: int

    @property
    def share(self) -> float:
        """Of all changes those that the CRM lost, 0 to 1."""
        return self.found_late / (self.told + self.found_late) if self.found_late else 0.0


def count(session: Session, installation_id: int, told: int, found_late: int) -> None:
    """Add to today."""
    if told or found_late:
        row = insert(LossRow).values(
            installation_id=installation_id, day=now().date(), told=told, found_late=found_late
        )
        added = {"told": LossRow.told + told, "found_late": LossRow.found_late + found_late}
        session.execute(row.on_conflict_do_update(index_elements=["installation_id", "day"], set_=added))


def of(session: Session, days: int = SHOWN) -> LossMeter:
    """Of the installation in scope, in the last days."""
    summed = select(func.coalesce(func.sum(LossRow.told), 0), func.coalesce(func.sum(LossRow.found_late), 0))
    told, late = session.execute(summed.where(LossRow.day > now().date() - timedelta(days=days))).one()
    return LossMeter(int(told), int(late))


def prune(session: Session) -> int:
    """Drop days that nobody looks at any more; how many."""
    return _drop(session, LossRow.day < now().date() - KEPT)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    return {LossRow.__tablename__: _drop(session)}


def _drop(session: Session, *these: object) -> int:
    gone = delete(LossRow).where(*these).returning(LossRow.id)  # type: ignore[arg-type]
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
