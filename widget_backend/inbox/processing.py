"""Processing: the messages of one record are worked on together: it is read anew, what is new is stored, what follows begins.

No transaction is open while the CRM is asked; one closes the messages with their effect, so that a job may run twice. What
cannot be done now (the CRM is away, a bill is due) leaves the messages waiting; ``reconcile`` has them tried again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError

from widget_backend.db import Database
from widget_backend.deals.clinic import NOT_SET_UP, Clinic
from widget_backend.errors import AccessLost, AppError, Conflict, RateLimited, Unavailable
from widget_backend.inbox import calls, contacts, deals, messages, touches
from widget_backend.inbox.messages import Message, Record
from widget_backend.inbox.office import Office
from widget_backend.tenancy.standing import HeldUp
from widget_backend.texts import Text

#: how often a CRM that is away is asked before its messages wait for better times
PATIENCE: Final = 5

UNEXPECTED = Text(
    "Непредвиденная ошибка на нашей стороне при разборе события. Событие сохранено, остальные работают: нажмите «Повторить»; "
    "если повторится, пришлите нам код из журнала.",
    "An unexpected error on our side while an event was worked on. The event is kept, the others go on: press “Repeat”; if it "
    "happens again, send us the code from the log.",
)

log = logging.getLogger(__name__)

#: entity -> how its messages are worked on
WAYS: Final[Mapping[str, Callable[[Office, Clinic, Record, Sequence[Message]], None]]] = {
    "deal": deals.work,
    "contact": contacts.work,
    "activity": touches.work,
    "call": calls.work,
}


def process(office: Office, installation_id: int, entity: str, remote_id: str) -> None:
    """Job, in scope: work on what waits of a record. Raises what the worker is to try again."""
    record = Record(entity, remote_id)
    waiting = _waiting(office.database, record)
    if not waiting:
        return
    try:
        clinic = office.clinics.open(installation_id)
        WAYS[entity](office, clinic, record, waiting)
    except (HeldUp, AccessLost):
        return  # they wait until the account is open to us again
    except (RateLimited, OperationalError, InterfaceError):
        raise
    except Unavailable:
        if _put_off(office.database, waiting) < PATIENCE:
            raise
    except Exception as error:
        if isinstance(error, Conflict) and error.message == NOT_SET_UP:
            return
        _bury(office.database, record, waiting, error)


def _waiting(database: Database, record: Record) -> Sequence[Message]:
    with database.transaction() as session:
        return messages.waiting(session, record)


def _put_off(database: Database, waiting: Sequence[Message]) -> int:
    with database.transaction() as session:
        return messages.put_off(session, waiting)


def _bury(database: Database, record: Record, waiting: Sequence[Message], error: Exception) -> None:
    """A message that cannot be worked on must not hold up what comes after it."""
    said = error if isinstance(error, AppError) else AppError(UNEXPECTED, code=secrets.token_hex(4))
    log.error(
        "messages dead entity=%s id=%s count=%s error=%s details=%s",
        *(record.entity, record.remote_id, len(waiting), type(error).__name__, said.details),
        exc_info=None if isinstance(error, AppError) else error,
    )
    with database.transaction() as session:
        messages.bury(session, waiting, type(error).__name__, said.message)
