"""Dead letters, by cause: messages that could not be worked on, and jobs that gave up. Each group is replayed at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.db import ALL, scope
from widget_backend.errors import NotFound
from widget_backend.inbox import messages
from widget_backend.inbox.loudness import of_many
from widget_backend.inbox.messages import MessageRow, Record
from widget_backend.jobs import Letter
from widget_backend.texts import Text

GONE = Text(
    "Остановленных событий и заданий с такой причиной нет: их уже повторили или удалили. Ничего не сделано: обновите список.",
    "No stopped events or jobs have this cause: they were repeated or removed already. Nothing was done: reload the list.",
)


@dataclass(frozen=True, slots=True)
class Group:
    """All that stopped for one cause. ``what``: the event's entity or the job's task; ``cause``: the group's short name."""

    cause: str
    what: str
    kind: str
    message: Text
    count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """One message or job that stopped. ``number``: by which it is tried again; ``record``: remote id of whom it is about;
    ``firing``: whose run it is; both empty where it is about none."""

    number: str
    what: str
    record: str
    firing: int
    at: datetime | None


def groups(session: Session, installation_id: int) -> Sequence[Group]:
    """Of one installation, the largest first; in its scope."""
    found = [*_of_messages(session), *_of_jobs(session, installation_id)]
    return sorted(found, key=lambda group: (-group.count, group.cause))


def replay(session: Session, installation_id: int, cause: str) -> int:
    """Try a group again; how many. In scope of the installation. Raises :class:`NotFound` where there is no such group."""
    replayed = _replay_messages(session, installation_id, MessageRow.cause == cause)
    letters = [letter for letter in jobs.dead(session, installation_id) if _cause(letter) == cause]
    with of_many(len(letters)):
        for letter in letters:
            jobs.replay(session, letter.job_id)
    replayed += len(letters)
    if not replayed:
        raise NotFound(GONE)
    return replayed


def of_cause(session: Session, installation_id: int, cause: str, limit: int) -> Sequence[Stopped]:
    """What stopped for this cause, the newest first; in scope of the installation."""
    rows = select(MessageRow).where(MessageRow.state == "dead", MessageRow.cause == cause)
    newest = session.execute(rows.order_by(MessageRow.id.desc()).limit(limit)).scalars()
    found = [Stopped(f"m{row.id}", row.entity, row.remote_id, 0, row.received_at) for row in newest]
    for letter in jobs.dead(session, installation_id):
        if _cause(letter) == cause:
            told = letter.args
            about = str(told.get("deal") or told.get("deal_id") or told.get("remote_id") or "")
            found.append(Stopped(f"j{letter.job_id}", letter.task, about, int(told.get("firing_id") or 0), letter.at))
    return found[:limit]


def replay_one(session: Session, installation_id: int, number: str) -> None:
    """Try one of them again. In scope of the installation. Raises :class:`NotFound` where it has not stopped."""
    kind, digits = number[:1], number[1:]
    if not digits.isdecimal() or len(digits) > 18:
        raise NotFound(GONE)
    if kind == "m" and _replay_messages(session, installation_id, MessageRow.id == int(digits)):
        return
    ours = {letter.job_id for letter in jobs.dead(session, installation_id)} if kind == "j" else set()
    if int(digits) not in ours:
        raise NotFound(GONE)
    jobs.replay(session, int(digits))


def replay_firing(session: Session, installation_id: int, firing: int) -> bool:
    """Try the job of a robot's run again; whether it had stopped. In scope of the installation."""
    dead = [one for one in jobs.dead(session, installation_id) if one.args.get("firing_id") == firing]
    for letter in dead:
        jobs.replay(session, letter.job_id)
    return bool(dead)


def installations_with_letters(session: Session) -> Sequence[int]:
    """Whose letters there are, of all."""
    with scope(ALL):
        rows = session.execute(select(MessageRow.installation_id).where(MessageRow.state == "dead").distinct())
        found = set(rows.scalars())
    of_jobs = (letter.args.get("installation_id") for letter in jobs.dead(session))
    return sorted(found | {number for number in of_jobs if isinstance(number, int)})


def _of_messages(session: Session) -> Iterator[Group]:
    rows = session.execute(
        select(
            MessageRow.cause,
            func.min(MessageRow.entity),
            MessageRow.kind,
            func.min(MessageRow.error_ru),
            func.min(MessageRow.error_en),
            func.count(),
            func.min(MessageRow.received_at),
            func.max(MessageRow.received_at),
        )
        .where(MessageRow.state == "dead")
        .group_by(MessageRow.cause, MessageRow.kind)
    )
    for cause, entity, kind, ru, en, count, first, last in rows:
        yield Group(cause, entity, kind, Text(ru, en), count, first, last)


def _of_jobs(session: Session, installation_id: int) -> Iterator[Group]:
    letters: dict[str, list[Letter]] = defaultdict(list)
    for letter in jobs.dead(session, installation_id):
        letters[_cause(letter)].append(letter)
    for cause, group in letters.items():
        moments = [letter.at for letter in group if letter.at is not None]
        last = group[0]
        yield Group(
            *(cause, last.task, last.kind, last.message, len(group)),
            min(moments, default=None),
            max(moments, default=None),
        )


def _cause(letter: Letter) -> str:
    return messages.cause(f"{letter.task} {letter.kind}", letter.message)


def _replay_messages(session: Session, installation_id: int, these: ColumnElement[bool]) -> int:
    anew = (
        update(MessageRow)
        .where(MessageRow.state == "dead", these)
        .values(state="new", done_at=None, tries=0)
        .returning(MessageRow.entity, MessageRow.remote_id)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(anew).all()
    records = {Record(entity, remote_id) for entity, remote_id in rows}
    with of_many(len(records)):
        messages.enqueue(session, installation_id, *records)
    return len(rows)
