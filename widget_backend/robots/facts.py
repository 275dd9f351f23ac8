"""Facts: what conditions ask and steps need, read once for all that one cause sets off."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from widget_backend import worktime
from widget_backend.crm.asking import Contacts, Deals, DealsOf, Want
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Contact, Deal, FieldValue
from widget_backend.db import scope
from widget_backend.deals import routing, visits
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.routing import history
from widget_backend.deals.routing.choice import kind_of
from widget_backend.deals.routing.routing import COUNT_INSURED
from widget_backend.errors import Missing
from widget_backend.robots import grammar, keeping, standing
from widget_backend.robots.conditions import UNKNOWN, Answer
from widget_backend.robots.rule import Rule, Scalar
from widget_backend.texts import Text

#: minor units in one of a currency
MINOR: Final = 100
VISIT_AT, NEXT_VISIT = "field.deal.visit_at", "field.contact.next_visit_at"
BRANCH, SMS_REFUSED = "field.deal.branch", "field.contact.sms_refused"
#: what is asked of the patient's other deals
OF_OTHER_DEALS: Final = frozenset({"patient.open_deal_in", "patient.has_future_visit"})
#: actions that look at the patient's other deals
LOOKING_ROUND: Final = frozenset({"move_patient_deal", "join_open_deal", "create_deal"})

GONE = Text(
    "Сделки в CRM больше нет: её удалили. Ничего не сделано, остальные сделки не затронуты.",
    "The deal is no longer in the CRM: it was deleted. Nothing was done, other deals are not touched.",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a cause is about. ``contact``: the patient as last known, so that he is read in the same request."""

    deal: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """``others``: the patient's other open deals, as far as they were needed. ``at``: the moment asked for; ``values``: facts
    of ``grammar.FACTS``, by name."""

    deal: Deal
    contact: Contact | None
    others: tuple[Deal, ...]
    values: Mapping[str, Any] = field(repr=False)
    at: datetime

    def kept(self) -> str:
        """As text; the patient's name and phones are not in it."""
        parts = (self.deal, self.contact, self.others, self.values, self.at)
        return keeping.freeze(tuple(parts))

    @classmethod
    def of(cls, text: str) -> Facts:
        """The inverse of :meth:`kept`."""
        return cls(*keeping.thaw(text))


def needs(rules: Collection[Rule]) -> frozenset[str]:
    """What these rules ask: fields, facts and settings; ``others`` for steps that look at the patient's other deals."""
    asked = {what for rule in rules for condition in rule.conditions for what in standing.asked(condition)}
    looking = any(step.action in LOOKING_ROUND for rule in rules for step in rule.do)
    return frozenset(asked | ({"others"} if looking else set()))


def gather(clinic: Clinic, subject: Subject, asked: Collection[str], at: datetime) -> Facts:
    """Read what is asked, in one request where the patient is known. ``at``: the moment facts are asked for.

    Raises :class:`VendorError`; :class:`Missing` where the deal is gone. No transaction may be open.
    """
    around = not OF_OTHER_DEALS.isdisjoint(asked) or "others" in asked
    deal, contact, others = _read(clinic, subject, around=around)
    others = tuple(one for one in others if one.id != deal.id)
    return Facts(deal, contact, others, dict(_values(clinic, deal, contact, others, asked, at)), at)


def _read(clinic: Clinic, subject: Subject, *, around: bool) -> tuple[Deal, Contact | None, tuple[Deal, ...]]:
    wants = _of_patient(subject.contact, around=around)
    itself = Deals((subject.deal,))
    found = clinic.records.read(itself, *wants)
    if not found[itself]:
        raise Missing(GONE, vendor=clinic.vendor)
    deal = found[itself][0]
    if deal.contact != subject.contact:
        wants = _of_patient(deal.contact, around=around)
        found = clinic.records.read(*wants) if wants else found
    people = found[wants[0]] if wants else ()
    return deal, people[0] if people else None, found[wants[1]] if wants[1:] else ()


def _of_patient(contact: str, *, around: bool) -> tuple[Want[Any], ...]:
    if not contact:
        return ()
    return (Contacts((contact,)), DealsOf(contact)) if around else (Contacts((contact,)),)


