"""Messages of calls, messages and letters: those of a patient are told to the deals they are about, or to his open ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.crm.asking import Activities, DealsOf
from widget_backend.crm.records import Activity
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox import messages
from widget_backend.inbox.messages import FOUND, INCOMING, Message, Record
from widget_backend.inbox.office import Office
from widget_backend.inbox.told import Touch

#: clocks differ, and a CRM tells of one message in several ways
SLACK: Final = timedelta(seconds=60)


def work(office: Office, clinic: Clinic, record: Record, waiting: Sequence[Message]) -> None:
    """Raises :class:`VendorError`."""
    is_found = all(message.verb == FOUND for message in waiting)
    told = [(one, _deals(clinic, one)) for one in _activities(clinic, record, waiting) if one.incoming]
    with office.database.transaction() as session:
        for activity, deals in told:
            touch = _touch(record, activity, waiting)
            for deal in deals:
                if is_found and _is_known(session, activity, deal):
                    continue
                # a call is told when it begins and when it ends: it is one
                key = f"touch:{touch.name}:{deal}"
                messages.post(session, clinic.id, Record("deal", deal), INCOMING, "inbox", touch, key[:140])
        messages.close(session, waiting)


def _is_known(session: Session, activity: Activity, deal: str) -> bool:
    """Whether the deal was told already, by an event that gives it another name."""
    if activity.at is None:
        return False
    theirs = messages.touches_of(session, deal, activity.at - SLACK)
    return any(one.channel == activity.channel and one.at <= activity.at + SLACK for one in theirs)


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
