"""A widget of ours in the CRM's page asks for a page of its own: a one-time ticket for whom the CRM has named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.clock import now
from widget_backend.config import ServerSettings
from widget_backend.crm import registry
from widget_backend.db import Database, scope
from widget_backend.security import once, tickets
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import roles, standing, tokens
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Language

#: what such a ticket is good for, and nothing else
FRAME: Final = "frame"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom the CRM's signed token names. ``number``: of the token, good once until ``until``. ``is_admin``: ``None`` where it
    does not say. ``entity``: on which record the page is opened."""

    user_id: str
    number: str
    until: datetime
    language: Language
    is_admin: bool | None = None
    entity: str = ""


def admit(database: Database, settings: ServerSettings, info: InstallationInfo, guest: Guest) -> Visit:
    """Who asks, once for each token. Raises :class:`HeldUp`; :class:`Forbidden` for a token shown before."""
    with database.transaction() as session:
        once.spend(session, f"{info.vendor} token", guest.number, guest.until)
    standing.check(info)
    is_admin = _ask(database, settings, info, guest) if guest.is_admin is None else guest.is_admin
    role = roles.role_of(info.settings, guest.user_id, is_admin=is_admin)
    return Visit(info.id, guest.user_id, role, guest.language, entity=guest.entity)


def invite(database: Database, settings: ServerSettings, info: InstallationInfo, guest: Guest) -> str:
    """A ticket for a minute and one use. Raises as :func:`admit` does."""
    return ticket(database, admit(database, settings, info, guest))


def ticket(database: Database, visit: Visit) -> str:
    """A ticket for a frame, for a visit that is proven; noted as a login."""
    with scope(visit.installation_id), database.transaction() as session:
        act = Act(visit.user_id, visit.role, "login", f"installation:{visit.installation_id}", "ticket")
        audit.record(session, visit.installation_id, act)
        return tickets.issue(session, replace(visit, placement=FRAME))


def _ask(database: Database, settings: ServerSettings, info: InstallationInfo, guest: Guest) -> bool:
    oauth = registry.oauth(database, settings, info.vendor, info.host)
    access = tokens.fresh(database, oauth, info.id)
    return oauth.is_admin(Grant(info.vendor, info.account, info.host, info.base_url, access, "", now(), guest.user_id))
