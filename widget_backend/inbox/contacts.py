"""Messages of a patient: what others than us changed of his fields is told to his open deals."""

from __future__ import annotations

from collections.abc import Sequence

from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, DealsOf
from widget_backend.deals import contact_state
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox import messages
from widget_backend.inbox.messages import Message, Record
from widget_backend.inbox.office import Office
from widget_backend.inbox.told import PatientChanged


def work(office: Office, clinic: Clinic, record: Record, waiting: Sequence[Message]) -> None:
    """Raises :class:`VendorError`."""
    contacts, theirs = Contacts((record.remote_id,)), DealsOf(record.remote_id)
    read_at = now()
    found = clinic.records.read(contacts, theirs)
    patients = found[contacts]
    contact = patients[0] if patients else None
    with office.database.transaction() as session:
        changed, stamp = contact_state.observe(session, clinic.id, contact, read_at) if contact else ((), "")
        for deal in found[theirs] if changed else ():
            told = PatientChanged(changed, stamp, read_at)
            messages.post(session, clinic.id, Record("deal", deal.id), "patient", "inbox", told, f"{stamp}:{deal.id}")
        messages.close(session, waiting)
