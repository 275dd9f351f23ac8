"""Somebody opens our page in the CRM: an administrator connects the account by that, others may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from installer.onboarding.connecting import connect
from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.crm.port import OAuth
from widget_backend.crm.registry import VENDORS
from widget_backend.db import Database, scope
from widget_backend.errors import Forbidden, VendorError
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import installations, roles, standing, tokens
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.standing import HeldUp
from widget_backend.texts import Language, Text

ASK_ADMIN = Text(
    "Приложение в этом аккаунте ещё не настроено. Ничего не сохранено: попросите администратора CRM открыть его и пройти "
    "установку.",
    "The application is not set up in this account yet. Nothing was stored: ask an administrator of the CRM to open it and "
    "install it.",
)
NO_KEY = Text(
    "CRM открыла страницу без ключа, которым подключаются. Ничего не сохранено: закройте её и откройте приложение из меню CRM "
    "ещё раз.",
    "The CRM opened the page without the key that connects it. Nothing was stored: close it and open the application from the "
    "CRM's menu once more.",
)
FOREIGN_TOKEN = Text(
    "Метка приложения не совпала с сохранённой. Ничего не сохранено: попросите администратора открыть приложение из CRM.",
    "The application's token is not the one we keep. Nothing was stored: ask an administrator to open the application from "
    "the CRM.",
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has opened a page of ours, proven by ``grant``. ``install``: it is the installer's page. ``placement`` and
    ``entity``: where in the CRM, and on which record."""

    grant: Grant
    language: Language
    install: bool = False
    placement: str = ""
    entity: str = ""


def prove(oauth: OAuth, answer: Mapping[str, str]) -> Grant:
    """The grant behind a request's fields. Raises what :meth:`OAuth.exchange` does, and :class:`HeldUp` for an unpaid bill.

    Nothing is booked for the latter: whose bill it is, nobody has proven.
    """
    try:
        return oauth.exchange(answer)
    except VendorError as error:
        if any(vendor.loss(error) == "unpaid" for vendor in VENDORS.values() if vendor.key == error.vendor):
            raise HeldUp(*standing.PAUSED) from error
        raise


def receive(database: Database, oauth: OAuth, arrival: Arrival) -> Visit:
    """Let in who has come. Raises :class:`HeldUp`, :class:`Forbidden`, :class:`VendorError`."""
    grant = arrival.grant
    with database.transaction() as session:
        known = installations.by_account(session, grant.vendor, grant.account)
    is_admin = _ask_whether_admin(database, oauth, grant, known)
    if not is_admin:
        _check_known(known, grant)
    # a pair that could not be renewed is no access, and must not take the place of one
    if is_admin and grant.refresh and (known is None or arrival.install or not _stands(database, known)):
        installation_id = connect(database, grant, arrival.language)
    elif known is None or known.status == "closed":
        raise Forbidden(NO_KEY)
    else:
        installation_id = known.id
        _resume(database, known)
    return _enter(database, installation_id, arrival, is_admin=is_admin)


def _ask_whether_admin(database: Database, oauth: OAuth, grant: Grant, known: InstallationInfo | None) -> bool:
    """Asked of the account itself, which lets nobody in while a bill is due."""
    try:
        return oauth.is_admin(grant)
    except VendorError as error:
        if VENDORS[grant.vendor].loss(error) != "unpaid":
            raise
        if known is not None:
            with database.transaction() as session:
                installations.pause(session, known.id)
        raise HeldUp(*standing.PAUSED) from error


def _check_known(known: InstallationInfo | None, grant: Grant) -> None:
    """An ordinary user neither connects an account nor brings it a new application token."""
    if known is None or known.status == "closed":
        raise Forbidden(ASK_ADMIN)
    if grant.application_token and known.application_token not in ("", grant.application_token):
        raise Forbidden(FOREIGN_TOKEN)


def _stands(database: Database, known: InstallationInfo) -> bool:
    """Whether the access we have may stay: it is not taken over by whichever administrator looks in."""
    with scope(known.id), database.transaction() as session:
        return known.status in ("connecting", "active", "paused") and tokens.load(session) is not None


def _resume(database: Database, known: InstallationInfo) -> None:
    """The account has just answered, so the bill is paid."""
    if known.status == "paused":
        with database.transaction() as session:
            installations.resume(session, known.id)


def _enter(database: Database, installation_id: int, arrival: Arrival, *, is_admin: bool) -> Visit:
    user_id = arrival.grant.user_id
    with scope(installation_id), database.transaction() as session:
        info = installations.get(session, installation_id)
        standing.check(info)
        role = roles.role_of(info.settings, user_id, is_admin=is_admin)
        act = Act(user_id, role, "login", f"installation:{installation_id}", arrival.placement)
        audit.record(session, installation_id, act)
    return Visit(installation_id, user_id, role, arrival.language, arrival.placement, arrival.entity)
