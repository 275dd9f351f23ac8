"""Changes of the deal and its patient: fields, the responsible person, the stage. Neighbouring steps are written at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from widget_backend.crm.asking import Deals, UpdateContact, UpdateDeal, Write
from widget_backend.crm.chart import ChartField
from widget_backend.crm.records import FieldValue, FieldValues
from widget_backend.db import scope
from widget_backend.deals.turns import turn
from widget_backend.robots import grammar, increases, matching, naming
from widget_backend.robots.actions import people
from widget_backend.robots.actions.values import resolve
from widget_backend.robots.actions.work import Deed, Numbered, Work
from widget_backend.robots.happenings import Created, Entered, Left
from widget_backend.robots.rule import Step
from widget_backend.texts import Text

WROTE = Text("заполнено {field}", "{field} was filled in")
CLEARED = Text("очищено {field}", "{field} was cleared")
ADDED = Text("увеличено {field}", "{field} was increased")
NO_FIELD = Text("пропущено поле {field}: его нет в CRM", "the field {field} was passed over: it is not in the CRM")
NO_VALUE = Text("в {field} записать нечего", "there is nothing to write into {field}")
NO_PATIENT = Text("пропущено {field}: в сделке нет пациента", "{field} was passed over: the deal has no patient")
MOVED = Text("сделка переведена на {stage}", "the deal was moved to {stage}")
STANDS = Text("сделка уже на этапе {stage}", "the deal is at {stage} already")
WENT_ON = Text(
    "сделка не переведена: её уже перевели на {stage}", "the deal was not moved: somebody moved it to {stage} already"
)
RESPONSIBLE = Text("ответственный назначен: {whom}", "a responsible person was set: {whom}")
NOBODY = Text("ответственный прежний", "the responsible person stays")


@dataclass
class _Changes:
    """What one write will hold. ``added``: fields whose sum is counted last."""

    deal: dict[str, FieldValue] = field(default_factory=dict)
    contact: dict[str, FieldValue] = field(default_factory=dict)
    added: list[tuple[ChartField, FieldValue]] = field(default_factory=list)
    responsible: str = ""
    stage: str = ""
    said: list[Text] = field(default_factory=list)
    loud: bool = False

    def write(self, address: str, value: FieldValue) -> None:
        (self.deal if address.startswith("field.deal.") else self.contact)[address] = value


def change(work: Work, steps: Sequence[Numbered]) -> Deed:
    """Carry out neighbouring changes: at most one write of the patient and one of the deal."""
    changes, number = _Changes(), steps[0].number
    for numbered in steps:
        _CHANGES[numbered.step.action](work, numbered.step, changes)
    with _alone(work, number, changes) as record:
        for target, value in changes.added:
            changes.write(target.address, _sum(record.get(target.address), value))
        refused = work.send(number, tuple(_writes(work, changes)))
    work.is_fresh = False  # what steps after this one see is read anew
    return Deed((*changes.said, *refused), quiet=not changes.loud)


def _writes(work: Work, changes: _Changes) -> Iterator[Write]:
    if changes.contact:
        yield UpdateContact(work.deal.contact, changes.contact)
    if changes.deal or changes.responsible or changes.stage:
        to = work.clinic.chart.stage_of_id.get(changes.stage)
        pipeline, leaves = (to.pipeline_id, work.deal.stage) if to else ("", "")
        yield UpdateDeal(work.deal.id, changes.stage, pipeline, "", changes.responsible, changes.deal, leaves=leaves)


@contextmanager
def _alone(work: Work, number: int, changes: _Changes) -> Iterator[FieldValues]:
    """The record that is added to, as it is now, while nobody else adds to it; what others began is finished before."""
    if not changes.added:
        yield {}
        return
    of_contact = changes.added[0][0].entity == "contact"
    record = f"contact:{work.deal.contact}" if of_contact else f"deal:{work.deal.id}"
    clinic, key = work.clinic, work.key(number)
    with ExitStack() as held:
        held.enter_context(scope(clinic.id))
        held.enter_context(turn(clinic, f"increase:{record}"))
        with clinic.database.transaction() as session:
            others = [each for each in increases.unfinished(session, record) if each != key]
        for other in others:
            work.effects.carry_out(other, ())
        with clinic.database.transaction() as session:
            for other in others:
                increases.end(session, other)
            increases.begin(session, clinic.id, record, key)
        yield _now(work, of_contact=of_contact)
        with clinic.database.transaction() as session:
            increases.end(session, key)


def _now(work: Work, *, of_contact: bool) -> FieldValues:
    if of_contact:
        person = work.contact_now()
        return person.fields if person else {}
    deals = Deals((work.deal.id,))
    found = work.clinic.records.read(deals)[deals]
    return found[0].fields if found else {}


def _sum(before: FieldValue, added: FieldValue) -> FieldValue:
    """Whole minor units for money, a decimal for a number."""
    if isinstance(added, Decimal):
        return added + (before if isinstance(before, int | Decimal) else 0)
    return (added if isinstance(added, int) else 0) + (before if isinstance(before, int) else 0)


def _set_field(work: Work, step: Step, changes: _Changes) -> None:
    target = _target(work, step, changes)
    if target is None:
        return
    value = resolve(work, step.value, target)
    if value is None:
        changes.said.append(NO_VALUE.format(field=naming.quoted(target.name)))
        return
    changes.write(step.field, value)
    changes.said.append(WROTE.format(field=naming.quoted(target.name)))


def _clear_field(work: Work, step: Step, changes: _Changes) -> None:
    target = _target(work, step, changes)
    if target is not None:
        changes.write(step.field, None)
        changes.said.append(CLEARED.format(field=naming.quoted(target.name)))


def _increase_field(work: Work, step: Step, changes: _Changes) -> None:
    target = _target(work, step, changes)
    value = resolve(work, step.value, target) if target else None
    if target is None or not value:
        return
    changes.added.append((target, value))
    changes.said.append(ADDED.format(field=naming.quoted(target.name)))


def _target(work: Work, step: Step, changes: _Changes) -> ChartField | None:
    """The field, where the CRM has it and there is a record to write it to."""
    target = work.clinic.chart.field.get(step.field)
    if target is None:
        changes.said.append(NO_FIELD.format(field=naming.quoted(step.field)))
    elif target.entity == "contact" and not work.deal.contact:
        changes.said.append(NO_PATIENT.format(field=naming.quoted(target.name)))
        return None
    return target


def _set_responsible(work: Work, step: Step, changes: _Changes) -> None:
    user = people.mover(work) if step.who == "mover" else people.whom(work, step.who)
    if not user or user == work.deal.responsible:
        changes.said.append(NOBODY)
        return
    changes.responsible, changes.loud = user, True
    changes.said.append(RESPONSIBLE.format(whom=grammar.ROLES[step.who].says))


def _move_deal(work: Work, step: Step, changes: _Changes) -> None:
    """A deal that somebody has moved on meanwhile is not pulled back."""
    target = work.clinic.chart.stage[step.to]
    here = work.deal_now().stage
    if here == target.id:
        work.moved = here
        changes.said.append(STANDS.format(stage=naming.quoted(naming.stage(work.clinic.chart, here))))
    elif not stands(work):
        changes.said.append(WENT_ON.format(stage=naming.quoted(naming.stage(work.clinic.chart, here))))
    else:
        changes.stage, changes.loud, work.moved = target.id, True, target.id
        changes.said.append(MOVED.format(stage=naming.quoted(naming.stage(work.clinic.chart, target.id))))


def stands(work: Work) -> bool:
    """Whether the deal still stands where the rule has met it, or has put it."""
    here, happening = work.deal_now().stage, work.firing.happening
    if here == work.moved:
        return True
    if isinstance(happening, Created | Entered):
        return here == happening.stage
    if isinstance(happening, Left):
        return here == happening.to_stage
    return matching.covers(work.rule.when, work.clinic.chart.stage_of_id.get(here))


_CHANGES: Final[Mapping[str, Any]] = {
    "set_field": _set_field,
    "clear_field": _clear_field,
    "increase_field": _increase_field,
    "set_responsible": _set_responsible,
    "move_deal": _move_deal,
}
CHANGES: Final = frozenset(_CHANGES)
