"""Undoing a copy within ten minutes, as long as nobody has worked on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.clock import now
from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CloseTask,
    CreateDeal,
    Deals,
    DeleteDeal,
    Draft,
    Notes,
    Notify,
    Tasks,
    UpdateDeal,
    Write,
)
from widget_backend.crm.chart import ChartStage
from widget_backend.crm.records import Deal, Note, Task
from widget_backend.db import scope
from widget_backend.deals import effect_log, own_marks
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import lineage
from widget_backend.deals.copying.lineage import Copy
from widget_backend.deals.effect_log import Effect
from widget_backend.deals.effects import Effects
from widget_backend.errors import Conflict, Missing, NotFound
from widget_backend.texts import Text

TIME: Final = timedelta(minutes=10)

NO_COPY = Text(
    "Сделка №{deal} не создана копированием: отменять нечего. Ничего не изменено.",
    "Deal {deal} was not made by copying: there is nothing to undo. Nothing was changed.",
)
UNFINISHED = Text(
    "Копия №{deal} ещё создаётся. Ничего не изменено: повторите через минуту.",
    "Copy {deal} is still being made. Nothing was changed: repeat in a minute.",
)
TOO_LATE = Text(
    "Отменить копию можно в течение 10 минут. Сделка №{deal} не тронута: закройте её в CRM, если она не нужна.",
    "A copy can be undone for 10 minutes. Deal {deal} was not touched: close it in the CRM if it is not needed.",
)
WORKED_ON = Text(
    "С копией №{deal} уже работали ({what}). Она не тронута: закройте её в CRM сами, если она не нужна.",
    "People have worked on copy {deal} ({what}). It was not touched: close it in the CRM yourself if it is not needed.",
)
NO_LOST = Text(
    "CRM не даёт удалить копию №{deal}, а этапа отказа в её воронке нет. Она не тронута: закройте её в CRM сами.",
    "The CRM does not let copy {deal} be deleted, and its pipeline has no lost stage. It was not touched: close it yourself.",
)
DELETED = Text("Копия №{deal} удалена.", "Copy {deal} was deleted.")
CLOSED = Text(
    "Копия №{deal} закрыта как отказ: удалять сделки эта CRM не даёт.",
    "Copy {deal} was closed as lost: this CRM lets no deal be deleted.",
)
RETURNED = Text("Сделка №{deal} возвращена на прежний этап.", "Deal {deal} was moved back to its former stage.")
NOTE = Text("Копия создана по ошибке и отменена.", "This copy was made by mistake and undone.")
SOURCE_NOTE = Text("Копия №{deal} отменена.", "Copy {deal} was undone.")

STAGE = Text("другой этап", "another stage")
FIELD = Text("изменены поля", "fields were changed")
NOTES = Text("есть примечания", "there are notes")
TASKS = Text("есть задачи", "there are tasks")


@dataclass(frozen=True, slots=True)
class Undone:
    """How the copy was taken back."""

    deal: str
    how: Literal["deleted", "closed", "returned"]
    words: Text


def undo(clinic: Clinic, deal: str, *, effects: Effects, by: str) -> Undone:
    """Take the copy ``deal`` back: deleted where the CRM allows it, else closed as lost; a deal that was moved instead of
    copied goes back. ``by``: id of the user. Safe to repeat.

    Raises :class:`NotFound` where it is no copy, :class:`Conflict` where it is too late or people have worked on it,
    :class:`VendorError`.
    """
    with scope(clinic.id):
        return _Undoing(clinic, replace(effects, hop=own_marks.TAKEN_BACK), by).through(deal)


class _Undoing:
    def __init__(self, clinic: Clinic, effects: Effects, by: str) -> None:
        self._clinic, self._effects, self._by = clinic, effects, by

    def through(self, deal: str) -> Undone:
        with self._clinic.database.transaction() as session:
            row = lineage.of_deal(session, deal)
            begun = effect_log.of_key(session, _key(row)) if row else ()
        if row is None:
            raise NotFound(NO_COPY.format(deal=deal))
        tasks = () if begun else self._checked(row)
        undone = self._returned(row) if row.how == "moved" else self._dropped(row, tasks)
        if row.state != "undone":
            self._end(row)
        return undone

    def _checked(self, row: Copy) -> tuple[Task, ...]:
        """The open tasks of the copy, which are all ours. Raises :class:`Conflict`."""
        if row.state != "done":
            raise Conflict(UNFINISHED.format(deal=row.deal))
        if row.made_at is None or now() - row.made_at > TIME:
            raise Conflict(TOO_LATE.format(deal=row.deal))
        copies, notes, tasks = Deals((row.deal,)), Notes(row.deal), Tasks(row.deal)
        read_at = now()
        found = self._clinic.records.read(copies, notes, tasks)
        with self._clinic.database.transaction() as session:
            effects = effect_log.since(session, row.begun_at)
        ours, busy = [effect.write for effect in effects], under_way(effects, read_at)
        said, set_ = found[notes], found[tasks]
        marks = [mark for deal in found[copies] for mark in work_on(row, ours, deal, said, set_, busy)]
        if marks:
            what = Text(", ".join(m.ru for m in marks), ", ".join(m.en for m in marks))
            raise Conflict(WORKED_ON.format(deal=row.deal, what=what))
        return found[tasks]

    def _dropped(self, row: Copy, tasks: Sequence[Task]) -> Undone:
        closing = [CloseTask(task.id, self._clinic.say(NOTE)) for task in tasks]
        deleted = self._effects.carry_out(_key(row), [*closing, DeleteDeal(row.deal)])[-1]
        gone = deleted.error is None or isinstance(deleted.error, Missing)
        if not gone:
            lost = self._lost_stage(row)
            note = AddNote(row.deal, self._clinic.say(NOTE))
            closed = self._effects.carry_out(
                f"{_key(row)}:close", [UpdateDeal(row.deal, lost.id, lost.pipeline_id), note]
            )
            if closed[0].error:
                raise closed[0].error
        said = self._clinic.say(SOURCE_NOTE.format(deal=row.deal))
        self._effects.carry_out(f"{_key(row)}:told", [AddNote(row.source, said)])
        return Undone(row.deal, "deleted" if gone else "closed", (DELETED if gone else CLOSED).format(deal=row.deal))

    def _returned(self, row: Copy) -> Undone:
        chart, former = self._clinic.chart, row.from_stage
        stage = chart.stage_of_id.get(former[1:]) if former.startswith("#") else chart.stage.get(former)
        if stage is None:
            raise Conflict(TOO_LATE.format(deal=row.deal))
        moved = self._effects.carry_out(_key(row), [UpdateDeal(row.deal, stage.id, stage.pipeline_id)])[0]
        if moved.error:
            raise moved.error
        return Undone(row.deal, "returned", RETURNED.format(deal=row.deal))

    def _lost_stage(self, row: Copy) -> ChartStage:
        target = self._clinic.chart.stage.get(row.target)
        here = target.pipeline_id if target else ""
        lost = [one for one in self._clinic.chart.stages if one.pipeline_id == here and one.kind == "lost"]
        if not lost:
            raise Conflict(NO_LOST.format(deal=row.deal))
        return min(lost, key=lambda stage: stage.position)

    def _end(self, row: Copy) -> None:
        act = Act(self._by, "user", "deal.copy_undone", f"deal:{row.deal}", row.cause)
        with self._clinic.database.transaction() as session:
            if lineage.turn(session, row.id, "done", state="undone"):
                audit.record(session, self._clinic.id, act, {"source": row.source, "target": row.target})


def under_way(effects: Sequence[Effect], read_at: datetime) -> frozenset[str]:
    """Fields that robots were writing while a deal was read: what it held of them says nothing. Pure."""
    late = [effect.write for effect in effects if effect.done_at is None or effect.done_at > read_at]
    return frozenset(address for write in late if isinstance(write, UpdateDeal) for address in write.fields)


def work_on(
    row: Copy,
    ours: Sequence[Write],
    deal: Deal,
    notes: Sequence[Note],
    tasks: Sequence[Task],
    busy: Collection[str] = (),
) -> Iterator[Text]:
    """What others than us did with a copy. Pure. ``ours``: what we have written since it was begun; ``busy``: fields that we
    were writing just then."""
    updates = [write for write in ours if isinstance(write, UpdateDeal) and write.id == row.deal]
    drafts = [write.draft for write in ours if isinstance(write, CreateDeal) and write.draft.marker == row.marker]
    stages = {draft.stage for draft in drafts} | {write.stage for write in updates}
    if stages and deal.stage not in stages:
        yield STAGE
    if any(_is_changed(deal, draft, updates, busy) for draft in drafts):
        yield FIELD
    if row.how == "moved":
        return  # its notes and tasks are older than the move
    signs = [write.sign for write in ours if isinstance(write, AddNote | AddTask | Notify) and write.deal == row.deal]
    for found, mark in ((notes, NOTES), (tasks, TASKS)):
        if any(not any(sign in one.text for sign in signs) for one in found):
            yield mark


def _is_changed(deal: Deal, draft: Draft, updates: Sequence[UpdateDeal], busy: Collection[str]) -> bool:
    fields = {**draft.fields}
    for update in updates:
        fields |= update.fields
    titles = {draft.title} | {update.title for update in updates if update.title}
    amount = draft.amount if not any("field.deal.amount" in update.fields for update in updates) else None
    return (
        deal.title not in titles
        or deal.contacts[:1] != draft.contacts[:1]
        or (amount is not None and deal.amount != amount)
        or any(deal.fields.get(address) != value for address, value in fields.items() if address not in busy)
    )


def _key(row: Copy | None) -> str:
    return f"undo:{row.id}" if row else ""
