"""Depth: the calls behind an entry: what was written to the CRM, what it answered, and the requests of those seconds.

No body is shown: what was written may name a patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend.deals import effect_log
from widget_backend.deals.copying import lineage
from widget_backend.deals.copying.lineage import CopyRow
from widget_backend.deals.effect_log import Effect
from widget_backend.deals.routing.decision_log import DecisionRow
from widget_backend.errors import NotFound
from widget_backend.journal import words
from widget_backend.requestlog import RequestRow
from widget_backend.robots import why
from widget_backend.robots.why import Explanation
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Text

#: requests that are listed, and how far around the writes they are looked for
MOST: Final = 40
AROUND: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Written:
    """One write. ``made``: the CRM's number of what came of it; ``refused``: why it did not take it, with ``answer``, the
    status and code of its answer and its number of the request; ``milliseconds``: until it was booked."""

    key: str
    what: Text
    state: Text
    made: str
    refused: Text | None
    answer: str
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of those seconds. ``status``: of HTTP, 0 where no answer came."""

    second: str
    operation: str
    status: int
    milliseconds: int
    number: str
    error: str


@dataclass(frozen=True, slots=True)
class Depth:
    """``explained``: of what robots did. ``requests``: of the whole account, so others' may be among them."""

    writes: tuple[Written, ...]
    requests: tuple[Asked, ...]
    explained: Explanation | None = None


def of_cause(session: Session, info: InstallationInfo, code: str) -> Depth:
    """Behind what robots did, by the code of their note; in scope. Raises :class:`NotFound`."""
    explained = why.explain(session, code)
    return _depth(session, info, [call for run in explained.runs for call in run.calls], explained)


def of_decision(session: Session, info: InstallationInfo, number: int) -> Depth:
    """Behind a decision on a patient; in scope. Raises :class:`NotFound`."""
    _must_be(session, DecisionRow.id == number, DecisionRow)
    return _depth(session, info, effect_log.of_key(session, f"route:{number}"))


def of_copy(session: Session, info: InstallationInfo, number: int) -> Depth:
    """Behind a copy; in scope. Raises :class:`NotFound`."""
    _must_be(session, CopyRow.id == number, CopyRow)
    key = lineage.get(session, number).key
    return _depth(session, info, [*effect_log.of_key(session, key), *effect_log.of_key(session, f"{key}:after")])


def _must_be(session: Session, this: Any, row: Any) -> None:
    if session.execute(select(row.id).where(this)).scalar_one_or_none() is None:
        raise NotFound(words.GONE)


def _depth(
    session: Session, info: InstallationInfo, effects: Sequence[Effect], explained: Explanation | None = None
) -> Depth:
    return Depth(tuple(map(_written, effects)), tuple(_requests(session, info, effects)), explained)


def _written(effect: Effect) -> Written:
    error = effect.written.error if effect.written else None
    took = int((effect.done_at - effect.begun_at) / timedelta(milliseconds=1)) if effect.done_at else None
    state = "refused" if error else "done" if effect.written else "sent" if effect.sent else "kept"
    answer = (
        " · ".join(part for part in (str(error.http_status or ""), error.code, error.request_id) if part)
        if error
        else ""
    )
    return Written(
        effect.key,
        words.WRITES.get(effect.kind, words.WRITE_ELSE),
        words.WRITE_STATES[state],
        effect.written.id if effect.written else "",
        error.message if error else None,
        answer,
        took,
    )


def _requests(session: Session, info: InstallationInfo, effects: Sequence[Effect]) -> Iterator[Asked]:
    """From the first write's beginning to the last one's end."""
    if not effects:
        return
    begun = min(effect.begun_at for effect in effects) - AROUND
    ended: datetime = max(effect.done_at or effect.begun_at for effect in effects) + AROUND
    rows = select(RequestRow).where(
        RequestRow.account == f"{info.vendor}:{info.host}",
        RequestRow.at >= begun,
        RequestRow.at <= min(ended, begun + LONGEST),
    )
    for row in session.execute(rows.order_by(RequestRow.at, RequestRow.id).limit(MOST)).scalars():
        second = f"{row.at:%H:%M:%S}"
        yield Asked(second, row.operation, row.status, row.milliseconds, row.request_id, row.error)
