"""Arrivals: an enquiry that has no deal yet finds the patient's open one, or gets one; two at once never make two.

The only writer of its table, which knows the deals just made while the CRM's own lists do not show them yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from widget_backend.clock import now
from widget_backend.crm.asking import AddNote, CreateDeal, Deals, Draft, Notify, Write
from widget_backend.crm.chart import ChartStage
from widget_backend.crm.records import Deal, FieldValues
from widget_backend.db import Owned, scope
from widget_backend.deals import rota
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.deals.people import Seat
from widget_backend.deals.routing import scene, words
from widget_backend.deals.routing.choice import Desk, Open, host_of
from widget_backend.deals.routing.layouts import Layout, layout_of, pipeline_of
from widget_backend.deals.routing.scene import Patient
from widget_backend.deals.routing.writing import waking
from widget_backend.errors import Conflict
from widget_backend.texts import Text

#: how long a new deal may be missing in the CRM's lists
HIDDEN: Final = timedelta(minutes=10)
#: stands for the deal that is not there yet, and is younger than all
NEW: Final = "~"

NOWHERE = Text(
    "В CRM нет воронки, куда приходят обращения. Обращение не потеряно: пройдите установку до конца, оно подождёт.",
    "The CRM has no pipeline where enquiries arrive. The enquiry is not lost: go through the set-up to its end, it waits.",
)


class ArrivalRow(Owned):
    """One enquiry. ``deal``: which took it, empty while it is being made."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("installation_id", "cause"),
        Index("arrival_patient", "installation_id", "contact", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    cause: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(100))
    deal: Mapped[str] = mapped_column(String(100))
    made: Mapped[bool]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What a new deal starts with. ``contact``: the patient; ``title`` may name him."""

    contact: str
    title: str = field(repr=False)
    branch: str = ""
    direction: str = ""
    tags: tuple[str, ...] = ()
    fields: FieldValues = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The deal that the enquiry belongs to, and whether it was made for it."""

    deal: str
    made: bool


def take(clinic: Clinic, enquiry: Enquiry, cause: str, *, effects: Effects | None = None) -> Arrived:
    """Hand the enquiry to the patient's open deal, or make one. ``cause``: the same told twice is taken once.

    Raises :class:`Conflict` where no pipeline of ours takes enquiries, :class:`VendorError` where it has to be tried again.
    No transaction may be open.
    """
    with scope(clinic.id):
        carrying = effects or Effects(clinic)
        contact = scene.contact_now(clinic, enquiry.contact)
        with scene.alone(clinic, contact):
            row = _held(clinic, cause, enquiry.contact)
            if row.done_at:
                return Arrived(row.deal, row.made)
            written = carrying.carry_out(_key(row), ())
            if not written:
                row = _meant(clinic, row, enquiry, scene.patient_now(clinic, contact), carrying)
                written = carrying.carry_out(_key(row), ())
            if row.made and written[0].error:
                raise written[0].error
            return _closed(clinic, row, written[0].id if row.made else row.deal)


def _meant(clinic: Clinic, row: ArrivalRow, enquiry: Enquiry, patient: Patient, effects: Effects) -> ArrivalRow:
    """Decide, keep that, and send it."""
    layout = layout_of(clinic.chart)
    intake = clinic.chart.stage.get(layout.intake) if layout else None
    if layout is None or intake is None:
        raise Conflict(NOWHERE)
    deals = {deal.id: deal for deal in (*patient.deals, *_just_made(clinic, patient))}
    host = deals.get(_host(clinic, layout, tuple(deals.values())))
    meant = _joining(clinic, layout, host, enquiry) if host else (_creating(clinic, layout, intake, row, enquiry),)
    kept = _decided(clinic, row, host)
    effects.carry_out(_key(kept), meant)
    return kept


