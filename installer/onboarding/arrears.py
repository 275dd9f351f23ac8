"""The bill of an account: looked at when a hint comes, and every hour while it is due, as a hint may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widget_backend import jobs
from widget_backend.config import ServerSettings
from widget_backend.crm import registry
from widget_backend.db import Database
from widget_backend.errors import RateLimited, Unavailable, VendorError
from widget_backend.tenancy import installations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def ask_standing(database: Database, installation_id: int) -> None:
    """Have it looked at soon, once for any number of hints."""
    with database.transaction() as session:
        _ask(session, installation_id)


def reread_paused(database: Database) -> None:
    """Job, every hour: whether those in arrears have paid."""
    with database.transaction() as session:
        for installation_id in installations.standing(session, "paused"):
            _ask(session, installation_id)


def reread_standing(database: Database, settings: ServerSettings, installation_id: int) -> None:
    """Job: speak to the account. A refusal becomes its status by itself; an answer ends a pause."""
    account = registry.connect(database, settings, installation_id)
    try:
        account.structure.access()
    except (Unavailable, RateLimited):
        raise
    except VendorError:
        return
    with database.transaction() as session:
        installations.resume(session, installation_id)


def _ask(session: Session, installation_id: int) -> None:
    name = f"{installation_id}:standing"
    jobs.enqueue(session, "installer.standing", lock=name, queueing_lock=name, installation_id=installation_id)
