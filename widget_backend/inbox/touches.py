"""Messages of calls, messages and letters: those of a patient are told to the deals they are about, or to his open ones."""

from __future__ import annotations

from collections.abc import Sequence

from widget_backend.crm.asking import Activities, DealsOf
from widget_backend.crm.records import Activity
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox import messages
from widget_backend.inbox.messages import Message, Record
from widget_backend.inbox.office import Office
from widget_backend.inbox.told import Touch


def work(office: Office, clinic: Clinic, record: Record, waiting: Sequence[Message]) -> None:
    """Raises :class:`VendorError`."""
    told = [(one, _deals(clinic, one)) for one in _activities(clinic, record, waiting) if one.incoming]
    with office.database.transaction() as session:
        for activity, deals in told:
            touch = _touch(record, activity, waiting)
            for deal in deals:
                # a call is told when it begins and when it ends: it is one
                key = f"touch:{touch.name}:{deal}"
                messages.post(session, clinic.id, Record("deal", deal), "incoming", "inbox", touch, key[:140])
        messages.close(session, waiting)


def _activities(clinic: Clinic, record: Record, waiting: Sequence[Message]) -> Sequence[Activity]:
    """What the events themselves tell, where nothing more can be read; else what the CRM says."""
    told = [message.told for message in waiting if isinstance(message.told, Activity)]
    if told and not told[-1].id:
        return told
    activities = Activities((record.remote_id,))
    return clinic.records.read(activities)[activities][:1]


def _deals(clinic: Clinic, activity: Activity) -> Sequence[str]:
    """The deals it is about; where it is about a patient only, his open ones."""
    theirs = [DealsOf(contact) for contact in activity.contacts]
    if activity.deals or not theirs:
        return activity.deals
    found = clinic.records.read(*theirs)
    return tuple(dict.fromkeys(deal.id for want in theirs for deal in found[want]))


def _touch(record: Record, activity: Activity, waiting: Sequence[Message]) -> Touch:
    """A conversation is one record with many messages: each has its own time."""
    stamp = int(activity.at.timestamp()) if activity.at else 0
    return Touch(f"{record.remote_id}:{stamp}", activity.channel, activity.at or waiting[-1].received_at)
