"""One-time tickets: how a page opened by the CRM's own link learns who came, once and within a minute."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, delete, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import ALL, Owned, scope
from widget_backend.errors import Forbidden
from widget_backend.security.sessions import Visit
from widget_backend.security.signing import EXPIRED

LIFE: Final = timedelta(seconds=60)


class TicketRow(Owned):
    """One ticket; only its hash is kept. ``visit``: what is known of who shows it."""

    __tablename__ = "ticket"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    visit: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def issue(session: Session, visit: Visit) -> str:
    """A ticket for this visit, for a minute and one use."""
    ticket = secrets.token_urlsafe(32)
    rest = {"user_id": visit.user_id, "role": visit.role, "language": visit.language}
    rest |= {"placement": visit.placement, "entity": visit.entity}
    row = TicketRow(hash=_hash(ticket), installation_id=visit.installation_id, visit=rest, expires_at=now() + LIFE)
    session.add(row)
    session.flush()
    return ticket


def redeem(session: Session, ticket: str) -> Visit:
    """Use the ticket up; of two who show it at once one is let in. Raises :class:`Forbidden` for any but a fresh one."""
    moment = now()
    used = (
        update(TicketRow)
        .where(TicketRow.hash == _hash(ticket), TicketRow.used_at.is_(None), TicketRow.expires_at > moment)
        .values(used_at=moment)
        .returning(TicketRow.installation_id, TicketRow.visit)
        .execution_options(synchronize_session=False)
    )
    with scope(ALL):  # the ticket tells whose it is
        found = session.execute(used).one_or_none()
    if found is None:
        raise Forbidden(EXPIRED)
    return Visit(found.installation_id, **found.visit)


def forget(session: Session) -> int:
    """Drop all tickets of the installation in scope; how many there were."""
    gone = delete(TicketRow).returning(TicketRow.hash).execution_options(synchronize_session=False)
    return len(session.execute(gone).all())


def prune(session: Session) -> None:
    """Drop what can no longer be shown."""
    with scope(ALL):
        old = delete(TicketRow).where(TicketRow.expires_at < now() - LIFE)
        session.execute(old.execution_options(synchronize_session=False))


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
