"""Closing: an uninstalled account's access and personal data are wiped; a signed note of it stays. Only writer of the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Base
from widget_backend.security import signing, tickets
from widget_backend.tenancy import installations, tokens

PURPOSE: Final = "deletion"


class DeletionNote(Base):
    """Proof that an account's data was wiped, when, and how many rows of what. It outlives the installation."""

    __tablename__ = "deletion_note"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    installation_id: Mapped[int] = mapped_column(index=True)
    vendor: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    wiped: Mapped[dict[str, int]] = mapped_column(JSONB)
    signature: Mapped[str] = mapped_column(String(64))

    def said(self) -> dict[str, Any]:
        """What the signature covers."""
        names = ("installation_id", "vendor", "account", "reason", "wiped")
        return {name: getattr(self, name) for name in names} | {"at": self.at.isoformat()}


def close(
    session: Session, keys: Sequence[str], installation_id: int, reason: str, wiped: Mapping[str, int] | None = None
) -> bool:
    """Wipe tokens, tickets, settings and the application token, in scope of the installation; leave a signed note.

    ``wiped``: rows that the caller has wiped of its own in this transaction, by table. What we set up in the CRM and its
    bindings stay, so that a reinstall finds them. False, and no second note, where it was closed before.
    """
    info = installations.get(session, installation_id)
    if not installations.shut(session, installation_id):
        return False
    counted = {**(wiped or {}), "token": tokens.forget(session), "ticket": tickets.forget(session)}
    note = DeletionNote(
        installation_id=installation_id,
        vendor=info.vendor,
        account=info.account,
        at=now(),
        reason=reason,
        wiped=counted,
    )
    note.signature = signing.signature(keys, PURPOSE, note.said())
    session.add(note)
    session.flush()
    return True


def notes(session: Session, installation_id: int) -> Sequence[DeletionNote]:
    """All notes of this installation, the newest first."""
    found = select(DeletionNote).where(DeletionNote.installation_id == installation_id)
    return session.execute(found.order_by(DeletionNote.id.desc())).scalars().all()


def is_genuine(keys: Sequence[str], note: DeletionNote) -> bool:
    """Whether we signed exactly this; the key of that day must still be among ours."""
    return signing.is_signed(keys, PURPOSE, note.said(), note.signature)
