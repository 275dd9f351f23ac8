"""One refresh for all processes of all machines.

A refresh token may work a single time, so of all who find the access token near its end one refreshes, under a lock that
dies with its holder; the others wait for the new pair, which is stored before anybody uses it. No transaction is open
while the vendor is asked. A pair lost between answer and store (kill -9) is asked for once more with the old refresh
token, and a refusal ends in *reconnect*: after it no one asks the vendor again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.clock import now
from widget_backend.db import Database, scope
from widget_backend.errors import AccessLost, Conflict, Unavailable
from widget_backend.locks import exclusive
from widget_backend.tenancy import installations
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.tokens.store import Tokens, load, renew
from widget_backend.texts import Text

#: an access token that ends within this is as good as ended
MARGIN: Final = timedelta(seconds=60)
#: seconds that somebody waits for another's refresh: longer than one request to a vendor may take
PATIENCE: Final = 100.0
#: seconds between tries to store a new pair while the database is away; the pair exists nowhere else
STORE_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)

LOST = Text(
    "CRM больше не принимает наш доступ. В CRM ничего не менялось, настройки сохранены: откройте приложение в CRM под "
    "администратором и подключите его заново.",
    "The CRM no longer accepts our access. Nothing was changed in the CRM and the settings are kept: open the application in "
    "the CRM as an administrator and connect it again.",
)
BUSY = Text(
    "Доступ к CRM сейчас обновляется и занял слишком долго. Ничего не потеряно: повторите через минуту.",
    "Access to the CRM is being renewed and takes too long. Nothing is lost: try again in a minute.",
)


class Refresher(Protocol):
    """The part of a vendor's OAuth that is needed here."""

    def refresh(self, token: Tokens, host: str) -> Grant:
        """A new pair. Raises :class:`AccessLost` where only new consent helps, :class:`Unavailable` where nobody knows."""
        ...


Usable = Callable[[Tokens], bool]


def fresh(database: Database, oauth: Refresher, installation_id: int) -> str:
    """An access token good for a minute at least. Raises :class:`AccessLost`, :class:`Unavailable`; never inside a
    transaction, for it may ask the vendor."""
    return _access(database, oauth, installation_id, lambda pair: pair.expires_at - now() > MARGIN)


def admitted(database: Database, oauth: Refresher, installation_id: int) -> tuple[InstallationInfo, str]:
    """The installation as it is now, and what :func:`fresh` gives; raises what that raises."""
    info, pair = _read(database, installation_id)
    if pair.expires_at - now() > MARGIN:
        return info, pair.access
    access = fresh(database, oauth, installation_id)
    return _read(database, installation_id)[0], access  # the vendor may have told a new address


def force_refresh(database: Database, oauth: Refresher, installation_id: int, refused: str) -> str:
    """Another access token than ``refused``, which the CRM answered with 401: refreshed once, by whoever comes first."""
    return _access(database, oauth, installation_id, lambda pair: pair.access != refused)


def keep_alive(database: Database, oauth: Refresher, installation_id: int, before: datetime) -> None:
    """Renew a pair that has idled since before then, so that its refresh token does not die of age."""
    _access(database, oauth, installation_id, lambda pair: pair.refreshed_at >= before)


def _access(database: Database, oauth: Refresher, installation_id: int, usable: Usable) -> str:
    patient_until = time.monotonic() + PATIENCE
    pause = 0.03
    while True:
        info, pair = _read(database, installation_id)
        if usable(pair):
            return pair.access
        with ExitStack() as held:
            try:
                held.enter_context(exclusive(database, f"token:{installation_id}"))
            except Conflict:
                if time.monotonic() > patient_until:
                    raise Unavailable(BUSY, vendor=info.vendor, operation="oauth.refresh") from None
            else:
                return _refreshed(database, oauth, installation_id, usable)
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311
        pause = min(0.5, pause * 1.5)


def _read(database: Database, installation_id: int) -> tuple[InstallationInfo, Tokens]:
    with scope(installation_id), database.transaction() as session:
        info = installations.get(session, installation_id)
        pair = load(session)
    if pair is None or info.status in ("reconnect", "closed"):
        raise AccessLost(LOST, vendor=info.vendor, operation="oauth.refresh")
    return info, pair


def _refreshed(database: Database, oauth: Refresher, installation_id: int, usable: Usable) -> str:
    """Under the lock: read again, for another may have been here before us, and only then ask the vendor."""
    info, pair = _read(database, installation_id)
    if usable(pair):
        return pair.access
    try:
        grant = oauth.refresh(pair, info.host)
        if grant.account and (grant.vendor, grant.account) != (info.vendor, info.account):
            raise AccessLost(LOST, vendor=info.vendor, operation="oauth.refresh", words="another account's tokens")
    except AccessLost:
        newer = _lose(database, installation_id, pair.generation)
        if newer is None:
            raise
        return newer
    return _stored(database, info, pair, grant)


def _lose(database: Database, installation_id: int, generation: int) -> str | None:
    """Only new consent helps; if it was given in the meantime, its access token."""
    with scope(installation_id), database.transaction() as session:
        installations.hold(
            session, installation_id
        )  # a consent that comes in right now is either seen here or comes after
        pair = load(session)
        if pair is not None and pair.generation != generation:
            return pair.access
        installations.need_reconnect(session, installation_id)
    return None


def _stored(database: Database, info: InstallationInfo, pair: Tokens, grant: Grant) -> str:
    """The new access token, once its pair is safe. While the database is away we hold on to the pair and try again."""
    for pause in STORE_PAUSES:
        try:
            return _store(database, info, pair, grant)
        except (OperationalError, InterfaceError):
            time.sleep(pause)
    return _store(database, info, pair, grant)


def _store(database: Database, info: InstallationInfo, pair: Tokens, grant: Grant) -> str:
    with scope(info.id), database.transaction() as session:
        if not renew(session, pair.generation, grant):
            newer = load(session)  # consent was given anew while we asked: that pair stands, ours is let go
            if newer is None:
                raise AccessLost(LOST, vendor=info.vendor, operation="oauth.refresh")
            return newer.access
        # where our lock died with a database that was started anew, another may have shown the spent token and been refused
        installations.regain(session, info.id)
        if grant.host and (grant.host, grant.base_url) != (info.host, info.base_url):
            installations.move(session, info.id, grant.host, grant.base_url)
    return grant.access
