"""The journal: each run of a plan and its steps, with before, after, remote id and inverse. Only writer of both tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, Integer, String, Text, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from installer.plan import Plan
from widget_backend.clock import now
from widget_backend.crm.encoding import encode_all
from widget_backend.crm.model import Action, Change
from widget_backend.crm.port import Outcome
from widget_backend.db import Owned

#: applying  under way, or cut off · done  verified · drifted  applied, but the CRM shows something else
#: failed    the vendor refused something · stopped  a fault ended it, the next run goes on
RunStatus = Literal["applying", "done", "drifted", "failed", "stopped"]

#: action -> what takes it back
INVERSE = {Action.CREATE: "delete", Action.UPDATE: "restore", Action.DELETE: "none", Action.ADOPT: "release"}


class Run(Owned):
    """One execution of a plan. ``checksum`` is the approved plan's."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    preset: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(16))
    checksum: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    requests: Mapped[int] = mapped_column(Integer, default=0)


class Step(Owned):
    """One row of the plan being carried out. ``state``: planned, done, failed. ``error`` is English, ``error_ru`` Russian."""

    __tablename__ = "step"
    __table_args__ = (Index("step_run_address", "run_id", "address", "action", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(16))
    inverse: Mapped[str] = mapped_column(String(16))
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    remote_id: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10))
    error: Mapped[str] = mapped_column(Text, default="")
    error_ru: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(String(400), default="")
    at: Mapped[datetime]


def begin(session: Session, installation_id: int, plan: Plan) -> int:
    """Open a run; a run of this preset that was cut off is closed as stopped."""
    session.execute(
        update(Run)
        .where(Run.preset == plan.preset, Run.status == "applying", Run.installation_id == installation_id)
        .values(status="stopped", finished_at=now()),
        execution_options={"synchronize_session": False},
    )
    run = Run(
        installation_id=installation_id,
        preset=plan.preset,
        version=plan.version,
        purpose=plan.purpose,
        checksum=plan.checksum,
        status="applying",
        started_at=now(),
    )
    session.add(run)
    session.flush()
    return run.id


def announce(session: Session, run_id: int, changes: Iterable[Change]) -> None:
    """Write down what is about to be done, before the first request; rows announced already are left alone."""
    there = select(Step.address, Step.action).where(Step.run_id == run_id)
    known = {(address, action) for address, action in session.execute(there)}
    session.add_all(_step(run_id, c) for c in changes if (c.address, c.action.value) not in known)


def record(session: Session, run_id: int, changes: Iterable[Change], outcomes: Iterable[Outcome]) -> None:
    """What became of the announced rows."""
    actions = {change.address: change.action.value for change in changes}
    by_address = {outcome.address: outcome for outcome in outcomes}
    steps = select(Step).where(Step.run_id == run_id, Step.address.in_(by_address))
    for step in session.execute(steps).scalars():
        outcome = by_address[step.address]
        if step.action != actions.get(step.address):
            continue
        step.state = "failed" if outcome.error else "done"
        step.error = outcome.error.message.en if outcome.error else ""
        step.error_ru = outcome.error.message.ru if outcome.error else ""
        step.remote_id = outcome.remote.id if outcome.remote else step.remote_id
        step.at = now()


def finish(session: Session, run_id: int, status: RunStatus, requests: int) -> None:
    """Close the run."""
    run = session.get_one(Run, run_id)
    run.status, run.finished_at, run.requests = status, now(), requests


def cut_off(session: Session, preset: str) -> Run | None:
    """The newest run of this preset, if it never came to its end: its approved plan may be carried on."""
    newest = select(Run).where(Run.preset == preset).order_by(Run.id.desc()).limit(1)
    run = session.execute(newest).scalar_one_or_none()
    return run if run and run.status in ("applying", "stopped") else None


def newest(session: Session) -> int:
    """The id of the newest run in scope, 0 before the first."""
    return session.execute(select(func.max(Run.id))).scalar_one() or 0


def steps_after(session: Session, run_id: int) -> list[Step]:
    """The steps of all later runs in scope, in the order they were announced."""
    later = select(Step).where(Step.run_id > run_id).order_by(Step.id)
    return list(session.execute(later, execution_options={"populate_existing": True}).scalars())


def was_done(session: Session, preset: str, checksum: str) -> bool:
    """Whether the plan of this checksum has been carried out to the end."""
    done = select(Run.id).where(Run.preset == preset, Run.checksum == checksum, Run.status == "done").limit(1)
    return session.execute(done).first() is not None


def approved(session: Session, run_id: int) -> set[tuple[str, str]]:
    """(action, address) of every row the run was allowed to carry out."""
    rows = select(Step.action, Step.address).where(Step.run_id == run_id)
    return {(action, address) for action, address in session.execute(rows)}


def _step(run_id: int, change: Change) -> Step:
    return Step(
        run_id=run_id,
        address=change.address,
        title=change.title[:400],
        kind=change.kind.value,
        action=change.action.value,
        inverse=INVERSE.get(change.action, "none"),
        before=encode_all(change.before),
        after=encode_all(change.after),
        remote_id=change.remote.id if change.remote else "",
        state="planned",
        at=now(),
    )
