"""Steps that make deals, or touch another one of the patient's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from widget_backend.crm.asking import AddNote, CreateDeal, DealsOf, Draft, Notes, UpdateDeal, Write
from widget_backend.crm.chart import ChartStage
from widget_backend.crm.records import Deal, FieldValue, Note
from widget_backend.db import scope
from widget_backend.deals import copying
from widget_backend.deals.copying import lineage
from widget_backend.errors import NotFound, Rejected
from widget_backend.robots import grammar, naming
from widget_backend.robots.actions import values
from widget_backend.robots.actions.changing import stands
from widget_backend.robots.actions.work import NOT_DONE, Deed, Numbered, Refused, Work
from widget_backend.robots.rule import Step
from widget_backend.texts import Text

LOSS_REASON: Final = "field.deal.loss_reason"
DUPLICATE: Final = "duplicate"
#: what of an enquiry is handed over in words
ENQUIRY: Final = ("field.deal.source", "field.deal.source_details", "field.deal.utm", "field.deal.comment")
#: of a note that is handed over
LONGEST: Final = 1000

NO_ORIGIN = Text(
    "сделка не скопирована: неизвестно, из какой воронки она пришла",
    "the deal was not copied: it is not known which pipeline it came from",
)
CREATED = Text("создана сделка на этапе {stage}", "a deal was created at {stage}")
THERE = Text(
    "новая сделка не создана: у пациента уже открыта сделка {deal}",
    "no deal was created: the patient has the open deal {deal} already",
)
MOVED = Text("сделка пациента {deal} переведена на {stage}", "the patient's deal {deal} was moved to {stage}")
NONE_TO_MOVE = Text("открытой сделки пациента там нет", "the patient has no open deal there")
JOINED = Text(
    "обращение передано открытой сделке пациента {deal}, она переведена на {stage}; эта сделка закрыта как дубль",
    "the enquiry was handed to the patient's open deal {deal}, which was moved to {stage}; this one is closed as a duplicate",
)
NONE_TO_JOIN = Text(
    "открытой сделки пациента нет, обращение остаётся здесь", "the patient has no open deal, the enquiry stays here"
)
TAKEN = Text(
    "обращение не передано: сделку уже взяли в работу", "the enquiry was not handed over: it was taken already"
)
AGAIN = Text(
    "Пациент обратился ещё раз (сделка {deal}, «{title}»). Обращение передано сюда, чтобы у него была одна открытая сделка.",
    "The patient got in touch again (deal {deal}, “{title}”). The enquiry was handed over here, so there is one open deal.",
)
HANDED = Text(
    "У пациента уже есть открытая сделка {deal}: обращение передано в неё. Эта сделка закрыта как дубль и в отказы не идёт.",
    "The patient has the open deal {deal} already: the enquiry was handed to it. This deal is closed as a duplicate and counts "
    "as no refusal.",
)


def copy_deal(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Copy into another pipeline; exactly once for this firing."""
    number, step = steps[0].number, steps[0].step
    to = _target(work, step)
    if not to:
        return Deed((NO_ORIGIN,))
    unread = work.deal if work.is_fresh and work.deal.id == work.facts.deal.id else work.deal.id
    try:
        copied = copying.copy(
            work.clinic,
            unread,
            to,
            f"f:{work.firing.id}:{number}",
            once_per_patient=step.once_per_patient,
            filled=_kept_responsible(work) | dict(_filled(work, step)),
            effects=work.effects,
        )
    except NotFound as gone:
        return Deed((NOT_DONE.format(why=gone.message),))
    except Rejected as refusal:
        raise Refused(number, refusal) from refusal
    return Deed((copied.reason,))


def _target(work: Work, step: Step) -> str:
    if step.to != grammar.ORIGIN:
        return step.to
    with scope(work.clinic.id), work.clinic.database.transaction() as session:
        return lineage.origin_stage(session, work.deal.id)


def _kept_responsible(work: Work) -> dict[str, FieldValue]:
    """Whoever knows the patient keeps the copy too, until a rule of its stage gives it to another."""
    his = work.deal.responsible
    return {"field.deal.responsible": his} if his and his not in work.clinic.left else {}


def _filled(work: Work, step: Step) -> Iterator[tuple[str, FieldValue]]:
    for address, value in step.filled:
        field = work.clinic.chart.field.get(address)
        found = values.resolve(work, value, field) if field else None
        if found is not None:
            yield address, found


