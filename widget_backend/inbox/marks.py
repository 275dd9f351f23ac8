"""Marks: how far an account's own memory has been looked through for what was never told. The only writer of its table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text as Words
from sqlalchemy import UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.texts import Text


class ReconcileRow(Owned):
    """One account. The moments are the CRM's own: of the newest move, change of a deal, and touch, that was looked at.
    ``refused_at``: since when the CRM refuses to tell, and its words; ``looked_at``: when it last told all, by our clock."""

    __tablename__ = "inbox_reconcile"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    moves_until: Mapped[datetime | None]
    changes_until: Mapped[datetime | None]
    touched_until: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    refusal_ru: Mapped[str] = mapped_column(Words, server_default="")
    refusal_en: Mapped[str] = mapped_column(Words, server_default="")


def moves_until(session: Session) -> datetime | None:
    """Until when all moves have been looked at; ``None`` before the first time."""
    return session.execute(select(ReconcileRow.moves_until)).scalar_one_or_none()


def changes_until(session: Session) -> datetime | None:
    """Until when all changed deals have been looked at; ``None`` before the first time."""
    return session.execute(select(ReconcileRow.changes_until)).scalar_one_or_none()


def touched_until(session: Session) -> datetime | None:
    """Until when it was looked through who got in touch and which contacts changed; ``None`` before the first time."""
    return session.execute(select(ReconcileRow.touched_until)).scalar_one_or_none()


def advance(session: Session, installation_id: int, **until: datetime) -> None:
    """All has been looked at until then: ``moves_until``, ``changes_until`` or ``touched_until``."""
    made = insert(ReconcileRow).values(installation_id=installation_id, **until)
    kept = {name: made.excluded[name] for name in until}
    session.execute(made.on_conflict_do_update(index_elements=["installation_id"], set_=kept))


def refuse(session: Session, installation_id: int, words: Text | None) -> None:
    """The CRM refuses to be looked through; ``None``: it has just told all."""
    told: dict[str, Any] = {"refusal_ru": words.ru if words else "", "refusal_en": words.en if words else ""}
    told["refused_at"] = now() if words else None
    told |= {} if words else {"looked_at": now()}
    made = insert(ReconcileRow).values(installation_id=installation_id, **told)
    first = {"refused_at": func.coalesce(ReconcileRow.refused_at, made.excluded.refused_at) if words else None}
    kept = {name: made.excluded[name] for name in told} | first
    session.execute(made.on_conflict_do_update(index_elements=["installation_id"], set_=kept))


def looked_at(session: Session) -> datetime | None:
    """When all was last looked through; ``None`` before the first time."""
    return session.execute(select(ReconcileRow.looked_at)).scalar_one_or_none()


def refusal(session: Session) -> tuple[datetime, Text] | None:
    """Since when the CRM refuses to be looked through, and why; ``None`` where it does not."""
    row = session.execute(select(ReconcileRow).where(ReconcileRow.refused_at.is_not(None))).scalar_one_or_none()
    return (row.refused_at, Text(row.refusal_ru, row.refusal_en)) if row and row.refused_at else None


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(ReconcileRow).returning(ReconcileRow.id).execution_options(synchronize_session=False)
    return {ReconcileRow.__tablename__: len(session.execute(gone).all())}
