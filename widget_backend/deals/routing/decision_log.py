"""Decisions: where each deal was sent and why, kept for the panel and for whoever asks later. Only writer of its table.

Holds remote ids and reasons, no names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, delete, select, update
from sqlalchemy import Text as LongText
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.deals.routing.choice import Routed
from widget_backend.texts import Text


class DecisionRow(Owned):
    """One decision. ``cause``: what asked for it, so that the same asked twice is answered once. ``task``: remote id of the
    task that a person got. ``done_at``: when all of it was written to the CRM."""

    __tablename__ = "route_decision"
    __table_args__ = (
        UniqueConstraint("installation_id", "deal", "cause"),
        Index("route_decision_patient", "installation_id", "contact"),
        Index("route_decision_journal", "installation_id", "made_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deal: Mapped[str] = mapped_column(String(100))
    cause: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(20))
    reason_ru: Mapped[str] = mapped_column(LongText)
    reason_en: Mapped[str] = mapped_column(LongText)
    stage: Mapped[str] = mapped_column(String(100))
    person: Mapped[str] = mapped_column(String(100))
    into: Mapped[str] = mapped_column(String(100))
    task: Mapped[str] = mapped_column(String(100))
    refused: Mapped[list[str]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it stands. ``refused``: names of the writes that the CRM did not take."""

    id: int
    routed: Routed
    cause: str
    made_at: datetime
    done_at: datetime | None = None
    task: str = ""
    refused: tuple[str, ...] = ()
    contact: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def decisions(session: Session, deal: str) -> tuple[Decision, ...]:
    """All decisions on a deal of the installation in scope, the newest first."""
    rows = select(DecisionRow).where(DecisionRow.deal == deal).order_by(DecisionRow.id.desc())
    return tuple(_decision(row) for row in session.execute(rows, _FRESH).scalars())


def latest(session: Session, deal: str) -> Decision | None:
    """The newest decision on a deal, ``None`` where there was none: of an «unsure» one nobody knows the patient's kind."""
    rows = select(DecisionRow).where(DecisionRow.deal == deal).order_by(DecisionRow.id.desc()).limit(1)
    row = session.execute(rows, _FRESH).scalar_one_or_none()
    return None if row is None else _decision(row)


def of_cause(session: Session, deal: str, cause: str) -> Decision | None:
    """The decision that this cause led to."""
    found = select(DecisionRow).where(DecisionRow.deal == deal, DecisionRow.cause == cause)
    row = session.execute(found, _FRESH).scalar_one_or_none()
    return None if row is None else _decision(row)


def keep(session: Session, installation_id: int, cause: str, routed: Routed) -> Decision:
    """Keep a decision before it is carried out; one that was kept for this cause and never begun is made anew."""
    values = {
        "contact": routed.facts.get("contact", ""),
        "kind": routed.kind,
        "code": routed.code,
        "reason_ru": routed.reason.ru,
        "reason_en": routed.reason.en,
        "stage": routed.stage,
        "person": routed.responsible,
        "into": routed.into,
        "facts": dict(routed.facts),
        "made_at": now(),
    }
    fresh = insert(DecisionRow).values(
        installation_id=installation_id, deal=routed.deal, cause=cause, task="", refused=[], **values
    )
    session.execute(
        fresh.on_conflict_do_update(index_elements=["installation_id", "deal", "cause"], set_=values),
    )
    kept = of_cause(session, routed.deal, cause)
    assert kept is not None
    return kept


def close(session: Session, decision_id: int, task: str = "", refused: tuple[str, ...] = ()) -> None:
    """It is carried out."""
    done = {"done_at": now(), "task": task, "refused": list(refused)}
    session.execute(update(DecisionRow).where(DecisionRow.id == decision_id).values(done), execution_options=_QUIET)


def release_task(session: Session, deal: str) -> None:
    """The tasks asked for this deal are answered."""
    session.execute(update(DecisionRow).where(DecisionRow.deal == deal).values(task=""), execution_options=_QUIET)


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(DecisionRow).returning(DecisionRow.id).execution_options(synchronize_session=False)
    return {DecisionRow.__tablename__: len(session.execute(gone).all())}


def _decision(row: DecisionRow) -> Decision:
    reason = Text(row.reason_ru, row.reason_en)
    routed = Routed(
        row.kind,  # type: ignore[arg-type]
        row.stage,
        row.person,
        reason,
        row.facts,
        row.code,
        row.into,
        row.deal,
    )
    return Decision(
        row.id, routed, row.cause, row.made_at, row.done_at, row.task, tuple(row.refused), row.contact, row.facts
    )


_FRESH: dict[str, Any] = {"populate_existing": True}
_QUIET: dict[str, Any] = {"synchronize_session": False}
