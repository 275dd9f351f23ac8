"""The reception of a clinic on an emulated CRM: patients who call, their deals, and who sits at the desk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from hands import AliceHands, BorisHands
from houses import BITRIX24, Account, House, Portal
from wizards import arrived

from widget_backend.crm import registry
from widget_backend.crm.asking import CreateDeal, Deals, DealsOf, Draft, Notes, Tasks, UpdateContact
from widget_backend.crm.chart import ChartStage
from widget_backend.crm.records import Deal, Task
from widget_backend.db import scope
from widget_backend.deals import routing
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.deals.routing import Routed
from widget_backend.tenancy import installations

PHONE = "+79005550101"


@dataclass
class Reception:
    """``hands``: those of the clinic's administrator."""

    house: House
    crm: Portal | Account
    hands: Any
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def clinic(self) -> Clinic:
        """As a job opens it."""
        house, number = self.house, self.house.of(self.crm).id
        clinics = Clinics(
            house.database, lambda info, chart: registry.connected(house.database, house.settings, info).records(chart)
        )
        with scope(number):
            return clinics.open(number)

    def seats(self, *users: str) -> None:
        """These sit at the desk, round the clock."""
        team = [{"user": user, "roles": ["administrator"], "hours": ["mon-sun 00:00-24:00"]} for user in users]
        with self.house.database.transaction() as session:
            installations.configure(session, self.house.of(self.crm).id, team=team)

    @property
    def users(self) -> list[str]:
        if isinstance(self.hands, BorisHands):
            return [str(row["ID"]) for row in self.hands.call("user.get")]
        return [str(row["id"]) for row in self.hands.call("GET", "users")["_embedded"]["users"]]

    def patient(self, name: str, phone: str = PHONE, born: date | None = None, **counters: int) -> str:
        """A contact with a phone. ``counters``: «visit_count» and the like."""
        number = self._contact(name, phone)
        fields: dict[str, Any] = {f"field.contact.{key}": Decimal(value) for key, value in counters.items()}
        if born:
            fields["field.contact.birth_date"] = born
        if fields:
            with scope(self.clinic.id):
                (written,) = self.clinic.records.write([UpdateContact(number, fields)])
            assert written.error is None, written.error
        return number

    def _contact(self, name: str, phone: str) -> str:
        if isinstance(self.hands, BorisHands):
            phones = [{"VALUE": phone, "VALUE_TYPE": "MOBILE"}]
            return str(self.hands.call("crm.contact.add", fields={"NAME": name, "PHONE": phones}))
        assert isinstance(self.hands, AliceHands)
        values = [{"field_code": "PHONE", "values": [{"value": phone, "enum_code": "MOB"}]}]
        made = self.hands.call("POST", "contacts", [{"name": name, "custom_fields_values": values}])
        return str(made["_embedded"]["contacts"][0]["id"])

    def deal(self, patient: str, stage: str) -> str:
        """A deal of the patient at this stage (address)."""
        clinic = self.clinic
        at = clinic.chart.stage[stage]
        draft = Draft(
            "Заявка", at.id, at.pipeline_id, f"test:{next(self._numbers)}", contacts=(patient,) if patient else ()
        )
        with scope(clinic.id):
            (made,) = clinic.records.write([CreateDeal(draft)])
        assert made.error is None, made.error
        return made.id

    def routes(self, deal: str, cause: str = "t:1") -> Routed:
        return routing.route(self.clinic, deal, cause)

    def looks_at(self, deal: str) -> Deal:
        with scope(self.clinic.id):
            return self.clinic.records.read(wanted := Deals((deal,)))[wanted][0]

    def stage(self, deal: str) -> str:
        """Where the deal stands, as our address."""
        return self.clinic.chart.stage_of_id[self.looks_at(deal).stage].address

    def tasks(self, deal: str) -> tuple[Task, ...]:
        with scope(self.clinic.id):
            return self.clinic.records.read(wanted := Tasks(deal))[wanted]

    def enquires(self, patient: str, stage: str, title: str = "Заявка") -> str:
        """A person makes a deal of the patient, if there is one, at this stage, in the CRM's own page."""
        at = self.clinic.chart.stage[stage]
        if isinstance(self.hands, BorisHands):
            fields = {"TITLE": title, "CONTACT_ID": patient, "CATEGORY_ID": at.pipeline_id, "STAGE_ID": at.id}
            return str(self.hands.call("crm.deal.add", fields=fields))
        lead = {"name": title, **_place(at), "_embedded": {"contacts": [{"id": int(patient)}] if patient else []}}
        return str(self.hands.call("POST", "leads", [lead])["_embedded"]["leads"][0]["id"])

    def moves(self, deal: str, stage: str) -> None:
        """A person draws the card there."""
        at = self.clinic.chart.stage[stage]
        if isinstance(self.hands, BorisHands):
            self.hands.call(
                "crm.item.update",
                entityTypeId=2,
                id=deal,
                fields={"stageId": at.id, "categoryId": at.pipeline_id},
            )
        else:
            self.hands.call("PATCH", f"leads/{deal}", _place(at))

    def touches(self, deal: str) -> None:
        """A person changes something that no rule asks about."""
        if isinstance(self.hands, BorisHands):
            self.hands.call("crm.item.update", entityTypeId=2, id=deal, fields={"title": "Заявка, уточнена"})
        else:
            self.hands.call("PATCH", f"leads/{deal}", {"name": "Заявка, уточнена"})

    def settles(self) -> None:
        """The CRM tells what happened and the worker does its work, until nobody has anything to say."""
        for _ in range(12):
            told = self.house.delivers(self.crm)
            self.house.works()
            if not told:
                return
        raise AssertionError("it never comes to rest")

    def open_deals(self, patient: str) -> tuple[Deal, ...]:
        with scope(self.clinic.id):
            return self.clinic.records.read(wanted := DealsOf(patient))[wanted]

    def standing(self, patient: str) -> list[str]:
        """Where the patient's open deals stand, as our addresses."""
        stages = self.clinic.chart.stage_of_id
        return [stages[deal.stage].address for deal in self.open_deals(patient)]

    def at(self, patient: str, stage: str) -> str:
        """The patient's deal at this stage."""
        return next(deal.id for deal in self.open_deals(patient) if deal.stage == self.clinic.chart.stage[stage].id)

    def notes(self, deal: str) -> list[str]:
        with scope(self.clinic.id):
            found = self.clinic.records.read(wanted := Notes(deal))[wanted]
        return [note.text for note in found]

    @property
    def requests(self) -> list[str]:
        return [f"{row.method} {row.operation}" for row in self.crm.faults.log]


def reception(house: House, crm: Portal | Account, preset: str = "dental") -> Reception:
    """A clinic that has been set up with this preset."""
    person = arrived(house, crm)
    person.plans(preset=preset)
    person.applies()
    house.works()
    if isinstance(crm, Portal):
        # the page says so once its result is proven; a portal tells nothing before
        crm.state.finish_install(BITRIX24.client_id)
    return Reception(house, crm, person.hands)


def _place(at: ChartStage) -> dict[str, int]:
    """A stage as amoCRM's own pages send it."""
    pipeline, status = at.id.split(":")
    return {"pipeline_id": int(pipeline), "status_id": int(status)}
