"""Copying: a deal into another pipeline and stage, once for its source, target and cause, wherever it breaks on the way.

::

    copied = copy(clinic, "759", "stage.coord.new", "r:to_coordinator:41", once_per_patient=True, effects=effects)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.clock import now
from widget_backend.crm.asking import AddTask, CreateDeal, Deals, Draft, UpdateDeal, Write
from widget_backend.crm.records import Deal, FieldValues
from widget_backend.db import scope
from widget_backend.deals import effect_log
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import afterwards, lineage, planning, policy
from widget_backend.deals.copying.lineage import SYSTEM, Copy, How
from widget_backend.deals.copying.lost import Lost, told
from widget_backend.deals.copying.planning import COPIED, FOUND, MOVED, Plan, Wish
from widget_backend.deals.copying.policy import PARTS, Part
from widget_backend.deals.copying.rules import Rules
from widget_backend.deals.effect_log import Effect
from widget_backend.deals.effects import Effects
from widget_backend.deals.turns import turn
from widget_backend.errors import Conflict, NotFound
from widget_backend.texts import Text

NOTHING: Final[FieldValues] = MappingProxyType({})
#: two people who want the same copy within so long want one
TOGETHER: Final = timedelta(minutes=1)

JUST_MADE = Text(
    "Коллега только что скопировал эту сделку сюда же: копия №{deal}, вторая не нужна. Если нужна, повторите через минуту.",
    "A colleague has just copied this deal to the same stage: copy {deal}, no second one is needed. If it is, repeat in a "
    "minute.",
)
UNDONE = Text(
    "Эту копию уже отменили: сама она больше не создаётся. Если она всё же нужна, скопируйте сделку кнопкой.",
    "This copy was undone: it is not made again by itself. If it is needed after all, copy the deal by the button.",
)


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of it. ``deal``: the copy, or the deal that is there instead; ``made``: whether it is a new one; ``lost``: what
    of the source it does not hold; ``warning``: of the account's quota."""

    deal: str
    made: bool
    reason: Text
    lost: tuple[Text, ...] = ()
    warning: Text | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What :func:`copy` would do now. ``draft``: the new deal, where there would be one."""

    how: How
    deal: str
    reason: Text
    draft: Draft | None
    products: int
    tasks: int
    notes: int
    lost: tuple[Text, ...]
    warning: Text | None


def preview(
    clinic: Clinic,
    source: str,
    to: str,
    *,
    once_per_patient: bool = False,
    filled: FieldValues = NOTHING,
    mapping: Rules | None = None,
) -> Preview:
    """Look, and write nothing. Raises as :func:`copy` does."""
    with scope(clinic.id):
        plan = planning.plan(clinic, Wish(source, to, once_per_patient, filled, mapping))
    made = plan.made
    return Preview(
        plan.how,
        plan.deal,
        plan.reason,
        made.draft if made else None,
        len(made.products) if made else 0,
        len(plan.tasks),
        len(plan.notes),
        told(plan.lost),
        plan.warning,
    )


def copy(
    clinic: Clinic,
    source: str | Deal,
    to: str,
    cause: str,
    *,
    once_per_patient: bool = False,
    filled: FieldValues = NOTHING,
    mapping: Rules | None = None,
    effects: Effects,
    by: str = SYSTEM,
) -> Copied:
    """Make the copy, or answer what came of it before. A deal that was read just now spares reading it again.

    ``to``: address of a stage; ``cause``: up to 150 characters; ``by``: id of the user who asked. Raises :class:`VendorError`
    (the same call finishes it, or tries anew after a refusal), :class:`Conflict` where the stage is gone, :class:`NotFound`
    where the deal is, :class:`InvalidInput` where the clinic's rules of copying cannot be read.
    """
    known = source if isinstance(source, Deal) else None
    wish = Wish(known.id if known else str(source), to, once_per_patient, filled, mapping)
    with scope(clinic.id):
        copying = _Copying(clinic, wish, cause, effects, by)
        if by == SYSTEM:
            return copying.through(known)
        with turn(clinic, f"copies by hand:{wish.source}:{to}"):
            return _of_a_colleague(clinic, wish, by) or copying.through(known)


def _of_a_colleague(clinic: Clinic, wish: Wish, by: str) -> Copied | None:
    """Two people who press the button at once want one copy."""
    with clinic.database.transaction() as session:
        made = lineage.by_another(session, wish.source, wish.to, by, now() - TOGETHER)
    return Copied(made.deal, False, JUST_MADE.format(deal=made.deal), made.lost) if made else None


class _Copying:
    def __init__(self, clinic: Clinic, wish: Wish, cause: str, effects: Effects, by: str) -> None:
        self._clinic, self._wish, self._cause = clinic, wish, cause
        self._effects, self._by = effects, by
        self._policy = policy.read(clinic.settings)
        self._plan: Plan | None = None

    def through(self, known: Deal | None) -> Copied:
        with self._clinic.database.transaction() as session:
            row = lineage.begin(session, self._clinic.id, self._wish.source, self._wish.to, self._cause, self._by)
        if row.state == "begun":
            with self._patients_turn(known) as deal:
                row = self._made(row, deal)
        if row.state == "made":
            row = self._followed(row)
        return copied(self._clinic, row, self._plan.warning if self._plan else None)

    @contextmanager
    def _patients_turn(self, known: Deal | None) -> Iterator[Deal | None]:
        """Where a patient may have one deal only, one copy at a time looks for it and makes it."""
        if not self._wish.once_per_patient and self._policy.link == "never":
            yield known
            return
        patient = planning.patient_of(self._clinic, self._wish.source, known)
        if not patient and known is None:
            asked = Deals((self._wish.source,))
            deals = self._clinic.records.read(asked)[asked]
            known = deals[0] if deals else None
            patient = known.contact if known else ""
        with turn(self._clinic, f"copies:{patient or self._wish.source}"):
            yield known

    def _made(self, row: Copy, known: Deal | None) -> Copy:
        """A new deal, or the one that is there instead."""
        answers = self._effects.carry_out(row.key, ()) if row.how else ()  # what an earlier try has begun
        if not answers:
            self._plan = planning.plan(self._clinic, self._wish, known, row.marker)
            row = self._note(row, self._plan)
            if self._plan.how == "found":
                return self._ended(row)
            answers = self._effects.carry_out(row.key, [_write(self._plan)])
        written = answers[0]
        if written.error:
            with self._clinic.database.transaction() as session:
                lineage.turn(session, row.id, "begun", refusals=row.refusals + 1)
            raise written.error
        with self._clinic.database.transaction() as session:
            row = lineage.note(session, row.id, "begun", state="made", deal=written.id or row.deal, made_at=now())
        return row if row.how == "copied" else self._ended(row)

    def _note(self, row: Copy, plan: Plan) -> Copy:
        home = self._clinic.chart.stage_of_id.get(plan.source.stage)
        values: dict[str, Any] = {
            "how": plan.how,
            "deal": plan.deal,
            "contact": plan.source.contact,
            "from_stage": home.address if home and home.address else f"#{plan.source.stage}",
            "from_pipeline": home.pipeline if home and home.pipeline else f"#{plan.source.pipeline}",
            "lost": [[one.ru, one.en] for one in told(plan.lost)],
        }
        with self._clinic.database.transaction() as session:
            return lineage.note(session, row.id, "begun", **values)

    def _followed(self, row: Copy) -> Copy:
        """What goes along once the copy is there."""
        key = f"{row.key}:after"
        begun = self._plan is None and self._effects.carry_out(key, ())
        plan = None if begun else self._plan or self._again(row)
        if plan is not None:
            self._effects.carry_out(key, afterwards.writes(self._clinic, plan, self._policy.parts, row.deal))
        with self._clinic.database.transaction() as session:
            refused = told(_refused(effect_log.of_key(session, key)))
        return self._ended(replace(row, lost=(*row.lost, *refused)))

    def _again(self, row: Copy) -> Plan | None:
        """The plan of a copy that is there; ``None`` where its source or its stage is gone meanwhile."""
        try:
            return planning.plan(self._clinic, self._wish, marker=row.marker, always=True)
        except (NotFound, Conflict):
            return None

    def _ended(self, row: Copy) -> Copy:
        role = "system" if self._by == SYSTEM else "user"
        act = Act(self._by, role, f"deal.{row.how}", f"deal:{row.deal}", self._cause)
        told_of = {"source": row.source, "target": row.target, "lost": len(row.lost)}
        lost = [[one.ru, one.en] for one in row.lost]
        with self._clinic.database.transaction() as session:
            if lineage.turn(session, row.id, row.state, state="done", lost=lost, made_at=row.made_at or now()):
                audit.record(session, self._clinic.id, act, told_of)
            return lineage.get(session, row.id)


def copied(clinic: Clinic, row: Copy, warning: Text | None = None) -> Copied:
    """A row of the lineage as an answer."""
    stage = clinic.chart.stage.get(row.target)
    where = planning.pipeline_name(clinic.chart, stage) if stage else row.target
    words = {"stage": stage.name if stage else row.target, "pipeline": where, "deal": row.deal}
    reasons = {"copied": COPIED, "found": FOUND, "moved": MOVED}
    reason = UNDONE if row.state == "undone" else reasons[row.how].format(**words)
    return Copied(row.deal, row.how == "copied" and row.state != "undone", reason, row.lost, warning)


def _write(plan: Plan) -> Write:
    if plan.made is None:
        return UpdateDeal(plan.deal, plan.stage.id, plan.stage.pipeline_id, leaves=plan.source.stage)
    return CreateDeal(plan.made.draft, plan.made.products)


def _refused(effects: Sequence[Effect]) -> Iterator[Lost]:
    kinds = {effect.kind for effect in effects if effect.written and effect.written.error}
    parts: list[Part] = ["tasks" if kind == AddTask.__name__ else "notes" for kind in sorted(kinds)]
    yield from (Lost(part, "refused", PARTS[part]) for part in parts)
