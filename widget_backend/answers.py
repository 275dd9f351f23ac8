"""Answers: a request that comes a second time under its own key is answered as it was the first time. The only writer of its
table.

Answers may tell of deals: sealed, and dropped after a day (``prune``) or with the clinic (``forget``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.sealed import Sealed

#: how long a key is known
LIFE: Final = timedelta(hours=24)


class AnswerRow(Owned):
    """One key. ``key``, ``mark``: hashes of the key and of what was asked under it; ``status``: none until it is answered."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("installation_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Sealed)
    begun_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a key. ``status``: 0 while it has no answer."""

    mark: str
    status: int
    body: str


def begin(session: Session, installation_id: int, key: str, mark: str) -> Answer:
    """What is known of this key, which is taken for ``mark`` if it is new; in scope."""
    fresh = insert(AnswerRow).values(installation_id=installation_id, key=key, mark=mark, begun_at=now())
    session.execute(fresh.on_conflict_do_nothing())
    known = select(AnswerRow).where(AnswerRow.key == key)
    row = session.execute(known, execution_options={"populate_existing": True}).scalar_one()
    return Answer(row.mark, row.status or 0, row.body or "")


def keep(session: Session, key: str, status: int, body: str) -> None:
    """From now on this is the answer."""
    given = update(AnswerRow).where(AnswerRow.key == key).values(status=status, body=body)
    session.execute(given.execution_options(synchronize_session=False))


def prune(session: Session) -> int:
    """Drop what is older than a day; how many."""
    return _drop(session, AnswerRow.begun_at < now() - LIFE)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    return {AnswerRow.__tablename__: _drop(session)}


def _drop(session: Session, *these: Any) -> int:
    gone = delete(AnswerRow).where(*these).returning(AnswerRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
