"""The log of firings: that a rule answers a cause, each once, and what came of it. The only writer of its tables.

A cause keeps its happenings and the facts that all its firings see; both may name people, so both are sealed, and go after
two weeks (``prune``) or with the clinic (``forget``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.records import Deal
from widget_backend.db import Owned
from widget_backend.errors import NotFound
from widget_backend.robots import coding
from widget_backend.robots.happenings import Happening
from widget_backend.robots.rules import Entry
from widget_backend.sealed import Sealed
from widget_backend.texts import Text

#: ``due``: to be run, or to be tried again; ``passed``: a condition did not hold; ``stopped``: too many robots in a row;
#: ``off``, ``paused``: the rule was; ``held``: waits until the account may be changed again
State = Literal["due", "done", "passed", "failed", "stopped", "off", "paused", "held"]

#: states that somebody should look at
STUCK: Final = ("failed", "stopped", "paused", "held")
#: how long it can be read what robots did
LIFE: Final = timedelta(days=14)

NO_FIRING = Text(
    "Такого запуска робота нет или он старше двух недель. Ничего не изменено.",
    "There is no such run of a robot, or it is older than two weeks. Nothing was changed.",
)


class CauseRow(Owned):
    """Something that rules answered. ``facts``: once they were gathered."""

    __tablename__ = "robot_cause"
    __table_args__ = (
        UniqueConstraint("installation_id", "deal", "cause"),
        Index("robot_cause_journal", "installation_id", "made_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(100))
    cause: Mapped[str] = mapped_column(String(120))
    hop: Mapped[int]
    happenings: Mapped[str] = mapped_column(Sealed)
    facts: Mapped[str | None] = mapped_column(Sealed)
    at: Mapped[datetime]
    made_at: Mapped[datetime] = mapped_column(index=True)


class FiringRow(Owned):
    """One rule's answer to a cause. ``happening``: which of the cause's; ``outcome``: sentences of what was done or why not;
    ``quiet``: nobody needs a note of it; ``anew``: how often each step was tried anew after a refusal."""

    __tablename__ = "robot_firing"
    __table_args__ = (
        UniqueConstraint("cause_id", "rule_key"),
        Index("robot_firing_of_rule", "installation_id", "rule_key", "id"),
        Index("robot_firing_stuck", "installation_id", "cause_id", postgresql_where=text(f"state IN {STUCK}")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("robot_cause.id", ondelete="CASCADE"))
    rule_id: Mapped[int]
    rule_key: Mapped[str] = mapped_column(String(100))
    happening: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(Sealed)
    quiet: Mapped[bool]
    anew: Mapped[dict[str, int]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing and its cause."""

    id: int
    cause_id: int
    rule_id: int
    rule_key: str
    deal: str
    contact: str
    cause: str
    hop: int
    happening: Happening
    state: State
    said: tuple[Text, ...]
    quiet: bool
    anew: Mapping[str, int]
    facts: str | None
    made_at: datetime
    done_at: datetime | None


def open_cause(session: Session, installation_id: int, deal: Deal, happenings: Sequence[Happening]) -> int:
    """The cause of these happenings, kept once; its id."""
    first = happenings[0]
    fresh = insert(CauseRow).values(
        installation_id=installation_id,
        deal=deal.id,
        contact=deal.contact,
        cause=first.cause,
        hop=max(each.hop for each in happenings),
        happenings=json.dumps([coding.told(each) for each in happenings], ensure_ascii=False),
        at=first.at,
        made_at=now(),
    )
    made = session.execute(fresh.on_conflict_do_nothing().returning(CauseRow.id)).scalar_one_or_none()
    if made is not None:
        return made
    known = select(CauseRow.id).where(CauseRow.deal == deal.id, CauseRow.cause == first.cause)
    return session.execute(known).scalar_one()


def open_firing(
    session: Session, installation_id: int, cause_id: int, entry: Entry, happening: int, why: Text | None, state: State
) -> int | None:
    """A new firing of a cause; ``None`` where the rule has answered it before. ``why``: it will not be carried out."""
    fresh = insert(FiringRow).values(
        installation_id=installation_id,
        cause_id=cause_id,
        rule_id=entry.id,
        rule_key=entry.rule.key,
        happening=happening,
        state=state,
        outcome=_told((why,)) if why else None,
        quiet=why is None,
        anew={},
        made_at=now(),
    )
    return session.execute(fresh.on_conflict_do_nothing().returning(FiringRow.id)).scalar_one_or_none()


def get(session: Session, firing_id: int) -> Firing:
    """A firing of the installation in scope. Raises :class:`NotFound`."""
    found = _read(session, FiringRow.id == firing_id)
    if not found:
        raise NotFound(NO_FIRING)
    return found[0]


