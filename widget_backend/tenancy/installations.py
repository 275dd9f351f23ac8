"""Installation: our presence in one account of one CRM. The only writer of its table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base


class Installation(Base):
    """``account``: the CRM's own key of the account (portal host or account id), which survives a change of token.
    ``host``: where it was last reached."""

    __tablename__ = "installation"
    __table_args__ = (UniqueConstraint("vendor", "account"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    vendor: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


def ensure(session: Session, vendor: str, account: str, host: str) -> int:
    """The id of this account's installation, made if it is new; safe to repeat and to run twice at once."""
    moment = now()
    statement = insert(Installation).values(
        vendor=vendor, account=account, host=host, created_at=moment, seen_at=moment
    )
    seen = statement.on_conflict_do_update(
        index_elements=["vendor", "account"], set_={"host": host, "seen_at": moment}
    ).returning(Installation.id)
    return session.execute(seen).scalar_one()


def at_host(session: Session, vendor: str, host: str) -> int | None:
    """The installation last reached at this host: a guess before the CRM has said whose account it is."""
    found = (
        select(Installation.id)
        .where(Installation.vendor == vendor, Installation.host == host)
        .order_by(Installation.seen_at.desc())
        .limit(1)
    )
    return session.execute(found).scalar_one_or_none()
