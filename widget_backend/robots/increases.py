"""Increases under way: what adds to a field writes the sum, so a sum that may still be sent goes before the next is counted.
The only writer of its table."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.db import Owned


class IncreaseRow(Owned):
    """One step that adds. ``record``: «contact:17» or «deal:759»; ``key``: of its effects."""

    __tablename__ = "robot_increase"
    __table_args__ = (
        UniqueConstraint("installation_id", "key"),
        Index("robot_increase_record", "installation_id", "record"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record: Mapped[str] = mapped_column(String(110))
    key: Mapped[str] = mapped_column(String(200))


def begin(session: Session, installation_id: int, record: str, key: str) -> None:
    """A sum is about to be written. Safe to repeat."""
    fresh = insert(IncreaseRow).values(installation_id=installation_id, record=record, key=key)
    session.execute(fresh.on_conflict_do_nothing())


def unfinished(session: Session, record: str) -> tuple[str, ...]:
    """Keys of sums of this record that may still be sent, the oldest first."""
    rows = select(IncreaseRow.key).where(IncreaseRow.record == record).order_by(IncreaseRow.id)
    return tuple(session.execute(rows).scalars())


def end(session: Session, key: str) -> None:
    """The sum is written, or refused for good."""
    gone = delete(IncreaseRow).where(IncreaseRow.key == key)
    session.execute(gone.execution_options(synchronize_session=False))


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(IncreaseRow).returning(IncreaseRow.id).execution_options(synchronize_session=False)
    return {IncreaseRow.__tablename__: len(session.execute(gone).all())}
