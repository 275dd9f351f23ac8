"""Lineage: which deal was copied from which, where to and why. The only writer of its table.

One row per source, target and cause: the promise of one copy. ::

    begun ──> made (or found, moved) ──> done ──> undone
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Index, String, UniqueConstraint, delete, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.db import Owned
from widget_backend.deals import stage_history
from widget_backend.texts import Text

State = Literal["begun", "made", "done", "undone"]
#: a new deal; the patient's open deal that was there already; the source itself, moved instead of copied
How = Literal["", "copied", "found", "moved"]
#: stands for who asked where a rule or a robot did
SYSTEM: Final = "system"
#: copies of copies that are followed
DEEPEST: Final = 50


class CopyRow(Owned):
    """One copy. ``target``: address of the stage; ``deal``: what came of it; ``from_stage``, ``from_pipeline``: where the
    source stood, addresses or ``#id``. ``refusals``: how often the CRM refused. ``lost``: in both languages."""

    __tablename__ = "deal_copy"
    __table_args__ = (
        UniqueConstraint("installation_id", "source", "target", "cause"),
        Index("deal_copy_journal", "installation_id", "begun_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(200))
    cause: Mapped[str] = mapped_column(String(150))
    marker: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(8), default="begun")
    how: Mapped[str] = mapped_column(String(8), default="")
    deal: Mapped[str] = mapped_column(String(40), default="", index=True)
    contact: Mapped[str] = mapped_column(String(40), default="")
    from_stage: Mapped[str] = mapped_column(String(200), default="")
    from_pipeline: Mapped[str] = mapped_column(String(200), default="")
    lost: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    refusals: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str] = mapped_column(String(100))
    begun_at: Mapped[datetime]
    made_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Copy:
    """One row of the lineage."""

    id: int
    source: str
    target: str
    cause: str
    marker: str
    state: State
    how: How
    deal: str
    contact: str
    from_stage: str
    from_pipeline: str
    lost: tuple[Text, ...]
    refusals: int
    asked_by: str
    begun_at: datetime
    made_at: datetime | None

    @property
    def key(self) -> str:
        """By which its effects are carried out; another one after each refusal, so that it can be tried anew."""
        return f"copy:{self.id}:{self.refusals}"


@dataclass(frozen=True, slots=True)
class Family:
    """The deals that hang together by copying, the oldest tie first. A deal may come from several others."""

    deals: tuple[str, ...]
    ties: tuple[Copy, ...]

    def parents(self, deal: str) -> tuple[str, ...]:
        """What it was copied from, or led to it."""
        return tuple(tie.source for tie in self.ties if tie.deal == deal and tie.source != deal)

    def children(self, deal: str) -> tuple[str, ...]:
        """What was copied from it, or what it led to."""
        return tuple(tie.deal for tie in self.ties if tie.source == deal and tie.deal != deal)


def begin(session: Session, installation_id: int, source: str, target: str, cause: str, asked_by: str) -> Copy:
    """The row of this copy, made if it is new; safe to repeat and to run twice at once."""
    fresh = insert(CopyRow).values(
        installation_id=installation_id,
        source=source,
        target=target,
        cause=cause,
        # drawn, as a clinic may come back with an empty database of ours, and numbers begin anew
        marker=f"copy:{base64.b32encode(secrets.token_bytes(10)).decode().lower()}",
        asked_by=asked_by,
        begun_at=now(),
        **dict.fromkeys(("how", "deal", "contact", "from_stage", "from_pipeline"), ""),
        state="begun",
        lost=[],
        refusals=0,
    )
    session.execute(fresh.on_conflict_do_nothing())
    named = (CopyRow.source == source, CopyRow.target == target, CopyRow.cause == cause)
    return _copy(session.execute(select(CopyRow).where(*named)).scalar_one())


def note(session: Session, copy_id: int, standing: State, **values: Any) -> Copy:
    """Book what is known now of a copy that still stands so, and the copy as it stands then."""
    turn(session, copy_id, standing, **values)
    return get(session, copy_id)


def turn(session: Session, copy_id: int, standing: State, **values: Any) -> bool:
    """Book it if the copy still stands so; whether it was. Of two at once, one is told so."""
    here = (
        update(CopyRow).where(CopyRow.id == copy_id, CopyRow.state == standing).values(**values).returning(CopyRow.id)
    )
    return session.execute(here.execution_options(synchronize_session=False)).scalar_one_or_none() is not None


def get(session: Session, copy_id: int) -> Copy:
    """One copy, which must be there."""
    stored = {"populate_existing": True}
    return _copy(session.execute(select(CopyRow).where(CopyRow.id == copy_id), execution_options=stored).scalar_one())


