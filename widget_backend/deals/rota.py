"""The rota: whose turn it was last for each seat, kept so that all processes go round together. Only writer of its table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.deals import deal_state
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.deal_state import DealRow
from widget_backend.deals.people import Picked, Seat, choose

#: how long it may take until a given deal shows in the load
SHOWN: Final = timedelta(minutes=5)


class RotaRow(Owned):
    """One seat. ``given``: lately, as (user, deal, moment)."""

    __tablename__ = "rota"
    __table_args__ = (UniqueConstraint("installation_id", "role", "branch", "pipeline", "direction"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    role: Mapped[str] = mapped_column(String(40))
    branch: Mapped[str] = mapped_column(String(100))
    pipeline: Mapped[str] = mapped_column(String(100))
    direction: Mapped[str] = mapped_column(String(100))
    last: Mapped[str] = mapped_column(String(100))
    given: Mapped[list[list[str]]] = mapped_column(JSONB)


def take(
    session: Session,
    clinic: Clinic,
    seat: Seat,
    deal: str = "",
    at: datetime | None = None,
    pipelines: Collection[str] = (),
) -> Picked:
    """Give the seat's next turn for this deal; in the caller's transaction, in which others wait for theirs.

    ``pipelines``: addresses of those whose open deals are load, empty for all. Deals given a moment ago count, though the
    CRM has not told of them yet. Asked again for the same deal within five minutes it is the same person, while he may
    still take it.
    """
    moment = at or now()
    row = _held(session, clinic.id, seat)
    lately = [one for one in row.given if datetime.fromisoformat(one[2]) > moment - SHOWN]
    others = [one for one in lately if not deal or one[1] != deal]
    load = _open_deals(session, [clinic.chart.pipeline_id(address) for address in pipelines]) + _hidden(session, others)
    before = next((user for user, given, _ in lately if deal and given == deal), "")
    picked = choose(clinic, seat, moment, {**load, before: -1} if before else load, row.last)
    row.last = picked.user
    row.given = [*others, [picked.user, deal, moment.isoformat()]]
    session.flush()
    return picked


def _held(session: Session, installation_id: int, seat: Seat) -> RotaRow:
    """The row of the seat, held until the transaction ends."""
    which = {"role": seat.role, "branch": seat.branch, "pipeline": seat.pipeline, "direction": seat.direction}
    fresh = insert(RotaRow).values(installation_id=installation_id, last="", given=[], **which)
    session.execute(fresh.on_conflict_do_nothing())
    found = select(RotaRow).filter_by(**which).with_for_update()
    return session.execute(found, execution_options={"populate_existing": True}).scalar_one()


def _open_deals(session: Session, pipelines: Sequence[str]) -> Counter[str]:
    """Open deals by user. Patients parked in other pipelines are no work today."""
    if not pipelines:
        return Counter(deal_state.load_by_responsible(session))
    counted = (
        select(DealRow.responsible, func.count())
        .where(DealRow.kind == "open", DealRow.gone_at.is_(None), DealRow.pipeline.in_(pipelines))
        .group_by(DealRow.responsible)
    )
    return Counter({user: number for user, number in session.execute(counted) if user})


def _hidden(session: Session, lately: Sequence[Sequence[str]]) -> Counter[str]:
    """Deals given lately that have not shown yet."""
    seen = deal_state.load_all(session, [deal for _, deal, _ in lately])
    return Counter(user for user, deal, _ in lately if deal not in seen or seen[deal].responsible != user)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(RotaRow).returning(RotaRow.id).execution_options(synchronize_session=False)
    return {RotaRow.__tablename__: len(session.execute(gone).all())}
