"""Contact state: a fingerprint of each patient's fields as they were last read. The only writer of its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.records import Contact
from widget_backend.db import Owned
from widget_backend.deals import deal_state, fingerprints, own_marks
from widget_backend.sealed import Sealed


class ContactRow(Owned):
    """One patient. ``version`` counts what was observed."""

    __tablename__ = "contact_state"
    __table_args__ = (UniqueConstraint("installation_id", "contact"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    contact: Mapped[str] = mapped_column(String(64))
    read_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    fields: Mapped[str | None] = mapped_column(Sealed)


def observe(session: Session, installation_id: int, contact: Contact, read_at: datetime) -> tuple[tuple[str, ...], str]:
    """Take in a patient as read: addresses of the fields that others than us changed, and this observation's own name.

    The first time nothing has changed; neither has it in an older reading than the last one.
    """
    row = _held(session, installation_id, contact.id)
    if row.read_at is not None and deal_state.was_overtaken(read_at, row.read_at):
        return (), ""
    prints, before = fingerprints.of(fields_of(contact)), fingerprints.unpack(row.fields)
    changed = fingerprints.changed(before, prints) if row.read_at is not None else ()
    row.read_at, row.version = read_at, row.version + 1
    if prints != before:
        row.fields = fingerprints.pack(prints)
    session.flush()
    told = {address: prints[address] for address in changed}
    ours = own_marks.of_fields(session, f"contact:{contact.id}", told, contact.updated_at or now())
    return tuple(a for a in changed if a not in ours), f"c{contact.id}:{row.version}"


def read_at(session: Session, contacts: Collection[str]) -> Mapping[str, datetime]:
    """When these patients were last read; whoever never was is absent."""
    known = select(ContactRow.contact, ContactRow.read_at).where(ContactRow.contact.in_(contacts))
    return {contact: at for contact, at in session.execute(known) if at is not None}


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(ContactRow).returning(ContactRow.id).execution_options(synchronize_session=False)
    return {ContactRow.__tablename__: len(session.execute(gone).all())}


def fields_of(contact: Contact) -> dict[str, Any]:
    """Address -> value of all that is followed."""
    return {
        "field.contact.name": contact.name,
        "field.contact.phone": contact.phones,
        "field.contact.email": contact.emails,
        "field.contact.responsible": contact.responsible,
        **contact.fields,
    }


def _held(session: Session, installation_id: int, contact: str) -> ContactRow:
    session.execute(
        insert(ContactRow).values(installation_id=installation_id, contact=contact).on_conflict_do_nothing()
    )
    held = select(ContactRow).where(ContactRow.contact == contact).with_for_update(key_share=True)
    return session.execute(held, execution_options={"populate_existing": True}).scalar_one()
