"""Deal state: each deal as it was last read: where it stands, whose it is, a fingerprint of its fields. The only writer of its
table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, String, UniqueConstraint, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal
from widget_backend.db import Owned
from widget_backend.deals import fingerprints
from widget_backend.sealed import Sealed

#: within so long after a read the CRM may still show an older state to another (bitrix24.md §10, 10)
LAGS: Final = timedelta(seconds=60)
#: no reading takes longer: one that seems to was begun after our clock had been set back
LONGEST: Final = timedelta(minutes=10)


class DealRow(Owned):
    """One deal. ``anchor``: the stage it was first seen at, where no step led there; ``read_at``: the moment before it was
    read, by our clock; ``version``: counts what was observed; ``gone_at``: deleted, or not shown to us."""

    __tablename__ = "deal_state"
    __table_args__ = (
        UniqueConstraint("installation_id", "deal"),
        Index("deal_state_contacts", "contacts", postgresql_using="gin"),
        Index(
            "deal_state_open",
            "installation_id",
            "responsible",
            postgresql_where=text("kind = 'open' AND gone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(64))
    pipeline: Mapped[str] = mapped_column(String(64), default="")
    stage: Mapped[str] = mapped_column(String(64), default="")
    anchor: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(8), default="open")
    contacts: Mapped[list[str]] = mapped_column(JSONB, default=list)
    responsible: Mapped[str] = mapped_column(String(64), default="")
    updated_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    entered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    fields: Mapped[str | None] = mapped_column(Sealed)


@dataclass(frozen=True, slots=True)
class DealState:
    """A deal as it was last read. ``kind``: open, won or lost; ``contacts``: the main one first; ``entered_at``: when it came
    to its stage, as far as is known."""

    deal: str
    pipeline: str
    stage: str
    kind: str
    contacts: tuple[str, ...]
    responsible: str
    updated_at: datetime | None
    moved_at: datetime | None
    entered_at: datetime | None
    read_at: datetime | None
    gone: bool

    @property
    def contact(self) -> str:
        """The patient, empty where there is none."""
        return self.contacts[0] if self.contacts else ""


def load(session: Session, deal: str) -> DealState | None:
    """The deal, if it was ever read."""
    row = session.execute(_SEEN.where(DealRow.deal == deal)).scalar_one_or_none()
    return None if row is None else _state(row)


def load_all(session: Session, deals: Sequence[str]) -> Mapping[str, DealState]:
    """Those of these deals that were ever read."""
    rows = session.execute(_SEEN.where(DealRow.deal.in_(deals))).scalars()
    return {row.deal: _state(row) for row in rows}


def open_deals_of(session: Session, contact: str) -> Sequence[DealState]:
    """The open deals of a patient that were ever read, in all pipelines, the oldest first."""
    theirs = DealRow.contacts.contains([contact])
    rows = session.execute(_SEEN.where(theirs, DealRow.kind == "open", DealRow.gone_at.is_(None)).order_by(DealRow.id))
    return [_state(row) for row in rows.scalars()]


def deals_of(session: Session, contact: str, limit: int) -> Sequence[DealState]:
    """A patient's deals that were ever read, open and closed, the newest first."""
    theirs = _SEEN.where(DealRow.contacts.contains([contact])).order_by(DealRow.id.desc()).limit(limit)
    return [_state(row) for row in session.execute(theirs).scalars()]


def standing(session: Session, stages: Sequence[str], after: str, limit: int) -> Sequence[DealState]:
    """Open deals that stood at these stages (remote ids) when last read, in the order of their ids, those behind ``after``."""
    there = (DealRow.kind == "open", DealRow.gone_at.is_(None), DealRow.stage.in_(stages), DealRow.deal > after)
    return [_state(row) for row in session.execute(_SEEN.where(*there).order_by(DealRow.deal).limit(limit)).scalars()]


def unread(session: Session, before: datetime, limit: int) -> Sequence[DealState]:
    """Open deals that were not read since then, the longest unread first."""
    old = _SEEN.where(DealRow.kind == "open", DealRow.gone_at.is_(None), DealRow.read_at < before)
    return [_state(row) for row in session.execute(old.order_by(DealRow.read_at).limit(limit)).scalars()]


