"""What a decision writes to the CRM. Pure: from the scene and the decision to the writes, in an order that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from widget_backend import worktime
from widget_backend.crm.asking import AddNote, AddTask, CloseTask, Notify, UpdateDeal, Write
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal, FieldValue
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.routing import words
from widget_backend.deals.routing.choice import Desk, Routed
from widget_backend.deals.routing.history import VISIT_TYPE
from widget_backend.deals.routing.scene import Patient

#: how soon a person has to decide, in working time
DECIDE_IN = "1h"
ASKS = "task_type.contact"
LOSS_REASON = "field.deal.loss_reason"


def writes(
    clinic: Clinic, deal: Deal, patient: Patient, desk: Desk, routed: Routed, asked: Sequence[str], at: datetime
) -> tuple[Write, ...]:
    """``asked``: tasks that wait for a person's answer on this deal already. Nothing where the deal is closed by now."""
    stage = clinic.chart.stage_of_id.get(deal.stage)
    if stage is not None and stage.kind != "open":
        return ()
    if routed.into:
        return (*_joining(clinic, deal, patient, desk, routed), *map(CloseTask, asked))
    updated = _update(clinic.chart, deal, desk, routed)
    if routed.kind != "unsure":
        return (*updated, *map(CloseTask, asked))
    return updated if asked else (*updated, _ask(clinic, deal, patient, routed, at))


def _update(chart: Chart, deal: Deal, desk: Desk, routed: Routed) -> tuple[Write, ...]:
    """Stage, visit type and responsible, where they are not so yet. Only who has not been taken yet changes hands."""
    arrives = desk.layout is not None and desk.deal.stage in desk.layout.arrivals
    responsible = routed.responsible if arrives and routed.responsible != deal.responsible else ""
    fields = _visit_type(chart, deal, routed)
    to = chart.stage.get(routed.stage)
    if to is not None and to.id != deal.stage:
        moved = UpdateDeal(deal.id, to.id, to.pipeline_id, responsible=responsible, fields=fields, leaves=deal.stage)
        return (moved,)
    return (UpdateDeal(deal.id, responsible=responsible, fields=fields),) if responsible or fields else ()


def _visit_type(chart: Chart, deal: Deal, routed: Routed) -> dict[str, FieldValue]:
    if routed.kind == "unsure" or VISIT_TYPE not in chart.field or deal.fields.get(VISIT_TYPE) == routed.kind:
        return {}
    return {VISIT_TYPE: routed.kind}


def _ask(clinic: Clinic, deal: Deal, patient: Patient, routed: Routed, at: datetime) -> AddTask:
    deadline = worktime.hours(clinic.hours, clinic.zone).after(at, DECIDE_IN)
    text = words.what_to_decide(clinic, routed.code, patient.unclear)
    return AddTask(deal.id, words.title(clinic, routed.code), text, deadline, routed.responsible, ASKS)


def _joining(clinic: Clinic, deal: Deal, patient: Patient, desk: Desk, routed: Routed) -> tuple[Write, ...]:
    """The open deal learns of the enquiry before this one is closed."""
    host = next(one for one in patient.deals if one.id == routed.into)
    kept: dict[str, FieldValue] = {LOSS_REASON: "duplicate"} if _is_lost(clinic.chart, routed.stage) else {}
    kept |= _visit_type(clinic.chart, deal, routed)
    closed = clinic.chart.stage.get(routed.stage)
    return (
        AddNote(host.id, clinic.say(words.AGAIN.format(deal=deal.id))),
        *waking(clinic, host, desk),
        Notify(host.responsible, host.id, clinic.say(words.NEW_ENQUIRY)),
        AddNote(deal.id, clinic.say(words.HANDED.format(deal=host.id))),
        *((UpdateDeal(deal.id, closed.id, closed.pipeline_id, fields=kept, leaves=deal.stage),) if closed else ()),
    )


def waking(clinic: Clinic, host: Deal, desk: Desk) -> tuple[Write, ...]:
    """A parked deal goes to where its patient is answered (S1-29, S1-48)."""
    stage = clinic.chart.stage_of_id.get(host.stage)
    wakes = desk.layout.hosts.get(stage.address, "") if desk.layout and stage else ""
    to = clinic.chart.stage.get(wakes)
    return (UpdateDeal(host.id, to.id, to.pipeline_id, leaves=host.stage),) if to else ()


def _is_lost(chart: Chart, stage: str) -> bool:
    found = chart.stage.get(stage)
    return found is not None and found.kind == "lost" and LOSS_REASON in chart.field
