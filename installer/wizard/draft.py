"""What a clinic has chosen so far, one draft per installation. The only writer of its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import Boolean, String, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from installer import preset as presets
from installer.preset import Preset
from installer.wishes import Choices, OnConflict
from widget_backend.crm.encoding import digest
from widget_backend.db import Owned

#: the screens of the wizard, in order; the last two are beside the way
Step = Literal["access", "choices", "plan", "apply", "result", "rollback"]
STEPS: tuple[Step, ...] = get_args(Step)

#: what is offered to a clinic that has chosen nothing yet
FIRST = "dental"


class DraftRow(Owned):
    """One draft. ``step``: the screen to open."""

    __tablename__ = "wizard_draft"
    __table_args__ = (UniqueConstraint("installation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    preset: Mapped[str] = mapped_column(String(64))
    given: Mapped[dict[str, Any]] = mapped_column(JSONB)
    skipped: Mapped[list[str]] = mapped_column(JSONB)
    adopt: Mapped[bool] = mapped_column(Boolean)
    decisions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    step: Mapped[str] = mapped_column(String(16))


@dataclass(frozen=True, slots=True)
class Draft:
    """``given``: settings as a person gave them. ``skipped``: addresses done without. ``adopt``: take over same-named
    objects. ``decisions``: address -> keep or replace, where both sides changed something."""

    preset: str = FIRST
    given: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    adopt: bool = True
    decisions: Mapping[str, OnConflict] = field(default_factory=dict)
    step: Step = "access"

    @property
    def mark(self) -> str:
        """The same for the same choices: a plan of another mark is not the plan of this draft."""
        return digest([self.preset, dict(self.given), sorted(self.skipped), self.adopt, dict(self.decisions)])

    @property
    def choices(self) -> Choices:
        """What the planner is to do where it would ask."""
        return Choices(self.adopt, "ask", dict(self.decisions))

    def configured(self) -> Preset:
        """The preset as chosen. Raises :class:`InvalidInput`."""
        wanted = presets.find(self.preset)
        filled = presets.configure(wanted, self.given)
        return presets.configure(presets.without(filled, self.skipped), self.given)


def load(session: Session) -> Draft:
    """The draft of the installation in scope; the plain one where nothing was chosen yet."""
    row = session.execute(select(DraftRow), execution_options={"populate_existing": True}).scalar_one_or_none()
    if row is None:
        return Draft()
    step: Step = next((known for known in STEPS if known == row.step), "access")
    return Draft(row.preset, row.given, tuple(row.skipped), row.adopt, row.decisions, step)


def save(session: Session, installation_id: int, draft: Draft) -> None:
    """Keep this draft; safe to repeat and to do twice at once."""
    values = {
        "preset": draft.preset,
        "given": dict(draft.given),
        "skipped": list(draft.skipped),
        "adopt": draft.adopt,
        "decisions": dict(draft.decisions),
        "step": draft.step,
    }
    made = insert(DraftRow).values(installation_id=installation_id, **values)
    session.execute(made.on_conflict_do_update(index_elements=["installation_id"], set_=values))


def go(session: Session, installation_id: int, step: Step) -> None:
    """Remember which screen is open; the choices stay."""
    moved = update(DraftRow).where(DraftRow.installation_id == installation_id).values(step=step)
    done = session.execute(
        moved.returning(DraftRow.id), execution_options={"synchronize_session": False}
    ).scalar_one_or_none()
    if done is None:
        save(session, installation_id, Draft(step=step))