def confirm(session: Session, deals: Sequence[str], read_at: datetime) -> None:
    """These deals were read, and are as they were."""
    same = update(DealRow).where(DealRow.deal.in_(deals), DealRow.read_at < read_at).values(read_at=read_at)
    session.execute(same.execution_options(synchronize_session=False))


def load_by_responsible(session: Session) -> Mapping[str, int]:
    """User -> how many open deals he has; whoever has none is absent."""
    counted = (
        select(DealRow.responsible, func.count())
        .where(
            DealRow.kind == "open", DealRow.gone_at.is_(None), DealRow.read_at.is_not(None), DealRow.responsible != ""
        )
        .group_by(DealRow.responsible)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def hold(session: Session, installation_id: int, deal: str) -> DealRow:
    """The deal's row, held until the transaction ends; made if it is new (``read_at`` is empty then)."""
    made = insert(DealRow).values(installation_id=installation_id, deal=deal).on_conflict_do_nothing()
    session.execute(made)
    held = select(DealRow).where(DealRow.deal == deal).with_for_update(key_share=True)
    return session.execute(held, execution_options={"populate_existing": True}).scalar_one()


def is_older(row: DealRow, deal: Deal, read_at: datetime) -> bool:
    """Whether this reading of the deal says less than the last one: it was begun before, or shows what was before. Where the
    CRM's clock says that it is newer, it is: ours may have been set back, or another machine's may be ahead."""
    if row.read_at is None:
        return False
    if row.updated_at is not None and deal.updated_at is not None:
        if deal.updated_at > row.updated_at:
            return False
        if deal.updated_at < row.updated_at and read_at - row.read_at < LAGS:
            return True
    return was_overtaken(read_at, row.read_at)


def was_overtaken(read_at: datetime, last: datetime) -> bool:
    """Whether the last reading was begun after this one, by our clock, which may have been set back meanwhile."""
    return timedelta() < last - read_at < LONGEST


def keep(
    row: DealRow, deal: Deal, chart: Chart | None, read_at: datetime, entered_at: datetime | None
) -> tuple[str, ...]:
    """Take over what was read; the addresses of the fields that changed. The caller holds the row."""
    prints, before = fingerprints.of(fields_of(deal)), fingerprints.unpack(row.fields)
    stage = chart.stage_of_id.get(deal.stage) if chart else None
    row.pipeline, row.stage, row.kind = deal.pipeline, deal.stage, stage.kind if stage else "open"
    row.contacts, row.responsible = list(deal.contacts), deal.responsible
    row.updated_at, row.moved_at = deal.updated_at, deal.moved_at
    row.entered_at, row.read_at, row.gone_at = entered_at, read_at, None
    row.version += 1
    if prints != before:
        row.fields = fingerprints.pack(prints)
    return fingerprints.changed(before, prints)


def lose(session: Session, deal: str) -> bool:
    """The deal is gone, or no longer shown to us; whether it was known and there."""
    there = (DealRow.deal == deal, DealRow.gone_at.is_(None), DealRow.read_at.is_not(None))
    lost = update(DealRow).where(*there).values(gone_at=now(), version=DealRow.version + 1).returning(DealRow.id)
    return session.execute(lost.execution_options(synchronize_session=False)).scalar_one_or_none() is not None


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(DealRow).returning(DealRow.id).execution_options(synchronize_session=False)
    return {DealRow.__tablename__: len(session.execute(gone).all())}


def fields_of(deal: Deal) -> dict[str, Any]:
    """Address -> value of all that is followed: the fields, and the parts every deal has."""
    return {
        "field.deal.title": deal.title,
        "field.deal.amount": deal.amount,
        "field.deal.responsible": deal.responsible,
        "field.deal.client": deal.contact,
        **deal.fields,
    }


_SEEN = select(DealRow).where(DealRow.read_at.is_not(None)).execution_options(populate_existing=True)


def _state(row: DealRow) -> DealState:
    return DealState(
        row.deal,
        row.pipeline,
        row.stage,
        row.kind,
        tuple(row.contacts),
        row.responsible,
        row.updated_at,
        row.moved_at,
        row.entered_at,
        row.read_at,
        row.gone_at is not None,
    )
