"""What is known of a patient when his deal is routed: visits first, the CRM's counters second, fields last. Pure.

Only evidence that he has been here counts as proof; that nothing is known of a visit proves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from widget_backend.crm.records import Contact, Deal, FieldValue
from widget_backend.deals.visits import Visit, counters

Said = Literal["", "primary", "repeat"]

VISIT_TYPE: Final = "field.deal.visit_type"
#: the CRM's own numbers of completed visits, those of the clinic's system first (S0-P19, S1-F25)
COUNTERS: Final = ("field.contact.completed_visits", "field.contact.visit_count")
#: fields that only a patient has who has been here (S1-F24, S1-F27, S0-P06, S0-P20)
MARKS: Final = (
    "field.contact.last_visit",
    "field.contact.last_visit_at",
    "field.contact.first_visit",
    "field.contact.in_treatment",
)


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """``contact``: remote id, empty for a deal without a patient. ``reachable``: he has a phone, by which he would be known
    again. ``journal``: completed visits of our own journal, without the one this deal is about. ``counter``: the CRM's number
    of them, ``None`` where nobody ever filled it in. ``marks``: addresses of fields that speak of a visit. ``said``: what
    somebody put into the deal. ``unclear``: contacts with his phone who may be meant instead."""

    contact: str = ""
    reachable: bool = False
    journal: int = 0
    counter: int | None = None
    marks: tuple[str, ...] = ()
    said: Said = ""
    unclear: tuple[str, ...] = ()


def known(
    deal: Deal,
    contacts: Sequence[Contact],
    visits: Iterable[Visit],
    zone: ZoneInfo,
    at: datetime,
    *,
    insured: bool = True,
    unclear: tuple[str, ...] = (),
    ours: str = "",
) -> PatientHistory:
    """From what was read. ``contacts``: the patient himself first, then those that are proven to be him too; ``visits``: of
    all of them. ``ours``: the visit type we ourselves put into the deal, which is nobody's word."""
    said = deal.fields.get(VISIT_TYPE)
    return PatientHistory(
        contact=contacts[0].id if contacts else "",
        reachable=any(contact.phones for contact in contacts),
        journal=counters(visits, zone, at, but=deal.id, insured=insured).completed,
        counter=_counter(contacts),
        marks=tuple(
            mark for mark in MARKS if any(_is_past(contact.fields.get(mark), at, zone) for contact in contacts)
        ),
        said=said if said in ("primary", "repeat") and said != ours else "",  # type: ignore[arg-type]
        unclear=unclear,
    )


def _counter(contacts: Sequence[Contact]) -> int | None:
    told = [contact.fields.get(name) for contact in contacts for name in COUNTERS]
    numbers = [int(number) for number in told if isinstance(number, int | Decimal) and not isinstance(number, bool)]
    return max(numbers) if numbers else None


def _is_past(value: FieldValue, at: datetime, zone: ZoneInfo) -> bool:
    """A date that has come, or a mark that is set."""
    if isinstance(value, datetime):
        return value <= at
    if isinstance(value, date):
        return value <= at.astimezone(zone).date()
    return value is True