def _host(clinic: Clinic, layout: Layout, deals: Sequence[Deal]) -> str:
    stages = clinic.chart.stage_of_id
    others = tuple(
        Open(deal.id, stages[deal.stage].address, deal.responsible, deal.created_at)
        for deal in deals
        if deal.stage in stages and stages[deal.stage].kind == "open"
    )
    everywhere = clinic.settings.get("repeat_enquiry", "base") == "base"
    found = host_of(Desk(Open(NEW, layout.intake, since=now() + HIDDEN), layout, others, everywhere))
    return found.id if found else ""


def _creating(clinic: Clinic, layout: Layout, intake: ChartStage, row: ArrivalRow, enquiry: Enquiry) -> CreateDeal:
    seat = Seat(layout.role, enquiry.branch, pipeline_of(layout.intake), enquiry.direction)
    with clinic.database.transaction() as session:
        picked = rota.take(session, clinic, seat, f"arrival:{row.id}", pipelines=layout.own)
    draft = Draft(
        enquiry.title,
        intake.id,
        intake.pipeline_id,
        marker=f"arrival:{hashlib.sha256(row.cause.encode()).hexdigest()[:24]}",
        contacts=(enquiry.contact,) if enquiry.contact else (),
        responsible=picked.user,
        tags=enquiry.tags,
        fields=enquiry.fields,
    )
    return CreateDeal(draft)


def _joining(clinic: Clinic, layout: Layout, host: Deal, enquiry: Enquiry) -> tuple[Write, ...]:
    return (
        AddNote(host.id, clinic.say(words.ENQUIRY.format(title=enquiry.title))),
        *waking(clinic, host, Desk(Open(host.id), layout)),
        Notify(host.responsible, host.id, clinic.say(words.NEW_ENQUIRY)),
    )


def _just_made(clinic: Clinic, patient: Patient) -> tuple[Deal, ...]:
    """Deals we made for the patient a moment ago, as they are now."""
    with clinic.database.transaction() as session:
        made = _lately(session, [contact.id for contact in patient.same])
    if not made:
        return ()
    return clinic.records.read(wanted := Deals(tuple(made)))[wanted]


def _lately(session: Session, contacts: Collection[str]) -> Sequence[str]:
    these = (ArrivalRow.contact.in_(contacts), ArrivalRow.made, ArrivalRow.deal != "", ArrivalRow.at > now() - HIDDEN)
    return session.execute(select(ArrivalRow.deal).where(*these)).scalars().all()


def _held(clinic: Clinic, cause: str, contact: str) -> ArrivalRow:
    """The enquiry's row, made if it is new."""
    values = {"cause": cause, "contact": contact, "deal": "", "made": True, "at": now()}
    with clinic.database.transaction() as session:
        fresh = insert(ArrivalRow).values(installation_id=clinic.id, **values)
        session.execute(fresh.on_conflict_do_nothing(index_elements=["installation_id", "cause"]))
        return session.execute(select(ArrivalRow).where(ArrivalRow.cause == cause)).scalar_one()


def _decided(clinic: Clinic, row: ArrivalRow, host: Deal | None) -> ArrivalRow:
    return _set(clinic, row.id, made=host is None, deal=host.id if host else "")


def _closed(clinic: Clinic, row: ArrivalRow, deal: str) -> Arrived:
    _set(clinic, row.id, deal=deal, done_at=now())
    return Arrived(deal, row.made)


def _set(clinic: Clinic, number: int, **values: Any) -> ArrivalRow:
    with clinic.database.transaction() as session:
        changed = update(ArrivalRow).where(ArrivalRow.id == number).values(values)
        session.execute(changed, execution_options={"synchronize_session": False})
        return session.execute(select(ArrivalRow).where(ArrivalRow.id == number)).scalar_one()


def _key(row: ArrivalRow) -> str:
    return f"arrival:{row.id}"


def forget(session: Session) -> dict[str, int]:
    """Drop all of the installation in scope; how many rows there were."""
    gone = delete(ArrivalRow).returning(ArrivalRow.id).execution_options(synchronize_session=False)
    return {ArrivalRow.__tablename__: len(session.execute(gone).all())}