def of_cause(session: Session, cause_id: int) -> tuple[Firing, ...]:
    """What a cause set off, in the order it was answered."""
    return _read(session, FiringRow.cause_id == cause_id)


def of_causes(session: Session, cause_ids: Sequence[int]) -> tuple[Firing, ...]:
    """What several causes set off, in the order it was answered."""
    return _read(session, FiringRow.cause_id.in_(cause_ids))


def runs(session: Session, *, rule: str = "", deal: str = "", before: int = 0, limit: int = 50) -> tuple[Firing, ...]:
    """What robots did lately, the newest first: of a rule, or a deal, or all. ``before``: id of the last one seen."""
    wanted: list[Any] = [FiringRow.rule_key == rule] if rule else []
    wanted += [CauseRow.deal == deal] if deal else []
    wanted += [FiringRow.id < before] if before else []
    return _read(session, *wanted, newest=limit)


def keep_facts(session: Session, cause_id: int, facts: str) -> str:
    """Keep the facts of a cause; those kept first stand, and are given back."""
    first = update(CauseRow).where(CauseRow.id == cause_id, CauseRow.facts.is_(None)).values(facts=facts)
    session.execute(first.execution_options(synchronize_session=False))
    kept = select(CauseRow.facts).where(CauseRow.id == cause_id)
    return str(session.execute(kept).scalar_one())


def end(
    session: Session, firing_id: int, state: State, said: Sequence[Text], *, quiet: bool = False, anew: str = ""
) -> None:
    """Book what came of a firing. ``quiet``: nobody needs a note of it; ``anew``: the step that was refused, to be tried anew
    under another name."""
    found = select(FiringRow).where(FiringRow.id == firing_id)
    row = session.execute(found, execution_options={"populate_existing": True}).scalar_one()
    row.state, row.outcome, row.quiet, row.done_at = state, _told(said), quiet, now()
    if anew:
        row.anew = {**row.anew, anew: row.anew.get(anew, 0) + 1}
    session.flush()


def hold(session: Session, firing_id: int, why: Text) -> None:
    """The account may not be changed for now: the firing waits."""
    waits = update(FiringRow).where(FiringRow.id == firing_id, FiringRow.state.in_(("due", "failed")))
    values = {"state": "held", "outcome": _told((why,))}
    session.execute(waits.values(values).execution_options(synchronize_session=False))


def held_up(session: Session) -> tuple[int, ...]:
    """Installations with firings that wait for their account; in scope of all."""
    waiting = select(FiringRow.installation_id).where(FiringRow.state == "held").distinct()
    return tuple(session.execute(waiting).scalars())


def release(session: Session) -> tuple[Firing, ...]:
    """Let what was held up be due; what that is."""
    held = _read(session, FiringRow.state == "held")
    let = update(FiringRow).where(FiringRow.id.in_([each.id for each in held])).values(state="due")
    session.execute(let.execution_options(synchronize_session=False))
    return held


def versions(session: Session) -> tuple[int, ...]:
    """The versions of rules that what is kept speaks of."""
    return tuple(session.execute(select(FiringRow.rule_id).distinct()).scalars())


def prune(session: Session) -> int:
    """Drop causes older than two weeks with all that came of them; how many."""
    old = delete(CauseRow).where(CauseRow.made_at < now() - LIFE).returning(CauseRow.id)
    return len(session.execute(old.execution_options(synchronize_session=False)).all())


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = {row: delete(row).returning(row.id) for row in (FiringRow, CauseRow)}
    quiet = {"synchronize_session": False}
    return {row.__tablename__: len(session.execute(each, execution_options=quiet).all()) for row, each in gone.items()}


def _read(session: Session, *wanted: Any, newest: int = 0) -> tuple[Firing, ...]:
    both = select(FiringRow, CauseRow).join(CauseRow, CauseRow.id == FiringRow.cause_id).where(*wanted)
    ordered = both.order_by(FiringRow.id.desc()).limit(newest) if newest else both.order_by(FiringRow.id)
    rows = session.execute(ordered, execution_options={"populate_existing": True}).all()
    return tuple(_firing(row, cause) for row, cause in rows)


def _firing(row: FiringRow, cause: CauseRow) -> Firing:
    state: State = row.state  # type: ignore[assignment]  # one of them: nobody else writes the table
    return Firing(
        *(row.id, cause.id, row.rule_id, row.rule_key, cause.deal, cause.contact, cause.cause, cause.hop),
        coding.happening(json.loads(cause.happenings)[row.happening]),
        state,
        tuple(Text(*words) for words in json.loads(row.outcome or "[]")),
        row.quiet,
        row.anew,
        cause.facts,
        row.made_at,
        row.done_at,
    )


def _told(said: Sequence[Text]) -> str:
    return json.dumps([[words.ru, words.en] for words in said], ensure_ascii=False)
