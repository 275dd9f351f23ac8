"""The pairs of tokens, sealed; the only writer of their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import ALL, Owned, scope
from widget_backend.sealed import Sealed
from widget_backend.tenancy import installations
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.installations import Installation

_AS_STORED = {"populate_existing": True}


class TokenRow(Owned):
    """The pair of one installation. ``generation`` counts the pairs; ``user_id``: who granted it, in the CRM."""

    __tablename__ = "token"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    access: Mapped[str] = mapped_column(Sealed)
    refresh: Mapped[str] = mapped_column(Sealed)
    expires_at: Mapped[datetime]
    refreshed_at: Mapped[datetime] = mapped_column(index=True)
    generation: Mapped[int]
    user_id: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    server_endpoint: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The pair as stored. ``server_endpoint``: Bitrix24's OAuth host that serves this portal."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    refreshed_at: datetime
    generation: int
    user_id: str = ""
    scopes: tuple[str, ...] = ()
    server_endpoint: str = ""


def save(session: Session, installation_id: int, grant: Grant) -> None:
    """Keep a pair that consent brought, in scope, over whatever was there; safe to repeat and to run twice at once."""
    installations.hold(session, installation_id)
    kept = select(TokenRow).where(TokenRow.installation_id == installation_id)
    row = session.execute(kept, execution_options=_AS_STORED).scalar_one_or_none()
    if row is None:
        row = TokenRow(installation_id=installation_id, generation=0)
        session.add(row)
    for name, value in _values(grant).items():
        setattr(row, name, value)
    row.generation += 1
    row.user_id, row.scopes, row.server_endpoint = grant.user_id, list(grant.scopes), grant.server_endpoint
    session.flush()


def renew(session: Session, generation: int, grant: Grant) -> bool:
    """Put a refreshed pair in place of that generation's, in scope. False where consent has brought a newer one."""
    renewed = (
        update(TokenRow)
        .where(TokenRow.generation == generation)
        .values(generation=generation + 1, **_values(grant))
        .returning(TokenRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(renewed).scalar_one_or_none() is not None


def load(session: Session) -> Tokens | None:
    """The pair of the installation in scope."""
    row = session.execute(select(TokenRow), execution_options=_AS_STORED).scalar_one_or_none()
    if row is None:
        return None
    return Tokens(
        row.access,
        row.refresh,
        row.expires_at,
        row.refreshed_at,
        row.generation,
        row.user_id,
        tuple(row.scopes),
        row.server_endpoint,
    )


def forget(session: Session) -> int:
    """Wipe the pair of the installation in scope; how many rows that was."""
    gone = delete(TokenRow).returning(TokenRow.id).execution_options(synchronize_session=False)
    return len(session.execute(gone).all())


def idle(session: Session, vendor: str, before: datetime) -> Sequence[int]:
    """Installations of this vendor, still open, whose pair was last renewed before then; the longest idle first."""
    found = (
        select(TokenRow.installation_id)
        .join(Installation, Installation.id == TokenRow.installation_id)
        .where(Installation.vendor == vendor, Installation.status.in_(("connecting", "active", "paused")))
        .where(TokenRow.refreshed_at < before)
        .order_by(TokenRow.refreshed_at)
    )
    with scope(ALL):
        return session.execute(found).scalars().all()


def _values(grant: Grant) -> dict[str, object]:
    return {
        "access": grant.access,
        "refresh": grant.refresh,
        "expires_at": grant.expires_at,
        "refreshed_at": now(),
    }
