"""Directory: whose account a message is from, remembered for a few seconds, so that a burst asks the database once."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Final

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.db import Database
from widget_backend.errors import AppError
from widget_backend.inbox.loudness import Loudness
from widget_backend.tenancy import installations
from widget_backend.texts import Text

#: seconds; an account that was removed may still be heard for so long, and is wiped once more afterwards
FRESH: Final = 5.0
MOST: Final = 20_000

AWAY = Text(
    "Хранилище недоступно, событие не сохранено. Ничего не сделано: пришлите его ещё раз через несколько минут.",
    "The storage is away, the event was not stored. Nothing was done: send it again in some minutes.",
)


class StorageAway(AppError):
    """Nothing could be stored."""

    status: ClassVar[int] = 503


@contextmanager
def storing() -> Iterator[None]:
    """Raises :class:`StorageAway` where the database is away."""
    try:
        yield
    except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError) as fault:
        raise StorageAway(AWAY) from fault


@dataclass(frozen=True, slots=True)
class Sender:
    """An installation as far as its messages need it. ``secret``: what proves them, empty where none is kept."""

    id: int
    account: str
    host: str
    secret: str = field(repr=False)
    active: bool


class Directory:
    """Of one process; used by its threads at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.loudness = Loudness()
        self._known: dict[tuple[str, str], tuple[float, Sender | None]] = {}

    def find(self, vendor: str, account: str, *, anew: bool = False) -> Sender | None:
        """The installation in this account, if it is connected. ``anew``: do not rely on what is remembered.

        Raises :class:`StorageAway`.
        """
        until, sender = self._known.get((vendor, account), (0.0, None))
        if time.monotonic() < until and not anew:
            return sender
        with storing():
            sender = self._read(vendor, account)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[vendor, account] = (time.monotonic() + FRESH, sender)
        return sender

    def _read(self, vendor: str, account: str) -> Sender | None:
        with self.database.transaction() as session:
            info = installations.by_account(session, vendor, account)
        if info is None or info.status == "closed":
            return None
        return Sender(info.id, info.account, info.host, info.application_token, info.status == "active")


def action_key(secret: str) -> str:
    """What an action of ours on a stage of amoCRM proves itself by (amocrm.md §5.4): its settings are read by every
    administrator, so they hold no secret that is good for more."""
    return hmac.digest(secret.encode(), b"digital pipeline", "sha256").hex()[:32] if secret else ""
