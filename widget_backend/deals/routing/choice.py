"""The choice: primary, repeat or not sure, where the deal goes and who takes it. Pure.

Any proof of a visit makes a patient «repeat»; more knowledge never takes that back to «primary». Who cannot be told from
another, or is known by nothing, goes to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from widget_backend.deals.people import Picked
from widget_backend.deals.routing.history import PatientHistory
from widget_backend.deals.routing.layouts import Layout, pipeline_of
from widget_backend.texts import Text

Kind = Literal["primary", "repeat", "unsure"]

#: code -> what it means; the first word is the kind's
REASONS: Final[Mapping[str, Text]] = {
    "no_patient": Text("Не определено: в сделке нет пациента.", "Not sure: the deal has no patient."),
    "no_phone": Text(
        "Не определено: у пациента нет телефона, и о его визитах ничего не известно.",
        "Not sure: the patient has no phone, and nothing is known of visits.",
    ),
    "family": Text(
        "Не определено: на одном телефоне несколько пациентов ({number}), по имени и дате рождения их не различить.",
        "Not sure: several patients share one phone ({number}); name and birth date do not tell them apart.",
    ),
    "disputed": Text(
        "Не определено: в сделке указан первичный прием, но на этом телефоне несколько пациентов, и у одного из них уже "
        "были визиты.",
        "Not sure: the deal says first visit, but several patients share the phone and one of them has been here.",
    ),
    "journal": Text(
        "Повторный: завершённых визитов в журнале — {number}.", "Repeat: completed visits in the journal: {number}."
    ),
    "counter": Text(
        "Повторный: завершённых визитов по счётчику CRM — {number}.",
        "Repeat: completed visits by the CRM's counter: {number}.",
    ),
    "marks": Text(
        "Повторный: в карточке пациента отмечены прошлые визиты.", "Repeat: the patient's card tells of earlier visits."
    ),
    "said_repeat": Text(
        "Повторный: так указано в поле «Тип приема» сделки.", "Repeat: the deal's field “Visit type” says so."
    ),
    "said_primary": Text(
        "Первичный: так указано в поле «Тип приема» сделки, о визитах ничего не известно.",
        "Primary: the deal's field “Visit type” says so, and nothing is known of visits.",
    ),
    "zero": Text("Первичный: завершённых визитов 0.", "Primary: 0 completed visits."),
    "new": Text(
        "Первичный: ни в журнале, ни в CRM нет ни одного визита.",
        "Primary: neither the journal nor the CRM knows a visit.",
    ),
}
JOINED = Text(
    " У пациента уже есть открытая сделка {deal}: обращение передано в неё.",
    " The patient has the open deal {deal} already: the enquiry was handed to it.",
)
TAKES = Text(" Ответственный: {why}.", " Responsible: {why}.")
HIS = Text("уже назначен", "already chosen")


@dataclass(frozen=True, slots=True)
class Open:
    """An open deal. ``stage``: address, empty at one of the clinic's own. ``taken``: a person gave it to its responsible."""

    id: str
    stage: str = ""
    responsible: str = ""
    since: datetime | None = None
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the enquiry stands. ``others``: the patient's other open deals. ``everywhere``: whether those parked in other
    pipelines take it too (Q-16). ``branch``, ``direction``: option keys. ``layout``: none outside a preset's enquiries."""

    deal: Open
    layout: Layout | None = None
    others: tuple[Open, ...] = ()
    everywhere: bool = True
    branch: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """``stage``: address to go to, empty to stay. ``responsible``: user who takes it. ``facts``: what was known, without
    names. ``into``: the open deal that the enquiry was handed to, whose responsible it is then."""

    kind: Kind
    stage: str
    responsible: str
    reason: Text
    facts: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    into: str = ""
    deal: str = ""


def choose(patient: PatientHistory, desk: Desk, picked: Picked) -> Routed:
    """Decide. ``picked``: whose turn it is; who has taken the deal by hand keeps it."""
    kind, code = kind_of(patient)
    host = host_of(desk) if kind != "unsure" else None
    said = REASONS[code].format(number=_number(patient, code))
    facts = _facts(patient, desk)
    if host and desk.layout:
        stage = desk.layout.closed[desk.deal.stage]
        reason = _joined(said, JOINED.format(deal=host.id))
        return Routed(kind, stage, host.responsible, reason, facts, code, host.id, desk.deal.id)
    moves = desk.layout.moves.get(kind, {}) if desk.layout else {}
    own = desk.deal.taken or not picked.user
    user, why = (
        (desk.deal.responsible, HIS if desk.deal.taken else picked.reason) if own else (picked.user, picked.reason)
    )
    reason = _joined(said, TAKES.format(why=why))
    return Routed(kind, moves.get(desk.deal.stage, ""), user, reason, facts, code, "", desk.deal.id)


def kind_of(patient: PatientHistory) -> tuple[Kind, str]:
    """The kind, and the code of its reason."""
    proof = _proof(patient)
    if patient.unclear:
        if patient.said == "repeat":
            return "repeat", "said_repeat"
        if patient.said == "primary":
            return ("unsure", "disputed") if proof else ("primary", "said_primary")
        return "unsure", "family"
    if proof:
        return "repeat", proof
    if patient.said == "primary":
        return "primary", "said_primary"
    if not patient.contact:
        return "unsure", "no_patient"
    if patient.counter == 0:
        return "primary", "zero"
    return ("primary", "new") if patient.reachable else ("unsure", "no_phone")


def _proof(patient: PatientHistory) -> str:
    """What proves that he has been here, the best first; empty for nothing."""
    proofs = {
        "journal": patient.journal > 0,
        "counter": (patient.counter or 0) > 0,
        "marks": bool(patient.marks),
        "said_repeat": patient.said == "repeat",
    }
    return next((code for code, holds in proofs.items() if holds), "")


def host_of(desk: Desk) -> Open | None:
    """The patient's open deal that takes this enquiry, none where this one stays. Of two deals, whichever is asked about,
    the same one stays."""
    layout = desk.layout
    if layout is None or desk.deal.stage not in layout.arrivals:
        return None
    ranks = {stage: rank for rank, stage in enumerate(layout.hosts)}
    able = [one for one in desk.others if one.stage in ranks and one.id != desk.deal.id]
    able = [one for one in able if desk.everywhere or pipeline_of(one.stage) in layout.own]
    best = min([desk.deal, *able], key=lambda one: (ranks[one.stage], _age(one)))
    return None if best is desk.deal else best


def _age(deal: Open) -> tuple[datetime, int, str]:
    """The older one first; ids of both CRMs grow."""
    number = int(deal.id) if deal.id.isdecimal() else 0
    return (deal.since or datetime.min.replace(tzinfo=UTC), number, deal.id)


def _number(patient: PatientHistory, code: str) -> int:
    numbers = {"journal": patient.journal, "counter": patient.counter or 0, "family": len(patient.unclear)}
    return numbers.get(code, 0)


def _facts(patient: PatientHistory, desk: Desk) -> Mapping[str, Any]:
    """For the record: ids and numbers, no names."""
    return {
        "contact": patient.contact,
        "journal": patient.journal,
        "counter": patient.counter,
        "marks": list(patient.marks),
        "said": patient.said,
        "unclear": list(patient.unclear),
        "stage": desk.deal.stage,
        "open_deals": [one.id for one in desk.others],
        "branch": desk.branch,
        "direction": desk.direction,
    }


def _joined(first: Text, second: Text) -> Text:
    return Text(first.ru + second.ru, first.en + second.en)
