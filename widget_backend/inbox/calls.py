"""Messages of our robots that the CRM calls: each call is carried out, once, in the deal's own row."""

from __future__ import annotations

from collections.abc import Sequence

from widget_backend.crm.records import RobotCall
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox import messages
from widget_backend.inbox.messages import Message, Record
from widget_backend.inbox.office import Office


def work(office: Office, clinic: Clinic, record: Record, waiting: Sequence[Message]) -> None:
    """Raises :class:`VendorError`; the calls before it are done then."""
    for message in waiting:
        if isinstance(message.told, RobotCall):
            office.answer_call(clinic, message.told)
        with office.database.transaction() as session:
            messages.close(session, [message])
