"""An account has removed us: access and personal data are wiped, a signed note stays, the CRM keeps what we made in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from installer.onboarding import wiping
from widget_backend import audit, jobs
from widget_backend.audit import Act
from widget_backend.clock import now
from widget_backend.config import ServerSettings
from widget_backend.crm import registry
from widget_backend.db import Database, scope
from widget_backend.errors import AccessLost
from widget_backend.tenancy import closing, installations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: until a removal that the account does not seem to know of yet is looked into once more, and until what was under way
#: during a removal has ended for sure
LATER: Final = timedelta(minutes=10)
#: how far an account's clock may be from ours
SKEW: Final = timedelta(minutes=3)


def hear_removal(database: Database, settings: ServerSettings, installation_id: int, at: datetime | None) -> None:
    """The account has proven that it said so ``at`` this moment. A CRM's messages wait in its queue: one that is not surely
    newer than the access we have may be of the time before, and the account itself is asked."""
    with database.transaction() as session:
        seen_at = installations.get(session, installation_id).seen_at
    if at is not None and seen_at + SKEW < at <= now() + SKEW:
        uninstall(database, settings, installation_id, "removed by the account")
    else:
        look_into_removal(database, installation_id)


def uninstall(database: Database, settings: ServerSettings, installation_id: int, reason: str) -> bool:
    """Wipe, once. False where that was done before."""
    with scope(installation_id), database.transaction() as session:
        installations.hold(session, installation_id)
        if installations.get(session, installation_id).status == "closed":
            return False
        act = Act("system", "system", "uninstall", f"installation:{installation_id}", reason)
        audit.record(session, installation_id, act)
        _enqueue(session, installation_id, again=False)
        return closing.close(session, settings.keys, installation_id, reason, wiping.forget(session))


def look_into_removal(database: Database, installation_id: int) -> None:
    """Somebody signed says that we were removed: look into it soon, once for any number of messages."""
    with database.transaction() as session:
        _enqueue(session, installation_id, again=True)


def confirm_removal(database: Database, settings: ServerSettings, installation_id: int, again: bool) -> None:
    """Job: a signed message can be replayed (amocrm.md §1.6) or late, so it counts when the account no longer lets us in. One
    that still does may not know yet: ``again`` looks once more. Of one that is gone, what was written by pages and jobs that
    were under way then is wiped too."""
    if _is_gone(database, installation_id):
        return
    account = registry.connect(database, settings, installation_id)
    try:
        account.structure.access()
    except AccessLost:
        if _is_shut_out(database, installation_id):
            uninstall(database, settings, installation_id, "removed by the account")
        return
    if again:
        with database.transaction() as session:
            _enqueue(session, installation_id, again=False)


def _is_gone(database: Database, installation_id: int) -> bool:
    with scope(installation_id), database.transaction() as session:
        installations.hold(session, installation_id)
        if installations.get(session, installation_id).status != "closed":
            return False
        wiping.forget(session)
    return True


def _is_shut_out(database: Database, installation_id: int) -> bool:
    """Whether neither our token nor its renewal is accepted: a right withheld is no removal."""
    with database.transaction() as session:
        return installations.get(session, installation_id).status == "reconnect"


def _enqueue(session: Session, installation_id: int, *, again: bool) -> None:
    name = f"{installation_id}:farewell:{again}"
    at = None if again else now() + LATER
    jobs.enqueue(session, "installer.farewell", queueing_lock=name, at=at, installation_id=installation_id, again=again)
