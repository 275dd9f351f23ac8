"""Sources: the tables that the journal is read from, and which of their rows come next. It writes none of them.

Each source is asked only for what is newer than the page's last entry as known so far, so that a page costs the same however
much there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from widget_backend.audit import AuditRow
from widget_backend.clock import now
from widget_backend.deals.copying.lineage import CopyRow
from widget_backend.deals.routing.decision_log import DecisionRow
from widget_backend.deals.stage_history import TransitionRow
from widget_backend.journal import words
from widget_backend.journal.asked import Asked, Place
from widget_backend.robots.firing_log import STUCK, CauseRow, FiringRow

Clause = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Source:
    """``wanted``: what holds of its rows for what is asked, ``None`` where none of them is asked for."""

    name: str
    row: type[Any]
    moment: Any
    wanted: Callable[[Asked], tuple[Clause, ...] | None]


def newest(session: Session, asked: Asked, count: int) -> tuple[Place, ...]:
    """The places of the next ``count`` entries, the newest first; in scope."""
    found: list[Place] = []
    since = now() - timedelta(days=asked.days)
    for number, source in enumerate(SOURCES):
        wanted = source.wanted(asked)
        if wanted is None:
            continue
        floor = found[count - 1].at if len(found) >= count else since
        found = sorted(
            [*found, *_places(session, number, source, (*wanted, *_after(asked, number, source)), floor, count)]
        )
    return tuple(found[:count])


def _places(
    session: Session, number: int, source: Source, wanted: tuple[Clause, ...], floor: datetime, count: int
) -> Iterator[Place]:
    rows = select(source.moment, source.row.id).where(source.moment >= floor, *wanted)
    ordered = rows.order_by(source.moment.desc(), source.row.id.desc()).limit(count)
    yield from (Place(at, number, row_id) for at, row_id in session.execute(ordered))


def _after(asked: Asked, number: int, source: Source) -> tuple[Clause, ...]:
    """What of a source comes after the last one seen."""
    last = asked.before
    if last is None:
        return ()
    if number == last.source:
        return (tuple_(source.moment, source.row.id) < tuple_(last.at, last.id),)
    return (source.moment < last.at if number < last.source else source.moment <= last.at,)


def _causes(asked: Asked) -> tuple[Clause, ...] | None:
    if asked.kind not in ("all", "robots", "moves"):
        return None
    wanted: list[Clause] = [CauseRow.deal == asked.deal] if asked.deal else []
    wanted += [CauseRow.cause.like("t:%")] if asked.kind == "moves" else []
    if asked.failed:
        # written out, so that the index of such rows is known to fit
        states: Any = bindparam("stuck", STUCK, expanding=True, literal_execute=True)
        wanted.append(CauseRow.id.in_(select(FiringRow.cause_id).where(FiringRow.state.in_(states))))
    return tuple(wanted)


def _moves(asked: Asked) -> tuple[Clause, ...] | None:
    """Those that no rule has answered: the others are told with what robots did."""
    if asked.kind not in ("all", "moves") or asked.failed:
        return None
    cause = aliased(CauseRow)
    answered = exists().where(
        cause.installation_id == TransitionRow.installation_id,
        cause.deal == TransitionRow.deal,
        cause.cause == func.concat("t:", cast(TransitionRow.id, String)),
    )
    return (~answered, *((TransitionRow.deal == asked.deal,) if asked.deal else ()))


def _decisions(asked: Asked) -> tuple[Clause, ...] | None:
    if asked.kind not in ("all", "decisions"):
        return None
    wanted: list[Clause] = [DecisionRow.deal == asked.deal] if asked.deal else []
    unwell = or_(DecisionRow.kind == "unsure", func.jsonb_array_length(DecisionRow.refused) > 0)
    return (*wanted, *((unwell,) if asked.failed else ()))


def _copies(asked: Asked) -> tuple[Clause, ...] | None:
    """Those that no rule has made: the others are told with their rule."""
    if asked.kind not in ("all", "copies"):
        return None
    wanted: list[Clause] = [~CopyRow.cause.like("f:%")]
    wanted += [or_(CopyRow.source == asked.deal, CopyRow.deal == asked.deal)] if asked.deal else []
    wanted += [and_(CopyRow.state == "begun", CopyRow.refusals > 0)] if asked.failed else [CopyRow.state != "begun"]
    return tuple(wanted)


def _acts(asked: Asked) -> tuple[Clause, ...] | None:
    if asked.kind not in ("all", "acts") or asked.failed:
        return None
    told: Clause = AuditRow.action.in_(list(words.ACTS))
    return (told, *((AuditRow.object == f"deal:{asked.deal}",) if asked.deal else ()))


#: in this order they are asked; a place names one by its number here
SOURCES: Final = (
    Source("cause", CauseRow, CauseRow.made_at, _causes),
    Source("move", TransitionRow, TransitionRow.seen_at, _moves),
    Source("decision", DecisionRow, DecisionRow.made_at, _decisions),
    Source("copy", CopyRow, CopyRow.begun_at, _copies),
    Source("act", AuditRow, AuditRow.at, _acts),
)
