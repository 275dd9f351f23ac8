"""Own marks: what we are about to write to a deal, left before it is sent, so that its echo is known as ours. The only writer
of its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, String, delete, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.deals import fingerprints
from widget_backend.deals.fingerprints import Fingerprints

#: how long after a mark its echo is waited for; also how far the CRM's clock may be from ours
ECHO: Final = timedelta(minutes=15)
LIFE: Final = timedelta(days=7)
#: stands for the fingerprint of a value that was not told
ANY: Final = ""
#: hop of a write by which a person takes something back: no robot follows on it
TAKEN_BACK: Final = 99


class MarkRow(Owned):
    """One write. ``stage`` and ``fields`` (address -> fingerprint) are what is still waited for; ``marker``: of a deal to be
    created, whose id is not known yet."""

    __tablename__ = "own_mark"
    __table_args__ = (
        Index("own_mark_deal", "installation_id", "deal"),
        Index("own_mark_marker", "installation_id", "marker"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(64))
    marker: Mapped[str] = mapped_column(String(60))
    stage: Mapped[str] = mapped_column(String(64))
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)
    hop: Mapped[int]
    firing: Mapped[int | None]
    left_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose write it was. ``hop``: how many robots led there; ``firing``: the robot's, ``None`` where it was none."""

    hop: int
    firing: int | None


def leave(
    session: Session,
    installation_id: int,
    deal_id: str,
    stage: str = "",
    fields: Mapping[str, Any] | Iterable[str] = (),
    hop: int = 0,
    firing: int | None = None,
    marker: str = "",
) -> None:
    """A write to this deal is about to be sent. Safe to repeat.

    ``fields``: address -> value; addresses alone let any value pass as ours. ``marker``: of a deal that is about to be
    created, with an empty ``deal_id``. A patient's fields go under his id as ``contact:17``.
    """
    prints = fingerprints.of(fields) if isinstance(fields, Mapping) else dict.fromkeys(fields, ANY)
    if stage or prints or marker:
        session.add(
            MarkRow(
                installation_id=installation_id,
                deal=deal_id,
                marker=marker,
                stage=stage,
                fields=prints,
                hop=hop,
                firing=firing,
                left_at=now(),
            )
        )
        session.flush()


def withdraw(session: Session, deal_id: str, stage: str = "", fields: Iterable[str] = ()) -> None:
    """The CRM has refused a write: nothing of it comes back."""
    for row in _rows(session, deal_id):
        row.stage = "" if row.stage == stage else row.stage
        row.fields = {address: print_ for address, print_ in row.fields.items() if address not in set(fields)}
    session.flush()


def of_move(session: Session, deal_id: str, stage: str, at: datetime) -> Mark | None:
    """Whose write brought the deal to this stage then, if it was ours; each mark answers once."""
    found = next((row for row in _rows(session, deal_id) if row.stage == stage and _is_near(row, at)), None)
    if found is None:
        return None
    found.stage = ""
    session.flush()
    return Mark(found.hop, found.firing)


def of_birth(session: Session, marker: str) -> Mark | None:
    """Who created the deal with this marker, if it was us."""
    rows = session.execute(select(MarkRow).where(MarkRow.marker == marker).order_by(MarkRow.id.desc()).limit(1))
    found = rows.scalar_one_or_none() if marker else None
    return None if found is None else Mark(found.hop, found.firing)


def coming(session: Session, deal_id: str, stage: str, marker: str) -> Mark | None:
    """Whose write has just brought the deal to this stage, where its echo has not come yet. No mark is answered by this."""
    found = [row for row in _rows(session, deal_id) if row.stage == stage and now() - row.left_at <= ECHO]
    return Mark(found[-1].hop, found[-1].firing) if found else of_birth(session, marker)


def of_fields(session: Session, deal_id: str, changed: Fingerprints, at: datetime) -> frozenset[str]:
    """Those of the changed fields that hold what we have written; each mark answers once."""
    ours: set[str] = set()
    for row in _rows(session, deal_id):
        echoes = (
            {a for a, print_ in changed.items() if row.fields.get(a) in (ANY, print_)} if _is_near(row, at) else set()
        )
        if echoes:
            row.fields = {address: print_ for address, print_ in row.fields.items() if address not in echoes}
            ours |= echoes
    session.flush()
    return frozenset(ours)


def prune(session: Session) -> int:
    """Drop marks nobody waits for any more; how many."""
    return _drop(session, MarkRow.left_at < now() - LIFE)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    return {MarkRow.__tablename__: _drop(session)}


def _rows(session: Session, deal_id: str) -> list[MarkRow]:
    """The oldest first: echoes come in the order of the writes."""
    found = select(MarkRow).where(MarkRow.deal == deal_id, MarkRow.left_at > now() - LIFE).order_by(MarkRow.id)
    return list(session.execute(found.execution_options(populate_existing=True)).scalars())


def _is_near(row: MarkRow, at: datetime) -> bool:
    """By the CRM's clock, or by ours: one of them may be wrong, and the other late."""
    return abs(at - row.left_at) <= ECHO or now() - row.left_at <= ECHO


def _drop(session: Session, *these: Any) -> int:
    gone = delete(MarkRow).where(*these).returning(MarkRow.id).execution_options(synchronize_session=False)
    return len(session.execute(gone).all())
