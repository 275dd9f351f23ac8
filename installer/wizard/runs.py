"""A run as the wizard sees it: begun once, paused, gone on with, retried, given up. The only writer of its table.

::

    queued ──> running ──> done · drifted · failed (the CRM refused rows) · stale (the CRM is another now)
       ^         │ └─────> waiting (the CRM is away, it is tried again by itself) ──> stopped
       └── paused · stopped · failed <── a person goes on                            any ──> given_up
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Boolean, Index, Integer, String, case, select, text, update
from sqlalchemy import Text as Words
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from installer import journal
from installer.wizard.plans import Purpose
from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.errors import Conflict
from widget_backend.tenancy import installations
from widget_backend.texts import Text

State = Literal["queued", "running", "waiting", "paused", "stopped", "done", "drifted", "failed", "stale", "given_up"]
#: while one of these is there, no other run begins
ALIVE: Final = ("queued", "running", "waiting", "paused", "stopped")
#: the worker is at it, or will be without anybody's doing
MOVING: Final = ("queued", "running", "waiting")
#: from here a person may go on
RESTING: Final = ("paused", "stopped", "failed", "drifted")

JOBS: Final[dict[Purpose, str]] = {"apply": "installer.apply", "rollback": "installer.rollback"}

GONE = Text(
    "Этот запуск уже закончился или его начал кто-то ещё. Ничего не задвоено: посмотрите на его состояние ниже.",
    "This run has ended already, or somebody else has begun it. Nothing is doubled: see its state below.",
)


class RunRow(Owned):
    """One run. ``checksum``: of the plan that was approved, with its guards ``accepted``. ``total``: rows it was to write.
    ``after_run``: the journal's runs behind this one are its own. ``turn`` grows with everything that happens to it.
    ``only``: retried rows. ``questions``: how many are left for a person."""

    __tablename__ = "wizard_run"
    __table_args__ = (
        Index(
            "wizard_run_alive",
            "installation_id",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running', 'waiting', 'paused', 'stopped')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    purpose: Mapped[str] = mapped_column(String(16))
    checksum: Mapped[str] = mapped_column(String(64))
    accepted: Mapped[list[str]] = mapped_column(JSONB)
    only: Mapped[list[str]] = mapped_column(JSONB)
    total: Mapped[int] = mapped_column(Integer)
    after_run: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    pause: Mapped[bool] = mapped_column(Boolean)
    tries: Mapped[int] = mapped_column(Integer)
    turn: Mapped[int]
    questions: Mapped[int] = mapped_column(Integer)
    error_ru: Mapped[str] = mapped_column(Words)
    error_en: Mapped[str] = mapped_column(Words)
    actor: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class WizardRun:
    """One run at one moment."""

    id: int
    purpose: Purpose
    checksum: str
    accepted: tuple[str, ...]
    only: tuple[str, ...]
    total: int
    after_run: int
    state: State
    pause: bool
    tries: int
    turn: int
    questions: int
    error: Text | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def is_alive(self) -> bool:
        """Whether it holds the place: no other begins before it ends."""
        return self.state in ALIVE

    @property
    def is_moving(self) -> bool:
        """Whether it gets on by itself."""
        return self.state in MOVING


def latest(session: Session) -> WizardRun | None:
    """The newest run of the installation in scope."""
    newest = select(RunRow).order_by(RunRow.id.desc()).limit(1)
    row = session.execute(newest, execution_options={"populate_existing": True}).scalar_one_or_none()
    return None if row is None else _value(row)


def begin(
    session: Session,
    installation_id: int,
    purpose: Purpose,
    checksum: str,
    total: int,
    accepted: Collection[str],
    actor: str,
) -> tuple[WizardRun, bool]:
    """Begin a run, or give the one that is alive; and whether it is new. Clicks that come at once wait for each other."""
    installations.hold(session, installation_id)
    there = latest(session)
    if there is not None and there.is_alive:
        return there, False
    row = RunRow(
        installation_id=installation_id,
        purpose=purpose,
        checksum=checksum,
        accepted=sorted(accepted),
        only=[],
        total=total,
        after_run=journal.newest(session),
        state="queued",
        pause=False,
        tries=0,
        turn=1,
        questions=0,
        error_ru="",
        error_en="",
        actor=actor,
        started_at=now(),
        finished_at=None,
    )
    session.add(row)
    session.flush()
    _enqueue(session, installation_id, row.id, purpose)
    return _value(row), True


def go_on(session: Session, installation_id: int, only: Collection[str] = ()) -> WizardRun:
    """Queue the run again, for all that is left or for these addresses. Raises :class:`Conflict` where it does not rest."""
    fresh: dict[str, Any] = {"state": "queued", "pause": False, "tries": 0, "only": sorted(only), "finished_at": None}
    run = _turn(session, installation_id, RESTING, **fresh, error_ru="", error_en="")
    _enqueue(session, installation_id, run.id, run.purpose)
    return run


def ask_to_pause(session: Session, installation_id: int) -> WizardRun:
    """Have it stop before its next request, or at once where none is under way. Raises :class:`Conflict` where it rests."""
    installations.hold(session, installation_id)
    there = latest(session)
    if there is not None and _change(session, there.id, ("queued", "waiting"), state="paused") is not None:
        return latest(session) or there
    return _turn(session, installation_id, ("running",), pause=True)


def give_up(session: Session, installation_id: int) -> WizardRun:
    """End it where it stands. Raises :class:`Conflict` while it moves or has ended well."""
    return _turn(session, installation_id, RESTING, state="given_up", finished_at=now())


def take(session: Session, run_id: int) -> WizardRun | None:
    """For the worker: the run to carry on, now *running*; nothing where it rests or has ended."""
    return _change(session, run_id, MOVING, state="running")


def still(session: Session, run_id: int, **values: Any) -> WizardRun | None:
    """Note something about a running run; nothing where it runs no more."""
    return _change(session, run_id, ("running",), **values)


def rest(session: Session, run_id: int, state: State, error: Text | None = None, **values: Any) -> WizardRun | None:
    """The worker lets go of it: in this state, for this reason."""
    said = {"error_ru": error.ru if error else "", "error_en": error.en if error else ""}
    ended = {} if state in ALIVE else {"finished_at": now()}
    return _change(session, run_id, ("running",), state=state, pause=False, **said, **ended, **values)


def put_off(session: Session, run_id: int, error: Text, tries: int) -> WizardRun | None:
    """The CRM is away: to be tried again by itself, unless a pause was asked for in the meantime."""
    state = case((RunRow.pause, "paused"), else_="waiting")
    said = {"error_ru": error.ru, "error_en": error.en}
    return _change(session, run_id, ("running",), state=state, pause=False, tries=tries, **said)


def _enqueue(session: Session, installation_id: int, run_id: int, purpose: Purpose) -> None:
    jobs.enqueue(session, JOBS[purpose], lock=f"{installation_id}:crm", installation_id=installation_id, run_id=run_id)


def _turn(session: Session, installation_id: int, states: Collection[str], **values: Any) -> WizardRun:
    """Change the newest run, held against whoever else clicks."""
    installations.hold(session, installation_id)
    there = latest(session)
    changed = _change(session, there.id, states, **values) if there else None
    if changed is None:
        raise Conflict(GONE)
    return changed


def _change(session: Session, run_id: int, states: Collection[str], **values: Any) -> WizardRun | None:
    changed = (
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.state.in_(states))
        .values(turn=RunRow.turn + 1, **values)
        .returning(RunRow)
    )
    row = session.execute(
        changed, execution_options={"synchronize_session": False, "populate_existing": True}
    ).scalar_one_or_none()
    return None if row is None else _value(row)


def _value(row: RunRow) -> WizardRun:
    return WizardRun(
        row.id,
        row.purpose,  # type: ignore[arg-type]
        row.checksum,
        tuple(row.accepted),
        tuple(row.only),
        row.total,
        row.after_run,
        row.state,  # type: ignore[arg-type]
        row.pause,
        row.tries,
        row.turn,
        row.questions,
        Text(row.error_ru, row.error_en) if row.error_ru else None,
        row.started_at,
        row.finished_at,
    )
