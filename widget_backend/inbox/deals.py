"""Messages of a deal: it is read, what the CRM remembers of its moves fills in what was missed, and what is new is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from widget_backend.clock import now
from widget_backend.crm.asking import Contacts, Deals
from widget_backend.crm.records import Contact, Deal, Move
from widget_backend.deals import deal_state, stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.deal_state import DealState
from widget_backend.inbox import marks, messages
from widget_backend.inbox.messages import Message, Record
from widget_backend.inbox.office import Office, Seen
from widget_backend.inbox.told import PatientChanged, Touch

#: the CRM's memory may show a move so much later than the deal, and clocks of its parts may differ
OVERLAP: Final = timedelta(minutes=5)


def work(office: Office, clinic: Clinic, record: Record, waiting: Sequence[Message]) -> None:
    """Raises :class:`VendorError`."""
    with office.database.transaction() as session:
        known = deal_state.load(session, record.remote_id)
        since = _remembered_since(marks.moves_until(session), known, stage_history.followed_since(session, clinic.id))
        asks_patient = office.asks_patient(session)
    moves = sorted(_found(waiting), key=lambda move: move.at)
    read_at, deal, patient = _read(clinic, record.remote_id, known.contact if known and asks_patient else "")
    if deal is not None and not _ends_at(moves, deal) and _may_have_moved(deal, known, waiting):
        moves += _remembered(clinic, deal, since)
        if moves and not _ends_at(moves, deal):
            # the memory was asked after the deal, which may have moved on meanwhile
            read_at, deal, patient = _read(clinic, record.remote_id, patient.id if patient else "")
    if deal is not None and asks_patient and deal.contact and (patient is None or patient.id != deal.contact):
        patient = _patient(clinic, deal.contact)
    with office.database.transaction() as session:
        if deal is None:
            if stage_history.gone(session, clinic.id, record.remote_id):
                office.gone(session, clinic, record.remote_id)
        else:
            observed = stage_history.observe(session, clinic.id, deal, moves, chart=clinic.chart, read_at=read_at)
            told = [message.told for message in waiting]
            came = tuple(one for one in told if isinstance(one, Touch))
            changes = tuple(one for one in told if isinstance(one, PatientChanged))
            office.answer(session, clinic, Seen(deal, observed, patient, came, changes))
        messages.close(session, waiting)


def _read(clinic: Clinic, deal_id: str, contact: str) -> tuple[datetime, Deal | None, Contact | None]:
    """The deal, if it is there and shown to us, and its patient if he is asked for; when that was."""
    read_at = now()
    deals, contacts = Deals((deal_id,)), Contacts((contact,))
    found = clinic.records.read(deals, contacts) if contact else clinic.records.read(deals)
    deal = next((one for one in found[deals] if one.id == deal_id), None)
    return read_at, deal, _only(found[contacts]) if contact else None


def _patient(clinic: Clinic, contact: str) -> Contact | None:
    contacts = Contacts((contact,))
    return _only(clinic.records.read(contacts)[contacts])


def _only(contacts: tuple[Contact, ...]) -> Contact | None:
    return contacts[0] if contacts else None


def _found(waiting: Sequence[Message]) -> list[Move]:
    """What ``reconcile`` has found of the deal."""
    return list(chain.from_iterable(message.told for message in waiting if isinstance(message.told, tuple)))


def _ends_at(moves: Sequence[Move], deal: Deal) -> bool:
    return bool(moves) and moves[-1].stage == deal.stage


def _may_have_moved(deal: Deal, known: DealState | None, waiting: Sequence[Message]) -> bool:
    """A new deal may have moved too: the CRM's own robots do that in the second it is made."""
    was_told = any(message.verb == "moved" for message in waiting)
    return known is None or was_told or (deal.stage, deal.moved_at) != (known.stage, known.moved_at)


def _remembered_since(until: datetime | None, known: DealState | None, followed: datetime) -> datetime:
    """What was before is known: ``until`` then all moves have been looked at, and the deal itself when it was last read."""
    looked = [moment for moment in (until, known.updated_at) if moment is not None] if known else []
    return max([followed, *(moment - OVERLAP for moment in looked)])


def _remembered(clinic: Clinic, deal: Deal, since: datetime) -> list[Move]:
    """The deal's moves since then, in order."""
    if deal.created_at is not None:
        since = max(since, deal.created_at - OVERLAP)
    moves = [move for page in clinic.records.moves(since, deal.id) for move in page if move.deal == deal.id]
    return sorted(moves, key=lambda move: move.at)
