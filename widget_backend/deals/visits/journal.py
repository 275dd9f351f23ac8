"""The journal of visits. The only writer of its table.

Whoever tells of a visit names it by a key of its own; told again it is the same visit, and what was told last holds, in
whatever order it arrives (Q-11: a no-show may turn out to have come). Holds remote ids and times, no names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Index, String, UniqueConstraint, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from widget_backend.db import Owned

Source = Literal["deal", "mis", "hand"]
Outcome = Literal["booked", "completed", "missed", "cancelled"]


class VisitRow(Owned):
    """One visit as one source tells it. ``elsewhere``: told later of another patient, who has it now."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("installation_id", "contact", "source", "key"),
        Index("visit_told", "installation_id", "source", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    contact: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(100))
    outcome: Mapped[str] = mapped_column(String(10))
    told_at: Mapped[datetime]
    at: Mapped[datetime | None]
    deal: Mapped[str] = mapped_column(String(100))
    insured: Mapped[bool]
    elsewhere: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Visit:
    """``contact``: the patient's remote id, empty while nobody knows. ``told_at``: when it became so, by the source's clock.
    ``at``: the time of the visit. ``deal``: the deal it belongs to. ``insured``: paid by an insurer (ДМС, Q-18)."""

    contact: str
    source: Source
    key: str
    outcome: Outcome
    told_at: datetime
    at: datetime | None = None
    deal: str = ""
    insured: bool = False


VALUES: Final = tuple(each.name for each in fields(Visit))


def note(session: Session, installation_id: int, visit: Visit) -> bool:
    """Keep what is told; whether it was news. Safe to repeat, and in any order."""
    told = asdict(visit)
    fresh = insert(VisitRow).values(installation_id=installation_id, elsewhere=False, **told)
    names = ("outcome", "told_at", "at", "deal", "insured")
    newer = fresh.on_conflict_do_update(
        index_elements=["installation_id", "contact", "source", "key"],
        set_={name: fresh.excluded[name] for name in names},
        where=_rank(fresh.excluded) > _rank(VisitRow),
    ).returning(VisitRow.id)
    if session.execute(newer).scalar_one_or_none() is None:
        return False
    _settle_owner(session, visit.source, visit.key)
    return True


def _rank(row: Any) -> Any:
    """What was told last holds; of two at the same moment always the same one."""
    return tuple_(row.told_at, row.outcome, func.coalesce(row.at, row.told_at), row.deal, row.insured)


def _settle_owner(session: Session, source: str, key: str) -> None:
    """A visit is one patient's: his of whom it was told last."""
    other = aliased(VisitRow)
    later = select(other.id).where(
        other.installation_id == VisitRow.installation_id,
        other.source == VisitRow.source,
        other.key == VisitRow.key,
        tuple_(other.told_at, other.contact) > tuple_(VisitRow.told_at, VisitRow.contact),
    )
    these = update(VisitRow).where(VisitRow.source == source, VisitRow.key == key)
    session.execute(these.values(elsewhere=later.exists()).execution_options(synchronize_session=False))


def of_patients(session: Session, contacts: Collection[str]) -> tuple[Visit, ...]:
    """All that is told of these contacts' visits, the longest ago first."""
    return _read(session, VisitRow.contact.in_(contacts))


def latest(session: Session, contacts: Collection[str], deals: Collection[str], limit: int) -> tuple[Visit, ...]:
    """What is told of these contacts' visits and by these deals, what was told last first."""
    by_deals = (VisitRow.source == "deal") & VisitRow.key.in_(deals)
    return _read(session, VisitRow.contact.in_(contacts) | by_deals, limit)


def told(session: Session, source: Source, key: str) -> Visit | None:
    """The visit of this key as it stands, whoever has it."""
    found = _read(session, (VisitRow.source == source) & (VisitRow.key == key))
    return found[-1] if found else None


def _read(session: Session, these: Any, newest: int | None = None) -> tuple[Visit, ...]:
    order = (VisitRow.told_at, VisitRow.id) if newest is None else (VisitRow.told_at.desc(), VisitRow.id.desc())
    rows = select(VisitRow).where(these, ~VisitRow.elsewhere).order_by(*order).limit(newest)
    found = session.execute(rows, execution_options={"populate_existing": True}).scalars()
    return tuple(Visit(**{name: getattr(row, name) for name in VALUES}) for row in found)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(VisitRow).returning(VisitRow.id).execution_options(synchronize_session=False)
    return {VisitRow.__tablename__: len(session.execute(gone).all())}