def create_deal(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """A new deal of the same patient, with nothing of this one but its people. The steps that follow are about it."""
    number, step = steps[0].number, steps[0].step
    stage = work.clinic.chart.stage[step.to]
    there = [deal for deal in _others(work) if deal.pipeline == stage.pipeline_id]
    if step.once_per_patient and there:
        return Deed((THERE.format(deal=there[0].id),), deal=there[0])
    title, contacts, responsible = work.deal.title, work.deal.contacts, work.deal.responsible
    fields = dict(_filled(work, step))
    draft = Draft(title, stage.id, stage.pipeline_id, "", contacts, responsible, fields=fields)
    answers = work.effects.carry_out(work.key(number), [CreateDeal(draft)])
    work.judged(number, answers)
    made = Deal(answers[0].id, title, stage.pipeline_id, stage.id, contacts, responsible, fields=fields)
    return Deed((CREATED.format(stage=naming.quoted(naming.place(work.clinic.chart, step.to))),), deal=made)


def move_patient_deal(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Move the patient's open deals that stand at one of the stages named."""
    number, step = steps[0].number, steps[0].step
    chart = work.clinic.chart
    target, sources = chart.stage[step.to], {chart.stage[each].id for each in step.out_of if each in chart.stage}
    moving = [deal for deal in (work.deal, *_others(work)) if deal.stage in sources and deal.stage != target.id]
    moves = [UpdateDeal(deal.id, target.id, target.pipeline_id, leaves=deal.stage) for deal in moving]
    refused = work.send(number, moves)
    where = naming.quoted(naming.place(chart, step.to))
    said = tuple(MOVED.format(deal=deal.id, stage=where) for deal in moving)
    return Deed(refused or said or (NONE_TO_MOVE,), quiet=not moving)


def join_open_deal(work: Work, steps: tuple[Numbered, ...]) -> Deed:
    """Hand an enquiry to the patient's open deal (Q-16): its words go there, that deal is moved, and this one is closed.

    Closed as a duplicate: left open, two people would answer one patient and its limits would run out; deleted, its source
    would be lost; as a plain refusal it would spoil the count of no-shows.
    """
    number, step = steps[0].number, steps[0].step
    target = work.clinic.chart.stage[step.to]
    hosts = [deal for deal in _others(work) if deal.pipeline == target.pipeline_id and _is_open(work, deal)]
    if not hosts:
        return Deed((NONE_TO_JOIN,), quiet=True)
    host = min(hosts, key=_age)
    if not stands(work) and not work.effects.carry_out(work.key(number), ()):
        return Deed((TAKEN,))
    refused = work.send(number, list(_joining(work, host, target)))
    where = naming.quoted(naming.stage(work.clinic.chart, target.id))
    return Deed(refused or (JOINED.format(deal=host.id, stage=where),), deal=host)


def _joining(work: Work, host: Deal, target: ChartStage) -> Iterator[Write]:
    """The open deal learns of the enquiry before this one is closed."""
    deal = work.deal
    notes = work.clinic.records.read(wanted := Notes(deal.id))[wanted]
    yield AddNote(host.id, "\n".join(_words(work, deal, notes)))
    if host.stage != target.id:
        yield UpdateDeal(host.id, target.id, target.pipeline_id, leaves=host.stage)
    yield AddNote(deal.id, work.clinic.say(HANDED.format(deal=host.id)))
    closed = _lost_stage(work, deal)
    if closed is not None:
        field = work.clinic.chart.field.get(LOSS_REASON)
        reason: dict[str, FieldValue] = {LOSS_REASON: DUPLICATE} if field and field.option_id(DUPLICATE) else {}
        yield UpdateDeal(deal.id, closed.id, closed.pipeline_id, fields=reason, leaves=deal.stage)


def _words(work: Work, deal: Deal, notes: Sequence[Note]) -> Iterator[str]:
    """What the patient said: the enquiry's title, where it came from, its comment and notes."""
    yield work.clinic.say(AGAIN.format(deal=deal.id, title=deal.title))
    for address in ENQUIRY:
        value, field = deal.fields.get(address), work.clinic.chart.field.get(address)
        if value and field:
            said = naming.option(work.clinic.chart, address, value) if isinstance(value, str) else ""
            yield f"{field.name}: {said or values.said(value, work.hours)}"
    yield from (f"— {note.text[:LONGEST]}" for note in notes)


def _lost_stage(work: Work, deal: Deal) -> ChartStage | None:
    stages = [each for each in work.clinic.chart.stages if each.pipeline_id == deal.pipeline and each.kind == "lost"]
    return min(stages, key=lambda each: each.position, default=None)


def _others(work: Work) -> Sequence[Deal]:
    """The patient's other open deals, read anew unless that was done just now."""
    if work.is_fresh or not work.deal.contact:
        return work.facts.others
    found = work.clinic.records.read(wanted := DealsOf(work.deal.contact))[wanted]
    return [deal for deal in found if deal.id != work.deal.id]


def _is_open(work: Work, deal: Deal) -> bool:
    stage = work.clinic.chart.stage_of_id.get(deal.stage)
    return stage is not None and stage.kind == "open"


def _age(deal: Deal) -> tuple[int, str]:
    """The older one first; ids of both CRMs grow."""
    return (int(deal.id) if deal.id.isdecimal() else 0, deal.id)
