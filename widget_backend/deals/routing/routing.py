"""Route a patient's deal: read, decide, keep the decision with its reason, write. One at a time for each patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.asking import AddTask, Written
from widget_backend.crm.records import Deal
from widget_backend.db import scope
from widget_backend.deals import effect_log, people, rota, visits
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.deals.people import Picked, Seat
from widget_backend.deals.routing import decision_log, history, scene
from widget_backend.deals.routing.choice import Desk, Open, Routed, choose, host_of, kind_of
from widget_backend.deals.routing.decision_log import Decision
from widget_backend.deals.routing.history import PatientHistory
from widget_backend.deals.routing.layouts import layout_of, pipeline_of
from widget_backend.deals.routing.scene import Patient
from widget_backend.deals.routing.writing import writes

BRANCH: Final = ("field.deal.branch", "field.contact.branch")
DIRECTION: Final = ("field.deal.direction", "field.deal.service")
#: what somebody does who takes an enquiry outside our pipelines
ROLE: Final = "administrator"
#: settings of the clinic
REPEAT_ENQUIRY: Final = "repeat_enquiry"
COUNT_INSURED: Final = "count_insured_visits"


def route(clinic: Clinic, deal: Deal | str, cause: str, *, effects: Effects | None = None) -> Routed:
    """Decide where this deal goes and who takes it, and see to it. ``cause``: the same asked twice is answered once.

    ``deal``: its id, or as it was just read. Raises :class:`NotFound` where it is gone, :class:`VendorError` where it has to
    be tried again. No transaction may be open.
    """
    number = deal if isinstance(deal, str) else deal.id
    with scope(clinic.id):
        if (before := _decided(clinic, number, cause)) and before.done_at:
            return before.routed
        first = scene.deal_now(clinic, deal) if isinstance(deal, str) else deal
        contact = scene.contact_now(clinic, first.contact)
        with scene.alone(clinic, contact, number):
            before = _decided(clinic, number, cause)
            carrying = effects or Effects(clinic)
            if before and (before.done_at or _finished(clinic, carrying, before)):
                return before.routed
            return _routed(clinic, carrying, *scene.look(clinic, number, contact), cause)


def _decided(clinic: Clinic, deal: str, cause: str) -> Decision | None:
    with clinic.database.transaction() as session:
        return decision_log.of_cause(session, deal, cause)


def _routed(clinic: Clinic, effects: Effects, deal: Deal, patient: Patient, cause: str) -> Routed:
    moment = now()
    with clinic.database.transaction() as session:
        earlier = decision_log.decisions(session, deal.id)
        known = _history(session, clinic, deal, patient, earlier, moment)
        desk = _desk(clinic, deal, patient, earlier)
        routed = choose(known, desk, _picked(session, clinic, known, desk, moment))
        asked = tuple(dict.fromkeys(one.task for one in earlier if one.task))
        meant = writes(clinic, deal, patient, desk, routed, asked, moment)
        decision = decision_log.keep(session, clinic.id, cause, routed)
        if not meant:
            decision_log.close(session, decision.id)
    if meant:
        _book(clinic, decision, effects.carry_out(_key(decision), meant))
    return routed


def _finished(clinic: Clinic, effects: Effects, decision: Decision) -> bool:
    """Finish what an earlier try began; whether it had."""
    written = effects.carry_out(_key(decision), ())
    if written:
        _book(clinic, decision, written)
    return bool(written)


def _key(decision: Decision) -> str:
    return f"route:{decision.id}"


def _book(clinic: Clinic, decision: Decision, written: Sequence[Written]) -> None:
    refused = tuple(type(one.error).__name__ for one in written if one.error)
    with clinic.database.transaction() as session:
        sent = effect_log.of_key(session, _key(decision))
        task = next((one.written.id for one in sent if one.kind == AddTask.__name__ and one.written), "")
        if decision.routed.kind != "unsure":
            decision_log.release_task(session, decision.routed.deal)
        decision_log.close(session, decision.id, task, refused)


def _history(
    session: Session, clinic: Clinic, deal: Deal, patient: Patient, earlier: Sequence[Decision], at: datetime
) -> PatientHistory:
    told = visits.of_patients(session, [contact.id for contact in patient.same])
    return history.known(
        deal,
        patient.same,
        told,
        clinic.zone,
        at,
        insured=bool(clinic.settings.get(COUNT_INSURED, True)),
        unclear=tuple(contact.id for contact in patient.unclear),
        ours=next((one.routed.kind for one in earlier if one.routed.kind != "unsure"), ""),
    )


def _desk(clinic: Clinic, deal: Deal, patient: Patient, earlier: Sequence[Decision]) -> Desk:
    given = next((one.routed.responsible for one in earlier if one.routed.responsible), "")
    here = _open(clinic, deal, given)
    return Desk(
        here,
        layout_of(clinic.chart, here.stage) if here.stage else None,
        tuple(_open(clinic, other) for other in patient.deals if other.id != deal.id),
        clinic.settings.get(REPEAT_ENQUIRY, "base") == "base",
        _value(deal, patient, BRANCH) or _only_branch(clinic),
        _value(deal, patient, DIRECTION),
    )


def _open(clinic: Clinic, deal: Deal, given: str = "") -> Open:
    """``given``: whom an earlier decision chose for it."""
    stage = clinic.chart.stage_of_id.get(deal.stage)
    by_hand = deal.mover == deal.responsible and any(one.user == deal.responsible for one in clinic.team)
    taken = deal.responsible not in {"", *clinic.left} and (by_hand or given == deal.responsible)
    return Open(deal.id, stage.address if stage else "", deal.responsible, deal.created_at, taken)


def _picked(session: Session, clinic: Clinic, known: PatientHistory, desk: Desk, at: datetime) -> Picked:
    """Whose turn it is, where somebody is wanted."""
    unsure = kind_of(known)[0] == "unsure"
    arrives = desk.layout is not None and desk.deal.stage in desk.layout.arrivals and (unsure or host_of(desk) is None)
    if desk.deal.taken or not clinic.team or not (unsure or arrives):
        why = people.STAYS if clinic.team else people.NOBODY
        return Picked("" if desk.deal.responsible else clinic.owner, why)
    layout = desk.layout
    seat = Seat(layout.role if layout else ROLE, desk.branch, pipeline_of(desk.deal.stage), desk.direction)
    return rota.take(session, clinic, seat, desk.deal.id, at, layout.own if layout else ())


def _value(deal: Deal, patient: Patient, names: Sequence[str]) -> str:
    """The first of these fields that is filled in, of the deal or of the patient."""
    sources = (deal.fields, *(contact.fields for contact in patient.same[:1]))
    values = [source.get(name) for name in names for source in sources]
    return next((value for value in values if isinstance(value, str) and value), "")


def _only_branch(clinic: Clinic) -> str:
    field = clinic.chart.field.get(BRANCH[0])
    return field.options[0].key if field and len(field.options) == 1 else ""
