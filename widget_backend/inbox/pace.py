"""Pace: what a loud account tells gets its jobs a handful at a time, as they are done; the rest waits as messages, which cost
nobody anything.

A thousand jobs that find no place in their account's rate are taken up and put back a thousand times, and every look into the
queue, for whomever, goes past them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.inbox import messages
from widget_backend.inbox.office import Office

#: jobs of one account that are in hand at once, and seconds between two looks whether some are done
HANDFUL: Final = 10
EVERY: Final = 1.0


def keep(office: Office, installation_id: int) -> None:
    """Job, in scope: the next handful, and so on until every message has its job. What was tried already is left to the
    queue and to ``reconcile``."""
    if office.clinics.find(installation_id) is None:
        return  # they wait until the account is open to us again
    with office.database.transaction() as session:
        in_hand = jobs.in_hand(session, installation_id) - {messages.pace_lock(installation_id)}
        # those that have a job already may be among the oldest
        oldest = messages.idle(session, now(), HANDFUL + len(in_hand), tried=False)
        lacking = [one for one in oldest if messages.lock(installation_id, one) not in in_hand]
        for record in sorted(lacking[: max(0, HANDFUL - len(in_hand))]):
            messages.begin(session, installation_id, record)
        if oldest:
            messages.pace(session, installation_id, at=now() + timedelta(seconds=EVERY))
