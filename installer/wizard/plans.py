"""The plan that is shown: asked for by a page, made by a job, kept until the next one. The only writer of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import String, UniqueConstraint, select, update
from sqlalchemy import Text as Words
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.db import Owned
from widget_backend.texts import Text

Purpose = Literal["apply", "rollback"]
State = Literal["none", "making", "ready", "failed"]

#: a plan is shown again without asking the CRM while it is younger than this; applying reads the CRM anew anyway
FRESH: Final = timedelta(minutes=10)
#: a CRM that is away is tried again for about so long; then a person has to ask
PATIENCE: Final = timedelta(minutes=3)


class PlanRow(Owned):
    """One plan of each purpose. ``asked`` grows with each asking, also across a removal: the answer to an older one is thrown
    away. ``fits``: the mark of the draft it was made of."""

    __tablename__ = "wizard_plan"
    __table_args__ = (UniqueConstraint("installation_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    purpose: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    asked: Mapped[int]
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    fits: Mapped[str] = mapped_column(String(64), default="")
    checksum: Mapped[str] = mapped_column(String(64), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    files: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB, default=dict))
    error_ru: Mapped[str] = mapped_column(Words, default="")
    error_en: Mapped[str] = mapped_column(Words, default="")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as last made. ``content`` is that of ``listing.content``, empty before the first. ``error``: why there is no
    newer one yet (``making``: it is being tried again) or none at all (``failed``)."""

    purpose: Purpose
    state: State = "none"
    asked: int = 0
    asked_at: datetime | None = None
    made_at: datetime | None = None
    fits: str = ""
    checksum: str = ""
    content: Mapping[str, Any] | None = None
    error: Text | None = None

    def is_of(self, mark: str) -> bool:
        """Whether it is the plan of this draft and young enough to be shown as it is."""
        return self.state == "ready" and self.fits == mark and self.made_at is not None and now() - self.made_at < FRESH

    @property
    def is_given_up(self) -> bool:
        """Whether nobody tries any longer to make it."""
        late = self.asked_at is not None and now() - self.asked_at > PATIENCE
        return self.state == "failed" or (self.state == "making" and late)

    def rows(self, *actions: str) -> list[Mapping[str, Any]]:
        """Its rows of these actions, all of them where none is named."""
        listed = self.content["rows"] if self.content else []
        return [row for row in listed if not actions or row["action"] in actions]


def ask(session: Session, installation_id: int, purpose: Purpose = "apply") -> None:
    """Have the plan made anew, in scope; asking again while one waits changes nothing but the wait."""
    row = insert(PlanRow).values(
        installation_id=installation_id,
        purpose=purpose,
        state="making",
        asked=int(now().timestamp() * 1000),
        asked_at=now(),
        fits="",
        checksum="",
        content={},
        files={},
        error_ru="",
        error_en="",
    )
    again = {"state": "making", "asked": PlanRow.asked + 1, "asked_at": now()}
    again |= {"error_ru": "", "error_en": ""}
    session.execute(row.on_conflict_do_update(index_elements=["installation_id", "purpose"], set_=again))
    name = f"{installation_id}:plan:{purpose}"
    jobs.enqueue(
        session,
        "installer.plan",
        lock=f"{installation_id}:crm",
        queueing_lock=name,
        installation_id=installation_id,
        purpose=purpose,
    )


def load(session: Session, purpose: Purpose = "apply") -> SavedPlan:
    """The plan of the installation in scope; one of state ``none`` where none was ever asked for."""
    wanted = select(PlanRow).where(PlanRow.purpose == purpose)
    row = session.execute(wanted, execution_options={"populate_existing": True}).scalar_one_or_none()
    if row is None:
        return SavedPlan(purpose)
    error = Text(row.error_ru, row.error_en) if row.error_ru else None
    state: State = row.state  # type: ignore[assignment]
    return SavedPlan(
        purpose, state, row.asked, row.asked_at, row.made_at, row.fits, row.checksum, row.content or None, error
    )


def file(session: Session, purpose: Purpose, language: str) -> dict[str, Any] | None:
    """The plan to take away."""
    found = session.execute(select(PlanRow.files).where(PlanRow.purpose == purpose)).scalar_one_or_none()
    return found.get(language) if found else None


def store(
    session: Session,
    installation_id: int,
    made: SavedPlan,
    files: Mapping[str, Any],
) -> None:
    """Keep a plan that was made; one that was asked for anew in the meantime is waited for, and one of an account that has
    gone in the meantime is not kept."""
    values: dict[str, Any] = {
        "state": made.state,
        "made_at": now(),
        "fits": made.fits,
        "checksum": made.checksum,
        "content": dict(made.content or {}),
        "files": dict(files),
        "error_ru": "",
        "error_en": "",
    }
    kept = update(PlanRow).where(PlanRow.purpose == made.purpose, PlanRow.asked == made.asked).values(**values)
    session.execute(kept, execution_options={"synchronize_session": False})


def fail(session: Session, failed: SavedPlan, message: Text, *, final: bool) -> None:
    """Say why this asking has no answer yet, unless it was asked anew; ``final``: it will not be tried again by itself."""
    values = {"error_ru": message.ru, "error_en": message.en, **({"state": "failed"} if final else {})}
    session.execute(
        update(PlanRow).where(PlanRow.purpose == failed.purpose, PlanRow.asked == failed.asked).values(**values),
        execution_options={"synchronize_session": False},
    )
