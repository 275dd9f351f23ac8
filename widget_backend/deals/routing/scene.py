"""The scene of a decision: a deal, its patient, who shares his phone, and his other open deals, read fresh from the CRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.asking import Contacts, Deals, DealsOf, Found, Want, WithPhone
from widget_backend.crm.records import Contact, Deal
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.families import Told, person, tell
from widget_backend.deals.turns import turn
from widget_backend.errors import NotFound
from widget_backend.texts import Text

#: of one contact that are looked up; nobody has more that matter
PHONES: Final = 3

GONE = Text(
    "Сделки {deal} в CRM больше нет. Ничего не изменено: выберите другую сделку.",
    "The deal {deal} is no longer in the CRM. Nothing was changed: choose another deal.",
)


@dataclass(frozen=True, slots=True)
class Patient:
    """``same``: the deal's contact, then those that are proven to be him too; none where the deal has no patient.
    ``unclear``: contacts with his phone who may be meant. ``deals``: the open deals of ``same``."""

    same: tuple[Contact, ...] = ()
    unclear: tuple[Contact, ...] = ()
    deals: tuple[Deal, ...] = ()


def deal_now(clinic: Clinic, deal: str) -> Deal:
    """The deal as the CRM has it now. Raises :class:`NotFound`."""
    found = clinic.records.read(wanted := Deals((deal,)))[wanted]
    if not found:
        raise NotFound(GONE.format(deal=deal))
    return found[0]


def contact_now(clinic: Clinic, contact: str) -> Contact | None:
    """The contact, ``None`` where there is none or it is gone."""
    if not contact:
        return None
    found = clinic.records.read(wanted := Contacts((contact,)))[wanted]
    return found[0] if found else None


@contextmanager
def alone(clinic: Clinic, contact: Contact | None, deal: str = "") -> Iterator[None]:
    """Be the only one who works on whoever has these phones, and on this deal, whose patient may be known to nobody or be
    named just now. Raises :class:`Unavailable` where the others take too long."""
    names = [*(_phones(contact) or ((f"#{contact.id}",) if contact else ())), *([f"deal:{deal}"] if deal else ())]
    with ExitStack() as held:
        for name in sorted(names):
            held.enter_context(turn(clinic, f"patient:{name}"))
        yield


def patient_now(clinic: Clinic, contact: Contact | None) -> Patient:
    """The patient behind a contact; called while :func:`alone`."""
    return _patient(clinic, contact)[0]


def look(clinic: Clinic, deal: str, contact: Contact | None) -> tuple[Deal, Patient]:
    """The deal and the patient behind its contact as they are now, in as few requests as that takes; called while
    :func:`alone`, as whoever was so before may have moved or closed it. Raises :class:`NotFound`."""
    patient, found = _patient(clinic, contact, itself := Deals((deal,)))
    if not found[itself]:
        raise NotFound(GONE.format(deal=deal))
    return found[itself][0], patient


def _patient(clinic: Clinic, contact: Contact | None, *more: Want[Any]) -> tuple[Patient, Found]:
    mine = [DealsOf(contact.id)] if contact else []
    calls = [WithPhone(phone) for phone in _phones(contact)]
    wants = [*more, *mine, *calls]
    found = clinic.records.read(*wants) if wants else Found({})
    if contact is None:
        return Patient(), found
    around = {other.id: other for call in calls for other in found[call] if other.id != contact.id}
    said = tell(person(contact), [person(other) for other in around.values()])
    people = {contact.id: contact, **around}
    deals = _unique([*found[mine[0]], *_deals_of(clinic, said)])
    return Patient(tuple(people[one] for one in said.same), tuple(people[one] for one in said.unclear), deals), found


def _deals_of(clinic: Clinic, said: Told) -> Sequence[Deal]:
    """The open deals of the contacts that are the same person."""
    wants = [DealsOf(contact) for contact in said.same[1:]]
    if not wants:
        return ()
    found = clinic.records.read(*wants)
    return [deal for want in wants for deal in found[want]]


def _unique(deals: Sequence[Deal]) -> tuple[Deal, ...]:
    return tuple({deal.id: deal for deal in deals}.values())


def _phones(contact: Contact | None) -> tuple[str, ...]:
    """Those that can be looked up."""
    phones = contact.phones if contact else ()
    return tuple(dict.fromkeys(phone for phone in phones if phone.startswith("+")))[:PHONES]
