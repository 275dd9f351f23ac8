"""Messages: what was told of a record, until it is worked on. The only writer of their table, but for ``receiving``'s insert.

A message is ``new``, then ``done``; one that cannot be worked on is ``dead``, with its cause, until somebody replays it.
Bodies and what is told may name people: sealed, and dropped after two weeks or with the clinic.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, Integer, String, delete, func, select, text, update
from sqlalchemy import Text as Words
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.inbox.told import Told, Touch, pack, unpack
from widget_backend.sealed import Sealed
from widget_backend.texts import Text

TASK: Final = "inbox.process"
#: gives a loud account's records their jobs
PACE: Final = "inbox.pace"
#: verb of what nobody told and we found ourselves; and of a patient who got in touch about a deal
FOUND: Final = "found"
INCOMING: Final = "incoming"
#: how long a finished message is kept; a dead one as long
LIFE: Final = timedelta(days=14)
#: entities a job is made for; the rest is only kept
WORKED_ON: Final = ("deal", "contact", "activity", "call")
#: calls of robots are worked on in the deal's own row
LOCKS: Final = {"call": "deal"}

_CODE: Final = re.compile(r"\b[0-9a-f]{8}\b")


class MessageRow(Owned):
    """One message. ``key``: the same one told twice has the same; ``body``: as it came, at the first of several that came in
    one; ``tries``: how often the CRM was away; ``cause``: by which dead ones are grouped."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        # few indexes, and small ones: an event is written while its CRM waits for the answer
        Index("inbox_message_key", "installation_id", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
        Index("inbox_message_received", "received_at", postgresql_using="brin"),
        Index("inbox_message_new", "installation_id", "entity", "remote_id", postgresql_where=text("state = 'new'")),
        Index("inbox_message_dead", "installation_id", "cause", postgresql_where=text("state = 'dead'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    # no foreign key: a burst of events would fight for the lock of their installation's one row
    installation_id: Mapped[int] = mapped_column()
    entity: Mapped[str] = mapped_column(String(16))
    remote_id: Mapped[str] = mapped_column(String(64))
    verb: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8), server_default="new")
    key: Mapped[str | None] = mapped_column(String(140))
    told_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    told: Mapped[str | None] = mapped_column(Sealed)
    body: Mapped[str | None] = mapped_column(Sealed)
    cause: Mapped[str] = mapped_column(String(16), server_default="")
    kind: Mapped[str] = mapped_column(String(100), server_default="")
    error_ru: Mapped[str] = mapped_column(Words, server_default="")
    error_en: Mapped[str] = mapped_column(Words, server_default="")


@dataclass(frozen=True, slots=True)
class Message:
    """One message that waits."""

    id: int
    verb: str
    tries: int
    received_at: datetime
    told: Told | None = None


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """Whom messages are about: the entity and its remote id."""

    entity: str
    remote_id: str


def lock(installation_id: int, record: Record) -> str:
    """What is worked on one by one."""
    return f"{installation_id}:{LOCKS.get(record.entity, record.entity)}:{record.remote_id}"


def queueing_lock(installation_id: int, record: Record) -> str:
    """By which many messages of a record that wait have one job."""
    return f"{installation_id}:{record.entity}:{record.remote_id}"


def pace_lock(installation_id: int) -> str:
    """By which a loud account has one job at a time that gives out others."""
    return f"{installation_id}:pace"


def waiting(session: Session, record: Record) -> Sequence[Message]:
    """What waits to be worked on of a record, the oldest first."""
    rows = session.execute(
        select(MessageRow)
        .where(_of(record), MessageRow.state == "new")
        .order_by(MessageRow.id)
        .execution_options(populate_existing=True)
    ).scalars()
    return [
        Message(row.id, row.verb, row.tries, row.received_at, unpack(row.told) if row.told else None) for row in rows
    ]


def close(session: Session, messages: Collection[Message]) -> None:
    """They are worked on."""
    _book(session, [message.id for message in messages], state="done", done_at=now())


def put_off(session: Session, messages: Collection[Message]) -> int:
    """The CRM was away; how often now, of the one that waits longest."""
    _book(session, [message.id for message in messages], tries=MessageRow.tries + 1)
    return max((message.tries + 1 for message in messages), default=0)


def bury(session: Session, messages: Collection[Message], kind: str, words: Text) -> None:
    """They cannot be worked on, for a cause that is the same for many."""
    told = {"kind": kind[:100], "error_ru": words.ru, "error_en": words.en, "cause": cause(kind, words)}
    _book(session, [message.id for message in messages], state="dead", done_at=now(), **told)


def cause(kind: str, words: Text) -> str:
    """The short name of a cause; a code for support in the words is another each time, and no other cause."""
    return hashlib.sha256(f"{kind}\0{_CODE.sub('', words.en)}".encode()).hexdigest()[:8]


def post(
    session: Session,
    installation_id: int,
    record: Record,
    verb: str,
    source: str,
    told: Told | None = None,
    key: str | None = None,
) -> bool:
    """Tell of a record from inside: a message and the job for it. False where one of this key was told before."""
    made = insert(MessageRow).values(
        installation_id=installation_id,
        entity=record.entity,
        remote_id=record.remote_id,
        verb=verb,
        source=source,
        key=key,
        told=pack(told) if told is not None else None,
        received_at=now(),
    )
    fresh = session.execute(made.on_conflict_do_nothing().returning(MessageRow.id)).scalar_one_or_none()
    if fresh is None:
        return False
    enqueue(session, installation_id, record)
    return True


def enqueue(session: Session, installation_id: int, *records: Record) -> None:
    """Have what waits of the records worked on; among a loud account's jobs, when their turn comes."""
    if jobs.here() == jobs.LOUD:
        pace(session, installation_id)
        return
    for record in sorted(records):  # in one order, as whoever makes jobs for many holds them until he has made the last
        begin(session, installation_id, record)


def pace(session: Session, installation_id: int, at: datetime | None = None) -> None:
    """Have what waits of a loud account given its jobs; not before then."""
    name = pace_lock(installation_id)
    jobs.enqueue(session, PACE, lock=name, queueing_lock=name, at=at, installation_id=installation_id)


def begin(session: Session, installation_id: int, record: Record) -> None:
    """A job for what waits of a record; one for any number of messages."""
    jobs.enqueue(
        session,
        TASK,
        lock=lock(installation_id, record),
        queueing_lock=queueing_lock(installation_id, record),
        installation_id=installation_id,
        entity=record.entity,
        remote_id=record.remote_id,
    )


def idle(session: Session, before: datetime, limit: int, *, tried: bool) -> Sequence[Record]:
    """Records with messages that came before then and wait still, the longest waiting first. ``tried``: those in whose time
    the CRM was away, or the others."""
    rows = session.execute(
        select(MessageRow.entity, MessageRow.remote_id)
        .where(
            MessageRow.state == "new",
            MessageRow.received_at < before,
            MessageRow.entity.in_(WORKED_ON),
            (MessageRow.tries > 0) == tried,
        )
        .group_by(MessageRow.entity, MessageRow.remote_id)
        .order_by(func.min(MessageRow.id))
        .limit(limit)
    )
    return [Record(entity, remote_id) for entity, remote_id in rows]


def told_of(session: Session, deals: Collection[str], since: datetime) -> frozenset[str]:
    """Those of these deals that the CRM itself has told of since then and that are not worked on yet."""
    rows = session.execute(
        select(MessageRow.remote_id).where(
            MessageRow.entity == "deal",
            MessageRow.state == "new",
            MessageRow.remote_id.in_(deals),
            MessageRow.source == "webhook",
            MessageRow.received_at > since,
        )
    )
    return frozenset(rows.scalars())


def last_told(session: Session, entity: str, ids: Collection[str], since: datetime) -> Mapping[str, datetime]:
    """When a message of each of these records last came since then; those of which none did are absent."""
    rows = session.execute(
        select(MessageRow.remote_id, func.max(MessageRow.received_at))
        .where(MessageRow.entity == entity, MessageRow.remote_id.in_(ids), MessageRow.received_at >= since)
        .group_by(MessageRow.remote_id)
    )
    return {row[0]: row[1] for row in rows}


def last_event(session: Session, since: datetime) -> datetime | None:
    """When the CRM last told something since then; ``None`` where it did not."""
    told = select(func.max(MessageRow.received_at)).where(
        MessageRow.source == "webhook", MessageRow.received_at >= since
    )
    return session.execute(told).scalar_one()


def count_waiting(session: Session) -> int:
    """How many messages wait to be worked on."""
    waiting_ = select(func.count()).where(MessageRow.state == "new", MessageRow.entity.in_(WORKED_ON))
    return session.execute(waiting_).scalar_one()


def touches_of(session: Session, deal: str, since: datetime) -> Sequence[Touch]:
    """The times since then that the patient of a deal is known to have got in touch."""
    rows = session.execute(
        select(MessageRow.told).where(
            MessageRow.entity == "deal",
            MessageRow.remote_id == deal,
            MessageRow.verb == INCOMING,
            MessageRow.received_at >= since,
        )
    )
    found = (unpack(told) for told in rows.scalars() if told)
    return [one for one in found if isinstance(one, Touch) and one.at >= since]


def prune(session: Session) -> int:
    """Drop what is old and not waiting any more; how many."""
    return _drop(session, MessageRow.received_at < now() - LIFE, MessageRow.state != "new")


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    return {MessageRow.__tablename__: _drop(session)}


def _of(record: Record) -> Any:
    return (MessageRow.entity == record.entity) & (MessageRow.remote_id == record.remote_id)


def _book(session: Session, ids: Sequence[int], **values: Any) -> None:
    booked = update(MessageRow).where(MessageRow.id.in_(ids), MessageRow.state == "new").values(**values)
    session.execute(booked.execution_options(synchronize_session=False))


def _drop(session: Session, *these: Any) -> int:
    gone = delete(MessageRow).where(*these).returning(MessageRow.id).execution_options(synchronize_session=False)
    return len(session.execute(gone).all())
