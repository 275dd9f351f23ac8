"""Stage history: every step of every deal of a tenant, once, in order, from whichever source. The only writer of its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Index, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal, Move
from widget_backend.db import Owned
from widget_backend.deals import alignment, deal_state, fingerprints, own_marks
from widget_backend.deals.alignment import Aligned, Moment, Step
from widget_backend.deals.deal_state import DealRow
from widget_backend.deals.own_marks import Mark
from widget_backend.tenancy import installations

#: how far the CRM's clock may be behind ours when we look since when its deals are ours to follow
SKEW: Final = timedelta(minutes=3)


class TransitionRow(Owned):
    """One step. Stages and the pipeline are remote ids. ``memory``: by what the CRM remembers it, none while it was only
    seen; ``at``: by the CRM's clock, ``seen_at``: by ours; ``moment``: how well ``at`` is known."""

    __tablename__ = "stage_transition"
    __table_args__ = (
        UniqueConstraint("installation_id", "deal", "memory"),
        Index("stage_transition_journal", "installation_id", "seen_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    from_stage: Mapped[str] = mapped_column(String(64))
    to_stage: Mapped[str] = mapped_column(String(64))
    pipeline: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    mover: Mapped[str] = mapped_column(String(64))
    memory: Mapped[str | None] = mapped_column(String(140))
    moment: Mapped[Moment] = mapped_column(String(8))
    hop: Mapped[int]
    firing: Mapped[int | None]
    seen_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Transition:
    """A deal came to a stage. ``hop``, ``firing``: of our own write that brought it there; else 0 and ``None``. Stages and
    the pipeline are remote ids; ``from_stage`` is empty where it is not known."""

    id: int
    deal: str
    kind: Literal["created", "moved"]
    from_stage: str
    to_stage: str
    pipeline: str
    at: datetime
    mover: str = ""
    hop: int = 0
    firing: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What an observation of a deal has told: ``transitions`` in order; ``changed``: addresses of fields that others than us
    changed; ``first``: it was never seen before; ``entered_at``: when it came to where it stands; ``stamp``: this
    observation's own name."""

    transitions: tuple[Transition, ...]
    changed: tuple[str, ...]
    first: bool
    entered_at: datetime | None = None
    stamp: str = ""


def observe(
    session: Session,
    installation_id: int,
    deal: Deal,
    moves: Sequence[Move],
    *,
    chart: Chart | None = None,
    read_at: datetime | None = None,
) -> Observed:
    """Take in a deal as it was read, and its ``moves`` as the CRM remembers them, which were read before it.

    ``read_at``: the moment before the deal was read, by our clock: an older reading than the last one counts for nothing.
    Safe to repeat, and to run twice at once: what was told once is not told again.
    """
    read_at = read_at or now()
    row = deal_state.hold(session, installation_id, deal.id)
    is_first, is_older = row.read_at is None, deal_state.is_older(row, deal, read_at)
    known = _steps(session, [deal.id])[deal.id]
    since = followed_since(session, installation_id)
    aligned = alignment.align(known, _of(deal.id, moves), None if is_older else deal, since, row.anchor)
    transitions = _write(session, installation_id, deal, aligned, chart)
    if is_older:
        return Observed(transitions, (), is_first, row.entered_at, f"{deal.id}:{row.version}")
    if not aligned.steps and not row.anchor:
        row.anchor = deal.stage
    entered_at = _entered(row, deal, aligned)
    changed = _by_others(session, row, deal, deal_state.keep(row, deal, chart, read_at, entered_at))
    session.flush()
    return Observed(transitions, () if is_first else changed, is_first, entered_at, f"{deal.id}:{row.version}")


def confirm(session: Session, installation_id: int, deal_id: str, moves: Sequence[Move]) -> None:
    """The CRM remembers what was seen already: the moments are corrected. Nothing new is told."""
    deal_state.hold(session, installation_id, deal_id)
    since = followed_since(session, installation_id)
    aligned = alignment.align(_steps(session, [deal_id])[deal_id], _of(deal_id, moves), None, since)
    for step in aligned.corrected:
        _fill(session.get_one(TransitionRow, step.number), step)
    session.flush()


def gone(session: Session, installation_id: int, deal_id: str) -> bool:
    """The deal is deleted, or not shown to us any more; its history stays. Whether it was there before."""
    return deal_state.lose(session, deal_id)


def history(session: Session, deal: str) -> Sequence[Transition]:
    """All steps of a deal, in order."""
    rows = _rows(session, [deal])
    return [_transition(row) for row in sorted(rows, key=lambda row: _step(row).place)]


def count_since(session: Session, deal: str, moment: datetime) -> int:
    """How many steps of a deal have been seen since then, by our clock."""
    seen = select(func.count()).where(TransitionRow.deal == deal, TransitionRow.seen_at > moment)
    return session.execute(seen.select_from(TransitionRow)).scalar_one()


def compare(session: Session, installation_id: int, moves: Sequence[Move]) -> tuple[Sequence[Move], Sequence[Move]]:
    """Of the CRM's moves: those that no step tells of, and those that only a seen step tells of, not confirmed yet."""
    since = followed_since(session, installation_id)
    of_deals: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        of_deals[move.deal].append(move)
    steps = _steps(session, list(of_deals))
    missing: list[Move] = []
    provisional: list[Move] = []
    for deal, told in of_deals.items():
        known = {step.memory for step in steps[deal]}
        lacking = alignment.unremembered(steps[deal], told, since)
        missing += lacking
        followed = [move for move in told if move.at >= since and alignment.key(move) not in known]
        provisional += [move for move in followed if move not in lacking]
    return missing, provisional


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone_ = delete(TransitionRow).returning(TransitionRow.id).execution_options(synchronize_session=False)
    return {TransitionRow.__tablename__: len(session.execute(gone_).all())}


def followed_since(session: Session, installation_id: int) -> datetime:
    """Since when the account's deals are ours to follow, by the CRM's clock, which may be a little behind ours."""
    info = installations.get(session, installation_id)
    return (info.activated_at or info.created_at) - SKEW


def _of(deal: str, moves: Sequence[Move]) -> list[Move]:
    return [move for move in moves if move.deal == deal]


def _write(
    session: Session, installation_id: int, deal: Deal, aligned: Aligned, chart: Chart | None
) -> tuple[Transition, ...]:
    for step in aligned.corrected:
        _fill(session.get_one(TransitionRow, step.number), step)
    session.flush()
    written = []
    for step in aligned.new:
        placed = replace(step, pipeline=step.pipeline or _pipeline(chart, step.to_stage))
        mark = _mark(session, deal, placed)
        row = TransitionRow(
            installation_id=installation_id,
            deal=deal.id,
            hop=mark.hop if mark else 0,
            firing=mark.firing if mark else None,
            seen_at=now(),
        )
        _fill(row, placed)
        session.add(row)
        written.append(row)
    session.flush()
    return tuple(_transition(row) for row in written)


def _mark(session: Session, deal: Deal, step: Step) -> Mark | None:
    if step.kind == "created":
        return own_marks.of_birth(session, deal.marker)
    return own_marks.of_move(session, deal.id, step.to_stage, step.at)


def _by_others(session: Session, row: DealRow, deal: Deal, changed: Sequence[str]) -> tuple[str, ...]:
    if not changed:
        return ()
    prints = fingerprints.of(deal_state.fields_of(deal))
    ours = own_marks.of_fields(session, deal.id, {a: prints[a] for a in changed}, deal.updated_at or now())
    return tuple(address for address in changed if address not in ours)


def _entered(row: DealRow, deal: Deal, aligned: Aligned) -> datetime | None:
    """The last step's moment; for a deal that made none before our eyes what the CRM says, or when it was first seen."""
    if aligned.steps and aligned.steps[-1].to_stage == deal.stage:
        return aligned.steps[-1].at
    return deal.moved_at or row.entered_at or deal.updated_at


def _pipeline(chart: Chart | None, stage: str) -> str:
    known = chart.stage_of_id.get(stage) if chart else None
    return known.pipeline_id if known else ""


def _rows(session: Session, deals: Sequence[str]) -> Sequence[TransitionRow]:
    found = select(TransitionRow).where(TransitionRow.deal.in_(deals))
    return session.execute(found.execution_options(populate_existing=True)).scalars().all()


def _steps(session: Session, deals: Sequence[str]) -> dict[str, list[Step]]:
    steps: dict[str, list[Step]] = {deal: [] for deal in deals}
    for row in _rows(session, deals):
        steps[row.deal].append(_step(row))
    return steps


def _fill(row: TransitionRow, step: Step) -> None:
    row.kind, row.from_stage, row.to_stage, row.pipeline = step.kind, step.from_stage, step.to_stage, step.pipeline
    row.at, row.mover, row.memory, row.moment = step.at, step.mover, step.memory or None, step.moment


def _step(row: TransitionRow) -> Step:
    return Step(
        "created" if row.kind == "created" else "moved",
        row.from_stage,
        row.to_stage,
        row.pipeline,
        row.at,
        row.mover,
        row.memory or "",
        row.moment,
        row.id,
    )


def _transition(row: TransitionRow) -> Transition:
    kind = _step(row).kind
    told = (row.from_stage, row.to_stage, row.pipeline, row.at, row.mover, row.hop, row.firing)
    return Transition(row.id, row.deal, kind, *told)
