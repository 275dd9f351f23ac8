"""What may be used a single time: codes of an authorisation, states, numbers of a widget's tokens. Only hashes are kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import String, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base
from widget_backend.errors import Forbidden
from widget_backend.security.signing import EXPIRED


class Spent(Base):
    """Something that was used, until it would be refused for its age anyway."""

    __tablename__ = "spent"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


def spend(session: Session, purpose: str, value: str, until: datetime) -> None:
    """Use a value up, in the caller's transaction; of two who bring it at once one passes. Raises :class:`Forbidden`."""
    hashed = hashlib.sha256(f"{purpose}:{value}".encode()).hexdigest()
    first = insert(Spent).values(hash=hashed, until=until).on_conflict_do_nothing().returning(Spent.hash)
    if session.execute(first).scalar_one_or_none() is None:
        raise Forbidden(EXPIRED)


def prune(session: Session) -> None:
    """Drop what is too old to be used."""
    session.execute(delete(Spent).where(Spent.until < now()), execution_options={"synchronize_session": False})
