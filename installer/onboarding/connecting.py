"""An account is connected, new or come again: what is written stands or falls in one transaction. Safe to repeat."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import InterfaceError, OperationalError

from installer.onboarding import wiping
from installer.wizard import draft, plans
from widget_backend import audit, jobs
from widget_backend.audit import Act
from widget_backend.clock import now
from widget_backend.config import ServerSettings
from widget_backend.crm import registry
from widget_backend.crm.registry import VENDORS
from widget_backend.db import Database, scope
from widget_backend.errors import AccessLost, Forbidden
from widget_backend.security import once
from widget_backend.security.sealing import Sealer
from widget_backend.tenancy import installations, tokens
from widget_backend.tenancy.grants import Grant
from widget_backend.texts import Language, Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: how long a code could still be used, so that it has to be remembered (amocrm.md §1.2)
CODE_LIFE: Final = timedelta(minutes=20)

NOT_ADMIN = Text(
    "Подключить CRM может только её администратор. Ничего не сохранено: попросите администратора нажать «Установить».",
    "Only an administrator of the CRM may connect it. Nothing was stored: ask an administrator to press “Install”.",
)


def connect(database: Database, grant: Grant, language: Language) -> int:
    """Take in the account behind an administrator's grant, and have its plan made. The installation.

    While the database is away we hold on to the grant and try again: its code is spent, and the pair exists nowhere else.
    """
    for pause in tokens.STORE_PAUSES:
        try:
            return _connect(database, grant, language)
        except (OperationalError, InterfaceError):
            time.sleep(pause)
    return _connect(database, grant, language)


def _connect(database: Database, grant: Grant, language: Language) -> int:
    with database.transaction() as session:
        was_closed = _is_closed(session, grant)
        installation_id = installations.connect(session, grant, language)
        with scope(installation_id):
            if was_closed:
                # a page or a job that was under way when the account went may have written after the wiping
                wiping.forget(session)
            tokens.save(session, installation_id, grant)
            _remember(session, installation_id, grant)
            act = Act(grant.user_id, "admin", "install", f"installation:{installation_id}", "connect the CRM")
            audit.record(session, installation_id, act, {"scopes": sorted(grant.scopes)})
            _begin(session, installation_id)
    return installation_id


def renew(database: Database, installation_id: int) -> None:
    """Another version was put in: what the CRM forgot by that is bound again, and planned anew."""
    with scope(installation_id), database.transaction() as session:
        act = Act("system", "system", "update", f"installation:{installation_id}", "another version")
        audit.record(session, installation_id, act)
        _begin(session, installation_id)


def keep_application_token(database: Database, installation_id: int, token: str) -> None:
    """Keep what proves the account's events; the caller has proven who brought it."""
    with database.transaction() as session:
        installations.keep_application_token(session, installation_id, token)


def accept(database: Database, settings: ServerSettings, vendor: str, answer: Mapping[str, str]) -> None:
    """Leave the exchange of ``answer["code"]`` to a job, which gets it sealed. Raises :class:`Forbidden` for a used one."""
    sealed = Sealer(settings.keys).seal(json.dumps(dict(answer)))
    with database.transaction() as session:
        once.spend(session, f"{vendor} code", answer["code"], now() + CODE_LIFE)
        jobs.enqueue(session, "installer.connect", vendor=vendor, sealed=sealed)


def spend(database: Database, vendor: str, **used: str) -> None:
    """Use up a code and a state before anything is sent for them. Raises :class:`Forbidden` the second time."""
    with database.transaction() as session:
        for name, value in used.items():
            once.spend(session, f"{vendor} {name}", value, now() + CODE_LIFE)


def exchange(database: Database, settings: ServerSettings, vendor: str, sealed: str) -> None:
    """Job: the grant for a code that came without a browser. Raises :class:`Forbidden`, :class:`VendorError`."""
    oauth = registry.oauth(database, settings, vendor)
    grant = oauth.exchange(json.loads(Sealer(settings.keys).open(sealed)))
    if not oauth.is_admin(grant):
        raise Forbidden(NOT_ADMIN)
    connect(database, grant, settings.language)


def announce(database: Database, settings: ServerSettings, installation_id: int) -> None:
    """Job: have the account tell us of the application's own life. Access that is lost says so by itself."""
    account = registry.connect(database, settings, installation_id)
    try:
        VENDORS[account.door.vendor].announce(account.connection, account.door)
    except AccessLost:
        return


def _is_closed(session: Session, grant: Grant) -> bool:
    """Whether the account had gone, held against another who brings it back at the same moment."""
    known = installations.by_account(session, grant.vendor, grant.account)
    if known is None:
        return False
    installations.hold(session, known.id)
    return installations.get(session, known.id).status == "closed"


def _remember(session: Session, installation_id: int, grant: Grant) -> None:
    info = installations.get(session, installation_id)
    installations.configure(
        session, installation_id, owner=info.settings.get("owner") or grant.user_id, paid=grant.paid
    )
    if VENDORS[grant.vendor].we_name_secret and not info.application_token:
        installations.keep_application_token(session, installation_id, secrets.token_hex(16))


def _begin(session: Session, installation_id: int) -> None:
    name = f"{installation_id}:announce"
    lock = f"{installation_id}:crm"
    jobs.enqueue(session, "installer.announce", lock=lock, queueing_lock=name, installation_id=installation_id)
    plans.ask(session, installation_id)
    if draft.load(session).step == "result":
        # what the CRM forgot since is in the plan, not in the old result
        draft.go(session, installation_id, "plan")