def _values(
    clinic: Clinic, deal: Deal, contact: Contact | None, others: tuple[Deal, ...], asked: Collection[str], at: datetime
) -> Iterator[tuple[str, Any]]:
    stage, homes = clinic.chart.stage_of_id, {deal.pipeline, *(each.pipeline for each in others)}
    address = {one.id: one.address for one in clinic.chart.pipelines if one.id in homes and one.address}
    yield "deal.pipeline", address.get(deal.pipeline, "")
    yield "now.working_hours", worktime.hours(clinic.hours, clinic.zone).is_open(at)
    yield "visit.branch", deal.fields.get(BRANCH)
    # only whether there is one: the number itself is not kept
    yield "field.contact.phone", bool(contact and contact.phones) or None
    yield "field.contact.email", bool(contact and contact.emails) or None
    yield "patient.service_messages_allowed", not (contact and contact.fields.get(SMS_REFUSED) is True)
    open_ones = [each for each in others if each.stage in stage and stage[each.stage].kind == "open"]
    yield "patient.open_deal_in", frozenset(address[each.pipeline] for each in open_ones if each.pipeline in address)
    if any(what.startswith("patient.") for what in asked):
        told, seen = _visits(clinic, deal, contact, at)
        if seen is not None:
            yield "patient.completed_visits", seen
            yield "patient.is_primary", seen == 0
        booked = [each.fields.get(VISIT_AT) for each in (*others, *((deal,) if _is_open(deal, clinic.chart) else ()))]
        booked.append(visits.counters(told, clinic.zone, at, but=deal.id).next_at)
        booked.append(contact.fields.get(NEXT_VISIT) if contact else None)
        yield "patient.has_future_visit", any(isinstance(when, datetime) and when > at for when in booked)


def _is_open(deal: Deal, chart: Chart) -> bool:
    return deal.stage in chart.stage_of_id and chart.stage_of_id[deal.stage].kind == "open"


def _visits(
    clinic: Clinic, deal: Deal, contact: Contact | None, at: datetime
) -> tuple[tuple[visits.Visit, ...], int | None]:
    """The patient's visits, and how many took place before this deal's own, ``None`` while nobody knows.

    As routing knows them: our journal, the CRM's counters, other proof of a visit; more knowledge never makes it less.
    """
    if contact is None:
        return (), None
    insured = bool(clinic.settings.get(COUNT_INSURED, True))
    with scope(clinic.id), clinic.database.transaction() as session:
        told = visits.of_patients(session, (contact.id,))
        known = history.known(deal, (contact,), told, clinic.zone, at, insured=insured)
        counted = max(known.journal, known.counter or 0, int(kind_of(known)[0] == "repeat"))
        return told, routing.completed_visits(session, clinic.chart, deal, counted)


@dataclass(frozen=True, slots=True)
class Witness:
    """Answers conditions from facts (:class:`conditions.Answers`)."""

    facts: Facts
    chart: Chart
    settings: Mapping[str, Scalar]

    def of(self, what: str) -> Answer:
        """See :class:`conditions.Answers`."""
        if what in grammar.FACTS or what in self.facts.values:
            value: Answer = self.facts.values.get(what, UNKNOWN)
            return value
        kind, _, name = what.partition(".")
        if kind == "setting":
            return self.settings.get(name)
        return self._field(what)

    def _field(self, address: str) -> Answer:
        parts: dict[str, FieldValue] = {
            "field.deal.title": self.facts.deal.title,
            "field.deal.amount": self.facts.deal.amount,
            "field.deal.responsible": self.facts.deal.responsible,
        }
        record = self.facts.deal if address.startswith("field.deal.") else self.facts.contact
        value = parts[address] if address in parts else record.fields.get(address) if record else None
        known = self.chart.field.get(address)
        of_type = "money" if address == "field.deal.amount" else known.type if known else ""
        return _PLAIN[of_type](value) if of_type in _PLAIN else value


_PLAIN: Final[Mapping[str, Any]] = {
    "money": lambda value: Decimal(value) / MINOR if isinstance(value, int) else None,
    "boolean": lambda value: value is True,
}


def day_of(value: FieldValue, hours: worktime.Hours) -> date | None:
    """The clinic's date of a moment or date."""
    if isinstance(value, datetime):
        return hours.day(value)
    return value if isinstance(value, date) else None
