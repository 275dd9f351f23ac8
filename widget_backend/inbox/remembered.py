"""Remembered: patients who got in touch, contacts that changed and deals that were deleted, where nobody told us of it.

Each becomes a message like any other. A deal whose deletion no CRM lists is found gone when it was not read for long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.asking import Deals
from widget_backend.crm.records import Touched
from widget_backend.deals import contact_state, deal_state, stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.inbox import marks, messages
from widget_backend.inbox.deals import OVERLAP
from widget_backend.inbox.loudness import of_many
from widget_backend.inbox.messages import FOUND, Record
from widget_backend.inbox.office import Office
from widget_backend.inbox.touches import SLACK

#: an open deal that was not read for so long is looked for
UNREAD: Final = timedelta(days=1)
#: a CRM may tell its times in whole seconds
ROUNDED: Final = timedelta(seconds=2)
#: deals that are looked for at once; the rest waits for the next time
MOST: Final = 100


def take(office: Office, clinic: Clinic) -> None:
    """What the CRM lists. Raises :class:`VendorError`; where it breaks off, the next time begins where this one did."""
    settled = now() - office.grace
    with office.database.transaction() as session:
        until = marks.touched_until(session) or stage_history.followed_since(session, clinic.id)
    newest = until
    for touches in clinic.records.touched(until - OVERLAP):
        old = {one: one.at for one in touches if one.at is not None and one.at <= settled}
        with office.database.transaction() as session:
            unheard = list(_unheard(session, old))
            with of_many(len(unheard)):
                for touched in unheard:
                    _post(session, clinic.id, touched)
        newest = max(newest, *old.values()) if old else newest
    with office.database.transaction() as session:
        marks.advance(session, clinic.id, touched_until=newest)


def look_after(office: Office, clinic: Clinic) -> None:
    """Open deals nobody has told of for long: gone, changed, or as they were. Raises :class:`VendorError`."""
    read_at = now()
    with office.database.transaction() as session:
        known = deal_state.unread(session, read_at - UNREAD, MOST)
    if not known:
        return
    wanted = Deals(tuple(one.deal for one in known))
    there = {deal.id: deal.updated_at for deal in clinic.records.read(wanted)[wanted]}
    same = [one.deal for one in known if one.deal in there and there[one.deal] == one.updated_at]
    others = [one.deal for one in known if one.deal not in same]
    with office.database.transaction() as session, of_many(len(others)):
        deal_state.confirm(session, same, read_at)
        for deal in others:
            key = f"unread:{deal}:{read_at:%Y%m%d}"
            messages.post(session, clinic.id, Record("deal", deal), FOUND, "reconcile", None, key)


def _post(session: Session, installation_id: int, touched: Touched) -> None:
    record, stamp = Record(touched.entity, touched.id), f"{touched.at:%Y%m%d%H%M%S}"
    key = f"touched:{touched.entity}:{touched.id}:{stamp}"
    messages.post(session, installation_id, record, FOUND, "reconcile", touched.activity, key[:140])


def _unheard(session: Session, touches: Mapping[Touched, datetime]) -> Iterator[Touched]:
    """What nobody has told, nor have we read since."""
    for entity, is_heard in HEARD.items():
        of_kind = {one: moment for one, moment in touches.items() if one.entity == entity}
        if of_kind:
            heard = is_heard(session, of_kind)
            yield from (one for one in of_kind if one not in heard)


def _contacts(session: Session, touches: Mapping[Touched, datetime]) -> Sequence[Touched]:
    read = contact_state.read_at(session, [one.id for one in touches])
    return [one for one, moment in touches.items() if one.id in read and read[one.id] > moment + ROUNDED]


def _activities(session: Session, touches: Mapping[Touched, datetime]) -> Sequence[Touched]:
    """A CRM tells as soon as it happens, or never."""
    begin = min(touches.values()) - SLACK
    told = messages.last_told(session, "activity", [one.id for one in touches], begin)
    return [one for one, moment in touches.items() if one.id in told and told[one.id] >= moment - SLACK]


def _deals(session: Session, touches: Mapping[Touched, datetime]) -> Sequence[Touched]:
    known = deal_state.load_all(session, [one.id for one in touches])
    return [one for one in touches if one.id not in known or known[one.id].gone]


HEARD: Final[Mapping[str, Callable[[Session, Mapping[Touched, datetime]], Sequence[Touched]]]] = {
    "contact": _contacts,
    "activity": _activities,
    "deal": _deals,
}