def of_deal(session: Session, deal: str) -> Copy | None:
    """How this deal was last made by copying, or moved instead; ``None`` where it was not."""
    made = select(CopyRow).where(CopyRow.deal == deal, CopyRow.how.in_(("copied", "moved")))
    row = session.execute(made.order_by(CopyRow.id.desc()).limit(1)).scalar_one_or_none()
    return None if row is None else _copy(row)


def by_another(session: Session, source: str, target: str, by: str, since: datetime) -> Copy | None:
    """The copy that somebody else has made by hand of this deal at this stage since then, the newest; undone ones are none."""
    made = select(CopyRow).where(CopyRow.source == source, CopyRow.target == target, CopyRow.state == "done")
    others = made.where(CopyRow.asked_by.not_in((by, SYSTEM)), CopyRow.begun_at > since, CopyRow.how == "copied")
    row = session.execute(others.order_by(CopyRow.id.desc()).limit(1)).scalar_one_or_none()
    return None if row is None else _copy(row)


def tree(session: Session, deal: str) -> Family:
    """The family of a deal: all that it came from and all that came of it."""
    known, fresh, ties = {deal}, {deal}, dict[int, Copy]()
    for _ in range(DEEPEST):
        touching = select(CopyRow).where(or_(CopyRow.source.in_(fresh), CopyRow.deal.in_(fresh)), CopyRow.deal != "")
        found = [_copy(row) for row in session.execute(touching).scalars()]
        ties |= {one.id: one for one in found}
        fresh = {name for one in found for name in (one.source, one.deal)} - known
        if not fresh:
            break
        known |= fresh
    ordered = tuple(ties[number] for number in sorted(ties))
    seen = dict.fromkeys(name for tie in ordered for name in (tie.source, tie.deal))
    return Family(tuple(seen) or (deal,), ordered)


def origin_stage(session: Session, deal: str) -> str:
    """Where a deal goes back to (S0-62): the first open stage of the pipeline it was moved from, or else copied from; empty
    where nobody knows."""
    chart = charts.load(session)
    if chart is None:
        return ""
    home = _moved_from(session, chart, deal) or _copied_from(session, chart, deal)
    open_ones = [stage for stage in chart.stage.values() if stage.pipeline == home and stage.kind == "open"]
    return min(open_ones, key=lambda stage: stage.position).address if home and open_ones else ""


def _moved_from(session: Session, chart: Chart, deal: str) -> str:
    """The last pipeline of the deal's own history that is another one than where it stands."""
    steps = [stage for step in stage_history.history(session, deal) for stage in (step.from_stage, step.to_stage)]
    been = [chart.stage_of_id[stage].pipeline for stage in steps if stage in chart.stage_of_id]
    return next((pipeline for pipeline in reversed(been) if pipeline != been[-1]), "")


def _copied_from(session: Session, chart: Chart, deal: str) -> str:
    came = of_deal(session, deal)
    here = chart.stage[came.target].pipeline if came and came.target in chart.stage else ""
    return _home(session, came, here) if came else ""


def _home(session: Session, came: Copy, here: str) -> str:
    """The nearest pipeline up the line that is another one than here."""
    step: Copy | None = came
    for _ in range(DEEPEST):
        if step is None or step.from_pipeline not in ("", here):
            break
        step = of_deal(session, step.source) if step.source != step.deal else None
    home = step.from_pipeline if step else ""
    return "" if home.startswith("#") else home


def waiting(session: Session) -> Sequence[Copy]:
    """The copies that were begun and not ended, the oldest first."""
    open_ones = select(CopyRow).where(CopyRow.state.in_(("begun", "made"))).order_by(CopyRow.id)
    return [_copy(row) for row in session.execute(open_ones).scalars()]


def count_since(session: Session, since: datetime) -> int:
    """How many deals copying has added since then."""
    made = select(CopyRow.id).where(CopyRow.how == "copied", CopyRow.state != "undone", CopyRow.made_at > since)
    return len(session.execute(made).all())


def forget(session: Session) -> dict[str, int]:
    """Drop the lineage of the installation in scope; how many rows there were. It holds numbers of deals, no names."""
    gone = delete(CopyRow).returning(CopyRow.id).execution_options(synchronize_session=False)
    return {CopyRow.__tablename__: len(session.execute(gone).all())}


def _copy(row: CopyRow) -> Copy:
    values = {name: getattr(row, name) for name in Copy.__dataclass_fields__}
    return Copy(**{**values, "lost": tuple(Text(ru, en) for ru, en in row.lost)})
