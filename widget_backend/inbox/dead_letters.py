"""Dead letters, by cause: messages that could not be worked on, and jobs that gave up. Each group is replayed at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.db import ALL, scope
from widget_backend.errors import NotFound
from widget_backend.inbox import messages
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


def groups(session: Session, installation_id: int) -> Sequence[Group]:
    """Of one installation, the largest first; in its scope."""
    found = [*_of_messages(session), *_of_jobs(session, installation_id)]
    return sorted(found, key=lambda group: (-group.count, group.cause))


def replay(session: Session, installation_id: int, cause: str) -> int:
    """Try a group again; how many. In scope of the installation. Raises :class:`NotFound` where there is no such group."""
    replayed = _replay_messages(session, installation_id, cause)
    for letter in jobs.dead(session, installation_id):
        if _cause(letter) == cause:
            jobs.replay(session, letter.job_id)
            replayed += 1
    if not replayed:
        raise NotFound(GONE)
    return replayed


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


def _replay_messages(session: Session, installation_id: int, cause: str) -> int:
    anew = (
        update(MessageRow)
        .where(MessageRow.state == "dead", MessageRow.cause == cause)
        .values(state="new", done_at=None, tries=0)
        .returning(MessageRow.entity, MessageRow.remote_id)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(anew).all()
    for entity, remote_id in sorted({tuple(row) for row in rows}):
        messages.enqueue(session, installation_id, Record(entity, remote_id))
    return len(rows)
